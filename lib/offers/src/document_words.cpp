// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>

#include "document_names.hpp"
#include "tillkit/offers/document.hpp"

namespace tillkit::offers {

std::string_view to_string(Lane lane) {
  return detail::kLaneNames[static_cast<std::size_t>(lane)];
}

std::string_view to_string(FunderKind kind) {
  return detail::kFunderKindNames[static_cast<std::size_t>(kind)];
}

std::string_view to_string(Policy policy) {
  return detail::kPolicyNames[static_cast<std::size_t>(policy)];
}

core::Result<Policy> parse_policy(std::string_view name) {
  const auto found = std::ranges::find(detail::kPolicyNames, name);
  if (found == detail::kPolicyNames.end()) return core::fail(core::ErrorCode::InvalidArgument);
  return static_cast<Policy>(found - detail::kPolicyNames.begin());
}

}  // namespace tillkit::offers
