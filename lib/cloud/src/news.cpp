// SPDX-License-Identifier: Apache-2.0
#include "tillkit/cloud/news.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <string>
#include <system_error>
#include <utility>

#include "reading.hpp"
#include "tillkit/core/json_writer.hpp"

namespace tillkit::cloud {
namespace {

using core::ErrorCode;
using core::fail;
using core::JsonValue;
using core::JsonWriter;
using core::Result;

constexpr std::string_view kSignedBegin = "tillkit-news-1\n";
constexpr std::size_t kTiersMax = 16;
constexpr std::size_t kIdentitiesMax = 16;
constexpr std::size_t kHeldCouponsMax = 100;
constexpr std::int64_t kPointsWorthMax = 1'000'000;

constexpr core::JsonLimits kPageJsonLimits{
    .bytes_max = kNewsPageBytesMax, .depth_max = 32, .values_max = 32'768, .members_max = 1'024};

/// An object of another module's language, as a text of its own.
Result<std::string> read_object(const JsonValue& object, std::string_view name) {
  TILLKIT_TRY(const JsonValue value, object.member(name));
  if (value.kind() != core::JsonKind::Object) return value.mistake();
  JsonWriter json(kPageJsonLimits);
  json.value(value);
  return json.finish();
}

Result<Change> read_lease_granted(const JsonValue& change) {
  TILLKIT_TRY(const JsonValue lease, change.member("lease"));
  LeaseGranted granted;
  TILLKIT_TRY(granted.lease, read_lease_of(lease));
  return granted;
}

Result<Change> read_lease_recalled(const JsonValue& change) {
  LeaseRecalled recalled;
  TILLKIT_TRY(recalled.lease, read_id<LeaseId>(change, "lease"));
  return recalled;
}

Result<Change> read_coupon_placed(const JsonValue& change) {
  CouponPlaced placed;
  TILLKIT_TRY(const JsonValue coupon, change.member("coupon"));
  TILLKIT_TRY(placed.coupon, read_coupon(coupon));
  TILLKIT_TRY(placed.member, read_id_if_there<MemberId>(change, "member"));
  TILLKIT_TRY(placed.until, read_milliseconds(change, "until"));
  return placed;
}

Result<Change> read_coupon_recalled(const JsonValue& change) {
  CouponRecalled recalled;
  TILLKIT_TRY(recalled.coupon, read_id<Name>(change, "coupon"));
  return recalled;
}

Result<Change> read_merged(const JsonValue& change) {
  Merged merged;
  TILLKIT_TRY(merged.from, read_id<MemberId>(change, "from"));
  TILLKIT_TRY(merged.into, read_id<MemberId>(change, "into"));
  return merged;
}

Result<Change> read_double_redemption(const JsonValue& change) {
  DoubleRedemption twice;
  TILLKIT_TRY(twice.coupon, read_id<Name>(change, "coupon"));
  TILLKIT_TRY(twice.journal, read_journal(change, "journal"));
  TILLKIT_TRY(twice.sale, read_seq(change, "sale"));
  TILLKIT_TRY(twice.funder, read_id<Name>(change, "funder"));
  TILLKIT_TRY(twice.amount_minor, read_count(change, "amount_minor"));
  return twice;
}

Result<Change> read_refund_claimed(const JsonValue& change) {
  RefundClaimed claimed;
  TILLKIT_TRY(claimed.claim, read_id<core::OrderNumber>(change, "claim"));
  TILLKIT_TRY(claimed.journal, read_journal(change, "journal"));
  TILLKIT_TRY(claimed.sale, read_seq(change, "sale"));
  return claimed;
}

Result<TierStep> read_tier(const JsonValue& object) {
  TierStep step;
  TILLKIT_TRY(step.from, read_id_or_empty<Name>(object, "from"));
  TILLKIT_TRY(step.to, read_id<Name>(object, "to"));
  if (object.find("orders_at_least")) {
    constexpr std::int64_t kOrdersMax = std::numeric_limits<std::uint32_t>::max();
    TILLKIT_TRY(const std::int64_t orders, read_integer_in(object, "orders_at_least", 0, kOrdersMax));
    step.orders_at_least = static_cast<std::uint32_t>(orders);
  }
  if (object.find("spent_at_least_minor")) {
    TILLKIT_TRY(step.spent_at_least_minor, read_count(object, "spent_at_least_minor"));
  }
  return step;
}

Result<Settings> read_settings_of(const JsonValue& object) {
  Settings settings;
  TILLKIT_TRY(settings.enrol, read_word(object, "enrol", enrol_words()));
  if (const auto worth = object.find("points_worth")) {
    PointsWorth read;
    TILLKIT_TRY(read.points, read_integer_in(*worth, "points", 1, kPointsWorthMax));
    TILLKIT_TRY(read.minor, read_integer_in(*worth, "minor", 1, kPointsWorthMax));
    settings.points_worth = read;
  }
  TILLKIT_TRY(settings.keys, read_cloud_keys(object));
  TILLKIT_TRY(settings.first_tier, read_id_if_there<Name>(object, "first_tier"));
  TILLKIT_TRY(settings.tiers, read_list<TierStep>(object, "tiers", kTiersMax, read_tier));
  if (object.find("policies")) {
    TILLKIT_TRY(settings.policies, read_object(object, "policies"));
  }
  return settings;
}

Result<Change> read_settings_changed(const JsonValue& change) {
  SettingsChanged changed;
  TILLKIT_TRY(changed.number, read_count(change, "number"));
  TILLKIT_TRY(const JsonValue settings, change.member("settings"));
  TILLKIT_TRY(changed.settings, read_settings_of(settings));
  TILLKIT_TRY(changed.json, read_object(change, "settings"));
  return changed;
}

Result<Identity> read_identity(const JsonValue& object) {
  Identity identity;
  TILLKIT_TRY(identity.kind, read_word(object, "kind", identity_words()));
  TILLKIT_TRY(const JsonValue index, object.member("index"));
  TILLKIT_TRY(const std::string_view digits, index.text());
  const auto [end, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), identity.index);
  // One number, one text: no zeros in front, no minus before nothing.
  if (wrong != std::errc{} || end != digits.data() + digits.size() || std::to_string(identity.index) != digits) {
    return index.mistake();
  }
  return identity;
}

Result<Change> read_member_changed(const JsonValue& change) {
  MemberChanged changed;
  TILLKIT_TRY(const JsonValue member, change.member("member"));
  TILLKIT_TRY(changed.member, read_member_of(member));
  TILLKIT_TRY(changed.identities, read_list<Identity>(change, "identities", kIdentitiesMax, read_identity));
  TILLKIT_TRY(changed.coupons, read_list<Coupon>(change, "coupons", kHeldCouponsMax, read_coupon));
  return changed;
}

Result<Change> read_member_gone(const JsonValue& change) {
  MemberGone gone;
  TILLKIT_TRY(gone.member, read_id<MemberId>(change, "member"));
  return gone;
}

Result<Change> read_revoked(const JsonValue& change) {
  IdRevoked revoked;
  TILLKIT_TRY(revoked.id, read_id<Name>(change, "id"));
  return revoked;
}

Result<Change> read_item_changed(const JsonValue& change) {
  ItemChanged changed;
  TILLKIT_TRY(changed.item, read_object(change, "item"));
  return changed;
}

Result<Change> read_item_gone(const JsonValue& change) {
  ItemGone gone;
  TILLKIT_TRY(gone.item, read_id<Name>(change, "item"));
  return gone;
}

Result<Change> read_rule_set_changed(const JsonValue& change) {
  RuleSetChanged changed;
  TILLKIT_TRY(changed.rule_set, read_object(change, "rule_set"));
  return changed;
}

struct ChangeType {
  std::string_view name;
  Result<Change> (*read)(const JsonValue& change);
};

// clang-format off
constexpr std::array kChangeTypes{
    ChangeType{"lease_granted",     read_lease_granted},
    ChangeType{"lease_recalled",    read_lease_recalled},
    ChangeType{"coupon_placed",     read_coupon_placed},
    ChangeType{"coupon_recalled",   read_coupon_recalled},
    ChangeType{"merged",            read_merged},
    ChangeType{"double_redemption", read_double_redemption},
    ChangeType{"refund_claimed",    read_refund_claimed},
    ChangeType{"settings",          read_settings_changed},
    ChangeType{"member",            read_member_changed},
    ChangeType{"member_gone",       read_member_gone},
    ChangeType{"revoked",           read_revoked},
    ChangeType{"item",              read_item_changed},
    ChangeType{"item_gone",         read_item_gone},
    ChangeType{"rule_set",          read_rule_set_changed},
};
// clang-format on
static_assert(kChangeTypes.size() == std::variant_size_v<Change>);

bool is_cursor(std::string_view text) {
  return !text.empty() && text.size() <= kCursorCharactersMax && std::ranges::all_of(text, core::is_id_char);
}

Result<std::string> read_cursor(const JsonValue& object, std::string_view name, bool may_be_empty) {
  TILLKIT_TRY(const JsonValue value, object.member(name));
  TILLKIT_TRY(const std::string_view text, value.text());
  if (!is_cursor(text) && !(may_be_empty && text.empty())) return value.mistake();
  return std::string(text);
}

Result<> read_changes(const JsonValue& root, News& news) {
  TILLKIT_TRY(const JsonValue list, root.member("changes"));
  TILLKIT_TRY(const auto elements, list.elements());
  for (const JsonValue change : elements) {
    if (news.changes.size() + news.passed_over == kNewsChangesMax) return change.mistake();
    TILLKIT_TRY(const Name type, read_id<Name>(change, "type"));
    const auto found = std::ranges::find(kChangeTypes, type.view(), &ChangeType::name);
    if (found == kChangeTypes.end()) {
      ++news.passed_over;
      continue;
    }
    TILLKIT_TRY(Change read, found->read(change));
    news.changes.push_back(std::move(read));
  }
  return {};
}

Result<News> read_news_of(const JsonValue& root) {
  News news;
  TILLKIT_TRY(news.terminal, read_id<TerminalId>(root, "terminal"));
  TILLKIT_TRY(news.feed, read_word(root, "feed", feed_words()));
  TILLKIT_TRY(news.after, read_cursor(root, "after", true));
  TILLKIT_TRY(news.cursor, read_cursor(root, "cursor", false));
  TILLKIT_TRY(news.more, read_flag(root, "more"));
  TILLKIT_TRY_VOID(read_changes(root, news));
  return news;
}

Result<SignedPage> read_signed_page(const JsonValue& root) {
  SignedPage signed_page;
  TILLKIT_TRY(const JsonValue page, root.member("page"));
  TILLKIT_TRY(const std::string_view text, page.text());
  if (text.size() < 2 || text.size() > kNewsPageBytesMax) return page.mistake();
  signed_page.message = kSignedBegin;
  signed_page.message += text;
  TILLKIT_TRY(signed_page.key, read_id<Name>(root, "key"));
  TILLKIT_TRY(signed_page.signature, read_bytes<std::tuple_size_v<Signature>>(root, "signature"));
  return signed_page;
}

/// Reads a whole text with `read(root)`; whatever is wrong with it is `Corrupt`.
template <class T, class Read>
Result<T> read_text_of(std::string_view text, const Read& read) {
  const auto document = core::JsonDocument::parse(text, kPageJsonLimits);
  if (!document) return fail(ErrorCode::Corrupt, document.error().source, document.error().foreign);
  Result<T> value = read(document->root());
  if (!value) return fail(ErrorCode::Corrupt, value.error().source, value.error().foreign);
  return value;
}

}  // namespace

std::string_view SignedPage::page() const {
  return std::string_view(message).substr(std::min(message.size(), kSignedBegin.size()));
}

Result<std::string> news_target(Feed feed, std::string_view cursor, std::chrono::seconds wait) {
  if (wait < std::chrono::seconds::zero() || wait > kNewsWaitMax) return fail(ErrorCode::OutOfRange);
  if (!cursor.empty() && !is_cursor(cursor)) return fail(ErrorCode::InvalidArgument);
  std::string target = "/v1/news?feed=" + std::string(to_string(feed));
  // A cursor has no character that a query would have to escape.
  if (!cursor.empty()) target += "&cursor=" + std::string(cursor);
  if (wait > std::chrono::seconds::zero()) target += "&wait_s=" + std::to_string(wait.count());
  return target;
}

Result<SignedPage> read_news(const Reply& reply) {
  return read_reply<SignedPage>(reply, read_signed_page, kLongAnswerJsonLimits);
}

Result<News> read_page(std::string_view page) {
  return read_text_of<News>(page, read_news_of);
}

Result<Settings> read_settings(std::string_view json) {
  return read_text_of<Settings>(json, read_settings_of);
}

}  // namespace tillkit::cloud
