// SPDX-License-Identifier: Apache-2.0
#include "tillkit/cloud/leases.hpp"

#include "reading.hpp"
#include "tillkit/core/json_writer.hpp"
#include "writing.hpp"

namespace tillkit::cloud {
namespace {

using core::JsonValue;
using core::JsonWriter;
using core::Result;

constexpr std::size_t kLotsMax = 64;

Result<LeaseLot> read_lot(const JsonValue& object) {
  LeaseLot lot;
  TILLKIT_TRY(lot.lot, read_id<LotId>(object, "lot"));
  TILLKIT_TRY(lot.amount, read_integer_in(object, "amount", 1, kAmountMinorMax));
  TILLKIT_TRY(lot.expires_at, read_milliseconds_if_there(object, "expires_at"));
  return lot;
}

Result<LeaseAnswer> read_lease_answer(const JsonValue& root, const LeaseRequest& asked) {
  TILLKIT_TRY(const JsonValue outcome, root.member("outcome"));
  TILLKIT_TRY(const std::string_view word, outcome.text());
  if (word == "refused") return LeaseAnswer{};
  if (word != "granted") return outcome.mistake();
  TILLKIT_TRY(const JsonValue object, root.member("lease"));
  TILLKIT_TRY(Lease lease, read_lease_of(object));
  if (lease.unit != asked.unit || lease.of != asked.of || lease.amount > asked.amount) return object.mistake();
  return LeaseAnswer{.granted = std::move(lease)};
}

}  // namespace

Result<Lease> read_lease_of(const JsonValue& object) {
  Lease lease;
  TILLKIT_TRY(lease.id, read_id<LeaseId>(object, "id"));
  TILLKIT_TRY(lease.unit, read_word(object, "unit", unit_words()));
  TILLKIT_TRY(lease.of, read_id_or_empty<LeaseOwner>(object, "of"));
  TILLKIT_TRY(lease.amount, read_integer_in(object, "amount", 1, kAmountMinorMax));
  TILLKIT_TRY(lease.until, read_milliseconds(object, "until"));
  TILLKIT_TRY(lease.lots, read_list_if_there<LeaseLot>(object, "lots", kLotsMax, read_lot));
  std::int64_t sum = 0;  // of at most 64 amounts of 10^12
  for (const LeaseLot& lot : lease.lots)
    sum += lot.amount;
  const bool has_lots = lease.unit == LeaseUnit::Points || lease.unit == LeaseUnit::Value;
  if (sum != (has_lots ? lease.amount : 0)) return object.mistake();
  if (object.find("draw_key")) {
    TILLKIT_TRY(lease.draw_key, read_bytes<std::tuple_size_v<Sha256>>(object, "draw_key"));
  }
  return lease;
}

Result<std::string> lease_body(const LeaseRequest& request) {
  JsonWriter json;
  json.begin_object();
  TILLKIT_TRY_VOID(write_id(json, "request", request.request.view()));
  json.name("unit").text(to_string(request.unit)).name("of").text(request.of.view());
  TILLKIT_TRY_VOID(write_integer_in(json, "amount", request.amount, 1, kAmountMinorMax));
  return json.end_object().finish();
}

Result<LeaseAnswer> read_lease(const Reply& reply, const LeaseRequest& asked) {
  return read_reply<LeaseAnswer>(reply, [&](const JsonValue& root) { return read_lease_answer(root, asked); });
}

}  // namespace tillkit::cloud
