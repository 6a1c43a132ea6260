// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/hal_virtual/board.hpp"

namespace tillkit::payment {

/// What happens to one request on its way to the stand-in and back.
enum class Mishap : std::uint8_t {
  None,
  Silence,        ///< acted on; no answer
  Late,           ///< acted on; the answer comes after every time-out
  Close,          ///< acted on; the connection is closed instead of an answer
  CutShort,       ///< acted on; closed in the middle of the answer
  NotHttp,        ///< acted on; the answer is no HTTP
  NotJson,        ///< acted on; the answer is no JSON
  HalfBody,       ///< acted on; the body stops in the middle
  WrongType,      ///< acted on; the right body as text/html
  TooLong,        ///< acted on; a body beyond the limit
  MissingMember,  ///< acted on; `outcome` is not in it
  OtherOrder,     ///< acted on; about another order
  Conflict,       ///< acted on; 409
  ServerError,    ///< acted on; 500
  BusyPage,       ///< acted on; 503 with Retry-After: 7
  Twice,          ///< the request arrives a second time
  Held,           ///< not acted on: it stays somewhere on the way until `deliver_held`
};
inline constexpr int kMishaps = 17;

/// A gateway and the wallet behind it, with books of their own, that keeps cloud-api.yaml. Not under the power plug of
/// the terminal.
class StandIn {
 public:
  explicit StandIn(hal_virtual::VirtualBoard& board);

  // What the payer does about the next order.
  bool declines = false;
  std::optional<std::chrono::milliseconds> pays_after;  ///< types a password, or scans; none: never
  bool needs_password = false;

  std::string session_body;  ///< empty: a good one
  int session_status = 200;
  bool reversal_window_over = false;  ///< for what is paid
  int reversals_unconfirmed = 0;      ///< so many are answered `pending` first
  int refunds_accepted = 0;           ///< so many refund requests are answered `accepted` first
  bool refuses_refunds = false;

  /// The n-th request (from 1) to a path, such as `authorise`, meets this.
  void plan(std::string_view operation, int call, Mishap mishap) { mishaps_[{std::string(operation), call}] = mishap; }
  /// Every further request to a path meets this.
  void always(std::string_view operation, Mishap mishap) { always_[std::string(operation)] = mishap; }
  void heal() { always_.clear(); }
  /// What was held on the way arrives now, and its answers reach nobody.
  void deliver_held();

  [[nodiscard]] int calls(std::string_view operation) const;
  [[nodiscard]] const std::vector<hal::HttpRequest>& requests() const { return requests_; }

  // The books.
  [[nodiscard]] int charges(const std::string& order) const;
  [[nodiscard]] std::int64_t kept_minor(const std::string& order) const;
  [[nodiscard]] std::int64_t given_back_minor(const std::string& order) const;
  [[nodiscard]] std::int64_t kept_minor() const;

  /// The payer pays now, if the order can still be paid.
  void pay(const std::string& order);

 private:
  struct Order {
    std::string body;
    std::int64_t amount = 0;
    bool seen = false;
    bool declined = false;
    bool reversed = false;  // or a tombstone
    bool shown = false;     // a code, not a charge
    bool password = false;
    int charges = 0;
    std::int64_t given_back = 0;
    std::optional<std::chrono::microseconds> pays_at;
    std::map<std::string, std::string> refunds;  // number to body
    std::map<std::string, std::int64_t> done;
  };
  struct Said {
    int status = 200;
    std::string body;
  };

  hal_virtual::VirtualAnswer serve(const hal::HttpRequest& request);
  Said act(const std::string& operation, const std::string& body);
  Said begin(const std::string& number, const std::string& body, bool shown);
  Said reverse(const std::string& number);
  Said refund(const std::string& number, const std::string& body);
  Said known(const std::string& number);
  void catch_up(Order& order);

  hal_virtual::VirtualBoard& board_;
  std::map<std::string, Order> orders_;
  std::map<std::string, int> calls_;
  std::map<std::pair<std::string, int>, Mishap> mishaps_;
  std::map<std::string, Mishap> always_;
  std::vector<std::pair<std::string, std::string>> held_;
  std::vector<hal::HttpRequest> requests_;
};

}  // namespace tillkit::payment
