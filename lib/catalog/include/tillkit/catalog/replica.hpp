// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/catalog/catalog.hpp"
#include "tillkit/catalog/items.hpp"
#include "tillkit/core/currency.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/journal/cache.hpp"

/// The cloud's items and its rule set, as far as this terminal has them: a replica, looked up on the medium, so that
/// 50,000 items take no memory.
namespace tillkit::catalog {

/// Hand it to `journal::Cache::open`. Tables: `items`, `item_codes`, `item_references`, `rule_set`, `refused_copies`.
/// Made in a cache that was there before, it sends the feeds back to their beginnings: what came until then was passed
/// over.
extern const journal::ReplicaSet kCatalogReplica;

/// So many rows of a step's limit does each of the calls below take at most: an item, its codes of before and of now,
/// its references, and that it was refused once.
inline constexpr std::int64_t kReplicaRowsMax = 1 + 2 * static_cast<std::int64_t>(kCodesPerItemMax) + 2 + 1;

/// Puts an item that `read_item` made of `json` in place of the one of its id. A code or reference that another item
/// had is this one's now.
/// - Exhausted: there are `kItemsMax`. Nothing was put.
[[nodiscard]] core::Result<> put_item(journal::CacheTx& tx, const ItemView& item, std::string_view json);
/// What is not here is removed already. `currency` is that of the items.
[[nodiscard]] core::Result<> remove_item(journal::CacheTx& tx, std::string_view id, core::Currency currency);

inline constexpr std::size_t kRuleSetVersionBytesMax = 128;

struct StoredRuleSet {
  std::string version{};
  std::string json{};
};
/// Puts a rule set in place of the one before. Whether it is one, the caller has looked.
/// - InvalidArgument: its version is longer than `kRuleSetVersionBytesMax`.
[[nodiscard]] core::Result<> put_rule_set(journal::CacheTx& tx, const StoredRuleSet& rules);
/// None: the cloud has sent none.
[[nodiscard]] core::Result<std::optional<StoredRuleSet>> stored_rule_set(const journal::Tables& cache);

/// Stored; never renumber.
enum class CopyKind : std::uint8_t { Item = 1, RuleSet = 2 };
/// `item`, `rule_set`
[[nodiscard]] std::string_view to_string(CopyKind kind);

/// What came and cannot be used: whoever sent it looks for it here. It is gone as soon as a good one of its id comes.
struct RefusedCopy {
  CopyKind kind = CopyKind::Item;
  std::string id{};   ///< of the item, if it says one; of the rule set "", for there is one
  std::string why{};  ///< for people
};
/// So many are kept; of more the first ones.
inline constexpr std::int64_t kRefusedCopiesKept = 200;
inline constexpr std::size_t kRefusedWhyBytesMax = 400;

[[nodiscard]] core::Result<> note_refused(journal::CacheTx& tx, const RefusedCopy& refused);
/// The rule set first, then by id; at most so many.
[[nodiscard]] core::Result<std::vector<RefusedCopy>> refused_copies(const journal::Tables& cache, std::size_t at_most);

struct ReplicaState {
  std::int64_t items = 0;
  std::string rules_version{};  ///< empty: no rule set is here
  std::int64_t refused = 0;
};
/// Counts, which takes some milliseconds with many items.
[[nodiscard]] core::Result<ReplicaState> replica_state(const journal::Tables& cache);
[[nodiscard]] core::Result<std::int64_t> count_refused_copies(const journal::Tables& cache);

/// The items of a replica. Each is read once and kept until `forget`: what comes meanwhile is the next sale's.
class ReplicaItems final : public Items {
 public:
  /// The cache must outlive it.
  ReplicaItems(const journal::Tables& cache, core::Currency currency) : cache_(cache), currency_(currency) {}

  /// Each of these two forgets by itself where more than `kItemsKeptMax` were read since.
  [[nodiscard]] std::optional<ItemView> find_code(std::string_view code) override;
  [[nodiscard]] std::optional<ItemView> find_reference(ItemReference reference) override;
  [[nodiscard]] std::optional<ItemView> find_id(std::string_view id) override;
  void forget() override { kept_.clear(); }

  /// More than a sale has lines.
  static constexpr std::size_t kItemsKeptMax = 1'024;

 private:
  void make_room();

  const journal::Tables& cache_;
  core::Currency currency_;
  std::map<std::string, Catalog, std::less<>> kept_;  // by id, each of one item
};

}  // namespace tillkit::catalog
