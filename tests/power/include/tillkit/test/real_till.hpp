// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tillkit/fulfilment/fulfilment.hpp"
#include "tillkit/hal/network_status.hpp"
#include "tillkit/hal_linux/clock.hpp"
#include "tillkit/hal_linux/event_loop.hpp"
#include "tillkit/hal_linux/file_key_store.hpp"
#include "tillkit/hal_linux/file_printer.hpp"
#include "tillkit/hal_linux/local_server.hpp"
#include "tillkit/hal_linux/random.hpp"
#include "tillkit/terminal/data_folder.hpp"
#include "tillkit/terminal/terminal.hpp"
#include "tillkit/test/file_wallet.hpp"
#include "tillkit/test/till_world.hpp"

namespace tillkit::test {

/// The shop of `TillWorld` as a real process has it: a `Terminal` on real files, with keys in files, the system's clock
/// and loop, and a wallet with books in a file beside them.
class RealTill {
 public:
  /// Opens what lies in the folder, or makes it. Throws where it does not come up to sell. `serves`: a technician's
  /// tool can ask it. `printer`: a device file; empty: none is fitted.
  RealTill(const std::string& folder, terminal::Observer& observer, std::uint32_t seed, bool serves = false,
           const std::string& printer = {});

  [[nodiscard]] hal_linux::EventLoop& loop() { return *loop_; }
  [[nodiscard]] FileWallet& wallet() { return wallet_; }
  [[nodiscard]] terminal::Terminal& terminal() { return *terminal_; }
  [[nodiscard]] checkout::Checkout& checkout() { return terminal_->checkout(); }
  [[nodiscard]] journal::Journal& journal() { return *terminal_->journal(); }

  /// Shows a code of which this comes. False: refused.
  bool pay_by_code(CodeSays says);
  /// Turns the loop until nothing is under way. False: it still is after so long.
  bool settle(std::chrono::seconds at_most);

  /// All that disagrees between sales, tenders and the wallet's books, in words; empty: nothing. Nothing may be under
  /// way.
  [[nodiscard]] std::string disagreement();

 private:
  class Network final : public hal::NetworkStatus {
    [[nodiscard]] hal::LinkState do_link() const override { return hal::LinkState::Online; }
    void do_listen(hal::LinkListener /*listener*/) override {}
  };

  terminal::DataFolder data_;
  hal_linux::Random random_;
  hal_linux::Clock clock_;
  std::unique_ptr<hal_linux::EventLoop> loop_;
  std::unique_ptr<hal_linux::FileKeyStore> keys_;
  Network network_;
  hal_linux::LocalServer server_;
  hal_linux::FilePrinter printer_;
  FileWallet wallet_;
  fulfilment::CounterFulfilment counter_;
  checkout::PermissionTable permissions_;
  hal::Board board_;
  std::unique_ptr<terminal::Terminal> terminal_;
};

}  // namespace tillkit::test
