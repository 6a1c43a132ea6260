// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/checkout/permissions.hpp"
#include "tillkit/checkout/shopper.hpp"
#include "tillkit/checkout/story.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/fulfilment/report.hpp"
#include "tillkit/offers/model.hpp"
#include "tillkit/payment/tender.hpp"
#include "tillkit/receipt/escpos.hpp"
#include "tillkit/receipt/limits.hpp"
#include "tillkit/receipt/texts.hpp"

/// What makes one vending machine this one: the file that its maker or the merchant's technician writes. Every key is
/// described in `firmware/vending/README.md`.
namespace tillkit::vending {

inline constexpr std::size_t kOperatorsMax = 50;
inline constexpr std::size_t kDevicePathBytesMax = 255;
/// The sale's number is added to it, and then a receipt must still take it.
inline constexpr std::size_t kFapiaoLinkBytesMax = receipt::kLinkBytesMax - receipt::kSaleNumberBytesMax;
inline constexpr core::JsonLimits kConfigJsonLimits{
    .bytes_max = 65'536, .depth_max = 8, .values_max = 1'000, .members_max = 64, .string_bytes_max = 1'024};

/// Who brings the goods out.
enum class GoodsBy : std::uint8_t {
  Dispenser,  ///< this terminal turns the motors
  Mdb,        ///< a vending machine controller, of which this terminal is a cashless peripheral
};

struct GoodsConfig {
  GoodsBy by = GoodsBy::Dispenser;
  fulfilment::HandoverPolicy unknown{};
  std::chrono::milliseconds motor_max{8'000};
  std::int64_t mdb_address = 0x10;
  bool mdb_always_idle = true;  ///< the controller asks at any time; else it needs a session before each selection
};

/// How long a machine waits for people.
struct Patience {
  std::chrono::seconds basket{60};  ///< from the last touch or scan until goods that nobody pays leave the screen
  std::chrono::seconds result{8};   ///< that the end of a sale stays on the screen
};

/// Paths of devices; empty: not fitted.
struct DeviceConfig {
  std::string scanner;                ///< an input device, e.g. `/dev/input/by-id/usb-scanner-event-kbd`
  std::string scanner_line;           ///< or a serial line
  std::string printer;                ///< a device file, e.g. `/dev/usb/lp0`
  std::string printer_line;           ///< or a serial line
  std::string display_socket;         ///< where the integrator's user interface connects
  std::string mdb_bridge;             ///< the serial line to the MDB bridge
  std::string watchdog;               ///< e.g. `/dev/watchdog`
  std::string network_interface;      ///< e.g. `wwan0`; empty: nobody can say whether there is a network but by trying
  std::string hardware;               ///< of the sandbox: where its hardware listens, e.g. `127.0.0.1:7710`
  std::int64_t scanner_baud = 9'600;  ///< of `scanner_line`
  std::int64_t printer_baud = 115'200;  ///< of `printer_line`
};

struct Config {
  receipt::Language language = receipt::Language::ZhCn;
  checkout::StoreTexts store{};
  offers::Name store_id{};
  offers::Name channel{};
  std::chrono::minutes utc_offset{480};
  std::chrono::minutes day_change{240};
  payment::TenderSet tenders{};
  GoodsConfig goods{};
  receipt::PaperPrinter paper{};
  Patience patience{};
  checkout::MembershipSettings membership{};
  std::vector<checkout::Permission> operators{};  ///< a row for each thing that one may do
  std::chrono::milliseconds watchdog{10'000};
  DeviceConfig devices{};
};

/// What a board has of its own, whatever a configuration says of its devices.
struct BoardParts {
  bool motors = true;      ///< a product dispenser
  bool mdb_bridge = true;  ///< without a `devices.mdb_bridge`
};

/// Where a configuration is wrong, and what was expected there.
struct ConfigMistake {
  std::string path;      ///< JSON pointer: `/goods/motor_max_ms`; empty: the document itself
  std::string expected;  ///< in English: `a number from 500 to 60000`
};
/// `/goods/motor_max_ms: expected a number from 500 to 60000`
[[nodiscard]] std::string to_string(const ConfigMistake& mistake);

/// Reads a configuration. A key that nobody knows is a mistake, so that a typing error is not a setting that is
/// missing.
/// - InvalidArgument: not JSON, or not a configuration: `mistake`. Exhausted: beyond `kConfigJsonLimits`.
[[nodiscard]] core::Result<Config> read_config(std::string_view json, ConfigMistake& mistake);

/// What of a configuration cannot work on a board, whichever devices are plugged in. None: nothing that can be known
/// before it starts.
[[nodiscard]] std::optional<ConfigMistake> mistake_on(const BoardParts& board, const Config& config);

}  // namespace tillkit::vending
