// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "catalog_source.hpp"
#include "commands.hpp"
#include "explain.hpp"
#include "files.hpp"
#include "proof_file.hpp"
#include "tillkit/offers/document.hpp"
#include "tillkit/offers/evaluate.hpp"
#include "tillkit/offers/proof.hpp"
#include "tillkit/offers/rule_set.hpp"

namespace tillctl {
namespace {

namespace core = tillkit::core;
namespace offers = tillkit::offers;

constexpr std::string_view kCommand = "price";

struct PriceRequest {
  std::string_view rules;
  std::string_view catalog;
  std::string_view basket;
  offers::SearchOptions options;
  bool explain = false;
};

/// Reads the command line; else the exit status.
std::optional<int> read_arguments(Arguments arguments, PriceRequest& request) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--explain") {
      request.explain = true;
    } else if (argument == "--offers" || argument == "--catalog" || argument == "--policy") {
      if (i + 1 == arguments.size()) return usage_error(kCommand, "nothing after", argument);
      const std::string_view value = arguments[++i];
      if (argument == "--offers") request.rules = value;
      if (argument == "--catalog") request.catalog = value;
      if (argument == "--policy") {
        const auto policy = offers::parse_policy(value);
        if (!policy) return usage_error(kCommand, "policy is best, wechat, first or single, not", value);
        request.options.policy = *policy;
      }
    } else if (argument.starts_with("--") || !request.basket.empty()) {
      return usage_error(kCommand, "unknown argument", argument);
    } else {
      request.basket = argument;
    }
  }
  if (request.rules.empty()) return usage_error(kCommand, "missing", "--offers FILE");
  if (request.basket.empty()) return usage_error(kCommand, "missing", "BASKET.json");
  return std::nullopt;
}

std::optional<offers::RuleSet> read_rule_set(std::string_view path) {
  const auto text = read_file(kCommand, path, offers::kRulesJsonLimits.bytes_max);
  if (!text) return std::nullopt;
  offers::DocumentMistake mistake;
  auto document = offers::read_rules(*text, mistake);
  if (!document) {
    say_mistake(kCommand, path, mistake);
    return std::nullopt;
  }
  offers::RuleMistake blamed;
  auto rules = offers::RuleSet::compile(*std::move(document), blamed);
  if (rules) return *std::move(rules);
  say_mistake(kCommand, path, offers::locate(blamed, *text));
  return std::nullopt;
}

std::optional<offers::BasketDocument> read_basket_file(const PriceRequest& request, core::Currency currency) {
  std::optional<CatalogSource> items;
  if (!request.catalog.empty()) {
    auto catalog = read_catalog_file(kCommand, request.catalog, currency);
    if (!catalog) return std::nullopt;
    items.emplace(*std::move(catalog));
  }
  const auto text = read_file(kCommand, request.basket, offers::kBasketJsonLimits.bytes_max);
  if (!text) return std::nullopt;
  offers::DocumentMistake mistake;
  auto basket = offers::read_basket(*text, currency, items ? &*items : nullptr, mistake);
  if (basket) return *std::move(basket);
  say_mistake(kCommand, request.basket, mistake);
  return std::nullopt;
}

LineNames names_of(const offers::BasketDocument& document) {
  LineNames names;
  for (std::size_t line = 0; line < document.names.size(); ++line)
    names.emplace(document.basket.lines[line].id, document.names[line]);
  return names;
}

int not_priced(const core::Error& error) {
  return failed(kCommand, "the basket cannot be priced (" + std::string(to_string(error.code)) + ")");
}

int price(const PriceRequest& request) {
  auto rules = read_rule_set(request.rules);
  if (!rules) return kFailed;
  const auto document = read_basket_file(request, rules->document().currency);
  if (!document) return kFailed;
  offers::DocumentMistake mistake;
  const auto basket = offers::classify(*document, *rules, mistake);
  if (!basket) return say_mistake(kCommand, request.basket, mistake);
  offers::Evaluator evaluator(*rules);
  offers::Evaluation evaluation;
  if (const auto done = evaluator.evaluate(*basket, request.options, evaluation); !done)
    return not_priced(done.error());
  const auto proof = offers::make_proof(*rules, *basket, request.options, evaluation);
  if (!proof) return not_priced(proof.error());
  if (request.explain) {
    std::fputs(explain(*proof, names_of(*document)).c_str(), stdout);
    return kDone;
  }
  const auto written = write_proof_file(*proof);
  if (!written) return not_priced(written.error());
  std::puts(written->c_str());
  return kDone;
}

}  // namespace

int run_price(Arguments arguments) {
  PriceRequest request;
  if (const auto status = read_arguments(arguments, request)) return *status;
  return price(request);
}

}  // namespace tillctl
