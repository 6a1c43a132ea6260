// SPDX-License-Identifier: Apache-2.0

// Makes a terminal's data folder with sales in it for tests of tillctl: a real terminal on a real disk.
//
// usage: till_sales DIR [--serve [PRINTER]]     --serve makes none, and answers on the socket until standard input
// ends;
//                                               PRINTER is the device file of its printer
//
// Sales: cash and closed; to a wallet and closed; a refund that the wallet refused; undone, of which nobody knows
// whether it was paid; put aside.

#include <chrono>
#include <cstdio>
#include <cstring>
#include <exception>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>

#include <unistd.h>

#include "tillkit/test/real_till.hpp"

namespace {

namespace checkout = tillkit::checkout;
namespace core = tillkit::core;
namespace hal_linux = tillkit::hal_linux;
namespace journal = tillkit::journal;
namespace receipt = tillkit::receipt;
namespace terminal = tillkit::terminal;
namespace test = tillkit::test;
using test::CodeSays;

class NobodyWatches final : public terminal::Observer {
  void show(const receipt::ScreenModel& /*screen*/) override {}
  void sale_ended(journal::SaleId /*sale*/, checkout::SaleState /*how*/) override {}
  void hand_out(journal::SaleId /*sale*/, const core::Money& /*cash*/) override {}
  void attention(receipt::Attention /*attention*/, const receipt::TextValues& /*values*/) override {}
  void check_age(int /*minimum_age*/) override {}
  void check_member(const tillkit::members::Hint& /*hint*/) override {}
  void status_changed(const terminal::Status& /*status*/) override {}
};

void must(bool done, const char* what) {
  if (!done) throw std::runtime_error(what);
}

void scan(test::RealTill& till, std::string_view code, std::int64_t pieces) {
  must(till.checkout().add(code, *core::Quantity::pieces(pieces)).has_value(), "scan");
}

void settle(test::RealTill& till) {
  must(till.settle(std::chrono::seconds(20)), "something is still under way");
}

void sell(test::RealTill& till) {
  must(till.checkout().sign_on(test::kAnna).has_value(), "sign on");
  scan(till, test::kCola, 1);
  must(till.checkout().pay_cash({1'000, core::kCny}).has_value(), "cash");

  scan(till, test::kRice, 1);
  must(till.pay_by_code(CodeSays::Pays), "wallet");
  settle(till);
  const auto bought = test::stories_of(till.journal()).back().id;
  till.wallet().refuses_refunds = true;
  must(till.checkout().refund({.sale = bought, .units = {}, .by = test::kLead}).has_value(), "refund");
  settle(till);

  till.wallet().refuses_reversals = true;
  scan(till, test::kCola, 2);
  must(till.pay_by_code(CodeSays::Thinks), "a wallet that thinks");
  must(till.checkout().give_up(test::kLead).has_value(), "give up");
  settle(till);

  scan(till, test::kCola, 1);
  must(till.checkout().suspend().has_value(), "suspend");
}

void serve(test::RealTill& till) {
  const auto watched =
      till.loop().watch(STDIN_FILENO, {.readable = true}, [&](hal_linux::Readiness) { till.loop().stop(); });
  must(watched.has_value(), "standard input cannot be watched");
  std::puts("serving");
  std::fflush(stdout);
  till.loop().run();
}

}  // namespace

int main(int count, char** values) {
  const std::span<char*> words(values, static_cast<std::size_t>(count));
  const bool serving = (count == 3 || count == 4) && std::strcmp(words[2], "--serve") == 0;
  if (count != 2 && !serving) return 2;
  try {
    NobodyWatches nobody;
    test::RealTill till(words[1], nobody, 1, serving, count == 4 ? words[3] : "");
    serving ? serve(till) : sell(till);
  } catch (const std::exception& trouble) {
    std::fprintf(stderr, "till_sales: %s\n", trouble.what());
    return 1;
  }
  return 0;
}
