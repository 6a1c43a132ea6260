// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tillkit/offers/proof.hpp"

namespace tillkit::offers::oracle {

/// Adds everything in a proof up again, row by row and column by column. Names the first law that does not hold, or
/// nothing.
[[nodiscard]] std::string broken_law(const PriceProof& proof, const RuleDocument& document);

}  // namespace tillkit::offers::oracle
