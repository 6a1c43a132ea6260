// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "document_reader.hpp"

namespace tillkit::offers::detail {

/// `scope` is the offer's: parts of a bundle that name no goods are of it.
[[nodiscard]] core::Result<> read_effect(DocumentReader& in, const core::JsonValue& value, const Scope& scope,
                                         Effect& effect);

}  // namespace tillkit::offers::detail
