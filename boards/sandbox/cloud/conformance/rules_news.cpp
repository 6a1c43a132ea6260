// SPDX-License-Identifier: Apache-2.0
// News, and the right to refund another terminal's sale, which brings some.
#include <array>
#include <chrono>
#include <memory>

#include "authority_signature.hpp"
#include "tillkit/core/encoding.hpp"
#include "world.hpp"

namespace tillkit::conformance {
namespace {

constexpr std::string_view kClaims = "/v1/refund-claims";
constexpr int kPagesMax = 1'000;
constexpr int kLongWait = 20;
constexpr std::chrono::milliseconds kSoon{5'000};

/// A page whose signature, form and place are good.
struct Page {
  Answer answer{};  ///< with the page's text as its JSON
  std::string cursor{};
  std::vector<std::string> changes{};  ///< their types
  bool more = false;
};

std::string target(std::string_view feed, std::string_view cursor, int wait_s = 0) {
  std::string made = "/v1/news?feed=" + std::string(feed);
  if (!cursor.empty()) made += "&cursor=" + std::string(cursor);
  if (wait_s > 0) made += "&wait_s=" + std::to_string(wait_s);
  return made;
}

Verdict expect_signed(World& world, const Answer& answer) {
  TILLKIT_TRY_VOID(expect_ok(answer));
  const auto key = world.wire.cloud_keys.find(answer.text("key"));
  TILLKIT_TRY_VOID(expect(key != world.wire.cloud_keys.end(), answer, "a key among those of enrol's answer"));
  const auto signature = core::decode_base64url(answer.text("signature"));
  const bool good =
      signature && sandbox::is_signed_es256(core::as_text(key->second), "tillkit-news-1\n" + answer.text("page"),
                                            core::as_text(*signature));
  return expect(good, answer, "ES256 (r and s) over tillkit-news-1, a line feed and the page's text");
}

/// Reads what stands in the page, whoever signed it.
Tried<Page> opened(World& world, const Answer& answer) {
  TILLKIT_TRY_VOID(expect_ok(answer));
  const core::JsonLimits limits{.values_max = 200'000, .string_bytes_max = 1'048'576};
  auto document = core::JsonDocument::parse(answer.text("page"), limits);
  if (!document) return broken(answer, "a page that is JSON");
  if (const auto wrong = world.wire.contract().wrong("News", document->root())) {
    return broken(answer, "a page as the schema News says: " + *wrong);
  }
  Page page{.answer = answer};
  page.answer.json = std::make_shared<const core::JsonDocument>(*std::move(document));
  page.cursor = page.answer.text("cursor");
  const auto more = page.answer.find("more");
  page.more = more && more->boolean().value_or(false);
  const auto changes = page.answer.find("changes");
  const auto list =
      changes ? changes->elements() : core::Result<core::JsonElements>(core::fail(core::ErrorCode::NotFound));
  if (!list) return broken(answer, "changes");
  for (const core::JsonValue change : *list) {
    const auto type = change.find("type");
    page.changes.emplace_back(type ? type->text().value_or("") : "");
  }
  return page;
}

Tried<Page> page_of(World& world, Device& device, std::string_view feed, std::string_view cursor, int wait_s = 0) {
  TILLKIT_TRY(const Answer answer, world.wire.ask(device, {.method = "GET",
                                                           .target = target(feed, cursor, wait_s),
                                                           .within = std::chrono::seconds(10 + wait_s)}));
  return opened(world, answer);
}

/// The cursor behind everything that there is.
Tried<std::string> end_of(World& world, Device& device, std::string_view feed) {
  std::string cursor;
  for (int i = 0; i < kPagesMax; ++i) {
    TILLKIT_TRY(const Page page, page_of(world, device, feed, cursor));
    cursor = page.cursor;
    if (!page.more) return cursor;
  }
  return cursor;
}

bool has_claim(const Page& page, std::string_view claim) {
  const auto changes = page.answer.find("changes");
  const auto list =
      changes ? changes->elements() : core::Result<core::JsonElements>(core::fail(core::ErrorCode::NotFound));
  if (!list) return false;
  for (const core::JsonValue change : *list) {
    const auto type = change.find("type");
    const auto name = change.find("claim");
    if (type && name && type->text().value_or("") == "refund_claimed" && name->text().value_or("") == claim)
      return true;
  }
  return false;
}

std::string claim_body(std::string_view claim, std::string_view terminal, std::int64_t sale) {
  return R"({"claim":)" + json_text(claim) + R"(,"terminal":)" + json_text(terminal) + R"(,"sale":)" +
         std::to_string(sale) + "}";
}

// --- pages ---

Verdict pages_are_signed(World& world) {
  for (const std::string_view feed : {"decisions", "copies"}) {
    TILLKIT_TRY(const Answer answer, world.wire.get(world.a, target(feed, "")));
    TILLKIT_TRY_VOID(expect_signed(world, answer));
  }
  return {};
}

Verdict pages_say_where_they_belong(World& world) {
  for (const std::string_view feed : {"decisions", "copies"}) {
    TILLKIT_TRY(const Page first, page_of(world, world.a, feed, ""));
    TILLKIT_TRY(const Page next, page_of(world, world.a, feed, first.cursor));
    for (const auto& [page, after] : {std::pair(&first, std::string()), std::pair(&next, first.cursor)}) {
      const Answer& told = page->answer;
      TILLKIT_TRY_VOID(expect(told.text("terminal") == world.a.terminal, told, "terminal " + world.a.terminal));
      TILLKIT_TRY_VOID(expect(told.text("feed") == feed, told, "feed " + std::string(feed)));
      TILLKIT_TRY_VOID(
          expect(told.text("after") == after, told, "after: the cursor that was asked with, '" + after + "'"));
    }
  }
  return {};
}

Verdict the_end_is_quiet(World& world) {
  TILLKIT_TRY(const std::string end, end_of(world, world.a, "decisions"));
  TILLKIT_TRY(const Page page, page_of(world, world.a, "decisions", end));
  TILLKIT_TRY_VOID(expect(page.changes.empty() && !page.more, page.answer, "no changes behind the last page"));
  const auto start = std::chrono::steady_clock::now();
  TILLKIT_TRY(const Page waited, page_of(world, world.a, "decisions", end, 1));
  const auto took = std::chrono::steady_clock::now() - start;
  TILLKIT_TRY_VOID(expect(waited.changes.empty(), waited.answer, "no changes"));
  return expect(took >= std::chrono::milliseconds(900), waited.answer,
                "an answer after wait_s, 1 s, where nothing changes");
}

Verdict refuses_unknown_cursors(World& world) {
  for (const std::string_view cursor : {"never-seen-here", "99999999999999.99999999999999"}) {
    TILLKIT_TRY(const Answer answer, world.wire.get(world.a, target("decisions", cursor)));
    TILLKIT_TRY_VOID(expect_problem(answer, {"cursor-unknown"}));
  }
  return {};
}

Verdict news_is_strict(World& world) {
  for (const std::string_view query : {"", "?feed=rumours", "?feed=copies&wait_s=26", "?feed=copies&wait_s=-1",
                                       "?feed=copies&more=1", "?feed=copies&cursor=%20"}) {
    TILLKIT_TRY(const Answer answer, world.wire.get(world.a, "/v1/news" + std::string(query)));
    TILLKIT_TRY_VOID(expect_problem(answer, {"invalid-request"}));
  }
  return {};
}

// --- claims, and the news that they make ---

Verdict no_claim_of_no_sale(World& world) {
  TILLKIT_TRY(World::Sold* const sold, world.sold());
  TILLKIT_TRY(
      const Answer answer,
      world.wire.post(world.b, kClaims, claim_body(world.order(world.b), world.a.terminal, sold->sale + 4'000'000)));
  return expect_problem(answer, {"sale-not-found"});
}

Verdict no_claim_of_another_merchant(World& world) {
  TILLKIT_TRY(World::Sold* const sold, world.sold());
  TILLKIT_TRY(const Answer answer, world.wire.post(world.other, kClaims,
                                                   claim_body(world.order(world.other), world.a.terminal, sold->sale)));
  return expect_problem(answer, {"sale-not-found"});
}

/// Claims the sale for terminal B, once; the seller waits for the news meanwhile.
Verdict long_poll_ends_with_news(World& world) {
  TILLKIT_TRY(World::Sold* const sold, world.sold());
  TILLKIT_TRY(const std::string end, end_of(world, world.a, "decisions"));
  world.news_before_claim = end;
  Device waiting{.label = "terminal A, waiting",
                 .key = world.a.key,
                 .certificates = world.a.certificates,
                 .terminal = world.a.terminal};
  if (!world.wire.connect(waiting)) return {};
  TILLKIT_TRY(const Answer hello, world.wire.session(waiting));
  TILLKIT_TRY_VOID(expect_ok(hello));
  TILLKIT_TRY(const Answer ready, world.wire.session(world.b));
  const Ask ask{
      .method = "GET", .target = target("decisions", end, kLongWait), .within = std::chrono::seconds(10 + kLongWait)};
  const auto begun = world.wire.begin(waiting, ask);
  world.refund_claim = world.order(world.b);
  TILLKIT_TRY(const Answer claimed,
              world.wire.post(world.b, kClaims, claim_body(world.refund_claim, world.a.terminal, sold->sale)));
  TILLKIT_TRY_VOID(expect_outcome(claimed, {"waiting"}));
  const auto start = std::chrono::steady_clock::now();
  TILLKIT_TRY(const Answer answer, world.wire.wait(begun));
  TILLKIT_TRY(const Page page, opened(world, answer));
  TILLKIT_TRY_VOID(expect(has_claim(page, world.refund_claim), page.answer, "refund_claimed " + world.refund_claim));
  return expect(std::chrono::steady_clock::now() - start < kSoon, page.answer,
                "the news at once, not at the end of wait_s");
}

Verdict a_lost_page_comes_again(World& world) {
  if (world.refund_claim.empty()) TILLKIT_TRY_VOID(long_poll_ends_with_news(world));
  for (int i = 0; i < 2; ++i) {
    TILLKIT_TRY(const Page page, page_of(world, world.a, "decisions", world.news_before_claim));
    TILLKIT_TRY_VOID(expect(has_claim(page, world.refund_claim), page.answer, "the same change for the same cursor"));
  }
  bool found = false;
  std::string cursor;
  for (int i = 0; i < kPagesMax; ++i) {
    TILLKIT_TRY(const Page page, page_of(world, world.a, "decisions", cursor));
    found = found || has_claim(page, world.refund_claim);
    cursor = page.cursor;
    if (page.more) continue;
    return expect(found, page.answer, "without a cursor everything that still counts, refund_claimed among it");
  }
  return {};
}

Verdict a_cursor_moves_on(World& world) {
  if (world.refund_claim.empty()) TILLKIT_TRY_VOID(long_poll_ends_with_news(world));
  TILLKIT_TRY(const Page page, page_of(world, world.a, "decisions", world.news_before_claim));
  TILLKIT_TRY(const Page next, page_of(world, world.a, "decisions", page.cursor));
  return expect(!has_claim(next, world.refund_claim), next.answer, "nothing that the page before had");
}

Verdict a_claim_is_a_key(World& world) {
  if (world.refund_claim.empty()) TILLKIT_TRY_VOID(long_poll_ends_with_news(world));
  TILLKIT_TRY(World::Sold* const sold, world.sold());
  TILLKIT_TRY(const Answer again,
              world.wire.post(world.b, kClaims, claim_body(world.refund_claim, world.a.terminal, sold->sale)));
  TILLKIT_TRY_VOID(expect_outcome(again, {"waiting"}));
  TILLKIT_TRY(const Answer other,
              world.wire.post(world.b, kClaims, claim_body(world.refund_claim, world.a.terminal, sold->sale + 2)));
  return expect_problem(other, {"key-reused"});
}

Verdict one_terminal_may_refund(World& world) {
  if (world.refund_claim.empty()) TILLKIT_TRY_VOID(long_poll_ends_with_news(world));
  TILLKIT_TRY(World::Sold* const sold, world.sold());
  TILLKIT_TRY(const Answer third,
              world.wire.post(world.c, kClaims, claim_body(world.order(world.c), world.a.terminal, sold->sale)));
  return expect_outcome(third, {"refused"});
}

Verdict a_ceded_sale_is_granted(World& world) {
  if (world.refund_claim.empty()) TILLKIT_TRY_VOID(long_poll_ends_with_news(world));
  TILLKIT_TRY(World::Sold* const sold, world.sold());
  UploadedJournal& journal = sold->journal;
  journal.add("sync.refund_ceded", 0,
              R"({"claim":)" + json_text(world.refund_claim) + R"(,"sale":)" + std::to_string(sold->sale) + "}");
  TILLKIT_TRY(const Answer ceded,
              world.wire.post(world.a, "/v1/journal", journal.upload(journal.size(), journal.size())));
  TILLKIT_TRY_VOID(
      expect(ceded.number("acknowledged") == journal.size(), ceded, "acknowledged " + std::to_string(journal.size())));
  TILLKIT_TRY(const Answer granted,
              world.wire.post(world.b, kClaims, claim_body(world.refund_claim, world.a.terminal, sold->sale)));
  TILLKIT_TRY_VOID(expect_outcome(granted, {"granted"}));
  TILLKIT_TRY_VOID(expect(granted.text("journal") == journal.id(), granted, "journal " + journal.id()));
  const auto records = granted.find("records");
  std::vector<std::string> bodies;
  const auto list =
      records ? records->elements() : core::Result<core::JsonElements>(core::fail(core::ErrorCode::NotFound));
  if (list) {
    for (const core::JsonValue one : *list)
      bodies.emplace_back(one.find("body") ? one.find("body")->text().value_or("") : "");
  }
  std::vector<std::string> mine;
  for (const journal::Record& record : journal.records()) {
    if (record.sale.value() == sold->sale) mine.push_back(record.body);
  }
  return expect(bodies == mine, granted, "the sale's records, as its terminal uploaded them");
}

// clang-format off
constexpr std::array kRules{
    Rule{"news.signed", "GET /v1/news", "Each page is signed as the text that it is, with a key of enrol's answer",
         "terminals take no news; or somebody between takes leases and coupons away", kTerminal, &pages_are_signed},
    Rule{"news.place", "GET /v1/news; schemas: News", "A page says its terminal, its feed, and the cursor that was asked with",
         "a page of another terminal or another time is taken: leases and coupons double", kTerminal, &pages_say_where_they_belong},
    Rule{"news.quiet", "GET /v1/news: wait_s", "Behind the last page there is nothing, and the answer waits as long as it was asked to",
         "thousands of terminals ask again and again at once; sales wait behind them", kTerminal, &the_end_is_quiet},
    Rule{"news.cursor", "x-problems: cursor-unknown", "A cursor that is not known: 410 cursor-unknown",
         "after the cloud's restore from a backup terminals miss leases that were taken back", kTerminal, &refuses_unknown_cursors},
    Rule{"news.strict", "GET /v1/news: parameters", "Another feed, a longer wait and other parameters are 400 invalid-request",
         "a fault of the terminal's software goes on unseen", kTerminal, &news_is_strict},
    Rule{"claims.no-sale", "POST /v1/refund-claims; x-problems", "A claim of a sale that is not there: 404 sale-not-found",
         "money is given back for sales that nobody made", kTerminal | kSecondTerminal, &no_claim_of_no_sale},
    Rule{"claims.other-merchant", "POST /v1/refund-claims", "Another merchant's sales are not there: 404 sale-not-found",
         "one merchant refunds another's sales, and reads them", kTerminal | kOtherMerchant, &no_claim_of_another_merchant},
    Rule{"news.long-poll", "GET /v1/news: wait_s; POST /v1/refund-claims", "A claim waits for the terminal that sold, whose long poll ends with refund_claimed at once",
         "leases and coupons come late; a refund is given by nobody, or by both", kTerminal | kSecondTerminal, &long_poll_ends_with_news},
    Rule{"news.again", "GET /v1/news", "The same cursor brings the same changes again, and no cursor all that counts",
         "a terminal that lost a page never learns of a lease or of a refund", kTerminal | kSecondTerminal, &a_lost_page_comes_again},
    Rule{"news.on", "GET /v1/news: cursor", "The next page begins behind the one before",
         "the same page comes for ever, and nothing behind it", kTerminal | kSecondTerminal, &a_cursor_moves_on},
    Rule{"claims.key", "info: Keys", "A claim is a key: the same again is answered the same, another sale under it is key-reused",
         "one right stands for two refunds", kTerminal | kSecondTerminal, &a_claim_is_a_key},
    Rule{"claims.one", "POST /v1/refund-claims", "One terminal has the right, another's claim is refused",
         "a sale is given back twice", kTerminal | kSecondTerminal | kThirdTerminal, &one_terminal_may_refund},
    Rule{"claims.granted", "POST /v1/refund-claims", "Once the seller has ceded it: granted, with the sale's records as they were uploaded",
         "the shopper gets nothing back, or another amount", kTerminal | kSecondTerminal, &a_ceded_sale_is_granted},
};
// clang-format on

}  // namespace

std::span<const Rule> news_rules() {
  return kRules;
}

}  // namespace tillkit::conformance
