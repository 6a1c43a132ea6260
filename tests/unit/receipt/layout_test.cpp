// SPDX-License-Identifier: Apache-2.0
#include "tillkit/receipt/layout.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include <catch2/catch_test_macros.hpp>

#include "some_sale.hpp"

namespace tillkit::receipt {
namespace {

using core::ErrorCode;
using core::failed_with;

/// The paper as a picture: `|` before a plain line, `#` before a strong one, `%` before a QR code, `=` before a tall
/// one.
std::string picture(const std::vector<PaperLine>& lines) {
  std::string text = "\n";
  for (const PaperLine& line : lines)
    text += "|#%="[static_cast<std::size_t>(line.style)] + line.text + "\n";
  return text;
}

std::string printed(const ReceiptData& receipt, std::size_t columns, Language language) {
  return picture(must(lay_out(receipt, columns, language)));
}

std::string with_points(std::int64_t points, ReceiptData receipt, Language language) {
  receipt.points = points;
  return printed(receipt, kColumnsNarrow, language);
}

TEST_CASE("points stand under what was paid", "[receipt]") {
  CHECK_FALSE(with_points(0, some_receipt(), Language::ZhCn).contains("积分"));
  CHECK(with_points(15, some_receipt(), Language::ZhCn).contains("|本次积分                     +15\n"));
  CHECK(with_points(15, some_receipt(), Language::En).contains("|Points earned                +15\n"));
  CHECK(with_points(7, some_refund(), Language::En).contains("|Points taken back             -7\n"));
  ReceiptData slip = some_slip();
  slip.points = 1;
  CHECK(mistake_in(slip) == ReceiptMistake::Contents);
  ReceiptData wrong = some_receipt();
  wrong.points = -1;
  CHECK(mistake_in(wrong) == ReceiptMistake::Limit);
}

TEST_CASE("an account of which nothing may be shown has no line", "[receipt]") {
  ReceiptData receipt = some_receipt();
  receipt.tenders.front().account = "****";
  const std::string hidden = printed(receipt, kColumnsNarrow, Language::En);
  receipt.tenders.front().account = "****eS6o";
  const std::string shown = printed(receipt, kColumnsNarrow, Language::En);

  CHECK(std::ranges::count(shown, '\n') == std::ranges::count(hidden, '\n') + 1);
}

// clang-format off
TEST_CASE("a sale in Chinese on narrow paper looks like this", "[receipt]") {
  CHECK(printed(some_receipt(), kColumnsNarrow, Language::ZhCn) == R"(
#           好邻居超市
|           人民广场店
#            销售小票
|税号: 91310000MA1FL0000X
|单号: T-0001-000123
|时间: 2026-11-21 18:30:05
|终端: T-0001
|收银员: 小王
|--------------------------------
|可口可乐 330毫升
|  5 x 3.50                 17.50
|  可乐特价                 -2.50
|  第二件半价               -3.00
|烟台红富士苹果（精选大果礼盒散
|装）
|  0.734kg x 12.80/500g     18.79
|赠品: 纪念杯                  x1
|--------------------------------
|小计                       36.29
|  第二件半价 承担方 可口可乐公司
|                            1.00
|满20减5券                  -5.00
|优惠合计                  -10.50
|另加税                      1.42
=合计                      ¥27.21
|税率 13% / 8.89             1.16
|税率 9% / 15.74             1.42
|--------------------------------
|微信支付                  ¥20.00
|  支付平台优惠              1.00
|  账户                  ****eS6o
|  订单号
|       T00010000003V7Q2ZK8F5M1C0
|  交易号
|    4200001234202611210123456789
|现金                       ¥7.21
|  实收                     10.00
|  抹零                      0.01
|  找零                      2.80
|--------------------------------
|          扫码开具发票
%https://fapiao.example/q?s=000123
|--------------------------------
|            谢谢惠顾
)");
}

TEST_CASE("a sale in English on wide paper looks like this", "[receipt]") {
  CHECK(printed(some_receipt(), kColumnsWide, Language::En) == R"(
#                   好邻居超市
|                   人民广场店
#                    RECEIPT
|Tax no.: 91310000MA1FL0000X
|Sale: T-0001-000123
|Time: 2026-11-21 18:30:05
|Terminal: T-0001
|Cashier: 小王
|------------------------------------------------
|可口可乐 330毫升
|  5 x 3.50                                 17.50
|  可乐特价                                 -2.50
|  第二件半价                               -3.00
|烟台红富士苹果（精选大果礼盒散装）
|  0.734kg x 12.80/500g                     18.79
|Gift: 纪念杯                                  x1
|------------------------------------------------
|Subtotal                                   36.29
|  第二件半价 paid by 可口可乐公司           1.00
|满20减5券                                  -5.00
|You save                                  -10.50
|Tax added                                   1.42
=TOTAL                                     ¥27.21
|Tax 13% / 8.89                              1.16
|Tax 9% / 15.74                              1.42
|------------------------------------------------
|微信支付                                  ¥20.00
|  Wallet's discount                         1.00
|  Account                               ****eS6o
|  Order                T00010000003V7Q2ZK8F5M1C0
|  Transaction       4200001234202611210123456789
|cash                                       ¥7.21
|  Received                                 10.00
|  Rounding                                  0.01
|  Change                                    2.80
|------------------------------------------------
|              Scan for an invoice
%https://fapiao.example/q?s=000123
|------------------------------------------------
|                   Thank you
)");
}

TEST_CASE("a refund in Chinese, at a terminal whose clock is not set looks like this", "[receipt]") {
  CHECK(printed(some_refund(), kColumnsNarrow, Language::ZhCn) == R"(
#           好邻居超市
|           人民广场店
#            退款小票
|税号: 91310000MA1FL0000X
|单号: T-0001-000125
|时间: 2026-11-21 18:30:05（时间
|未校准）
|原单号: T-0001-000123
|原时间: 2026-11-21 18:30:05
|终端: T-0001
|收银员: 自助
|--------------------------------
|可口可乐 330毫升
|  2 x 3.50                  7.00
|  可乐特价                 -1.00
|  第二件半价               -1.50
|烟台红富士苹果（精选大果礼盒散
|装）
|  0.734kg x 12.80/500g     18.79
|--------------------------------
|小计                       25.79
|  第二件半价 承担方 可口可乐公司
|                            0.50
|满20减5券                  -3.78
|优惠合计                   -6.28
|另加税                      1.42
=退款合计                  ¥20.93
|税率 13% / 3.34             0.43
|税率 9% / 15.74             1.42
|--------------------------------
|微信支付                  ¥20.93
|  账户                  ****eS6o
|  订单号                   R0001
|  交易号
|    4200001234202611210123456789
)");
}

TEST_CASE("a refund in English on wide paper looks like this", "[receipt]") {
  CHECK(printed(some_refund(), kColumnsWide, Language::En) == R"(
#                   好邻居超市
|                   人民广场店
#                     REFUND
|Tax no.: 91310000MA1FL0000X
|Sale: T-0001-000125
|Time: 2026-11-21 18:30:05 (clock not set)
|Refund of sale: T-0001-000123
|Sold at: 2026-11-21 18:30:05
|Terminal: T-0001
|Cashier: self-service
|------------------------------------------------
|可口可乐 330毫升
|  2 x 3.50                                  7.00
|  可乐特价                                 -1.00
|  第二件半价                               -1.50
|烟台红富士苹果（精选大果礼盒散装）
|  0.734kg x 12.80/500g                     18.79
|------------------------------------------------
|Subtotal                                   25.79
|  第二件半价 paid by 可口可乐公司           0.50
|满20减5券                                  -3.78
|You save                                   -6.28
|Tax added                                   1.42
=REFUND TOTAL                              ¥20.93
|Tax 13% / 3.34                              0.43
|Tax 9% / 15.74                              1.42
|------------------------------------------------
|微信支付                                  ¥20.93
|  Account                               ****eS6o
|  Order                                    R0001
|  Transaction       4200001234202611210123456789
)");
}

TEST_CASE("the copy of a slip in Chinese looks like this", "[receipt]") {
  CHECK(printed(copy_of(some_slip()), kColumnsNarrow, Language::ZhCn) == R"(
#           好邻居超市
|           人民广场店
#           交易未完成
#         *** 补打 1 ***
|税号: 91310000MA1FL0000X
|单号: T-0001-000123
|时间: 2026-11-21 18:30:05
|终端: T-0001
|收银员: 小王
|--------------------------------
|交易未完成。如已扣款¥12.30，会自
|动退回，无需操作。订单号
|T00010000003V7Q2ZK8F5M1C0。
=涉及金额                  ¥12.30
|--------------------------------
|微信支付                  ¥12.30
|  账户                  ****eS6o
|  订单号
|       T00010000003V7Q2ZK8F5M1C0
)");
}

TEST_CASE("a slip in English on narrow paper looks like this", "[receipt]") {
  CHECK(printed(some_slip(), kColumnsNarrow, Language::En) == R"(
#           好邻居超市
|           人民广场店
#         NOT COMPLETED
|Tax no.: 91310000MA1FL0000X
|Sale: T-0001-000123
|Time: 2026-11-21 18:30:05
|Terminal: T-0001
|Cashier: 小王
|--------------------------------
|Not completed. If you were
|charged ¥12.30, it comes back by
|itself. Order
|T00010000003V7Q2ZK8F5M1C0.
=AMOUNT                    ¥12.30
|--------------------------------
|微信支付                  ¥12.30
|  Account               ****eS6o
|  Order
|       T00010000003V7Q2ZK8F5M1C0
)");
}

// clang-format on

TEST_CASE("no line is wider than the paper, whatever stands on it", "[receipt]") {
  ReceiptData receipt = some_receipt();
  const std::string words = "烟台红富士 big red apples（精选）from Yantai 500g 每箱十二个，";
  receipt.header.merchant = words + words;
  receipt.header.address = words;
  receipt.header.operator_name = std::string(150, 'W');
  receipt.lines[0].name = std::string(200, 'n');
  receipt.lines[1].name = words;
  receipt.uses[0].name = words;
  receipt.uses[2].name = std::string(100, 'u');
  receipt.gifts[0].name = words;
  receipt.tenders[0].name = words;
  receipt.tenders[0].account = "*" + words.substr(0, 15) + std::string(60, 'a');
  receipt.tenders[0].order = id_of_text<OrderNumber>(std::string(32, 'O'));
  receipt.tenders[0].transaction = id_of_text<TransactionNumber>(std::string(64, 't'));
  receipt.header.sale = id_of_text<SaleNumber>(std::string(48, 's'));
  for (const std::size_t columns : {kColumnsNarrow, kColumnsWide}) {
    for (const Language language : {Language::ZhCn, Language::En}) {
      for (const PaperLine& line : must(lay_out(receipt, columns, language))) {
        CAPTURE(line.text);
        if (line.style != PaperStyle::QrCode) CHECK(columns_of(line.text) <= columns);
        CHECK_FALSE(line.text.empty());
        CHECK_FALSE(line.text.ends_with(' '));
      }
    }
  }
}

TEST_CASE("every amount ends at the edge of the paper", "[receipt]") {
  for (const std::size_t columns : {kColumnsNarrow, kColumnsWide}) {
    int amounts = 0;
    for (const PaperLine& line : must(lay_out(some_receipt(), columns, Language::ZhCn))) {
      const bool amount = line.text.size() > 3 && line.text[line.text.size() - 3] == '.';
      if (!amount) continue;
      CAPTURE(line.text);
      CHECK(columns_of(line.text) == columns);
      ++amounts;
    }
    CHECK(amounts == 18);
  }
}

TEST_CASE("an amount moves to a line of its own where its text leaves no room", "[receipt]") {
  ReceiptData receipt = some_receipt();
  const auto line_with = [&](std::string_view end) {
    for (const PaperLine& line : must(lay_out(receipt, kColumnsNarrow, Language::En))) {
      if (line.text.ends_with(end)) return line.text;
    }
    return std::string();
  };
  // "-5.00" and a space leave 26 columns.
  receipt.uses[2].name = std::string(26, 'c');
  CHECK(line_with("-5.00") == std::string(26, 'c') + " -5.00");
  receipt.uses[2].name = std::string(27, 'c');
  CHECK(line_with("-5.00") == std::string(27, ' ') + "-5.00");
}

TEST_CASE("rates and weights are written short", "[receipt]") {
  ReceiptData receipt = some_receipt();
  const auto shows = [&](std::string_view text) { return printed(receipt, kColumnsWide, Language::En).contains(text); };
  const auto set_rate = [&](std::int32_t rate) {
    receipt.lines[0].tax_rate = core::BasisPoints(rate);
    receipt.taxes[0].rate = core::BasisPoints(rate);
  };
  set_rate(650);
  CHECK(shows("Tax 6.5% / "));
  set_rate(625);
  CHECK(shows("Tax 6.25% / "));
  set_rate(5);
  CHECK(shows("Tax 0.05% / "));
  set_rate(0);
  CHECK(shows("Tax 0% / "));
  receipt.lines[1].quantity = must(core::Quantity::grams(12'000));
  receipt.lines[1].per_grams = 1'000;
  CHECK(shows("  12kg x 12.80/kg"));
  receipt.lines[1].quantity = must(core::Quantity::grams(5));
  receipt.lines[1].per_grams = 0;
  CHECK(shows("  0.005kg   "));
}

TEST_CASE("the time is the shop's", "[receipt]") {
  ReceiptData receipt = some_receipt();
  receipt.header.utc_offset = std::chrono::minutes{-90};
  CHECK(printed(receipt, kColumnsNarrow, Language::En).contains("Time: 2026-11-21 09:00:05\n"));
}

TEST_CASE("a refund in cash says what is handed out", "[receipt]") {
  ReceiptData receipt = some_refund();
  const std::int64_t total = receipt.total;
  receipt.tenders = {some_cash(total, total - total % 10, 0, total % 10)};
  const std::string paper = printed(receipt, kColumnsNarrow, Language::En);
  CHECK(paper.contains("Handed out"));
  CHECK_FALSE(paper.contains("Received"));
  CHECK_FALSE(paper.contains("Change"));
}

TEST_CASE("paper of another width, and a receipt that does not add up, are refused", "[receipt]") {
  ReceiptData receipt = some_receipt();
  for (const std::size_t columns : {std::size_t{0}, std::size_t{31}, std::size_t{40}, std::size_t{64}})
    CHECK(failed_with(lay_out(receipt, columns, Language::En), ErrorCode::InvalidArgument));
  ++receipt.total;
  CHECK(failed_with(lay_out(receipt, kColumnsNarrow, Language::En), ErrorCode::InvalidArgument));
  receipt = some_receipt();
  receipt.header.at.at = core::WallTime::max();
  CHECK(failed_with(lay_out(receipt, kColumnsNarrow, Language::En), ErrorCode::InvalidArgument));
}

}  // namespace
}  // namespace tillkit::receipt
