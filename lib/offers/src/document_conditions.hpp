// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "document_reader.hpp"

namespace tillkit::offers::detail {

[[nodiscard]] core::Result<> read_scope(DocumentReader& in, const core::JsonValue& value, Scope& scope);

/// `depth` counts from 1.
[[nodiscard]] core::Result<> read_condition(DocumentReader& in, const core::JsonValue& value, std::size_t depth,
                                            Condition& condition);

}  // namespace tillkit::offers::detail
