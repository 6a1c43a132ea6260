// SPDX-License-Identifier: Apache-2.0
#include "tillkit/journal/order_number.hpp"

#include <string>
#include <string_view>

namespace tillkit::journal {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr unsigned kBitsPerDigit = 5;
constexpr std::size_t kRandomDigits = kOrderRandomBits / kBitsPerDigit;
constexpr std::size_t kSeqDigitsMax = 10;
static_assert(TerminalName::kLengthMax + kSeqDigitsMax + kRandomDigits == OrderNumber::kLengthMax);

std::string in_base_32(std::uint64_t value, std::size_t digits) {
  std::string text(digits, '0');
  for (std::size_t i = digits; i-- > 0; value >>= kBitsPerDigit)
    text[i] = kDigits[value & 0x1FU];
  return text;
}

std::size_t digits_of(std::uint64_t value) {
  std::size_t digits = 1;
  while ((value >>= kBitsPerDigit) != 0)
    ++digits;
  return digits;
}

}  // namespace

core::Result<OrderNumber> make_order_number(const TerminalName& terminal, Seq seq, std::uint64_t random) {
  if (terminal.empty()) return core::fail(core::ErrorCode::InvalidArgument);
  if (seq <= Seq{} || seq > kOrderSeqMax) return core::fail(core::ErrorCode::OutOfRange);
  const auto number = static_cast<std::uint64_t>(seq.value());
  return OrderNumber::parse(std::string(terminal.view()) + in_base_32(number, digits_of(number)) +
                            in_base_32(random, kRandomDigits));
}

core::Result<Seq> seq_of(const OrderNumber& order, const TerminalName& terminal) {
  std::string_view rest = order.view();
  if (terminal.empty() || !rest.starts_with(terminal.view())) return core::fail(core::ErrorCode::NotFound);
  rest.remove_prefix(terminal.view().size());
  if (rest.size() <= kRandomDigits || rest.size() > kRandomDigits + kSeqDigitsMax || rest.front() == '0') {
    return core::fail(core::ErrorCode::NotFound);
  }
  if (rest.find_first_not_of(kDigits) != std::string_view::npos) return core::fail(core::ErrorCode::NotFound);
  std::int64_t seq = 0;
  for (const char digit : rest.substr(0, rest.size() - kRandomDigits))
    seq = (seq << kBitsPerDigit) | static_cast<std::int64_t>(kDigits.find(digit));
  return Seq(seq);
}

}  // namespace tillkit::journal
