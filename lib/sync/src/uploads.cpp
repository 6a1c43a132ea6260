// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "taking.hpp"
#include "tillkit/core/bytes.hpp"

namespace tillkit::sync {
namespace {

using core::ErrorCode;
using core::fail;
using core::Result;

/// Each is of the other's form: the contract's record is the journal's.
template <class Id, class Other>
Result<Id> as(const Other& id) {
  return Id::parse(id.view());
}

Result<std::vector<cloud::PersonalValue>> personal_of(const journal::Journal& journal, const journal::Record& record) {
  std::vector<cloud::PersonalValue> values;
  // Most records have none; the body names those that there are.
  if (!record.body.contains("\"personal\":{")) return values;
  TILLKIT_TRY(const auto stored, journal.personal(record.seq));
  for (const journal::Personal& one : stored) {
    TILLKIT_TRY(const auto field, as<cloud::RecordField>(one.field));
    values.push_back({.field = field, .salt = one.salt, .value = std::string(core::as_text(one.value.view()))});
  }
  return values;
}

Result<cloud::Record> record_of(const journal::Journal& journal, const journal::Record& record) {
  cloud::Record out{.seq = record.seq.value(),
                    .version = record.version,
                    .sale = record.sale.value(),
                    .wall = record.at.wall.at,
                    .quality = static_cast<std::uint8_t>(record.at.wall.quality),
                    .boot = record.at.boot,
                    .monotonic = record.at.since_boot,
                    .shift = record.duty.shift,
                    .day = record.duty.business_day,
                    .body = record.body};
  TILLKIT_TRY(out.kind, as<cloud::RecordKind>(record.kind));
  TILLKIT_TRY(out.operator_id, as<cloud::RecordOperator>(record.duty.operator_id));
  TILLKIT_TRY(out.personal, personal_of(journal, record));
  return out;
}

void wipe(cloud::Record& record) {
  for (cloud::PersonalValue& one : record.personal)
    core::wipe(one.value);
  record.personal.clear();
}

cloud::Head head_of(const journal::SignedHead& head) {
  return {.journal = head.journal.bytes,
          .seq = head.seq.value(),
          .chain = head.chain,
          .counter = head.counter,
          .signature = head.signature};
}

}  // namespace

Result<Batch> make_batch(const journal::Journal& journal, const journal::SignedHead& head, std::int64_t from,
                         std::size_t bytes) {
  cloud::UploadBatch records(head_of(head), bytes);
  Batch batch{.first = from, .last = from - 1};
  const auto add = [&](const journal::Record& record) -> Result<> {
    TILLKIT_TRY(cloud::Record one, record_of(journal, record));
    Result<bool> fits = records.add(one);
    if (!fits && fits.error().code == ErrorCode::Exhausted && !one.personal.empty()) {
      // The chain needs the record; what it says about a person can stay behind.
      wipe(one);
      ++batch.too_personal;
      fits = records.add(one);
    }
    wipe(one);
    if (!fits) return std::unexpected(fits.error());
    batch.full = !*fits;
    if (batch.full) return fail(ErrorCode::Cancelled);
    batch.last = record.seq.value();
    return {};
  };
  const auto read = journal.each({.from = journal::Seq{from}, .to = head.seq}, add);
  if (!read && !batch.full) return std::unexpected(read.error());
  TILLKIT_TRY(batch.body, records.finish());
  return batch;
}

}  // namespace tillkit::sync
