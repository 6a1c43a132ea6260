// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "document_reader.hpp"
#include "tillkit/offers/document.hpp"

namespace tillkit::offers {
namespace detail {
namespace {

using core::JsonValue;
using core::Result;

constexpr std::size_t kUsesMax = 10'000;
constexpr std::size_t kRejectionsMax = 100'000;
constexpr std::size_t kTextBytesMax = 1'024;
constexpr int kReasonLast = static_cast<int>(Reason::HigherPrice);
constexpr Range kTaxRates{0, 10'000};
constexpr Range kAny{0, std::numeric_limits<std::int64_t>::max()};
constexpr Range kDenominators{1, std::numeric_limits<std::int64_t>::max()};

/// Reads proofs member by member: all are there, or it is no proof.
class ProofReader {
 public:
  explicit ProofReader(DocumentReader& in) : in_(in) {}

  Result<PriceProof> read(const JsonValue& root);

 private:
  template <class Integer>
  Result<> number(const JsonValue& object, std::string_view member, Integer& out, Range range = kAnyAmount) {
    TILLKIT_TRY_VOID(in_.required(object, member));
    return in_.integer(object, member, out, range);
  }
  Result<> flag(const JsonValue& object, std::string_view member, bool& out) {
    TILLKIT_TRY_VOID(in_.required(object, member));
    return in_.boolean(object, member, out);
  }
  template <class Enum>
  Result<> choice(const JsonValue& object, std::string_view member, Enum& out, Names names) {
    TILLKIT_TRY_VOID(in_.required(object, member));
    return in_.choice(object, member, out, names);
  }
  template <class Id>
  Result<> id(const JsonValue& object, std::string_view member, Id& out) {
    TILLKIT_TRY_VOID(in_.required(object, member));
    return in_.id(object, member, out);
  }
  /// An id that may be empty: the member is left out then.
  template <class Id>
  Result<> optional_id(const JsonValue& object, std::string_view member, Id& out) {
    const auto value = object.find(member);
    if (value && value->text().value_or("-").empty()) return {};
    return in_.id(object, member, out);
  }
  Result<> text(const JsonValue& object, std::string_view member, std::string& out) {
    TILLKIT_TRY(const JsonValue value, in_.required(object, member));
    const auto read = value.text();
    if (!read || read->size() > kTextBytesMax) return in_.wrong(value, "a text");
    out = *read;
    return {};
  }
  template <class Read>
  Result<> each(const JsonValue& object, std::string_view member, std::size_t count_max, const Read& read) {
    TILLKIT_TRY(const JsonValue array, in_.required(object, member));
    TILLKIT_TRY(const core::JsonElements list, in_.elements(array, member, count_max));
    for (const JsonValue value : list)
      TILLKIT_TRY_VOID(read(value));
    return {};
  }

  Result<> read_moment(const JsonValue& root);
  Result<> read_funders(const JsonValue& object, std::int64_t whole, std::vector<FunderShare>& out);
  Result<> read_use(const JsonValue& value);
  Result<> read_line(const JsonValue& value);
  Result<> read_discounts(const JsonValue& object, ProofLine& line);
  Result<> read_bands(const JsonValue& object, ProofLine& line);
  Result<> read_gift(const JsonValue& value);
  Result<> read_grant(const JsonValue& value);
  Result<> read_rejection(const JsonValue& value);
  Result<> check_totals(const JsonValue& root);

  DocumentReader& in_;
  PriceProof proof_;
};

Result<> ProofReader::read_moment(const JsonValue& root) {
  TILLKIT_TRY(const JsonValue value, in_.required(root, "priced_at"));
  TILLKIT_TRY_VOID(in_.only(value, kMomentMembers));
  TILLKIT_TRY_VOID(in_.required(value, "at"));
  TILLKIT_TRY_VOID(in_.moment(value, "at", proof_.priced_at.at));
  return choice(value, "quality", proof_.priced_at.quality, kClockNames);
}

Result<> ProofReader::read_funders(const JsonValue& object, std::int64_t whole, std::vector<FunderShare>& out) {
  const auto read_share = [&](const JsonValue& value) -> Result<> {
    FunderShare share;
    TILLKIT_TRY_VOID(in_.only(value, kFunderShareMembers));
    TILLKIT_TRY_VOID(id(value, "funder", share.funder));
    TILLKIT_TRY_VOID(choice(value, "kind", share.kind, kFunderKindNames));
    TILLKIT_TRY_VOID(number(value, "amount", share.amount));
    whole -= share.amount;
    out.push_back(share);
    return {};
  };
  TILLKIT_TRY_VOID(each(object, "funders", kFundersMax, read_share));
  if (whole != 0) return in_.wrong(object, "amounts of funders that add up to the discount");
  return {};
}

Result<> ProofReader::read_use(const JsonValue& value) {
  ProofUse& use = proof_.uses.emplace_back();
  TILLKIT_TRY_VOID(in_.only(value, kProofUseMembers));
  TILLKIT_TRY_VOID(id(value, "offer", use.offer));
  TILLKIT_TRY_VOID(optional_id(value, "coupon", use.coupon));
  TILLKIT_TRY_VOID(text(value, "name", use.name));
  TILLKIT_TRY_VOID(choice(value, "lane", use.lane, kLaneNames));
  TILLKIT_TRY_VOID(number(value, "face", use.face, kAny));
  TILLKIT_TRY_VOID(number(value, "discount", use.discount));
  return read_funders(value, use.discount, use.funders);
}

Result<> ProofReader::read_discounts(const JsonValue& object, ProofLine& line) {
  std::int64_t left = line.list;
  const auto read_discount = [&](const JsonValue& value) -> Result<> {
    LineDiscount& discount = line.discounts.emplace_back();
    TILLKIT_TRY_VOID(in_.only(value, kLineDiscountMembers));
    TILLKIT_TRY_VOID(number(value, "use", discount.use, {0, static_cast<std::int64_t>(proof_.uses.size()) - 1}));
    TILLKIT_TRY_VOID(number(value, "amount", discount.amount));
    left -= discount.amount;
    return read_funders(value, discount.amount, discount.funders);
  };
  TILLKIT_TRY_VOID(each(object, "discounts", kUsesMax, read_discount));
  if (left != line.net) return in_.wrong(object, "discounts that add up to list - net");
  return {};
}

Result<> ProofReader::read_bands(const JsonValue& object, ProofLine& line) {
  const std::int64_t units = line.weighed ? 1 : line.count;
  std::int64_t next = 1;
  std::int64_t list = 0;
  std::int64_t net = 0;
  std::vector<std::int64_t> discounts(line.discounts.size());
  const auto read_band = [&](const JsonValue& value) -> Result<> {
    UnitBand& band = line.bands.emplace_back();
    TILLKIT_TRY_VOID(in_.only(value, kBandMembers));
    TILLKIT_TRY_VOID(number(value, "first", band.first, {next, next}));
    TILLKIT_TRY_VOID(number(value, "count", band.count, {1, units - next + 1}));
    TILLKIT_TRY_VOID(number(value, "list", band.list));
    TILLKIT_TRY_VOID(number(value, "net", band.net, {0, band.list}));
    std::int64_t left = band.list;
    const auto read_amount = [&](const JsonValue& amount) -> Result<> {
      TILLKIT_TRY(const std::int64_t minor, in_.integer_in(amount, kAnyAmount));
      band.discounts.push_back(minor);
      left -= minor;
      return {};
    };
    TILLKIT_TRY_VOID(each(value, "discounts", kUsesMax, read_amount));
    if (band.discounts.size() != discounts.size() || left != band.net) {
      return in_.wrong(value, "each discount of the line, and that they add up to list - net");
    }
    for (std::size_t i = 0; i < discounts.size(); ++i)
      discounts[i] += band.discounts[i] * band.count;
    next += band.count;
    list += band.list * band.count;
    net += band.net * band.count;
    return {};
  };
  TILLKIT_TRY_VOID(each(object, "bands", kLineCountMax, read_band));
  bool fits = next == units + 1 && list == line.list && net == line.net;
  for (std::size_t i = 0; i < discounts.size(); ++i)
    fits = fits && discounts[i] == line.discounts[i].amount;
  if (!fits) return in_.wrong(object, "bands that add up to the line");
  return {};
}

Result<> ProofReader::read_line(const JsonValue& value) {
  ProofLine line;
  std::uint32_t id_number = 0;
  std::int64_t tax_rate = 0;
  TILLKIT_TRY_VOID(in_.only(value, kProofLineMembers));
  TILLKIT_TRY_VOID(number(value, "id", id_number, {0, std::numeric_limits<std::uint32_t>::max()}));
  line.id = LineId(id_number);
  if (!proof_.lines.empty() && line.id <= proof_.lines.back().id)
    return in_.wrong(value, "lines in the order of their ids");
  TILLKIT_TRY_VOID(optional_id(value, "item", line.item));
  TILLKIT_TRY_VOID(flag(value, "weighed", line.weighed));
  TILLKIT_TRY_VOID(number(value, "count", line.count, kSomeCount));
  TILLKIT_TRY_VOID(number(value, "unit_price", line.unit_price));
  TILLKIT_TRY_VOID(number(value, "list", line.list));
  TILLKIT_TRY_VOID(number(value, "net", line.net, {0, line.list}));
  TILLKIT_TRY_VOID(number(value, "tax_rate", tax_rate, kTaxRates));
  line.tax_rate = core::BasisPoints(static_cast<std::int32_t>(tax_rate));
  TILLKIT_TRY_VOID(flag(value, "tax_included", line.tax_included));
  TILLKIT_TRY_VOID(number(value, "tax", line.tax));
  TILLKIT_TRY_VOID(number(value, "points", line.points, kAny));
  TILLKIT_TRY_VOID(number(value, "points_numerator", line.points_numerator, kAny));
  TILLKIT_TRY_VOID(number(value, "points_denominator", line.points_denominator, kDenominators));
  TILLKIT_TRY_VOID(read_discounts(value, line));
  TILLKIT_TRY_VOID(read_bands(value, line));
  proof_.lines.push_back(std::move(line));
  return {};
}

Result<> ProofReader::read_gift(const JsonValue& value) {
  ProofGift& gift = proof_.gifts.emplace_back();
  TILLKIT_TRY_VOID(in_.only(value, kProofGiftMembers));
  TILLKIT_TRY_VOID(id(value, "offer", gift.offer));
  TILLKIT_TRY_VOID(optional_id(value, "coupon", gift.coupon));
  TILLKIT_TRY_VOID(id(value, "item", gift.item));
  return number(value, "count", gift.count, kSomeCount);
}

Result<> ProofReader::read_grant(const JsonValue& value) {
  ProofGrant& grant = proof_.grants.emplace_back();
  TILLKIT_TRY_VOID(in_.only(value, kProofGrantMembers));
  TILLKIT_TRY_VOID(id(value, "offer", grant.offer));
  TILLKIT_TRY_VOID(optional_id(value, "coupon", grant.coupon));
  if (!value.find("coupon_template")) return number(value, "points", grant.points, kAny);
  TILLKIT_TRY_VOID(in_.not_both(value, "coupon_template", "points"));
  TILLKIT_TRY_VOID(id(value, "coupon_template", grant.coupon_template));
  return number(value, "count", grant.count, kSomeCount);
}

Result<> ProofReader::read_rejection(const JsonValue& value) {
  Rejection& rejection = proof_.rejected.emplace_back();
  TILLKIT_TRY_VOID(in_.only(value, kRejectionMembers));
  TILLKIT_TRY_VOID(id(value, "offer", rejection.offer));
  TILLKIT_TRY_VOID(optional_id(value, "coupon", rejection.coupon));
  TILLKIT_TRY(const JsonValue reason, in_.required(value, "reason"));
  const std::string_view name = reason.text().value_or("");
  for (int number = 1; number <= kReasonLast && to_string(rejection.reason) != name; ++number)
    rejection.reason = static_cast<Reason>(number);
  if (to_string(rejection.reason) != name) return in_.wrong(reason, "a reason such as \"needs_amount\"");
  TILLKIT_TRY_VOID(in_.integer(value, "missing", rejection.missing, kAny));
  TILLKIT_TRY_VOID(optional_id(value, "other", rejection.other));
  TILLKIT_TRY_VOID(optional_id(value, "other_coupon", rejection.other_coupon));
  TILLKIT_TRY_VOID(in_.names(value, "names", rejection.names, {0, kScopeNamesMax}));
  TILLKIT_TRY_VOID(in_.moment(value, "at", rejection.at));
  return text(value, "text", rejection.text);
}

Result<> ProofReader::check_totals(const JsonValue& root) {
  PriceProof sum;
  std::vector<std::int64_t> uses(proof_.uses.size());
  for (const ProofLine& line : proof_.lines) {
    sum.list += line.list;
    sum.net += line.net;
    sum.tax += line.tax;
    sum.payable += line.net + (line.tax_included ? 0 : line.tax);
    sum.points += line.points;
    for (const LineDiscount& discount : line.discounts)
      uses[discount.use] += discount.amount;
  }
  for (std::size_t i = 0; i < uses.size(); ++i) {
    if (uses[i] != proof_.uses[i].discount) return in_.wrong(root, "uses that add up over the lines");
  }
  if (sum.list != proof_.list || sum.net != proof_.net || sum.tax != proof_.tax || sum.payable != proof_.payable ||
      sum.points != proof_.points || proof_.list - proof_.discount != proof_.net) {
    return in_.wrong(root, "totals that the lines add up to");
  }
  return {};
}

Result<PriceProof> ProofReader::read(const JsonValue& root) {
  TILLKIT_TRY_VOID(in_.only(root, kProofMembers));
  TILLKIT_TRY_VOID(text(root, "rules_version", proof_.rules_version));
  TILLKIT_TRY(const JsonValue currency, in_.required(root, "currency"));
  TILLKIT_TRY(proof_.currency, in_.currency(currency));
  TILLKIT_TRY_VOID(read_moment(root));
  // Before the lines: their discounts name them.
  TILLKIT_TRY_VOID(each(root, "uses", kUsesMax, [this](const JsonValue& value) { return read_use(value); }));
  TILLKIT_TRY_VOID(each(root, "lines", kLinesMax, [this](const JsonValue& value) { return read_line(value); }));
  TILLKIT_TRY_VOID(each(root, "gifts", kOffersMax, [this](const JsonValue& value) { return read_gift(value); }));
  TILLKIT_TRY_VOID(each(root, "grants", kOffersMax, [this](const JsonValue& value) { return read_grant(value); }));
  TILLKIT_TRY_VOID(
      each(root, "rejected", kRejectionsMax, [this](const JsonValue& value) { return read_rejection(value); }));
  TILLKIT_TRY_VOID(number(root, "list", proof_.list));
  TILLKIT_TRY_VOID(number(root, "discount", proof_.discount));
  TILLKIT_TRY_VOID(number(root, "net", proof_.net));
  TILLKIT_TRY_VOID(number(root, "tax", proof_.tax));
  TILLKIT_TRY_VOID(number(root, "payable", proof_.payable, kAny));
  TILLKIT_TRY_VOID(number(root, "points", proof_.points, kAny));
  TILLKIT_TRY_VOID(choice(root, "policy", proof_.policy, kPolicyNames));
  TILLKIT_TRY_VOID(flag(root, "proven", proof_.proven));
  TILLKIT_TRY_VOID(number(root, "gap", proof_.gap));
  TILLKIT_TRY_VOID(check_totals(root));
  return std::move(proof_);
}

}  // namespace
}  // namespace detail

core::Result<PriceProof> read_proof(std::string_view json, DocumentMistake& mistake) {
  TILLKIT_TRY(const core::JsonDocument document, detail::parse_document(json, kProofJsonLimits, mistake));
  detail::DocumentReader in{core::Currency{}};
  auto proof = detail::ProofReader(in).read(document.root());
  if (!proof) mistake = in.mistake(json, document);
  return proof;
}

}  // namespace tillkit::offers
