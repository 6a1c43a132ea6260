// SPDX-License-Identifier: Apache-2.0
// Opens a till in the folder `till` of the working directory, and sells a bottle of cola for cash.
#include <cstdio>

#include <tillkit/catalog/csv_import.hpp>
#include <tillkit/hal_linux/file_key_store.hpp>
#include <tillkit/hal_virtual/board.hpp>
#include <tillkit/payment/gateway.hpp>
#include <tillkit/terminal/terminal.hpp>

using namespace tillkit;

struct Shopper : terminal::QuietObserver {
  void show(const receipt::ScreenModel& screen) override {
    std::puts(receipt::text_of(screen, receipt::Language::En, receipt::Audience::Shopper)->c_str());
  }
};

int main() {
  hal_virtual::VirtualBoard devices;  // scanner, clock, network ...; the keys are in files
  const auto keys = hal_linux::FileKeyStore::open("till", devices.random, hal_linux::KeyFolderUse::Own);
  if (!keys) return 1;
  hal::Board board{devices.clock, devices.scheduler, devices.random, keys->get()};
  board.network_status = &devices.network;
  payment::Gateway gateway(devices.http, {.origin = "https://pay.example"});
  fulfilment::CounterFulfilment counter;
  const checkout::PermissionTable staff({});
  Shopper shopper;

  terminal::Config config{.journal = {.path = "till/till.db"}};
  config.checkout.terminal = *journal::TerminalName::parse("T1");
  config.checkout.tenders.add(payment::TenderKind::Cash);
  catalog::CsvImport items;
  offers::RuleMistake mistake;
  if (!items.feed("code,name,price\n6901234567892,Cola,3.50\n")) return 1;
  auto goods = items.finish();
  auto rules = offers::RuleSet::compile({.version = "no offers yet"}, mistake);
  if (!goods || !rules) return 1;
  auto shelf = std::make_unique<checkout::Shelf>(*std::move(goods), *std::move(rules));

  const auto till = terminal::Terminal::open(config, {board, gateway, counter, staff, shopper}, std::move(shelf));
  if (!till || (*till)->stopped()) return 1;
  if (!(*till)->checkout().scan("6901234567892")) return 1;
  const auto paid = (*till)->checkout().pay_cash({500, core::kCny});  // durable when it returns
  return paid ? 0 : 1;
}
