// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tillkit/hal/clock.hpp"
#include "tillkit/hal/display.hpp"
#include "tillkit/hal/http_client.hpp"
#include "tillkit/hal/key_store.hpp"
#include "tillkit/hal/local_server.hpp"
#include "tillkit/hal/network_status.hpp"
#include "tillkit/hal/printer.hpp"
#include "tillkit/hal/product_dispenser.hpp"
#include "tillkit/hal/random.hpp"
#include "tillkit/hal/scanner.hpp"
#include "tillkit/hal/scheduler.hpp"
#include "tillkit/hal/serial_port.hpp"
#include "tillkit/hal/watchdog.hpp"

namespace tillkit::hal {

/// The parts of a terminal, as a board hands them to a program. They belong to the board and live as long as it does.
/// Each board has the first three; a null pointer is a part that this one does not have.
struct Board {
  Clock& clock;
  Scheduler& scheduler;
  Random& random;

  KeyStore* key_store = nullptr;
  HttpClient* http_client = nullptr;
  NetworkStatus* network_status = nullptr;
  Watchdog* watchdog = nullptr;
  LocalServer* local_server = nullptr;  ///< for the technician's tool

  Scanner* scanner = nullptr;
  Display* display = nullptr;
  Printer* printer = nullptr;
  ProductDispenser* product_dispenser = nullptr;
  SerialPort* serial_port = nullptr;  ///< the line to the MDB bridge
};

}  // namespace tillkit::hal
