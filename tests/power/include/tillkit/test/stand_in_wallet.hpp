// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tillkit::test {

/// The five requests of the gateway that concern money.
enum class WalletCall : std::uint8_t { Authorise, CreateQr, Query, Reverse, Refund };

struct WalletRequest {
  WalletCall call = WalletCall::Query;
  std::string order = {};   ///< The attempt's number: the key.
  std::string refund = {};  ///< Of `Refund`: its own key.
  std::int64_t minor = 0;   ///< Of `Authorise`, `CreateQr`, `Refund`.
  std::string currency = "CNY";
  std::string code = {};                         ///< Of `Authorise`: what the shopper showed.
  std::chrono::milliseconds valid_for{120'000};  ///< Of `CreateQr`.

  friend bool operator==(const WalletRequest&, const WalletRequest&) = default;
};

/// What an answer says, in the words of the cloud's contract.
enum class WalletOutcome : std::uint8_t {
  None,  ///< A problem, or the connection was closed.
  Paid,
  Declined,
  Pending,
  NotFound,
  Reversed,
  Refunded,
  Accepted,
  Refused,
};

struct WalletAnswer {
  int status = 200;          ///< As of HTTP; 0: the connection was closed without an answer.
  std::string problem = {};  ///< With any status but 200: the last part of the problem's type, e.g. `order-busy`.
  WalletOutcome outcome = WalletOutcome::None;
  std::string order = {};
  std::string refund = {};
  std::string currency = {};
  std::int64_t amount_minor = 0;    ///< What was asked for.
  std::int64_t paid_minor = 0;      ///< What the payer paid; the rest is the provider's discount.
  std::int64_t refunded_minor = 0;  ///< Of the order's amount, all refunds and the reversal together.
  std::int64_t to_payer_minor = 0;  ///< Of one refund: what the payer gets of it.
  std::string why = {};             ///< Of `Pending`: password, scan or reversing.
  std::string reason = {};          ///< Of `Declined` and `Refused`.
  std::string qr_text = {};

  friend bool operator==(const WalletAnswer&, const WalletAnswer&) = default;
};

/// What happens to one request: what the wallet decides, and how request and answer travel. Put together as in
/// `approves().taking(8s).unanswered()`.
struct WalletScript {
  bool yes = true;
  std::string reason = {};
  std::int64_t discount_minor = 0;
  std::chrono::milliseconds thinks{0};
  bool arrives = true;
  std::chrono::milliseconds travels{0};
  bool answers = true;
  int status = 200;  ///< What is said instead of the truth, unless it is 200.
  std::chrono::milliseconds answers_after{0};
  std::optional<std::chrono::milliseconds> again_after = {};

  /// It is pending for so long: the payer is asked for a password, and enters it or (of `declines`) does not; a
  /// reversal or a refund is taken on at once and done then.
  [[nodiscard]] WalletScript taking(std::chrono::milliseconds time) const;
  /// It never arrives, so nothing happens; and nobody answers.
  [[nodiscard]] WalletScript lost() const;
  /// It is under way for so long, and may be overtaken.
  [[nodiscard]] WalletScript travelling(std::chrono::milliseconds time) const;
  /// It is done, and nobody says so.
  [[nodiscard]] WalletScript unanswered() const;
  /// The answer, as it is when the request arrives, comes so much later.
  [[nodiscard]] WalletScript late(std::chrono::milliseconds time) const;
  /// The answer comes once more.
  [[nodiscard]] WalletScript twice(std::chrono::milliseconds later) const;
  /// The gateway says this status (409, 500, 502, 503) and not what the wallet did. After `lost`: the wallet did
  /// nothing.
  [[nodiscard]] WalletScript saying(int other_status) const;
  /// The connection is closed instead of an answer. After `lost`: the wallet did nothing.
  [[nodiscard]] WalletScript closing() const;
};

/// It is done; of an authorise, with this much off at the provider's cost.
[[nodiscard]] WalletScript approves(std::int64_t discount_minor = 0);
/// It is not done, for this reason. Of a reversal the reason is a problem's type, such as `reversal-too-soon`.
[[nodiscard]] WalletScript declines(std::string_view reason = "not_enough_money");

/// What one order did to people's money. All amounts are the order's, the provider's discount included.
struct WalletBook {
  std::int64_t charged_minor = 0;
  std::int64_t reversed_minor = 0;
  std::int64_t refunded_minor = 0;
  std::uint32_t charges = 0;  ///< How many times it was charged: never more than once.

  [[nodiscard]] std::int64_t kept_minor() const { return charged_minor - reversed_minor - refunded_minor; }
  friend bool operator==(const WalletBook&, const WalletBook&) = default;
};

/// One line of the wallet's ledger.
struct WalletEntry {
  enum class Kind : std::uint8_t { Charge, Reversal, Refund };

  std::chrono::milliseconds at;
  Kind kind;
  std::string order;
  std::string key;  ///< Of a refund its own, else the order's.
  std::int64_t minor;

  friend bool operator==(const WalletEntry&, const WalletEntry&) = default;
};

/// Gateway and wallet in one, with books of their own: for tests that compare them with what a terminal believes.
/// Shares nothing with the library but the contract, which it keeps: same key and body, same answer and no second
/// charge; same key, other body: 422; a reversal of an order never seen leaves a tombstone; refunds never exceed the
/// charge.
///
/// Nothing happens by itself: requests arrive and answers come in `run`, as the given clock says. Not for several
/// threads.
class StandInWallet {
 public:
  using Now = std::function<std::chrono::milliseconds()>;
  using Answered = std::function<void(const WalletAnswer&)>;

  explicit StandInWallet(Now now) : now_(std::move(now)) {}

  /// What happens to the next request of this kind that is sent; several wait in line. Without one: `approves()`.
  void script(WalletCall call, WalletScript script);
  /// The same for every request of this kind for which none waits.
  void script_all(WalletCall call, WalletScript script);
  /// What happens to every request about this order from now on, before all other scripts.
  void script_order(std::string order, WalletScript script);

  /// Sends a request. The answer comes in `run`: never, once or twice, as scripted.
  void send(const WalletRequest& request, Answered answered);
  /// Forgets who asked, as when the terminal lost power: what is under way still arrives, answers go nowhere.
  void hang_up();
  /// Does everything that is due, in order. What is sent meanwhile without delay is done, too.
  void run();
  /// When there will be something to do next: an arrival, an answer, a password.
  [[nodiscard]] std::optional<std::chrono::milliseconds> next() const;

  /// A shopper scans the code of this order, and pays or does not. False: there is no such code, or not any more.
  bool shopper_scans(std::string_view order, const WalletScript& script = approves());

  /// How many such requests about an order arrived, whatever became of them.
  [[nodiscard]] std::uint32_t arrivals(WalletCall call, const std::string& order) const;
  [[nodiscard]] std::uint32_t arrivals(WalletCall call) const;

  /// All that ever moved money, in order, as of the last `run`.
  [[nodiscard]] const std::vector<WalletEntry>& ledger() const { return ledger_; }
  /// The ledger added up by order; orders that never touched money are not in it.
  [[nodiscard]] std::map<std::string, WalletBook> books() const;
  /// What the merchant has of all orders together.
  [[nodiscard]] std::int64_t kept_minor() const;

 private:
  using Moment = std::chrono::milliseconds;

  enum class State : std::uint8_t { Tombstone, WaitsForScan, Thinks, Paid, Declined, Reversing, Reversed };

  struct Order {
    WalletRequest request = {};
    State state = State::Tombstone;
    std::string reason = {};
    WalletScript script = {};  ///< What will come of `Thinks`.
    Moment until{0};           ///< Of `WaitsForScan`, `Thinks`, `Reversing`: when that ends.
    bool taken = false;
    std::int64_t paid_minor = 0;      ///< By the payer; the rest of the amount by the provider.
    std::int64_t refunded_minor = 0;  ///< Given back, by refunds and reversal.
    std::int64_t accepted_minor = 0;  ///< Of refunds that were taken on and are not done.

    [[nodiscard]] std::int64_t left_minor() const { return request.minor - refunded_minor - accepted_minor; }
  };

  struct Refund {
    WalletRequest request = {};
    WalletOutcome outcome = WalletOutcome::Accepted;
    WalletScript script = {};  ///< What came, or will come, of it.
    std::int64_t to_payer_minor = 0;
  };

  struct Event {
    enum class Kind : std::uint8_t { Arrival, Answer, OrderDue, RefundDue };

    Kind kind;
    WalletRequest request = {};
    WalletScript script = {};
    WalletAnswer answer = {};
    std::uint64_t caller = 0;
    bool last_answer = true;
  };

  WalletScript take_script(const WalletRequest& request);
  void handle(const Event& event, Moment at);
  void plan_answers(const Event& arrival, const WalletAnswer& answer, Moment at);
  void pass_on(const Event& event);
  void order_due(const std::string& number, Moment at);
  void refund_due(const std::string& number, Moment at);

  WalletAnswer answer_to(const WalletRequest& request, const WalletScript& script, Moment at);
  WalletAnswer open(const WalletRequest& request, const WalletScript& script, Moment at);
  WalletAnswer query(const WalletRequest& request) const;
  WalletAnswer reverse(const WalletRequest& request, const WalletScript& script, Moment at);
  WalletAnswer refund(const WalletRequest& request, const WalletScript& script, Moment at);
  void decide(Order& order, const WalletScript& script, Moment at);
  void wait(Order& order, State state, Moment until);
  void finish_reversal(Order& order, Moment at);
  void finish_refund(Order& order, Refund& refund, Moment at);
  /// Gives back so much of an order; returns how much of it the payer gets: first all that the payer paid.
  std::int64_t give_back(Order& order, WalletEntry::Kind kind, const std::string& key, std::int64_t minor, Moment at);
  static WalletAnswer answer_about(const Order& order);
  static WalletAnswer answer_about(const Refund& refund);

  Now now_;
  std::map<WalletCall, std::deque<WalletScript>> scripts_;
  std::map<WalletCall, WalletScript> scripts_for_all_;
  std::map<std::string, WalletScript> scripts_by_order_;
  std::multimap<Moment, Event> events_;
  std::map<std::uint64_t, Answered> callers_;
  std::uint64_t last_caller_ = 0;
  std::map<std::string, Order, std::less<>> orders_;
  std::map<std::string, Refund, std::less<>> refunds_;
  std::map<std::string, std::string> codes_;  ///< Payment code to the order that used it up.
  std::map<std::pair<WalletCall, std::string>, std::uint32_t> arrivals_;
  std::vector<WalletEntry> ledger_;
};

}  // namespace tillkit::test
