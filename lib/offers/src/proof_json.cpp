// SPDX-License-Identifier: Apache-2.0
#include <span>
#include <string>

#include "document_names.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/offers/proof.hpp"

namespace tillkit::offers {
namespace {

using core::JsonWriter;

template <class List, class Enum>
std::string_view name_of(const List& names, Enum value) {
  return names[static_cast<std::size_t>(value)];
}

void write_coupon(JsonWriter& json, std::string_view name, const CouponId& coupon) {
  if (!coupon.empty()) json.name(name).text(coupon.view());
}

void write_funders(JsonWriter& json, std::span<const FunderShare> funders) {
  json.name("funders").begin_array();
  for (const FunderShare& funder : funders) {
    json.begin_object().name("funder").text(funder.funder.view());
    json.name("kind").text(name_of(detail::kFunderKindNames, funder.kind));
    json.name("amount").integer(funder.amount).end_object();
  }
  json.end_array();
}

void write_line(JsonWriter& json, const ProofLine& line) {
  json.begin_object().name("id").integer(line.id.value()).name("item").text(line.item.view());
  json.name("weighed").boolean(line.weighed).name("count").integer(line.count);
  json.name("unit_price").integer(line.unit_price).name("list").integer(line.list);
  json.name("discounts").begin_array();
  for (const LineDiscount& discount : line.discounts) {
    json.begin_object().name("use").integer(discount.use).name("amount").integer(discount.amount);
    write_funders(json, discount.funders);
    json.end_object();
  }
  json.end_array();
  json.name("net").integer(line.net).name("tax_rate").integer(line.tax_rate.value());
  json.name("tax_included").boolean(line.tax_included).name("tax").integer(line.tax);
  json.name("bands").begin_array();
  for (const UnitBand& band : line.bands) {
    json.begin_object().name("first").integer(band.first).name("count").integer(band.count);
    json.name("list").integer(band.list).name("net").integer(band.net).name("discounts").begin_array();
    for (const std::int64_t discount : band.discounts)
      json.integer(discount);
    json.end_array().end_object();
  }
  json.end_array();
  json.name("points").integer(line.points).name("points_numerator").integer(line.points_numerator);
  json.name("points_denominator").integer(line.points_denominator).end_object();
}

void write_use(JsonWriter& json, const ProofUse& use) {
  json.begin_object().name("offer").text(use.offer.view());
  write_coupon(json, "coupon", use.coupon);
  json.name("name").text(use.name).name("lane").text(name_of(detail::kLaneNames, use.lane));
  json.name("face").integer(use.face).name("discount").integer(use.discount);
  write_funders(json, use.funders);
  json.end_object();
}

void write_rejection(JsonWriter& json, const Rejection& rejection) {
  json.begin_object().name("offer").text(rejection.offer.view());
  write_coupon(json, "coupon", rejection.coupon);
  json.name("reason").text(to_string(rejection.reason));
  if (rejection.missing != 0) json.name("missing").integer(rejection.missing);
  if (!rejection.other.empty()) json.name("other").text(rejection.other.view());
  write_coupon(json, "other_coupon", rejection.other_coupon);
  if (!rejection.names.empty()) {
    json.name("names").begin_array();
    for (const Name& name : rejection.names)
      json.text(name.view());
    json.end_array();
  }
  const bool dated = rejection.reason == Reason::NotYetValid || rejection.reason == Reason::Expired;
  if (const auto at = core::format_rfc3339(rejection.at); dated && at) json.name("at").text(*at);
  json.name("text").text(rejection.text).end_object();
}

void write_extras(JsonWriter& json, const PriceProof& proof) {
  json.name("gifts").begin_array();
  for (const ProofGift& gift : proof.gifts) {
    json.begin_object().name("offer").text(gift.offer.view());
    write_coupon(json, "coupon", gift.coupon);
    json.name("item").text(gift.item.view()).name("count").integer(gift.count).end_object();
  }
  json.end_array().name("grants").begin_array();
  for (const ProofGrant& grant : proof.grants) {
    json.begin_object().name("offer").text(grant.offer.view());
    write_coupon(json, "coupon", grant.coupon);
    if (grant.coupon_template.empty()) {
      json.name("points").integer(grant.points);
    } else {
      json.name("coupon_template").text(grant.coupon_template.view()).name("count").integer(grant.count);
    }
    json.end_object();
  }
  json.end_array();
}

}  // namespace

core::Result<std::string> to_json(const PriceProof& proof) {
  core::JsonLimits limits;
  limits.bytes_max = kProofBytesMax;
  limits.values_max = kProofValuesMax;
  JsonWriter json(limits);
  json.begin_object().name("rules_version").text(proof.rules_version);
  json.name("currency").text(proof.currency.alpha());
  json.name("priced_at").begin_object();
  TILLKIT_TRY(const std::string at, core::format_rfc3339(proof.priced_at.at));
  json.name("at").text(at).name("quality").text(to_string(proof.priced_at.quality)).end_object();
  json.name("lines").begin_array();
  for (const ProofLine& line : proof.lines)
    write_line(json, line);
  json.end_array().name("uses").begin_array();
  for (const ProofUse& use : proof.uses)
    write_use(json, use);
  json.end_array();
  write_extras(json, proof);
  json.name("rejected").begin_array();
  for (const Rejection& rejection : proof.rejected)
    write_rejection(json, rejection);
  json.end_array();
  json.name("list").integer(proof.list).name("discount").integer(proof.discount).name("net").integer(proof.net);
  json.name("tax").integer(proof.tax).name("payable").integer(proof.payable).name("points").integer(proof.points);
  json.name("policy").text(name_of(detail::kPolicyNames, proof.policy));
  json.name("proven").boolean(proof.proven).name("gap").integer(proof.gap).end_object();
  return json.finish();
}

}  // namespace tillkit::offers
