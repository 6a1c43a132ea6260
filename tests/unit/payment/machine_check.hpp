// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "../core/machine_check.hpp"

namespace tillkit::payment {

using core::check_each_pair;
using core::check_names;
using core::reachable;

}  // namespace tillkit::payment
