// SPDX-License-Identifier: Apache-2.0
#include "config.hpp"

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "tillkit/receipt/receipt.hpp"

namespace tillkit::vending {
namespace {

using namespace std::chrono_literals;

std::string read_text(const std::string& name) {
  std::ifstream file(std::string(TILLKIT_VENDING_FOLDER) + name, std::ios::binary);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

Config good(std::string_view json) {
  ConfigMistake mistake;
  const auto config = read_config(json, mistake);
  if (!config) FAIL(to_string(mistake));
  return *config;
}

std::string mistake_in(std::string_view json) {
  ConfigMistake mistake;
  CHECK_FALSE(read_config(json, mistake).has_value());
  return to_string(mistake);
}

/// With the mandatory keys, and `more`.
std::string with(std::string_view more) {
  return std::string(R"({"shop":{"merchant":"m","store":"s"})").append(more).append("}");
}

TEST_CASE("the example is a configuration, and says what it looks like", "[vending]") {
  const Config config = good(read_text("/examples/vending.json"));

  CHECK(config.language == receipt::Language::ZhCn);
  CHECK(config.store.merchant == "街角小店");
  CHECK(config.store_id.view() == "shanghai-12");
  CHECK(config.goods.by == GoodsBy::Mdb);
  CHECK_FALSE(mistake_on({.motors = false, .mdb_bridge = false}, config));
  CHECK(config.goods.unknown.inspect_for == 60s);
  CHECK(config.patience.basket == 60s);
  CHECK(config.devices.watchdog == "/dev/watchdog");
  const checkout::PermissionTable staff(config.operators);
  const auto technician = journal::Operator::parse("technician").value();
  const auto may = [&](checkout::Action action, std::int64_t minor) {
    return staff.is_permitted(technician, action, {minor, core::kCny});
  };
  CHECK(may(checkout::Action::Refund, 5'000));
  CHECK_FALSE(may(checkout::Action::Refund, 5'001));
  CHECK(may(checkout::Action::Reprint, 0));
  CHECK_FALSE(may(checkout::Action::Void, 0));
}

TEST_CASE("what a configuration does not say has a default", "[vending]") {
  const Config config = good(with(""));

  CHECK(config.utc_offset == 480min);
  CHECK(config.tenders.has(payment::TenderKind::WalletCode));
  CHECK(config.tenders.has(payment::TenderKind::StoredValue));
  CHECK_FALSE(config.tenders.has(payment::TenderKind::Cash));
  CHECK(config.goods.unknown.unknown == fulfilment::UnknownGoods::Refund);
  CHECK(config.membership.enrol == members::EnrolPolicy::Provisional);
  CHECK(config.devices.scanner.empty());
  CHECK(config.paper.columns == 32);
  CHECK(config.devices.scanner_baud == 9'600);
  CHECK(config.devices.printer_baud == 115'200);
}

TEST_CASE("a mistake is named with its path and what was expected", "[vending]") {
  struct Case {
    std::string json;
    std::string_view told;
  };
  const std::vector<Case> cases{
      {"{", "the file: expected JSON of at most 65536 bytes; it is wrong at byte 1"},
      {R"([])", "the file: expected an object"},
      {R"({"shop":{"store":"s"}})", "/shop/merchant: expected a text: it is mandatory"},
      {R"({})", "/shop/merchant: expected a text: it is mandatory"},
      {R"({"shop":{"merchant":"","store":"s"}})", "/shop/merchant: expected a text that is not empty"},
      {R"({"shop":{"merchant":"m\nn","store":"s"}})",
       "/shop/merchant: expected a line of at most 200 bytes without control characters"},
      {R"({"shop":{"merchant":"m","store":"s\u0007"}})",
       "/shop/store: expected a line of at most 200 bytes without control characters"},
      {R"({"shop":{"merchant":"m","store":"s","tax_number":"9131\t"}})",
       "/shop/tax_number: expected a line of at most 200 bytes without control characters"},
      {R"({"shop":{"merchant":"m","store":"s","address":"a\u0085b"}})",
       "/shop/address: expected a line of at most 200 bytes without control characters"},
      {R"({"shop":{"merchant":"m","store":"s","fapiao_link":"https://发票.cn/?s="}})",
       "/shop/fapiao_link: expected a link of at most 464 bytes of printable ASCII without spaces; write anything else "
       "as %XX"},
      {R"({"shop":{"merchant":"m","store":"s","fapiao_link":"https://f.cn/? s="}})",
       "/shop/fapiao_link: expected a link of at most 464 bytes of printable ASCII without spaces; write anything else "
       "as %XX"},
      {R"({"shop":{"merchant":"m","store":"s","stroe_id":"x"}})",
       "/shop/stroe_id: expected no other key than merchant, store, tax_number, address, fapiao_link, store_id, "
       "channel"},
      {R"({"shop":{"merchant":"m","store":"s","channel":"a b"}})",
       "/shop/channel: expected a name: letters, digits, '-', '_' and '.'"},
      {with(R"(,"langauge":"en")"),
       "/langauge: expected no other key than language, shop, clock, tenders, goods, paper, patience, members, "
       "devices, "
       "operators, watchdog_ms"},
      {with(R"(,"language":"fr")"), R"(/language: expected one of "zh-CN", "en")"},
      {with(R"(,"tenders":[])"), "/tenders: expected at least one tender: a machine that takes none sells nothing"},
      {with(R"(,"tenders":"cash")"), "/tenders: expected a list"},
      {with(R"(,"tenders":["points","cash"])"),
       R"(/tenders/1: expected one of "wallet_code", "wallet_qr", "points", "stored_value")"},
      {with(R"(,"clock":{"utc_offset_minutes":841})"), "/clock/utc_offset_minutes: expected a number from -720 to 840"},
      {with(R"(,"goods":{"by":"hand"})"), R"(/goods/by: expected one of "dispenser", "mdb")"},
      {with(R"(,"goods":{"unknown":"keep"})"), R"(/goods/unknown: expected one of "refund", "charge_stands")"},
      {with(R"(,"goods":{"motor_max_ms":499})"), "/goods/motor_max_ms: expected a number from 500 to 60000"},
      {with(R"(,"goods":{"motor_max_ms":"8000"})"), "/goods/motor_max_ms: expected a number from 500 to 60000"},
      {with(R"(,"goods":{"mdb_address":16})"), R"(/goods/mdb_address: expected one of "10H", "60H")"},
      {with(R"(,"goods":{"mdb_always_idle":1})"), "/goods/mdb_always_idle: expected true or false"},
      {with(R"(,"goods":7)"), "/goods: expected an object"},
      {with(R"(,"paper":{"columns":40})"), "/paper/columns: expected 32 or 48"},
      {with(R"(,"paper":{"columns":64})"), "/paper/columns: expected a number from 32 to 48"},
      {with(R"(,"paper":{"font":"latin"})"), R"(/paper/font: expected one of "gbk", "gb18030")"},
      {with(R"(,"paper":{"cutter":1})"), "/paper/cutter: expected true or false"},
      {with(R"(,"patience":{"basket_s":9})"), "/patience/basket_s: expected a number from 10 to 600"},
      {with(R"(,"members":{"enrol":"always"})"),
       R"(/members/enrol: expected one of "provisional", "automatic", "off")"},
      {with(R"(,"members":{"points":0})"), "/members/points: expected a number from 1 to 1000000"},
      {with(R"(,"devices":{"scanner":"/a","scanner_line":"/b"})"),
       R"(/devices/scanner_line: expected nothing: there is a "scanner" already)"},
      {with(R"(,"devices":{"printer":"/a","printer_line":"/b"})"),
       R"(/devices/printer_line: expected nothing: there is a "printer" already)"},
      {with(R"(,"devices":{"scanner_baud":9601})"),
       "/devices/scanner_baud: expected one of 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200"},
      {with(R"(,"devices":{"printer_baud":"9600"})"),
       "/devices/printer_baud: expected one of 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200"},
      {with(R"(,"watchdog_ms":999)"), "/watchdog_ms: expected a number from 1000 to 60000"},
      {with(R"(,"operators":{})"), "/operators: expected a list of at most 50"},
      {with(R"(,"operators":[{"may":[]}])"), R"(/operators/0: expected a "name")"},
      {with(R"(,"operators":[{"name":"a"},{"name":"b","may":["sell"]}])"),
       R"(/operators/1/may/0: expected one of "void", "refund", "reprint", "resolve", "age", "slots")"},
      {with(R"(,"operators":[{"name":"a","refund_max_minor":-1}])"),
       "/operators/0/refund_max_minor: expected a number from 0 to 100000000"},
  };
  for (const auto& [json, told] : cases) {
    CAPTURE(json);
    CHECK(mistake_in(json) == told);
  }
}

TEST_CASE("a configuration that cannot work on its board is told so", "[vending]") {
  constexpr BoardParts kBare{.motors = false, .mdb_bridge = false};
  const auto told = [](const BoardParts& board, std::string_view more) {
    const auto mistake = mistake_on(board, good(with(more)));
    return mistake ? to_string(*mistake) : "";
  };

  CHECK(told(kBare, "") == R"(/goods/by: expected "mdb": this board has no motors of its own)");
  CHECK(told(kBare, R"(,"goods":{"by":"mdb"})") ==
        "/devices/mdb_bridge: expected a serial line: goods come out by mdb");
  CHECK(told(kBare, R"(,"goods":{"by":"mdb"},"devices":{"mdb_bridge":"/dev/ttyS1"})").empty());
  CHECK(told({}, "").empty());
  CHECK(told({}, R"(,"goods":{"by":"mdb"})").empty());
}

TEST_CASE("the longest link that a configuration takes leaves room for the number of a sale", "[vending]") {
  const auto with_link = [](std::size_t size) {
    return R"({"shop":{"merchant":"m","store":"s","fapiao_link":")" + std::string(size, 'x') + "\"}}";
  };

  const std::string link = good(with_link(kFapiaoLinkBytesMax)).store.fapiao_link;

  CHECK(receipt::is_receipt_link(link + std::string(receipt::kSaleNumberBytesMax, '9')));
  CHECK(
      mistake_in(with_link(kFapiaoLinkBytesMax + 1)).starts_with("/shop/fapiao_link: expected a link of at most 464"));
}

TEST_CASE("a configuration has limits", "[vending]") {
  std::string operators = R"({"name":"a","may":["void"]})";
  for (std::size_t i = 1; i < kOperatorsMax; ++i)
    operators += R"(,{"name":"a","may":["void"]})";
  CHECK(good(with(",\"operators\":[" + operators + "]")).operators.size() == kOperatorsMax);
  CHECK(mistake_in(with(",\"operators\":[" + operators + R"(,{"name":"a"}])")) ==
        "/operators: expected a list of at most 50");
  CHECK(
      good(with(R"(,"devices":{"scanner":")" + std::string(kDevicePathBytesMax, 'x') + "\"}")).devices.scanner.size() ==
      kDevicePathBytesMax);
  CHECK(mistake_in(with(R"(,"devices":{"scanner":")" + std::string(kDevicePathBytesMax + 1, 'x') + "\"}")) ==
        "/devices/scanner: expected a line of at most 255 bytes");
  CHECK(mistake_in(with(std::string(kConfigJsonLimits.bytes_max, ' ')))
            .starts_with("the file: expected JSON of at most"));
}

TEST_CASE("every key is described in the README", "[vending]") {
  const std::string readme = read_text("/README.md");
  for (const std::string_view key : {"language",
                                     "shop",
                                     "merchant",
                                     "store",
                                     "tax_number",
                                     "address",
                                     "fapiao_link",
                                     "store_id",
                                     "channel",
                                     "clock",
                                     "utc_offset_minutes",
                                     "day_change_minutes",
                                     "tenders",
                                     "goods",
                                     "by",
                                     "unknown",
                                     "ask_every_ms",
                                     "ask_for_ms",
                                     "motor_max_ms",
                                     "mdb_address",
                                     "mdb_always_idle",
                                     "patience",
                                     "basket_s",
                                     "result_s",
                                     "members",
                                     "enrol",
                                     "identify_ms",
                                     "points",
                                     "points_worth_minor",
                                     "devices",
                                     "scanner",
                                     "scanner_line",
                                     "scanner_baud",
                                     "printer",
                                     "printer_line",
                                     "printer_baud",
                                     "display_socket",
                                     "mdb_bridge",
                                     "watchdog",
                                     "network_interface",
                                     "hardware",
                                     "operators",
                                     "may",
                                     "refund_max_minor",
                                     "watchdog_ms"}) {
    CAPTURE(key);
    CHECK(readme.find("`" + std::string(key) + "`") != std::string::npos);
  }
}

}  // namespace
}  // namespace tillkit::vending
