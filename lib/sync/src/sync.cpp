// SPDX-License-Identifier: Apache-2.0
#include "tillkit/sync/sync.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "taking.hpp"
#include "tillkit/cloud/problem.hpp"
#include "tillkit/core/assert.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/security/crypto.hpp"
#include "tillkit/sync/records.hpp"

namespace tillkit::sync {
namespace {

using cloud::Feed;
using cloud::LinkResult;
using cloud::ProblemType;
using core::ErrorCode;
using core::fail;
using core::MonotonicTime;
using core::Result;
using core::WallQuality;
using journal::Seq;
using journal::Tx;
using std::chrono::milliseconds;

/// Each decision appends a record or two, and the cursor is one more.
constexpr std::size_t kDecisionsPerCommit = journal::kRecordsPerCommitMax / 2 - 1;
/// Refused records per commit.
constexpr std::size_t kParkedPerCommit = journal::kRecordsPerCommitMax;
/// A cloud that does not wait is not asked more often.
constexpr std::chrono::seconds kPollPause{1};
constexpr std::string_view kCopiesFeed = "copies";

cloud::LinkRequest get(std::string target, milliseconds timeout) {
  return {.method = hal::HttpMethod::Get,
          .target = std::move(target),
          .timeout = timeout,
          .answer_bytes_max = cloud::kLongAnswerBodyBytesMax};
}

std::optional<StopWhy> stop_of(const core::Error& error) {
  if (cloud::is_problem(error, ProblemType::JournalForked)) return StopWhy::Forked;
  if (cloud::is_problem(error, ProblemType::JournalBroken)) return StopWhy::Broken;
  if (cloud::is_problem(error, ProblemType::JournalNotYours)) return StopWhy::NotYours;
  return std::nullopt;
}

Result<> append(Tx& tx, journal::Kind kind, core::JsonWriter& json) {
  TILLKIT_TRY(const std::string body, json.end_object().finish());
  TILLKIT_TRY_VOID(tx.append({.kind = kind, .body = body}));
  return {};
}

Result<> append_refused(Tx& tx, std::span<const cloud::RefusedRecord* const> refused) {
  for (const cloud::RefusedRecord* one : refused) {
    core::JsonWriter json;
    json.begin_object().name("seq").integer(one->seq).name("why").integer(static_cast<int>(one->why));
    json.name("detail").text(one->detail);
    TILLKIT_TRY_VOID(append(tx, kRecordRefused, json));
  }
  return {};
}

Result<> nothing(const Result<journal::Committed>& committed) {
  if (!committed) return std::unexpected(committed.error());
  return {};
}

}  // namespace

Sync::Sync(const SyncParts& parts, SyncSettings settings)
    : parts_(parts), settings_(std::move(settings)), alive_(std::make_shared<int>()) {}

Sync::~Sync() {
  parts_.scheduler.cancel(timer_);
}

// --- from outside ---

Result<> Sync::start() {
  TILLKIT_ASSERT(!started_);
  const journal::Tables& tables = parts_.journal.tables();
  TILLKIT_TRY(stopped_, upload_stop(tables));
  TILLKIT_TRY(const auto stored, stored_settings(tables));
  TILLKIT_TRY(const std::int64_t waiting, recalls_waiting(tables));
  if (waiting > 0) recalls_due_ = parts_.clock.monotonic();
  sent_ = parts_.journal.acknowledged().value();
  started_ = true;
  if (stored) {
    TILLKIT_TRY(const cloud::Settings settings, cloud::read_settings(stored->json));
    settings_keys_ = settings.keys;
    parts_.host.settings_changed(settings);
  }
  if (stopped_) parts_.host.upload_stopped(*stopped_);
  // Not from inside the call: whoever starts sync may have more to build.
  set_timer(parts_.clock.monotonic());
  return {};
}

void Sync::wake() {
  run();
}

void Sync::network_changed() {
  // What answered before says nothing about now.
  if (parts_.network.link() == hal::LinkState::Offline) answered_.reset();
  if (parts_.network.link() == hal::LinkState::Online) {
    link_answered();
    tried_.reset();
  }
  run();
}

void Sync::set_payment_busy(bool busy) {
  if (payment_busy_ == busy) return;
  payment_busy_ = busy;
  run();
}

void Sync::sync_now() {
  for (Backoff* backoff : {&upload_, &decisions_, &copies_, &clock_, &renew_, &health_})
    backoff->succeeded();
  tried_.reset();
  copies_asked_.reset();
  health_sent_.reset();
  decisions_due_ = {};
  if (first_seen_) first_seen_ = MonotonicTime{};
  run();
}

bool Sync::has_answered() const {
  return answered_ && parts_.clock.monotonic() - *answered_ <= kAnswerCounts;
}

Result<> Sync::resume_upload(const journal::Operator& by) {
  if (!stopped_) return fail(ErrorCode::FailedPrecondition);
  if (by.view().empty()) return fail(ErrorCode::InvalidArgument);
  const auto kept = parts_.journal.commit([&](Tx& tx) -> Result<> {
    TILLKIT_TRY(const auto stop, upload_stop(tx));
    if (!stop) return {};
    core::JsonWriter json;
    json.begin_object().name("by").text(by.view());
    return append(tx, kUploadResumed, json);
  });
  if (!kept) return std::unexpected(kept.error());
  stopped_.reset();
  head_.reset();
  upload_.succeeded();
  run();
  return {};
}

Result<SyncStatus> Sync::status() const {
  const journal::Tables& tables = parts_.journal.tables();
  SyncStatus status = seen_;
  status.backlog = parts_.journal.last_seq().value() - sent_;
  if (status.backlog > 0) {
    const auto oldest = parts_.journal.read(Seq{sent_ + 1});
    if (oldest) status.oldest = oldest->at.wall;
  }
  TILLKIT_TRY(status.parked, parked_records(tables));
  TILLKIT_TRY(status.refused_decisions, refused_decisions(tables));
  TILLKIT_TRY(status.recalls, recalls_waiting(tables));
  status.stopped = stopped_;
  const bool copies_here = parts_.cache == nullptr || (seen_.copies_at && !copies_more_);
  status.up_to_date = copies_here && seen_.decisions_at && !decisions_more_ && !page_;
  return status;
}

// --- the loop ---

Facts Sync::facts() {
  const MonotonicTime now = parts_.clock.monotonic();
  const std::int64_t last = parts_.journal.last_seq().value();
  if (last <= sent_) {
    first_seen_.reset();
  } else if (!first_seen_) {
    first_seen_ = now;
  }
  const core::WallReading wall = parts_.clock.wall();
  Facts facts{.now = now,
              .network_up = parts_.network.link() != hal::LinkState::Offline,
              .payment_busy = payment_busy_,
              .clock_known = wall.quality != WallQuality::Unknown,
              .tried = tried_,
              .upload_stopped = stopped_.has_value(),
              .upload_under_way = upload_under_way_,
              .last_seq = last,
              .sent = sent_,
              .first_seen = first_seen_,
              .batch_bytes = batch_.bytes(),
              .upload = upload_,
              .news_under_way = news_under_way_,
              .copies_wanted = parts_.cache != nullptr,
              .decisions_due = decisions_due_,
              .copies_asked = copies_asked_,
              .copies_more = copies_more_,
              .decisions_more = decisions_more_,
              .decisions = decisions_,
              .copies = copies_,
              .other_under_way = other_under_way_,
              .clock_asked = clock_asked_,
              .clock = clock_,
              .renew = renew_,
              .health_sent = health_sent_,
              .health = health_,
              .recalls_due = recalls_due_};
  if (const auto at = parts_.host.renew_at(); at && facts.clock_known) {
    // A day at most, so that no date is too far for monotonic time; it is planned anew long before.
    constexpr milliseconds kDay{std::chrono::hours{24}};
    facts.renew_at =
        now + std::clamp(*at > wall.at ? milliseconds{*at - wall.at} : milliseconds{0}, milliseconds{0}, kDay);
  }
  return facts;
}

void Sync::run() {
  if (!started_ || running_) return;
  running_ = true;
  NextStep next = plan(facts(), settings_.pace);
  while (next.act != Act::Wait) {
    perform(next);
    next = plan(facts(), settings_.pace);
  }
  running_ = false;
  const MonotonicTime now = parts_.clock.monotonic();
  set_timer(page_ ? now : std::min(next.until, now + settings_.look_every));
}

void Sync::set_timer(MonotonicTime until) {
  parts_.scheduler.cancel(timer_);
  const auto timer = parts_.scheduler.call_at(until, [this, alive = std::weak_ptr<int>(alive_)] {
    if (alive.expired()) return;
    if (page_) take_part();
    run();
  });
  // With more timers than there can be, whatever answers next goes on.
  if (timer) timer_ = *timer;
}

void Sync::perform(const NextStep& step) {
  if (step.act != Act::GiveBack) tried_ = parts_.clock.monotonic();
  switch (step.act) {
    case Act::Wait: break;
    case Act::AskTime: ask_time(); break;
    case Act::Upload: upload(step); break;
    case Act::PollNews: poll(step); break;
    case Act::Renew: renew(); break;
    case Act::SendHealth: send_health(); break;
    case Act::GiveBack: give_back(); break;
  }
}

template <class Then>
cloud::LinkDone Sync::while_alive(Then then) {
  return [this, alive = std::weak_ptr<int>(alive_), then = std::move(then)](LinkResult result) mutable {
    if (alive.expired()) return;
    if (result) {
      answered_ = parts_.clock.monotonic();
      link_answered();
    }
    then(result);
    run();
  };
}

std::uint16_t Sync::chance() {
  std::array<std::byte, 2> bytes{};
  // Zeros where there are none: then it is only the shops that are not apart.
  if (!parts_.random.fill(bytes)) return 0;
  return static_cast<std::uint16_t>(std::to_integer<unsigned>(bytes[0]) << 8U | std::to_integer<unsigned>(bytes[1]));
}

void Sync::failed(Backoff& backoff, std::string_view what, milliseconds at_least) {
  ++seen_.faults[std::string(what)];
  ++unreported_[std::string(what)];
  backoff.failed(settings_.pace, parts_.clock.monotonic(), chance(), at_least);
}

void Sync::failed(Backoff& backoff, const cloud::LinkFailure& failure) {
  const std::string_view what = failure.fault ? hal::to_string(*failure.fault) : std::string_view("session_refused");
  ++seen_.faults[std::string(what)];
  ++unreported_[std::string(what)];
  backoff.failed(settings_.pace, parts_.clock.monotonic(), chance(), {}, true);
}

void Sync::refused(Backoff& backoff, const cloud::Reply& reply) {
  const auto problem = cloud::read_problem(reply);
  const std::string_view what = problem ? to_string(problem->type) : std::string_view("not_understood");
  const auto at_least = cloud::retry_after(reply).value_or(std::chrono::seconds{0});
  failed(backoff, what, at_least);
}

void Sync::link_answered() {
  for (Backoff* backoff : {&upload_, &decisions_, &copies_, &clock_, &renew_, &health_})
    backoff->link_answered();
}

Sync::FeedState& Sync::state_of(Feed feed) {
  return feeds_[static_cast<std::size_t>(feed) - 1];
}

const Sync::FeedState& Sync::state_of(Feed feed) const {
  return feeds_[static_cast<std::size_t>(feed) - 1];
}

Backoff& Sync::backoff_of(Feed feed) {
  return feed == Feed::Decisions ? decisions_ : copies_;
}

bool Sync::verified(std::string_view key, std::string_view message, core::ByteView signature) const {
  if (signature.size() != security::kEs256SignatureBytes) return false;
  const std::span<const std::byte, security::kEs256SignatureBytes> bytes(signature.data(), signature.size());
  for (const auto* keys : {&settings_keys_, &settings_.keys}) {
    for (const cloud::CloudKey& one : *keys) {
      if (one.name.view() == key && security::verify_es256(one.public_key, core::as_bytes(message), bytes)) return true;
    }
  }
  return false;
}

// --- time ---

void Sync::ask_time() {
  const MonotonicTime asked = parts_.clock.monotonic();
  core::Bytes nonce;
  if (parts_.clock.wall().quality == WallQuality::Unknown) {
    nonce.resize(cloud::kNonceBytes);
    if (!parts_.random.fill(nonce)) return failed(clock_, "no_random_numbers");
  }
  auto done = while_alive([this, asked, nonce](const LinkResult& result) { time_answered(asked, nonce, result); });
  other_under_way_ = true;
  if (nonce.empty()) return parts_.link.open(std::move(done));
  const auto sent = parts_.link.ask_time(nonce, std::move(done));
  TILLKIT_ASSERT(sent.has_value());  // the nonce has its length
}

void Sync::time_answered(MonotonicTime asked, const core::Bytes& nonce, const LinkResult& result) {
  other_under_way_ = false;
  if (!result) return failed(clock_, result.error());
  const cloud::Reply reply = cloud::reply_of(*result);
  const auto session = cloud::read_session(reply, nonce);
  if (!session) return refused(clock_, reply);
  if (!learn_time(asked, nonce, *session)) return failed(clock_, "time_not_believed");
  clock_.succeeded();
  clock_asked_ = parts_.clock.monotonic();
}

Result<> Sync::learn_time(MonotonicTime asked, core::ByteView nonce, const cloud::Session& session) {
  // The cloud looked at its clock somewhere between question and answer.
  const MonotonicTime middle = asked + (parts_.clock.monotonic() - asked) / 2;
  if (!nonce.empty()) {
    const cloud::SignedTime& time = *session.signed_time;
    if (!verified(time.key.view(), time.message, time.signature)) return fail(ErrorCode::Corrupt);
    return parts_.clock.adopt_wall(time.at, middle);
  }
  const core::WallReading wall = parts_.clock.wall();
  const auto since = std::chrono::floor<milliseconds>(parts_.clock.monotonic() - middle);
  seen_.clock_off = session.server_time + since - wall.at;
  // A clock that somebody vouched for stays; one that was only carried on is put right.
  if (wall.quality == WallQuality::Trusted) return {};
  return parts_.clock.adopt_wall(session.server_time, middle);
}

// --- up ---

Result<> Sync::sign_head() {
  // One head per round: the records below it need no other, and each costs two flushes.
  if (head_ && head_->seq.value() > sent_) return {};
  TILLKIT_TRY(head_, parts_.journal.sign_head());
  return {};
}

void Sync::upload(const NextStep& step) {
  if (const auto head = sign_head(); !head) return failed(upload_, "head_not_signed");
  if (parts_.journal.first_seq().value() > step.from) return stop_upload(StopWhy::Broken);
  auto batch = make_batch(parts_.journal, *head_, step.from, step.bytes);
  if (!batch) return failed(upload_, "records_not_read");
  if (batch->too_personal > 0) seen_.faults["personal_left_behind"] += batch->too_personal;
  cloud::LinkRequest request = cloud::post(cloud::kUploadPath, std::move(batch->body));
  request.timeout = settings_.upload_timeout;
  request.answer_bytes_max = cloud::kLongAnswerBodyBytesMax;
  const Sent sent{.first = batch->first, .last = batch->last, .full = batch->full};
  upload_under_way_ = true;
  parts_.link.send(std::move(request),
                   while_alive([this, sent](const LinkResult& result) { upload_answered(sent, result); }));
}

void Sync::upload_answered(const Sent& sent, const LinkResult& result) {
  upload_under_way_ = false;
  if (!result) {
    if (result.error().error.code == ErrorCode::Timeout) batch_.halve();
    return failed(upload_, result.error());
  }
  const cloud::Reply reply = cloud::reply_of(*result);
  const auto answer = cloud::read_upload(reply);
  if (!answer) return upload_refused(answer.error(), reply);
  const std::int64_t before = sent_;
  if (answer->acknowledged > parts_.journal.last_seq().value()) {
    // It has records that this journal never had, or has lost: the file is an older copy.
    return stop_upload(StopWhy::Forked);
  }
  if (!acknowledge(*answer)) return failed(upload_, "not_acknowledged_here");
  batch_.passed(sent.full);
  seen_.uploaded_at = parts_.clock.wall();
  if (sent_ <= before) return failed(upload_, "nothing_taken");
  upload_.succeeded();
}

void Sync::upload_refused(const core::Error& error, const cloud::Reply& reply) {
  if (const auto why = stop_of(error)) return stop_upload(*why);
  if (cloud::is_problem(error, ProblemType::TooLarge)) batch_.halve();
  refused(upload_, reply);
}

/// Parked first: once it is acknowledged, nobody tells again what was refused.
Result<> Sync::acknowledge(const cloud::UploadAnswer& answer) {
  TILLKIT_TRY_VOID(park(answer.refused));
  const Seq seq{answer.acknowledged};
  if (seq > parts_.journal.acknowledged()) {
    TILLKIT_TRY_VOID(parts_.journal.acknowledge(seq));
  }
  // Less than before: the cloud was put back to an older state, and gets them again.
  sent_ = answer.acknowledged;
  return {};
}

Result<> Sync::park(const std::vector<cloud::RefusedRecord>& refused) {
  // In safe mode nothing is written; the cloud has its own list.
  if (parts_.journal.state() != journal::State::Running) return {};
  const journal::Tables& tables = parts_.journal.tables();
  std::vector<const cloud::RefusedRecord*> fresh;
  for (const cloud::RefusedRecord& one : refused) {
    if (one.seq > parts_.journal.last_seq().value()) continue;
    TILLKIT_TRY(const bool known, is_parked(tables, Seq{one.seq}));
    if (known) continue;
    const auto record = parts_.journal.read(Seq{one.seq});
    // A report about a report would have no end.
    if (record && record->kind == kRecordRefused) {
      ++seen_.faults["report_refused"];
      continue;
    }
    const auto same = [&](const cloud::RefusedRecord* other) { return other->seq == one.seq; };
    if (std::ranges::none_of(fresh, same)) fresh.push_back(&one);
  }
  for (std::size_t begin = 0; begin < fresh.size(); begin += kParkedPerCommit) {
    const auto some = std::span(fresh).subspan(begin, std::min(kParkedPerCommit, fresh.size() - begin));
    const auto parked = parts_.journal.commit([&](Tx& tx) { return append_refused(tx, some); });
    if (!parked) return std::unexpected(parked.error());
  }
  return {};
}

void Sync::stop_upload(StopWhy why) {
  stopped_ = why;
  head_.reset();
  const auto kept = parts_.journal.commit([&](Tx& tx) -> Result<> {
    TILLKIT_TRY(const auto known, upload_stop(tx));
    if (known) return {};
    core::JsonWriter json;
    json.begin_object().name("why").integer(static_cast<int>(why)).name("seq").integer(sent_ + 1);
    return append(tx, kUploadStopped, json);
  });
  // Not kept: this run uploads nothing more, and the next one is told once more.
  if (!kept) ++seen_.faults["stop_not_recorded"];
  parts_.host.upload_stopped(why);
}

// --- down ---

Result<std::string> Sync::cursor(Feed feed) const {
  const FeedState& state = state_of(feed);
  if (state.ahead) return *state.ahead;
  if (state.begin_anew) return std::string{};
  if (feed == Feed::Decisions) return news_cursor(parts_.journal.tables(), feed);
  return parts_.cache->cursor(kCopiesFeed);
}

void Sync::poll(const NextStep& step) {
  const MonotonicTime asked = parts_.clock.monotonic();
  const Feed feed = step.feed;
  if (feed == Feed::Copies) copies_asked_ = asked;
  const auto after = cursor(feed);
  if (!after) return failed(backoff_of(feed), "cursor_not_read");
  auto target = cloud::news_target(feed, *after, step.wait);
  if (!target) return failed(backoff_of(feed), "cursor_not_read");
  news_under_way_ = true;
  parts_.link.send(get(*std::move(target), step.wait + settings_.answer_timeout),
                   while_alive([this, feed, after = *after, asked](const LinkResult& result) {
                     page_arrived(feed, after, asked, result);
                   }));
}

Result<cloud::News> Sync::check_page(Feed feed, std::string_view cursor, const cloud::SignedPage& page) const {
  if (!verified(page.key.view(), page.message, page.signature)) return fail(ErrorCode::Corrupt);
  TILLKIT_TRY(cloud::News news, cloud::read_page(page.page()));
  if (news.terminal != settings_.terminal || news.feed != feed || news.after != cursor) return fail(ErrorCode::Corrupt);
  // What brings something moves the cursor; else the same would come for ever.
  const bool brings = news.more || !news.changes.empty() || news.passed_over > 0;
  if (brings && news.cursor == cursor) return fail(ErrorCode::Corrupt);
  const auto fits = [&](const cloud::Change& change) { return belongs_to(feed, change); };
  if (!std::ranges::all_of(news.changes, fits)) return fail(ErrorCode::Corrupt);
  return news;
}

void Sync::page_arrived(Feed feed, const std::string& cursor, MonotonicTime asked, const LinkResult& result) {
  news_under_way_ = false;
  Backoff& backoff = backoff_of(feed);
  if (!result) return failed(backoff, result.error());
  const cloud::Reply reply = cloud::reply_of(*result);
  const auto signed_page = cloud::read_news(reply);
  if (!signed_page) {
    FeedState& state = state_of(feed);
    const bool anew = cloud::is_problem(signed_page.error(), ProblemType::CursorUnknown) && !cursor.empty();
    if (!anew) return refused(backoff, reply);
    state.ahead.reset();
    state.begin_anew = true;
    return;
  }
  auto news = check_page(feed, cursor, *signed_page);
  if (!news) {
    ++seen_.bad_pages;
    return failed(backoff, "bad_page");
  }
  const bool idle = news->changes.empty() && news->passed_over == 0;
  if (feed == Feed::Decisions) decisions_due_ = idle && !news->more ? asked + kPollPause : MonotonicTime{};
  page_ = Page{.news = *std::move(news), .next = 0, .as_of = parts_.clock.wall()};
  news_under_way_ = true;
  if (idle) return page_taken();
  take_part();
}

/// One commit, or one step of the cache; the rest at the loop's next turn.
void Sync::take_part() {
  const bool decisions = page_->news.feed == Feed::Decisions;
  Result<std::size_t> end = std::min(page_->news.changes.size(), page_->next + kDecisionsPerCommit);
  if (decisions) {
    if (const auto taken = take_decisions(*end); !taken) end = std::unexpected(taken.error());
  } else {
    end = take_copies();
  }
  if (!end) return page_dropped(decisions ? "decisions_not_kept" : "copies_not_kept");
  seen_.taken += static_cast<std::int64_t>(*end - page_->next);
  page_->next = *end;
  if (!decisions) parts_.host.copies_taken();
  if (*end == page_->news.changes.size()) return page_taken();
}

Result<> Sync::take_decisions(std::size_t end) {
  const cloud::News& news = page_->news;
  return nothing(parts_.journal.commit([&](Tx& tx) -> Result<> {
    for (std::size_t i = page_->next; i < end; ++i)
      TILLKIT_TRY_VOID(take_decision(tx, news.changes[i], parts_.journal.id(), parts_.host));
    if (end < news.changes.size()) return {};
    core::JsonWriter json;
    json.begin_object().name("feed").integer(static_cast<int>(news.feed)).name("cursor").text(news.cursor);
    json.name("passed_over").integer(news.passed_over);
    return append(tx, kNewsTaken, json);
  }));
}

/// As many as fit into a step; says how far that is. The cursor goes with the last.
Result<std::size_t> Sync::take_copies() {
  const cloud::News& news = page_->news;
  std::size_t end = page_->next;
  std::int64_t passed_over = 0;
  const auto change = [&](journal::CacheTx& tx) -> Result<> {
    while (end < news.changes.size() && tx.rows_left() >= kCopyRowsMax) {
      TILLKIT_TRY(const bool kept, take_copy(tx, news.changes[end], page_->as_of, parts_.copies));
      if (!kept) ++passed_over;
      ++end;
    }
    return end < news.changes.size() ? Result<>{} : tx.move_cursor(kCopiesFeed, news.cursor);
  };
  TILLKIT_TRY_VOID(parts_.cache->step(change));
  seen_.passed_over += passed_over;
  return end;
}

void Sync::page_taken() {
  const Page page = *std::move(page_);
  page_.reset();
  news_under_way_ = false;
  const Feed feed = page.news.feed;
  // Where a cursor moves without bringing anything, nothing is written: what follows it can come again.
  FeedState& state = state_of(feed);
  state.ahead.reset();
  if (page.next == 0 && page.news.passed_over == 0) {
    state.ahead = page.news.cursor;
  } else {
    state.begin_anew = false;
  }
  backoff_of(feed).succeeded();
  seen_.passed_over += static_cast<std::int64_t>(page.news.passed_over);
  (feed == Feed::Decisions ? seen_.decisions_at : seen_.copies_at) = parts_.clock.wall();
  (feed == Feed::Decisions ? decisions_more_ : copies_more_) = page.news.more;
  if (feed == Feed::Copies || page.news.changes.empty()) return;
  const auto waiting = recalls_waiting(parts_.journal.tables());
  if (waiting && *waiting > 0 && !recalls_due_) recalls_due_ = parts_.clock.monotonic() + settings_.look_every;
  for (const cloud::Change& change : page.news.changes) {
    const auto* changed = std::get_if<cloud::SettingsChanged>(&change);
    if (changed == nullptr) continue;
    const auto stored = stored_settings(parts_.journal.tables());
    // An older message, or one that could not be taken.
    if (!stored || !*stored || (*stored)->number != changed->number) continue;
    settings_keys_ = changed->settings.keys;
    parts_.host.settings_changed(changed->settings);
  }
  parts_.host.decisions_taken();
}

void Sync::page_dropped(std::string_view why) {
  const Feed feed = page_->news.feed;
  page_.reset();
  news_under_way_ = false;
  failed(backoff_of(feed), why);
}

void Sync::give_back() {
  const auto done = parts_.journal.commit([&](Tx& tx) -> Result<> { return sync::give_back(tx, parts_.host); });
  if (!done) ++seen_.faults["not_given_back"];
  const auto waiting = recalls_waiting(parts_.journal.tables());
  recalls_due_.reset();
  if (!waiting || *waiting > 0) recalls_due_ = parts_.clock.monotonic() + settings_.look_every;
}

// --- the rest ---

void Sync::send_health() {
  auto report = parts_.host.health();
  const auto state = status();
  health_sent_ = parts_.clock.monotonic();
  if (!report || !state) return;
  report->at = parts_.clock.wall();
  report->unsent_records = state->backlog;
  if (state->oldest && state->oldest->at >= core::WallTime{}) report->oldest_unsent_at = state->oldest->at;
  report->parked_records = state->parked;
  for (const auto& [what, count] : unreported_) {
    const auto name = cloud::Name::parse(what);
    if (name && report->faults.size() < cloud::kHealthFaultsMax) report->faults.push_back({*name, count});
  }
  auto body = cloud::health_body(*report);
  if (!body) return failed(health_, "report_not_written");
  other_under_way_ = true;
  cloud::LinkRequest request = cloud::post(cloud::kHealthPath, *std::move(body));
  request.timeout = settings_.answer_timeout;
  parts_.link.send(std::move(request), while_alive([this, sent = unreported_](const LinkResult& result) {
                     other_under_way_ = false;
                     if (!result) return failed(health_, result.error());
                     const cloud::Reply reply = cloud::reply_of(*result);
                     const auto noted = cloud::read_health(reply);
                     if (!noted) return refused(health_, reply);
                     health_.succeeded();
                     for (const auto& [what, count] : sent) {
                       unreported_[what] -= count;
                       if (unreported_[what] == 0) unreported_.erase(what);
                     }
                   }));
}

void Sync::renew() {
  const auto wanted = parts_.host.certificate_request();
  if (!wanted) return failed(renew_, "no_certificate_request");
  auto body = cloud::renew_body(*wanted);
  if (!body) return failed(renew_, "no_certificate_request");
  other_under_way_ = true;
  cloud::LinkRequest request = cloud::post(cloud::kRenewPath, *std::move(body));
  request.timeout = settings_.answer_timeout;
  request.answer_bytes_max = cloud::kLongAnswerBodyBytesMax;
  parts_.link.send(std::move(request), while_alive([this](const LinkResult& result) {
                     other_under_way_ = false;
                     if (!result) return failed(renew_, result.error());
                     const cloud::Reply reply = cloud::reply_of(*result);
                     const auto credentials = cloud::read_renew(reply);
                     if (!credentials) return refused(renew_, reply);
                     if (!parts_.host.renewed(*credentials)) return failed(renew_, "certificate_not_kept");
                     settings_.keys = credentials->keys;
                     renew_.succeeded();
                   }));
}

}  // namespace tillkit::sync
