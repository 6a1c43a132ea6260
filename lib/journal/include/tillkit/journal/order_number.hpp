// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "tillkit/core/id.hpp"
#include "tillkit/core/order_number.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/journal/record.hpp"

namespace tillkit::journal {

using core::OrderNumber;

/// The terminal's name as order numbers begin with it.
using TerminalName = core::TextId<struct TerminalNameTag, 12, core::is_order_char>;

inline constexpr unsigned kOrderRandomBits = 50;
/// The last record that an order number can point to.
inline constexpr Seq kOrderSeqMax{(std::int64_t{1} << 50) - 1};

/// Writes terminal, seq in base 32, and 50 random bits as 10 digits; base 32 is Crockford's, without I, L, O, U. Only
/// the low 50 bits of `random` count: they keep two journals of one terminal (after a restore, a clone) apart.
/// - InvalidArgument: no terminal. - OutOfRange: `seq` is not from 1 to `kOrderSeqMax`.
[[nodiscard]] core::Result<OrderNumber> make_order_number(const TerminalName& terminal, Seq seq, std::uint64_t random);

/// Finds the record that an order number points to, without an index. The record's body holds the whole number:
/// compare, another journal of this terminal may have used the seq.
/// - NotFound: not one of this terminal's numbers.
[[nodiscard]] core::Result<Seq> seq_of(const OrderNumber& order, const TerminalName& terminal);

}  // namespace tillkit::journal
