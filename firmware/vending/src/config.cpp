// SPDX-License-Identifier: Apache-2.0
#include "config.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <span>
#include <utility>

#include "tillkit/core/utf8.hpp"
#include "tillkit/hal/product_dispenser.hpp"
#include "tillkit/hal/watchdog.hpp"
#include "tillkit/members/steps.hpp"
#include "tillkit/receipt/limits.hpp"
#include "tillkit/receipt/receipt.hpp"

namespace tillkit::vending {
namespace {

using core::ErrorCode;
using core::fail;
using core::JsonDocument;
using core::JsonValue;
using core::Result;

template <class Value>
using Names = std::span<const std::pair<std::string_view, Value>>;

constexpr std::array<std::pair<std::string_view, receipt::Language>, 2> kLanguages{
    {{"zh-CN", receipt::Language::ZhCn}, {"en", receipt::Language::En}}};
constexpr std::array<std::pair<std::string_view, GoodsBy>, 2> kGoodsBy{
    {{"dispenser", GoodsBy::Dispenser}, {"mdb", GoodsBy::Mdb}}};
constexpr std::array<std::pair<std::string_view, fulfilment::UnknownGoods>, 2> kUnknownGoods{
    {{"refund", fulfilment::UnknownGoods::Refund}, {"charge_stands", fulfilment::UnknownGoods::ChargeStands}}};
constexpr std::array<std::pair<std::string_view, members::EnrolPolicy>, 3> kEnrolPolicies{
    {{"provisional", members::EnrolPolicy::Provisional},
     {"automatic", members::EnrolPolicy::Automatic},
     {"off", members::EnrolPolicy::Off}}};
constexpr std::array<std::pair<std::string_view, receipt::PaperFont>, 2> kFonts{
    {{"gbk", receipt::PaperFont::Gbk}, {"gb18030", receipt::PaperFont::Gb18030}}};
constexpr std::array<std::pair<std::string_view, std::int64_t>, 2> kMdbAddresses{{{"10H", 0x10}, {"60H", 0x60}}};
/// Scanners and printers know no others.
constexpr std::array<std::int64_t, 8> kBauds{1'200, 2'400, 4'800, 9'600, 19'200, 38'400, 57'600, 115'200};
/// A machine without a cash acceptor of its own: what the controller takes in coins never passes this terminal.
constexpr std::array<std::pair<std::string_view, payment::TenderKind>, 4> kTenders{
    {{"wallet_code", payment::TenderKind::WalletCode},
     {"wallet_qr", payment::TenderKind::WalletQr},
     {"points", payment::TenderKind::Points},
     {"stored_value", payment::TenderKind::StoredValue}}};
constexpr std::array<std::pair<std::string_view, checkout::Action>, 6> kActions{{{"void", checkout::Action::Void},
                                                                                 {"refund", checkout::Action::Refund},
                                                                                 {"reprint", checkout::Action::Reprint},
                                                                                 {"resolve", checkout::Action::Resolve},
                                                                                 {"age", checkout::Action::Age},
                                                                                 {"slots", checkout::Action::Slots}}};

/// One object of the file. Remembers the first mistake in it; what is read after that is of no use.
class Section {
 public:
  Section(const JsonDocument& document, ConfigMistake& mistake, std::optional<JsonValue> object,
          std::initializer_list<std::string_view> names)
      : document_(document), mistake_(mistake), object_(object) {
    if (!object_) return;
    if (object_->kind() != core::JsonKind::Object) {
      blame(*object_, "an object");
    } else if (const auto known = object_->only(names); !known) {
      std::string all = "no other key than";
      std::string_view between = " ";
      for (const std::string_view name : names) {
        all.append(between).append(name);
        between = ", ";
      }
      blame(known.error(), std::move(all));
    }
  }

  [[nodiscard]] bool wrong() const { return wrong_; }

  [[nodiscard]] std::optional<JsonValue> find(std::string_view name) const {
    return object_ ? object_->find(name) : std::nullopt;
  }

  /// Text of at most `bytes_max`, on one line.
  void read(std::string_view name, std::string& into, std::size_t bytes_max) {
    const auto value = find(name);
    if (!value || wrong_) return;
    const auto text = value->text();
    if (!text || text->size() > bytes_max || text->find_first_of("\r\n") != std::string_view::npos) {
      return blame(*value, "a line of at most " + std::to_string(bytes_max) + " bytes");
    }
    into = *text;
  }

  /// What a receipt says: one that a receipt refused would be seen only once nothing is printed any more.
  void read_printed(std::string_view name, std::string& into) {
    const auto value = find(name);
    if (!value || wrong_) return;
    const auto text = value->text();
    if (!text || !(text->empty() || receipt::is_receipt_text(*text))) {
      return blame(*value,
                   "a line of at most " + std::to_string(receipt::kTextBytesMax) + " bytes without control characters");
    }
    into = *text;
  }

  void read_printed_link(std::string_view name, std::string& into, std::size_t bytes_max) {
    const auto value = find(name);
    if (!value || wrong_) return;
    const auto text = value->text();
    if (!text || text->size() > bytes_max || !receipt::is_receipt_link(*text)) {
      return blame(*value, "a link of at most " + std::to_string(bytes_max) +
                               " bytes of printable ASCII without spaces; write anything else as %XX");
    }
    into = *text;
  }

  void read_mandatory(std::string_view name, std::string& into) {
    read_printed(name, into);
    if (wrong_ || !into.empty()) return;
    const auto value = find(name);
    if (value) return blame(*value, "a text that is not empty");
    mistake_.path += "/";
    mistake_.path += name;
    mistake_.expected = "a text: it is mandatory";
    wrong_ = true;
  }

  template <class Id>
  void read_name(std::string_view name, Id& into) {
    const auto value = find(name);
    if (!value || wrong_) return;
    const auto text = value->text();
    const auto parsed = text ? Id::parse(*text) : Result<Id>(std::unexpected(text.error()));
    if (!parsed) return blame(*value, "a name: letters, digits, '-', '_' and '.'");
    into = *parsed;
  }

  void read_baud(std::string_view name, std::int64_t& into) {
    const auto value = find(name);
    if (!value || wrong_) return;
    const auto baud = value->integer();
    if (!baud || std::ranges::find(kBauds, *baud) == kBauds.end()) {
      std::string expected = "one of";
      std::string_view between = " ";
      for (const std::int64_t known : kBauds) {
        expected.append(between).append(std::to_string(known));
        between = ", ";
      }
      return blame(*value, std::move(expected));
    }
    into = *baud;
  }

  [[nodiscard]] std::int64_t integer(std::string_view name, std::int64_t otherwise, std::int64_t min,
                                     std::int64_t max) {
    const auto value = find(name);
    if (!value || wrong_) return otherwise;
    const auto number = value->integer_in(min, max);
    if (number) return *number;
    blame(*value, "a number from " + std::to_string(min) + " to " + std::to_string(max));
    return otherwise;
  }

  void read_flag(std::string_view name, bool& into) {
    const auto value = find(name);
    if (!value || wrong_) return;
    const auto flag = value->boolean();
    if (!flag) return blame(*value, "true or false");
    into = *flag;
  }

  template <class Duration>
  void read_time(std::string_view name, Duration& into, Duration min, Duration max) {
    into = Duration(integer(name, into.count(), min.count(), max.count()));
  }

  template <class Value>
  void choose(std::string_view name, Value& into, Names<Value> names) {
    const auto value = find(name);
    if (!value || wrong_) return;
    if (const auto chosen = find_name(*value, names)) into = *chosen;
  }

  /// Each of a list of names.
  template <class Value, class Add>
  void choose_each(std::string_view name, Names<Value> names, Add add) {
    const auto value = find(name);
    if (!value || wrong_) return;
    const auto elements = value->elements();
    if (!elements) return blame(*value, "a list");
    for (const JsonValue element : *elements) {
      const auto chosen = find_name(element, names);
      if (!chosen) return;
      add(*chosen);
    }
  }

  void blame(const JsonValue& value, std::string expected) { blame(value.mistake().error(), std::move(expected)); }

 private:
  template <class Value>
  std::optional<Value> find_name(const JsonValue& value, Names<Value> names) {
    const auto text = value.text();
    for (const auto& [word, meaning] : names) {
      if (text && *text == word) return meaning;
    }
    std::string expected = "one of";
    std::string_view between = " ";
    for (const auto& [word, meaning] : names) {
      expected.append(between).append("\"").append(word).append("\"");
      between = ", ";
    }
    blame(value, std::move(expected));
    return std::nullopt;
  }

  void blame(const core::Error& error, std::string expected) {
    if (wrong_) return;
    wrong_ = true;
    mistake_ = {.path = document_.path_of(error).value_or(std::string()), .expected = std::move(expected)};
  }

  const JsonDocument& document_;
  ConfigMistake& mistake_;
  std::optional<JsonValue> object_;
  bool wrong_ = false;
};

/// Reads the sections of one document, as long as none is wrong.
class Reader {
 public:
  Reader(const JsonDocument& document, ConfigMistake& mistake) : document_(document), mistake_(mistake) {}

  Result<Config> read() {
    using Read = bool (Reader::*)();
    constexpr std::array<Read, 9> kSections{&Reader::read_root,    &Reader::read_shop,    &Reader::read_clock,
                                            &Reader::read_goods,   &Reader::read_paper,   &Reader::read_patience,
                                            &Reader::read_members, &Reader::read_devices, &Reader::read_operators};
    for (const Read part : kSections) {
      if (!(this->*part)()) return fail(ErrorCode::InvalidArgument);
    }
    return std::move(config_);
  }

 private:
  [[nodiscard]] Section open(std::string_view name, std::initializer_list<std::string_view> names) {
    mistake_.path = std::string("/").append(name);
    return {document_, mistake_, document_.root().find(name), names};
  }

  bool read_root() {
    Section root(document_, mistake_, document_.root(),
                 {"language", "shop", "clock", "tenders", "goods", "paper", "patience", "members", "devices",
                  "operators", "watchdog_ms"});
    root.choose<receipt::Language>("language", config_.language, kLanguages);
    root.read_time("watchdog_ms", config_.watchdog, hal::kWatchdogTimeoutMin, hal::kWatchdogTimeoutMax);
    root.choose_each<payment::TenderKind>("tenders", kTenders,
                                          [&](payment::TenderKind kind) { config_.tenders.add(kind); });
    if (root.wrong()) return false;
    if (const auto tenders = root.find("tenders")) {
      if (config_.tenders.empty()) root.blame(*tenders, "at least one tender: a machine that takes none sells nothing");
    } else {
      for (const auto& [name, kind] : kTenders)
        config_.tenders.add(kind);
    }
    return !root.wrong();
  }

  bool read_shop() {
    Section shop = open("shop", {"merchant", "store", "tax_number", "address", "fapiao_link", "store_id", "channel"});
    shop.read_mandatory("merchant", config_.store.merchant);
    shop.read_mandatory("store", config_.store.store);
    shop.read_printed("tax_number", config_.store.tax_number);
    shop.read_printed("address", config_.store.address);
    shop.read_printed_link("fapiao_link", config_.store.fapiao_link, kFapiaoLinkBytesMax);
    shop.read_name("store_id", config_.store_id);
    shop.read_name("channel", config_.channel);
    return !shop.wrong();
  }

  bool read_clock() {
    using std::chrono::minutes;
    Section clock = open("clock", {"utc_offset_minutes", "day_change_minutes"});
    clock.read_time("utc_offset_minutes", config_.utc_offset, minutes(-720), minutes(840));
    clock.read_time("day_change_minutes", config_.day_change, minutes(0), minutes(1'439));
    return !clock.wrong();
  }

  bool read_goods() {
    using std::chrono::milliseconds;
    GoodsConfig& goods = config_.goods;
    Section section = open(
        "goods", {"by", "unknown", "ask_every_ms", "ask_for_ms", "motor_max_ms", "mdb_address", "mdb_always_idle"});
    section.choose<GoodsBy>("by", goods.by, kGoodsBy);
    section.choose<fulfilment::UnknownGoods>("unknown", goods.unknown.unknown, kUnknownGoods);
    section.read_time("ask_every_ms", goods.unknown.inspect_every, milliseconds(100), milliseconds(60'000));
    section.read_time("ask_for_ms", goods.unknown.inspect_for, milliseconds(1'000), milliseconds(3'600'000));
    section.read_time("motor_max_ms", goods.motor_max, hal::kDispenseLimitMin, hal::kDispenseLimitMax);
    section.choose<std::int64_t>("mdb_address", goods.mdb_address, kMdbAddresses);
    section.read_flag("mdb_always_idle", goods.mdb_always_idle);
    return !section.wrong();
  }

  bool read_paper() {
    Section paper = open("paper", {"columns", "font", "cutter"});
    const auto wide = static_cast<std::int64_t>(receipt::kColumnsWide);
    const auto narrow = static_cast<std::int64_t>(receipt::kColumnsNarrow);
    const std::int64_t columns = paper.integer("columns", narrow, narrow, wide);
    if (columns != narrow && columns != wide && !paper.wrong()) paper.blame(*paper.find("columns"), "32 or 48");
    config_.paper.columns = static_cast<std::size_t>(columns);
    paper.choose<receipt::PaperFont>("font", config_.paper.font, kFonts);
    paper.read_flag("cutter", config_.paper.cutter);
    return !paper.wrong();
  }

  bool read_patience() {
    using std::chrono::seconds;
    Section patience = open("patience", {"basket_s", "result_s"});
    patience.read_time("basket_s", config_.patience.basket, seconds(10), seconds(600));
    patience.read_time("result_s", config_.patience.result, seconds(1), seconds(60));
    return !patience.wrong();
  }

  bool read_members() {
    using std::chrono::milliseconds;
    Section members = open("members", {"enrol", "identify_ms", "points", "points_worth_minor"});
    checkout::MembershipSettings& settings = config_.membership;
    members.choose<members::EnrolPolicy>("enrol", settings.enrol, kEnrolPolicies);
    members.read_time("identify_ms", settings.identify_max, milliseconds(0), milliseconds(5'000));
    settings.points_rate.points = members.integer("points", settings.points_rate.points, 1, 1'000'000);
    settings.points_rate.minor = members.integer("points_worth_minor", settings.points_rate.minor, 1, 1'000'000);
    return !members.wrong();
  }

  bool read_devices() {
    Section devices =
        open("devices", {"scanner", "scanner_line", "scanner_baud", "printer", "printer_line", "printer_baud",
                         "display_socket", "mdb_bridge", "watchdog", "network_interface", "hardware"});
    DeviceConfig& paths = config_.devices;
    devices.read("scanner", paths.scanner, kDevicePathBytesMax);
    devices.read("scanner_line", paths.scanner_line, kDevicePathBytesMax);
    devices.read_baud("scanner_baud", paths.scanner_baud);
    devices.read("printer", paths.printer, kDevicePathBytesMax);
    devices.read("printer_line", paths.printer_line, kDevicePathBytesMax);
    devices.read_baud("printer_baud", paths.printer_baud);
    devices.read("display_socket", paths.display_socket, kDevicePathBytesMax);
    devices.read("mdb_bridge", paths.mdb_bridge, kDevicePathBytesMax);
    devices.read("watchdog", paths.watchdog, kDevicePathBytesMax);
    devices.read("network_interface", paths.network_interface, kDevicePathBytesMax);
    devices.read("hardware", paths.hardware, kDevicePathBytesMax);
    if (devices.wrong()) return false;
    if (const auto line = devices.find("scanner_line"); line && !paths.scanner.empty() && !paths.scanner_line.empty()) {
      devices.blame(*line, "nothing: there is a \"scanner\" already");
    }
    if (const auto line = devices.find("printer_line"); line && !paths.printer.empty() && !paths.printer_line.empty()) {
      devices.blame(*line, "nothing: there is a \"printer\" already");
    }
    return !devices.wrong();
  }

  bool read_operators() {
    const auto list = document_.root().find("operators");
    if (!list) return true;
    const auto elements = list->elements();
    if (!elements || list->size() > kOperatorsMax) {
      mistake_ = {.path = "/operators", .expected = "a list of at most " + std::to_string(kOperatorsMax)};
      return false;
    }
    for (const JsonValue element : *elements) {
      mistake_.path = document_.path_at(element.offset()).value_or(std::string());
      Section section(document_, mistake_, element, {"name", "may", "refund_max_minor"});
      journal::Operator name;
      if (!section.find("name")) section.blame(element, "a \"name\"");
      section.read_name("name", name);
      const std::int64_t refund_max = section.integer("refund_max_minor", 0, 0, 100'000'000);
      section.choose_each<checkout::Action>("may", kActions, [&](checkout::Action action) {
        config_.operators.push_back(
            {.operator_id = name, .actions = core::EnumSet<checkout::Action>{action}, .refund_max_minor = refund_max});
      });
      if (section.wrong()) return false;
    }
    return true;
  }

  const JsonDocument& document_;
  ConfigMistake& mistake_;
  Config config_{};
};

}  // namespace

std::string to_string(const ConfigMistake& mistake) {
  std::string text = mistake.path.empty() ? "the file" : mistake.path;
  return text.append(": expected ").append(mistake.expected);
}

std::optional<ConfigMistake> mistake_on(const BoardParts& board, const Config& config) {
  if (config.goods.by == GoodsBy::Dispenser && !board.motors) {
    return ConfigMistake{.path = "/goods/by", .expected = "\"mdb\": this board has no motors of its own"};
  }
  if (config.goods.by == GoodsBy::Mdb && !board.mdb_bridge && config.devices.mdb_bridge.empty()) {
    return ConfigMistake{.path = "/devices/mdb_bridge", .expected = "a serial line: goods come out by mdb"};
  }
  return std::nullopt;
}

Result<Config> read_config(std::string_view json, ConfigMistake& mistake) {
  mistake = {};
  const auto document = JsonDocument::parse(json, kConfigJsonLimits);
  if (!document) {
    mistake.expected = "JSON of at most " + std::to_string(kConfigJsonLimits.bytes_max) +
                       " bytes; it is wrong at byte " + std::to_string(document.error().foreign);
    return std::unexpected(document.error());
  }
  return Reader(*document, mistake).read();
}

}  // namespace tillkit::vending
