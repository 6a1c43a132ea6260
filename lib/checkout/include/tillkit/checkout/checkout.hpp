// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tillkit/checkout/basket.hpp"
#include "tillkit/checkout/outcome.hpp"
#include "tillkit/checkout/permissions.hpp"
#include "tillkit/checkout/sale.hpp"
#include "tillkit/checkout/story.hpp"
#include "tillkit/checkout/tables.hpp"
#include "tillkit/codes/code.hpp"
#include "tillkit/codes/code_table.hpp"
#include "tillkit/fulfilment/fulfilment.hpp"
#include "tillkit/hal/clock.hpp"
#include "tillkit/hal/network_status.hpp"
#include "tillkit/hal/scheduler.hpp"
#include "tillkit/journal/journal.hpp"
#include "tillkit/payment/attempts.hpp"
#include "tillkit/payment/cash.hpp"
#include "tillkit/payment/policy.hpp"
#include "tillkit/payment/provider.hpp"
#include "tillkit/payment/tender.hpp"
#include "tillkit/receipt/screen.hpp"

namespace tillkit::checkout {

/// Who draws the screen and hears what becomes of sales. Called after what it says is durable, from
/// the loop or from inside the call of `Checkout` that did it; it must not call back into that.
class Observer {
 public:
  virtual ~Observer() = default;

  virtual void show(const receipt::ScreenModel& screen) = 0;
  /// A sale is over: the one on the screen, or one that was finished in the background. Its receipt can be printed.
  virtual void sale_ended(journal::SaleId sale, SaleState how) = 0;
  /// Cash goes back to the shopper, of an undone sale or a refund: hand it out. (Change stands on the screen.)
  virtual void hand_out(journal::SaleId sale, const core::Money& cash) = 0;
  /// Somebody must look at something.
  virtual void attention(receipt::Attention attention, const receipt::TextValues& values) = 0;
  /// Goods in the basket ask for an age: ask whoever can tell, and say it by `Checkout::age_checked`.
  virtual void check_age(int minimum_age) = 0;
};

/// All must outlive `Checkout`.
struct CheckoutParts {
  journal::Journal& journal;  ///< opened with `payment::kPaymentTables` and `kCheckoutTables`
  hal::Clock& clock;
  hal::Scheduler& scheduler;
  hal::NetworkStatus& network;
  payment::Provider& provider;
  fulfilment::Fulfilment& fulfilment;
  const Permissions& permissions;
  Observer& observer;
  const codes::CodeTable& codes;
};

struct CheckoutSettings {
  journal::TerminalName terminal;
  StoreTexts store;
  offers::Name store_id;  ///< as rules name it; may be empty
  offers::Name channel;   ///< likewise
  std::chrono::minutes utc_offset{480};
  std::chrono::minutes day_change{std::chrono::hours{4}};  ///< on the shop's clock: until then the day before counts
  payment::TenderSet tenders;                              ///< that the merchant takes
  std::vector<codes::Wallet> qr_wallets;                   ///< of codes on the screen; none: all that the merchant has
  std::optional<payment::CashRule> cash;                   ///< none: the currency's default
};

/// What goes back of a sale.
struct RefundRequest {
  journal::SaleId sale{};
  std::span<const offers::UnitRange> units{};  ///< none: all that is left
  journal::Operator by{};
};

/// The sale, from the first scan to the receipt: one machine (`sale.hpp`), and the owner of every commit about money.
///
/// One sale is on the screen at a time. It costs nothing until it is paid: cash 1 commit, a wallet 2 (declined 2, given
/// up 3), a further one 2 more, or 1 where its code was shown before the first was decided; a refund 1 in cash, 2 to a
/// wallet; suspending 1. What is refused changes nothing. A sale that is given up leaves the screen at once; what was
/// taken for it goes back in the background, across restarts, while the terminal sells on.
///
/// Calls that commit block for one flush. Answers come from the loop, never from inside a call.
class Checkout final : private payment::SaleSteps {
 public:
  /// `shelf` must not be null.
  Checkout(const CheckoutParts& parts, CheckoutSettings settings, std::unique_ptr<Shelf> shelf,
           const payment::PolicySet& policies);
  ~Checkout() override;
  Checkout(const Checkout&) = delete;
  Checkout& operator=(const Checkout&) = delete;

  /// Finds what is open and goes on with it. Once, before anything else; commits nothing by itself.
  /// - as reading the journal. Nothing was begun.
  [[nodiscard]] core::Result<> start();

  // --- goods ---

  /// Does what a scanned text asks for: adds an item, or pays with a payment code all that is left.
  [[nodiscard]] Outcome<> scan(std::string_view text);
  /// Adds an item by its code, id or shop number, with what the scale or the operator says.
  [[nodiscard]] Outcome<offers::LineId> add(std::string_view code, const core::Quantity& quantity);
  /// Gives a line another quantity. Less of it, or none, is a void and asks for permission.
  [[nodiscard]] Outcome<> change(offers::LineId line, const core::Quantity& quantity, const journal::Operator& by);
  /// Takes the whole basket back. One commit where the journal knows the sale or an operator does it, else none.
  [[nodiscard]] Outcome<> void_sale(const journal::Operator& by);
  /// Somebody looked: the shopper is (not) `age` years old. If not, goods that ask for more leave the basket.
  [[nodiscard]] Outcome<> age_checked(int age, bool old_enough, const journal::Operator& by);
  /// Yes to a price that changed since it was shown.
  void confirm_price();

  /// Puts the sale aside: 1 commit.
  [[nodiscard]] Outcome<journal::SaleId> suspend();
  /// Goes on with one, at the prices of now. A total that changed needs a yes (`confirm_price`).
  [[nodiscard]] Outcome<> resume(journal::SaleId sale);

  // --- money ---

  /// Whether a tender can be taken now; none: it can.
  [[nodiscard]] std::optional<payment::TenderRefusal> can_take(payment::TenderKind kind) const;
  [[nodiscard]] payment::TenderSet what_works() const;

  /// Charges a code: `part` of the price, or all that is left. Shown while another tender is under way that leaves
  /// something to pay, it is held, at most `kCodeHeldMax`, and charged next.
  [[nodiscard]] Outcome<> pay_code(codes::PaymentCode code, std::optional<core::Money> part = std::nullopt);
  /// Shows a code to scan.
  [[nodiscard]] Outcome<> pay_qr(std::optional<core::Money> part = std::nullopt);
  /// Takes cash: what is not enough is taken whole, and the rest is left to pay.
  [[nodiscard]] Outcome<payment::CashSettlement> pay_cash(const core::Money& tendered);
  /// Closes a sale that costs nothing.
  [[nodiscard]] Outcome<> pay_nothing();
  /// Shopper or cashier want out. An attempt under way is asked about once more and then reversed; what was taken goes
  /// back; a basket of which nothing was taken is voided.
  [[nodiscard]] Outcome<> give_up(const journal::Operator& by);

  // --- afterwards ---

  /// Gives back units of a sale, to the tenders that paid it: wallets first, then cash. The sale that does it.
  [[nodiscard]] Outcome<journal::SaleId> refund(const RefundRequest& request);
  /// The original, for the printer that failed or the shopper's phone.
  [[nodiscard]] Outcome<receipt::ReceiptData> receipt(journal::SaleId sale) const;
  /// A copy, counted: 1 commit.
  [[nodiscard]] Outcome<receipt::ReceiptData> reprint(journal::SaleId sale, const journal::Operator& by);
  /// A person ends what the provider cannot (`payment::Attempts::resolve`).
  [[nodiscard]] Outcome<> resolve(const journal::OrderNumber& order, payment::Decision decision,
                                  const journal::Operator& by, std::string_view why);

  // --- who and what ---

  /// Begins the next shift of an operator: 1 commit.
  [[nodiscard]] Outcome<> sign_on(const journal::Operator& operator_id);
  [[nodiscard]] Outcome<> sign_off();

  /// Takes over other goods and rules: now, or when the sale that has begun is over.
  void set_shelf(std::unique_ptr<Shelf> shelf);
  void set_policies(const payment::PolicySet& policies) { attempts_.set_policies(policies); }
  /// The network is back, as far as is known.
  void link_is_back() { attempts_.link_is_back(); }

  // --- what there is ---

  /// The sale on the screen: 0 while the journal does not know it.
  [[nodiscard]] journal::SaleId sale() const { return current_.id; }
  [[nodiscard]] SaleState state() const { return current_.state; }
  [[nodiscard]] const Basket& basket() const { return current_.basket; }
  [[nodiscard]] bool is_paying() const { return current_.attempt.has_value(); }
  /// Of the price, or of what is left of it.
  [[nodiscard]] core::Money left_to_pay() const;
  [[nodiscard]] receipt::SaleNumber number_of(journal::SaleId sale) const;
  [[nodiscard]] const CheckoutSettings& settings() const { return settings_; }
  /// Attempts and refunds on their way to an end.
  [[nodiscard]] std::size_t under_way() const { return attempts_.open(); }
  [[nodiscard]] std::uint64_t impossible_answers() const { return attempts_.impossible_answers(); }

 private:
  /// The sale on the screen.
  struct Current {
    explicit Current(Shelf& shelf) : basket(shelf) {}

    journal::SaleId id{};               // 0: the journal does not know it
    SaleState state = SaleState::Open;  // as stored
    Basket basket;
    int age = 0;          // that somebody confirmed
    core::Money total{};  // of `Paying`
    std::size_t tenders = 0;
    std::optional<payment::AttemptId> attempt{};  // under way
    core::Money attempt_amount{};
    bool price_changed = false;  // and nobody said yes to it
  };

  /// A tender that follows the one under way.
  struct Held {
    codes::PaymentCode code;
    std::optional<core::Money> part;
  };

  /// What a transaction leads to once it is durable.
  struct After {
    std::vector<payment::Stepped> refunds;
    std::vector<std::pair<journal::SaleId, SaleState>> ended;
    std::vector<std::pair<journal::SaleId, core::Money>> cash_back;
    std::optional<payment::Attempt> next_attempt;
    std::optional<payment::Stepped> on_screen;  // what happened to the current sale's attempt
    std::vector<payment::Stepped> for_a_person;
  };

  // payment::SaleSteps
  [[nodiscard]] core::Result<> step(journal::Tx& tx, const payment::Stepped& stepped,
                                    const cloud::AttemptAnswer* answer) override;
  void committed() override;
  void taken_back() override;
  void waiting(const payment::Attempt& attempt, cloud::PendingWhy why) override;
  void code_to_show(const payment::Attempt& attempt, std::string_view text, std::chrono::seconds valid_for) override;

  // steps of sales in a transaction
  [[nodiscard]] core::Result<> step_paying(journal::Tx& tx, const OpenSale& sale, const payment::Stepped& stepped);
  [[nodiscard]] core::Result<> take(journal::Tx& tx, const OpenSale& sale);
  [[nodiscard]] core::Result<> release(journal::Tx& tx, const OpenSale& sale);
  [[nodiscard]] core::Result<> hand_over(journal::Tx& tx, const OpenSale& sale);
  [[nodiscard]] core::Result<> unwind(journal::Tx& tx, const OpenSale& sale, payment::AttemptId attempt);
  [[nodiscard]] core::Result<> settle(journal::Tx& tx);
  [[nodiscard]] core::Result<> close(journal::Tx& tx, journal::SaleId sale, SaleState how);
  [[nodiscard]] core::Result<> intend_next(journal::Tx& tx, const OpenSale& sale, const core::Money& left);
  [[nodiscard]] core::Result<journal::SaleId> begin_paying(journal::Tx& tx, const std::string& proof);

  template <class Step>
  [[nodiscard]] Outcome<> commit(Step&& step);
  void go_on_after();
  void follow();
  void show_step(const payment::Stepped& stepped);

  // payments
  [[nodiscard]] Outcome<core::Money> prepare(payment::TenderKind kind, const std::optional<core::Money>& part);
  [[nodiscard]] Outcome<> prepare_sale();
  [[nodiscard]] Outcome<> prepare_price();
  [[nodiscard]] Outcome<std::string> priced_proof() const;
  [[nodiscard]] Outcome<payment::Attempt> intend(payment::TenderKind kind, std::optional<codes::Wallet> wallet,
                                                 const core::Money& amount);
  [[nodiscard]] Outcome<> hold(codes::PaymentCode code, std::optional<core::Money> part);
  [[nodiscard]] bool can_hand_over() const;
  [[nodiscard]] fulfilment::Handover handover_of(const std::vector<BasketLine>& lines, journal::SaleId sale) const;
  void drop_held();
  [[nodiscard]] payment::TenderSituation situation() const;
  [[nodiscard]] core::Result<core::Money> taken_of(const journal::Tables& tables, const OpenSale& sale) const;

  // afterwards
  [[nodiscard]] Outcome<receipt::ReceiptData> receipt_of_story(const SaleStory& story, std::uint32_t copy) const;
  struct RefundPlan;
  [[nodiscard]] Outcome<RefundPlan> plan_refund(const RefundRequest& request) const;
  void show_returned(journal::SaleId sale);

  // goods
  [[nodiscard]] Outcome<> may_change();
  [[nodiscard]] Outcome<> may_begin() const;
  [[nodiscard]] Outcome<> add_scanned(const codes::Item& item);
  [[nodiscard]] Outcome<> add_weighed(const codes::WeighedItem& item);
  [[nodiscard]] Outcome<offers::LineId> add_item(const catalog::ItemView& item, const core::Quantity& quantity,
                                                 const std::optional<core::Money>& price);
  [[nodiscard]] core::Result<> load_current();
  void leave_current();

  void update_day();
  void wait_for_day_change();
  [[nodiscard]] offers::Context context() const;
  [[nodiscard]] Refused refused(const core::Error& error) const;
  [[nodiscard]] Refused refused(payment::TenderRefusal refusal) const;
  void show_basket();
  void show_what_is_left();
  void show_choice();
  void show(const receipt::ScreenModel& screen) { parts_.observer.show(screen); }
  [[nodiscard]] Outcome<> permit(const journal::Operator& by, Action action, const core::Money& amount = {}) const;
  [[nodiscard]] payment::CashRule cash_rule() const {
    return settings_.cash.value_or(payment::default_cash_rule(shelf_->currency()));
  }
  [[nodiscard]] core::Money money(std::int64_t minor) const { return {minor, shelf_->currency()}; }

  CheckoutParts parts_;
  CheckoutSettings settings_;
  std::unique_ptr<Shelf> shelf_;
  std::unique_ptr<Shelf> next_shelf_;
  payment::Attempts attempts_;
  Current current_;
  std::optional<Held> held_;
  hal::TimerId held_timer_;
  hal::TimerId day_timer_;
  After after_;
};

template <class Step>
Outcome<> Checkout::commit(Step&& step) {
  after_ = {};
  const auto done = parts_.journal.commit(std::forward<Step>(step));
  if (done) return {};
  after_ = {};
  return std::unexpected(refused(done.error()));
}

}  // namespace tillkit::checkout
