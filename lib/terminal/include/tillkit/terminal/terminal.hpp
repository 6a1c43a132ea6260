// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "tillkit/checkout/checkout.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/fulfilment/fulfilment.hpp"
#include "tillkit/hal/board.hpp"
#include "tillkit/journal/cache.hpp"
#include "tillkit/journal/journal.hpp"
#include "tillkit/payment/policy.hpp"
#include "tillkit/payment/provider.hpp"
#include "tillkit/payment/tables.hpp"
#include "tillkit/payment/tender.hpp"
#include "tillkit/receipt/texts.hpp"
#include "tillkit/security/crypto.hpp"
#include "tillkit/sync/sync.hpp"
#include "tillkit/terminal/cloud_services.hpp"
#include "tillkit/terminal/copies.hpp"
#include "tillkit/terminal/receipt_printer.hpp"
#include "tillkit/terminal/technician.hpp"
#include "tillkit/terminal/technician_service.hpp"

namespace tillkit::terminal {

/// How often a terminal looks after itself: its status, and its journal's checkpoint in a quiet moment.
inline constexpr std::chrono::seconds kTickPause{1};
/// How often it looks for leases to give back.
inline constexpr std::chrono::seconds kLeasesPause{60};
/// The key store's name of the device's signing key.
inline constexpr std::uint8_t kSigningKeyName = 1;

struct Config {
  journal::Settings journal;
  checkout::CheckoutSettings checkout;
  payment::PolicySet policies;
  receipt::Language language = receipt::Language::ZhCn;  ///< of the screen and of receipts
  receipt::PaperPrinter paper{};                         ///< of the board's printer, where one is fitted
  /// The merchant's key for blind indexes, the same on all of its terminals: at least `security::kMacKeyBytesMin`
  /// bytes. Empty: the shop has no members.
  core::Bytes merchant_key{};
  /// Of the members, items and rule sets that the cloud sends; none: there is none.
  std::optional<journal::CacheSettings> cache{};
};

/// What a terminal owes, waits for, and can do.
struct Status {
  std::optional<receipt::StopReason> stopped;  ///< why it sells nothing; none: it sells
  checkout::SaleState sale = checkout::SaleState::Open;
  bool waiting = false;                           ///< a tender of the sale on the screen is under way
  std::size_t suspended = 0;                      ///< sales put aside
  payment::Backlog backlog;                       ///< what is unresolved or owed, since when, and how much
  std::int64_t unsent_records = 0;                ///< that the cloud has not acknowledged
  std::int64_t parked_records = 0;                ///< that the cloud has and cannot use
  std::optional<sync::StopWhy> upload_stopped{};  ///< nothing is uploaded until a person decides
  std::int64_t refused_copies = 0;                ///< items and rule sets of the cloud that cannot be used here
  std::size_t receipts_waiting = 0;               ///< for the printer
  bool scanner_gone = false;                      ///< it is fitted, and not connected: nobody can show a code
};

/// Who hears what happens. Called from the loop, after what it says is durable.
class Observer : public checkout::Observer {
 public:
  /// The status is another than before; at most once a `kTickPause`, and after each end of a sale.
  virtual void status_changed(const Status& status) = 0;
};

/// Hears nothing but what it overrides. For tests and first steps: an observer that ignores `hand_out` owes money.
class QuietObserver : public Observer {
 public:
  void show(const receipt::ScreenModel&) override {}
  void sale_ended(journal::SaleId, checkout::SaleState) override {}
  void hand_out(journal::SaleId, const core::Money&) override {}
  void attention(receipt::Attention, const receipt::TextValues&) override {}
  void check_age(int) override {}
  void check_member(const members::Hint&) override {}
  void status_changed(const Status&) override {}
};

/// All must outlive the terminal. Of the board, a key store and a network status are needed; scanner, display, printer
/// and local server are used where they are fitted.
struct Parts {
  hal::Board& board;
  payment::Provider& provider;
  fulfilment::Fulfilment& fulfilment;
  const checkout::Permissions& permissions;
  Observer& observer;
  members::MemberService* members = nullptr;  ///< who can be asked about members; null: nobody
  ledger::LeaseService* leases = nullptr;     ///< who grants leases; null: nobody
  /// Where its journal goes and its news come from; null: nowhere. Then provider, members and leases are its, too.
  CloudServices* cloud = nullptr;
  security::Crypto* crypto = nullptr;  ///< of this process, where somebody started it before; null: it starts its own
};

/// A payment terminal: what an integrator opens, feeds with events and watches.
///
/// It owns keys, journal and checkout. Scans come from the board's scanner, screens go to its display, receipts to its
/// printer; what people do otherwise goes to `checkout()`. One object per file and process, one thread: the board's
/// loop.
class Terminal {
 public:
  /// Opens the journal, finds what is open, and goes on with it. Blocks for about 5 flushes.
  ///
  /// `shelf` is what it sells. Null: what the cloud sends, from its cache; a rule set that comes holds from the next
  /// sale on. Without a cloud or a cache that is InvalidArgument.
  ///
  /// A journal that cannot be used does not make it fail: the terminal is there, sells nothing, says why on the screen
  /// (`Status::stopped`), and its data can still be exported.
  /// - Unsupported: the board lacks a needed part. - FailedPrecondition: another one lives in this process.
  /// - otherwise as `security::Crypto`: no keys, no terminal; nothing was opened.
  [[nodiscard]] static core::Result<std::unique_ptr<Terminal>> open(const Config& config, const Parts& parts,
                                                                    std::unique_ptr<checkout::Shelf> shelf);
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  /// Why it sells nothing; none: it sells. What made the journal unusable is `trouble`.
  [[nodiscard]] std::optional<receipt::StopReason> stopped() const { return stopped_; }
  [[nodiscard]] std::optional<core::Error> trouble() const { return trouble_; }

  /// The sale and all that can be done with it. Only while it is not `stopped`.
  [[nodiscard]] checkout::Checkout& checkout();
  /// Prints receipts, and again; null: no printer is fitted, or it is `stopped`.
  [[nodiscard]] ReceiptPrinter* receipt_printer() { return receipt_printer_.get(); }
  /// Null where it cannot be opened.
  [[nodiscard]] journal::Journal* journal() { return journal_.get(); }
  /// What the cloud sent; null: nothing is kept. One that cannot be read is begun anew.
  [[nodiscard]] journal::Cache* cache() { return cache_.get(); }

  // --- the screen ---

  /// Of the screen, until the next call; what is shown is shown again in it. Receipts keep `Config::language`.
  void set_language(receipt::Language language);
  /// Back to `Config::language`: what one shopper chose is not the next one's.
  void restore_language() { set_language(config_.language); }
  /// Says why something was not done, and what works instead. (What a scan asked for says it by itself.)
  void show_refusal(const checkout::Refused& refused);
  /// Shows how it stands: what was there before a refusal; of a sale that is over, that the next one may begin.
  void show_state();

  /// What brings the journal up and the news down; null: there is no cloud, or no journal.
  [[nodiscard]] sync::Sync* sync() { return sync_.get(); }

  /// Whether a tender can be taken now, with a sale or before one; none: it can.
  [[nodiscard]] std::optional<payment::TenderRefusal> can_take(payment::TenderKind kind) const;
  [[nodiscard]] Status status() const;

 private:
  class Relay;
  class SyncSide;

  Terminal(const Config& config, const Parts& parts);
  void open_cache();
  void open_journal(std::unique_ptr<checkout::Shelf> shelf);
  [[nodiscard]] std::unique_ptr<checkout::Shelf> shelf_now();
  void copies_came();
  [[nodiscard]] core::Result<> open_membership();
  void open_sync();
  void stop(receipt::StopReason reason, std::optional<core::Error> trouble);
  void connect_devices();
  void scanned(const hal::ScanEvent& event);
  void set_scanner_works(bool works);
  void enable_scanner();
  void tick();
  void tell_status();

  Config config_;
  Parts parts_;
  std::unique_ptr<security::Crypto> own_crypto_;
  security::Crypto* crypto_ = nullptr;
  security::KeyId key_;
  std::unique_ptr<Relay> relay_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<journal::Cache> cache_;
  CopyKeeper copies_;
  bool sells_copies_ = false;
  std::optional<security::MacKey> merchant_key_;
  std::optional<members::IdentityMaker> identities_;
  std::optional<checkout::Membership> membership_;
  std::unique_ptr<checkout::Checkout> checkout_;
  std::unique_ptr<ReceiptPrinter> receipt_printer_;
  std::unique_ptr<SyncSide> sync_side_;
  std::unique_ptr<sync::Sync> sync_;
  journal::Seq seen_{};  // by sync
  std::unique_ptr<Technician> technician_;
  std::unique_ptr<TechnicianService> service_;
  std::optional<receipt::StopReason> stopped_;
  std::optional<core::Error> trouble_;
  std::optional<Status> told_;
  receipt::Language language_;  // of the screen now
  bool scanner_works_ = false;
  hal::TimerId tick_timer_;
  core::MonotonicTime leases_due_{};
};

}  // namespace tillkit::terminal
