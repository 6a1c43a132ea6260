// SPDX-License-Identifier: Apache-2.0
#include "tillkit/ledger/lease.hpp"

namespace tillkit::ledger {

std::string_view to_string(Unit unit) {
  switch (unit) {
    case Unit::Points: return "points";
    case Unit::Value: return "value";
    case Unit::Budget: return "budget";
    case Unit::Risk: return "risk";
  }
  return "unknown";
}

}  // namespace tillkit::ledger
