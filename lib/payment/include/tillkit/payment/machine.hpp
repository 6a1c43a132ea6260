// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tillkit/core/machine.hpp"

namespace tillkit::payment {

using core::covers_each_pair_once;
using core::EnumSet;
using core::ImpossiblePairs;
using core::Recovery;
using core::Row;
using core::Step;

}  // namespace tillkit::payment
