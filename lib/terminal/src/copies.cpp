// SPDX-License-Identifier: Apache-2.0
#include "tillkit/terminal/copies.hpp"

#include <array>
#include <optional>
#include <string>

#include "tillkit/catalog/catalog_json.hpp"
#include "tillkit/catalog/replica.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/members/cache.hpp"
#include "tillkit/offers/document.hpp"

namespace tillkit::terminal {
namespace {

using catalog::CopyKind;
using core::ErrorCode;
using core::fail;
using core::Result;
using journal::CacheTx;

static_assert(catalog::kReplicaRowsMax <= sync::kCopyRowsMax);
static_assert(catalog::kRuleSetVersionBytesMax >= offers::kVersionBytesMax);

constexpr std::string_view kNoRules = "none";

/// Which item a wrong one means: its id, or as long as it has none its first code; empty: it says neither.
std::string name_of(const core::JsonValue& item) {
  auto name = item.find("id");
  if (const auto codes = item.find("codes"); !name && codes) {
    if (const auto first = codes->at(0)) name = *first;
  }
  const auto text = name ? name->text() : Result<std::string_view>(fail(ErrorCode::NotFound));
  return text && text->size() <= catalog::kIdBytesMax ? std::string(*text) : std::string{};
}

/// `/price: invalid_argument`
std::string words_of(const core::JsonDocument& document, const core::Error& error) {
  return document.path_of(error).value_or("") + ": " + std::string(to_string(error.code));
}

Result<> refuse(CacheTx& tx, const catalog::RefusedCopy& refused) {
  TILLKIT_TRY_VOID(catalog::note_refused(tx, refused));
  return fail(ErrorCode::InvalidArgument);
}

/// The rules, or why there are none.
std::optional<offers::RuleSet> compile(std::string_view json, core::Currency currency, std::string& why) {
  offers::DocumentMistake mistake;
  auto document = offers::read_rules(json, mistake);
  if (!document) {
    why = offers::to_string(mistake);
    return std::nullopt;
  }
  why = document->version + ": ";
  if (document->currency != currency) {
    why += "/currency: expected " + std::string(currency.alpha());
    return std::nullopt;
  }
  offers::RuleMistake rule_mistake;
  auto rules = offers::RuleSet::compile(*std::move(document), rule_mistake);
  if (rules) return *std::move(rules);
  why += offers::to_string(offers::locate(rule_mistake, json));
  return std::nullopt;
}

std::unique_ptr<checkout::Shelf> shelf_with(const journal::Tables& cache, core::Currency currency,
                                            offers::RuleSet rules) {
  return std::make_unique<checkout::Shelf>(std::make_unique<catalog::ReplicaItems>(cache, currency), std::move(rules));
}

}  // namespace

Result<std::unique_ptr<journal::Cache>> open_cache(const journal::CacheSettings& settings) {
  const std::array sets{members::kMemberReplica, catalog::kCatalogReplica};
  auto opened = journal::Cache::open(settings, sets);
  const bool of_no_use =
      !opened && (opened.error().code == ErrorCode::Corrupt || opened.error().code == ErrorCode::Unsupported);
  if (of_no_use && journal::Cache::discard(settings)) opened = journal::Cache::open(settings, sets);
  return opened;
}

Result<> CopyKeeper::put_item(CacheTx& tx, std::string_view item) {
  const auto document = core::JsonDocument::parse(item);
  if (!document) return refuse(tx, {.kind = CopyKind::Item, .id = {}, .why = "no JSON, or too much of it"});
  const auto read = catalog::read_item(*document, currency_);
  const auto refused = [&](const core::Error& error) {
    return refuse(tx, {.kind = CopyKind::Item, .id = name_of(document->root()), .why = words_of(*document, error)});
  };
  if (!read) return refused(read.error());
  const auto put = catalog::put_item(tx, read->item(catalog::ItemIndex(0)), item);
  if (!put && put.error().code == ErrorCode::Exhausted) return refused(put.error());
  return put;
}

Result<> CopyKeeper::remove_item(CacheTx& tx, std::string_view id) {
  return catalog::remove_item(tx, id, currency_);
}

Result<> CopyKeeper::put_rule_set(CacheTx& tx, std::string_view rule_set) {
  std::string why;
  const auto rules = compile(rule_set, currency_, why);
  if (!rules) return refuse(tx, {.kind = CopyKind::RuleSet, .id = {}, .why = why});
  TILLKIT_TRY_VOID(catalog::put_rule_set(tx, {.version = rules->document().version, .json = std::string(rule_set)}));
  rules_changed_ = true;
  return {};
}

Result<std::unique_ptr<checkout::Shelf>> shelf_of_copies(const journal::Tables& cache, core::Currency currency) {
  TILLKIT_TRY(const auto stored, catalog::stored_rule_set(cache));
  if (!stored) return shelf_without_offers(cache, currency);
  std::string why;
  auto rules = compile(stored->json, currency, why);
  if (!rules) return fail(ErrorCode::InvalidArgument);
  return shelf_with(cache, currency, *std::move(rules));
}

Result<std::unique_ptr<checkout::Shelf>> shelf_without_offers(const journal::Tables& cache, core::Currency currency) {
  offers::RuleDocument none;
  none.version = kNoRules;
  none.currency = currency;
  offers::RuleMistake mistake;
  TILLKIT_TRY(auto rules, offers::RuleSet::compile(std::move(none), mistake));
  return shelf_with(cache, currency, std::move(rules));
}

}  // namespace tillkit::terminal
