// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "document_reader.hpp"
#include "tillkit/core/calendar.hpp"
#include "tillkit/core/money.hpp"
#include "tillkit/core/quantity.hpp"
#include "tillkit/offers/document.hpp"

namespace tillkit::offers {
namespace detail {
namespace {

using core::JsonValue;
using core::Result;

constexpr std::size_t kCodeBytesMax = 64;
constexpr std::size_t kCardDigitsMin = 4;
constexpr std::size_t kCardDigitsMax = 10;  // no more is ever needed, and a whole card number must not lie in a file
constexpr Range kLineIds{1, std::numeric_limits<std::uint32_t>::max()};
constexpr Range kTaxRates{0, 10'000};
constexpr Range kLabels{0, 64};
constexpr Range kOrders{0, 1'000'000'000};
constexpr Range kBudgets{0, 1'000'000'000'000};

/// Reads one line after another; `items` may be null.
class LineReader {
 public:
  LineReader(DocumentReader& in, const ItemSource* items, const core::WallReading& now, BasketDocument& out)
      : in_(in), items_(items), now_(now), out_(out) {}

  Result<> read(const JsonValue& value);

 private:
  Result<SourceItem> item_of_code(const JsonValue& value, const JsonValue& code);
  Result<SourceItem> item_as_written(const JsonValue& value);
  Result<> read_pieces(const JsonValue& value, const SourceItem& item, Line& line);
  Result<> read_weight(const JsonValue& value, const SourceItem& item, Line& line);

  DocumentReader& in_;
  const ItemSource* items_;
  const core::WallReading& now_;
  BasketDocument& out_;
  std::unordered_set<LineId> ids_;
  std::int64_t total_ = 0;
};

Result<SourceItem> LineReader::item_of_code(const JsonValue& value, const JsonValue& code) {
  for (const std::string_view member : {"item", "brand", "categories", "tags", "per_grams", "tax_rate", "tax_included"})
    TILLKIT_TRY_VOID(in_.not_both(value, "code", member));
  TILLKIT_TRY(const std::string_view text, in_.text(code, kCodeBytesMax));
  if (items_ == nullptr) return in_.wrong(code, "a line with \"item\" and \"unit_price\": a code needs a catalog");
  const auto item = items_->find(text, now_);
  if (item) return *item;
  if (item.error().code == core::ErrorCode::NotFound) return in_.wrong(code, "a code that the catalog knows");
  return in_.wrong(code, "a code of an item whose id, currency and labels these rules can have");
}

Result<SourceItem> LineReader::item_as_written(const JsonValue& value) {
  SourceItem item;
  TILLKIT_TRY_VOID(in_.required(value, "item"));
  TILLKIT_TRY_VOID(in_.required(value, "unit_price"));
  TILLKIT_TRY_VOID(in_.id(value, "item", item.goods.item));
  TILLKIT_TRY_VOID(in_.id(value, "brand", item.goods.brand));
  TILLKIT_TRY_VOID(in_.names(value, "categories", item.goods.categories, kLabels));
  TILLKIT_TRY_VOID(in_.names(value, "tags", item.goods.tags, kLabels));
  TILLKIT_TRY_VOID(in_.integer(value, "per_grams", item.per_grams, kSomeCount));
  if (!value.find("grams") && item.per_grams != 0) return in_.wrong(value, "\"grams\" beside \"per_grams\"");
  if (value.find("grams")) TILLKIT_TRY_VOID(in_.required(value, "per_grams"));
  TILLKIT_TRY_VOID(in_.rate(value, "tax_rate", item.tax_rate, kTaxRates));
  TILLKIT_TRY_VOID(in_.boolean(value, "tax_included", item.tax_included));
  return item;
}

Result<> LineReader::read_pieces(const JsonValue& value, const SourceItem& item, Line& line) {
  if (item.per_grams != 0) return in_.wrong(value, "\"grams\": this item is sold by weight");
  TILLKIT_TRY_VOID(in_.integer(value, "quantity", line.count, kSomeCount));
  if (const auto amount = value.find("amount")) return in_.wrong(*amount, "no amount: it is quantity * unit price");
  line.list_amount = line.count * line.unit_price;  // both are bounded: it fits
  return {};
}

Result<> LineReader::read_weight(const JsonValue& value, const SourceItem& item, Line& line) {
  if (item.per_grams == 0) return in_.wrong(value, "\"quantity\": this item is sold by the piece");
  line.weighed = true;
  TILLKIT_TRY_VOID(in_.integer(value, "grams", line.count, kSomeCount));
  const auto bought = core::Quantity::grams(line.count);
  const auto per = core::Quantity::grams(item.per_grams);
  if (!bought || !per) return in_.wrong(value, "a weight");
  TILLKIT_TRY(const core::Money cost,
              core::cost_of(*bought, {line.unit_price, in_.currency()}, *per, core::Rounding::HalfUp));
  line.list_amount = cost.minor;
  return in_.amount(value, "amount", line.list_amount, kAnyAmount);
}

Result<> LineReader::read(const JsonValue& value) {
  TILLKIT_TRY_VOID(in_.only(value, kLineMembers));
  TILLKIT_TRY_VOID(in_.not_both(value, "quantity", "grams"));
  const auto code = value.find("code");
  TILLKIT_TRY(SourceItem item, code ? item_of_code(value, *code) : item_as_written(value));
  Line line;
  std::uint32_t id = static_cast<std::uint32_t>(out_.basket.lines.size()) + 1;
  TILLKIT_TRY_VOID(in_.integer(value, "id", id, kLineIds));
  line.id = LineId(id);
  if (!ids_.insert(line.id).second)
    return in_.wrong(value.find("id").value_or(value), "an id that no line before it has");
  line.unit_price = item.unit_price;
  line.tax_rate = item.tax_rate;
  line.tax_included = item.tax_included;
  TILLKIT_TRY_VOID(in_.amount(value, "unit_price", line.unit_price, kAnyAmount));
  TILLKIT_TRY_VOID(value.find("grams") ? read_weight(value, item, line) : read_pieces(value, item, line));
  total_ += line.list_amount;
  if (line.list_amount > kAmountMax || total_ > kAmountMax) {
    return in_.wrong(value, "a basket of at most " + core::format_amount({kAmountMax, in_.currency()}),
                     core::ErrorCode::Exhausted);
  }
  if (const auto name = value.find("name")) {
    TILLKIT_TRY(item.name, in_.text(*name, kDisplayNameBytesMax));
  }
  if (item.name.empty()) item.name = item.goods.item.view();
  out_.basket.lines.push_back(line);
  out_.goods.push_back(std::move(item.goods));
  out_.names.push_back(std::move(item.name));
  return {};
}

Result<> read_coupons(DocumentReader& in, const JsonValue& root, std::vector<Coupon>& coupons) {
  const auto array = root.find("coupons");
  if (!array) return {};
  TILLKIT_TRY(const core::JsonElements list, in.elements(*array, "coupons", kCouponsMax));
  std::unordered_set<CouponId> ids;
  for (const JsonValue value : list) {
    Coupon& coupon = coupons.emplace_back();
    TILLKIT_TRY_VOID(in.only(value, kCouponMembers));
    TILLKIT_TRY(const JsonValue id, in.required(value, "id"));
    TILLKIT_TRY_VOID(in.required(value, "offer"));
    TILLKIT_TRY_VOID(in.id(value, "id", coupon.id));
    if (!ids.insert(coupon.id).second) return in.wrong(id, "an id that no coupon before it has");
    TILLKIT_TRY_VOID(in.id(value, "offer", coupon.offer));
    TILLKIT_TRY_VOID(in.moment(value, "claimed_at", coupon.claimed_at));
    TILLKIT_TRY_VOID(in.moment(value, "valid_from", coupon.valid_from));
    TILLKIT_TRY_VOID(in.moment(value, "expires_at", coupon.expires_at));
    TILLKIT_TRY_VOID(in.boolean(value, "requested", coupon.requested));
  }
  return {};
}

/// `05-23`; the 29th of February is a birthday.
Result<> read_birthday(DocumentReader& in, const JsonValue& object, Member& member) {
  const auto value = object.find("birthday");
  if (!value) return {};
  const std::string_view text = value->text().value_or("");
  const auto number = [&](std::size_t at) {
    return static_cast<unsigned>((text[at] - '0') * 10 + (text[at + 1] - '0'));
  };
  if (text.size() == 5 && text[2] == '-' && std::ranges::count_if(text, core::is_digit_char) == 4) {
    const std::chrono::year_month_day date{std::chrono::year{2024}, std::chrono::month{number(0)},
                                           std::chrono::day{number(3)}};
    if (date.ok()) {
      member.birth_month = static_cast<std::uint8_t>(static_cast<unsigned>(date.month()));
      member.birth_day = static_cast<std::uint8_t>(static_cast<unsigned>(date.day()));
      return {};
    }
  }
  return in.wrong(*value, "month and day, such as \"05-23\"");
}

Result<> read_member(DocumentReader& in, const JsonValue& context, Member& member) {
  const auto value = context.find("member");
  if (!value) return {};
  TILLKIT_TRY_VOID(in.only(*value, kMemberMembers));
  member.known = true;
  TILLKIT_TRY_VOID(in.id(*value, "tier", member.tier));
  TILLKIT_TRY_VOID(in.names(*value, "tags", member.tags, kLabels));
  TILLKIT_TRY_VOID(read_birthday(in, *value, member));
  return in.integer(*value, "orders_before", member.orders_before, kOrders);
}

/// `{"offer-id": "5.00"}`
Result<> read_offer_amounts(DocumentReader& in, const JsonValue& context, std::string_view member, Range range,
                            std::vector<OfferAmount>& out) {
  const auto value = context.find(member);
  if (!value) return {};
  const auto members = value->members();
  if (!members) return in.wrong(*value, "an object of offer ids and amounts");
  for (const auto& [name, amount] : *members) {
    const auto offer = OfferId::parse(name);
    if (!offer) return in.wrong(amount, "the id of an offer as its name");
    TILLKIT_TRY(const std::int64_t minor, in.amount(amount, range));
    out.push_back({*offer, minor});
  }
  return {};
}

Result<> read_card(DocumentReader& in, const JsonValue& context, std::string& card) {
  const auto value = context.find("card");
  if (!value) return {};
  const std::string_view text = value->text().value_or("");
  if (text.size() < kCardDigitsMin || text.size() > kCardDigitsMax || !std::ranges::all_of(text, core::is_digit_char)) {
    return in.wrong(*value, "the first 4 to 10 digits of the card number, as text");
  }
  card = text;
  return {};
}

Result<> read_context(DocumentReader& in, const JsonValue& root, Context& context) {
  const auto value = root.find("context");
  if (!value) return {};
  constexpr Range kUtcOffsets{-core::kUtcOffsetMax.count(), core::kUtcOffsetMax.count()};
  TILLKIT_TRY_VOID(in.only(*value, kContextMembers));
  if (value->find("now")) {
    TILLKIT_TRY_VOID(in.moment(*value, "now", context.now.at));
    context.now.quality = core::WallQuality::Trusted;
    TILLKIT_TRY_VOID(in.choice(*value, "clock", context.now.quality, kClockNames));
  } else if (const auto clock = value->find("clock")) {
    return in.wrong(*clock, "\"now\" beside \"clock\"");
  }
  std::int64_t utc_offset = context.utc_offset.count();
  TILLKIT_TRY_VOID(in.integer(*value, "utc_offset_minutes", utc_offset, kUtcOffsets));
  context.utc_offset = std::chrono::minutes(utc_offset);
  TILLKIT_TRY_VOID(read_member(in, *value, context.member));
  TILLKIT_TRY_VOID(in.id(*value, "channel", context.channel));
  TILLKIT_TRY_VOID(in.id(*value, "store", context.store));
  TILLKIT_TRY_VOID(in.id(*value, "wallet", context.wallet));
  TILLKIT_TRY_VOID(read_card(in, *value, context.card));
  TILLKIT_TRY_VOID(in.names(*value, "codes", context.codes, kLabels));
  TILLKIT_TRY_VOID(read_offer_amounts(in, *value, "draws", kSomeAmount, context.draws));
  return read_offer_amounts(in, *value, "budgets", kBudgets, context.budgets);
}

Result<> read_document(DocumentReader& in, const JsonValue& root, const ItemSource* items, BasketDocument& out) {
  TILLKIT_TRY_VOID(in.only(root, kBasketMembers));
  if (const auto written = root.find("currency")) {
    TILLKIT_TRY(const core::Currency currency, in.currency(*written));
    if (currency != in.currency()) {
      return in.wrong(*written, "the currency of the rules, \"" + std::string(in.currency().alpha()) + '"');
    }
  }
  TILLKIT_TRY_VOID(read_context(in, root, out.basket.context));
  TILLKIT_TRY(const JsonValue array, in.required(root, "lines"));
  TILLKIT_TRY(const core::JsonElements list, in.elements(array, "lines", kLinesMax));
  LineReader lines(in, items, out.basket.context.now, out);
  for (const JsonValue line : list)
    TILLKIT_TRY_VOID(lines.read(line));
  return read_coupons(in, root, out.basket.coupons);
}

}  // namespace
}  // namespace detail

core::Result<BasketDocument> read_basket(std::string_view json, core::Currency currency, const ItemSource* items,
                                         DocumentMistake& mistake) {
  TILLKIT_TRY(const core::JsonDocument document, detail::parse_document(json, kBasketJsonLimits, mistake));
  detail::DocumentReader in(currency);
  BasketDocument basket;
  if (const auto read = detail::read_document(in, document.root(), items, basket); !read) {
    mistake = in.mistake(json, document);
    return std::unexpected(read.error());
  }
  return basket;
}

core::Result<Basket> classify(BasketDocument document, RuleSet& rules, DocumentMistake& mistake) {
  Basket& basket = document.basket;
  for (std::size_t line = 0; line < basket.lines.size(); ++line) {
    const auto goods = rules.classify(document.goods[line]);
    if (!goods) {
      mistake = {"/lines/" + std::to_string(line), "goods that this rule set still has room for", {}};
      return std::unexpected(goods.error());
    }
    basket.lines[line].goods = *goods;
  }
  std::unordered_map<OfferId, const Offer*> offers;
  if (!basket.coupons.empty() || !basket.context.draws.empty()) {
    for (const Offer& offer : rules.document().offers)
      offers.emplace(offer.id, &offer);
  }
  for (std::size_t i = 0; i < basket.coupons.size(); ++i) {
    const auto found = offers.find(basket.coupons[i].offer);
    if (found != offers.end() && found->second->coupon) continue;
    mistake = {"/coupons/" + std::to_string(i) + "/offer", "a coupon template of these rules",
               '"' + std::string(basket.coupons[i].offer.view()) + '"'};
    return core::fail(core::ErrorCode::InvalidArgument);
  }
  for (const OfferAmount& draw : basket.context.draws) {
    const auto found = offers.find(draw.offer);
    if (found == offers.end()) continue;  // of a rule set before or after this one
    const auto* random = std::get_if<RandomOff>(&found->second->effect);
    if (random != nullptr && draw.amount >= random->min && draw.amount <= random->max) continue;
    mistake = {"/context/draws/" + std::string(draw.offer.view()),
               "an offer with random_off, and a draw within its bounds",
               core::format_amount({draw.amount, rules.document().currency})};
    return core::fail(core::ErrorCode::InvalidArgument);
  }
  return std::move(basket);
}

}  // namespace tillkit::offers
