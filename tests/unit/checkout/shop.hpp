// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "tillkit/offers/document.hpp"
#include "tillkit/test/till_world.hpp"

namespace tillkit::test {

using ShelfMaker = std::function<std::unique_ptr<checkout::Shelf>()>;

inline constexpr std::string_view kNoRules = R"({"version": "none", "currency": "CNY", "offers": []})";

/// Another shop's goods and rules.
inline ShelfMaker shelf_of(std::vector<catalog::NewItem> items, std::string_view rules = kNoRules) {
  return [items = std::move(items), rules = std::string(rules)] {
    catalog::CatalogBuilder builder(core::kCny);
    for (catalog::NewItem item : items) {
      const std::array codes{item.id};
      if (item.codes.empty()) item.codes = codes;
      REQUIRE(builder.add(item));
    }
    offers::DocumentMistake document_mistake;
    offers::RuleMistake rule_mistake;
    auto document = offers::read_rules(rules, document_mistake);
    REQUIRE(document);
    auto compiled = offers::RuleSet::compile(*std::move(document), rule_mistake);
    REQUIRE(compiled);
    return std::make_unique<checkout::Shelf>(std::move(builder).finish(), *std::move(compiled));
  };
}

/// Yuan and fen.
inline core::Money fen(std::int64_t minor) {
  return {minor, core::kCny};
}

inline core::Quantity pieces(std::int64_t count) {
  return *core::Quantity::pieces(count);
}

inline core::Quantity grams(std::int64_t count) {
  return *core::Quantity::grams(count);
}

/// Why it was refused; none: it was done. The refusal's words are there, for everybody, or it is none.
template <class T>
std::optional<receipt::SaleRefusal> refusal_of(const checkout::Outcome<T>& outcome) {
  if (outcome) return std::nullopt;
  const checkout::Refused& refused = outcome.error();
  const receipt::RefusedScreen screen{refused.refusal, refused.values, refused.works};
  for (const auto language : {receipt::Language::ZhCn, receipt::Language::En}) {
    for (const auto audience : {receipt::Audience::Shopper, receipt::Audience::Operator}) {
      CAPTURE(to_string(language));
      const auto text = receipt::text_of(screen, language, audience);
      CHECK(text);
      if (text) CHECK(text->find_first_of("{}") == std::string::npos);
    }
  }
  const auto* const sale = std::get_if<receipt::SaleRefusal>(&refused.refusal);
  return sale == nullptr ? std::nullopt : std::optional(*sale);
}

template <class T>
std::optional<payment::TenderRefusal> tender_refusal_of(const checkout::Outcome<T>& outcome) {
  if (outcome || refusal_of(outcome)) return std::nullopt;
  return std::get<payment::TenderRefusal>(outcome.error().refusal);
}

/// A till that runs, in a shop that may be another one than `make_shelf`'s.
struct Shop {
  Disk disk;
  TillWorld world{disk};

  Shop() { REQUIRE(world.start()); }
  explicit Shop(const ShelfMaker& shelf, const std::function<void(TillWorld&)>& before = [](TillWorld&) {}) {
    world.shelf = shelf;
    before(world);
    REQUIRE(world.start());
  }

  [[nodiscard]] checkout::Checkout& till() { return world.till(); }
  [[nodiscard]] const checkout::Basket& basket() { return till().basket(); }
  [[nodiscard]] std::int64_t payable() { return basket().price().payable; }

  /// 28.90 to pay: six cola and rice cakes, 5.00 off.
  void scan_seven() {
    REQUIRE(world.scan(kCola, 6));
    REQUIRE(world.scan(kRice));
  }
  journal::SaleId sell_for_cash() {
    scan_seven();
    REQUIRE(world.pay_cash(3'000));
    return world.last_sale();
  }
  journal::SaleId sell_to_a_wallet() {
    scan_seven();
    REQUIRE(world.pay_by_code());
    REQUIRE(world.settle());
    return world.last_sale();
  }
  void restart() {
    world.stop();
    REQUIRE(world.start());
  }
  /// So many commits did `what` take.
  template <class What>
  std::uint64_t commits_of(What&& what) {
    const std::uint64_t before = world.commits();
    what();
    return world.commits() - before;
  }
  [[nodiscard]] checkout::SaleStory story(journal::SaleId sale) {
    auto story = checkout::read_sale(world.journal(), sale);
    REQUIRE(story);
    return *std::move(story);
  }
  /// Its receipt adds up, in JSON as well.
  [[nodiscard]] receipt::ReceiptData receipt_of(journal::SaleId sale) {
    auto printed = till().receipt(sale);
    REQUIRE(printed);
    CHECK(receipt::mistake_in(*printed) == receipt::ReceiptMistake::None);
    const auto json = receipt::to_json(*printed);
    REQUIRE(json);
    const auto read = receipt::read_receipt(*json);
    REQUIRE(read);
    CHECK(*read == *printed);
    return *std::move(printed);
  }
  void check_books() {
    const std::string disagreement = world.disagreement();
    INFO(disagreement);
    CHECK(disagreement.empty());
  }
};

}  // namespace tillkit::test
