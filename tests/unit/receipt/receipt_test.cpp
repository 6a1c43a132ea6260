// SPDX-License-Identifier: Apache-2.0
#include "tillkit/receipt/receipt.hpp"

#include <functional>
#include <set>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "some_sale.hpp"

namespace tillkit::receipt {
namespace {

using core::ErrorCode;
using core::failed_with;
using M = ReceiptMistake;

TEST_CASE("a receipt shows what the proof says", "[receipt]") {
  const offers::PriceProof proof = some_proof();
  const ReceiptData receipt = some_receipt();

  CHECK(receipt.kind == ReceiptKind::Sale);
  CHECK(receipt.copy == 0);
  CHECK(receipt.total == proof.payable);
  CHECK(receipt.discount == proof.discount);
  REQUIRE(receipt.lines.size() == 2);
  CHECK(receipt.lines[0].name == "可口可乐 330毫升");
  CHECK(receipt.lines[0].quantity == must(core::Quantity::pieces(5)));
  CHECK(receipt.lines[0].list == 1'750);
  CHECK(receipt.lines[1].quantity == must(core::Quantity::grams(734)));
  CHECK(receipt.lines[1].per_grams == 500);
  CHECK_FALSE(receipt.lines[1].tax_included);
  REQUIRE(receipt.uses.size() == 3);
  CHECK(receipt.uses[0].name == "可乐特价");
  CHECK(receipt.uses[0].under_lines);
  CHECK_FALSE(receipt.uses[0].coupon);
  CHECK(receipt.uses[2].name == "满20减5券");
  CHECK(receipt.uses[2].coupon);
  CHECK_FALSE(receipt.uses[2].under_lines);
  CHECK(receipt.uses[2].discount == 500);
  REQUIRE(receipt.gifts.size() == 1);
  CHECK(receipt.gifts[0] == ReceiptGift{"纪念杯", 1});
  REQUIRE(receipt.taxes.size() == 2);
  CHECK(receipt.taxes[0].rate == core::BasisPoints(1'300));
  CHECK(receipt.taxes[0].included);
  CHECK(receipt.taxes[1].rate == core::BasisPoints(900));
  CHECK(receipt.taxes[0].tax + receipt.taxes[1].tax == proof.tax);
  CHECK(mistake_in(receipt) == M::None);
}

TEST_CASE("only funders that have a name to show are shown, and never the merchant", "[receipt]") {
  const ReceiptData receipt = some_receipt();

  REQUIRE(receipt.uses[1].funders.size() == 1);
  CHECK(receipt.uses[1].funders[0] == ReceiptFunder{"可口可乐公司", some_proof().uses[1].funders[0].amount});
  CHECK(receipt.uses[1].funders[0].amount < receipt.uses[1].discount);
  CHECK(receipt.uses[0].funders.empty());
  CHECK(receipt.uses[2].funders.empty());
}

TEST_CASE("the merchant's own part is not shown, even with a name to show", "[receipt]") {
  const offers::PriceProof proof = some_proof();
  std::vector<FunderText> funders = some_funders();
  for (const auto* own : {"shop", "merchant"})
    funders.push_back({id_of_text<offers::FunderId>(own), "好邻居"});
  ReceiptMistake mistake{};

  const auto receipt = must(make_sale_receipt(some_header(), proof, {some_items(), funders},
                                              std::array{some_wallet(proof.payable)}, mistake));

  CHECK(receipt.uses == some_receipt().uses);
}

TEST_CASE("a funder of several lines is named once, with the sum", "[receipt]") {
  const offers::PriceProof proof =
      proof_of(R"({"version":"1","currency":"CNY","offers":[{"id":"half","effect":{"percent_off":{"rate":"50%"}},
                   "funders":[{"id":"acme","kind":"brand"}]}]})",
               R"({"lines":[{"item":"cola-330","quantity":1,"unit_price":"3.00"},
                   {"item":"mug","quantity":1,"unit_price":"5.00"}]})");
  ReceiptMistake mistake{};

  const auto receipt =
      must(make_sale_receipt(some_header(), proof, some_texts(), std::array{some_wallet(proof.payable)}, mistake));

  REQUIRE(receipt.uses.size() == 1);
  CHECK(receipt.uses[0].name == "half");  // an offer without a name shows its id
  CHECK(receipt.uses[0].discount == 400);
  REQUIRE(receipt.uses[0].funders.size() == 1);
  CHECK(receipt.uses[0].funders[0].amount == 400);
}

TEST_CASE("a refund's receipt shows what comes back and refers to the sale", "[receipt]") {
  const ReceiptData receipt = some_refund();

  CHECK(receipt.kind == ReceiptKind::Refund);
  CHECK(receipt.refers_to.sale.view() == "T-0001-000123");
  REQUIRE(receipt.lines.size() == 2);
  CHECK(receipt.lines[0].quantity == must(core::Quantity::pieces(2)));
  CHECK(receipt.lines[0].list == 700);
  CHECK(receipt.lines[1].quantity == must(core::Quantity::grams(734)));
  CHECK(receipt.total == receipt.tenders[0].amount);
  CHECK(receipt.total > 0);
  CHECK(receipt.gifts.empty());
}

TEST_CASE("a gift that comes back is on the refund", "[receipt]") {
  const offers::PriceProof proof = some_proof();
  const std::array all{offers::UnitRange{offers::LineId(1), 1, 5}, offers::UnitRange{offers::LineId(2), 1, 1}};
  const offers::Refund refund = must(offers::refund(proof, {}, all));
  ReceiptHeader header = some_header();
  header.sale = id_of_text<SaleNumber>("T-0001-000126");
  ReceiptMistake mistake{};

  const auto receipt = must(make_refund_receipt(header, {some_header().sale, some_header().at}, proof, refund,
                                                some_texts(), std::array{some_wallet(refund.payable)}, mistake));

  CHECK(receipt.gifts.size() == 1);
  CHECK(receipt.total == proof.payable);
  CHECK(receipt.discount == some_receipt().discount);
}

TEST_CASE("the slip of a sale that was not completed names its attempts and sells nothing", "[receipt]") {
  const ReceiptData slip = some_slip();

  CHECK(slip.kind == ReceiptKind::NotCompleted);
  CHECK(slip.total == 1'230);
  CHECK(slip.lines.empty());
  CHECK(slip.header.fapiao_link.empty());
  REQUIRE(slip.tenders.size() == 1);
  CHECK_FALSE(slip.tenders[0].order.empty());
}

TEST_CASE("a slip is about attempts, each of an amount", "[receipt]") {
  ReceiptMistake mistake{};
  CHECK(failed_with(make_not_completed_slip(some_header(), core::kCny, {}, mistake), ErrorCode::InvalidArgument));
  CHECK(mistake == M::Contents);
  const std::array cash{some_cash(500, 500, 0, 0)};
  CHECK(failed_with(make_not_completed_slip(some_header(), core::kCny, cash, mistake), ErrorCode::InvalidArgument));
  CHECK(mistake == M::Contents);
  const std::array nothing{some_wallet(0)};
  CHECK(failed_with(make_not_completed_slip(some_header(), core::kCny, nothing, mistake), ErrorCode::InvalidArgument));
  CHECK(mistake == M::Limit);
  const std::array too_much{some_wallet(offers::kAmountMax), some_wallet(1)};
  CHECK_FALSE(make_not_completed_slip(some_header(), core::kCny, too_much, mistake).has_value());
  CHECK(mistake == M::Tenders);
}

TEST_CASE("an item without a name makes no receipt", "[receipt]") {
  const offers::PriceProof proof = some_proof();
  ReceiptMistake mistake{};
  for (std::size_t missing = 0; missing < some_items().size(); ++missing) {
    CAPTURE(missing);
    std::vector<ItemText> items = some_items();
    items.erase(items.begin() + static_cast<std::ptrdiff_t>(missing));
    const auto receipt =
        make_sale_receipt(some_header(), proof, {items, {}}, std::array{some_wallet(proof.payable)}, mistake);
    CHECK(failed_with(receipt, ErrorCode::InvalidArgument));
    CHECK(mistake == M::ItemText);
  }
}

TEST_CASE("tenders that are a fen off make no receipt", "[receipt]") {
  const offers::PriceProof proof = some_proof();
  ReceiptMistake mistake{};
  for (const std::int64_t off : {-1, 1}) {
    const auto receipt =
        make_sale_receipt(some_header(), proof, some_texts(), std::array{some_wallet(proof.payable + off)}, mistake);
    CHECK(failed_with(receipt, ErrorCode::InvalidArgument));
    CHECK(mistake == M::Tenders);
  }
}

struct Spoiled {
  M mistake;
  std::function<void(ReceiptData&)> spoil;
};

TEST_CASE("whatever does not add up is found and named", "[receipt]") {
  const std::vector<Spoiled> cases{
      {M::Text, [](ReceiptData& r) { r.header.merchant.clear(); }},
      {M::Text, [](ReceiptData& r) { r.header.store = "a\nb"; }},
      {M::Text, [](ReceiptData& r) { r.header.terminal = "\xFF"; }},
      {M::Text, [](ReceiptData& r) { r.header.address = "a\u0085b"; }},
      {M::Text, [](ReceiptData& r) { r.header.operator_name = std::string(kTextBytesMax + 1, 'a'); }},
      {M::Text, [](ReceiptData& r) { r.header.fapiao_link = "https://a b"; }},
      {M::Text, [](ReceiptData& r) { r.header.fapiao_link = std::string(kLinkBytesMax + 1, 'a'); }},
      {M::Text, [](ReceiptData& r) { r.header.sale = {}; }},
      {M::Text, [](ReceiptData& r) { r.lines[0].name.clear(); }},
      {M::Text, [](ReceiptData& r) { r.uses[0].name.clear(); }},
      {M::Text, [](ReceiptData& r) { r.uses[1].funders[0].name = "\x7F"; }},
      {M::Text, [](ReceiptData& r) { r.gifts[0].name.clear(); }},
      {M::Text, [](ReceiptData& r) { r.tenders[0].name = "\t"; }},
      {M::Account, [](ReceiptData& r) { r.tenders[0].account = "13812345678"; }},
      {M::Account, [](ReceiptData& r) { r.tenders[0].account = "****12345"; }},
      {M::Account, [](ReceiptData& r) { r.tenders[0].account = "Wang Xiaoming"; }},
      {M::Limit, [](ReceiptData& r) { r.lines.resize(offers::kLinesMax + 1, r.lines[0]); }},
      {M::Limit, [](ReceiptData& r) { r.tenders.resize(kTendersMax + 1, r.tenders[0]); }},
      {M::Limit, [](ReceiptData& r) { r.lines[0].unit_price = -1; }},
      {M::Limit, [](ReceiptData& r) { r.lines[0].list = offers::kAmountMax + 1; }},
      {M::Limit, [](ReceiptData& r) { r.discount = -1; }},
      {M::Limit, [](ReceiptData& r) { r.gifts[0].count = 0; }},
      {M::Limit, [](ReceiptData& r) { r.tenders[0].amount = -1; }},
      {M::Limit, [](ReceiptData& r) { r.lines[0].tax_rate = core::BasisPoints(10'001); }},
      {M::Reference, [](ReceiptData& r) { r.kind = ReceiptKind::Refund; }},
      {M::Reference, [](ReceiptData& r) { r.refers_to.sale = r.header.sale; }},
      {M::Reference,
       [](ReceiptData& r) {
         r.kind = ReceiptKind::Refund;
         r.refers_to.sale = r.header.sale;
       }},
      {M::Lines, [](ReceiptData& r) { ++r.lines[0].list; }},
      {M::Lines, [](ReceiptData& r) { ++r.lines[0].net; }},
      {M::Lines, [](ReceiptData& r) { ++r.lines[0].discounts[0].amount; }},
      {M::Lines, [](ReceiptData& r) { r.lines[0].discounts[0].amount = 0; }},
      {M::Lines, [](ReceiptData& r) { r.lines[0].quantity = {}; }},
      {M::Lines, [](ReceiptData& r) { r.lines[0].per_grams = 500; }},
      {M::Uses, [](ReceiptData& r) { r.lines[0].discounts[0].use = 3; }},
      {M::Uses, [](ReceiptData& r) { r.lines[0].discounts[0].use = 1; }},
      {M::Uses, [](ReceiptData& r) { ++r.uses[0].discount; }},
      {M::Uses, [](ReceiptData& r) { r.uses[1].funders[0].amount = r.uses[1].discount + 1; }},
      {M::Uses, [](ReceiptData& r) { r.uses[1].funders.push_back({"b", r.uses[1].discount}); }},
      {M::Uses, [](ReceiptData& r) { r.uses.push_back({"never used", false, true, 0, {}}); }},
      {M::Totals, [](ReceiptData& r) { ++r.list; }},
      {M::Totals, [](ReceiptData& r) { ++r.net; }},
      {M::Totals, [](ReceiptData& r) { ++r.discount; }},
      {M::Totals, [](ReceiptData& r) { ++r.tax; }},
      {M::Totals, [](ReceiptData& r) { ++r.total; }},
      {M::Taxes, [](ReceiptData& r) { ++r.taxes[0].tax; }},
      {M::Taxes, [](ReceiptData& r) { ++r.taxes[1].base; }},
      {M::Taxes, [](ReceiptData& r) { r.taxes.pop_back(); }},
      {M::Taxes, [](ReceiptData& r) { r.taxes.push_back(r.taxes[0]); }},
      {M::Taxes, [](ReceiptData& r) { r.taxes[0].included = false; }},
      {M::Tenders, [](ReceiptData& r) { ++r.tenders[0].amount; }},
      {M::Tenders, [](ReceiptData& r) { r.tenders.pop_back(); }},
      {M::Tenders, [](ReceiptData& r) { r.tenders.push_back(some_wallet(0)); }},
      {M::Tenders, [](ReceiptData& r) { r.tenders[0].provider_discount = 2'001; }},
      {M::Tenders, [](ReceiptData& r) { r.tenders[1].provider_discount = 1; }},
      {M::Cash, [](ReceiptData& r) { ++r.tenders[1].tendered; }},
      {M::Cash, [](ReceiptData& r) { ++r.tenders[1].change; }},
      {M::Cash, [](ReceiptData& r) { ++r.tenders[1].rounding; }},
      {M::Cash, [](ReceiptData& r) { r.tenders[0].tendered = 2'000; }},
      {M::Cash, [](ReceiptData& r) { r.tenders[0].rounding = 1; }},
      {M::Attempt, [](ReceiptData& r) { r.tenders[0].order = {}; }},
      {M::Attempt, [](ReceiptData& r) { r.tenders[1].order = r.tenders[0].order; }},
      {M::Attempt, [](ReceiptData& r) { r.tenders[1].transaction = r.tenders[0].transaction; }},
      {M::Contents, [](ReceiptData& r) { r.kind = ReceiptKind::NotCompleted; }},
      {M::Contents,
       [](ReceiptData& r) {
         ReceiptData empty;
         empty.header = r.header;
         r = empty;
       }},
  };
  std::set<M> found;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    ReceiptData receipt = some_receipt();
    cases[i].spoil(receipt);
    CAPTURE(i, std::string(to_string(cases[i].mistake)));
    CHECK(to_string(mistake_in(receipt)) == to_string(cases[i].mistake));
    CHECK(failed_with(to_json(receipt), ErrorCode::InvalidArgument));
    found.insert(cases[i].mistake);
  }
  CHECK(found.size() == 12);  // all but none and item_text
}

TEST_CASE("a copy is the same receipt, marked", "[receipt]") {
  const ReceiptData receipt = some_receipt();

  ReceiptData second = copy_of(copy_of(receipt));

  CHECK(second.copy == 2);
  second.copy = 0;
  CHECK(second == receipt);
}

TEST_CASE("an account shows its last four characters at most", "[receipt]") {
  CHECK(mask_account("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o") == "****eS6o");
  CHECK(mask_account("13812345678") == "****5678");
  CHECK(mask_account("12345678") == "****5678");
  CHECK(mask_account("1234567") == "****");
  CHECK(mask_account("王小明") == "****");
  CHECK(mask_account("微信用户一二三四") == "****一二三四");
  CHECK(mask_account("").empty());
  CHECK(mask_account("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF").size() == 8);
}

TEST_CASE("mistakes and kinds have names of their own", "[receipt]") {
  std::set<std::string> names;
  for (int m = 0; m <= static_cast<int>(M::Contents); ++m)
    names.emplace(to_string(static_cast<M>(m)));
  CHECK(names.size() == 14);
  CHECK_FALSE(names.contains("invalid"));
  CHECK(to_string(ReceiptKind::NotCompleted) == "not_completed");
  CHECK(static_cast<int>(ReceiptKind::Refund) == 2);
}

}  // namespace
}  // namespace tillkit::receipt
