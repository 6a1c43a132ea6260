// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "tillkit/core/json.hpp"

namespace tillkit::conformance {

/// Holds a value against a JSON Schema of the contract; `root` is where `$ref` begins. Says what is wrong and where, or
/// none. It knows the keywords that the contract's answers use, and takes one that it does not know for a mistake.
[[nodiscard]] std::optional<std::string> wrong_by_schema(const core::JsonValue& root, const core::JsonValue& schema,
                                                         const core::JsonValue& value);

}  // namespace tillkit::conformance
