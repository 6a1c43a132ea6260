// SPDX-License-Identifier: Apache-2.0
// What goes out by itself: news to terminals, events to the merchant's own systems.
#include <algorithm>
#include <charconv>
#include <chrono>

#include "authority_digest.hpp"
#include "home.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/json_members.hpp"

namespace tillkit::sandbox {

using core::JsonWriter;
using core::Result;

namespace {

constexpr std::int64_t kWaitMax = 25;
constexpr std::size_t kCursorMax = 256;
constexpr std::size_t kEventsMax = 500;
constexpr core::JsonLimits kPageLimits{.bytes_max = 1'048'576, .string_bytes_max = 262'144};

/// Parameters of a query, each at most once and none that nobody knows.
class Query {
 public:
  static std::optional<Query> read(const HttpRequest& request, std::initializer_list<std::string_view> names) {
    Query query;
    for (const auto& [name, value] : request.query) {
      const bool known = std::ranges::find(names, name) != names.end();
      if (!known || !query.values_.emplace(name, value).second) return std::nullopt;
    }
    return query;
  }

  [[nodiscard]] std::optional<std::string> text(const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::map<std::string, std::string> values_;
};

std::optional<std::int64_t> whole_number(std::string_view digits) {
  std::int64_t number = 0;
  const auto [end, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool whole = wrong == std::errc{} && end == digits.data() + digits.size();
  if (!whole || number < 0 || std::to_string(number) != digits) return std::nullopt;
  return number;
}

/// None: a wait that the contract does not allow.
std::optional<std::chrono::seconds> wait_of(const Query& query) {
  const auto text = query.text("wait_s");
  if (!text) return std::chrono::seconds(0);
  const auto number = whole_number(*text);
  if (!number || *number > kWaitMax) return std::nullopt;
  return std::chrono::seconds(*number);
}

bool is_cursor(std::string_view text) {
  return !text.empty() && text.size() <= kCursorMax && std::ranges::all_of(text, core::is_id_char);
}

/// A cursor of news is a number in each of two streams: `812.40`.
std::optional<std::vector<std::int64_t>> numbers_of(std::string_view cursor) {
  const std::size_t dot = cursor.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto first = whole_number(cursor.substr(0, dot));
  const auto second = whole_number(cursor.substr(dot + 1));
  if (!first || !second) return std::nullopt;
  return std::vector{*first, *second};
}

std::string cursor_of(const std::vector<std::int64_t>& numbers) {
  return std::to_string(numbers[0]) + '.' + std::to_string(numbers[1]);
}

}  // namespace

Result<HttpAnswer> Home::news(Call& call) {
  const auto query = Query::read(call.http, {"feed", "cursor", "wait_s"});
  const auto wait = query ? wait_of(*query) : std::nullopt;
  const std::string feed = query ? query->text("feed").value_or("") : "";
  const bool decisions = feed == "decisions";
  if (!wait || (!decisions && feed != "copies")) return problem(Problem::InvalidRequest, "feed, cursor or wait_s");
  const std::string cursor = query->text("cursor").value_or("");
  if (query->text("cursor") && !is_cursor(cursor)) return problem(Problem::InvalidRequest, "cursor");

  const Caller& caller = call.caller;
  const std::vector<std::string> streams{
      decisions ? decisions_of_merchant(caller.merchant) : copies_of_merchant(caller.merchant),
      decisions ? decisions_of_terminal(caller.terminal) : copies_of_store(caller.store)};
  std::vector<std::int64_t> after{0, 0};
  if (!cursor.empty()) {
    const auto numbers = numbers_of(cursor);
    const bool known = numbers && (*numbers)[0] <= news_.last(streams[0]) && (*numbers)[1] <= news_.last(streams[1]);
    if (!known) return problem(Problem::CursorUnknown);
    after = *numbers;
  }
  const auto deadline = std::chrono::steady_clock::now() + *wait;
  const auto arrived = [&] {
    return cloud_.stopping || !loaded_ || news_.last(streams[0]) > after[0] || news_.last(streams[1]) > after[1];
  };
  while (true) {
    TILLKIT_TRY_VOID(ready());
    News::Page page;
    const Result<> read = cloud_.storage.view([&](Reader& reader) -> Result<> {
      TILLKIT_TRY(page, news_.read(reader, streams, after));
      return {};
    });
    TILLKIT_TRY_VOID(read);
    const bool over = std::chrono::steady_clock::now() >= deadline || cloud_.stopping;
    if (!page.changes.empty() || over) return news_page(caller, feed, cursor, page);
    after = page.after;
    // The others go on meanwhile.
    cloud_.changed.wait_until(call.lock, deadline, arrived);
  }
}

Result<HttpAnswer> Home::news_page(const Caller& caller, std::string_view feed, const std::string& cursor,
                                   const News::Page& page) {
  JsonWriter begin;
  begin.begin_object().name("terminal").text(caller.terminal).name("feed").text(feed).name("after").text(cursor);
  begin.name("cursor").text(cursor_of(page.after)).name("more").boolean(page.more);
  TILLKIT_TRY(std::string text, begin.name("changes").begin_array().end_array().end_object().finish());
  // The changes are JSON already.
  constexpr std::string_view kEnd = "]}";
  text.resize(text.size() - kEnd.size());
  for (const std::string& change : page.changes) {
    if (text.back() != '[') text += ',';
    text += change;
  }
  text += kEnd;
  TILLKIT_TRY(const std::string signature, cloud_.authority.sign("tillkit-news-1\n" + text));
  JsonWriter json(kPageLimits);
  json.begin_object().name("page").text(text).name("key").text(cloud_.authority.signing_key_name());
  json.name("signature").text(core::encode_base64url(core::as_bytes(signature))).end_object();
  return answer_of(json.finish());
}

Result<HttpAnswer> Home::events(Call& call) {
  constexpr std::string_view kBearer = "Bearer ";
  const std::string& shown = call.http.authorization;
  if (!shown.starts_with(kBearer)) return problem(Problem::NotAllowed);
  const std::string token = core::encode_hex(core::as_bytes(sha256(std::string_view(shown).substr(kBearer.size()))));
  std::optional<std::string> merchant;
  const Result<> read = cloud_.storage.view([&](Reader& reader) -> Result<> {
    TILLKIT_TRY(merchant, reader.get(kTokens, "", token));
    return {};
  });
  TILLKIT_TRY_VOID(read);
  if (!merchant) return problem(Problem::NotAllowed);
  const auto query = Query::read(call.http, {"after", "wait_s"});
  const auto wait = query ? wait_of(*query) : std::nullopt;
  if (!wait) return problem(Problem::InvalidRequest, "after or wait_s");
  std::int64_t after = 0;
  if (const auto cursor = query->text("after")) {
    if (!is_cursor(*cursor)) return problem(Problem::InvalidRequest, "after");
    const auto number = whole_number(*cursor);
    if (!number || *number > events_last_[*merchant]) return problem(Problem::CursorUnknown);
    after = *number;
  }
  const auto deadline = std::chrono::steady_clock::now() + *wait;
  cloud_.changed.wait_until(call.lock, deadline,
                            [&] { return cloud_.stopping || !loaded_ || events_last_[*merchant] > after; });
  TILLKIT_TRY_VOID(ready());

  std::vector<Row> rows;
  const Result<> read_again = cloud_.storage.view([&](Reader& reader) -> Result<> {
    TILLKIT_TRY(rows, reader.list(kEvents, *merchant, number_key(after), kEventsMax + 1));
    return {};
  });
  TILLKIT_TRY_VOID(read_again);
  const bool more = rows.size() > kEventsMax;
  if (more) rows.pop_back();
  std::string text = R"({"events":[)";
  for (const Row& row : rows) {
    if (text.back() != '[') text += ',';
    text += row.value;
    after = std::stoll(row.at.key);
  }
  text += R"(],"cursor":")" + std::to_string(after) + R"(","more":)" + (more ? "true}" : "false}");
  return HttpAnswer{.body = std::move(text)};
}

}  // namespace tillkit::sandbox
