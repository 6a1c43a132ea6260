// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tillkit/checkout/basket.hpp"
#include "tillkit/checkout/outcome.hpp"
#include "tillkit/checkout/permissions.hpp"
#include "tillkit/checkout/sale.hpp"
#include "tillkit/checkout/shopper.hpp"
#include "tillkit/checkout/story.hpp"
#include "tillkit/checkout/tables.hpp"
#include "tillkit/codes/code.hpp"
#include "tillkit/codes/code_table.hpp"
#include "tillkit/fulfilment/fulfilment.hpp"
#include "tillkit/fulfilment/planogram.hpp"
#include "tillkit/fulfilment/vend_book.hpp"
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
#include "tillkit/security/crypto.hpp"

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
  /// Somebody outside believes to know the shopper: ask, and say it by `Checkout::member_confirmed`.
  virtual void check_member(const members::Hint& hint) = 0;
};

/// All must outlive `Checkout`.
struct CheckoutParts {
  journal::Journal& journal;  ///< opened with the tables of members, ledger, payment, fulfilment and checkout
  hal::Clock& clock;
  hal::Scheduler& scheduler;
  hal::NetworkStatus& network;
  payment::Provider& provider;
  fulfilment::Fulfilment& fulfilment;
  const Permissions& permissions;
  Observer& observer;
  const codes::CodeTable& codes;
  security::Crypto* crypto = nullptr;      ///< null: nothing is drawn, and no random discount applies
  const Membership* membership = nullptr;  ///< null: the shop has no members
  /// Whether another terminal has the right to refund a sale of this one; none: no other can get it.
  std::function<core::Result<bool>(journal::SaleId)> is_ceded{};
  /// Whether the cloud answers although the network says that it is offline; none: that is not known here.
  std::function<bool()> has_answered{};
};

/// How far the refunds of a sale are.
enum class Refunds : std::uint8_t {
  None,      ///< it is closed, and nothing of it was given back
  UnderWay,  ///< it is not over yet, or a refund of it is not
  Begun,     ///< something of it was given back
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
  MembershipSettings membership{};
  fulfilment::HandoverPolicy handover{};  ///< when goods are asked about, and what if nobody will ever know
};

/// What goes back of a sale.
struct RefundRequest {
  journal::SaleId sale{};
  std::span<const offers::UnitRange> units{};  ///< none: all that is left
  journal::Operator by{};
};

namespace detail {

/// What waits for an answer from the cloud before it goes on.
struct Asking {
  std::uint64_t number = 0;
  std::optional<codes::PaymentCode> code{};  // whose is it? It pays next
  std::optional<core::Money> part{};
  std::optional<payment::TenderKind> local{};  // a lease for this tender
  ledger::RequestKey request{};
  hal::TimerId timer{};
};

}  // namespace detail

/// The sale, from the first scan to the receipt: one machine (`sale.hpp`), and the owner of every commit about money.
///
/// One sale is on the screen at a time. It costs nothing until it is paid: cash 1 commit, a wallet 2 (declined 2, given
/// up 3), a further one 2 more, or 1 where its code was shown before the first was decided; goods that a machine moves
/// 1 more, or 2 where it is given the approval first; a refund 1 in cash, 2 to a wallet; suspending 1. What is refused
/// changes nothing. A sale that is given up leaves the screen at once; what was taken for it goes back in the
/// background, across restarts, while the terminal sells on.
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
  /// Adds one of what lies in a slot of the machine, to come out of there while there is any, else of the next slot
  /// that has it.
  /// - SlotUnknown, SlotBlocked, SoldOut. Others as `add`.
  [[nodiscard]] Outcome<offers::LineId> add_from(hal::SlotId slot);
  /// Adds one of what a machine on a bus asks money for, at the machine's price before discounts, tax included: the
  /// item of its selection, or goods that no rule knows and that only offers for the whole basket change. Whether it is
  /// there the machine knows; a slot whose stock is counted here (it has a capacity) must have some.
  /// - NotForSale: no price in the shop's currency. - SlotBlocked, SoldOut. Others as `add`.
  [[nodiscard]] Outcome<offers::LineId> add_asked(const core::Money& price, fulfilment::MdbItem item);
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

  // --- who buys ---

  /// A phone number that the shopper types: recognises its member, who earns.
  [[nodiscard]] Outcome<> show_phone(std::string_view number);
  /// Somebody outside believes that it is this member. Nothing changes until `member_confirmed`.
  void suggest_member(const members::Hint& hint);
  /// The shopper, or an operator, says whether the suggestion is right.
  [[nodiscard]] Outcome<> member_confirmed(bool is_right);
  /// What the shopper says to becoming a member, before or while paying. It counts for the sale that has begun, or for
  /// who was just recognised, and for nobody after them.
  /// - NoSale: there are no goods and nobody was recognised. - HandingOver: it is paid, so who paid is a member or not;
  ///   `refuse_membership` undoes it. Nothing was recorded.
  [[nodiscard]] Outcome<> set_consent(members::Consent consent);
  /// The payer of a sale does not want to be a member after all: membership, points of the sale and the wallet's name
  /// for the payer go. 1 commit.
  /// - SaleNotFound; MemberUnknown: it made nobody a member.
  [[nodiscard]] Outcome<> refuse_membership(journal::SaleId sale);
  /// None: nobody is recognised.
  [[nodiscard]] const std::optional<Shopper>& shopper() const { return current_.shopper; }

  // --- money ---

  /// Whether a tender can be taken now; none: it can.
  [[nodiscard]] std::optional<payment::TenderRefusal> can_take(payment::TenderKind kind) const;
  [[nodiscard]] payment::TenderSet what_works() const;
  /// Whether a code that a shopper shows can be read. While it cannot, no such way to pay is offered; a code that comes
  /// all the same pays.
  void set_can_scan(bool can_scan) { can_scan_ = can_scan; }

  /// Charges a code: `part` of the price, or all that is left. Shown while another tender is under way that leaves
  /// something to pay, it is held, at most `kCodeHeldMax`, and charged next.
  [[nodiscard]] Outcome<> pay_code(codes::PaymentCode code, std::optional<core::Money> part = std::nullopt);
  /// Shows a code to scan.
  [[nodiscard]] Outcome<> pay_qr(std::optional<core::Money> part = std::nullopt);
  /// Takes cash: what is not enough is taken whole, and the rest is left to pay.
  [[nodiscard]] Outcome<payment::CashSettlement> pay_cash(const core::Money& tendered);
  /// Pays with the member's points, or stored value: `part` of the price, or as much as is left and covered. What
  /// covers the rest closes the sale (1 commit); a part is set apart with the next tender. Where no lease covers it and
  /// somebody can be asked, one is fetched first (1 commit more); the answer comes from the loop.
  /// - NoMember: nobody proved to be one who may spend. - NotCovered: nothing is leased, or there is a debt.
  [[nodiscard]] Outcome<> pay_points(std::optional<core::Money> part = std::nullopt);
  [[nodiscard]] Outcome<> pay_value(std::optional<core::Money> part = std::nullopt);
  /// Closes a sale that costs nothing.
  [[nodiscard]] Outcome<> pay_nothing();
  /// Shopper or cashier want out. An attempt under way is asked about once more and then reversed; what was taken goes
  /// back; a basket of which nothing was taken is voided.
  [[nodiscard]] Outcome<> give_up(const journal::Operator& by);

  // --- afterwards ---

  /// Gives back units of a sale, to the tenders that paid it: wallets first, then cash. The sale that does it.
  [[nodiscard]] Outcome<journal::SaleId> refund(const RefundRequest& request);
  /// - NotFound: no such sale. - otherwise as `journal::Journal::each`.
  [[nodiscard]] core::Result<Refunds> refunds_of(journal::SaleId sale) const;
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
  /// Takes over other settings of members, likewise.
  void set_membership(MembershipSettings membership);
  void set_policies(const payment::PolicySet& policies) { attempts_.set_policies(policies); }
  /// The network is back, as far as is known.
  void link_is_back();
  /// Gives leases back whose time is over: at leisure. At most 1 commit.
  [[nodiscard]] core::Result<> return_leases();

  // --- what there is ---

  /// The sale on the screen: 0 while the journal does not know it.
  [[nodiscard]] journal::SaleId sale() const { return current_.id; }
  [[nodiscard]] SaleState state() const { return current_.state; }
  [[nodiscard]] const Basket& basket() const { return current_.basket; }
  [[nodiscard]] bool is_paying() const { return current_.attempt.has_value() || is_asking(); }
  /// Of the price, or of what is left of it.
  [[nodiscard]] core::Money left_to_pay() const;
  [[nodiscard]] receipt::SaleNumber number_of(journal::SaleId sale) const;
  [[nodiscard]] const CheckoutSettings& settings() const { return settings_; }
  /// Attempts, refunds and hand-overs on their way to an end.
  [[nodiscard]] std::size_t under_way() const { return attempts_.open() + (goods_ ? 1U : 0U); }
  [[nodiscard]] std::uint64_t impossible_answers() const { return attempts_.impossible_answers() + impossible_goods_; }

 private:
  /// A coupon as the price sees it, and as the journal will.
  struct Offered {
    offers::Coupon coupon{};
    members::CouponUse use{};
    std::optional<members::CouponPlacement> placement{};  // to be placed with the use
  };

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
    std::optional<Shopper> shopper{};
    members::Consent consent = members::Consent::NotAsked;
    std::vector<members::CouponToken> tokens{};   // shown, checked, at the merchant's risk
    std::vector<members::CouponCount> refused{};  // shown, and refused at once
    std::vector<Offered> offered{};               // all coupons, as it was last priced
    std::vector<std::pair<members::CouponPlacement, members::MemberId>> claimed{};  // of tokens, not in the journal yet
    std::vector<LocalTender> local{};                                               // chosen, not set apart yet
    std::uint64_t visit = 0;                // tells this shopper's time at the screen from the next one's
    std::uint64_t question = 0;             // the newest that was asked about its shopper
    std::optional<codes::Wallet> wallet{};  // that the price counts on
  };

  /// Paid goods on their way. What is not stored of it: after a restart nobody saw anything yet.
  struct Goods {
    journal::SaleId sale{};
    fulfilment::Handover handover{};
    fulfilment::HandoverState state = fulfilment::HandoverState::Intended;
    fulfilment::HandoverReport seen{};  // so far
    fulfilment::UnknownHandover unknown{};
    std::optional<fulfilment::HandoverState> ending{};  // it is over, and that could not be stored yet
    core::Money change{};
    std::int64_t points = 0;
    std::uint64_t number = 0;  // tells its answers from those of another one
  };

  /// A tender that follows the one under way.
  struct Held {
    codes::PaymentCode code;
    std::optional<core::Money> part;
  };

  /// What a transaction leads to once it is durable.
  struct After {
    /// Goods whose intent is durable.
    struct Goods {
      journal::SaleId sale{};
      fulfilment::Handover handover{};
      std::int64_t points = 0;  // that the sale earned
    };

    std::vector<payment::Stepped> refunds;
    std::optional<Goods> start_goods;
    core::Money change{};  // of the sale whose goods start
    std::vector<std::pair<core::OrderNumber, core::Money>> not_refunded;
    std::vector<std::pair<journal::SaleId, SaleState>> ended;
    std::vector<std::pair<journal::SaleId, core::Money>> cash_back;
    std::optional<payment::Attempt> next_attempt;
    std::optional<payment::Stepped> on_screen;  // what happened to the current sale's attempt
    std::vector<payment::Stepped> for_a_person;
    std::int64_t points = 0;    // that the sale on the screen earned
    bool return_shown = false;  // what comes back is on the screen already
  };

  // payment::SaleSteps
  [[nodiscard]] core::Result<> step(journal::Tx& tx, const payment::Stepped& stepped,
                                    const cloud::AttemptAnswer* answer) override;
  [[nodiscard]] bool may_keep_payer(const payment::Attempt& attempt, const cloud::Payer& payer) const override;
  void committed() override;
  void taken_back() override;
  void waiting(const payment::Attempt& attempt, cloud::PendingWhy why) override;
  void code_to_show(const payment::Attempt& attempt, std::string_view text, std::chrono::seconds valid_for) override;

  // steps of sales in a transaction
  [[nodiscard]] core::Result<> step_paying(journal::Tx& tx, const OpenSale& sale, const payment::Stepped& stepped,
                                           const cloud::AttemptAnswer* answer);
  [[nodiscard]] core::Result<> take(journal::Tx& tx, const OpenSale& sale);
  [[nodiscard]] core::Result<> release(journal::Tx& tx, const OpenSale& sale);
  [[nodiscard]] core::Result<> hand_over(journal::Tx& tx, const OpenSale& sale);
  [[nodiscard]] core::Result<> meet_payer(journal::Tx& tx, const OpenSale& sale, const cloud::AttemptAnswer* answer);
  [[nodiscard]] core::Result<> enrol(journal::Tx& tx, journal::SaleId sale, const members::Identity& identity,
                                     members::Consent consent, members::RecogniseHow how);
  [[nodiscard]] members::Consent consent_of(journal::SaleId sale, const std::optional<Benefits>& benefits) const;
  [[nodiscard]] core::Result<> book(journal::Tx& tx, const OpenSale& sale);
  [[nodiscard]] core::Result<> set_apart(journal::Tx& tx, journal::SaleId sale, const offers::PriceProof& proof);
  [[nodiscard]] core::Result<> set_apart_local(journal::Tx& tx, journal::SaleId sale);
  [[nodiscard]] core::Result<> free_reserved(journal::Tx& tx, const OpenSale& sale, bool abandoned);
  [[nodiscard]] core::Result<> unwind(journal::Tx& tx, const OpenSale& sale, payment::AttemptId attempt);
  [[nodiscard]] core::Result<> settle(journal::Tx& tx);
  [[nodiscard]] core::Result<> close(journal::Tx& tx, journal::SaleId sale, SaleState how);
  [[nodiscard]] core::Result<> intend_next(journal::Tx& tx, const OpenSale& sale, const core::Money& left);
  /// A price as it is stored.
  struct Priced {
    std::string text;
    offers::PriceProof proof;
    Benefits benefits;
  };
  [[nodiscard]] core::Result<journal::SaleId> begin_paying(journal::Tx& tx, const std::optional<Priced>& priced);

  template <class Step>
  [[nodiscard]] Outcome<> commit(Step&& step);
  void go_on_after();
  void follow();
  void open_again();
  void show_step(const payment::Stepped& stepped);

  // payments
  [[nodiscard]] Outcome<core::Money> prepare(payment::TenderKind kind, const std::optional<core::Money>& part);
  [[nodiscard]] Outcome<> prepare_sale();
  [[nodiscard]] Outcome<> prepare_price();
  [[nodiscard]] Outcome<std::optional<Priced>> priced();
  [[nodiscard]] bool can_store(const offers::PriceProof& proof, const Benefits& benefits,
                               std::size_t proof_bytes) const;
  [[nodiscard]] Benefits benefits_for(const offers::PriceProof& proof) const;
  [[nodiscard]] Outcome<> charge_code(codes::PaymentCode code, std::optional<core::Money> part);
  void count_on(codes::Wallet wallet);
  [[nodiscard]] Outcome<> pay_local(payment::TenderKind kind, std::optional<core::Money> part, bool may_fetch);
  [[nodiscard]] Outcome<> close_here();
  [[nodiscard]] Outcome<payment::Attempt> intend(payment::TenderKind kind, std::optional<codes::Wallet> wallet,
                                                 const core::Money& amount);
  [[nodiscard]] Outcome<> hold(codes::PaymentCode code, std::optional<core::Money> part);
  /// Its price is fixed, or a question about its shopper is open; none: it can be changed.
  [[nodiscard]] std::optional<receipt::SaleRefusal> why_fixed() const;
  [[nodiscard]] bool is_price_fixed() const {
    return current_.state == SaleState::Paying || current_.state == SaleState::Fulfilling;
  }

  // goods that are paid
  [[nodiscard]] core::Result<fulfilment::Handover> plan_handover(const journal::Tables& tables, journal::SaleId sale,
                                                                 const core::Money& paid) const;
  [[nodiscard]] Outcome<> can_hand_over() const;
  [[nodiscard]] Outcome<> has_goods(const catalog::ItemView& item, const core::Quantity& quantity,
                                    hal::SlotId slot) const;
  void start_goods(const After::Goods& goods, const core::Money& change);
  [[nodiscard]] core::Result<> find_goods();
  void ask_about_goods();
  void goods_released();
  void heard_of_goods(fulfilment::Question question, const core::Result<fulfilment::HandoverReport>& outcome);
  void step_goods(fulfilment::HandoverEvent event);
  void plan_goods();
  void end_goods(fulfilment::HandoverState state);
  void call_about_goods(const Goods& goods, const fulfilment::VendEnd& end, const core::Money& back) const;
  void show_goods(std::size_t out);
  void show_end_of_goods(const Goods& goods, const fulfilment::VendEnd& end, const core::Money& back);
  void wait_for_goods(std::chrono::milliseconds time, std::move_only_function<void()> then);
  [[nodiscard]] fulfilment::UnknownGoods choice_of(const Goods& goods) const;
  [[nodiscard]] std::function<bool()> about_these_goods() const;

  void drop_held();
  [[nodiscard]] bool may_reach() const;
  [[nodiscard]] payment::TenderSituation situation() const;
  [[nodiscard]] core::Result<core::Money> taken_of(const journal::Tables& tables, const OpenSale& sale) const;
  [[nodiscard]] core::Result<core::Money> set_apart_for(const journal::Tables& tables, const OpenSale& sale) const;
  [[nodiscard]] core::Money chosen() const;
  [[nodiscard]] core::Result<> name_member(journal::Tx& tx, journal::SaleId sale);

  // afterwards
  [[nodiscard]] Outcome<receipt::ReceiptData> receipt_of_story(const SaleStory& story, std::uint32_t copy) const;
  struct RefundPlan;
  [[nodiscard]] Outcome<RefundPlan> plan_refund(const RefundRequest& request) const;
  [[nodiscard]] Outcome<RefundPlan> plan_refund_of(const SaleStory& sold, const ReturnedSoFar& before,
                                                   const RefundRequest& request) const;
  [[nodiscard]] core::Result<> give_back(journal::Tx& tx, journal::SaleId sale, const RefundPlan& plan,
                                         std::optional<core::Error>* not_taken);
  [[nodiscard]] core::Result<> undo_goods(journal::Tx& tx, const OpenSale& sale, const RefundPlan& plan);
  [[nodiscard]] core::Result<> return_goods(journal::Tx& tx, const RefundPlan& plan);
  [[nodiscard]] core::Result<> plan_member_refund(const SaleStory& sold, const ReturnedSoFar& before,
                                                  const offers::PriceProof& proof, const offers::Refund& refund,
                                                  RefundPlan& plan) const;
  [[nodiscard]] core::Result<> give_back_local(journal::Tx& tx, journal::SaleId sale, const RefundPlan& plan);
  void show_returned(journal::SaleId sale);

  // who buys
  [[nodiscard]] Outcome<> show_code_of_member(const codes::MemberCode& code);
  [[nodiscard]] Outcome<> show_member_token(const codes::SignedToken& token);
  [[nodiscard]] Outcome<> show_unified(codes::UnifiedCode code);
  [[nodiscard]] Outcome<> show_identity(const members::Identity& identity, members::RecogniseHow how);
  [[nodiscard]] Outcome<> show_coupon_token(const codes::SignedToken& token);
  [[nodiscard]] Outcome<> honour(const members::CouponToken& token);
  [[nodiscard]] Outcome<> refuse_coupon(receipt::SaleRefusal refusal, members::CouponEnd end, std::uint8_t reason = 0);
  void adopt_shopper(Shopper shopper);
  void adopt_found(const members::Found& found, members::RecogniseHow how, bool proven);
  void ask_about(const std::variant<members::Identity, members::MemberId>& who, members::RecogniseHow how, bool proven);
  [[nodiscard]] bool can_ask() const;
  [[nodiscard]] std::optional<members::Profile> cached(
      const std::variant<members::Identity, members::MemberId>& who) const;
  [[nodiscard]] bool is_revoked(std::string_view id) const;
  [[nodiscard]] bool should_identify(const codes::PaymentCode& code) const;
  [[nodiscard]] bool identify(codes::PaymentCode& code, const std::optional<core::Money>& part);
  void go_on_with_code();
  [[nodiscard]] bool is_asking() const { return asking_.has_value(); }
  void stop_asking();
  [[nodiscard]] bool fetch_lease(payment::TenderKind kind, const std::optional<core::Money>& part,
                                 const core::Money& amount);
  void go_on_with_local();
  void ask_for_lease(const ledger::LeaseRequest& request);
  void lease_answered(const ledger::LeaseRequest& request,
                      const core::Result<std::optional<ledger::LeaseGrant>>& answer);
  [[nodiscard]] core::Result<> reprice_for_shopper();
  [[nodiscard]] Pricing pricing();
  [[nodiscard]] Pricing pricing_as_member() const;
  void offer_coupons(std::vector<offers::Coupon>& coupons);
  void offer(const members::HeldCoupon& coupon, const members::CouponUse& use, std::uint32_t uses,
             const std::optional<members::CouponPlacement>& placement);
  void offer_placed(const members::CouponPlacement& placement, const members::MemberId& member);
  void limit_offers(offers::Context& context);
  [[nodiscard]] core::Result<bool> is_for_shopper(const members::MemberId& member) const;
  void drop_uncovered_tokens();
  void forget_when_idle();
  [[nodiscard]] bool wait_for_member(codes::PaymentCode& code, const std::optional<core::Money>& part);
  [[nodiscard]] bool hold_back(codes::PaymentCode& code, const std::optional<core::Money>& part, std::uint64_t number);
  void retry_leases();
  void ask_for_leases();
  [[nodiscard]] bool may_spend() const;
  [[nodiscard]] bool is_in_debt() const;
  [[nodiscard]] core::Result<std::int64_t> cost_of(payment::TenderKind kind, std::int64_t minor) const;
  [[nodiscard]] bool is_local_covered() const;
  [[nodiscard]] std::vector<ledger::Owner> spenders() const;
  [[nodiscard]] ledger::Owner spender() const;
  [[nodiscard]] std::int64_t leased(ledger::Unit unit) const;

  // goods
  [[nodiscard]] Outcome<> may_change();
  [[nodiscard]] Outcome<> may_begin() const;
  [[nodiscard]] catalog::Items& items();
  [[nodiscard]] Outcome<> add_scanned(const codes::Item& item);
  [[nodiscard]] Outcome<> add_weighed(const codes::WeighedItem& item);
  [[nodiscard]] Outcome<offers::LineId> add_item(const catalog::ItemView& item, const core::Quantity& quantity,
                                                 const std::optional<core::Money>& price, hal::SlotId slot = {});
  [[nodiscard]] core::Result<> load_current();
  void leave_current();
  void abandon_coupons();

  void update_day();
  void wait_for_day_change();
  [[nodiscard]] offers::Context context() const;
  [[nodiscard]] Refused refused(const core::Error& error) const;
  [[nodiscard]] Refused refused(payment::TenderRefusal refusal) const;
  void show_basket();
  void show_what_is_left();
  void show_choice();
  void show(const receipt::ScreenModel& screen) { parts_.observer.show(screen); }
  void show_refused(const Refused& refused) {
    show(receipt::RefusedScreen{refused.refusal, refused.values, refused.works});
  }
  [[nodiscard]] Outcome<> permit(const journal::Operator& by, Action action, const core::Money& amount = {}) const;
  [[nodiscard]] payment::CashRule cash_rule() const {
    return settings_.cash.value_or(payment::default_cash_rule(shelf_->currency()));
  }
  [[nodiscard]] core::Money money(std::int64_t minor) const { return {minor, shelf_->currency()}; }

  CheckoutParts parts_;
  CheckoutSettings settings_;
  std::unique_ptr<Shelf> shelf_;
  std::unique_ptr<Shelf> next_shelf_;
  std::optional<MembershipSettings> next_membership_{};
  payment::Attempts attempts_;
  Current current_;
  std::optional<Held> held_;
  std::optional<detail::Asking> asking_;
  std::uint64_t questions_ = 0;
  std::optional<std::pair<ledger::LeaseGrant, ledger::RequestKey>> fetched_;  // to be placed with the commit it pays
  hal::TimerId idle_timer_;
  hal::TimerId lease_timer_;
  std::optional<members::Hint> hint_;
  std::vector<members::CouponCount> uncounted_;  // of sales that nobody paid
  std::shared_ptr<int> alive_;                   // answers that come after this object is gone find it expired
  hal::TimerId held_timer_;
  hal::TimerId day_timer_;
  std::optional<Goods> goods_;
  std::uint64_t handovers_ = 0;
  std::uint64_t impossible_goods_ = 0;
  bool can_scan_ = true;
  hal::TimerId goods_timer_;
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
