// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tillkit/catalog/catalog.hpp"
#include "tillkit/core/currency.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/core/result.hpp"

namespace tillkit::catalog {

/// Reads a catalog from JSON, all of it or nothing; schema/catalog.schema.json describes the form. Parse the text with
/// `kCatalogJsonLimits`; ask `document.path_of(error)` for the place of a mistake, e.g. `/items/3/price`.
/// - InvalidArgument: a member that nobody knows, a value that is wrong, or `currency` is another one.
/// - NotFound: a member that must be there is not; the place is the object's.
/// - AlreadyExists: a code, id or reference that an item before it has.
/// - Exhausted: a limit.
[[nodiscard]] core::Result<Catalog> read_catalog(const core::JsonDocument& document, core::Currency currency,
                                                 const CatalogLimits& limits = {});

/// Reads one item, as it stands in a catalog's `items`: a catalog of that item alone. Fails as `read_catalog`.
[[nodiscard]] core::Result<Catalog> read_item(const core::JsonDocument& document, core::Currency currency);

}  // namespace tillkit::catalog
