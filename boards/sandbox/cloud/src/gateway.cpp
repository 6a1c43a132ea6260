// SPDX-License-Identifier: Apache-2.0
#include "gateway.hpp"

#include <algorithm>

#include "authority_digest.hpp"
#include "gateway_hold.hpp"
#include "tillkit/core/bytes.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/json_writer.hpp"

namespace tillkit::sandbox {
namespace {

using core::JsonValue;
using core::JsonWriter;
using core::Result;

constexpr std::size_t kDescriptionMax = 42;
constexpr std::int64_t kQrValidMax = 7'200;
constexpr std::int64_t kRefundsMax = 50;
constexpr std::int64_t kMsPerS = 1'000;
constexpr std::chrono::milliseconds kRefundWindow = std::chrono::days(365);
constexpr std::string_view kFingerprintKey = "fingerprint_key";

void write_paid(JsonWriter& json, const OrderRow& row) {
  write_amount(json, "amount", row.amount);
  write_amount(json, "paid", {row.paid_minor, row.amount.currency});
  if (!row.discounts.empty()) {
    json.name("discounts").begin_array();
    for (const Discount& discount : row.discounts) {
      json.begin_object();
      write_amount(json, "amount", {discount.minor, row.amount.currency});
      json.name("funder").text(discount.funder);
      if (!discount.id.empty()) json.name("id").text(discount.id);
      json.end_object();
    }
    json.end_array();
  }
  json.name("transaction").text(row.transaction).name("payer").begin_object().name("wallet").text(row.wallet);
  if (!row.reference.empty()) json.name("reference").text(row.reference);
  json.end_object();
  if (row.refunded_minor > 0) write_amount(json, "refunded", {row.refunded_minor, row.amount.currency});
}

/// What is known of an order, as `query` says it.
HttpAnswer answer_about(const std::string& order, const OrderRow& row) {
  JsonWriter json;
  json.begin_object().name("order").text(order).name("outcome");
  if (row.reversing) {
    json.text("pending").name("why").text("reversing").end_object();
    return answer_of(json.finish());
  }
  switch (row.state) {
    case OrderState::Unknown: json.text("unknown"); break;
    case OrderState::Pending: json.text("pending").name("why").text(row.why); break;
    case OrderState::Paid:
      json.text("paid");
      write_paid(json, row);
      break;
    case OrderState::Declined: json.text("declined").name("reason").text(row.reason); break;
    case OrderState::Reversed: json.text("reversed"); break;
    case OrderState::Refunded:
      json.text("refunded");
      write_amount(json, "amount", row.amount);
      write_amount(json, "refunded", row.amount);
      json.name("transaction").text(row.transaction);
      break;
  }
  json.end_object();
  return answer_of(json.finish());
}

/// The answer to `qr` has no word for an order that was paid: 'unknown' sends the terminal to `query`.
HttpAnswer answer_to_qr(const std::string& order, const OrderRow& row) {
  const std::int64_t left_s = (row.qr_until_ms - milliseconds_of(wall_now())) / kMsPerS;
  if (row.state == OrderState::Declined) return answer_about(order, row);
  JsonWriter json;
  json.begin_object().name("order").text(order).name("outcome");
  if (row.state == OrderState::Pending && !row.qr_text.empty() && left_s > 0) {
    json.text("pending").name("why").text("scan").name("qr").begin_object().name("text").text(row.qr_text);
    json.name("valid_for_s").integer(left_s).end_object();
  } else {
    json.text("unknown");
  }
  json.end_object();
  return answer_of(json.finish());
}

HttpAnswer answer_about(const std::string& number, const RefundRow& refund) {
  JsonWriter json;
  json.begin_object().name("order").text(refund.order).name("refund").text(number).name("outcome");
  switch (refund.state) {
    case RefundState::Asked: return problem(Problem::WalletUnanswered);
    case RefundState::Accepted:
      json.text("accepted");
      write_amount(json, "amount", refund.amount);
      break;
    case RefundState::Refunded:
      json.text("refunded");
      write_amount(json, "amount", refund.amount);
      write_amount(json, "to_payer", {refund.to_payer_minor, refund.amount.currency});
      break;
    case RefundState::Refused: json.text("refused").name("reason").text(refund.reason); break;
  }
  json.end_object();
  return answer_of(json.finish());
}

bool is_dead(const OrderRow& row) {
  return row.reversing || row.state == OrderState::Reversed || row.state == OrderState::Refunded;
}

/// Why a refund cannot be asked for, or none.
std::optional<Problem> why_not_refund(const OrderRow& row, const Amount& amount) {
  const bool paid = row.state == OrderState::Paid || row.state == OrderState::Refunded;
  if (!paid || row.reversing) return Problem::OrderNotPaid;
  if (amount.currency != row.amount.currency) return Problem::InvalidRequest;
  if (row.left_minor() == 0) return Problem::NothingLeft;
  if (amount.minor > row.left_minor()) return Problem::RefundTooLarge;
  if (row.refunds_count >= kRefundsMax) return Problem::TooManyRefunds;
  if (row.opened_ms + kRefundWindow.count() < milliseconds_of(wall_now())) return Problem::RefundWindowOver;
  return std::nullopt;
}

/// The wallets that are both asked for and taken; none asked for is any.
std::vector<std::string> offered(const std::vector<std::string>& asked, const MerchantRow& merchant) {
  if (asked.empty()) return merchant.wallets;
  std::vector<std::string> both;
  std::ranges::copy_if(asked, std::back_inserter(both), [&](const std::string& wallet) {
    return std::ranges::find(merchant.wallets, wallet) != merchant.wallets.end();
  });
  return both;
}

/// Order numbers begin with the terminal's name: no terminal opens or ends another's.
bool is_own(const Call& call, std::string_view order) {
  return order.starts_with(call.caller.terminal);
}

}  // namespace

struct Gateway::OpenRequest {
  bool is_qr = false;
  std::string order{};
  Amount amount{};
  std::string code{};
  std::vector<std::string> wallets{};
  std::string description{};
  std::int64_t valid_for_s = 0;

  [[nodiscard]] static Result<OpenRequest> read(const JsonValue& body, bool is_qr) {
    TILLKIT_TRY_VOID(is_qr ? body.only({"order", "amount", "wallets", "description", "valid_for_s"})
                           : body.only({"order", "amount", "wallets", "description", "code"}));
    OpenRequest asked{.is_qr = is_qr};
    TILLKIT_TRY(asked.order, read_order(body, "order"));
    TILLKIT_TRY(asked.amount, read_amount(body, "amount"));
    TILLKIT_TRY(asked.wallets, read_wallets(body, "wallets"));
    TILLKIT_TRY(asked.description, read_words(body, "description", 1, kDescriptionMax));
    if (is_qr) {
      TILLKIT_TRY(asked.valid_for_s, read_number(body, "valid_for_s", 1, kQrValidMax));
    } else {
      TILLKIT_TRY(asked.code, read_payment_code(body, "code"));
    }
    return asked;
  }

  /// The same for the same members with the same values. Only the description may have a line feed, and stands last.
  [[nodiscard]] std::string fingerprint(std::string_view key) const {
    std::string text = (is_qr ? "qr\n" : "authorise\n") + order + "\n" + std::to_string(amount.minor) +
                       amount.currency + "\n" + code + "\n" + std::to_string(valid_for_s);
    for (const std::string& wallet : wallets)
      text += "\n" + wallet;
    text += "\n\n" + description;
    std::string made = core::encode_base64url(core::as_bytes(hmac_sha256(key, text)));
    core::wipe(text);
    return made;
  }
};

Result<> Gateway::prepare() {
  constexpr std::size_t kKeyBytes = 32;
  return cloud_.storage.update([&](Tx& tx) -> Result<> {
    TILLKIT_TRY(const auto known, tx.get(kCloud, "", kFingerprintKey));
    if (known) {
      fingerprint_key_ = *known;
      return {};
    }
    fingerprint_key_ = core::encode_base64url(core::as_bytes(random_bytes(kKeyBytes)));
    return tx.put(kCloud, "", kFingerprintKey, fingerprint_key_);
  });
}

void Gateway::add_operations(Router& router) {
  const auto add = [&](std::string_view path, std::function<Result<HttpAnswer>(Call&)> handle) {
    router.add({.method = "POST", .path = path, .handle = std::move(handle)});
  };
  const auto opening = [this](bool is_qr) {
    return [this, is_qr](Call& call) -> Result<HttpAnswer> {
      TILLKIT_TRY(OpenRequest asked, OpenRequest::read(*call.body, is_qr));
      auto answer = open(call, asked);
      core::wipe(asked.code);
      return answer;
    };
  };
  add("/v1/gateway/identify", [this](Call& call) { return identify_code(call); });
  add("/v1/gateway/authorise", opening(false));
  add("/v1/gateway/qr", opening(true));
  add("/v1/gateway/query", [this](Call& call) { return query(call); });
  add("/v1/gateway/reverse", [this](Call& call) { return reverse(call); });
  add("/v1/gateway/refund", [this](Call& call) { return refund(call); });
}

// --- identify ---

Result<std::optional<KnownPayer>> Gateway::identify(const std::string& merchant, std::string_view code,
                                                    const std::vector<std::string>& wallets, Lock& lock) const {
  TILLKIT_TRY(const MerchantRow row, merchant_of(merchant));
  const std::vector<std::string> both = offered(wallets, row);
  if (both.empty()) return std::optional<KnownPayer>();
  const WalletAnswer said = wallet_.identify(code, both, lock);
  const bool taken = std::ranges::find(row.wallets, said.wallet) != row.wallets.end();
  if (said.said != Said::Answer || !taken) return std::optional<KnownPayer>();
  return known_payer(merchant, said.wallet, said.user);
}

Result<HttpAnswer> Gateway::identify_code(Call& call) const {
  const JsonValue& body = *call.body;
  TILLKIT_TRY_VOID(body.only({"code", "wallets"}));
  TILLKIT_TRY(std::string code, read_payment_code(body, "code"));
  TILLKIT_TRY(const auto wallets, read_wallets(body, "wallets"));
  const auto payer = identify(call.caller.merchant, code, wallets, call.lock);
  core::wipe(code);
  if (!payer) return std::unexpected(payer.error());
  if (!*payer) return HttpAnswer{.body = R"({"outcome":"not_identified"})"};
  JsonWriter json;
  json.begin_object().name("outcome").text("identified").name("payer").begin_object();
  json.name("wallet").text((*payer)->wallet).name("reference").text((*payer)->reference).end_object().end_object();
  return answer_of(json.finish());
}

// --- authorise, qr ---

Result<HttpAnswer> Gateway::open(Call& call, const OpenRequest& asked) {
  if (!is_own(call, asked.order)) return problem(Problem::NotAllowed);
  const std::string& merchant = call.caller.merchant;
  const Hold hold(*this, merchant, asked.order, Holder::Request, call.lock);
  if (!hold.held()) return problem(Problem::OrderBusy);
  const std::string fingerprint = asked.fingerprint(fingerprint_key_);
  TILLKIT_TRY(auto known, find(merchant, asked.order));
  if (!known) {
    return open_anew(call, asked,
                     {.terminal = call.caller.terminal,
                      .fingerprint = fingerprint,
                      .is_qr = asked.is_qr,
                      .amount = asked.amount,
                      .opened_ms = milliseconds_of(wall_now())});
  }
  if (!known->fingerprint.empty() && known->fingerprint != fingerprint) return problem(Problem::KeyReused);
  if (is_dead(*known)) return problem(Problem::OrderReversed);
  TILLKIT_TRY_VOID(settle(merchant, asked.order, *known, call.lock));
  if (is_dead(*known)) return problem(Problem::OrderReversed);
  return asked.is_qr ? answer_to_qr(asked.order, *known) : answer_about(asked.order, *known);
}

Result<HttpAnswer> Gateway::open_anew(Call& call, const OpenRequest& asked, OrderRow row) {
  const std::string& merchant = call.caller.merchant;
  TILLKIT_TRY(const MerchantRow owner, merchant_of(merchant));
  const std::vector<std::string> wallets = offered(asked.wallets, owner);
  if (wallets.empty() || asked.amount.currency != owner.currency) return problem(Problem::WalletNotOffered);
  // The intent: from here on the order is known, whatever happens.
  TILLKIT_TRY_VOID(save(merchant, asked.order, row));
  const WalletAnswer said =
      asked.is_qr ? wallet_.create_qr(merchant, asked.order, asked.amount, wallets, asked.valid_for_s, call.lock)
                  : wallet_.charge(merchant, asked.order, asked.amount, asked.code, wallets, call.lock);
  TILLKIT_TRY(bool changed, apply(merchant, said, row));
  if (said.said == Said::Unreachable) {
    // It never left, and is never sent again: the code is not kept.
    row.state = OrderState::Declined;
    row.reason = "wallet_unreachable";
    changed = true;
  } else if (said.said == Said::Problem && said.problem == "order-reversed") {
    row.state = OrderState::Reversed;
    changed = true;
  } else if (said.said == Said::Problem && said.problem != "key-reused") {
    row.state = OrderState::Declined;
    row.reason = "provider_refused";
    changed = true;
  }
  if (changed) {
    TILLKIT_TRY_VOID(save(merchant, asked.order, row));
  }
  if (is_dead(row)) return problem(Problem::OrderReversed);
  return asked.is_qr ? answer_to_qr(asked.order, row) : answer_about(asked.order, row);
}

// --- query, reverse ---

Result<HttpAnswer> Gateway::query(Call& call) {
  TILLKIT_TRY_VOID(call.body->only({"order"}));
  TILLKIT_TRY(const std::string order, read_order(*call.body, "order"));
  const std::string& merchant = call.caller.merchant;
  const Hold hold(*this, merchant, order, Holder::Request, call.lock);
  if (!hold.held()) return problem(Problem::OrderBusy);
  TILLKIT_TRY(auto row, find(merchant, order));
  if (!row) {
    JsonWriter json;
    json.begin_object().name("order").text(order).name("outcome").text("not_found").end_object();
    return answer_of(json.finish());
  }
  TILLKIT_TRY_VOID(settle(merchant, order, *row, call.lock));
  return answer_about(order, *row);
}

Result<HttpAnswer> Gateway::reverse(Call& call) {
  TILLKIT_TRY_VOID(call.body->only({"order"}));
  TILLKIT_TRY(const std::string order, read_order(*call.body, "order"));
  if (!is_own(call, order)) return problem(Problem::NotAllowed);
  const std::string& merchant = call.caller.merchant;
  const Hold hold(*this, merchant, order, Holder::Request, call.lock);
  if (!hold.held()) return problem(Problem::OrderBusy);
  TILLKIT_TRY(auto row, find(merchant, order));
  if (!row || row->state == OrderState::Declined) {
    // Never seen, so never sent to the wallet: the intent would be here. Or declined for good. The row is the
    // tombstone.
    if (!row) row = OrderRow{.terminal = call.caller.terminal, .opened_ms = milliseconds_of(wall_now())};
    row->state = OrderState::Reversed;
    TILLKIT_TRY_VOID(save(merchant, order, *row));
    return answer_about(order, *row);
  }
  if (row->state == OrderState::Reversed || row->state == OrderState::Refunded) return answer_about(order, *row);
  if (!row->reversing) {
    row->reversing = true;
    TILLKIT_TRY_VOID(save(merchant, order, *row));
  }
  TILLKIT_TRY(const auto refused, ask_reversal(merchant, order, *row, call.lock));
  return refused ? problem(*refused) : answer_about(order, *row);
}

// --- refund ---

Result<HttpAnswer> Gateway::refund(Call& call) {
  const JsonValue& body = *call.body;
  TILLKIT_TRY_VOID(body.only({"order", "refund", "amount"}));
  TILLKIT_TRY(const std::string order, read_order(body, "order"));
  TILLKIT_TRY(const std::string number, read_order(body, "refund"));
  TILLKIT_TRY(const Amount amount, read_amount(body, "amount"));
  const std::string& merchant = call.caller.merchant;
  const Hold hold(*this, merchant, order, Holder::Request, call.lock);
  if (!hold.held()) return problem(Problem::OrderBusy);
  TILLKIT_TRY(auto row, find(merchant, order));
  TILLKIT_TRY(auto known, find_refund(merchant, number));
  if (known) {
    if (known->order != order || known->amount != amount) return problem(Problem::KeyReused);
    if (known->is_final()) return answer_about(number, *known);
    if (!row) return core::fail(core::ErrorCode::Corrupt);
    TILLKIT_TRY(const auto refused, ask_refund(merchant, number, *known, *row, call.lock));
    return refused ? problem(*refused) : answer_about(number, *known);
  }
  if (!row || row->fingerprint.empty()) return problem(Problem::OrderNotFound);
  TILLKIT_TRY_VOID(settle(merchant, order, *row, call.lock));
  return refund_anew(call, order, number, amount, *row);
}

Result<HttpAnswer> Gateway::refund_anew(Call& call, const std::string& order, const std::string& number,
                                        const Amount& amount, OrderRow& row) {
  if (const auto why = why_not_refund(row, amount)) return problem(*why);
  const std::string& merchant = call.caller.merchant;
  RefundRow refund{.order = order, .amount = amount};
  row.refunds_open.push_back(number);
  row.refunds_open_minor += amount.minor;
  ++row.refunds_count;
  TILLKIT_TRY_VOID(save(merchant, order, row, number, &refund));
  TILLKIT_TRY(const auto refused, ask_refund(merchant, number, refund, row, call.lock));
  return refused ? problem(*refused) : answer_about(number, refund);
}

}  // namespace tillkit::sandbox
