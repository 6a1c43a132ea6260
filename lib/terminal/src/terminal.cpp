// SPDX-License-Identifier: Apache-2.0
#include "tillkit/terminal/terminal.hpp"

#include <algorithm>
#include <utility>

#include "sync_side.hpp"
#include "tillkit/catalog/replica.hpp"
#include "tillkit/core/assert.hpp"
#include "tillkit/sync/tables.hpp"
#include "tillkit/terminal/enroller.hpp"
#include "tillkit/terminal/table_sets.hpp"

namespace tillkit::terminal {

using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

/// Everything of a status that an observer would show.
bool is_same(const Status& a, const Status& b) {
  return a.stopped == b.stopped && a.sale == b.sale && a.waiting == b.waiting && a.suspended == b.suspended &&
         a.unsent_records == b.unsent_records && a.parked_records == b.parked_records &&
         a.upload_stopped == b.upload_stopped && a.refused_copies == b.refused_copies &&
         a.receipts_waiting == b.receipts_waiting && a.scanner_gone == b.scanner_gone &&
         a.backlog.unresolved == b.backlog.unresolved && a.backlog.needs_person == b.backlog.needs_person &&
         a.backlog.refunds == b.backlog.refunds && a.backlog.at_risk == b.backlog.at_risk &&
         a.backlog.owed == b.backlog.owed;
}

/// Of what the cloud sends to be sold.
core::Currency currency_of(const Parts& parts) {
  return parts.cloud == nullptr ? core::Currency{} : parts.cloud->profile().enrolment.currency;
}

}  // namespace

/// Between checkout and whoever watches: draws the screen, and passes everything on.
class Terminal::Relay final : public checkout::Observer {
 public:
  explicit Relay(Terminal& terminal) : terminal_(terminal) {}

  void show(const receipt::ScreenModel& screen) override {
    shown_ = screen;
    if (!std::holds_alternative<receipt::RefusedScreen>(screen)) state_ = screen;
    draw();
    terminal_.parts_.observer.show(screen);
  }
  void draw() {
    hal::Display* const display = terminal_.parts_.board.display;
    const auto text = receipt::to_json(shown_, terminal_.language_);
    // A sale never waits for its picture: where there is none, the observer still has the screen.
    if (display != nullptr && text) [[maybe_unused]]
      const auto shown = display->show(*text);
  }
  /// How it stands, refusals apart.
  [[nodiscard]] const receipt::ScreenModel& state() const { return state_; }
  void sale_ended(journal::SaleId sale, checkout::SaleState how) override {
    terminal_.parts_.observer.sale_ended(sale, how);
    if (terminal_.receipt_printer_) terminal_.receipt_printer_->sale_ended(sale, how);
    terminal_.tell_status();
  }
  void hand_out(journal::SaleId sale, const core::Money& cash) override {
    terminal_.parts_.observer.hand_out(sale, cash);
  }
  void attention(receipt::Attention attention, const receipt::TextValues& values) override {
    terminal_.parts_.observer.attention(attention, values);
    terminal_.tell_status();
  }
  void check_age(int minimum_age) override { terminal_.parts_.observer.check_age(minimum_age); }
  void check_member(const members::Hint& hint) override { terminal_.parts_.observer.check_member(hint); }

 private:
  Terminal& terminal_;
  receipt::ScreenModel shown_ = receipt::IdleScreen{};
  receipt::ScreenModel state_ = receipt::IdleScreen{};
};

Terminal::Terminal(const Config& config, const Parts& parts)
    : config_(config),
      parts_(parts),
      relay_(std::make_unique<Relay>(*this)),
      copies_(currency_of(parts)),
      language_(config.language) {}

Terminal::~Terminal() {
  parts_.board.scheduler.cancel(tick_timer_);
  if (parts_.board.scanner != nullptr) parts_.board.scanner->listen({});
  parts_.board.network_status->listen({});
}

Result<std::unique_ptr<Terminal>> Terminal::open(const Config& config, const Parts& parts,
                                                 std::unique_ptr<checkout::Shelf> shelf) {
  const bool fitted = parts.board.key_store != nullptr && parts.board.network_status != nullptr;
  if (!fitted) return fail(ErrorCode::Unsupported);
  const bool sells_copies = shelf == nullptr;
  if (sells_copies && (parts.cloud == nullptr || !config.cache)) return fail(ErrorCode::InvalidArgument);
  std::unique_ptr<security::Crypto> own_crypto;
  security::Crypto* crypto = parts.crypto;
  if (crypto == nullptr) {
    TILLKIT_TRY(own_crypto, security::Crypto::start(*parts.board.key_store, parts.board.random));
    crypto = own_crypto.get();
  }
  TILLKIT_ASSERT(crypto != nullptr);
  TILLKIT_TRY(const security::KeyId key, device_key(*crypto));
  std::unique_ptr<Terminal> terminal(new Terminal(config, parts));
  terminal->own_crypto_ = std::move(own_crypto);
  terminal->crypto_ = crypto;
  terminal->key_ = key;
  terminal->sells_copies_ = sells_copies;
  terminal->open_cache();
  TILLKIT_TRY_VOID(terminal->open_membership());
  terminal->open_journal(std::move(shelf));
  terminal->open_sync();
  terminal->connect_devices();
  terminal->tick();
  return terminal;
}

/// One that cannot be had is done without, where the shelf is not in it: it decides nothing about money.
void Terminal::open_cache() {
  if (!config_.cache) return;
  if (auto opened = terminal::open_cache(*config_.cache)) cache_ = *std::move(opened);
}

/// What is in the cache. Rules that this program cannot use, but the one before could: it sells without offers, and
/// says so.
std::unique_ptr<checkout::Shelf> Terminal::shelf_now() {
  if (cache_ == nullptr) return nullptr;
  auto shelf = shelf_of_copies(cache_->tables(), copies_.currency());
  if (shelf) return *std::move(shelf);
  // Not noted: what sells without offers is seen at the till all the same.
  [[maybe_unused]] const auto noted = cache_->step([](journal::CacheTx& tx) {
    return catalog::note_refused(
        tx, {.kind = catalog::CopyKind::RuleSet, .id = {}, .why = "what is stored cannot be used by this program"});
  });
  shelf = shelf_without_offers(cache_->tables(), copies_.currency());
  return shelf ? *std::move(shelf) : nullptr;
}

void Terminal::copies_came() {
  if (copies_.take_rules_changed() && sells_copies_ && checkout_ != nullptr) {
    if (auto shelf = shelf_now()) checkout_->set_shelf(std::move(shelf));
  }
  tell_status();
}

void Terminal::open_journal(std::unique_ptr<checkout::Shelf> shelf) {
  const hal::Board& board = parts_.board;
  auto opened = journal::Journal::open(config_.journal, {board.clock, *board.key_store, board.random, *crypto_, key_},
                                       table_sets());
  if (!opened) return stop(receipt::StopReason::Journal, opened.error());
  journal_ = *std::move(opened);
  if (journal_->state() != journal::State::Running) {
    const bool starts = journal_->safe_reason() == journal::SafeReason::FailedStarts;
    return stop(starts ? receipt::StopReason::SafeMode : receipt::StopReason::Journal, std::nullopt);
  }
  if (sells_copies_) shelf = shelf_now();
  if (shelf == nullptr) return stop(receipt::StopReason::Storage, std::nullopt);
  checkout_ = std::make_unique<checkout::Checkout>(
      checkout::CheckoutParts{*journal_, board.clock, board.scheduler, *board.network_status, parts_.provider,
                              parts_.fulfilment, parts_.permissions, *relay_, codes::default_code_table(), crypto_,
                              membership_ ? &*membership_ : nullptr,
                              [this](journal::SaleId sale) { return sync::is_ceded(journal_->tables(), sale); },
                              [this] { return sync_ != nullptr && sync_->has_answered(); }},
      config_.checkout, std::move(shelf), config_.policies);
  if (board.printer != nullptr) {
    // Before the start: it may end sales that were on their way.
    receipt_printer_ = std::make_unique<ReceiptPrinter>(
        ReceiptPrinter::Parts{*board.printer, board.scheduler, *journal_, *checkout_, *relay_}, config_.paper,
        config_.language);
  }
  if (const auto started = checkout_->start(); !started) {
    receipt_printer_.reset();
    checkout_.reset();
    return stop(receipt::StopReason::Journal, started.error());
  }
  if (const auto counted = journal_->start_succeeded(); !counted) {
    receipt_printer_.reset();
    checkout_.reset();
    stop(receipt::StopReason::Storage, counted.error());
  }
}

/// A shop without members has none of it.
Result<> Terminal::open_membership() {
  if (config_.merchant_key.empty()) return {};
  TILLKIT_TRY(auto key, crypto_->import_mac_key(config_.merchant_key));
  merchant_key_.emplace(std::move(key));
  identities_.emplace(*merchant_key_);
  membership_.emplace(checkout::Membership{.identities = *identities_,
                                           .service = parts_.members,
                                           .leases = parts_.leases,
                                           .cache = cache_ ? &cache_->tables() : nullptr});
  return {};
}

/// Also where nothing is sold: what the journal has must not stay here.
void Terminal::open_sync() {
  if (parts_.cloud == nullptr || journal_ == nullptr) return;
  const DeviceProfile& profile = parts_.cloud->profile();
  sync_side_ = std::make_unique<SyncSide>(*this);
  sync_ = std::make_unique<sync::Sync>(
      sync::SyncParts{.journal = *journal_,
                      .cache = cache_.get(),
                      .link = parts_.cloud->link(),
                      .clock = parts_.board.clock,
                      .scheduler = parts_.board.scheduler,
                      .random = parts_.board.random,
                      .network = *parts_.board.network_status,
                      .host = *sync_side_,
                      .copies = &copies_},
      sync::SyncSettings{.terminal = profile.enrolment.terminal, .keys = profile.enrolment.credentials.keys});
  // Tables that cannot be read: the journal's own check says so; it sells as long as checkout can read its own.
  if (!sync_->start()) sync_.reset();
}

void Terminal::stop(receipt::StopReason reason, std::optional<core::Error> trouble) {
  stopped_ = reason;
  trouble_ = trouble;
  relay_->show(receipt::StoppedScreen{reason});
}

void Terminal::connect_devices() {
  if (parts_.board.local_server != nullptr && journal_ != nullptr) {
    technician_ =
        std::make_unique<Technician>(*journal_, parts_.board.clock, checkout_.get(), sync_.get(), &parts_.permissions,
                                     cache_ ? &cache_->tables() : nullptr, receipt_printer_.get());
    service_ = std::make_unique<TechnicianService>(*parts_.board.local_server, parts_.board.scheduler, *technician_);
    // Without it the technician stops the terminal first; it sells all the same.
    [[maybe_unused]] const auto serving = service_->start();
  }
  parts_.board.network_status->listen([this](hal::LinkState link) {
    if (link != hal::LinkState::Offline && checkout_ != nullptr) checkout_->link_is_back();
    if (sync_ != nullptr) sync_->network_changed();
  });
  if (checkout_ == nullptr) return;
  if (parts_.board.scanner == nullptr) return;
  parts_.board.scanner->listen([this](const hal::ScanEvent& event) { scanned(event); });
  enable_scanner();
}

void Terminal::scanned(const hal::ScanEvent& event) {
  const bool gone = !event && event.error() == hal::ScanFault::Disconnected;
  if (scanner_works_ == gone) {
    set_scanner_works(!gone);
    tell_status();
  }
  if (gone || stopped_) return;
  if (!event) return show_refusal({.refusal = receipt::SaleRefusal::CodeNotUnderstood});
  // What is refused was shown with its reason.
  [[maybe_unused]] const auto done = checkout_->scan(*event);
}

void Terminal::set_scanner_works(bool works) {
  scanner_works_ = works;
  checkout_->set_can_scan(works);
}

/// One that is not there yet, or not any more, is asked again at each tick.
void Terminal::enable_scanner() {
  if (scanner_works_ || checkout_ == nullptr || parts_.board.scanner == nullptr) return;
  set_scanner_works(parts_.board.scanner->enable().has_value());
}

void Terminal::set_language(receipt::Language language) {
  if (std::exchange(language_, language) != language) relay_->draw();
}

void Terminal::show_refusal(const checkout::Refused& refused) {
  relay_->show(receipt::RefusedScreen{.refusal = refused.refusal, .values = refused.values, .works = refused.works});
}

void Terminal::show_state() {
  const bool over = checkout_ != nullptr && checkout_->basket().empty() && !checkout_->is_paying() &&
                    checkout_->state() == checkout::SaleState::Open;
  relay_->show(over && !stopped_ ? receipt::ScreenModel(receipt::IdleScreen{}) : relay_->state());
}

checkout::Checkout& Terminal::checkout() {
  TILLKIT_ASSERT(checkout_ != nullptr);
  return *checkout_;
}

std::optional<payment::TenderRefusal> Terminal::can_take(payment::TenderKind kind) const {
  if (checkout_ == nullptr) return payment::TenderRefusal::Storage;
  return checkout_->can_take(kind);
}

Status Terminal::status() const {
  Status status{.stopped = stopped_, .backlog = {}};
  if (journal_ == nullptr) return status;
  status.unsent_records = journal_->last_seq().value() - journal_->acknowledged().value();
  if (auto backlog = payment::backlog(journal_->tables())) status.backlog = *std::move(backlog);
  status.parked_records = sync::parked_records(journal_->tables()).value_or(0);
  status.upload_stopped = sync::upload_stop(journal_->tables()).value_or(std::nullopt);
  if (cache_ != nullptr) status.refused_copies = catalog::count_refused_copies(cache_->tables()).value_or(0);
  if (checkout_ == nullptr) return status;
  status.sale = checkout_->state();
  status.waiting = checkout_->is_paying();
  status.scanner_gone = parts_.board.scanner != nullptr && !scanner_works_;
  if (receipt_printer_) status.receipts_waiting = receipt_printer_->waiting();
  if (const auto sales = checkout::open_sales(journal_->tables())) {
    status.suspended = static_cast<std::size_t>(
        std::ranges::count(*sales, checkout::SaleState::Suspended, &checkout::OpenSale::state));
  }
  return status;
}

void Terminal::tick() {
  const bool failed = journal_ != nullptr && journal_->state() == journal::State::Failed;
  if (failed && !stopped_) stop(receipt::StopReason::Storage, std::nullopt);
  const bool quiet = checkout_ != nullptr && checkout_->basket().empty() && !checkout_->is_paying();
  if (quiet && !failed && journal_->checkpoint_due()) {
    // Nothing is lost by one that fails; a full disk shows at the next commit.
    [[maybe_unused]] const auto done = journal_->checkpoint();
  }
  if (quiet && !failed && !stopped_ && parts_.board.clock.monotonic() >= leases_due_) {
    leases_due_ = parts_.board.clock.monotonic() + kLeasesPause;
    // One that cannot be given back now is given back later: it is not spent any more.
    [[maybe_unused]] const auto returned = checkout_->return_leases();
  }
  enable_scanner();
  if (receipt_printer_) receipt_printer_->look();
  tell_status();
  const auto timer = parts_.board.scheduler.call_after(kTickPause, [this] { tick(); });
  TILLKIT_ASSERT(timer.has_value());
  tick_timer_ = *timer;
}

void Terminal::tell_status() {
  if (sync_ != nullptr) {
    sync_->set_payment_busy(checkout_ != nullptr && checkout_->is_paying());
    if (seen_ != journal_->last_seq()) {
      seen_ = journal_->last_seq();
      sync_->wake();
    }
  }
  Status now = status();
  if (told_ && is_same(*told_, now)) return;
  told_ = now;
  parts_.observer.status_changed(now);
}

}  // namespace tillkit::terminal
