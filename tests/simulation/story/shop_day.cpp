// SPDX-License-Identifier: Apache-2.0
#include "shop_day.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "tillkit/catalog/csv_import.hpp"
#include "tillkit/checkout/story.hpp"
#include "tillkit/core/calendar.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/ledger/steps.hpp"
#include "tillkit/members/steps.hpp"
#include "tillkit/offers/document.hpp"

namespace tillkit::story {
namespace {

using checkout::Action;
using checkout::SaleState;
using core::Result;

constexpr journal::Operator kManager = *journal::Operator::parse("manager");

/// In the order of `members::NoticeWhat`.
constexpr std::array<std::string_view, 12> kNoticeWords{
    "points earned",   "points spent",     "points given back", "points taken back",
    "value spent",     "value given back", "coupons used",      "coupons given back",
    "coupons granted", "gifts taken back", "tier reached",      "a member from now on"};

template <class T>
T must(Result<T> result, std::string_view what) {
  if (!result) {
    throw std::runtime_error(std::string(what) + ": " + std::string(core::to_string(result.error().code)));
  }
  return *std::move(result);
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::unique_ptr<checkout::Shelf> read_shelf(const ShopFiles& files) {
  catalog::CsvImport import;
  if (!import.feed(read_file(files.catalog))) throw std::runtime_error("the catalog is refused");
  catalog::Catalog items = must(import.finish(), "the catalog is refused");
  offers::DocumentMistake document_mistake;
  auto document = offers::read_rules(read_file(files.rules), document_mistake);
  if (!document) throw std::runtime_error(offers::to_string(document_mistake));
  offers::RuleMistake rule_mistake;
  auto rules = must(offers::RuleSet::compile(*std::move(document), rule_mistake), "the rules are refused");
  return std::make_unique<checkout::Shelf>(std::move(items), std::move(rules));
}

std::vector<checkout::Permission> staff() {
  const core::EnumSet<Action> all{Action::Void, Action::Refund, Action::Reprint, Action::Resolve, Action::Age};
  return {{.operator_id = kManager, .actions = all, .refund_max_minor = 100'000}};
}

bool write_file(const std::filesystem::path& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  return file.good();
}

std::string yuan(std::int64_t minor) {
  return receipt::format_money({minor, core::kCny});
}

std::string points(std::int64_t count) {
  return std::to_string(count) + (count == 1 ? " point" : " points");
}

}  // namespace

ShopDay::ShopDay(const ShopFiles& files)
    : files_(files),
      first_(world_, "T1", 1),
      second_(world_, "T2", 2),
      clock_(world_),
      scheduler_(world_, clock_),
      random_(7),
      network_(world_),
      scanner_(world_),
      provider_(world_, clock_),
      cloud_(world_, scheduler_, clock_),
      permissions_(staff()),
      board_{.clock = clock_,
             .scheduler = scheduler_,
             .random = random_,
             .key_store = &first_.store,
             .network_status = &network_,
             .scanner = &scanner_} {
  start();
}

ShopDay::~ShopDay() {
  terminal_.reset();
}

terminal::Config ShopDay::config() const {
  terminal::Config config{.journal = {.path = "till.db", .vfs = at_->vfs.name()}, .checkout = {}, .policies = {}};
  config.language = receipt::Language::En;
  config.checkout.terminal = must(journal::TerminalName::parse(at_->name), "no name for a terminal");
  config.checkout.store = {.merchant = "Corner shop",
                           .tax_number = {},
                           .store = "Corner shop, Jing'an",
                           .address = {},
                           .fapiao_link = "https://fapiao.example/"};
  for (const auto kind : {payment::TenderKind::WalletCode, payment::TenderKind::WalletQr, payment::TenderKind::Cash})
    config.checkout.tenders.add(kind);
  config.checkout.cash = payment::default_cash_rule(core::kCny);
  if (!members_) return config;
  config.checkout.tenders.add(payment::TenderKind::Points);
  config.checkout.membership.points_rate = {.points = 10, .minor = 100};
  config.checkout.membership.keys = {cloud_.key()};
  config.merchant_key = core::Bytes(32, std::byte{7});
  return config;
}

void ShopDay::start() {
  const terminal::Parts parts{.board = board_,
                              .provider = provider_,
                              .fulfilment = counter_,
                              .permissions = permissions_,
                              .observer = *this,
                              .members = &cloud_.home(),
                              .leases = &cloud_};
  terminal_ = must(terminal::Terminal::open(config(), parts, read_shelf(files_)), "the terminal does not start");
  if (terminal_->stopped()) throw std::runtime_error("the terminal sells nothing");
}

// --- the day ---

void ShopDay::say(std::string_view who, std::string_view text) {
  const auto civil = core::to_civil(clock_.true_wall(), std::chrono::hours{8});
  const auto minutes = civil ? std::chrono::floor<std::chrono::seconds>(civil->since_midnight).count() : 0;
  std::printf("  %02d:%02d:%02d  %-9.*s %.*s\n", static_cast<int>(minutes / 3600), static_cast<int>(minutes / 60 % 60),
              static_cast<int>(minutes % 60), static_cast<int>(who.size()), who.data(), static_cast<int>(text.size()),
              text.data());
}

void ShopDay::begin_chapter(std::string_view title) {
  end_chapter();
  wait(std::chrono::minutes{10});
  std::printf("\n%d. %.*s\n", ++chapter_, static_cast<int>(title.size()), title.data());
  shown_.clear();
  first_.disk.reset_counts();
  second_.disk.reset_counts();
}

void ShopDay::end_chapter() {
  if (chapter_ == 0) return;
  test::DiskCounts counts = first_.disk.counts();
  counts.flushes += second_.disk.counts().flushes;
  counts.bytes_written += second_.disk.counts().bytes_written;
  std::printf("            cost      %llu flushes, %llu bytes written\n",
              static_cast<unsigned long long>(counts.flushes), static_cast<unsigned long long>(counts.bytes_written));
}

void ShopDay::note(std::string_view text) {
  say("", text);
}

void ShopDay::wait(std::chrono::milliseconds time) {
  world_.advance(time);
  come_back();
}

void ShopDay::settle() {
  const auto quiet = [this] {
    if (!disk().has_power()) return true;
    const checkout::Checkout& till = terminal_->checkout();
    return till.under_way() == 0 && !till.is_paying() && !wallet().next();
  };
  for (int tries = 0; tries < 10; ++tries) {
    if (!world_.advance_until(quiet, std::chrono::hours{24})) throw std::runtime_error("the day has no end");
    if (disk().has_power()) return talk_to_cloud();
    come_back();
  }
  throw std::runtime_error("power goes again and again");
}

// --- people ---

template <class Outcome>
void ShopDay::refused(std::string_view what, const Outcome& outcome) {
  if (outcome || !disk().has_power()) return;
  const auto& no = outcome.error();
  show(receipt::RefusedScreen{no.refusal, no.values, no.works});
  say("clerk", std::string(what) + ": not done");
}

void ShopDay::sign_on(std::string_view who) {
  refused("sign on", terminal_->checkout().sign_on(must(journal::Operator::parse(who), "no operator")));
  say("clerk", std::string(who) + " signs on, shift " + std::to_string(terminal_->journal()->duty().shift));
  come_back();
}

void ShopDay::scan(std::string_view code) {
  if (terminal_->checkout().basket().empty()) flushes_before_ = disk().counts().flushes;
  scanner_.present(std::string(code));
  world_.advance(std::chrono::seconds{1});
  come_back();
}

void ShopDay::weigh(std::string_view item, std::int64_t grams) {
  say("scale", std::to_string(grams) + " g of " + std::string(item));
  refused("weigh", terminal_->checkout().add(item, must(core::Quantity::grams(grams), "no weight")));
}

void ShopDay::shopper_is(int age) {
  say("clerk", "asks for a card: old enough");
  refused("age", terminal_->checkout().age_checked(age, true, kManager));
}

void ShopDay::pay_with_code(std::optional<std::int64_t> part) {
  const std::string code = "13000000000000" + std::to_string(1'000 + codes_++);
  say("shopper", part ? "shows a payment code for " + yuan(*part) : "shows a payment code");
  if (!part) {
    scanner_.present(code);
    world_.advance(std::chrono::milliseconds{1});
  } else {
    codes::WalletRoute route;
    route.add(codes::Wallet::WeChatPay);
    refused("pay",
            terminal_->checkout().pay_code(codes::PaymentCode(code, route, false), core::Money{*part, core::kCny}));
  }
  come_back();
}

void ShopDay::pay_with_qr() {
  say("shopper", "wants to scan a code");
  refused("show a code", terminal_->checkout().pay_qr());
  wait(std::chrono::seconds{1});
}

void ShopDay::shopper_scans_qr() {
  for (const checkout::OpenSale& sale : must(checkout::open_sales(terminal_->journal()->tables()), "no sales")) {
    for (const payment::Attempt& attempt : must(payment::attempts(terminal_->journal()->tables()), "no attempts")) {
      if (attempt.sale == sale.id && wallet().shopper_scans(attempt.order.view())) say("shopper", "scans it and pays");
    }
  }
  settle();
}

void ShopDay::pay_cash(std::int64_t minor) {
  say("shopper", "gives " + yuan(minor) + " in cash");
  const auto paid = terminal_->checkout().pay_cash({minor, core::kCny});
  refused("cash", paid);
  if (paid) {
    const std::int64_t kept = minor - paid->change.minor;
    drawer_.push_back({number(paid->missing.is_zero() ? last_closed_ : terminal_->checkout().sale()), kept, "in"});
    if (paid->change.is_positive()) say("clerk", "gives " + yuan(paid->change.minor) + " change");
  }
  come_back();
  talk_to_cloud();
}

void ShopDay::give_up() {
  say("shopper", "wants out");
  refused("give up", terminal_->checkout().give_up(kManager));
  settle();
}

std::optional<journal::SaleId> ShopDay::put_aside() {
  const auto put = terminal_->checkout().suspend();
  refused("put aside", put);
  if (!put) return std::nullopt;
  say("clerk", "puts " + number(*put) + " aside");
  return *put;
}

void ShopDay::go_on_with(journal::SaleId sale) {
  say("clerk", "goes on with " + number(sale));
  refused("go on", terminal_->checkout().resume(sale));
}

void ShopDay::give_back(journal::SaleId sale, std::vector<offers::UnitRange> units) {
  say("clerk", (units.empty() ? "gives back all that is left of " : "gives back a part of ") + number(sale));
  refused("refund", terminal_->checkout().refund({.sale = sale, .units = units, .by = kManager}));
  settle();
}

// --- the world ---

void ShopDay::unplug_network() {
  network_.set_hint(hal::LinkState::Offline);
  say("network", "unplugged");
}

void ShopDay::plug_network() {
  network_.set_hint(hal::LinkState::Online);
  say("network", "plugged");
  wait(std::chrono::seconds{1});
  talk_to_cloud();
}

void ShopDay::cut_power_at(std::uint64_t operation) {
  disk().cut_at(disk().operations() + operation);
}

void ShopDay::cut_power_now() {
  disk().cut();
  come_back();
}

void ShopDay::come_back() {
  if (disk().has_power()) return;
  say("power", "goes");
  terminal_.reset();
  wallet().hang_up();
  ++cuts_;
  disk().restart(cuts_ % 2 == 0 ? test::Damage::Scatter : test::Damage::LoseUnsynced, cuts_);
  shown_.clear();
  start();
  say("power", "is back, the terminal has started");
  look_at_sales();
}

/// What the till closed and the clerk does not know of: the goods go over the counter now. Cash that it knows of is in
/// the drawer; cash that it does not was handed back, and the shopper pays again.
void ShopDay::look_at_sales() {
  const journal::Journal& journal = *terminal_->journal();
  std::vector<journal::SaleId> sales;
  const auto read = journal.each({}, [&](const journal::Record& record) -> Result<> {
    if (record.sale.value() != 0 && record.sale.value() == record.seq.value()) sales.push_back(record.sale);
    return {};
  });
  if (!read) throw std::runtime_error("the journal cannot be read");
  for (const journal::SaleId id : sales) {
    const checkout::SaleStory story = must(checkout::read_sale(journal, id), "a sale cannot be read");
    const std::string name = number(id);
    std::int64_t in_drawer = 0;
    for (const DrawerEntry& entry : drawer_)
      in_drawer += entry.sale == name ? entry.minor : 0;
    std::int64_t known = -story.cash_back.minor;
    for (const checkout::CashPart& cash : story.cash)
      known += cash.tendered.minor - cash.change.minor;
    if (known != in_drawer) drawer_.push_back({name, known - in_drawer, "seen after a power cut"});
    const bool given = std::ranges::any_of(goods_, [&](const GoodsEntry& entry) { return entry.sale == name; });
    if (story.state != SaleState::Closed || given) continue;
    say("clerk", "sees that " + name + " is paid, and hands the goods over");
    goods_.push_back({name, "after a power cut"});
    last_closed_ = id;
  }
}

std::string ShopDay::number(journal::SaleId sale) const {
  return std::string(terminal_->checkout().number_of(sale).view());
}

// --- members ---

void ShopDay::open_for_members() {
  members_ = true;
  cloud_.give(ledger::Unit::Risk, "", "risk", 2'000);
  go_to("T1");
}

void ShopDay::go_to(std::string_view counter) {
  settle();
  terminal_.reset();
  wallet().hang_up();
  at_ = counter == first_.name ? &first_ : &second_;
  board_.key_store = &at_->store;
  cloud_.terminal_is(at_->name);
  // Codes are signed while no terminal runs: one Crypto lives in a process.
  if (!member().empty()) member_code_ = cloud_.member_code(member());
  if (flyers_.empty()) print_flyers();
  shown_.clear();
  say("counter", std::string(counter) + " is switched on");
  start();
  talk_to_cloud();
}

/// Anybody's, as often as somebody copies them.
void ShopDay::print_flyers() {
  for (const std::int64_t minor : {500, 600}) {
    const std::string coupon = "flyer-" + std::to_string(minor);
    cloud_.issue({}, coupon, "flyer");
    flyers_[minor] = cloud_.coupon_code(coupon, "flyer", minor);
  }
}

void ShopDay::shopper_is_called(std::string_view name) {
  shopper_ = std::string(name);
  provider_.payer = R"({"wallet":"wechat_pay","reference":"o-)" + shopper_ + R"("})";
  cloud_.payer_is(shopper_);
}

void ShopDay::scan_code(std::string_view what, const std::string& text) {
  say("shopper", what);
  scan(text);
}

void ShopDay::shows_flyer(std::int64_t risk_minor) {
  scan_code("shows a coupon from a flyer, worth " + yuan(risk_minor) + " at most", flyers_.at(risk_minor));
}

void ShopDay::types_phone_number(std::string_view number) {
  say("shopper", "types a phone number");
  refused("phone", terminal_->checkout().show_phone(number));
  wait(std::chrono::seconds{1});
}

void ShopDay::pay_with_points(std::optional<std::int64_t> part) {
  std::optional<core::Money> amount;
  if (part) amount = core::Money{*part, core::kCny};
  say("shopper", part ? "pays " + yuan(*part) + " with points" : "pays with points");
  refused("points", terminal_->checkout().pay_points(amount));
  settle();
}

void ShopDay::wants_no_membership() {
  say("shopper", "wants to be no member");
  refused("consent", terminal_->checkout().set_consent(members::Consent::Refused));
}

void ShopDay::leaves(journal::SaleId sale) {
  say("shopper", "wants to be no member after all");
  refused("leave", terminal_->checkout().refuse_membership(sale));
  talk_to_cloud();
}

// --- the cloud ---

void ShopDay::talk_to_cloud() {
  if (!members_ || network_.link() != hal::LinkState::Online) return;
  journal::Journal& journal = *terminal_->journal();
  const std::size_t told = cloud_.notices().size();
  const auto news = cloud_.hear(journal);
  for (const Notice& notice : cloud_.notices().subspan(told)) {
    std::string text(kNoticeWords.at(static_cast<std::size_t>(notice.what) - 1));
    if (notice.what != static_cast<std::int64_t>(members::NoticeWhat::Enrolled))
      text += ", " + std::to_string(notice.count);
    say("phone", cloud_.name_of(notice.member) + ": " + text);
  }
  for (const DoubleRedemption& twice : news) {
    say("cloud", std::string(twice.coupon.view()) + " was redeemed elsewhere, too: " + yuan(twice.minor) +
                     ", borne by " + std::string(kRiskBearer.view()));
  }
  if (news.empty() && cloud_.merges().empty()) return;
  const auto stored = journal.commit([&](journal::Tx& tx) -> Result<> {
    for (const DoubleRedemption& twice : news)
      TILLKIT_TRY_VOID(members::record_double_redemption(tx, twice.coupon, twice.sale, kRiskBearer, twice.minor));
    for (const auto& [from, into] : cloud_.merges())
      TILLKIT_TRY_VOID(members::merge(tx, from, into));
    return {};
  });
  if (!stored) throw std::runtime_error("the cloud's news cannot be stored");
}

void ShopDay::agrees_on_the_phone() {
  constexpr std::int64_t kWelcomePoints = 100;
  cloud_.consents(member());
  cloud_.give(ledger::Unit::Points, member().view(), "welcome-" + shopper_, kWelcomePoints);
  say("cloud", shopper_ + " agrees to be a member, and gets " + points(kWelcomePoints));
}

void ShopDay::cloud_issues(std::string_view coupon, std::string_view offer) {
  cloud_.issue(member(), coupon, offer);
  say("cloud", "coupon " + std::string(coupon) + " (" + std::string(offer) + ") for " + shopper_);
}

void ShopDay::cloud_leases(std::string_view lease, ledger::Unit unit, std::int64_t amount) {
  const std::string of = unit == ledger::Unit::Risk ? "" : std::string(member().view());
  const ledger::LeaseGrant grant = cloud_.lease(lease, at_->name, unit, of, amount);
  const auto stored = terminal_->journal()->commit([&](journal::Tx& tx) { return ledger::place_lease(tx, grant); });
  if (!stored) throw std::runtime_error("a lease cannot be placed");
  say("cloud", "places a lease at " + at_->name + ": " + std::string(to_string(unit)) + ' ' + std::to_string(amount));
}

void ShopDay::cloud_merges(const members::MemberId& from, const members::MemberId& into) {
  cloud_.merge(from, into);
  say("cloud", cloud_.name_of(from.view()) + " and " + cloud_.name_of(into.view()) + " are one");
  talk_to_cloud();
}

members::MemberId ShopDay::member() const {
  return cloud_.member_of(shopper_);
}

members::MemberId ShopDay::member_of(journal::SaleId sale) const {
  const auto story = must(checkout::read_sale(*terminal_->journal(), sale), "a sale cannot be read");
  return story.members.member.value_or(members::MemberId{});
}

void ShopDay::look_at_account(const members::MemberId& member) {
  const ledger::Balance balance = cloud_.points_of(member);
  say("cloud", cloud_.name_of(member.view()) + " has " + points(balance.active) + ", leased " +
                   std::to_string(balance.leased) + ", debt " + std::to_string(balance.debt));
}

void ShopDay::look_for_personal_values(journal::SaleId sale) {
  const auto story = must(checkout::read_sale(*terminal_->journal(), sale), "a sale cannot be read");
  std::size_t kept = 0;
  for (const journal::Seq record : story.personal)
    kept += must(terminal_->journal()->personal(record), "personal values cannot be read").size();
  say("till", "personal values of sale " + std::to_string(sale.value()) + " that are kept: " + std::to_string(kept));
}

// --- what the terminal tells ---

void ShopDay::show(const receipt::ScreenModel& screen) {
  std::string text = receipt::text_of(screen, receipt::Language::En, receipt::Audience::Shopper).value_or("?");
  if (const auto* const basket = std::get_if<receipt::BasketScreen>(&screen);
      basket != nullptr && !basket->rows.empty()) {
    const receipt::BasketRow& last = basket->rows.back();
    text = last.name + ' ' + receipt::format_money(last.net) + ", in all " + receipt::format_money(basket->total);
    if (basket->discount.is_positive()) text += " (saved " + receipt::format_money(basket->discount) + ")";
    if (basket->member) text += ", member";
    if (basket->as_member) text += "; a member pays " + receipt::format_money(*basket->as_member);
    if (basket->points)
      text += std::string(basket->member ? "; earns " : "; a member earns ") + points(*basket->points);
  }
  if (const auto* const thanks = std::get_if<receipt::ThankYouScreen>(&screen);
      thanks != nullptr && thanks->points > 0) {
    text += " Earned: " + points(thanks->points) + ".";
  }
  if (std::exchange(shown_, text) != text) say("screen", text);
}

void ShopDay::sale_ended(journal::SaleId sale, SaleState how) {
  // While a call of its own is under way the terminal is not there to be asked for the number's terminal.
  std::string text = "sale " + std::to_string(sale.value()) + " is " + std::string(to_string(how));
  const std::uint64_t flushes = disk().counts().flushes - flushes_before_;
  if (members_ && how == SaleState::Closed)
    text += ", " + std::to_string(flushes) + (flushes == 1 ? " flush" : " flushes");
  say("till", text);
  if (how != SaleState::Closed) return;
  last_closed_ = sale;
  goods_.push_back({number(sale), "at once"});
}

void ShopDay::hand_out(journal::SaleId sale, const core::Money& cash) {
  if (cash.is_zero()) return;
  say("clerk", "hands out " + receipt::format_money(cash) + " in cash");
  drawer_.push_back({number(sale), -cash.minor, "out"});
}

void ShopDay::attention(receipt::Attention attention, const receipt::TextValues&) {
  say("till", "needs somebody: " + std::string(to_string(attention)));
}

void ShopDay::check_member(const members::Hint& /*hint*/) {}

void ShopDay::check_age(int minimum_age) {
  say("till", "asks whether the shopper is " + std::to_string(minimum_age));
}

void ShopDay::status_changed(const terminal::Status&) {}

// --- the books ---

bool ShopDay::write_books() {
  end_chapter();
  chapter_ = 0;
  talk_to_cloud();
  terminal_.reset();
  std::filesystem::create_directories(files_.books);
  std::string goods;
  for (const GoodsEntry& entry : goods_) {
    core::JsonWriter json;
    json.begin_object().name("sale").text(entry.sale).name("how").text(entry.how).end_object();
    goods += must(json.finish(), "goods") + '\n';
  }
  std::string drawer;
  for (const DrawerEntry& entry : drawer_) {
    core::JsonWriter json;
    json.begin_object().name("sale").text(entry.sale).name("minor").integer(entry.minor);
    json.name("what").text(entry.what).end_object();
    drawer += must(json.finish(), "drawer") + '\n';
  }
  std::string ledger;
  for (const test::WalletEntry& entry : wallet().ledger()) {
    constexpr std::array<std::string_view, 3> kKinds{"charge", "reversal", "refund"};
    core::JsonWriter json;
    json.begin_object().name("kind").text(kKinds[static_cast<std::size_t>(entry.kind)]).name("order").text(entry.order);
    json.name("key").text(entry.key).name("minor").integer(entry.minor).end_object();
    ledger += must(json.finish(), "ledger") + '\n';
  }
  bool written = write_file(files_.books / "goods.jsonl", goods) && write_file(files_.books / "drawer.jsonl", drawer) &&
                 write_file(files_.books / "wallet.jsonl", ledger);
  written = written && write_file(files_.books / "home.jsonl", cloud_.books());
  return written && write_journal(first_, "till.db") && write_journal(second_, "till2.db");
}

/// A terminal's files, the second one's under another name.
bool ShopDay::write_journal(Counter& counter, std::string_view name) {
  for (const std::string ending : {"", "-wal"}) {
    const std::filesystem::path path = files_.books / (std::string(name) + ending);
    const auto size = counter.disk.size_of("till.db" + ending);
    if (!size) {
      std::filesystem::remove(path);
      continue;
    }
    const auto file = counter.disk.open("till.db" + ending, false);
    std::string bytes(static_cast<std::size_t>(*size), '\0');
    if (!file || !counter.disk.read(*file, 0, std::as_writable_bytes(std::span(bytes)))) return false;
    if (!write_file(path, bytes)) return false;
  }
  return true;
}

}  // namespace tillkit::story
