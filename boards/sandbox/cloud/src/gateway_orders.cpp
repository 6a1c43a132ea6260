// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>

#include "authority_digest.hpp"
#include "gateway.hpp"
#include "gateway_hold.hpp"
#include "tillkit/core/bytes.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/id.hpp"

namespace tillkit::sandbox {
namespace {

using core::Result;

constexpr std::size_t kDiscountsMax = 16;
constexpr std::size_t kNameMax = 64;
constexpr std::size_t kQrTextBytesMax = 512;
constexpr std::size_t kOpenPage = 200;
constexpr std::chrono::milliseconds kPauseMax{60'000};

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kNameMax && std::ranges::all_of(text, core::is_id_char);
}

/// What the wallet says it took is believed only if it is what was asked for, to the fen.
bool adds_up(const WalletAnswer& said, const OrderRow& row) {
  if (said.minor != row.amount.minor || said.currency != row.amount.currency) return false;
  if (said.paid_minor < 0 || said.discounts.size() > kDiscountsMax || !is_name(said.transaction)) return false;
  std::int64_t sum = said.paid_minor;
  for (const Discount& discount : said.discounts) {
    if (discount.minor <= 0 || discount.minor > said.minor) return false;
    if (!discount.id.empty() && !is_name(discount.id)) return false;
    sum += discount.minor;
  }
  return sum == said.minor && said.refunded_minor >= 0 && said.refunded_minor <= said.minor;
}

void complain(const Result<>& outcome) {
  if (outcome) return;
  std::fprintf(stderr, "tillkit-cloud: settling: %s\n", std::string(core::to_string(outcome.error().code)).c_str());
}

void close_refund(OrderRow& row, const std::string& number, const RefundRow& refund) {
  std::erase(row.refunds_open, number);
  row.refunds_open_minor -= refund.amount.minor;
}

}  // namespace

Result<MerchantRow> Gateway::merchant_of(const std::string& id) const {
  std::optional<MerchantRow> row;
  const Result<> read = cloud_.storage.view([&](Reader& reader) -> Result<> {
    TILLKIT_TRY(row, find_row<MerchantRow>(reader, kMerchants, "", id));
    return {};
  });
  TILLKIT_TRY_VOID(read);
  if (!row) return core::fail(core::ErrorCode::Corrupt);
  return *row;
}

Result<std::optional<OrderRow>> Gateway::find(const std::string& merchant, const std::string& order) const {
  std::optional<OrderRow> row;
  const Result<> read = cloud_.storage.view([&](Reader& reader) -> Result<> {
    TILLKIT_TRY(row, find_row<OrderRow>(reader, kOrders, merchant, order));
    return {};
  });
  TILLKIT_TRY_VOID(read);
  return row;
}

Result<std::optional<RefundRow>> Gateway::find_refund(const std::string& merchant, const std::string& number) const {
  std::optional<RefundRow> row;
  const Result<> read = cloud_.storage.view([&](Reader& reader) -> Result<> {
    TILLKIT_TRY(row, find_row<RefundRow>(reader, kRefunds, merchant, number));
    return {};
  });
  TILLKIT_TRY_VOID(read);
  return row;
}

Result<> Gateway::save(const std::string& merchant, const std::string& order, const OrderRow& row,
                       const std::string& refund_number, const RefundRow* refund) {
  return cloud_.storage.update([&](Tx& tx) -> Result<> {
    TILLKIT_TRY_VOID(put_row(tx, kOrders, merchant, order, row));
    if (!refund_number.empty()) {
      TILLKIT_TRY_VOID(refund == nullptr ? tx.erase(kRefunds, merchant, refund_number)
                                         : put_row(tx, kRefunds, merchant, refund_number, *refund));
    }
    return row.is_open() ? tx.put(kOpenOrders, merchant, order, "{}") : tx.erase(kOpenOrders, merchant, order);
  });
}

/// Takes what the wallet said of an order into its row. False: nothing new.
Result<bool> Gateway::apply(const std::string& merchant, const WalletAnswer& said, OrderRow& row) const {
  if (said.said != Said::Answer) return false;
  if (said.outcome == "declined") {
    row.state = OrderState::Declined;
    row.reason = said.reason;
    return true;
  }
  if (said.outcome == "pending") {
    const bool same = row.state == OrderState::Pending && row.why == said.why;
    row.state = OrderState::Pending;
    row.why = said.why;
    if (!said.qr_text.empty() && said.qr_text.size() <= kQrTextBytesMax && row.qr_text.empty()) {
      row.qr_text = said.qr_text;
      row.qr_until_ms = milliseconds_of(wall_now()) + said.qr_valid_ms;
      return true;
    }
    return !same;
  }
  if (said.outcome == "reversed") {
    row.state = OrderState::Reversed;
    row.reversing = false;
    return true;
  }
  if ((said.outcome != "paid" && said.outcome != "refunded") || !adds_up(said, row)) return false;
  row.state = said.outcome == "paid" ? OrderState::Paid : OrderState::Refunded;
  row.reversing = row.reversing && row.state == OrderState::Paid;
  row.paid_minor = said.paid_minor;
  row.discounts = said.discounts;
  row.transaction = said.transaction;
  row.refunded_minor = std::max(row.refunded_minor, said.refunded_minor);
  row.wallet = said.wallet;
  TILLKIT_TRY(const auto payer, known_payer(merchant, said.wallet, said.user));
  if (payer) row.reference = payer->reference;
  return true;
}

Result<> Gateway::settle(const std::string& merchant, const std::string& order, OrderRow& row, Lock& lock) {
  if (row.reversing) {
    TILLKIT_TRY_VOID(ask_reversal(merchant, order, row, lock));
    return {};
  }
  if (row.state != OrderState::Unknown && row.state != OrderState::Pending) return {};
  // 'Not found' is no answer: the charge may still be on its way.
  TILLKIT_TRY(const bool changed, apply(merchant, wallet_.query(merchant, order, lock), row));
  return changed ? save(merchant, order, row) : Result<>();
}

Result<std::optional<Problem>> Gateway::ask_reversal(const std::string& merchant, const std::string& order,
                                                     OrderRow& row, Lock& lock) {
  const WalletAnswer said = wallet_.reverse(merchant, order, lock);
  if (said.said == Said::Problem) {
    const Problem refused = problem_of(said.problem);
    if (refused != Problem::ReversalWindowOver && refused != Problem::ReversalTooSoon) return std::optional<Problem>();
    row.reversing = false;
    TILLKIT_TRY_VOID(save(merchant, order, row));
    return std::optional(refused);
  }
  // 'Pending' says nothing of what was taken: what is known of that stays.
  if (said.outcome == "pending") return std::optional<Problem>();
  TILLKIT_TRY(const bool changed, apply(merchant, said, row));
  if (changed) {
    TILLKIT_TRY_VOID(save(merchant, order, row));
  }
  return std::optional<Problem>();
}

Result<std::optional<Problem>> Gateway::ask_refund(const std::string& merchant, const std::string& number,
                                                   RefundRow& refund, OrderRow& row, Lock& lock) {
  const WalletAnswer said = wallet_.refund(merchant, refund.order, number, refund.amount, lock);
  if (said.said == Said::Problem) {
    close_refund(row, number, refund);
    TILLKIT_TRY_VOID(save(merchant, refund.order, row, number, nullptr));
    return std::optional(problem_of(said.problem));
  }
  if (said.said != Said::Answer) return std::optional<Problem>();
  if (said.outcome == "accepted") {
    refund.state = RefundState::Accepted;
  } else if (said.outcome == "refused") {
    refund.state = RefundState::Refused;
    refund.reason = said.reason;
    close_refund(row, number, refund);
  } else if (said.outcome == "refunded" && said.minor == refund.amount.minor &&
             said.currency == refund.amount.currency) {
    refund.state = RefundState::Refunded;
    refund.to_payer_minor = std::clamp<std::int64_t>(said.to_payer_minor, 0, refund.amount.minor);
    close_refund(row, number, refund);
    // A reversal may have told of it before.
    row.refunded_minor = std::min(row.amount.minor, row.refunded_minor + refund.amount.minor);
    if (row.refunded_minor == row.amount.minor) row.state = OrderState::Refunded;
  } else {
    return std::optional<Problem>();
  }
  TILLKIT_TRY_VOID(save(merchant, refund.order, row, number, &refund));
  return std::optional<Problem>();
}

std::string payer_reference(const MerchantRow& merchant, std::string_view wallet, std::string_view user) {
  constexpr std::size_t kCharacters = 22;
  const std::string mac = hmac_sha256(merchant.pseudonym_key, std::string(wallet) + "\n" + std::string(user));
  return "p_" + core::encode_base64url(core::as_bytes(mac)).substr(0, kCharacters);
}

Result<std::optional<KnownPayer>> Gateway::known_payer(const std::string& merchant, std::string_view wallet,
                                                       std::string_view user) const {
  if (user.empty() || wallet.empty()) return std::optional<KnownPayer>();
  TILLKIT_TRY(const MerchantRow row, merchant_of(merchant));
  return std::optional(KnownPayer{.wallet = std::string(wallet), .reference = payer_reference(row, wallet, user)});
}

// --- the thread ---

void Gateway::start() {
  worker_ = std::thread([this] { work(); });
}

void Gateway::stop() {
  if (worker_.joinable()) worker_.join();
}

void Gateway::work() {
  Lock lock(cloud_.mutex);
  while (!cloud_.stopping) {
    complain(settle_open(lock));
    cloud_.changed.wait_for(lock, settle_every_, [this] { return cloud_.stopping; });
  }
}

Result<> Gateway::settle_open(Lock& lock) {
  RowKey after;
  while (true) {
    std::vector<Row> rows;
    const Result<> read = cloud_.storage.view([&](Reader& reader) -> Result<> {
      TILLKIT_TRY(rows, reader.list_all(kOpenOrders, after, kOpenPage));
      return {};
    });
    TILLKIT_TRY_VOID(read);
    for (const Row& row : rows) {
      if (cloud_.stopping) return {};
      // One that cannot be settled does not hold up its neighbours.
      complain(settle_one(row.at, lock));
    }
    if (rows.size() < kOpenPage) return {};
    after = rows.back().at;
  }
}

Result<> Gateway::settle_one(const RowKey& at, Lock& lock) {
  const std::string key = at.owner + " " + at.key;
  const auto now = std::chrono::steady_clock::now();
  Pause& pause = pauses_.try_emplace(key, Pause{.until = now, .length = settle_every_}).first->second;
  if (pause.until > now) return {};
  pause.until = now + pause.length;
  pause.length = std::min(kPauseMax, pause.length * 2);
  std::vector<std::string> refunds;
  {
    const Hold hold(*this, at.owner, at.key, Holder::Worker, lock);
    if (!hold.held()) return {};
    TILLKIT_TRY(auto row, find(at.owner, at.key));
    if (row && row->is_undecided()) {
      TILLKIT_TRY_VOID(settle(at.owner, at.key, *row, lock));
    }
    if (!row || !row->is_open()) pauses_.erase(key);
    if (row) refunds = row->refunds_open;
  }
  // Requests wait for the worker: it asks the wallet one thing, and lets them in.
  for (const std::string& number : refunds) {
    const Hold hold(*this, at.owner, at.key, Holder::Worker, lock);
    if (!hold.held() || cloud_.stopping) return {};
    TILLKIT_TRY(auto row, find(at.owner, at.key));
    TILLKIT_TRY(auto refund, find_refund(at.owner, number));
    if (!row || !refund || refund->is_final()) continue;
    TILLKIT_TRY_VOID(ask_refund(at.owner, number, *refund, *row, lock));
  }
  return {};
}

}  // namespace tillkit::sandbox
