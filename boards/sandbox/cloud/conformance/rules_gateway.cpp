// SPDX-License-Identifier: Apache-2.0
// Charges and their ends.
#include <array>

#include "world.hpp"

namespace tillkit::conformance {
namespace {

constexpr std::string_view kAuthorise = "/v1/gateway/authorise";
constexpr std::string_view kQr = "/v1/gateway/qr";
constexpr std::int64_t kMinor = World::kPaidMinor;
constexpr std::chrono::milliseconds kIdentifyMax{800};

std::string qr_body(const World& world, std::string_view order, std::int64_t minor = kMinor) {
  return R"({"order":)" + json_text(order) + R"(,"amount":)" + world.amount(minor) +
         R"(,"wallets":[],"description":"conformance","valid_for_s":120})";
}

/// Whether a paid answer is of this order, and adds up to what was asked for.
Verdict expect_sum(const World& world, const Answer& answer, std::string_view order, std::int64_t minor) {
  TILLKIT_TRY_VOID(expect(answer.text("order") == order, answer, "the order that was asked about"));
  const bool same = answer.number("amount/minor") == minor && answer.text("amount/currency") == world.options.currency;
  TILLKIT_TRY_VOID(expect(same, answer, "amount: what was asked for"));
  std::int64_t sum = answer.number("paid/minor").value_or(0);
  const auto discounts = answer.find("discounts");
  const auto list =
      discounts ? discounts->elements() : core::Result<core::JsonElements>(core::fail(core::ErrorCode::NotFound));
  if (list) {
    for (const core::JsonValue one : *list) {
      const auto amount = one.find("amount");
      const auto part = amount ? amount->find("minor") : std::nullopt;
      sum += part ? part->integer().value_or(0) : 0;
    }
  }
  return expect(sum == minor, answer, "paid and discounts that add up to amount");
}

Verdict identifies_in_time(World& world) {
  const std::string body = R"({"code":)" + json_text(world.options.paying.front()) + R"(,"wallets":[]})";
  // Opened before: the time is the gateway's.
  TILLKIT_TRY(const Answer hello, world.query(world.order(world.a)));
  TILLKIT_TRY_VOID(expect_ok(hello));
  TILLKIT_TRY(const Answer answer,
              world.wire.ask(world.a, {.target = "/v1/gateway/identify", .body = body, .within = kIdentifyMax}));
  return expect_outcome(answer, {"identified", "not_identified"});
}

Verdict charges(World& world) {
  TILLKIT_TRY(const World::PaidOrder paid, world.paid_order());
  TILLKIT_TRY(const Answer answer, world.query(paid.number));
  TILLKIT_TRY_VOID(expect_outcome(answer, {"paid"}));
  return expect_sum(world, answer, paid.number, kMinor);
}

Verdict charges_once(World& world) {
  TILLKIT_TRY(const World::PaidOrder paid, world.paid_order());
  // The same values in another order.
  const std::size_t end_of_order = paid.body.find(",\"amount\"");
  const std::string turned = "{" + paid.body.substr(end_of_order + 1, paid.body.size() - end_of_order - 2) + "," +
                             paid.body.substr(1, end_of_order - 1) + "}";
  for (const std::string& body : {paid.body, turned}) {
    TILLKIT_TRY(const Answer answer, world.wire.post(world.a, kAuthorise, body));
    TILLKIT_TRY_VOID(expect_outcome(answer, {"paid"}));
    TILLKIT_TRY_VOID(expect_sum(world, answer, paid.number, kMinor));
    TILLKIT_TRY_VOID(expect(answer.text("transaction") == paid.transaction, answer, "transaction " + paid.transaction));
  }
  return {};
}

Verdict refuses_another_body(World& world) {
  TILLKIT_TRY(const World::PaidOrder paid, world.paid_order());
  std::string more = paid.body;
  const std::string_view amount = R"("minor":1250)";
  more.replace(more.find(amount), amount.size(), R"("minor":1251)");
  TILLKIT_TRY(const Answer answer, world.wire.post(world.a, kAuthorise, more));
  TILLKIT_TRY_VOID(expect_problem(answer, {"key-reused"}));
  TILLKIT_TRY(const Answer now, world.query(paid.number));
  TILLKIT_TRY_VOID(expect_outcome(now, {"paid"}));
  return expect_sum(world, now, paid.number, kMinor);
}

Verdict one_space_of_keys(World& world) {
  TILLKIT_TRY(const World::PaidOrder paid, world.paid_order());
  TILLKIT_TRY(const Answer answer, world.wire.post(world.a, kQr, qr_body(world, paid.number)));
  TILLKIT_TRY_VOID(expect_problem(answer, {"key-reused"}));
  TILLKIT_TRY(const Answer now, world.query(paid.number));
  return expect_outcome(now, {"paid"});
}

Verdict query_changes_nothing(World& world) {
  const std::string order = world.order(world.a);
  for (int i = 0; i < 2; ++i) {
    TILLKIT_TRY(const Answer answer, world.query(order));
    TILLKIT_TRY_VOID(expect_outcome(answer, {"not_found"}));
    TILLKIT_TRY_VOID(expect(answer.text("order") == order, answer, "the order that was asked about"));
  }
  // A query is no reversal: the charge that comes now counts.
  TILLKIT_TRY(const Answer shown, world.wire.post(world.a, kQr, qr_body(world, order)));
  TILLKIT_TRY_VOID(expect_outcome(shown, {"pending", "unknown"}));
  TILLKIT_TRY(const Answer end, world.reversed(order));
  return expect_outcome(end, {"reversed"});
}

Verdict reverses_what_it_never_saw(World& world) {
  const std::string order = world.order(world.a);
  for (int i = 0; i < 2; ++i) {
    TILLKIT_TRY(const Answer answer, world.reversed(order));
    TILLKIT_TRY_VOID(expect_outcome(answer, {"reversed"}));
  }
  TILLKIT_TRY(const Answer answer, world.query(order));
  return expect_outcome(answer, {"reversed"});
}

Verdict tombstone_refuses_charge(World& world) {
  const std::string order = world.order(world.a);
  TILLKIT_TRY(const Answer gone, world.reversed(order));
  TILLKIT_TRY_VOID(expect_outcome(gone, {"reversed"}));
  TILLKIT_TRY(const Answer late,
              world.wire.post(world.a, kAuthorise, world.authorise_body(order, kMinor, world.take_code())));
  TILLKIT_TRY_VOID(expect_problem(late, {"order-reversed"}));
  TILLKIT_TRY(const Answer now, world.query(order));
  return expect_outcome(now, {"reversed"});
}

Verdict tombstone_refuses_qr(World& world) {
  const std::string order = world.order(world.a);
  TILLKIT_TRY(const Answer gone, world.reversed(order));
  TILLKIT_TRY_VOID(expect_outcome(gone, {"reversed"}));
  TILLKIT_TRY(const Answer late, world.wire.post(world.a, kQr, qr_body(world, order)));
  return expect_problem(late, {"order-reversed"});
}

Verdict gives_back_what_was_paid(World& world) {
  const std::string order = world.order(world.a);
  TILLKIT_TRY(const Answer first,
              world.wire.post(world.a, kAuthorise, world.authorise_body(order, kMinor, world.take_code())));
  TILLKIT_TRY_VOID(expect_outcome(first, {"paid", "pending", "unknown"}));
  TILLKIT_TRY(const Answer paid, world.settled(order));
  TILLKIT_TRY_VOID(expect_outcome(paid, {"paid"}));
  for (int i = 0; i < 2; ++i) {
    TILLKIT_TRY(const Answer end, world.reversed(order));
    TILLKIT_TRY_VOID(expect_outcome(end, {"refunded"}));
    TILLKIT_TRY_VOID(expect(end.number("refunded/minor") == kMinor, end, "refunded: all of it"));
  }
  TILLKIT_TRY(const Answer now, world.query(order));
  return expect_outcome(now, {"refunded"});
}

Verdict declines_for_good(World& world) {
  const std::string order = world.order(world.a);
  const std::string body = world.authorise_body(order, kMinor, world.options.declining);
  for (int i = 0; i < 2; ++i) {
    TILLKIT_TRY(const Answer answer, world.open(kAuthorise, body));
    TILLKIT_TRY_VOID(expect_outcome(answer, {"declined"}));
  }
  TILLKIT_TRY(const Answer now, world.query(order));
  TILLKIT_TRY_VOID(expect_outcome(now, {"declined"}));
  TILLKIT_TRY(const Answer end, world.reversed(order));
  return expect_outcome(end, {"reversed"});
}

Verdict silence_is_unknown(World& world) {
  const std::string order = world.order(world.a);
  const std::string body = world.authorise_body(order, kMinor, world.options.silent);
  TILLKIT_TRY(const Answer first, world.wire.post(world.a, kAuthorise, body));
  const auto listed = world.wire.contract().problem(first.text("type"));
  const bool open =
      first.outcome() == "unknown" || first.outcome() == "pending" || (listed && !listed->changed_nothing);
  TILLKIT_TRY_VOID(expect(open, first, "unknown, pending, or a problem that leaves it open (money: unknown)"));
  TILLKIT_TRY(const Answer asked, world.query(order));
  // What the wallet says later may be known by now.
  TILLKIT_TRY_VOID(expect_outcome(asked, {"unknown", "pending", "paid"}));
  TILLKIT_TRY(const Answer again, world.wire.post(world.a, kAuthorise, body));
  const bool still =
      again.status == 409 || again.outcome() == "unknown" || again.outcome() == "pending" || again.outcome() == "paid";
  return expect(still, again, "unknown or pending, or what was learned since");
}

Verdict silence_is_ended(World& world) {
  const std::string order = world.order(world.a);
  const std::string body = world.authorise_body(order, kMinor, world.options.silent);
  TILLKIT_TRY(const Answer first, world.wire.post(world.a, kAuthorise, body));
  static_cast<void>(first);
  TILLKIT_TRY(const Answer end, world.reversed(order));
  TILLKIT_TRY_VOID(expect_outcome(end, {"reversed", "refunded"}));
  TILLKIT_TRY(const Answer now, world.query(order));
  TILLKIT_TRY_VOID(expect_outcome(now, {end.outcome()}));
  TILLKIT_TRY(const Answer late, world.wire.post(world.a, kAuthorise, body));
  return expect_problem(late, {"order-reversed"});
}

Verdict waits_for_the_payer(World& world) {
  const std::string order = world.order(world.a);
  const std::string body = world.authorise_body(order, kMinor, world.options.waiting);
  TILLKIT_TRY(const Answer first, world.open(kAuthorise, body));
  TILLKIT_TRY_VOID(expect_outcome(first, {"pending"}));
  TILLKIT_TRY(const Answer asked, world.query(order));
  TILLKIT_TRY_VOID(expect_outcome(asked, {"pending"}));
  TILLKIT_TRY(const Answer end, world.reversed(order));
  return expect_outcome(end, {"reversed", "refunded"});
}

Verdict shows_a_code(World& world) {
  const std::string order = world.order(world.a);
  const std::string body = qr_body(world, order);
  TILLKIT_TRY(const Answer first, world.open(kQr, body));
  TILLKIT_TRY_VOID(expect_outcome(first, {"pending"}));
  const std::string text = first.text("qr/text");
  const auto limit = static_cast<std::size_t>(world.wire.contract().limit("qr_text_bytes_max"));
  TILLKIT_TRY_VOID(expect(text.size() <= limit && first.number("qr/valid_for_s") <= 120, first,
                          "a text of at most 512 bytes that is not valid longer than asked for (120 s)"));
  TILLKIT_TRY(const Answer again, world.open(kQr, body));
  TILLKIT_TRY_VOID(expect(again.text("qr/text") == text, again, "the same text again"));
  TILLKIT_TRY(const Answer asked, world.query(order));
  TILLKIT_TRY_VOID(expect_outcome(asked, {"pending"}));
  TILLKIT_TRY(const Answer end, world.reversed(order));
  TILLKIT_TRY_VOID(expect_outcome(end, {"reversed"}));
  TILLKIT_TRY(const Answer late, world.wire.post(world.a, kQr, body));
  return expect_problem(late, {"order-reversed"});
}

Verdict takes_its_currency_only(World& world) {
  const std::string order = world.order(world.a);
  // ISO 4217 keeps XTS for tests: no merchant has it.
  const std::string body = R"({"order":)" + json_text(order) +
                           R"(,"amount":{"minor":1,"currency":"XTS"},"wallets":[],"description":"x","valid_for_s":60})";
  TILLKIT_TRY(const Answer answer, world.wire.post(world.a, kQr, body));
  TILLKIT_TRY_VOID(expect_problem(answer, {"wallet-not-offered"}));
  TILLKIT_TRY(const Answer now, world.query(order));
  return expect_outcome(now, {"not_found"});
}

Verdict amounts_are_whole(World& world) {
  const std::string order = world.order(world.a);
  for (const std::string_view minor : {"0", "-1", "1.5", "1e3", "\"100\"", "1000000000001"}) {
    const std::string body = R"({"order":)" + json_text(order) + R"(,"amount":{"minor":)" + std::string(minor) +
                             R"(,"currency":)" + json_text(world.options.currency) +
                             R"(},"wallets":[],"description":"x","valid_for_s":60})";
    TILLKIT_TRY(const Answer answer, world.wire.post(world.a, kQr, body));
    TILLKIT_TRY_VOID(expect_problem(answer, {"invalid-request"}));
  }
  TILLKIT_TRY(const Answer now, world.query(order));
  return expect_outcome(now, {"not_found"});
}

Verdict charges_once_at_once(World& world) {
  const std::string order = world.order(world.a);
  const std::string body = world.authorise_body(order, kMinor, world.take_code());
  Device second{.label = "terminal A, another connection",
                .key = world.a.key,
                .certificates = world.a.certificates,
                .terminal = world.a.terminal};
  if (!world.wire.connect(second)) return {};
  TILLKIT_TRY(const Answer one, world.wire.session(world.a));
  TILLKIT_TRY(const Answer two, world.wire.session(second));
  TILLKIT_TRY_VOID(expect_ok(two));
  const Ask ask{.target = std::string(kAuthorise), .body = body};
  const auto first = world.wire.begin(world.a, ask);
  const auto other = world.wire.begin(second, ask);
  std::array<Tried<Answer>, 2> answers{world.wire.wait(first), world.wire.wait(other)};
  TILLKIT_TRY(const Answer end, world.settled(order));
  TILLKIT_TRY_VOID(expect_outcome(end, {"paid"}));
  for (const Tried<Answer>& answer : answers) {
    if (!answer) continue;  // no answer says nothing
    const bool open =
        answer->problem() == "order-busy" || answer->outcome() == "unknown" || answer->outcome() == "pending";
    const bool same = answer->outcome() == "paid" && answer->text("transaction") == end.text("transaction");
    TILLKIT_TRY_VOID(expect(open || same, *answer,
                            "order-busy, pending or unknown, or paid with transaction " + end.text("transaction")));
  }
  return expect_sum(world, end, order, kMinor);
}

// clang-format off
constexpr std::array kRules{
    Rule{"gateway.identify", "POST /v1/gateway/identify; info: Time limits", "Whose code it is, or that nobody knows, within 800 ms (answers.time), and nothing is charged",
         "the shopper waits at each payment; or pays before the price is final", kTerminal | kPaying, &identifies_in_time},
    Rule{"gateway.charge", "POST /v1/gateway/authorise; schemas: Paid", "A code that pays is charged what was asked for: paid and discounts add up to it",
         "the shopper pays another amount than the receipt has", kTerminal | kPaidOrder, &charges},
    Rule{"gateway.same-again", "info: Keys", "Same order and same body, members in any order: the same answer",
         "a terminal that lost the answer charges the shopper twice", kTerminal | kPaidOrder, &charges_once},
    Rule{"gateway.key-reused", "info: Keys", "Same order and another body: 422 key-reused, and nothing happens",
         "one order stands for two charges, and one of them for no sale", kTerminal | kPaidOrder, &refuses_another_body},
    Rule{"gateway.one-space", "info: Keys", "authorise and qr share one space of keys",
         "an order is paid twice, by code and by scan", kTerminal | kPaidOrder, &one_space_of_keys},
    Rule{"gateway.query", "POST /v1/gateway/query", "A query changes nothing: an order never seen is not_found, and may be opened after it",
         "a terminal that asks too early loses the sale, or takes 'not found' for 'not charged'", kTerminal, &query_changes_nothing},
    Rule{"gateway.reverse-unseen", "info: Tombstones; POST /v1/gateway/reverse", "Reversing an order never seen: reversed, each time, and so says the query",
         "a terminal cannot end an attempt: the shopper waits, and a person has to decide", kTerminal, &reverses_what_it_never_saw},
    Rule{"gateway.tombstone", "info: Tombstones", "A charge that arrives after its reversal: 410 order-reversed, and nothing is charged",
         "the shopper is charged for a sale that was given up", kTerminal | kPaying, &tombstone_refuses_charge},
    Rule{"gateway.tombstone-qr", "info: Tombstones", "A qr that arrives after its reversal: 410 order-reversed",
         "the shopper pays a code for a sale that was given up", kTerminal, &tombstone_refuses_qr},
    Rule{"gateway.reverse-paid", "POST /v1/gateway/reverse", "Reversing a paid order gives all of it back, once: refunded",
         "the shopper has paid for nothing, or gets it back twice", kTerminal | kPaying, &gives_back_what_was_paid},
    Rule{"gateway.declined", "POST /v1/gateway/authorise; schemas: Declined", "Declined is for good under this number; it can still be reversed",
         "the shopper pays in another way and is charged here later", kTerminal | kDeclining, &declines_for_good},
    Rule{"gateway.unknown", "info: What an answer means for the money", "A wallet that does not answer leaves the outcome open: never declined, never not_found",
         "the terminal takes another payment for what is paid already", kTerminal | kSilent, &silence_is_unknown},
    Rule{"gateway.unknown-ends", "POST /v1/gateway/reverse", "An order whose outcome is unknown is ended by reverse, and stays ended: 410",
         "the shopper is charged after the terminal has given up", kTerminal | kSilent, &silence_is_ended},
    Rule{"gateway.pending", "POST /v1/gateway/authorise; schemas: Pending", "Where the payer is asked for a password: pending, until it is decided or reversed",
         "the terminal takes another payment while the first one is under way", kTerminal | kWaiting, &waits_for_the_payer},
    Rule{"gateway.qr", "POST /v1/gateway/qr", "A code to show: the same text for the same order, cancelled by reverse",
         "two codes are shown for one sale, and both can be paid", kTerminal, &shows_a_code},
    Rule{"gateway.currency", "x-problems: wallet-not-offered", "Another currency than the merchant's: wallet-not-offered, and nothing happens",
         "the shopper is charged in another currency", kTerminal, &takes_its_currency_only},
    Rule{"gateway.amounts", "info: Amounts; schemas: ExactAmount", "Amounts are whole numbers from 1: all else is 400, and nothing happens",
         "a rounded, negative or huge amount is charged", kTerminal, &amounts_are_whole},
    Rule{"gateway.at-once", "info: Keys; x-problems: order-busy", "The same charge twice at the same time is one charge",
         "the shopper is charged twice", kTerminal | kPaying, &charges_once_at_once},
};
// clang-format on

}  // namespace

std::span<const Rule> gateway_rules() {
  return kRules;
}

}  // namespace tillkit::conformance
