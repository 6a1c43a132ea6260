// SPDX-License-Identifier: Apache-2.0
#include "breakages.hpp"

#include <chrono>
#include <thread>

#include "problem.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/core/json_writer.hpp"

namespace tillkit::test {
namespace {

using sandbox::HttpAnswer;
using sandbox::HttpRequest;
using sandbox::Problem;
using sandbox::problem;

constexpr std::string_view kAuthorise = "/v1/gateway/authorise";
constexpr std::string_view kQr = "/v1/gateway/qr";
constexpr std::string_view kQuery = "/v1/gateway/query";
constexpr std::string_view kReverse = "/v1/gateway/reverse";
constexpr std::string_view kRefund = "/v1/gateway/refund";
constexpr std::string_view kUpload = "/v1/journal";
constexpr std::string_view kNews = "/v1/news";
constexpr std::string_view kClaims = "/v1/refund-claims";

std::string with(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  if (at != std::string::npos) text.replace(at, from.size(), to);
  return text;
}

bool has(const HttpAnswer& answer, std::string_view text) {
  return answer.body.contains(text);
}

HttpAnswer said(std::string json) {
  return {.body = std::move(json)};
}

/// A member of a request's body or of an answer's, as a text or as a number's digits.
std::string member(const std::string& body, std::string_view name) {
  const auto document = core::JsonDocument::parse(body, {.string_bytes_max = 1'048'576});
  if (!document) return {};
  const auto value = document->root().find(name);
  if (!value) return {};
  if (const auto text = value->text()) return std::string(*text);
  const auto number = value->integer();
  return number ? std::to_string(*number) : std::string();
}

std::string amount_of(const std::string& body) {
  const auto document = core::JsonDocument::parse(body);
  const auto amount = document ? document->root().find("amount") : std::nullopt;
  const auto minor = amount ? amount->find("minor") : std::nullopt;
  return minor ? std::to_string(minor->integer().value_or(0)) : "1";
}

std::int64_t head_seq(const std::string& body) {
  const auto document = core::JsonDocument::parse(body, {.values_max = 200'000, .string_bytes_max = 1'048'576});
  const auto head = document ? document->root().find("head") : std::nullopt;
  const auto seq = head ? head->find("seq") : std::nullopt;
  return seq ? seq->integer().value_or(0) : 0;
}

/// As an honest page is written and signed, around another text.
HttpAnswer signed_page(Memory& memory, const std::string& text) {
  const auto signature = memory.authority.sign("tillkit-news-1\n" + text);
  core::JsonWriter json({.string_bytes_max = 1'048'576});
  json.begin_object().name("page").text(text).name("key").text(memory.authority.signing_key_name());
  json.name("signature").text(core::encode_base64url(core::as_bytes(signature.value_or("")))).end_object();
  return said(json.finish().value_or("{}"));
}

/// The honest answer, changed by `change`, to requests of this path.
template <class Change>
Breakage answers(std::string_view path, const Change& change) {
  return [path, change](Memory& memory, const HttpRequest& request, const Next& next) {
    HttpAnswer answer = next(request);
    if (request.path == path) change(memory, request, answer);
    return answer;
  };
}

/// An honest answer to a request that `change` has changed.
template <class Change>
Breakage requests(std::string_view path, const Change& change) {
  return [path, change](Memory& memory, HttpRequest request, const Next& next) {
    if (request.path == path) change(memory, request);
    return next(request);
  };
}

/// Instead of this problem (or another word in the answer): something else.
Breakage instead(std::string_view path, std::string_view word, const std::string& body) {
  return answers(path, [word, body](Memory&, const HttpRequest&, HttpAnswer& answer) {
    if (has(answer, word)) answer = said(body);
  });
}

Breakage replaces(std::string_view path, std::string_view from, std::string_view to) {
  return answers(
      path, [from, to](Memory&, const HttpRequest&, HttpAnswer& answer) { answer.body = with(answer.body, from, to); });
}

/// Everything in the upload is taken for good where the honest cloud has this to say.
Breakage acknowledges(std::string_view word, std::string_view but_not = "\n", bool with_records = true) {
  return answers(kUpload, [word, but_not, with_records](Memory&, const HttpRequest& request, HttpAnswer& answer) {
    const bool asked_with_records = !request.body.contains(R"("records":[])");
    if (!has(answer, word) || has(answer, but_not) || asked_with_records != with_records) return;
    answer = said(R"({"acknowledged":)" + std::to_string(head_seq(request.body)) + R"(,"refused":[]})");
  });
}

std::string paid_answer(const HttpRequest& request) {
  const std::string minor = amount_of(request.body);
  return R"({"outcome":"paid","order":")" + member(request.body, "order") + R"(","amount":{"minor":)" + minor +
         R"(,"currency":"CNY"},"paid":{"minor":)" + minor +
         R"(,"currency":"CNY"},"transaction":"late-1","payer":{"wallet":"alipay"}})";
}

std::string refunded_answer(const HttpRequest& request) {
  return R"({"outcome":"refunded","order":")" + member(request.body, "order") + R"(","refund":")" +
         member(request.body, "refund") + R"(","amount":{"minor":)" + amount_of(request.body) +
         R"(,"currency":"CNY"}})";
}

using Table = std::map<std::string, Breakage, std::less<>>;

void add_device_breakages(Table& all) {
  all["anybody-may-ask"] = [](Memory&, const HttpRequest& request, const Next& next) {
    if (request.client_certificate.empty() && request.path == kQuery) {
      return said(R"({"outcome":"not_found","order":"A"})");
    }
    return next(request);
  };
  // The handshake takes every certificate (broken_cloud.cpp); whoever has one is the terminal that came last.
  all["foreign-certificates"] = [](Memory& memory, HttpRequest request, const Next& next) {
    const std::string& shown = request.client_certificate;
    if (!shown.empty() && memory.authority.holder(shown)) memory.keep("last", shown);
    if (!shown.empty() && !memory.authority.holder(shown)) request.client_certificate = memory.kept_under("last");
    return next(request);
  };
  all["nonce-of-another"] = [](Memory&, HttpRequest request, const Next& next) {
    const auto asked = request.query.find("nonce");
    if (request.path != "/v1/session" || asked == request.query.end() || asked->second.size() != 22)
      return next(request);
    const std::string mine = asked->second;
    asked->second = "AAAAAAAAAAAAAAAAAAAAAA";
    HttpAnswer answer = next(request);
    answer.body = with(answer.body, "AAAAAAAAAAAAAAAAAAAAAA", mine);
    return answer;
  };
  all["clock-years-off"] = replaces("/v1/session", R"("server_time":"20)", R"("server_time":"19)");
  all["nonce-not-looked-at"] = requests("/v1/session", [](Memory&, HttpRequest& request) {
    const auto asked = request.query.find("nonce");
    const bool good = asked != request.query.end() && asked->second.size() == 22;
    if (!good) request.query.clear();
  });
  all["another-major-version"] = replaces("/v1/session", R"("contract":"1.)", R"("contract":"2.)");
  all["claim-for-two-devices"] =
      answers("/v1/enrol", [](Memory& memory, const HttpRequest& request, HttpAnswer& answer) {
        const std::string claim = member(request.body, "claim");
        if (answer.status == 200) memory.keep(claim, answer.body);
        if (has(answer, "claim-refused") && !memory.kept_under(claim).empty()) answer = said(memory.kept_under(claim));
      });
  all["claim-once-only"] = answers("/v1/enrol", [](Memory& memory, const HttpRequest& request, HttpAnswer& answer) {
    if (answer.status == 200 && !memory.first(member(request.body, "claim"))) answer = problem(Problem::ClaimRefused);
  });
  all["claims-made-up"] = answers("/v1/enrol", [](Memory& memory, const HttpRequest& request, HttpAnswer& answer) {
    if (answer.status == 200) memory.keep("any", answer.body);
    const bool nobodys = member(request.body, "claim").starts_with("0000-NONE") && has(answer, "claim-refused");
    if (nobodys) answer = said(memory.kept_under("any"));
  });
  all["other-problem-for-a-request"] = answers("/v1/enrol", [](Memory&, const HttpRequest&, HttpAnswer& answer) {
    if (has(answer, "certificate-request-refused")) answer = problem(Problem::NotAllowed);
  });
  all["merchant-key-per-terminal"] = answers("/v1/enrol", [](Memory&, const HttpRequest&, HttpAnswer& answer) {
    const std::size_t at = answer.body.find(R"("merchant_key":")");
    if (at == std::string::npos) return;
    answer.body[at + 16] = member(answer.body, "terminal") == "T02" ? 'A' : 'B';
  });
  all["one-merchant-key-for-all"] = answers("/v1/enrol", [](Memory&, const HttpRequest&, HttpAnswer& answer) {
    const std::string key = member(answer.body, "merchant_key");
    if (!key.empty()) answer.body = with(answer.body, key, std::string(43, 'A'));
  });
  all["renewal-ends-the-old"] = [](Memory& memory, const HttpRequest& request, const Next& next) {
    const std::string& shown = request.client_certificate;
    if (memory.knows(shown)) return problem(Problem::NotAllowed);
    HttpAnswer answer = next(request);
    if (request.path == "/v1/renew" && answer.status == 200) static_cast<void>(memory.first(shown));
    return answer;
  };
  all["ends-another-day"] = replaces("/v1/enrol", R"("valid_until":"20)", R"("valid_until":"19)");
  all["other-problem-for-a-renewal"] = answers("/v1/renew", [](Memory&, const HttpRequest&, HttpAnswer& answer) {
    if (has(answer, "certificate-request-refused")) answer = problem(Problem::NotAllowed);
  });
}

void add_request_breakages(Table& all) {
  all["members-passed-over"] =
      requests(kQuery, [](Memory&, HttpRequest& request) { request.body = with(request.body, R"(,"more":1)", ""); });
  all["any-content-type"] =
      requests(kQuery, [](Memory&, HttpRequest& request) { request.content_type = "application/json"; });
  all["page-of-html"] = [](Memory&, const HttpRequest& request, const Next& next) {
    if (request.path != "/v1/nothing") return next(request);
    return HttpAnswer{.status = 404, .content_type = "text/html", .body = "<h1>Not Found</h1>"};
  };
  all["smaller-bodies"] = [](Memory&, const HttpRequest& request, const Next& next) {
    if (request.path == kQuery && request.body.size() > 4'000) return problem(Problem::TooLarge);
    return next(request);
  };
  all["longer-certificate-requests"] = answers("/v1/enrol", [](Memory&, const HttpRequest&, HttpAnswer& answer) {
    if (has(answer, R"("detail":"/certificate_request")")) answer = problem(Problem::CertificateRequestRefused);
  });
  all["health-not-noted"] = answers("/v1/health", [](Memory&, const HttpRequest&, HttpAnswer& answer) {
    if (answer.status == 200) answer = problem(Problem::Unavailable);
  });
  all["health-not-looked-at"] = instead("/v1/health", "invalid-request", R"({"noted":true})");
  all["plain-text"] = answers("/v1/health", [](Memory&, const HttpRequest&, HttpAnswer& answer) {
    if (answer.status == 200) answer.content_type = "text/plain";
  });
  all["not-the-schema"] = replaces("/v1/health", R"("noted":true)", R"("noted":1)");
  all["two-statuses"] = replaces("/v1/health", R"("status":400)", R"("status":401)");
  all["retry-after-everywhere"] = answers("/v1/health", [](Memory&, const HttpRequest&, HttpAnswer& answer) {
    answer.retry_after = std::chrono::seconds(5);
  });
  all["a-long-answer"] = answers(
      "/v1/health", [](Memory&, const HttpRequest&, HttpAnswer& answer) { answer.body += std::string(20'000, ' '); });
  all["a-late-answer"] = answers("/v1/gateway/identify", [](Memory&, const HttpRequest&, HttpAnswer&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1'600));
  });
  all["a-code-in-a-problem"] = answers(kAuthorise, [](Memory&, const HttpRequest& request, HttpAnswer& answer) {
    if (has(answer, "key-reused")) answer = problem(Problem::KeyReused, member(request.body, "code"));
  });
}

void add_journal_breakages(Table& all) {
  all["gap-acknowledged"] = answers(kUpload, [](Memory&, const HttpRequest& request, HttpAnswer& answer) {
    if (answer.status != 200 || !request.body.contains(R"("records":[{"seq":5,)")) return;
    answer = said(R"({"acknowledged":)" + std::to_string(head_seq(request.body)) + R"(,"refused":[]})");
  });
  all["same-again-is-a-fork"] = answers(kUpload, [](Memory& memory, const HttpRequest& request, HttpAnswer& answer) {
    if (answer.status == 200 && !memory.first(request.body)) answer = problem(Problem::JournalForked);
  });
  all["overlap-is-broken"] = answers(kUpload, [](Memory&, const HttpRequest& request, HttpAnswer& answer) {
    if (answer.status == 200 && request.body.contains(R"("records":[{"seq":2,)"))
      answer = problem(Problem::JournalBroken);
  });
  all["knows-nothing-of-how-far"] = answers(kUpload, [](Memory&, const HttpRequest& request, HttpAnswer& answer) {
    // Only of a journal of two sales that came in two parts: others are asked about after each refusal.
    if (request.body.contains(R"("records":[])") && has(answer, R"("acknowledged":2)") && head_seq(request.body) == 4 &&
        request.body.contains(R"("counter":3)")) {
      answer = said(R"({"acknowledged":4,"refused":[]})");
    }
  });
  all["other-content-is-fine"] = acknowledges("journal-forked");
  all["counters-do-not-count"] = acknowledges("journal-forked", "\n", false);
  all["signatures-do-not-count"] = acknowledges("the head is not signed");
  all["chains-do-not-count"] = acknowledges("journal-broken", "the head is not signed");
  all["journals-are-everybodys"] = acknowledges("journal-not-yours");
  all["poison-stops"] = answers(kUpload, [](Memory&, const HttpRequest&, HttpAnswer& answer) {
    if (has(answer, "kind_not_known")) answer = problem(Problem::JournalBroken);
  });
  all["refused-named-once"] = answers(kUpload, [](Memory& memory, const HttpRequest& request, HttpAnswer& answer) {
    if (!has(answer, R"("refused":[{)") || memory.first(request.body)) return;
    answer = said(R"({"acknowledged":)" + member(answer.body, "acknowledged") + R"(,"refused":[]})");
  });
  all["personal-not-checked"] = replaces(kUpload, "personal_not_matching", "something_else");
  all["half-an-upload"] = answers(kUpload, [](Memory&, const HttpRequest& request, HttpAnswer& answer) {
    if (has(answer, "no JSON") && !request.body.ends_with('}')) answer = said(R"({"acknowledged":0,"refused":[]})");
  });
  all["smaller-uploads"] = [](Memory&, const HttpRequest& request, const Next& next) {
    if (request.path == kUpload && request.body.size() > 100'000) return problem(Problem::TooLarge);
    return next(request);
  };
  all["gaps-in-a-list"] = answers(kUpload, [](Memory&, const HttpRequest& request, HttpAnswer& answer) {
    if (answer.status == 200 || !request.body.contains(R"("seq":7,"kind")")) return;
    answer = said(R"({"acknowledged":7,"refused":[]})");
  });
  all["good-records-refused"] = answers(kUpload, [](Memory&, const HttpRequest& request, HttpAnswer& answer) {
    if (!request.body.contains("sale_priced")) return;
    answer.body = with(answer.body, R"("refused":[])", R"("refused":[{"seq":1,"reason":"contradicts_the_books"}])");
  });
}

void add_news_breakages(Table& all) {
  all["pages-signed-otherwise"] = answers(kNews, [](Memory& memory, const HttpRequest&, HttpAnswer& answer) {
    const std::string signature = member(answer.body, "signature");
    const auto other = memory.authority.sign("tillkit-news-1 " + member(answer.body, "page"));
    if (!signature.empty())
      answer.body = with(answer.body, signature, core::encode_base64url(core::as_bytes(other.value_or(""))));
  });
  all["pages-of-another"] = answers(kNews, [](Memory& memory, const HttpRequest&, HttpAnswer& answer) {
    if (answer.status == 200)
      answer = signed_page(memory, with(member(answer.body, "page"), R"("terminal":"T01")", R"("terminal":"T02")"));
  });
  all["polls-are-short"] = requests(kNews, [](Memory&, HttpRequest& request) {
    const auto wait = request.query.find("wait_s");
    if (wait != request.query.end() && wait->second.size() < 3 && !wait->second.starts_with('-') &&
        wait->second != "26")
      wait->second = "0";
  });
  all["polls-bring-nothing"] = answers(kNews, [](Memory& memory, const HttpRequest& request, HttpAnswer& answer) {
    const std::string page = member(answer.body, "page");
    const std::size_t changes = page.find(R"("changes":[{)");
    if (changes == std::string::npos || !request.query.contains("wait_s")) return;
    answer = signed_page(memory, page.substr(0, changes) + R"("changes":[]})");
  });
  all["any-cursor-is-the-first"] = [](Memory&, HttpRequest request, const Next& next) {
    HttpAnswer answer = next(request);
    if (request.path != kNews || !has(answer, "cursor-unknown")) return answer;
    request.query.erase("cursor");
    return next(request);
  };
  all["any-feed"] = requests(kNews, [](Memory&, HttpRequest& request) {
    const auto feed = request.query.find("feed");
    if (feed != request.query.end()) feed->second = feed->second == "rumours" ? "copies" : feed->second;
  });
  all["pages-come-once"] = answers(kNews, [](Memory& memory, const HttpRequest& request, HttpAnswer& answer) {
    const std::string page = member(answer.body, "page");
    const std::size_t changes = page.find(R"("changes":[{)");
    if (changes == std::string::npos || memory.first(request.client_certificate + page)) return;
    answer = signed_page(memory, page.substr(0, changes) + R"("changes":[]})");
  });
  all["cursor-stands-still"] = answers(kNews, [](Memory& memory, const HttpRequest&, HttpAnswer& answer) {
    const std::string page = member(answer.body, "page");
    const std::string after = member(page, "after");
    if (!after.empty()) {
      answer = signed_page(memory, with(page, R"("cursor":")" + member(page, "cursor"), R"("cursor":")" + after));
    }
  });
  all["sales-made-up"] = instead(kClaims, "sale-not-found", R"({"outcome":"waiting"})");
  all["claims-under-one-name"] = instead(kClaims, "key-reused", R"({"outcome":"waiting"})");
  all["everybody-may-refund"] = instead(kClaims, R"("refused")", R"({"outcome":"waiting"})");
  all["records-written-anew"] = replaces(kClaims, R"(\"minor\":1250)", R"(\"minor\":1251)");
}

void add_gateway_breakages(Table& all) {
  all["second-charge"] = answers(kAuthorise, [](Memory& memory, const HttpRequest& request, HttpAnswer& answer) {
    const std::string transaction = member(answer.body, "transaction");
    if (transaction.empty() || memory.first(member(request.body, "order"))) return;
    answer.body = with(answer.body, transaction, "again-" + transaction);
  });
  all["first-body-wins"] = [](Memory&, HttpRequest request, const Next& next) {
    HttpAnswer answer = next(request);
    if (request.path != kAuthorise || !has(answer, "key-reused")) return answer;
    request.path = kQuery;
    request.body = R"({"order":")" + member(request.body, "order") + R"("})";
    return next(request);
  };
  all["two-spaces-of-keys"] = answers(kQr, [](Memory&, const HttpRequest& request, HttpAnswer& answer) {
    if (has(answer, "key-reused"))
      answer = said(R"({"outcome":"unknown","order":")" + member(request.body, "order") + R"("})");
  });
  all["amounts-rounded"] = requests(
      kQr, [](Memory&, HttpRequest& request) { request.body = with(request.body, R"("minor":1.5)", R"("minor":1)"); });
  all["paid-is-less"] = answers(kQuery, [](Memory&, const HttpRequest&, HttpAnswer& answer) {
    if (has(answer, R"("outcome":"paid")"))
      answer.body = with(answer.body, R"("paid":{"minor":1250)", R"("paid":{"minor":1249)");
  });
  all["query-reverses"] = [](Memory&, HttpRequest request, const Next& next) {
    const HttpAnswer answer = next(request);
    if (request.path == kQuery && has(answer, R"("not_found")")) {
      request.path = kReverse;
      static_cast<void>(next(request));
    }
    return answer;
  };
  all["late-charges-count"] = answers(kAuthorise, [](Memory&, const HttpRequest& request, HttpAnswer& answer) {
    if (has(answer, "order-reversed")) answer = said(paid_answer(request));
  });
  all["late-codes-count"] = answers(kQr, [](Memory&, const HttpRequest& request, HttpAnswer& answer) {
    if (has(answer, "order-reversed"))
      answer = said(R"({"outcome":"unknown","order":")" + member(request.body, "order") + R"("})");
  });
  all["silence-is-no"] = answers(kAuthorise, [](Memory&, const HttpRequest& request, HttpAnswer& answer) {
    if (!has(answer, R"("outcome":"unknown")")) return;
    answer = said(R"({"outcome":"declined","reason":"provider_refused","order":")" + member(request.body, "order") +
                  R"("})");
  });
  all["password-is-no"] = answers(kAuthorise, [](Memory&, const HttpRequest& request, HttpAnswer& answer) {
    if (!has(answer, R"("why":"password")")) return;
    answer =
        said(R"({"outcome":"declined","reason":"wrong_password","order":")" + member(request.body, "order") + R"("})");
  });
  all["a-code-each-time"] = answers(kQr, [](Memory& memory, const HttpRequest&, HttpAnswer& answer) {
    const auto document = core::JsonDocument::parse(answer.body);
    const auto qr = document ? document->root().find("qr") : std::nullopt;
    if (!qr) return;
    const std::string text(qr->find("text")->text().value_or(""));
    if (!memory.first(text)) answer.body = with(answer.body, text, text + "2");
  });
  all["any-currency"] =
      requests(kQr, [](Memory&, HttpRequest& request) { request.body = with(request.body, "XTS", "CNY"); });
  all["declined-is-forgotten"] = answers(kQuery, [](Memory&, const HttpRequest& request, HttpAnswer& answer) {
    if (has(answer, R"("declined")"))
      answer = said(R"({"outcome":"not_found","order":")" + member(request.body, "order") + R"("})");
  });
  all["not-all-given-back"] = answers(kReverse, [](Memory&, const HttpRequest&, HttpAnswer& answer) {
    answer.body = with(answer.body, R"("refunded":{"minor":1250)", R"("refunded":{"minor":1249)");
  });
  // Whatever comes while the first is under way is charged, too.
  all["both-at-once"] = [](Memory& memory, const HttpRequest& request, const Next& next) {
    if (request.path != kAuthorise) return next(request);
    const std::string order = member(request.body, "order");
    if (!memory.first(order) && !memory.knows("answered " + order)) return said(paid_answer(request));
    const HttpAnswer answer = next(request);
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    static_cast<void>(memory.first("answered " + order));
    return answer;
  };
  all["identify-is-not-there"] = answers("/v1/gateway/identify", [](Memory&, const HttpRequest&, HttpAnswer& answer) {
    answer = problem(Problem::NotAllowed);
  });
}

void add_refund_breakages(Table& all) {
  all["refunds-of-nothing"] = answers(kRefund, [](Memory&, const HttpRequest& request, HttpAnswer& answer) {
    if (has(answer, "order-not-found")) answer = said(refunded_answer(request));
  });
  all["refunds-of-what-is-not-paid"] = answers(kRefund, [](Memory&, const HttpRequest& request, HttpAnswer& answer) {
    if (has(answer, "order-not-paid")) answer = said(refunded_answer(request));
  });
  all["refunds-too-large"] = answers(kRefund, [](Memory&, const HttpRequest& request, HttpAnswer& answer) {
    if (has(answer, "refund-too-large")) answer = said(refunded_answer(request));
  });
  // A second refund, for real.
  all["refunds-twice"] = requests(kRefund, [](Memory& memory, HttpRequest& request) {
    const std::string number = member(request.body, "refund");
    if (!memory.first(number)) request.body = with(request.body, number, number + "X");
  });
  all["refunds-under-one-number"] = answers(kRefund, [](Memory&, const HttpRequest& request, HttpAnswer& answer) {
    if (has(answer, "key-reused")) answer = said(refunded_answer(request));
  });
  all["something-left"] = answers(kRefund, [](Memory&, const HttpRequest& request, HttpAnswer& answer) {
    if (has(answer, "nothing-left")) answer = said(refunded_answer(request));
  });
  all["parts-are-not-counted"] = replaces(kQuery, R"(,"refunded":{"minor":250,"currency":"CNY"})", "");
}

void add_member_breakages(Table& all) {
  all["anybody-is-found"] = instead("/v1/members/find", "invalid-request", R"({"outcome":"not_found"})");
  all["members-are-everybodys"] = [](Memory& memory, HttpRequest request, const Next& next) {
    if (request.path != "/v1/members/find") return next(request);
    const auto holder = memory.authority.holder(request.client_certificate);
    if (holder && holder->terminal == "T01") memory.keep("T01", request.client_certificate);
    if (holder && holder->terminal == "B1") request.client_certificate = memory.kept_under("T01");
    return next(request);
  };
  // A second lease, for real.
  all["leases-twice"] = requests("/v1/leases", [](Memory& memory, HttpRequest& request) {
    const std::string number = member(request.body, "request");
    if (!memory.first(number)) request.body = with(request.body, number, number + "X");
  });
  all["leases-of-too-much"] = answers("/v1/leases", [](Memory& memory, const HttpRequest& request, HttpAnswer& answer) {
    const auto holder = memory.authority.holder(request.client_certificate);
    if (!holder || holder->terminal != "T02") return;
    while (has(answer, R"("amount":150)"))
      answer.body = with(answer.body, R"("amount":150)", R"("amount":151)");
  });
  all["leases-of-nobody"] = answers("/v1/leases", [](Memory&, const HttpRequest& request, HttpAnswer& answer) {
    if (!has(answer, "refused") || !request.body.contains("nobody")) return;
    answer = said(
        R"({"outcome":"granted","lease":{"id":"l","unit":"points","of":"nobody-of-this-name","amount":1,"until":1}})");
  });
  all["coupons-for-two"] =
      instead("/v1/coupons/claim", "elsewhere",
              R"({"outcome":"set_apart","coupon":{"id":"c-1","offer":"o","claimed_at":1,"uses":1},"until":1})");
  all["coupons-made-up"] =
      instead("/v1/coupons/claim", "not_found",
              R"({"outcome":"set_apart","coupon":{"id":"c","offer":"o","claimed_at":1,"uses":1},"until":1})");
  all["events-for-everybody"] = instead("/v1/events", "not-allowed", R"({"events":[],"cursor":"0","more":false})");
  all["events-with-one-number"] = answers("/v1/events", [](Memory&, const HttpRequest&, HttpAnswer& answer) {
    answer.body = with(answer.body, R"("number":2,)", R"("number":1,)");
  });
  all["somebody-else-is-found"] = replaces("/v1/members/find", R"("id":"m-1")", R"("id":"m-2")");
  all["everybody-is-a-member"] =
      instead("/v1/members/find", "not_found",
              R"({"outcome":"found","may_spend":true,"coupons":[],"member":{"id":"m-9","orders":0,"spent_minor":0,)"
              R"("points":0,"value_minor":0,"debt_points":0,"consented":true}})");
  all["members-identify-is-not-there"] =
      answers("/v1/members/identify",
              [](Memory&, const HttpRequest&, HttpAnswer& answer) { answer = problem(Problem::NotAllowed); });
  all["leases-of-any-form"] = instead("/v1/leases", "invalid-request", R"({"outcome":"refused"})");
  all["leases-of-what-is-leased"] = answers("/v1/leases", [](Memory&, const HttpRequest& request, HttpAnswer& answer) {
    if (!has(answer, "refused") || !request.body.contains(R"("of":"m-1","amount":1})")) return;
    answer = said(
        R"({"outcome":"granted","lease":{"id":"l","unit":"points","of":"m-1","amount":1,"until":1,"lots":[{"lot":"l","amount":1}]}})");
  });
}

}  // namespace

const Table& breakages() {
  static const Table all = [] {
    Table table;
    add_device_breakages(table);
    add_request_breakages(table);
    add_journal_breakages(table);
    add_news_breakages(table);
    add_gateway_breakages(table);
    add_refund_breakages(table);
    add_member_breakages(table);
    return table;
  }();
  return all;
}

}  // namespace tillkit::test
