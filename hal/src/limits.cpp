// SPDX-License-Identifier: Apache-2.0
#include "tillkit/hal/limits.hpp"

#include <array>

#include "tillkit/hal/clock.hpp"
#include "tillkit/hal/display.hpp"
#include "tillkit/hal/driver/scan_text.hpp"
#include "tillkit/hal/driver/serial_printer.hpp"
#include "tillkit/hal/http_client.hpp"
#include "tillkit/hal/key_store.hpp"
#include "tillkit/hal/local_server.hpp"
#include "tillkit/hal/printer.hpp"
#include "tillkit/hal/product_dispenser.hpp"
#include "tillkit/hal/scanner.hpp"
#include "tillkit/hal/scheduler.hpp"
#include "tillkit/hal/serial_port.hpp"
#include "tillkit/hal/watchdog.hpp"

namespace tillkit::hal {
namespace {

using core::NamedLimit;

constexpr std::int64_t number(std::size_t value) {
  return static_cast<std::int64_t>(value);
}

// clang-format off
constexpr std::array kLimits{
    NamedLimit{"hal.dispense_limit_max",             kDispenseLimitMax.count(),           "ms"},
    NamedLimit{"hal.dispense_limit_min",             kDispenseLimitMin.count(),           "ms"},
    NamedLimit{"hal.http_headers_max",               number(kHttpHeadersMax),             "headers"},
    NamedLimit{"hal.http_request_body_bytes_max",    number(kHttpRequestBodyBytesMax),    "bytes"},
    NamedLimit{"hal.http_requests_max",              number(kHttpRequestsMax),            "requests"},
    NamedLimit{"hal.http_response_body_bytes_max",   number(kHttpResponseBodyBytesMax),   "bytes"},
    NamedLimit{"hal.http_response_header_bytes_max", number(kHttpResponseHeaderBytesMax), "bytes"},
    NamedLimit{"hal.http_url_bytes_max",             number(kHttpUrlBytesMax),            "bytes"},
    NamedLimit{"hal.key_store_blob_bytes_max",       number(kKeyStoreBlobBytesMax),       "bytes"},
    NamedLimit{"hal.key_store_blobs_max",            number(kKeyStoreBlobsMax),           "blobs"},
    NamedLimit{"hal.local_connections_max",          number(kLocalConnectionsMax),        "connections"},
    NamedLimit{"hal.local_piece_bytes_max",          number(kLocalPieceBytesMax),         "bytes"},
    NamedLimit{"hal.local_request_bytes_max",        number(kLocalRequestBytesMax),       "bytes"},
    NamedLimit{"hal.press_bytes_max",                number(kPressBytesMax),              "bytes"},
    NamedLimit{"hal.print_bytes_max",                number(kPrintBytesMax),              "bytes"},
    NamedLimit{"hal.print_limit_min",                kPrintLimitMin.count(),              "ms"},
    NamedLimit{"hal.print_piece_bytes",              number(driver::kPrintPieceBytes),    "bytes"},
    NamedLimit{"hal.scan_bytes_max",                 number(kScanBytesMax),               "bytes"},
    NamedLimit{"hal.scan_pause_max",                 driver::kScanPauseMax.count(),       "ms"},
    NamedLimit{"hal.screen_bytes_max",               number(kScreenBytesMax),             "bytes"},
    NamedLimit{"hal.serial_chunk_bytes_max",         number(kSerialChunkBytesMax),        "bytes"},
    NamedLimit{"hal.serial_queue_bytes_max",         number(kSerialQueueBytesMax),        "bytes"},
    NamedLimit{"hal.serial_writes_max",              number(kSerialWritesMax),            "writes"},
    NamedLimit{"hal.timers_max",                     number(kTimersMax),                  "timers"},
    NamedLimit{"hal.vends_remembered_min",           number(kVendsRememberedMin),         "vends"},
    NamedLimit{"hal.wall_trusted_for",               kWallTrustedFor.count(),             "hours"},
    NamedLimit{"hal.watchdog_timeout_max",           kWatchdogTimeoutMax.count(),         "ms"},
    NamedLimit{"hal.watchdog_timeout_min",           kWatchdogTimeoutMin.count(),         "ms"},
};
// clang-format on

}  // namespace

std::span<const core::NamedLimit> hal_limits() {
  return kLimits;
}

}  // namespace tillkit::hal
