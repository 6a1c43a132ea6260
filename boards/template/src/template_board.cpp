// SPDX-License-Identifier: Apache-2.0
#include "tillkit/boards/template_board.hpp"

#include <utility>

#include "tillkit/core/version.hpp"

namespace tillkit::boards {

// DECIDE where the time comes from when the device starts. With a battery clock or NTP the kernel knows it, and this
// line is all. Without either the time is `Unknown` until the cloud has told it: certificates are then checked without
// dates, for that one request, and offers with a time window do not apply.
TemplateBoard::TemplateBoard() : clock_(core::source_time()) {}

core::Result<std::unique_ptr<TemplateBoard>> TemplateBoard::start(TemplateBoardSettings) {
  std::unique_ptr<TemplateBoard> board(new TemplateBoard());
  TILLKIT_TRY(board->loop_, hal_linux::EventLoop::create(board->clock_));
  return board;
}

// DECIDE the name servers and how many connections may stay open (HttpClientSettings). More than three are never
// needed.
core::Result<> TemplateBoard::connect(hal_linux::HttpClientSettings settings) {
  TILLKIT_TRY(http_client_, hal_linux::HttpClient::create(*loop_, clock_, std::move(settings)));
  return {};
}

hal::Board TemplateBoard::parts() {
  hal::Board parts{.clock = clock_, .scheduler = *loop_, .random = random_};
  parts.http_client = http_client_.get();

  // DECIDE where the device secret lies (hal/key_store.hpp): fuses, TPM, secure element, or a file. With a file,
  // whoever copies the disk has the device's keys. While it is null nothing can be signed and the device cannot enrol.
  parts.key_store = nullptr;

  // DECIDE how goods leave the machine: over an MDB bridge (serial_port), by motors that you drive (product_dispenser),
  // or by a person at a counter (both null). A dispenser that cannot see goods fall makes every power cut between motor
  // and commit a case for a person.
  parts.product_dispenser = nullptr;
  parts.serial_port = nullptr;

  // DECIDE what reads codes. Null: the terminal can show a code to pay, and cannot take one.
  parts.scanner = nullptr;

  // DECIDE what shows and prints. Null: nobody sees why a sale was refused; the receipt is the cloud's alone.
  parts.display = nullptr;
  parts.printer = nullptr;

  // DECIDE what restarts a program that hangs. Null: a person has to pull the plug.
  parts.watchdog = nullptr;

  // DECIDE whether something knows that the network is there (modem, link state). Null: the terminal finds out by
  // trying.
  parts.network_status = nullptr;
  return parts;
}

}  // namespace tillkit::boards
