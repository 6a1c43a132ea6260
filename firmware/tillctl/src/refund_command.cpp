// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "commands.hpp"
#include "explain.hpp"
#include "files.hpp"
#include "proof_file.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/offers/document.hpp"
#include "tillkit/offers/proof.hpp"

namespace tillctl {
namespace {

namespace core = tillkit::core;
namespace offers = tillkit::offers;

constexpr std::string_view kCommand = "refund-preview";

/// `LINE`, `LINE:COUNT` or `LINE:FIRST-LAST`, as written.
struct Wanted {
  std::uint32_t line = 0;
  std::int64_t first = 0;  ///< 0: whichever are left.
  std::int64_t count = 0;  ///< 0: all of them.
};

struct RefundRequest {
  std::string_view proof;
  std::vector<Wanted> before;
  std::vector<Wanted> now;
  bool explain = false;
};

template <class Integer>
bool read_number(std::string_view text, Integer& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size() && out >= 1;
}

std::optional<Wanted> read_wanted(std::string_view text) {
  Wanted wanted;
  const std::size_t colon = text.find(':');
  if (!read_number(text.substr(0, colon), wanted.line)) return std::nullopt;
  if (colon == std::string_view::npos) return wanted;
  const std::string_view units = text.substr(colon + 1);
  const std::size_t dash = units.find('-');
  if (dash == std::string_view::npos) return read_number(units, wanted.count) ? std::optional(wanted) : std::nullopt;
  std::int64_t last = 0;
  if (!read_number(units.substr(0, dash), wanted.first) || !read_number(units.substr(dash + 1), last))
    return std::nullopt;
  if (last < wanted.first || last > offers::kLineCountMax) return std::nullopt;
  wanted.count = last - wanted.first + 1;
  return wanted;
}

/// Reads the command line; else the exit status.
std::optional<int> read_arguments(Arguments arguments, RefundRequest& request) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--explain") {
      request.explain = true;
    } else if (argument == "--return" || argument == "--before") {
      auto& list = argument == "--return" ? request.now : request.before;
      const std::size_t given = list.size();
      for (; i + 1 < arguments.size() && !arguments[i + 1].starts_with("--"); ++i) {
        const auto wanted = read_wanted(arguments[i + 1]);
        if (!wanted && list.size() > given) break;  // the proof's name
        if (!wanted)
          return usage_error(kCommand, "expected LINE, LINE:COUNT or LINE:FIRST-LAST, not", arguments[i + 1]);
        list.push_back(*wanted);
      }
      if (list.size() == given) return usage_error(kCommand, "nothing after", argument);
    } else if (argument.starts_with("--") || !request.proof.empty()) {
      return usage_error(kCommand, "unknown argument", argument);
    } else {
      request.proof = argument;
    }
  }
  if (request.proof.empty()) return usage_error(kCommand, "missing", "PROOF.json");
  if (request.now.empty()) return usage_error(kCommand, "missing", "--return LINE[:UNITS]");
  return std::nullopt;
}

/// Hands out units of the lines of one sale.
class Units {
 public:
  explicit Units(const offers::PriceProof& proof) {
    for (const offers::ProofLine& line : proof.lines)
      taken_[line.id.value()].resize(static_cast<std::size_t>(line.weighed ? 1 : line.count));
  }

  /// False: no such line, or not so many units left.
  bool take(const Wanted& wanted, std::vector<offers::UnitRange>& out) {
    const auto line = taken_.find(wanted.line);
    if (line == taken_.end()) return false;
    if (wanted.first != 0) {
      // Exactly these; whether they are there to be returned the library says.
      out.push_back({offers::LineId(wanted.line), wanted.first, wanted.count});
      const auto units = static_cast<std::int64_t>(line->second.size());
      for (std::int64_t unit = wanted.first; unit < wanted.first + wanted.count && unit <= units; ++unit)
        line->second[static_cast<std::size_t>(unit - 1)] = true;
      return true;
    }
    std::int64_t left = wanted.count == 0 ? static_cast<std::int64_t>(line->second.size()) : wanted.count;
    const std::size_t ranges = out.size();
    for (std::size_t unit = 0; unit < line->second.size() && left > 0; ++unit) {
      if (line->second[unit]) continue;
      line->second[unit] = true;
      --left;
      const auto number = static_cast<std::int64_t>(unit) + 1;
      const bool next = out.size() > ranges && out.back().first + out.back().count == number;
      if (next) {
        ++out.back().count;
      } else {
        out.push_back({offers::LineId(wanted.line), number, 1});
      }
    }
    return out.size() > ranges && (wanted.count == 0 || left == 0);
  }

 private:
  std::map<std::uint32_t, std::vector<bool>> taken_;
};

void write_funders(core::JsonWriter& json, const std::vector<offers::FunderShare>& funders) {
  json.name("funders").begin_array();
  for (const offers::FunderShare& share : funders) {
    json.begin_object().name("funder").text(share.funder.view()).name("kind").text(to_string(share.kind));
    json.name("amount").integer(share.amount).end_object();
  }
  json.end_array();
}

void write_line(core::JsonWriter& json, const offers::RefundLine& line, const offers::PriceProof& proof) {
  json.begin_object().name("line").integer(line.line.value()).name("units").integer(line.units);
  json.name("list").integer(line.list).name("discounts").begin_array();
  for (const offers::RefundDiscount& discount : line.discounts) {
    const offers::ProofUse& use = proof.uses[discount.use];
    json.begin_object().name("use").integer(discount.use).name("offer").text(use.offer.view());
    json.name("amount").integer(discount.amount);
    write_funders(json, discount.funders);
    json.end_object();
  }
  json.end_array().name("net").integer(line.net).name("tax").integer(line.tax);
  json.name("payable").integer(line.payable).end_object();
}

core::Result<std::string> write_refund(const offers::Refund& refund, const offers::PriceProof& proof) {
  core::JsonWriter json(offers::kProofJsonLimits);
  json.begin_object().name("currency").text(proof.currency.alpha()).name("lines").begin_array();
  for (const offers::RefundLine& line : refund.lines)
    write_line(json, line, proof);
  json.end_array().name("list").integer(refund.list).name("discount").integer(refund.discount);
  json.name("net").integer(refund.net).name("tax").integer(refund.tax).name("payable").integer(refund.payable);
  json.name("points").integer(refund.points).name("coupons_back").begin_array();
  for (const offers::CouponId& coupon : refund.coupons_back)
    json.text(coupon.view());
  json.end_array().name("grants_void").begin_array();
  for (const std::uint32_t grant : refund.grants_void)
    json.integer(grant);
  json.end_array().name("gifts_back").begin_array();
  for (const std::uint32_t gift : refund.gifts_back)
    json.integer(gift);
  json.end_array().name("whole").boolean(refund.whole).end_object();
  return json.finish();
}

int no_units(const Wanted& wanted) {
  return failed(kCommand, "line " + std::to_string(wanted.line) + ": no such line, or not so many units left");
}

int preview(const RefundRequest& request) {
  const auto proof = read_proof_file(kCommand, request.proof);
  if (!proof) return kFailed;
  Units units(*proof);
  std::vector<offers::UnitRange> before;
  std::vector<offers::UnitRange> now;
  for (const Wanted& wanted : request.before)
    if (!units.take(wanted, before)) return no_units(wanted);
  for (const Wanted& wanted : request.now)
    if (!units.take(wanted, now)) return no_units(wanted);
  const auto refund = offers::refund(*proof, before, now);
  if (!refund && refund.error().code == core::ErrorCode::AlreadyExists) {
    return failed(kCommand, "a unit is returned twice: nothing is to be given back");
  }
  if (!refund) return failed(kCommand, "there are no such units in this sale");
  if (request.explain) {
    std::fputs(explain(*refund, *proof).c_str(), stdout);
    return kDone;
  }
  const auto written = write_refund(*refund, *proof);
  if (!written) return failed(kCommand, "the refund cannot be written as JSON");
  std::puts(written->c_str());
  return kDone;
}

}  // namespace

int run_refund_preview(Arguments arguments) {
  RefundRequest request;
  if (const auto status = read_arguments(arguments, request)) return *status;
  return preview(request);
}

}  // namespace tillctl
