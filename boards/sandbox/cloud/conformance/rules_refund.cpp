// SPDX-License-Identifier: Apache-2.0
// Refunds of what was paid. The rules stand in the order in which they use the paid order up.
#include <array>
#include <chrono>
#include <thread>

#include "world.hpp"

namespace tillkit::conformance {
namespace {

constexpr std::string_view kRefund = "/v1/gateway/refund";
constexpr std::int64_t kPart = 250;
constexpr std::chrono::seconds kDoneMax{10};

std::string refund_body(const World& world, std::string_view order, std::string_view refund, std::int64_t minor) {
  return R"({"order":)" + json_text(order) + R"(,"refund":)" + json_text(refund) + R"(,"amount":)" +
         world.amount(minor) + "}";
}

/// Repeats it until the provider has done it.
Tried<Answer> done(World& world, const std::string& body) {
  const auto until = std::chrono::steady_clock::now() + kDoneMax;
  while (true) {
    TILLKIT_TRY(Answer answer, world.wire.post(world.a, kRefund, body));
    const bool open = answer.outcome() == "accepted" || answer.status == 409 || answer.status >= 500;
    if (!open || std::chrono::steady_clock::now() > until) return answer;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

Verdict expect_given_back(World& world, std::string_view order, std::int64_t minor) {
  TILLKIT_TRY(const Answer now, world.query(order));
  TILLKIT_TRY_VOID(expect_outcome(now, {"paid", "refunded"}));
  return expect(now.number("refunded/minor").value_or(0) == minor, now,
                "refunded " + std::to_string(minor) + " in all");
}

/// The paid order, with `kPart` given back by a refund number of its own.
Tried<std::string> part_given_back(World& world) {
  TILLKIT_TRY(const World::PaidOrder paid, world.paid_order());
  if (world.part_refund.empty()) world.part_refund = world.order(world.a);
  std::string body = refund_body(world, paid.number, world.part_refund, kPart);
  TILLKIT_TRY(const Answer answer, done(world, body));
  TILLKIT_TRY_VOID(expect_outcome(answer, {"refunded"}));
  TILLKIT_TRY_VOID(expect(answer.number("amount/minor") == kPart, answer, "the amount that was asked for"));
  return body;
}

Verdict not_of_an_order_never_seen(World& world) {
  const std::string order = world.order(world.a);
  TILLKIT_TRY(const Answer answer,
              world.wire.post(world.a, kRefund, refund_body(world, order, world.order(world.a), 1)));
  return expect_problem(answer, {"order-not-found"});
}

Verdict not_of_what_is_not_paid(World& world) {
  const std::string order = world.order(world.a);
  const std::string body = R"({"order":)" + json_text(order) + R"(,"amount":)" + world.amount(kPart) +
                           R"(,"wallets":[],"description":"conformance","valid_for_s":120})";
  TILLKIT_TRY(const Answer shown, world.open("/v1/gateway/qr", body));
  TILLKIT_TRY_VOID(expect_outcome(shown, {"pending"}));
  TILLKIT_TRY(const Answer answer,
              world.wire.post(world.a, kRefund, refund_body(world, order, world.order(world.a), 1)));
  TILLKIT_TRY_VOID(expect_problem(answer, {"order-not-paid"}));
  TILLKIT_TRY(const Answer end, world.reversed(order));
  return expect_outcome(end, {"reversed"});
}

Verdict not_more_than_paid(World& world) {
  TILLKIT_TRY(const World::PaidOrder paid, world.paid_order());
  const std::string body = refund_body(world, paid.number, world.order(world.a), World::kPaidMinor + 1);
  TILLKIT_TRY(const Answer answer, world.wire.post(world.a, kRefund, body));
  TILLKIT_TRY_VOID(expect_problem(answer, {"refund-too-large"}));
  TILLKIT_TRY(const Answer now, world.query(paid.number));
  TILLKIT_TRY_VOID(expect_outcome(now, {"paid"}));
  return expect(!now.find("refunded"), now, "nothing given back");
}

Verdict gives_a_part_back(World& world) {
  TILLKIT_TRY(const World::PaidOrder paid, world.paid_order());
  TILLKIT_TRY_VOID(part_given_back(world));
  return expect_given_back(world, paid.number, kPart);
}

Verdict gives_back_once(World& world) {
  TILLKIT_TRY(const World::PaidOrder paid, world.paid_order());
  TILLKIT_TRY(const std::string body, part_given_back(world));
  TILLKIT_TRY(const Answer again, world.wire.post(world.a, kRefund, body));
  TILLKIT_TRY_VOID(expect_outcome(again, {"refunded"}));
  return expect_given_back(world, paid.number, kPart);
}

Verdict refuses_another_body(World& world) {
  TILLKIT_TRY(const World::PaidOrder paid, world.paid_order());
  TILLKIT_TRY(std::string body, part_given_back(world));
  const std::string_view minor = R"("minor":250)";
  body.replace(body.find(minor), minor.size(), R"("minor":251)");
  TILLKIT_TRY(const Answer answer, world.wire.post(world.a, kRefund, body));
  TILLKIT_TRY_VOID(expect_problem(answer, {"key-reused"}));
  return expect_given_back(world, paid.number, kPart);
}

Verdict not_more_than_is_left(World& world) {
  TILLKIT_TRY(const World::PaidOrder paid, world.paid_order());
  TILLKIT_TRY_VOID(part_given_back(world));
  const std::int64_t left = World::kPaidMinor - kPart;
  TILLKIT_TRY(const Answer answer,
              world.wire.post(world.a, kRefund, refund_body(world, paid.number, world.order(world.a), left + 1)));
  TILLKIT_TRY_VOID(expect_problem(answer, {"refund-too-large"}));
  return expect_given_back(world, paid.number, kPart);
}

Verdict ends_with_nothing_left(World& world) {
  TILLKIT_TRY(const World::PaidOrder paid, world.paid_order());
  TILLKIT_TRY_VOID(part_given_back(world));
  const std::string rest = refund_body(world, paid.number, world.order(world.a), World::kPaidMinor - kPart);
  TILLKIT_TRY(const Answer answer, done(world, rest));
  TILLKIT_TRY_VOID(expect_outcome(answer, {"refunded"}));
  TILLKIT_TRY(const Answer now, world.query(paid.number));
  TILLKIT_TRY_VOID(expect_outcome(now, {"refunded"}));
  TILLKIT_TRY(const Answer more,
              world.wire.post(world.a, kRefund, refund_body(world, paid.number, world.order(world.a), 1)));
  return expect_problem(more, {"nothing-left"});
}

// clang-format off
constexpr std::string_view kWhere = "POST /v1/gateway/refund";
constexpr std::array kRules{
    Rule{"refund.unseen", "POST /v1/gateway/refund; x-problems", "Refund of an order never seen: 404 order-not-found",
         "money is given out that was never taken", kTerminal, &not_of_an_order_never_seen},
    Rule{"refund.not-paid", "POST /v1/gateway/refund; x-problems", "Refund of an order that is not paid: order-not-paid",
         "money is given out that was never taken", kTerminal, &not_of_what_is_not_paid},
    Rule{"refund.too-large", "POST /v1/gateway/refund; x-problems", "More than was paid: refund-too-large, and nothing is given back",
         "more is given back than was paid", kTerminal | kPaidOrder, &not_more_than_paid},
    Rule{"refund.part", kWhere, "A part is given back, and the order's query counts it",
         "the shopper does not get it, or the books do not say so", kTerminal | kPaidOrder, &gives_a_part_back},
    Rule{"refund.same-again", "info: Keys; POST /v1/gateway/refund", "Repeating a refund gives back nothing more",
         "a terminal that lost the answer gives it back twice", kTerminal | kPaidOrder, &gives_back_once},
    Rule{"refund.key-reused", "info: Keys", "Same refund number and another body: 422 key-reused, and nothing happens",
         "one refund number stands for two payments", kTerminal | kPaidOrder, &refuses_another_body},
    Rule{"refund.sum", kWhere, "All refunds of an order together are not more than was paid",
         "more is given back than was paid, in parts", kTerminal | kPaidOrder, &not_more_than_is_left},
    Rule{"refund.nothing-left", "x-problems: nothing-left; schemas: Refunded", "After the last part the order is refunded, and more is nothing-left",
         "more is given back than was paid", kTerminal | kPaidOrder, &ends_with_nothing_left},
};
// clang-format on

}  // namespace

std::span<const Rule> refund_rules() {
  return kRules;
}

}  // namespace tillkit::conformance
