// SPDX-License-Identifier: Apache-2.0
// headless_till DATA [CATALOG RULES]
//
// A terminal that was enrolled in DATA, on a real clock, disk and network; it sells what its files say, or else its
// cloud. A line of standard input is a JSON object that says what people do, `{"do":"scan","code":"6901234567892"}`;
// each is answered with one line, `{"ok":true}` or
// `{"refused":"unknown_item"}`. Lines with `event` come between. It ends with its input.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <unistd.h>

#include "tillkit/catalog/csv_import.hpp"
#include "tillkit/core/json_members.hpp"
#include "tillkit/core/version.hpp"
#include "tillkit/fulfilment/fulfilment.hpp"
#include "tillkit/hal_linux/clock.hpp"
#include "tillkit/hal_linux/event_loop.hpp"
#include "tillkit/hal_linux/file_key_store.hpp"
#include "tillkit/hal_linux/http_client.hpp"
#include "tillkit/hal_linux/local_server.hpp"
#include "tillkit/hal_linux/random.hpp"
#include "tillkit/ledger/tables.hpp"
#include "tillkit/offers/document.hpp"
#include "tillkit/terminal/cloud_services.hpp"
#include "tillkit/terminal/data_folder.hpp"
#include "tillkit/terminal/device_profile.hpp"
#include "tillkit/terminal/enroller.hpp"
#include "tillkit/terminal/terminal.hpp"

namespace {

using namespace tillkit;
using core::JsonValue;
using core::JsonWriter;
using std::chrono::milliseconds;

constexpr journal::Operator kManager = *journal::Operator::parse("manager");

template <class T>
T must(core::Result<T> result, std::string_view what) {
  if (!result) {
    throw std::runtime_error(std::string(what) + ": " + std::string(core::to_string(result.error().code)) + ' ' +
                             std::to_string(result.error().foreign));
  }
  return *std::move(result);
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// Null: the cloud's.
std::unique_ptr<checkout::Shelf> read_shelf(const std::string& catalog_path, const std::string& rules_path) {
  if (catalog_path.empty()) return nullptr;
  catalog::CsvImport import;
  if (!import.feed(read_file(catalog_path))) throw std::runtime_error("the catalog is refused");
  catalog::Catalog items = must(import.finish(), "the catalog is refused");
  offers::DocumentMistake document_mistake;
  auto document = offers::read_rules(read_file(rules_path), document_mistake);
  if (!document) throw std::runtime_error(offers::to_string(document_mistake));
  offers::RuleMistake rule_mistake;
  auto rules = must(offers::RuleSet::compile(*std::move(document), rule_mistake), "the rules are refused");
  return std::make_unique<checkout::Shelf>(std::move(items), std::move(rules));
}

/// What a shop may wait for in a test.
payment::PolicySet quick_policies() {
  using namespace std::chrono_literals;
  payment::ProviderPolicy policy = payment::gateway_policy();
  policy.ask_first_after = 200ms;
  policy.ask_unknown_after = 200ms;
  policy.ask_every = 1s;
  policy.give_up_after = 5s;
  policy.reverse_earliest = 0ms;
  policy.reverse_retry_first = 500ms;
  policy.refund_gap = 0ms;
  policy.refund_retry_first = 500ms;
  const std::string text = must(payment::write_policies(policy), "policies");
  return must(payment::read_policies(must(core::JsonDocument::parse(text), "policies").root()), "policies");
}

void print(JsonWriter& json) {
  std::puts(must(json.end_object().finish(), "a line").c_str());
  std::fflush(stdout);
}

/// A device whose clock has no battery: each start is in 1970.
class NoBattery final : public hal_linux::KernelTime {
 public:
  [[nodiscard]] core::MonotonicTime since_boot() const override { return hal_linux::kernel_time().since_boot(); }
  [[nodiscard]] core::WallTime wall() const override {
    return core::WallTime(std::chrono::floor<milliseconds>(since_boot().time_since_epoch()));
  }
  [[nodiscard]] bool synchronised() const override { return false; }
};

const hal_linux::KernelTime& time_of_test() {
  static const NoBattery no_battery;
  const char* const clock = std::getenv("TILLKIT_TEST_CLOCK");
  return clock != nullptr && std::string_view(clock) == "1970" ? no_battery : hal_linux::kernel_time();
}

/// There is always a network; whether anybody answers shows when somebody is asked.
class Network final : public hal::NetworkStatus {
  [[nodiscard]] hal::LinkState do_link() const override { return hal::LinkState::Online; }
  void do_listen(hal::LinkListener /*listener*/) override {}
};

class Teller final : public terminal::QuietObserver {
 public:
  /// From now on it tells what is on the screen, too, in words.
  void watch_screen() { watched_ = true; }

  void show(const receipt::ScreenModel& screen) override {
    if (!watched_) return;
    std::string text = receipt::text_of(screen, receipt::Language::En, receipt::Audience::Shopper).value_or("?");
    if (const auto* const basket = std::get_if<receipt::BasketScreen>(&screen);
        basket != nullptr && !basket->rows.empty()) {
      text = "in all " + receipt::format_money(basket->total);
      if (basket->discount.is_positive()) text += ", saved " + receipt::format_money(basket->discount);
      if (basket->member) text += ", member";
    }
    tell("screen", text);
    if (const auto* const code = std::get_if<receipt::ShowCodeScreen>(&screen)) tell("qr", code->qr_text);
  }
  void attention(receipt::Attention attention, const receipt::TextValues& /*values*/) override {
    if (watched_) tell("attention", to_string(attention));
  }
  void check_age(int minimum_age) override {
    if (watched_) tell("asks_age", std::to_string(minimum_age));
  }
  void sale_ended(journal::SaleId sale, checkout::SaleState how) override {
    JsonWriter json;
    json.begin_object().name("event").text("sale_ended").name("sale").integer(sale.value());
    print(json.name("how").text(to_string(how)));
  }
  void hand_out(journal::SaleId sale, const core::Money& cash) override {
    JsonWriter json;
    json.begin_object().name("event").text("hand_out").name("sale").integer(sale.value());
    print(json.name("minor").integer(cash.minor));
  }

 private:
  void tell(std::string_view event, std::string_view text) {
    if (told_ == text) return;
    told_ = text;
    JsonWriter json;
    print(json.begin_object().name("event").text(event).name("text").text(text));
  }

  bool watched_ = false;
  std::string told_;
};

class HeadlessTill {
 public:
  HeadlessTill(const std::string& folder, const std::string& catalog_path, const std::string& rules_path)
      : data_{folder},
        clock_(core::source_time(), time_of_test()),
        loop_(must(hal_linux::EventLoop::create(clock_), "the loop")),
        keys_(must(hal_linux::FileKeyStore::open(data_.keys(), random_), "the keys")),
        server_(*loop_, data_.local_socket()),
        permissions_({{.operator_id = kManager,
                       .actions = core::EnumSet<checkout::Action>{checkout::Action::Void, checkout::Action::Refund,
                                                                  checkout::Action::Resolve, checkout::Action::Age},
                       .refund_max_minor = 1'000'000}}) {
    auto profile = enrolled();
    terminal::Config config{
        .journal = {.path = data_.journal(), .vfs = {}}, .checkout = {}, .policies = quick_policies()};
    config.checkout.terminal =
        must(journal::TerminalName::parse(profile.enrolment.terminal.view()), "the terminal's name");
    config.checkout.store = {
        .merchant = "Corner shop", .tax_number = {}, .store = "Shop", .address = {}, .fapiao_link = {}};
    for (const auto kind : {payment::TenderKind::WalletCode, payment::TenderKind::WalletQr, payment::TenderKind::Cash,
                            payment::TenderKind::Points, payment::TenderKind::StoredValue}) {
      config.checkout.tenders.add(kind);
    }
    config.checkout.cash = payment::default_cash_rule(core::kCny);
    const core::ByteView merchant_key = profile.enrolment.merchant_key.view();
    config.merchant_key.assign(merchant_key.begin(), merchant_key.end());
    config.cache = journal::CacheSettings{.path = data_.cache(), .vfs = {}};
    cloud_ = std::make_unique<terminal::CloudServices>(
        *http_, clock_, std::move(profile),
        [this](const terminal::DeviceProfile& renewed) { return http_->replace_tls(tls_of(renewed)); });
    board_.key_store = keys_.get();
    board_.http_client = http_.get();
    board_.network_status = &network_;
    board_.local_server = &server_;
    terminal_ = must(terminal::Terminal::open(config,
                                              {.board = board_,
                                               .provider = cloud_->gateway(),
                                               .fulfilment = counter_,
                                               .permissions = permissions_,
                                               .observer = teller_,
                                               .members = &cloud_->members(),
                                               .leases = &cloud_->leases(),
                                               .cloud = cloud_.get(),
                                               .crypto = crypto_.get()},
                                              read_shelf(catalog_path, rules_path)),
                     "the terminal");
  }

  void run() {
    must_watch();
    JsonWriter json;
    json.begin_object().name("event").text("started").name("sells").boolean(!terminal_->stopped());
    print(json.name("last").integer(terminal_->journal() != nullptr ? terminal_->journal()->last_seq().value() : 0));
    while (!over_ || !lines_.empty()) {
      loop_->turn(milliseconds(200));
      take_lines();
    }
  }

 private:
  void must_watch() {
    const auto watched = loop_->watch(STDIN_FILENO, {.readable = true}, [this](hal_linux::Readiness) { read_input(); });
    if (!watched) throw std::runtime_error("standard input must be a pipe");
  }

  void read_input() {
    char block[4'096];
    const auto size = ::read(STDIN_FILENO, block, sizeof block);
    if (size <= 0) {
      over_ = true;
      loop_->unwatch(STDIN_FILENO);
    } else {
      lines_.append(block, static_cast<std::size_t>(size));
    }
  }

  void take_lines() {
    for (auto end = lines_.find('\n'); end != std::string::npos; end = lines_.find('\n')) {
      const std::string line = lines_.substr(0, end);
      lines_.erase(0, end + 1);
      const auto document = core::JsonDocument::parse(line);
      if (!document) throw std::runtime_error("no JSON: " + line);
      perform(document->root());
    }
    if (over_) lines_.clear();
  }

  /// Turns the loop until `done`, at most for the request's `ms`.
  template <class Done>
  void wait(const JsonValue& request, Done done) {
    const auto end = clock_.monotonic() + milliseconds(must(core::read_integer(request, "ms"), "ms"));
    while (!done() && clock_.monotonic() < end)
      loop_->turn(milliseconds(20));
  }

  template <class Outcome>
  void answer(const Outcome& outcome) {
    JsonWriter json;
    json.begin_object();
    if (outcome) {
      json.name("ok").boolean(true);
    } else {
      json.name("refused").text(std::visit([](auto why) { return to_string(why); }, outcome.error().refusal));
    }
    print(json);
  }

  static void tell_change(const core::Money& change) {
    JsonWriter json;
    print(json.begin_object().name("event").text("change").name("minor").integer(change.minor));
  }

  /// Writes a record as a program of another version might: of any kind, about nothing.
  void note(const JsonValue& request) {
    const auto kind = must(core::read_id<journal::Kind>(request, "kind"), "kind");
    must(terminal_->journal()->commit([&](journal::Tx& tx) -> core::Result<> {
      TILLKIT_TRY_VOID(tx.append({.kind = kind, .body = "{}"}));
      return {};
    }),
         "the note");
    tell_status();
  }

  void perform(const JsonValue& request) {
    const std::string what(must(must(request.member("do"), "do").text(), "do"));
    if (what == "status") return tell_status();
    checkout::Checkout& checkout = terminal_->checkout();
    if (what == "scan") return answer(checkout.scan(must(must(request.member("code"), "code").text(), "code")));
    if (what == "pay_cash") {
      const auto paid = checkout.pay_cash({must(core::read_integer(request, "minor"), "minor"), core::kCny});
      if (paid && !paid->change.is_zero()) tell_change(paid->change);
      return answer(paid);
    }
    if (what == "phone")
      return answer(checkout.show_phone(must(must(request.member("number"), "number").text(), "number")));
    if (what == "note") return note(request);
    if (what == "pay_points") return answer(checkout.pay_points());
    if (what == "pay_value") return answer(checkout.pay_value());
    if (what == "pay_qr") return answer(checkout.pay_qr());
    if (what == "watch") {
      teller_.watch_screen();
      return tell_status();
    }
    if (what == "age") {
      const auto years = must(core::read_integer(request, "years"), "years");
      return answer(checkout.age_checked(static_cast<int>(years), true, kManager));
    }
    if (what == "refuse_membership") return answer(checkout.set_consent(members::Consent::Refused));
    if (what == "confirm") {
      checkout.confirm_price();
      return tell_status();
    }
    if (what == "give_up") return answer(checkout.give_up(kManager));
    if (what == "refund") {
      return answer(checkout.refund(
          {.sale = journal::SaleId(must(core::read_integer(request, "sale"), "sale")), .units = {}, .by = kManager}));
    }
    if (what == "settle") {
      wait(request, [&] { return !checkout.is_paying() && checkout.under_way() == 0; });
      return tell_status();
    }
    if (what == "wait") {
      wait(request, [] { return false; });
      return tell_status();
    }
    if (what == "sync") {
      if (terminal_->sync() != nullptr) terminal_->sync()->sync_now();
      wait(request, [&] { return terminal_->journal()->acknowledged() == terminal_->journal()->last_seq(); });
      return tell_status();
    }
    throw std::runtime_error("nobody knows how to " + what);
  }

  void tell_status() {
    const terminal::Status status = terminal_->status();
    JsonWriter json;
    json.begin_object().name("ok").boolean(true).name("sells").boolean(!status.stopped);
    json.name("unsent").integer(status.unsent_records).name("parked").integer(status.parked_records);
    json.name("leases").integer(static_cast<std::int64_t>(
        terminal_->journal() == nullptr ? 0 : ledger::leases(terminal_->journal()->tables()).value().size()));
    json.name("unresolved").integer(static_cast<std::int64_t>(status.backlog.unresolved));
    const core::WallTime certified_until = cloud_->profile().enrolment.credentials.valid_until;
    json.name("certified_until").integer(certified_until.time_since_epoch().count());
    json.name("refused_copies").integer(status.refused_copies);
    if (status.upload_stopped) json.name("upload_stopped").text(to_string(*status.upload_stopped));
    if (!status.stopped) {
      checkout::Checkout& checkout = terminal_->checkout();
      json.name("price").integer(checkout.basket().price().payable);
      json.name("left").integer(checkout.left_to_pay().minor).name("paying").boolean(checkout.is_paying());
      json.name("state").text(to_string(checkout.state())).name("sale").integer(checkout.sale().value());
    }
    json.name("clock").text(to_string(clock_.wall().quality));
    print(json);
  }

  /// What the device was enrolled with, and its HTTP client.
  terminal::DeviceProfile enrolled() {
    crypto_ = must(security::Crypto::start(*keys_, random_), "the cryptography");
    auto profile = must(terminal::read_profile(*keys_, *crypto_), "this device was not enrolled");
    key_ = must(terminal::device_key(*crypto_), "the key");
    hal_linux::HttpClientSettings settings;
    settings.tls = tls_of(profile);
    http_ = must(hal_linux::HttpClient::create(*loop_, clock_, std::move(settings)), "the HTTP client");
    return profile;
  }

  [[nodiscard]] hal_linux::TlsSettings tls_of(const terminal::DeviceProfile& profile) const {
    const cloud::Credentials& credentials = profile.enrolment.credentials;
    return {.trust_anchors_pem = credentials.trust_anchors,
            .revocation_lists_pem = {},
            .client_chain_pem = credentials.certificates,
            .client_key = key_};
  }

  terminal::DataFolder data_;
  hal_linux::Random random_;
  hal_linux::Clock clock_;
  std::unique_ptr<hal_linux::EventLoop> loop_;
  std::unique_ptr<hal_linux::FileKeyStore> keys_;
  Network network_;
  hal_linux::LocalServer server_;
  std::unique_ptr<security::Crypto> crypto_;
  security::KeyId key_{};
  std::unique_ptr<hal_linux::HttpClient> http_;
  std::unique_ptr<terminal::CloudServices> cloud_;
  fulfilment::CounterFulfilment counter_;
  checkout::PermissionTable permissions_;
  Teller teller_;
  hal::Board board_{.clock = clock_, .scheduler = *loop_, .random = random_};
  std::unique_ptr<terminal::Terminal> terminal_;
  std::string lines_;
  bool over_ = false;
};

}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count != 2 && argument_count != 4) {
    std::fputs("usage: headless_till DATA [CATALOG RULES]\n", stderr);
    return 2;
  }
  const bool files = argument_count == 4;
  try {
    HeadlessTill(arguments[1], files ? arguments[2] : "", files ? arguments[3] : "").run();
  } catch (const std::exception& exception) {
    std::fprintf(stderr, "headless_till: %s\n", exception.what());
    return 1;
  }
  return 0;
}
