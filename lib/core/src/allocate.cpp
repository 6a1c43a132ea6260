// SPDX-License-Identifier: Apache-2.0
#include "tillkit/core/allocate.hpp"

#include <algorithm>
#include <array>

#include "tillkit/core/assert.hpp"
#include "wide.hpp"

namespace tillkit::core {
namespace {

using Weights = std::span<const std::int64_t>;
using Caps = std::span<const std::int64_t>;

/// A line whose share is still in proportion to its weight.
struct OpenLine {
  std::uint64_t share;      // the exact share, cut to whole units
  std::uint64_t remainder;  // what the cut took, in parts of the open lines' weight
  std::uint32_t line;
  std::uint32_t weight;
};

/// The lines that are not full, in the order of the sale. 24 KB, so only what lines use is ever touched.
// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init)
struct OpenLines {
  std::array<OpenLine, kAllocationLinesMax> lines;
  std::size_t count = 0;
  std::uint64_t units = 0;  // what they share

  [[nodiscard]] std::span<OpenLine> view() { return std::span(lines).first(count); }
};

std::uint64_t room_of(Caps caps, std::size_t line) {
  return caps.empty() ? UINT64_MAX : static_cast<std::uint64_t>(caps[line]);
}

bool is_exhausted(const OpenLines& open, Caps caps) {
  std::uint64_t room = 0;
  for (std::size_t i = 0; i < open.count; ++i) {
    if (__builtin_add_overflow(room, room_of(caps, open.lines[i].line), &room)) return false;
  }
  return room < open.units;
}

Result<> check(Weights weights, std::size_t share_count, Caps caps) {
  if (weights.size() != share_count) return fail(ErrorCode::InvalidArgument);
  if (!caps.empty() && caps.size() != weights.size()) return fail(ErrorCode::InvalidArgument);
  if (weights.size() > kAllocationLinesMax) return fail(ErrorCode::Exhausted);
  const auto is_wrong = [](std::int64_t weight) { return weight < 0 || weight > kAllocationWeightMax; };
  if (std::ranges::any_of(weights, is_wrong)) return fail(ErrorCode::InvalidArgument);
  if (std::ranges::any_of(caps, [](std::int64_t cap) { return cap < 0; })) return fail(ErrorCode::InvalidArgument);
  return {};
}

void open_lines(Weights weights, OpenLines& open) {
  const bool all_zero = std::ranges::all_of(weights, [](std::int64_t weight) { return weight == 0; });
  for (std::size_t line = 0; line < weights.size(); ++line) {
    const auto weight = static_cast<std::uint32_t>(all_zero ? 1 : weights[line]);
    if (weight != 0) open.lines[open.count++] = {0, 0, static_cast<std::uint32_t>(line), weight};
  }
}

/// Gives each open line its cut share. Lines above their cap take the cap and leave; false if there were any, because
/// the others' shares grow by what these could not take.
bool share_in_proportion(OpenLines& open, Caps caps, bool negative, std::span<std::int64_t> shares) {
  std::uint64_t weight_sum = 0;
  for (const OpenLine& line : open.view())
    weight_sum += line.weight;

  std::uint64_t taken = 0;
  std::size_t kept = 0;
  for (OpenLine& line : open.view()) {
    const auto exact = wide::divide(wide::multiply(open.units, line.weight), weight_sum);
    const std::uint64_t cap = room_of(caps, line.line);
    if (exact.quotient > cap || (exact.quotient == cap && exact.remainder > 0)) {
      shares[line.line] = wide::to_signed(negative, cap);
      taken += cap;
    } else {
      open.lines[kept++] = {exact.quotient, exact.remainder, line.line, line.weight};
    }
  }
  const bool settled = kept == open.count;
  open.count = kept;
  open.units -= taken;
  return settled;
}

/// Hands out what cutting left over: fewer units than there are lines that lost by it, so there is room for all.
void hand_out(OpenLines& open, AllocationRule rule, Caps caps) {
  std::uint64_t left = open.units;
  for (const OpenLine& line : open.view())
    left -= line.share;
  const auto give = [&](OpenLine& line, std::uint64_t units) {
    const std::uint64_t given = std::min({units, left, room_of(caps, line.line) - line.share});
    line.share += given;
    left -= given;
  };

  const std::span<OpenLine> lines = open.view();
  switch (rule) {
    case AllocationRule::LargestRemainder: {
      const auto loses_more = [](const OpenLine& a, const OpenLine& b) {
        return a.remainder != b.remainder ? a.remainder > b.remainder : a.line < b.line;
      };
      const auto middle = lines.begin() + static_cast<std::ptrdiff_t>(left);
      std::ranges::nth_element(lines, middle, loses_more);
      for (auto line = lines.begin(); line != middle; ++line)
        give(*line, 1);
      break;
    }
    case AllocationRule::FirstLines:
      for (OpenLine& line : lines)
        give(line, 1);
      break;
    case AllocationRule::LastLine:
      for (auto line = lines.rbegin(); line != lines.rend(); ++line)
        give(*line, left);
      break;
  }
  TILLKIT_ASSERT(left == 0);
}

}  // namespace

std::string_view to_string(AllocationRule rule) {
  switch (rule) {
    case AllocationRule::LargestRemainder: return "largest_remainder";
    case AllocationRule::FirstLines: return "first_lines";
    case AllocationRule::LastLine: return "last_line";
  }
  TILLKIT_ASSERT(false && "an AllocationRule outside the enumeration");
  return {};
}

Result<AllocationRule> parse_allocation_rule(std::string_view name) {
  for (const auto rule : {AllocationRule::LargestRemainder, AllocationRule::FirstLines, AllocationRule::LastLine}) {
    if (to_string(rule) == name) return rule;
  }
  return fail(ErrorCode::InvalidArgument);
}

Result<> allocate(std::int64_t amount, std::span<const std::int64_t> weights, std::span<std::int64_t> shares,
                  AllocationRule rule, std::span<const std::int64_t> caps) {
  TILLKIT_TRY_VOID(check(weights, shares.size(), caps));
  const bool negative = amount < 0;
  OpenLines open;
  open_lines(weights, open);
  open.units = wide::magnitude(amount);
  if (is_exhausted(open, caps)) return fail(ErrorCode::Exhausted);

  std::ranges::fill(shares, 0);
  if (open.units == 0) return {};
  while (!share_in_proportion(open, caps, negative, shares)) {
  }
  hand_out(open, rule, caps);
  for (const OpenLine& line : open.view())
    shares[line.line] = wide::to_signed(negative, line.share);
  return {};
}

Result<> allocate(const Money& amount, std::span<const std::int64_t> weights, std::span<Money> shares,
                  AllocationRule rule, std::span<const std::int64_t> caps_minor) {
  if (shares.size() > kAllocationLinesMax) return fail(ErrorCode::Exhausted);
  std::array<std::int64_t, kAllocationLinesMax> scratch;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  const auto minors = std::span(scratch).first(shares.size());
  TILLKIT_TRY_VOID(allocate(amount.minor, weights, minors, rule, caps_minor));
  for (std::size_t line = 0; line < shares.size(); ++line)
    shares[line] = Money{minors[line], amount.currency};
  return {};
}

}  // namespace tillkit::core
