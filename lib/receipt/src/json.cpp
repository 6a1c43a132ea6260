// SPDX-License-Identifier: Apache-2.0
#include "tillkit/core/json.hpp"

#include <algorithm>
#include <concepts>
#include <limits>
#include <utility>

#include "receipt_names.hpp"
#include "tillkit/core/calendar.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/receipt/receipt.hpp"

namespace tillkit::receipt {
namespace {

using core::ErrorCode;
using core::fail;
using core::JsonValue;
using core::JsonWriter;
using core::Result;

// Writing. Members that would say nothing (empty texts and lists, zero where it is the rule) are left out.

void write_text(JsonWriter& json, std::string_view name, std::string_view text) {
  if (!text.empty()) json.name(name).text(text);
}

void write_amount(JsonWriter& json, std::string_view name, std::int64_t amount) {
  if (amount != 0) json.name(name).integer(amount);
}

Result<> write_moment(JsonWriter& json, const core::WallReading& reading) {
  TILLKIT_TRY(const std::string at, core::format_rfc3339(reading.at));
  json.begin_object().name("at").text(at).name("quality").text(to_string(reading.quality)).end_object();
  return {};
}

Result<> write_header(JsonWriter& json, const ReceiptHeader& header) {
  json.name("header").begin_object().name("merchant").text(header.merchant);
  write_text(json, "tax_number", header.tax_number);
  json.name("store").text(header.store);
  write_text(json, "address", header.address);
  json.name("terminal").text(header.terminal);
  write_text(json, "operator", header.operator_name);
  json.name("sale").text(header.sale.view()).name("at");
  TILLKIT_TRY_VOID(write_moment(json, header.at));
  json.name("utc_offset_min").integer(std::int64_t{header.utc_offset.count()});
  write_text(json, "fapiao_link", header.fapiao_link);
  json.end_object();
  return {};
}

void write_line(JsonWriter& json, const ReceiptLine& line) {
  json.begin_object().name("name").text(line.name).name("quantity").integer(line.quantity.count());
  json.name("unit").text(to_string(line.quantity.unit())).name("unit_price").integer(line.unit_price);
  write_amount(json, "per_grams", line.per_grams);
  json.name("list").integer(line.list);
  if (!line.discounts.empty()) {
    json.name("discounts").begin_array();
    for (const ReceiptDiscount& discount : line.discounts)
      json.begin_object().name("use").integer(discount.use).name("amount").integer(discount.amount).end_object();
    json.end_array();
  }
  json.name("net").integer(line.net).name("tax_rate").integer(line.tax_rate.value());
  json.name("tax_included").boolean(line.tax_included).name("tax").integer(line.tax).end_object();
}

void write_use(JsonWriter& json, const ReceiptUse& use) {
  json.begin_object().name("name").text(use.name).name("coupon").boolean(use.coupon);
  json.name("under_lines").boolean(use.under_lines).name("discount").integer(use.discount);
  if (!use.funders.empty()) {
    json.name("funders").begin_array();
    for (const ReceiptFunder& funder : use.funders)
      json.begin_object().name("name").text(funder.name).name("amount").integer(funder.amount).end_object();
    json.end_array();
  }
  json.end_object();
}

void write_tender(JsonWriter& json, const ReceiptTender& tender) {
  json.begin_object().name("kind").text(to_string(tender.kind));
  write_text(json, "name", tender.name);
  write_text(json, "account", tender.account);
  write_text(json, "order", tender.order.view());
  write_text(json, "transaction", tender.transaction.view());
  json.name("amount").integer(tender.amount);
  write_amount(json, "provider_discount", tender.provider_discount);
  write_amount(json, "tendered", tender.tendered);
  write_amount(json, "change", tender.change);
  write_amount(json, "rounding", tender.rounding);
  json.end_object();
}

template <class List, class Write>
void write_list(JsonWriter& json, std::string_view name, const List& list, const Write& write) {
  json.name(name).begin_array();
  for (const auto& element : list)
    write(json, element);
  json.end_array();
}

// Reading.

Result<> only(const JsonValue& object, detail::Names names) {
  TILLKIT_TRY(const core::JsonMembers members, object.members());
  for (const auto& [name, value] : members) {
    if (std::ranges::find(names, name) == names.end()) return value.mistake();
  }
  return {};
}

Result<> read_text(const JsonValue& object, std::string_view name, std::string& out) {
  TILLKIT_TRY(const JsonValue value, object.member(name));
  TILLKIT_TRY(const std::string_view text, value.text());
  if (text.empty()) return value.mistake();
  out = text;
  return {};
}

Result<> find_text(const JsonValue& object, std::string_view name, std::string& out) {
  return object.find(name) ? read_text(object, name, out) : Result<>{};
}

template <class Id>
Result<> read_id(const JsonValue& object, std::string_view name, Id& out) {
  TILLKIT_TRY(const JsonValue value, object.member(name));
  TILLKIT_TRY(const std::string_view text, value.text());
  const auto id = Id::parse(text);
  if (!id) return value.mistake();
  out = *id;
  return {};
}

template <std::integral Integer>
Result<> read_number(const JsonValue& object, std::string_view name, Integer& out, std::int64_t min = 0,
                     std::int64_t max = offers::kAmountMax) {
  TILLKIT_TRY(const JsonValue value, object.member(name));
  TILLKIT_TRY(const std::int64_t number, value.integer_in(min, max));
  out = static_cast<Integer>(number);
  return {};
}

/// A number that is left out where it is 0.
Result<> find_number(const JsonValue& object, std::string_view name, std::int64_t& out, std::int64_t min = 0) {
  const auto value = object.find(name);
  if (!value) return {};
  TILLKIT_TRY_VOID(read_number(object, name, out, min));
  return out == 0 ? Result<>(value->mistake()) : Result<>{};
}

Result<> read_flag(const JsonValue& object, std::string_view name, bool& out) {
  TILLKIT_TRY(const JsonValue value, object.member(name));
  TILLKIT_TRY(out, value.boolean());
  return {};
}

/// An enumerator by its name; their numbers run from `first` to `last`.
template <class Enum>
Result<> read_choice(const JsonValue& object, std::string_view name, Enum& out, Enum first, Enum last) {
  TILLKIT_TRY(const JsonValue value, object.member(name));
  TILLKIT_TRY(const std::string_view text, value.text());
  for (int number = static_cast<int>(first); number <= static_cast<int>(last); ++number) {
    out = static_cast<Enum>(number);
    if (to_string(out) == text) return {};
  }
  return value.mistake();
}

template <class Element, class Read>
Result<> read_list(const JsonValue& object, std::string_view name, std::size_t count_max, std::vector<Element>& out,
                   const Read& read) {
  TILLKIT_TRY(const JsonValue value, object.member(name));
  TILLKIT_TRY(const core::JsonElements elements, value.elements());
  if (value.size() > count_max) return value.mistake(ErrorCode::Exhausted);
  for (const JsonValue element : elements)
    TILLKIT_TRY_VOID(read(element, out.emplace_back()));
  return {};
}

/// A list that is left out where it is empty.
template <class Element, class Read>
Result<> find_list(const JsonValue& object, std::string_view name, std::size_t count_max, std::vector<Element>& out,
                   const Read& read) {
  const auto value = object.find(name);
  if (!value) return {};
  TILLKIT_TRY_VOID(read_list(object, name, count_max, out, read));
  return out.empty() ? Result<>(value->mistake()) : Result<>{};
}

Result<> read_moment(const JsonValue& object, std::string_view name, core::WallReading& out) {
  TILLKIT_TRY(const JsonValue value, object.member(name));
  TILLKIT_TRY_VOID(only(value, detail::kMomentMembers));
  TILLKIT_TRY(const JsonValue at, value.member("at"));
  TILLKIT_TRY(const std::string_view text, at.text());
  const auto moment = core::parse_rfc3339(text);
  if (!moment) return at.mistake();
  out.at = *moment;
  return read_choice(value, "quality", out.quality, core::WallQuality::Unknown, core::WallQuality::Trusted);
}

Result<> read_header(const JsonValue& value, ReceiptHeader& out) {
  TILLKIT_TRY_VOID(only(value, detail::kHeaderMembers));
  TILLKIT_TRY_VOID(read_text(value, "merchant", out.merchant));
  TILLKIT_TRY_VOID(find_text(value, "tax_number", out.tax_number));
  TILLKIT_TRY_VOID(read_text(value, "store", out.store));
  TILLKIT_TRY_VOID(find_text(value, "address", out.address));
  TILLKIT_TRY_VOID(read_text(value, "terminal", out.terminal));
  TILLKIT_TRY_VOID(find_text(value, "operator", out.operator_name));
  TILLKIT_TRY_VOID(read_id(value, "sale", out.sale));
  TILLKIT_TRY_VOID(read_moment(value, "at", out.at));
  std::int64_t offset = 0;
  const std::int64_t most = core::kUtcOffsetMax.count();
  TILLKIT_TRY_VOID(read_number(value, "utc_offset_min", offset, -most, most));
  out.utc_offset = std::chrono::minutes{offset};
  return find_text(value, "fapiao_link", out.fapiao_link);
}

Result<> read_rate(const JsonValue& object, std::string_view name, core::BasisPoints& out) {
  std::int32_t rate = 0;
  TILLKIT_TRY_VOID(read_number(object, name, rate, 0, core::kWhole.value()));
  out = core::BasisPoints{rate};
  return {};
}

Result<> read_discount(const JsonValue& value, ReceiptDiscount& out) {
  TILLKIT_TRY_VOID(only(value, detail::kDiscountMembers));
  TILLKIT_TRY_VOID(read_number(value, "use", out.use, 0, static_cast<std::int64_t>(kUsesMax)));
  return read_number(value, "amount", out.amount);
}

Result<> read_line(const JsonValue& value, ReceiptLine& out) {
  TILLKIT_TRY_VOID(only(value, detail::kLineMembers));
  TILLKIT_TRY_VOID(read_text(value, "name", out.name));
  std::int64_t count = 0;
  core::QuantityUnit unit{};
  TILLKIT_TRY_VOID(read_number(value, "quantity", count));
  TILLKIT_TRY_VOID(read_choice(value, "unit", unit, core::QuantityUnit::Piece, core::QuantityUnit::Gram));
  TILLKIT_TRY(out.quantity, core::Quantity::make(count, unit));
  TILLKIT_TRY_VOID(read_number(value, "unit_price", out.unit_price));
  TILLKIT_TRY_VOID(find_number(value, "per_grams", out.per_grams));
  TILLKIT_TRY_VOID(read_number(value, "list", out.list));
  TILLKIT_TRY_VOID(find_list(value, "discounts", kUsesMax, out.discounts, read_discount));
  TILLKIT_TRY_VOID(read_number(value, "net", out.net));
  TILLKIT_TRY_VOID(read_rate(value, "tax_rate", out.tax_rate));
  TILLKIT_TRY_VOID(read_flag(value, "tax_included", out.tax_included));
  return read_number(value, "tax", out.tax);
}

Result<> read_funder(const JsonValue& value, ReceiptFunder& out) {
  TILLKIT_TRY_VOID(only(value, detail::kFunderMembers));
  TILLKIT_TRY_VOID(read_text(value, "name", out.name));
  return read_number(value, "amount", out.amount);
}

Result<> read_use(const JsonValue& value, ReceiptUse& out) {
  TILLKIT_TRY_VOID(only(value, detail::kUseMembers));
  TILLKIT_TRY_VOID(read_text(value, "name", out.name));
  TILLKIT_TRY_VOID(read_flag(value, "coupon", out.coupon));
  TILLKIT_TRY_VOID(read_flag(value, "under_lines", out.under_lines));
  TILLKIT_TRY_VOID(read_number(value, "discount", out.discount));
  return find_list(value, "funders", offers::kFundersMax, out.funders, read_funder);
}

Result<> read_gift(const JsonValue& value, ReceiptGift& out) {
  TILLKIT_TRY_VOID(only(value, detail::kGiftMembers));
  TILLKIT_TRY_VOID(read_text(value, "name", out.name));
  return read_number(value, "count", out.count);
}

Result<> read_tax(const JsonValue& value, ReceiptTax& out) {
  TILLKIT_TRY_VOID(only(value, detail::kTaxMembers));
  TILLKIT_TRY_VOID(read_rate(value, "rate", out.rate));
  TILLKIT_TRY_VOID(read_flag(value, "included", out.included));
  TILLKIT_TRY_VOID(read_number(value, "base", out.base));
  return read_number(value, "tax", out.tax);
}

Result<> read_tender(const JsonValue& value, ReceiptTender& out) {
  TILLKIT_TRY_VOID(only(value, detail::kTenderMembers));
  TILLKIT_TRY_VOID(read_choice(value, "kind", out.kind, payment::TenderKind::WalletCode, payment::TenderKind::Points));
  TILLKIT_TRY_VOID(find_text(value, "name", out.name));
  TILLKIT_TRY_VOID(find_text(value, "account", out.account));
  if (value.find("order")) TILLKIT_TRY_VOID(read_id(value, "order", out.order));
  if (value.find("transaction")) TILLKIT_TRY_VOID(read_id(value, "transaction", out.transaction));
  TILLKIT_TRY_VOID(read_number(value, "amount", out.amount));
  TILLKIT_TRY_VOID(find_number(value, "provider_discount", out.provider_discount));
  TILLKIT_TRY_VOID(find_number(value, "tendered", out.tendered));
  TILLKIT_TRY_VOID(find_number(value, "change", out.change));
  return find_number(value, "rounding", out.rounding, -offers::kAmountMax);
}

Result<> read_reference(const JsonValue& root, SaleReference& out) {
  const auto value = root.find("refers_to");
  if (!value) return {};
  TILLKIT_TRY_VOID(only(*value, detail::kReferenceMembers));
  TILLKIT_TRY_VOID(read_id(*value, "sale", out.sale));
  return read_moment(*value, "at", out.at);
}

}  // namespace

Result<std::string> to_json(const ReceiptData& receipt) {
  if (mistake_in(receipt) != ReceiptMistake::None) return fail(ErrorCode::InvalidArgument);
  JsonWriter json(kReceiptJsonLimits);
  json.begin_object().name("version").integer(detail::kVersion).name("kind").text(to_string(receipt.kind));
  json.name("copy").integer(receipt.copy);
  TILLKIT_TRY_VOID(write_header(json, receipt.header));
  if (!receipt.refers_to.sale.empty()) {
    json.name("refers_to").begin_object().name("sale").text(receipt.refers_to.sale.view()).name("at");
    TILLKIT_TRY_VOID(write_moment(json, receipt.refers_to.at));
    json.end_object();
  }
  json.name("currency").text(receipt.currency.alpha());
  write_list(json, "lines", receipt.lines, write_line);
  write_list(json, "uses", receipt.uses, write_use);
  write_list(json, "gifts", receipt.gifts, [](JsonWriter& out, const ReceiptGift& gift) {
    out.begin_object().name("name").text(gift.name).name("count").integer(gift.count).end_object();
  });
  write_list(json, "taxes", receipt.taxes, [](JsonWriter& out, const ReceiptTax& tax) {
    out.begin_object().name("rate").integer(tax.rate.value()).name("included").boolean(tax.included);
    out.name("base").integer(tax.base).name("tax").integer(tax.tax).end_object();
  });
  write_list(json, "tenders", receipt.tenders, write_tender);
  json.name("list").integer(receipt.list).name("discount").integer(receipt.discount).name("net").integer(receipt.net);
  json.name("tax").integer(receipt.tax).name("total").integer(receipt.total);
  if (receipt.points != 0) json.name("points").integer(receipt.points);
  json.end_object();
  return json.finish();
}

Result<ReceiptData> read_receipt(const JsonValue& value) {
  TILLKIT_TRY(const JsonValue version, value.member("version"));
  TILLKIT_TRY(const std::int64_t number, version.integer());
  if (number != detail::kVersion) return version.mistake(ErrorCode::Unsupported);
  TILLKIT_TRY_VOID(only(value, detail::kReceiptMembers));
  ReceiptData out;
  TILLKIT_TRY_VOID(read_choice(value, "kind", out.kind, ReceiptKind::Sale, ReceiptKind::NotCompleted));
  TILLKIT_TRY_VOID(read_number(value, "copy", out.copy, 0, std::numeric_limits<std::uint32_t>::max()));
  TILLKIT_TRY(const JsonValue header, value.member("header"));
  TILLKIT_TRY_VOID(read_header(header, out.header));
  TILLKIT_TRY_VOID(read_reference(value, out.refers_to));
  TILLKIT_TRY(const JsonValue currency, value.member("currency"));
  TILLKIT_TRY(const std::string_view alpha, currency.text());
  const auto known = core::find_currency(alpha);
  if (!known) return currency.mistake();
  out.currency = *known;
  TILLKIT_TRY_VOID(read_list(value, "lines", offers::kLinesMax, out.lines, read_line));
  TILLKIT_TRY_VOID(read_list(value, "uses", kUsesMax, out.uses, read_use));
  TILLKIT_TRY_VOID(read_list(value, "gifts", kGiftsMax, out.gifts, read_gift));
  TILLKIT_TRY_VOID(read_list(value, "taxes", offers::kLinesMax, out.taxes, read_tax));
  TILLKIT_TRY_VOID(read_list(value, "tenders", kTendersMax, out.tenders, read_tender));
  TILLKIT_TRY_VOID(read_number(value, "list", out.list));
  TILLKIT_TRY_VOID(read_number(value, "discount", out.discount));
  TILLKIT_TRY_VOID(read_number(value, "net", out.net));
  TILLKIT_TRY_VOID(read_number(value, "tax", out.tax));
  TILLKIT_TRY_VOID(read_number(value, "total", out.total, 0, std::numeric_limits<std::int64_t>::max()));
  if (value.find("points")) {
    TILLKIT_TRY_VOID(read_number(value, "points", out.points, 1, std::numeric_limits<std::int64_t>::max()));
  }
  if (mistake_in(out) != ReceiptMistake::None) return value.mistake();
  return out;
}

Result<ReceiptData> read_receipt(std::string_view json) {
  TILLKIT_TRY(const core::JsonDocument document, core::JsonDocument::parse(json, kReceiptJsonLimits));
  return read_receipt(document.root());
}

}  // namespace tillkit::receipt
