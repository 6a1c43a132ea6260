// SPDX-License-Identifier: Apache-2.0
#include "wallet.hpp"

#include <algorithm>
#include <charconv>

#include "authority_digest.hpp"
#include "tillkit/core/bytes.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/json_writer.hpp"

namespace tillkit::sandbox {
namespace {

using core::JsonWriter;
using core::Result;

constexpr std::int64_t kMsPerS = 1'000;
constexpr std::size_t kRowsMax = 100'000;
constexpr core::JsonLimits kBookLimits{.bytes_max = 67'108'864, .values_max = 4'000'000};
/// Whoever shows a code that this wallet never gave to a payer. Has all the money that it takes.
constexpr std::string_view kAnyone = "anyone";
/// The movements' owner in the book; how many there are stands beside them.
constexpr std::string_view kBook = "book";

std::string hex(std::string_view bytes) {
  return core::encode_hex(core::as_bytes(bytes));
}

std::string fingerprint_of(const WalletCharge& asked) {
  std::string text = asked.order + '\n' + std::to_string(asked.minor) + asked.currency + '\n' + asked.code + '\n' +
                     std::to_string(asked.valid_for_s);
  for (const std::string& wallet : asked.wallets)
    text += '\n' + wallet;
  return hex(sha256(text));
}

WalletReply problem_reply(int status, std::string_view name) {
  return {.status = status, .body = R"({"problem":")" + std::string(name) + R"("})"};
}

Result<WalletReply> written(JsonWriter& json) {
  TILLKIT_TRY(std::string body, json.finish());
  return WalletReply{.body = std::move(body)};
}

void write_money(JsonWriter& json, const WalletOrder& order) {
  json.name("minor").integer(order.minor).name("currency").text(order.currency);
  json.name("paid_minor").integer(order.paid_minor);
  write_discounts(json, order.discounts);
  json.name("transaction").text(order.transaction).name("wallet").text(order.wallet);
  json.name("user").text(order.user).name("refunded_minor").integer(order.refunded_minor);
}

void write_outcome(JsonWriter& json, const WalletOrder& order, std::int64_t now_ms) {
  json.name("outcome");
  switch (order.state) {
    case WalletState::Tombstone: json.text("reversed"); return;
    case WalletState::WaitsForScan:
      json.text("pending").name("why").text("scan").name("qr_text").text(order.qr_text);
      json.name("qr_valid_ms").integer(order.until_ms - now_ms);
      return;
    case WalletState::Thinks: json.text("pending").name("why").text("password"); return;
    case WalletState::Paid: json.text(order.refunded_minor == order.minor ? "refunded" : "paid"); return;
    case WalletState::Declined: json.text("declined").name("reason").text(order.reason); return;
    case WalletState::Reversing: json.text("pending").name("why").text("reversing"); return;
    case WalletState::Reversed:
      // A refund that it accepted before may yet come to nothing, and then there is more to give back.
      if (order.accepted_minor > 0) {
        json.text("pending").name("why").text("reversing");
      } else {
        json.text(order.taken ? "refunded" : "reversed");
      }
      return;
  }
}

Result<WalletReply> answer_about(const WalletOrder& order, std::int64_t now_ms) {
  JsonWriter json;
  json.begin_object().name("order").text(order.number);
  write_outcome(json, order, now_ms);
  if (order.taken) write_money(json, order);
  json.end_object();
  return written(json);
}

Result<WalletReply> answer_about(const WalletRefund& refund) {
  JsonWriter json;
  json.begin_object().name("order").text(refund.order).name("refund").text(refund.number);
  json.name("outcome").text(refund.outcome).name("minor").integer(refund.minor);
  json.name("currency").text(refund.currency);
  if (refund.outcome == "refunded") json.name("to_payer_minor").integer(refund.to_payer_minor);
  if (refund.outcome == "refused") json.name("reason").text(refund.reason);
  json.end_object();
  return written(json);
}

bool is_dead(const WalletOrder& order) {
  return order.state == WalletState::Tombstone || order.state == WalletState::Reversing ||
         order.state == WalletState::Reversed;
}

}  // namespace

// --- what is asked ---

Result<WalletReply> Wallet::open(const WalletCharge& asked, const WalletScript& script) {
  const std::string fingerprint = fingerprint_of(asked);
  TILLKIT_TRY(const auto known, find(asked.merchant, asked.order));
  if (known) {
    if (known->state != WalletState::Tombstone && known->fingerprint != fingerprint) {
      return problem_reply(422, "key-reused");
    }
    return is_dead(*known) ? problem_reply(410, "order-reversed") : answer_about(*known, now_ms_);
  }
  if (!script.problem.empty()) return problem_reply(422, script.problem);
  WalletOrder order{.number = asked.order,
                    .fingerprint = fingerprint,
                    .minor = asked.minor,
                    .currency = asked.currency,
                    .wallet = asked.wallets.empty() ? "wechat_pay" : asked.wallets.front()};
  if (asked.code.empty()) {
    order.state = WalletState::WaitsForScan;
    order.until_ms = now_ms_ + asked.valid_for_s * kMsPerS;
    order.qr_text = "https://wallet.example/pay/" + hex(random_bytes(8));
    TILLKIT_TRY_VOID(
        put_row(tx_, kWalletQrs, "", order.qr_text, WalletQr{.merchant = asked.merchant, .order = asked.order}));
  } else {
    bool used_before = false;
    TILLKIT_TRY_VOID(take_code(asked, order, used_before));
    const WalletScript no{.yes = false, .reason = "code_not_valid"};
    TILLKIT_TRY_VOID(decide(asked.merchant, order, used_before ? no : script));
  }
  TILLKIT_TRY_VOID(keep(asked.merchant, order));
  return answer_about(order, now_ms_);
}

Result<WalletReply> Wallet::query(std::string_view merchant, const std::string& order) {
  TILLKIT_TRY(const auto known, find(merchant, order));
  if (known) return answer_about(*known, now_ms_);
  JsonWriter json;
  json.begin_object().name("order").text(order).name("outcome").text("not_found").end_object();
  return written(json);
}

Result<WalletReply> Wallet::reverse(std::string_view merchant, const std::string& order, const WalletScript& script) {
  TILLKIT_TRY(auto known, find(merchant, order));
  if (!script.yes) return problem_reply(422, script.reason);
  if (!known) known = WalletOrder{.number = order};
  if (!is_dead(*known)) {
    known->state = WalletState::Reversing;
    known->until_ms = now_ms_ + script.thinks_ms;
    TILLKIT_TRY_VOID(bring_up_to_date(merchant, *known));
  }
  TILLKIT_TRY_VOID(keep(merchant, *known));
  return answer_about(*known, now_ms_);
}

Result<WalletReply> Wallet::refund(const WalletGiveBack& asked, const WalletScript& script) {
  TILLKIT_TRY(auto order, find(asked.merchant, asked.order));
  TILLKIT_TRY(const auto known, find_row<WalletRefund>(tx_, kWalletRefunds, asked.merchant, asked.refund));
  if (known) {
    const bool same = known->order == asked.order && known->minor == asked.minor && known->currency == asked.currency;
    return same ? answer_about(*known) : problem_reply(422, "key-reused");
  }
  if (!script.problem.empty()) return problem_reply(422, script.problem);
  if (!order) return problem_reply(404, "order-not-found");
  if (!order->taken || order->state == WalletState::Reversing) return problem_reply(422, "order-not-paid");
  if (order->currency != asked.currency) return problem_reply(400, "invalid-request");
  if (order->left_minor() == 0) return problem_reply(422, "nothing-left");
  if (asked.minor > order->left_minor()) return problem_reply(422, "refund-too-large");
  WalletRefund refund{.number = asked.refund,
                      .order = asked.order,
                      .minor = asked.minor,
                      .currency = asked.currency,
                      .yes = script.yes,
                      .reason = script.reason,
                      .until_ms = now_ms_ + script.thinks_ms};
  order->accepted_minor += asked.minor;
  if (refund.until_ms > now_ms_) {
    order->refunds_waiting.push_back(refund.number);
  } else {
    TILLKIT_TRY_VOID(finish_refund(asked.merchant, *order, refund));
  }
  TILLKIT_TRY_VOID(put_row(tx_, kWalletRefunds, asked.merchant, refund.number, refund));
  TILLKIT_TRY_VOID(keep(asked.merchant, *order));
  return answer_about(refund);
}

Result<WalletReply> Wallet::identify(std::string_view code, const WalletScript& script) {
  TILLKIT_TRY(const auto known, find_row<WalletCode>(tx_, kWalletCodes, "", hex(sha256(code))));
  JsonWriter json;
  json.begin_object();
  if (script.yes && known && known->used_for.empty()) {
    TILLKIT_TRY(const auto payer, find_row<WalletPayer>(tx_, kWalletPayers, "", known->user));
    if (payer) json.name("wallet").text(payer->wallet).name("user").text(known->user);
  }
  json.end_object();
  return written(json);
}

Result<WalletReply> Wallet::pay(std::string_view qr_text, const std::string& user, const WalletScript& script) {
  TILLKIT_TRY(const auto qr, find_row<WalletQr>(tx_, kWalletQrs, "", qr_text));
  if (!qr) return problem_reply(404, "order-not-found");
  TILLKIT_TRY(auto order, find(qr->merchant, qr->order));
  if (!order || order->state != WalletState::WaitsForScan) return problem_reply(422, "order-not-open");
  order->user = user;
  TILLKIT_TRY_VOID(decide(qr->merchant, *order, script));
  TILLKIT_TRY_VOID(keep(qr->merchant, *order));
  return answer_about(*order, now_ms_);
}

Result<> Wallet::take_password(const std::string& user, bool typed) {
  TILLKIT_TRY(const auto orders, tx_.list_all(kWalletOrders, {}, kRowsMax));
  for (const Row& row : orders) {
    TILLKIT_TRY(auto order, find(row.at.owner, row.at.key));
    if (!order || order->state != WalletState::Thinks || order->user != user) continue;
    order->until_ms = now_ms_;
    order->script.yes = typed;
    if (!typed) order->script.reason = "payer_cancelled";
    TILLKIT_TRY_VOID(bring_up_to_date(row.at.owner, *order));
    TILLKIT_TRY_VOID(keep(row.at.owner, *order));
  }
  return {};
}

Result<WalletReply> Wallet::books() {
  TILLKIT_TRY(const auto orders, tx_.list_all(kWalletOrders, {}, kRowsMax));
  JsonWriter json(kBookLimits);
  json.begin_object().name("orders").begin_array();
  for (const Row& row : orders) {
    // What is due shows in the book, whether somebody has asked since or not.
    TILLKIT_TRY(const auto order, find(row.at.owner, row.at.key));
    if (!order) continue;
    json.begin_object().name("merchant").text(row.at.owner).name("order").text(row.at.key);
    write_outcome(json, *order, now_ms_);
    json.name("user").text(order->user).name("minor").integer(order->minor).end_object();
  }
  json.end_array().name("movements").begin_array();
  TILLKIT_TRY(const auto movements, tx_.list(kWalletBook, kBook, "", kRowsMax));
  for (const Row& row : movements) {
    TILLKIT_TRY(const core::JsonDocument movement, parse_row(row.value));
    json.value(movement.root());
  }
  json.end_array().name("payers").begin_array();
  TILLKIT_TRY(const auto payers, tx_.list_all(kWalletPayers, {}, kRowsMax));
  for (const Row& row : payers) {
    TILLKIT_TRY(const WalletPayer payer, read_row<WalletPayer>(row.value));
    json.begin_object().name("user").text(row.at.key).name("wallet").text(payer.wallet);
    json.name("balance_minor").integer(payer.balance_minor).end_object();
  }
  json.end_array().end_object();
  return written(json);
}

// --- orders ---

Result<std::optional<WalletOrder>> Wallet::find(std::string_view merchant, const std::string& order) {
  TILLKIT_TRY(auto known, find_row<WalletOrder>(tx_, kWalletOrders, merchant, order));
  if (!known) return known;
  TILLKIT_TRY_VOID(bring_up_to_date(merchant, *known));
  return known;
}

Result<> Wallet::keep(std::string_view merchant, const WalletOrder& order) {
  return put_row(tx_, kWalletOrders, merchant, order.number, order);
}

Result<> Wallet::bring_up_to_date(std::string_view merchant, WalletOrder& order) {
  bool changed = false;
  // A copy: what is finished leaves the list.
  for (const std::string& number : std::vector(order.refunds_waiting)) {
    TILLKIT_TRY(auto refund, find_row<WalletRefund>(tx_, kWalletRefunds, merchant, number));
    if (!refund || refund->until_ms > now_ms_) continue;
    TILLKIT_TRY_VOID(finish_refund(merchant, order, *refund));
    TILLKIT_TRY_VOID(put_row(tx_, kWalletRefunds, merchant, number, *refund));
    changed = true;
  }
  const bool waits = order.state == WalletState::Thinks || order.state == WalletState::Reversing ||
                     order.state == WalletState::WaitsForScan;
  if (waits && order.until_ms <= now_ms_) {
    const WalletScript script = order.script;
    if (order.state == WalletState::Thinks) {
      TILLKIT_TRY_VOID(decide(merchant, order, script));
    } else if (order.state == WalletState::Reversing) {
      TILLKIT_TRY_VOID(finish_reversal(merchant, order));
    } else {
      order.state = WalletState::Declined;
      order.reason = "expired";
    }
    changed = true;
  }
  return changed ? keep(merchant, order) : Result<>();
}

Result<> Wallet::decide(std::string_view merchant, WalletOrder& order, const WalletScript& script) {
  if (script.thinks_ms > 0) {
    order.script = script;
    order.script.thinks_ms = 0;
    order.state = WalletState::Thinks;
    order.until_ms = now_ms_ + script.thinks_ms;
    return {};
  }
  if (!script.yes) {
    order.state = WalletState::Declined;
    order.reason = script.reason;
    return {};
  }
  return take(merchant, order, script);
}

Result<> Wallet::take(std::string_view merchant, WalletOrder& order, const WalletScript& script) {
  std::int64_t to_pay = order.minor;
  std::vector<Discount> discounts;
  for (Discount discount : script.discounts) {
    discount.minor = std::min(discount.minor, to_pay);
    if (discount.minor <= 0) continue;
    to_pay -= discount.minor;
    discounts.push_back(std::move(discount));
  }
  TILLKIT_TRY(const auto payer, find_row<WalletPayer>(tx_, kWalletPayers, "", order.user));
  if (payer && payer->balance_minor < to_pay) {
    order.state = WalletState::Declined;
    order.reason = "not_enough_money";
    return {};
  }
  if (payer) order.wallet = payer->wallet;
  order.state = WalletState::Paid;
  order.taken = true;
  order.paid_minor = to_pay;
  order.discounts = std::move(discounts);
  order.transaction = "4200" + hex(random_bytes(10));
  return move(merchant, order, "charge", order.number, order.minor, to_pay);
}

Result<> Wallet::take_code(const WalletCharge& asked, WalletOrder& order, bool& used_before) {
  const std::string key = hex(sha256(asked.code));
  TILLKIT_TRY(const auto known, find_row<WalletCode>(tx_, kWalletCodes, "", key));
  WalletCode code = known ? *known : WalletCode{.user = std::string(kAnyone)};
  order.user = code.user;
  used_before = !code.used_for.empty();
  if (used_before) return {};
  code.used_for = asked.merchant + " " + asked.order;
  return put_row(tx_, kWalletCodes, "", key, code);
}

// --- giving back ---

Result<> Wallet::finish_reversal(std::string_view merchant, WalletOrder& order) {
  order.state = WalletState::Reversed;
  const std::int64_t left = order.left_minor();
  if (!order.taken || left == 0) return {};
  TILLKIT_TRY_VOID(give_back(merchant, order, "reversal", order.number, left));
  return {};
}

Result<> Wallet::finish_refund(std::string_view merchant, WalletOrder& order, WalletRefund& refund) {
  order.accepted_minor -= refund.minor;
  std::erase(order.refunds_waiting, refund.number);
  if (refund.yes) {
    refund.outcome = "refunded";
    TILLKIT_TRY(refund.to_payer_minor, give_back(merchant, order, "refund", refund.number, refund.minor));
    return {};
  }
  refund.outcome = "refused";
  // What this refund had kept from a reversal.
  return order.state == WalletState::Reversed ? finish_reversal(merchant, order) : Result<>();
}

Result<std::int64_t> Wallet::give_back(std::string_view merchant, WalletOrder& order, std::string_view kind,
                                       const std::string& key, std::int64_t minor) {
  // The payer first, then who funded discounts.
  const std::int64_t before = std::min(order.refunded_minor, order.paid_minor);
  order.refunded_minor += minor;
  const std::int64_t to_payer = std::min(order.refunded_minor, order.paid_minor) - before;
  TILLKIT_TRY_VOID(move(merchant, order, kind, key, -minor, -to_payer));
  return to_payer;
}

Result<> Wallet::move(std::string_view merchant, const WalletOrder& order, std::string_view kind,
                      const std::string& key, std::int64_t minor, std::int64_t payer_minor) {
  TILLKIT_TRY(auto payer, find_row<WalletPayer>(tx_, kWalletPayers, "", order.user));
  if (payer) {
    payer->balance_minor -= payer_minor;
    TILLKIT_TRY_VOID(put_row(tx_, kWalletPayers, "", order.user, *payer));
  }
  TILLKIT_TRY(const auto count, tx_.get(kWalletBook, "count", "count"));
  std::int64_t number = 0;
  if (count) std::from_chars(count->data(), count->data() + count->size(), number);
  ++number;
  JsonWriter json;
  json.begin_object().name("number").integer(number).name("at_ms").integer(now_ms_).name("kind").text(kind);
  json.name("merchant").text(merchant).name("order").text(order.number).name("key").text(key);
  json.name("minor").integer(minor).name("payer_minor").integer(payer_minor).name("user").text(order.user);
  json.end_object();
  TILLKIT_TRY(const std::string movement, json.finish());
  TILLKIT_TRY_VOID(tx_.put(kWalletBook, kBook, number_key(number), movement));
  return tx_.put(kWalletBook, "count", "count", std::to_string(number));
}

}  // namespace tillkit::sandbox
