// SPDX-License-Identifier: Apache-2.0
// Members, coupons, leases; and the events for the merchant's own systems.
#include <array>

#include "world.hpp"

namespace tillkit::conformance {
namespace {

constexpr std::string_view kFind = "/v1/members/find";
constexpr std::string_view kLeases = "/v1/leases";
constexpr std::string_view kCoupons = "/v1/coupons/claim";
constexpr std::int64_t kALot = 1'000'000'000'000;

std::string lease_body(std::string_view request, std::string_view unit, std::string_view of, std::int64_t amount) {
  return R"({"request":)" + json_text(request) + R"(,"unit":)" + json_text(unit) + R"(,"of":)" + json_text(of) +
         R"(,"amount":)" + std::to_string(amount) + "}";
}

Tried<std::int64_t> points_of(World& world) {
  TILLKIT_TRY(const Answer answer,
              world.wire.post(world.a, kFind, R"({"member":)" + json_text(world.options.member) + "}"));
  TILLKIT_TRY_VOID(expect_outcome(answer, {"found"}));
  return answer.number("member/points").value_or(-1);
}

/// Gives a lease back by a journal of its own.
Verdict give_back(World& world, Device& device, const Answer& lease, std::int64_t unused) {
  UploadedJournal journal = world.new_journal(device);
  // 1: points, of lib/ledger's `Unit`.
  journal.add("ledger.lease_returned", 0,
              R"({"lease":)" + json_text(lease.text("lease/id")) + R"(,"unit":1,"of":)" +
                  json_text(lease.text("lease/of")) + R"(,"unused":)" + std::to_string(unused) + "}");
  TILLKIT_TRY(const Answer answer, world.wire.post(device, "/v1/journal", journal.upload_all()));
  TILLKIT_TRY_VOID(expect(answer.number("acknowledged") == 1, answer, "acknowledged 1"));
  const auto refused = answer.find("refused");
  return expect(refused && refused->size() == 0, answer, "a lease that is returned, not refused");
}

// --- members ---

Verdict knows_nobody(World& world) {
  TILLKIT_TRY(const Answer answer, world.wire.post(world.a, kFind, R"({"member":"nobody-of-this-name"})"));
  TILLKIT_TRY_VOID(expect_outcome(answer, {"not_found"}));
  TILLKIT_TRY(const Answer index,
              world.wire.post(world.a, kFind, R"({"identity":{"kind":"card","index":"-81985529216486895"}})"));
  return expect_outcome(index, {"not_found", "found"});
}

Verdict find_is_strict(World& world) {
  for (const std::string_view body :
       {"{}", R"({"member":"m","identity":{"kind":"card","index":"1"}})",
        R"({"identity":{"kind":"card","index":"01"}})", R"({"identity":{"kind":"shoe","index":"1"}})",
        R"({"identity":{"kind":"card","index":"1","more":1}})"}) {
    TILLKIT_TRY(const Answer answer, world.wire.post(world.a, kFind, std::string(body)));
    TILLKIT_TRY_VOID(expect_problem(answer, {"invalid-request"}));
  }
  return {};
}

Verdict finds_a_member(World& world) {
  TILLKIT_TRY(const Answer answer,
              world.wire.post(world.a, kFind, R"({"member":)" + json_text(world.options.member) + "}"));
  TILLKIT_TRY_VOID(expect_outcome(answer, {"found"}));
  return expect(answer.text("member/id") == world.options.member, answer, "the member " + world.options.member);
}

Verdict keeps_members_apart(World& world) {
  TILLKIT_TRY(const Answer answer,
              world.wire.post(world.other, kFind, R"({"member":)" + json_text(world.options.member) + "}"));
  return expect_outcome(answer, {"not_found"});
}

Verdict identifies_members(World& world) {
  const std::string body = R"({"code":)" + json_text(world.options.paying.front()) + R"(,"wallets":[]})";
  TILLKIT_TRY(const Answer answer, world.wire.post(world.a, "/v1/members/identify", body));
  return expect_outcome(answer, {"found", "not_found"});
}

// --- leases ---

Verdict a_lease_is_a_key(World& world) {
  const std::string request = world.order(world.a);
  const std::string body = lease_body(request, "risk", "", 10);
  TILLKIT_TRY(const Answer first, world.wire.post(world.a, kLeases, body));
  TILLKIT_TRY_VOID(expect_outcome(first, {"granted", "refused"}));
  TILLKIT_TRY(const Answer again, world.wire.post(world.a, kLeases, body));
  const bool same = again.status == 200 && again.outcome() == first.outcome() &&
                    again.text("lease/id") == first.text("lease/id") &&
                    again.number("lease/amount") == first.number("lease/amount");
  TILLKIT_TRY_VOID(expect(same, again, "the same answer again: " + first.came()));
  TILLKIT_TRY(const Answer other, world.wire.post(world.a, kLeases, lease_body(request, "risk", "", 11)));
  return expect_problem(other, {"key-reused"});
}

Verdict no_lease_of_nobody(World& world) {
  TILLKIT_TRY(const Answer answer,
              world.wire.post(world.a, kLeases, lease_body(world.order(world.a), "points", "nobody-of-this-name", 10)));
  return expect_outcome(answer, {"refused"});
}

Verdict leases_are_strict(World& world) {
  const std::string request = world.order(world.a);
  for (const std::string& body : {lease_body(request, "points", "m", 0), lease_body(request, "points", "m", kALot + 1),
                                  lease_body(request, "shells", "m", 1)}) {
    TILLKIT_TRY(const Answer answer, world.wire.post(world.a, kLeases, body));
    TILLKIT_TRY_VOID(expect_problem(answer, {"invalid-request"}));
  }
  return {};
}

/// Terminal A takes a part, B all that is left; together it is what was there.
Verdict never_more_than_there_is(World& world) {
  TILLKIT_TRY(const std::int64_t points, points_of(world));
  if (points < 2) {
    return std::unexpected(Finding{.sent = "POST /v1/members/find",
                                   .came = std::to_string(points) + " points",
                                   .expected = "--member with at least 2 points"});
  }
  TILLKIT_TRY(
      const Answer part,
      world.wire.post(world.a, kLeases, lease_body(world.order(world.a), "points", world.options.member, points / 2)));
  TILLKIT_TRY_VOID(expect_outcome(part, {"granted"}));
  TILLKIT_TRY(
      const Answer rest,
      world.wire.post(world.b, kLeases, lease_body(world.order(world.b), "points", world.options.member, kALot)));
  TILLKIT_TRY_VOID(expect_outcome(rest, {"granted", "refused"}));
  const std::int64_t first = part.number("lease/amount").value_or(0);
  const std::int64_t second = rest.number("lease/amount").value_or(0);
  const Verdict sum =
      expect(first <= points / 2 && first + second <= points, rest,
             "leases of at most " + std::to_string(points) + " points in all; terminal A has " + std::to_string(first));
  std::int64_t lots = 0;
  const auto list = part.find("lease/lots");
  const auto elements =
      list ? list->elements() : core::Result<core::JsonElements>(core::fail(core::ErrorCode::NotFound));
  if (elements) {
    for (const core::JsonValue lot : *elements) {
      const auto amount = lot.find("amount");
      lots += amount ? amount->integer().value_or(0) : 0;
    }
  }
  TILLKIT_TRY_VOID(expect(lots == first, part, "lots that add up to the lease's amount"));
  if (rest.outcome() == "granted") TILLKIT_TRY_VOID(give_back(world, world.b, rest, second));
  TILLKIT_TRY_VOID(give_back(world, world.a, part, first));
  return sum;
}

Verdict what_is_returned_is_there_again(World& world) {
  TILLKIT_TRY(
      const Answer lease,
      world.wire.post(world.a, kLeases, lease_body(world.order(world.a), "points", world.options.member, kALot)));
  TILLKIT_TRY_VOID(expect_outcome(lease, {"granted"}));
  const std::int64_t amount = lease.number("lease/amount").value_or(0);
  TILLKIT_TRY(const Answer none,
              world.wire.post(world.b, kLeases, lease_body(world.order(world.b), "points", world.options.member, 1)));
  TILLKIT_TRY_VOID(give_back(world, world.a, lease, amount));
  TILLKIT_TRY_VOID(expect_outcome(none, {"refused"}));
  TILLKIT_TRY(
      const Answer again,
      world.wire.post(world.b, kLeases, lease_body(world.order(world.b), "points", world.options.member, kALot)));
  TILLKIT_TRY_VOID(expect_outcome(again, {"granted"}));
  const std::int64_t second = again.number("lease/amount").value_or(0);
  TILLKIT_TRY_VOID(give_back(world, world.b, again, second));
  return expect(second == amount, again, "a lease of the " + std::to_string(amount) + " points that were returned");
}

// --- coupons ---

Verdict no_coupon_of_no_name(World& world) {
  TILLKIT_TRY(const Answer answer, world.wire.post(world.a, kCoupons, R"({"coupon":"nothing-of-this-name"})"));
  return expect_outcome(answer, {"not_found"});
}

Verdict a_coupon_is_one_terminals(World& world) {
  const std::string body = R"({"coupon":)" + json_text(world.options.coupon) + "}";
  TILLKIT_TRY(const Answer first, world.wire.post(world.a, kCoupons, body));
  TILLKIT_TRY_VOID(expect_outcome(first, {"set_apart"}));
  TILLKIT_TRY(const Answer again, world.wire.post(world.a, kCoupons, body));
  TILLKIT_TRY_VOID(expect_outcome(again, {"set_apart"}));
  TILLKIT_TRY_VOID(expect(again.number("until") >= first.number("until"), again, "until: not earlier than before"));
  TILLKIT_TRY(const Answer elsewhere, world.wire.post(world.b, kCoupons, body));
  return expect_outcome(elsewhere, {"elsewhere"});
}

// --- events ---

Verdict events_need_a_token(World& world) {
  for (const std::string_view token : {"", "wrong"}) {
    TILLKIT_TRY(const Answer answer, world.wire.get(world.anonymous, "/v1/events", token));
    TILLKIT_TRY_VOID(expect_problem(answer, {"not-allowed"}));
  }
  return {};
}

Verdict events_come_in_order(World& world) {
  TILLKIT_TRY(World::Sold* const sold, world.sold());
  std::string cursor;
  std::int64_t last = 0;
  bool found = false;
  while (true) {
    const std::string target = "/v1/events" + (cursor.empty() ? std::string() : "?after=" + cursor);
    TILLKIT_TRY(const Answer answer, world.wire.get(world.anonymous, target, world.options.events_token));
    TILLKIT_TRY_VOID(expect_ok(answer));
    const auto events = answer.find("events");
    const auto list =
        events ? events->elements() : core::Result<core::JsonElements>(core::fail(core::ErrorCode::NotFound));
    if (!list) return broken(answer, "events");
    for (const core::JsonValue event : *list) {
      const std::int64_t number = event.find("number") ? event.find("number")->integer().value_or(0) : 0;
      TILLKIT_TRY_VOID(expect(number > last, answer, "numbers that only rise, also from page to page"));
      last = number;
      const auto journal = event.find("journal");
      const auto sale = event.find("sale");
      found = found || (journal && sale && journal->text().value_or("") == sold->journal.id() &&
                        sale->integer().value_or(0) == sold->sale);
    }
    cursor = answer.text("cursor");
    const auto more = answer.find("more");
    if (more && more->boolean().value_or(false) && events->size() > 0) continue;
    TILLKIT_TRY_VOID(expect(found, answer, "the sale of journal " + sold->journal.id() + " among the events"));
    TILLKIT_TRY(const Answer end,
                world.wire.get(world.anonymous, "/v1/events?after=" + cursor, world.options.events_token));
    const auto none = end.find("events");
    return expect(none && none->size() == 0, end, "no events behind the last page");
  }
}

// clang-format off
constexpr std::array kRules{
    Rule{"members.nobody", "POST /v1/members/find", "Whoever is not a member is not_found",
         "points and prices go to somebody who is not one", kTerminal, &knows_nobody},
    Rule{"members.strict", "schemas: FindRequest", "An identity or a member, one of them and as the schema says, else 400",
         "somebody is taken for somebody else", kTerminal, &find_is_strict},
    Rule{"members.found", "POST /v1/members/find", "A member is found under its id",
         "members pay the price of strangers, and earn nothing", kTerminal | kMember, &finds_a_member},
    Rule{"members.apart", "POST /v1/members/find; schemas: Enrolment.merchant_key", "Another merchant does not find the member",
         "one merchant spends another's points", kTerminal | kOtherMerchant | kMember, &keeps_members_apart},
    Rule{"members.identify", "POST /v1/members/identify", "Whose code it is, or not_found, and nothing is charged",
         "a code is charged twice, or cannot pay any more", kTerminal | kPaying, &identifies_members},
    Rule{"leases.key", "info: Keys; POST /v1/leases", "A lease request is a key: the same again is the same lease, another body key-reused",
         "points are set apart twice, and nobody gets the second half back", kTerminal, &a_lease_is_a_key},
    Rule{"leases.nobody", "POST /v1/leases", "There is no lease of somebody who is not there",
         "points are spent that nobody has", kTerminal, &no_lease_of_nobody},
    Rule{"leases.strict", "schemas: LeaseRequest", "Amounts from 1 and units of the list, else 400 invalid-request",
         "points are spent that nobody has", kTerminal, &leases_are_strict},
    Rule{"leases.sum", "POST /v1/leases", "All leases together are never more than what is there, and lots add up to theirs",
         "points and value are spent twice", kTerminal | kSecondTerminal | kMember, &never_more_than_there_is},
    Rule{"leases.returned", "POST /v1/leases; ledger.lease_returned", "What is leased is not there for others; what the journal returns is there again",
         "the member's points are gone, or are spent twice", kTerminal | kSecondTerminal | kMember, &what_is_returned_is_there_again},
    Rule{"coupons.nobody", "POST /v1/coupons/claim", "A coupon that nobody made is not_found",
         "made-up coupons are honoured", kTerminal, &no_coupon_of_no_name},
    Rule{"coupons.one", "POST /v1/coupons/claim", "A coupon that is set apart for one terminal is elsewhere for the others",
         "a coupon is honoured twice", kTerminal | kSecondTerminal | kCoupon, &a_coupon_is_one_terminals},
    Rule{"events.token", "GET /v1/events", "Without the merchant's token: 403 not-allowed",
         "anybody reads the merchant's sales and members", kNothing, &events_need_a_token},
    Rule{"events.order", "GET /v1/events", "Each event comes once, with a number that only rises; a page begins after its cursor",
         "the CRM counts a sale twice, or never", kTerminal | kEvents, &events_come_in_order},
};
// clang-format on

}  // namespace

std::span<const Rule> member_rules() {
  return kRules;
}

}  // namespace tillkit::conformance
