// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "tillkit/checkout/basket.hpp"
#include "tillkit/core/currency.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/journal/cache.hpp"
#include "tillkit/sync/copies.hpp"

/// What the cloud sends to be sold, and by which rules: kept in `cache.db`, put on the shelf.
namespace tillkit::terminal {

/// Opens `cache.db` with the tables of all modules, or makes it. One that cannot be read, or that a later program
/// wrote, is begun anew: all of it comes again. Fails as `journal::Cache::open`.
[[nodiscard]] core::Result<std::unique_ptr<journal::Cache>> open_cache(const journal::CacheSettings& settings);

/// Keeps items and rule sets that can be used here. What cannot leaves what was there before, and is noted with the
/// reason (`catalog::refused_copies`).
class CopyKeeper final : public sync::CopySink {
 public:
  /// `currency` is what this terminal sells in: of its enrolment.
  explicit CopyKeeper(core::Currency currency) : currency_(currency) {}

  [[nodiscard]] core::Result<> put_item(journal::CacheTx& tx, std::string_view item) override;
  [[nodiscard]] core::Result<> remove_item(journal::CacheTx& tx, std::string_view id) override;
  /// Reads and compiles it: with thousands of names that takes longer than a step of the cache should, once a day.
  [[nodiscard]] core::Result<> put_rule_set(journal::CacheTx& tx, std::string_view rule_set) override;

  [[nodiscard]] core::Currency currency() const { return currency_; }
  /// Whether a rule set came since this was asked last.
  [[nodiscard]] bool take_rules_changed() { return std::exchange(rules_changed_, false); }

 private:
  core::Currency currency_;
  bool rules_changed_ = false;
};

/// The shelf that is in the cache: its items, and its rule set or, as long as there is none, no offers.
/// - InvalidArgument, Exhausted: the rule set is one of another program, and cannot be used by this one.
/// - otherwise as `journal::Tables`.
[[nodiscard]] core::Result<std::unique_ptr<checkout::Shelf>> shelf_of_copies(const journal::Tables& cache,
                                                                             core::Currency currency);
/// The same items, and no offers. - Exhausted: never.
[[nodiscard]] core::Result<std::unique_ptr<checkout::Shelf>> shelf_without_offers(const journal::Tables& cache,
                                                                                  core::Currency currency);

}  // namespace tillkit::terminal
