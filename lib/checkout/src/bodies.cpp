// SPDX-License-Identifier: Apache-2.0
#include "bodies.hpp"

#include <algorithm>
#include <limits>
#include <span>

#include "tillkit/checkout/limits.hpp"
#include "tillkit/checkout/records.hpp"

namespace tillkit::checkout {

using core::ErrorCode;
using core::fail;
using core::JsonValue;
using core::JsonWriter;
using core::Money;
using core::Result;
using journal::SaleId;
using journal::Tx;

namespace {

/// Lines in one record: with names of the longest kind that is 60 KB.
constexpr std::size_t kLinesPerRecord = 100;
constexpr std::int64_t kNumberMax = std::numeric_limits<std::int64_t>::max();

Result<std::int64_t> read_between(const JsonValue& body, std::string_view name, std::int64_t min, std::int64_t max) {
  TILLKIT_TRY(const JsonValue value, body.member(name));
  return value.integer_in(min, max);
}

Result<offers::LineId> read_line_id(const JsonValue& body) {
  TILLKIT_TRY(const std::int64_t line, read_between(body, "line", 1, std::numeric_limits<std::int32_t>::max()));
  return offers::LineId(static_cast<std::uint32_t>(line));
}

void write_line(JsonWriter& json, const BasketLine& line) {
  json.begin_object().name("line").integer(line.id.value()).name("item").text(line.item.view());
  json.name("name").text(line.name).name("per_grams").integer(line.per_grams).name("count").integer(line.count);
  json.name("unit_price").integer(line.unit_price).name("list").integer(line.list);
  json.name("tax_rate").integer(line.tax_rate.value()).name("tax_included").boolean(line.tax_included);
  json.name("age").integer(line.minimum_age);
  if (line.slot != hal::SlotId{}) json.name("slot").integer(line.slot.value());
  if (line.asked) json.name("asked").boolean(true);
  if (line.mdb) json.name("mdb").integer(line.mdb->value());
  json.end_object();
}

void write_lines(JsonWriter& json, std::span<const BasketLine> lines) {
  json.name("lines").begin_array();
  for (const BasketLine& line : lines)
    write_line(json, line);
  json.end_array();
}

Result<BasketLine> read_line(const JsonValue& value) {
  BasketLine line;
  TILLKIT_TRY(line.id, read_line_id(value));
  TILLKIT_TRY(line.item, core::read_id<offers::Name>(value, "item"));
  TILLKIT_TRY(const JsonValue name, value.member("name"));
  TILLKIT_TRY(const std::string_view name_text, name.text());
  line.name = name_text;
  TILLKIT_TRY(line.per_grams, read_between(value, "per_grams", 0, core::kGramsMax));
  TILLKIT_TRY(line.count, read_between(value, "count", 1, offers::kLineCountMax));
  TILLKIT_TRY(line.unit_price, read_between(value, "unit_price", 0, kNumberMax));
  TILLKIT_TRY(line.list, read_between(value, "list", 0, kNumberMax));
  TILLKIT_TRY(const std::int64_t rate, read_between(value, "tax_rate", 0, core::kWhole.value()));
  line.tax_rate = core::BasisPoints(static_cast<std::int32_t>(rate));
  TILLKIT_TRY(line.tax_included, read_boolean(value, "tax_included"));
  TILLKIT_TRY(const std::int64_t age, read_between(value, "age", 0, catalog::kMinimumAgeMax));
  line.minimum_age = static_cast<int>(age);
  if (const auto slot = value.find("slot")) {
    TILLKIT_TRY(const std::int64_t number, slot->integer_in(1, std::numeric_limits<std::uint16_t>::max()));
    line.slot = hal::SlotId(static_cast<std::uint16_t>(number));
  }
  if (const auto asked = value.find("asked")) {
    TILLKIT_TRY(line.asked, asked->boolean());
  }
  if (const auto mdb = value.find("mdb")) {
    TILLKIT_TRY(const std::int64_t number, mdb->integer_in(0, fulfilment::kMdbItemUnknown.value() - 1));
    line.mdb = fulfilment::MdbItem(static_cast<std::uint16_t>(number));
  }
  return line;
}

/// So many bytes from `offset` on that no UTF-8 character is cut.
std::size_t piece_at(std::string_view text, std::size_t offset) {
  std::size_t size = std::min(kProofPartBytes, text.size() - offset);
  const auto is_inside = [&](std::size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
  };
  while (size > 1 && is_inside(offset + size))
    --size;
  return size;
}

}  // namespace

Result<SaleState> read_state(const JsonValue& body, std::string_view name) {
  TILLKIT_TRY(const std::int64_t number, read_between(body, name, 1, static_cast<std::int64_t>(kSaleStates)));
  return static_cast<SaleState>(number);
}

Result<> append_priced(Tx& tx, journal::Kind kind, SaleId sale, const PricedBody& body) {
  const std::span<const BasketLine> lines(body.lines);
  const std::size_t first = std::min(lines.size(), kLinesPerRecord);
  TILLKIT_TRY_VOID(append_with(tx, kind, sale, [&](JsonWriter& json) {
    write_money(json, "total", body.total);
    write_lines(json, lines.first(first));
    json.name("removed").integer(body.removed).name("age").integer(body.age);
  }));
  for (std::size_t at = first; at < lines.size(); at += kLinesPerRecord) {
    TILLKIT_TRY_VOID(append_with(tx, kSaleLines, sale, [&](JsonWriter& json) {
      write_lines(json, lines.subspan(at, std::min(kLinesPerRecord, lines.size() - at)));
    }));
  }
  return {};
}

Result<> read_lines(const JsonValue& body, std::vector<BasketLine>& lines) {
  TILLKIT_TRY(const JsonValue stored, body.member("lines"));
  TILLKIT_TRY(const core::JsonElements elements, stored.elements());
  for (const JsonValue value : elements) {
    TILLKIT_TRY(BasketLine line, read_line(value));
    lines.push_back(std::move(line));
  }
  return {};
}

Result<PricedBody> read_priced(const JsonValue& body) {
  PricedBody priced;
  TILLKIT_TRY(priced.total, read_money(body, "total"));
  TILLKIT_TRY_VOID(read_lines(body, priced.lines));
  TILLKIT_TRY(const std::int64_t removed, read_between(body, "removed", 0, std::numeric_limits<std::int32_t>::max()));
  priced.removed = static_cast<std::uint32_t>(removed);
  TILLKIT_TRY(const std::int64_t age, read_between(body, "age", 0, catalog::kMinimumAgeMax));
  priced.age = static_cast<int>(age);
  return priced;
}

Result<> append_proof(Tx& tx, SaleId sale, std::string_view proof) {
  if (proof.size() <= kProofPartBytes) {
    TILLKIT_TRY([[maybe_unused]] const journal::Seq seq, tx.append({.kind = kPriceProof, .sale = sale, .body = proof}));
    return {};
  }
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at < proof.size(); at += parts.back().size())
    parts.push_back(proof.substr(at, piece_at(proof, at)));
  if (parts.size() > kProofPartsMax) return fail(ErrorCode::Exhausted);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    TILLKIT_TRY_VOID(append_with(tx, kPriceProofPart, sale, [&](JsonWriter& json) {
      json.name("part").integer(i + 1).name("parts").integer(parts.size()).name("text").text(parts[i]);
    }));
  }
  return {};
}

Result<> append_cash(Tx& tx, SaleId sale, const payment::CashSettlement& settlement) {
  TILLKIT_TRY(const Money tendered, core::checked_add(settlement.taken, settlement.change));
  TILLKIT_TRY(const Money settled, core::checked_add(settlement.taken, settlement.rounding));
  return append_with(tx, kCashTaken, sale, [&](JsonWriter& json) {
    write_money(json, "due", settlement.due);
    write_money(json, "tendered", tendered);
    write_money(json, "change", settlement.change);
    write_money(json, "rounding", settlement.rounding);
    write_money(json, "settled", settled);
  });
}

Result<CashBody> read_cash(const JsonValue& body) {
  CashBody cash;
  TILLKIT_TRY(cash.due, read_money(body, "due"));
  TILLKIT_TRY(cash.tendered, read_money(body, "tendered"));
  TILLKIT_TRY(cash.change, read_money(body, "change"));
  TILLKIT_TRY(cash.rounding, read_money(body, "rounding"));
  TILLKIT_TRY(cash.settled, read_money(body, "settled"));
  return cash;
}

Result<> append_cash_returned(Tx& tx, SaleId sale, const CashReturn& cash) {
  return append_with(tx, kCashReturned, sale, [&](JsonWriter& json) {
    write_money(json, "amount", cash.amount);
    write_money(json, "settled", cash.settled);
  });
}

Result<CashReturn> read_cash_returned(const JsonValue& body) {
  CashReturn cash;
  TILLKIT_TRY(cash.amount, read_money(body, "amount"));
  TILLKIT_TRY(cash.settled, read_money(body, "settled"));
  return cash;
}

Result<> append_return(Tx& tx, SaleId sale, const ReturnBody& body) {
  return append_with(tx, kReturnStarted, sale, [&](JsonWriter& json) {
    json.name("of").integer(body.of.value()).name("units").begin_array();
    for (const offers::UnitRange& range : body.units) {
      json.begin_object().name("line").integer(range.line.value()).name("first").integer(range.first);
      json.name("count").integer(range.count).end_object();
    }
    json.end_array();
    write_money(json, "amount", body.amount);
    json.name("whole").boolean(body.whole).name("by").text(body.by.view());
  });
}

Result<ReturnBody> read_return(const JsonValue& body) {
  ReturnBody back;
  TILLKIT_TRY(const std::int64_t of, read_between(body, "of", 1, kNumberMax));
  back.of = SaleId(of);
  TILLKIT_TRY(const JsonValue units, body.member("units"));
  TILLKIT_TRY(const core::JsonElements elements, units.elements());
  for (const JsonValue value : elements) {
    offers::UnitRange range;
    TILLKIT_TRY(range.line, read_line_id(value));
    TILLKIT_TRY(range.first, read_between(value, "first", 1, kNumberMax));
    TILLKIT_TRY(range.count, read_between(value, "count", 1, kNumberMax));
    back.units.push_back(range);
  }
  TILLKIT_TRY(back.amount, read_money(body, "amount"));
  TILLKIT_TRY(back.whole, read_boolean(body, "whole"));
  TILLKIT_TRY(const JsonValue by, body.member("by"));
  TILLKIT_TRY(const std::string_view name, by.text());
  TILLKIT_TRY(back.by, journal::Operator::parse(name));
  return back;
}

}  // namespace tillkit::checkout
