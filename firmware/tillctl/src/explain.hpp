// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "tillkit/offers/proof.hpp"

namespace tillctl {

/// What goods are called, by line; a line that is not in it is called by its item.
using LineNames = std::map<tillkit::offers::LineId, std::string>;

/// The price as a person reads it: lines with their discounts, who pays for them, what was not used and why.
std::string explain(const tillkit::offers::PriceProof& proof, const LineNames& names);

/// The same for a refund of that sale.
std::string explain(const tillkit::offers::Refund& refund, const tillkit::offers::PriceProof& proof);

}  // namespace tillctl
