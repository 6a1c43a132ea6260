// SPDX-License-Identifier: Apache-2.0
#include "tillkit/catalog/replica.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>
#include <utility>

#include "tillkit/catalog/catalog_json.hpp"
#include "tillkit/catalog/gtin.hpp"
#include "tillkit/core/json.hpp"

namespace tillkit::catalog {
namespace {

using core::ErrorCode;
using core::fail;
using core::Result;
using journal::any_rows;
using journal::CacheTx;
using journal::Statement;
using journal::Tables;
using Number = std::int64_t;
using Text = std::string_view;

// An item's row has a number of its own: its codes point to it with 3 bytes, not with a text.
constexpr std::string_view kFirst[] = {
    "CREATE TABLE items(number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, item TEXT NOT NULL) STRICT",
    "CREATE TABLE item_codes(code TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE item_references(reference INTEGER PRIMARY KEY, number INTEGER NOT NULL) STRICT",
    "CREATE TABLE rule_set(one INTEGER PRIMARY KEY, version TEXT NOT NULL, rules TEXT NOT NULL) STRICT",
    // NOLINTNEXTLINE(bugprone-suspicious-missing-comma): a long statement on two lines
    "CREATE TABLE refused_copies(kind INTEGER NOT NULL, id TEXT NOT NULL, why TEXT NOT NULL, PRIMARY KEY(kind, id))"
    " STRICT, WITHOUT ROWID",
    "DELETE FROM cursors"};
constexpr journal::Migration kMigrations[] = {kFirst};

constexpr Statement<std::tuple<Number, std::string>(Text)> kItem{"SELECT number, item FROM items WHERE id = ?1"};
constexpr Statement<std::tuple<Number>(Text)> kNumber{"SELECT number FROM items WHERE id = ?1"};
constexpr Statement<std::tuple<std::optional<Number>>()> kLastNumber{"SELECT max(number) FROM items"};
constexpr Statement<std::tuple<Number>()> kItemCount{"SELECT count(*) FROM items"};
constexpr Statement<std::tuple<std::string>(Text)> kIdOfCode{
    "SELECT id FROM item_codes JOIN items USING(number) WHERE code = ?1"};
constexpr Statement<std::tuple<std::string>(Number)> kIdOfReference{
    "SELECT id FROM item_references JOIN items USING(number) WHERE reference = ?1"};
constexpr Statement<std::tuple<Number>(Text)> kOwnerOfCode{"SELECT number FROM item_codes WHERE code = ?1"};
constexpr Statement<std::tuple<Number>(Number)> kOwnerOfReference{
    "SELECT number FROM item_references WHERE reference = ?1"};
constexpr Statement<std::tuple<std::string, std::string>()> kRuleSet{"SELECT version, rules FROM rule_set"};
constexpr Statement<std::tuple<std::string>()> kRulesVersion{"SELECT version FROM rule_set"};
constexpr Statement<std::tuple<Number>()> kRefusedCount{"SELECT count(*) FROM refused_copies"};
constexpr Statement<std::tuple<std::string>(CopyKind, Text)> kRefusedWhy{
    "SELECT why FROM refused_copies WHERE kind = ?1 AND id = ?2"};
constexpr Statement<std::tuple<Number, std::string, std::string>(Number)> kRefused{
    "SELECT kind, id, why FROM refused_copies ORDER BY kind DESC, id LIMIT ?1"};

constexpr Statement<void(Text, Text)> kPutItem{
    "INSERT INTO items(id, item) VALUES(?1, ?2) ON CONFLICT(id) DO UPDATE SET item = excluded.item"};
constexpr Statement<void(Number)> kRemoveItem{"DELETE FROM items WHERE number = ?1"};
constexpr Statement<void(Text, Number)> kPutCode{
    "INSERT INTO item_codes(code, number) VALUES(?1, ?2) ON CONFLICT(code) DO UPDATE SET number = excluded.number"};
constexpr Statement<void(Text, Number)> kRemoveCode{"DELETE FROM item_codes WHERE code = ?1 AND number = ?2"};
constexpr Statement<void(Number)> kRemoveCodesOf{"DELETE FROM item_codes WHERE number = ?1"};
constexpr Statement<void(Number, Number)> kPutReference{
    "INSERT INTO item_references(reference, number) VALUES(?1, ?2)"
    " ON CONFLICT(reference) DO UPDATE SET number = excluded.number"};
constexpr Statement<void(Number, Number)> kRemoveOtherReferences{
    "DELETE FROM item_references WHERE number = ?1 AND reference <> ?2"};
constexpr Statement<void(Text, Text)> kPutRuleSet{
    "INSERT INTO rule_set(one, version, rules) VALUES(1, ?1, ?2)"
    " ON CONFLICT(one) DO UPDATE SET version = excluded.version, rules = excluded.rules"};
constexpr Statement<void(CopyKind, Text, Text)> kPutRefused{
    "INSERT INTO refused_copies(kind, id, why) VALUES(?1, ?2, ?3)"
    " ON CONFLICT(kind, id) DO UPDATE SET why = excluded.why"};
constexpr Statement<void(CopyKind, Text)> kRemoveRefused{"DELETE FROM refused_copies WHERE kind = ?1 AND id = ?2"};

/// What two spellings of a code have in common. A GTIN in its longest form: no other code has 14 digits of which the
/// last is right.
std::string key_of(Text code) {
  constexpr std::size_t kGtinDigits = 14;
  const auto number = gtin_number(code);
  if (!number) return std::string(code);
  std::array<char, 20> digits{};
  const auto [end, wrong] = std::to_chars(digits.data(), digits.data() + digits.size(), *number);
  const std::string text(digits.data(), end);
  return std::string(kGtinDigits - std::min(kGtinDigits, text.size()), '0') + text;
}

std::vector<std::string> keys_of(const ItemView& item) {
  std::vector<std::string> keys;
  for (const Text code : item.codes())
    keys.push_back(key_of(code));
  return keys;
}

Result<Catalog> parse(Text json, core::Currency currency) {
  TILLKIT_TRY(const core::JsonDocument document, core::JsonDocument::parse(json));
  return read_item(document, currency);
}

/// Takes the codes that are not in `kept` from the item of this number.
Result<> remove_codes(CacheTx& tx, Number number, Text stored, core::Currency currency,
                      const std::vector<std::string>& kept) {
  const auto before = parse(stored, currency);
  // Nobody knows which they were: looks at all there are. None may stay, the number is given to another item one day.
  if (!before) return any_rows(tx.run(kRemoveCodesOf, number));
  for (const std::string& key : keys_of(before->item(ItemIndex(0)))) {
    if (std::ranges::find(kept, key) != kept.end()) continue;
    TILLKIT_TRY_VOID(any_rows(tx.run(kRemoveCode, key, number)));
  }
  return {};
}

Result<> remove_refused(CacheTx& tx, CopyKind kind, Text id) {
  TILLKIT_TRY(const auto why, tx.find(kRefusedWhy, kind, id));
  if (!why) return {};
  return any_rows(tx.run(kRemoveRefused, kind, id));
}

/// Numbers have gaps, where items were removed: only where the last one is high is it worth counting.
Result<bool> is_full(const Tables& tables) {
  constexpr auto kMost = static_cast<Number>(kItemsMax);
  TILLKIT_TRY(const auto last, tables.find(kLastNumber));
  if (!last || std::get<0>(*last).value_or(0) < kMost) return false;
  TILLKIT_TRY(const auto count, tables.find(kItemCount));
  return count && std::get<0>(*count) >= kMost;
}

Result<> put_codes(CacheTx& tx, Number number, const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    TILLKIT_TRY(const auto owner, tx.find(kOwnerOfCode, key));
    if (owner && std::get<0>(*owner) == number) continue;
    TILLKIT_TRY_VOID(any_rows(tx.run(kPutCode, key, number)));
  }
  return {};
}

Result<> put_reference(CacheTx& tx, Number number, ItemReference reference) {
  const Number wanted = reference.value();
  TILLKIT_TRY_VOID(any_rows(tx.run(kRemoveOtherReferences, number, wanted)));
  if (wanted == 0) return {};
  TILLKIT_TRY(const auto owner, tx.find(kOwnerOfReference, wanted));
  if (owner && std::get<0>(*owner) == number) return {};
  return any_rows(tx.run(kPutReference, wanted, number));
}

Result<Number> count(const Tables& tables, const Statement<std::tuple<Number>()>& statement) {
  TILLKIT_TRY(const auto row, tables.find(statement));
  return row ? std::get<0>(*row) : 0;
}

}  // namespace

constexpr journal::ReplicaSet kCatalogReplica{"catalog", kMigrations};

std::string_view to_string(CopyKind kind) {
  return kind == CopyKind::Item ? "item" : "rule_set";
}

Result<> put_item(CacheTx& tx, const ItemView& item, Text json) {
  const std::vector<std::string> keys = keys_of(item);
  TILLKIT_TRY(const auto before, tx.find(kItem, item.id()));
  if (before) {
    TILLKIT_TRY_VOID(remove_codes(tx, std::get<0>(*before), std::get<1>(*before), item.base_price().currency, keys));
  } else {
    TILLKIT_TRY(const bool full, is_full(tx));
    if (full) return fail(ErrorCode::Exhausted);
  }
  TILLKIT_TRY_VOID(any_rows(tx.run(kPutItem, item.id(), json)));
  TILLKIT_TRY(const auto number, tx.find(kNumber, item.id()));
  if (!number) return fail(ErrorCode::Corrupt);
  TILLKIT_TRY_VOID(put_codes(tx, std::get<0>(*number), keys));
  TILLKIT_TRY_VOID(put_reference(tx, std::get<0>(*number), item.reference()));
  return remove_refused(tx, CopyKind::Item, item.id());
}

Result<> remove_item(CacheTx& tx, Text id, core::Currency currency) {
  TILLKIT_TRY_VOID(remove_refused(tx, CopyKind::Item, id));
  TILLKIT_TRY(const auto before, tx.find(kItem, id));
  if (!before) return {};
  const auto& [number, json] = *before;
  TILLKIT_TRY_VOID(remove_codes(tx, number, json, currency, {}));
  TILLKIT_TRY_VOID(put_reference(tx, number, ItemReference{}));
  return any_rows(tx.run(kRemoveItem, number));
}

Result<> put_rule_set(CacheTx& tx, const StoredRuleSet& rules) {
  if (rules.version.size() > kRuleSetVersionBytesMax) return fail(ErrorCode::InvalidArgument);
  TILLKIT_TRY_VOID(any_rows(tx.run(kPutRuleSet, rules.version, rules.json)));
  return remove_refused(tx, CopyKind::RuleSet, {});
}

Result<std::optional<StoredRuleSet>> stored_rule_set(const Tables& cache) {
  TILLKIT_TRY(auto row, cache.find(kRuleSet));
  if (!row) return std::optional<StoredRuleSet>{};
  return std::optional(StoredRuleSet{.version = std::move(std::get<0>(*row)), .json = std::move(std::get<1>(*row))});
}

Result<> note_refused(CacheTx& tx, const RefusedCopy& refused) {
  TILLKIT_TRY(const auto known, tx.find(kRefusedWhy, refused.kind, refused.id));
  TILLKIT_TRY(const Number noted, count(tx, kRefusedCount));
  // There is one rule set, and it is always noted.
  if (!known && refused.kind == CopyKind::Item && noted >= kRefusedCopiesKept) return {};
  std::string why = refused.why;
  if (why.size() > kRefusedWhyBytesMax) {
    std::size_t end = kRefusedWhyBytesMax;
    while ((static_cast<unsigned char>(why[end]) & 0xC0U) == 0x80U)
      --end;  // no half of a character
    why.resize(end);
  }
  return any_rows(tx.run(kPutRefused, refused.kind, refused.id, why));
}

Result<std::vector<RefusedCopy>> refused_copies(const Tables& cache, std::size_t at_most) {
  std::vector<RefusedCopy> found;
  TILLKIT_TRY_VOID(cache.each(
      kRefused,
      [&](Number kind, std::string id, std::string why) -> Result<> {
        found.push_back({.kind = kind == static_cast<Number>(CopyKind::RuleSet) ? CopyKind::RuleSet : CopyKind::Item,
                         .id = std::move(id),
                         .why = std::move(why)});
        return {};
      },
      static_cast<Number>(at_most)));
  return found;
}

Result<ReplicaState> replica_state(const Tables& cache) {
  ReplicaState state;
  TILLKIT_TRY(state.items, count(cache, kItemCount));
  TILLKIT_TRY(state.refused, count(cache, kRefusedCount));
  TILLKIT_TRY(auto version, cache.find(kRulesVersion));
  if (version) state.rules_version = std::move(std::get<0>(*version));
  return state;
}

Result<Number> count_refused_copies(const Tables& cache) {
  return count(cache, kRefusedCount);
}

// --- looking up ---

void ReplicaItems::make_room() {
  if (kept_.size() >= kItemsKeptMax) kept_.clear();
}

std::optional<ItemView> ReplicaItems::find_code(Text code) {
  make_room();
  const auto row = cache_.find(kIdOfCode, key_of(code));
  if (!row || !*row) return std::nullopt;
  return find_id(std::get<0>(**row));
}

std::optional<ItemView> ReplicaItems::find_reference(ItemReference reference) {
  make_room();
  const auto row = cache_.find(kIdOfReference, Number{reference.value()});
  if (!row || !*row) return std::nullopt;
  return find_id(std::get<0>(**row));
}

std::optional<ItemView> ReplicaItems::find_id(Text id) {
  if (const auto kept = kept_.find(id); kept != kept_.end()) return kept->second.item(ItemIndex(0));
  const auto row = cache_.find(kItem, id);
  if (!row || !*row) return std::nullopt;
  auto item = parse(std::get<1>(**row), currency_);
  if (!item) return std::nullopt;
  return kept_.emplace(std::string(id), *std::move(item)).first->second.item(ItemIndex(0));
}

}  // namespace tillkit::catalog
