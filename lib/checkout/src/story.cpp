// SPDX-License-Identifier: Apache-2.0
#include "tillkit/checkout/story.hpp"

#include <algorithm>

#include "bodies.hpp"
#include "tillkit/checkout/limits.hpp"
#include "tillkit/checkout/records.hpp"
#include "tillkit/checkout/tables.hpp"
#include "tillkit/fulfilment/records.hpp"
#include "tillkit/offers/document.hpp"

namespace tillkit::checkout {
namespace {

using core::ErrorCode;
using core::fail;
using core::JsonValue;
using core::Money;
using core::Result;
using journal::Record;
using journal::SaleId;

Result<> add_to(Money& sum, const Money& amount) {
  if (sum.currency == core::Currency{}) sum.currency = amount.currency;
  TILLKIT_TRY(sum, core::checked_add(sum, amount));
  return {};
}

Result<> tell_priced(SaleStory& story, const JsonValue& body, SaleState state) {
  TILLKIT_TRY(PricedBody priced, read_priced(body));
  story.total = priced.total;
  story.lines = std::move(priced.lines);
  story.removed = priced.removed;
  story.age = priced.age;
  story.proof.clear();
  story.state = state;
  return {};
}

Result<> tell_cash(SaleStory& story, const JsonValue& body) {
  TILLKIT_TRY(const CashBody cash, read_cash(body));
  story.cash.push_back({cash.tendered, cash.change, cash.rounding, cash.settled});
  return {};
}

Result<> tell_cash_returned(SaleStory& story, const JsonValue& body) {
  TILLKIT_TRY(const CashReturn cash, read_cash_returned(body));
  TILLKIT_TRY_VOID(add_to(story.cash_back, cash.amount));
  return add_to(story.cash_back_settled, cash.settled);
}

Result<> tell_return(SaleStory& story, const JsonValue& body) {
  TILLKIT_TRY(ReturnBody back, read_return(body));
  story.of = back.of;
  story.units = std::move(back.units);
  story.total = back.amount;
  story.state = SaleState::Returning;
  return {};
}

Result<> tell_part(SaleStory& story, const JsonValue& body) {
  TILLKIT_TRY(const JsonValue text, body.member("text"));
  TILLKIT_TRY(const std::string_view part, text.text());
  story.proof += part;
  return {};
}

Result<> tell_goods(SaleStory& story, const Record& record) {
  story.ended = record.at.wall;
  if (record.kind == fulfilment::kVendIntended) story.state = SaleState::Fulfilling;
  if (record.kind == fulfilment::kVendReleased) story.goods_released = true;
  if (record.kind != fulfilment::kVendEnded) return {};
  TILLKIT_TRY(story.goods, fulfilment::read_vend_ended(record.body));
  return {};
}

Result<> tell(SaleStory& story, const Record& record) {
  if (story.began.at == core::WallTime{}) {
    story.began = record.at.wall;
    story.duty = record.duty;
  }
  if (record.kind == kReprinted) {
    ++story.copies;
    return {};
  }
  if (record.kind.view().starts_with("ledger.")) return ledger::tell(story.ledger, record);
  if (record.kind.view().starts_with("members.")) return members::tell(story.members, record);
  if (record.kind.view().starts_with("fulfilment.")) return tell_goods(story, record);
  // What a person decides about its refunds later is told by them.
  if (is_final(story.state)) return {};
  story.ended = record.at.wall;
  if (record.kind == kPriceProof) {
    story.proof = record.body;
    return {};
  }
  if (record.kind == payment::kAttemptPaid) story.personal.push_back(record.seq);
  if (!record.kind.view().starts_with("checkout.")) return payment::tell(story.payments, record);
  TILLKIT_TRY(const core::JsonDocument document, core::JsonDocument::parse(record.body));
  const JsonValue body = document.root();
  if (record.kind == kSalePriced) return tell_priced(story, body, SaleState::Paying);
  if (record.kind == kSaleSuspended) return tell_priced(story, body, SaleState::Suspended);
  if (record.kind == kSaleLines) return read_lines(body, story.lines);
  if (record.kind == kPriceProofPart) return tell_part(story, body);
  if (record.kind == kCashTaken) return tell_cash(story, body);
  if (record.kind == kCashReturned) return tell_cash_returned(story, body);
  if (record.kind == kReturnStarted) return tell_return(story, body);
  if (record.kind == kSaleBenefits || record.kind == kTenderUnmet) return {};
  if (record.kind == kSaleReopened) {
    story.state = SaleState::Open;
    return {};
  }
  if (record.kind == kSaleUndoing) {
    story.state = SaleState::Undoing;
    return {};
  }
  if (record.kind == kSaleClosed) {
    TILLKIT_TRY(story.state, read_state(body, "how"));
    return {};
  }
  return fail(ErrorCode::Unsupported);
}

std::string_view name_of(codes::Wallet wallet) {
  switch (wallet) {
    case codes::Wallet::WeChatPay: return "WeChat Pay 微信支付";
    case codes::Wallet::Alipay: return "Alipay 支付宝";
    case codes::Wallet::AlipayPlus: return "Alipay+";
    case codes::Wallet::UnionPay: return "UnionPay 云闪付";
  }
  return "";
}

std::string name_of(const std::optional<codes::Wallet>& wallet) {
  return wallet ? std::string(name_of(*wallet)) : std::string();
}

receipt::ReceiptTender tender_of(const payment::PastAttempt& attempt) {
  receipt::ReceiptTender tender{.kind = attempt.tender,
                                .name = name_of(attempt.wallet),
                                .account = {},
                                .order = attempt.order,
                                .transaction = attempt.transaction,
                                .amount = attempt.amount.minor};
  if (attempt.paid.is_positive()) tender.provider_discount = attempt.amount.minor - attempt.paid.minor;
  return tender;
}

receipt::ReceiptTender tender_of(const ledger::Reservation& part) {
  const bool points = part.unit == ledger::Unit::Points;
  return {.kind = points ? payment::TenderKind::Points : payment::TenderKind::StoredValue,
          .name = {},
          .account = receipt::mask_account(part.of.view()),
          .order = {},
          .transaction = {},
          .amount = part.settles_minor};
}

std::vector<receipt::ReceiptTender> tenders_of_sale(const SaleStory& story) {
  std::vector<receipt::ReceiptTender> tenders;
  for (const ledger::Spent& spent : story.ledger.spent) {
    const bool paid = spent.state == ledger::SpentState::Taken && spent.part.settles_minor > 0;
    if (paid) tenders.push_back(tender_of(spent.part));
  }
  for (const payment::PastAttempt& attempt : story.payments.attempts) {
    if (attempt.state == payment::AttemptState::Paid) tenders.push_back(tender_of(attempt));
  }
  for (const CashPart& cash : story.cash) {
    tenders.push_back({.kind = payment::TenderKind::Cash,
                       .name = {},
                       .account = {},
                       .order = {},
                       .transaction = {},
                       .amount = cash.settled.minor,
                       .tendered = cash.tendered.minor,
                       .change = cash.change.minor,
                       .rounding = cash.rounding.minor});
  }
  return tenders;
}

std::vector<receipt::ReceiptTender> tenders_of_refund(const SaleStory& story) {
  std::vector<receipt::ReceiptTender> tenders;
  tenders.reserve(story.payments.refunds.size() + 1);
  for (const payment::PastRefund& refund : story.payments.refunds) {
    tenders.push_back({.kind = refund.tender,
                       .name = name_of(refund.wallet),
                       .account = {},
                       .order = refund.order,
                       .transaction = {},
                       .amount = refund.amount.minor});
  }
  for (const ledger::GivenBack& back : story.ledger.given_back) {
    if (back.part.settles_minor > 0) tenders.push_back(tender_of(back.part));
  }
  if (story.cash_back_settled.is_positive()) {
    tenders.push_back({.kind = payment::TenderKind::Cash,
                       .name = {},
                       .account = {},
                       .order = {},
                       .transaction = {},
                       .amount = story.cash_back_settled.minor,
                       .tendered = story.cash_back.minor,
                       .rounding = story.cash_back_settled.minor - story.cash_back.minor});
  }
  return tenders;
}

/// What may have taken money.
std::vector<receipt::ReceiptTender> tenders_of_undone(const SaleStory& story) {
  using payment::AttemptState;
  std::vector<receipt::ReceiptTender> tenders;
  for (const payment::PastAttempt& attempt : story.payments.attempts) {
    const bool nothing = attempt.state == AttemptState::Declined || attempt.state == AttemptState::NotSent;
    if (!nothing) tenders.push_back(tender_of(attempt));
  }
  return tenders;
}

std::vector<receipt::ItemText> texts_of(const SaleStory& story) {
  std::vector<receipt::ItemText> texts;
  for (const BasketLine& line : story.lines) {
    if (std::ranges::find(texts, line.item, &receipt::ItemText::item) != texts.end()) continue;
    texts.push_back({.item = line.item, .name = line.name, .per_grams = line.per_grams});
  }
  return texts;
}

core::Result<receipt::ReceiptData> refund_receipt(const journal::Journal& journal, const SaleStory& story,
                                                  const receipt::ReceiptHeader& header,
                                                  const receipt::SaleNumber& sold_number) {
  TILLKIT_TRY(const SaleStory sold, read_sale(journal, story.of));
  TILLKIT_TRY(const offers::PriceProof proof, proof_of(sold));
  TILLKIT_TRY(const ReturnedSoFar before, returned_so_far(journal, sold, story.id));
  TILLKIT_TRY(const offers::Refund refund, offers::refund(proof, before.units, story.units));
  const auto items = texts_of(sold);
  const auto tenders = tenders_of_refund(story);
  receipt::ReceiptMistake mistake{};
  return receipt::make_refund_receipt(header, {sold_number, sold.ended}, proof, refund, {.items = items, .funders = {}},
                                      tenders, mistake);
}

}  // namespace

Result<SaleStory> read_sale(const journal::Journal& journal, SaleId sale) {
  SaleStory story{.id = sale};
  bool any = false;
  TILLKIT_TRY_VOID(journal.each({.from = journal::Seq(sale.value()), .sale = sale}, [&](const Record& record) {
    any = true;
    return tell(story, record);
  }));
  if (!any || sale.value() == 0) return fail(ErrorCode::NotFound);
  return story;
}

Result<offers::PriceProof> proof_of(const SaleStory& story) {
  if (story.proof.empty()) return fail(ErrorCode::NotFound);
  offers::DocumentMistake mistake;
  auto proof = offers::read_proof(story.proof, mistake);
  if (!proof) return fail(ErrorCode::Corrupt);
  return proof;
}

Result<ReturnedSoFar> returned_so_far(const journal::Journal& journal, const SaleStory& sold, SaleId before) {
  TILLKIT_TRY(const std::vector<SaleId> returns, returns_of(journal.tables(), sold.id));
  const core::Currency currency = sold.total.currency;
  ReturnedSoFar so_far{.amount = {0, currency}, .cash = {0, currency}, .cash_settled = {0, currency}};
  for (const SaleId id : returns) {
    if (before.value() != 0 && id >= before) break;
    TILLKIT_TRY(const SaleStory back, read_sale(journal, id));
    so_far.units.insert(so_far.units.end(), back.units.begin(), back.units.end());
    so_far.under_way = so_far.under_way || !is_final(back.state);
    TILLKIT_TRY_VOID(add_to(so_far.amount, back.total));
    for (const ledger::GivenBack& given : back.ledger.given_back)
      so_far.given_back.push_back(given);
    for (const ledger::TakenBack& taken : back.ledger.taken_back)
      so_far.points += taken.points;
    if (back.cash_back_settled.is_zero()) continue;
    TILLKIT_TRY_VOID(add_to(so_far.cash, back.cash_back));
    TILLKIT_TRY_VOID(add_to(so_far.cash_settled, back.cash_back_settled));
  }
  return so_far;
}

receipt::SaleNumber sale_number(const journal::TerminalName& terminal, const journal::JournalId& journal, SaleId sale) {
  std::string text(terminal.view());
  text += '-' + journal::to_string(journal).substr(0, 4) + '-' + std::to_string(sale.value());
  const auto number = receipt::SaleNumber::parse(text);
  TILLKIT_ASSERT(number.has_value());
  return *number;
}

Result<SaleId> sale_of(std::string_view number, const journal::TerminalName& terminal,
                       const journal::JournalId& journal) {
  const std::string prefix = std::string(terminal.view()) + '-' + journal::to_string(journal).substr(0, 4) + '-';
  if (!number.starts_with(prefix)) return fail(ErrorCode::NotFound);
  number.remove_prefix(prefix.size());
  const bool digits = !number.empty() && number.size() <= 18 && number.front() != '0' &&
                      std::ranges::all_of(number, core::is_digit_char);
  if (!digits) return fail(ErrorCode::NotFound);
  std::int64_t sale = 0;
  for (const char digit : number)
    sale = sale * 10 + (digit - '0');
  return SaleId(sale);
}

namespace {

/// Of a sale what it earned, of a refund what it took back.
std::int64_t points_of(const SaleStory& story) {
  std::int64_t points = 0;
  for (const ledger::Earned& one : story.ledger.earned)
    points += one.points;
  for (const ledger::TakenBack& one : story.ledger.taken_back)
    points += one.points;
  return points;
}

}  // namespace

Result<receipt::ReceiptData> receipt_of(const journal::Journal& journal, const SaleStory& story,
                                        const StoreTexts& store, const journal::TerminalName& terminal,
                                        std::chrono::minutes utc_offset, std::uint32_t copy) {
  const receipt::SaleNumber number = sale_number(terminal, journal.id(), story.id);
  const bool unattended = story.duty.operator_id == journal::kUnattended;
  receipt::ReceiptHeader header{.merchant = store.merchant,
                                .tax_number = store.tax_number,
                                .store = store.store,
                                .address = store.address,
                                .terminal = std::string(terminal.view()),
                                .operator_name = unattended ? "" : std::string(story.duty.operator_id.view()),
                                .sale = number,
                                .at = story.ended,
                                .utc_offset = utc_offset,
                                .fapiao_link = {}};
  receipt::ReceiptMistake mistake{};
  Result<receipt::ReceiptData> made = fail(ErrorCode::FailedPrecondition);
  if (story.state == SaleState::Closed) {
    if (!store.fapiao_link.empty()) header.fapiao_link = store.fapiao_link + std::string(number.view());
    TILLKIT_TRY(const offers::PriceProof proof, proof_of(story));
    const auto items = texts_of(story);
    made = receipt::make_sale_receipt(header, proof, {.items = items, .funders = {}}, tenders_of_sale(story), mistake);
  } else if (story.is_refund()) {
    made = refund_receipt(journal, story, header, sale_number(terminal, journal.id(), story.of));
  } else if (story.state == SaleState::Undoing || story.state == SaleState::Undone) {
    const auto tenders = tenders_of_undone(story);
    if (tenders.empty()) return made;
    made = receipt::make_not_completed_slip(header, story.total.currency, tenders, mistake);
  }
  if (!made) return made;
  made->copy = copy;
  if (made->kind != receipt::ReceiptKind::NotCompleted) made->points = points_of(story);
  return made;
}

}  // namespace tillkit::checkout
