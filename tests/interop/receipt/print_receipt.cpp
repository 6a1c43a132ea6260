// SPDX-License-Identifier: Apache-2.0

// Prints receipts as a terminal does, for a reader that shares no code with it.
//
// usage: print_receipt NAME COLUMNS zh-CN|en gbk|gb18030 OUTPUT [NAME-OF-AN-ITEM...]
//        NAME: sale, refund, slip, copy; the job's bytes go to OUTPUT, the layout's lines to standard output

#include <cstdio>
#include <fstream>
#include <iostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tillkit/receipt/escpos.hpp"
#include "tillkit/receipt/receipt.hpp"

namespace {

namespace core = tillkit::core;
namespace receipt = tillkit::receipt;

receipt::ReceiptHeader header() {
  receipt::ReceiptHeader header;
  header.merchant = "好邻居超市";
  header.tax_number = "91310000MA1FL0000X";
  header.store = "人民广场店";
  header.address = "上海市黄浦区南京西路231号";
  header.terminal = "T-0001";
  header.operator_name = "小王";
  header.sale = receipt::SaleNumber::parse("T-0001-000123").value();
  header.at = {core::WallTime{std::chrono::milliseconds{1'795'256'205'000}}, core::WallQuality::Trusted};
  header.fapiao_link = "https://fapiao.example/q?s=000123";
  return header;
}

receipt::ReceiptTender wallet(std::int64_t amount) {
  receipt::ReceiptTender tender;
  tender.kind = tillkit::payment::TenderKind::WalletCode;
  tender.name = "微信支付";
  tender.account = "****eS6o";
  tender.order = receipt::OrderNumber::parse("T00010000003V7Q2ZK8F5M1C0").value();
  tender.transaction = receipt::TransactionNumber::parse("4200001234202611210123456789").value();
  tender.amount = amount;
  return tender;
}

receipt::ReceiptData sale(std::span<const std::string_view> items) {
  receipt::ReceiptData data;
  data.header = header();
  data.currency = core::kCny;
  const auto line = [&](std::string name, std::int64_t count, std::int64_t price, std::int64_t discount) {
    receipt::ReceiptLine sold;
    sold.name = std::move(name);
    sold.quantity = core::Quantity::pieces(count).value();
    sold.unit_price = price;
    sold.list = count * price;
    if (discount != 0) sold.discounts = {{.use = 0, .amount = discount}};
    sold.net = sold.list - discount;
    data.list += sold.list;
    data.discount += discount;
    data.net += sold.net;
    data.lines.push_back(std::move(sold));
  };
  line("可口可乐 330毫升", 5, 350, 300);
  line("烟台红富士苹果（精选大果礼盒散装）", 2, 12'990, 0);
  line("Señor café 30ml ½价 €5", 1, 990, 0);
  for (const std::string_view item : items)
    line(std::string(item), 1, 123, 0);
  data.uses = {{.name = "第二件半价", .coupon = false, .under_lines = true, .discount = 300, .funders = {}}};
  data.taxes = {{.rate = core::BasisPoints(0), .included = true, .base = data.net, .tax = 0}};
  data.total = data.net;
  receipt::ReceiptTender cash;
  cash.amount = data.total - 2'000;
  cash.tendered = cash.amount + 280;
  cash.change = 280;
  data.tenders = {wallet(2'000), cash};
  return data;
}

receipt::ReceiptData slip() {
  receipt::ReceiptMistake mistake{};
  const std::vector<receipt::ReceiptTender> tenders{wallet(1'230)};
  return receipt::make_not_completed_slip(header(), core::kCny, tenders, mistake).value();
}

receipt::ReceiptData refund() {
  receipt::ReceiptData data = sale({});
  data.kind = receipt::ReceiptKind::Refund;
  data.refers_to = {receipt::SaleNumber::parse("T-0001-000120").value(), data.header.at};
  data.header.fapiao_link.clear();
  data.tenders = {wallet(data.total)};
  return data;
}

}  // namespace

int main(int count, char** values) {
  const std::vector<std::string_view> words(values, values + count);
  if (count < 6) return 2;
  const auto items = std::span(words).subspan(6);
  receipt::ReceiptData data = words[1] == "refund" ? refund() : words[1] == "slip" ? slip() : sale(items);
  if (words[1] == "copy") data = receipt::copy_of(data);
  const auto language = words[3] == "en" ? receipt::Language::En : receipt::Language::ZhCn;
  const receipt::PaperPrinter printer{
      .columns = words[2] == "32" ? receipt::kColumnsNarrow : receipt::kColumnsWide,
      .font = words[4] == "gbk" ? receipt::PaperFont::Gbk : receipt::PaperFont::Gb18030};
  if (const auto mistake = receipt::mistake_in(data); mistake != receipt::ReceiptMistake::None) {
    std::cerr << "a receipt with a mistake: " << receipt::to_string(mistake) << '\n';
    return 1;
  }
  const auto lines = receipt::lay_out(data, printer.columns, language, printer.font);
  const auto job = receipt::print_job(data, language, printer);
  if (!lines || !job) return 1;
  for (const receipt::PaperLine& line : *lines)
    std::cout << line.text << '\n';
  const auto bytes = core::as_text(*job);
  std::ofstream(std::string(words[5]), std::ios::binary)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return 0;
}
