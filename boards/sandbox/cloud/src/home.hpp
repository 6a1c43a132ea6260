// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin.hpp"
#include "books.hpp"
#include "cloud.hpp"
#include "heard.hpp"
#include "news.hpp"

namespace tillkit::sandbox {

/// Who can say whose payment code it is.
class PayerFinder {
 public:
  struct FoundPayer {
    std::string wallet{};     ///< the contract's `Wallet`
    std::string reference{};  ///< a pseudonym of the payer at this merchant
  };
  virtual ~PayerFinder() = default;

  /// Asks the wallets that the code may belong to, the likeliest first, within the contract's 800 ms. May let go of the
  /// lock while it waits. None: nobody knows.
  [[nodiscard]] virtual core::Result<std::optional<FoundPayer>> find(const Caller& caller, const std::string& code,
                                                                     const std::vector<std::string>& wallets,
                                                                     Lock& lock) = 0;
};

/// How far a terminal's journal has come here.
struct JournalState {
  std::string terminal{};
  std::int64_t acknowledged = 0;
  std::string chain{};  ///< base64url, of the record `acknowledged`; empty: none
  struct Head {
    std::int64_t seq = 0;
    std::string chain{};
  };
  std::map<std::int64_t, Head> heads{};  ///< all that were seen, by counter
};

/// Where members, coupons, leases and journals are at home.
///
/// Storage has the records as they came, the cloud's own decisions, and a log with the order of both; the books are in
/// memory and made again from that log. What a request changes is one transaction. If that fails, memory is ahead of
/// storage and read again before the next request. All calls hold the cloud's lock.
class Home {
 public:
  Home(Cloud& cloud, PayerFinder& payers) : cloud_(cloud), payers_(payers) {}

  /// Reads storage, if it is not read. - As `Storage`.
  [[nodiscard]] core::Result<> ready();

  // upload.cpp
  [[nodiscard]] core::Result<HttpAnswer> upload(Call& call);

  // questions.cpp
  [[nodiscard]] core::Result<HttpAnswer> identify_member(Call& call);
  [[nodiscard]] core::Result<HttpAnswer> find_member(Call& call);
  [[nodiscard]] core::Result<HttpAnswer> claim_coupon(Call& call);
  [[nodiscard]] core::Result<HttpAnswer> lease(Call& call);
  [[nodiscard]] core::Result<HttpAnswer> claim_refund(Call& call);

  // feeds.cpp
  [[nodiscard]] core::Result<HttpAnswer> news(Call& call);
  [[nodiscard]] core::Result<HttpAnswer> events(Call& call);

  /// The books of a merchant; without a word they are empty.
  [[nodiscard]] Books& books(const std::string& merchant);

  /// Runs `work` in one transaction; what waits for news wakes up. After a failure memory is read again.
  [[nodiscard]] core::Result<> change(const std::function<core::Result<>(Tx&)>& work);
  /// Takes a decision: into the log, into the books, and what follows from it.
  [[nodiscard]] core::Result<> decide(Tx& tx, const std::string& merchant, const std::string& decision);
  /// The number that the next entry of the merchant's log gets.
  [[nodiscard]] std::int64_t next_number(const std::string& merchant) const;
  /// Puts a change into a stream beside the books: items, rule sets.
  [[nodiscard]] core::Result<> put_news(Tx& tx, const std::string& stream, const std::string& key,
                                        std::string_view change) {
    return news_.put(tx, stream, key, change);
  }

  [[nodiscard]] Cloud& cloud() { return cloud_; }

 private:
  struct Upload;

  core::Result<> load(Reader& reader);
  core::Result<> load_journals(Reader& reader);
  core::Result<> replay(Reader& reader, const std::string& merchant, std::int64_t number, std::string_view entry);
  core::Result<> replay_records(Reader& reader, Books& books, const core::JsonValue& entry);
  core::Result<std::int64_t> append_log(Tx& tx, const std::string& merchant, std::string_view entry);

  core::Result<> store_effects(Tx& tx, const Books& books, const Effects& effects);
  core::Result<> store_event(Tx& tx, const std::string& merchant, const BookEvent& event);
  core::Result<> store_member(Tx& tx, const Books& books, const std::string& name);
  core::Result<> put_gone(Tx& tx, const std::string& stream, const std::string& member);

  core::Result<std::optional<Problem>> check_upload(Upload& upload);
  core::Result<std::optional<Problem>> check_known(const Upload& upload);
  static core::Result<std::optional<std::string>> chain_at(Reader& reader, const Upload& upload, std::int64_t seq);
  core::Result<> store_upload(Tx& tx, Upload& upload, const Caller& caller);
  static core::Result<> take_record(Tx& tx, Books& books, const Heard& heard, const std::vector<PersonalPart>& personal,
                                    Effects& effects);
  core::Result<HttpAnswer> upload_answer(const Upload& upload);

  core::Result<HttpAnswer> member_answer(const Caller& caller, const std::optional<std::string>& member, bool proven);
  core::Result<HttpAnswer> refund_answer(const Caller& caller, const Books& books, const BookClaim& claim);
  core::Result<HttpAnswer> granted_refund(const BookClaim& claim, const BookSale& sale);
  core::Result<HttpAnswer> news_page(const Caller& caller, std::string_view feed, const std::string& cursor,
                                     const News::Page& page);

  Cloud& cloud_;
  PayerFinder& payers_;
  bool loaded_ = false;
  std::map<std::string, Books> books_;
  std::map<std::string, std::int64_t> log_last_;     // by merchant
  std::map<std::string, std::int64_t> events_last_;  // by merchant
  std::map<std::string, JournalState> journals_;
  News news_;
};

/// A member as the contract has it. `member` is resolved.
[[nodiscard]] core::Result<> write_member(core::JsonWriter& json, const Books& books, const std::string& member,
                                          core::WallTime now);
/// A terminal's own key for the draws of an offer, base64url: the same on each of its leases, and nobody's else.
[[nodiscard]] std::string draw_key_of(std::string_view secret, const std::string& terminal, const std::string& offer);
/// All its names.
[[nodiscard]] std::set<std::string> names_of(const Books& books, const std::string& member);

/// upload, news, identify_member, find_member, claim_coupon, lease, claim_refund, events.
void add_home_operations(Router& router, Home& home);

/// catalog, offers, member, give, issue, lease, recall, merge, revoke-id, settings, write-off, share, parked, books,
/// token, member-token, coupon-token.
void add_home_commands(Admin& admin, Home& home);

}  // namespace tillkit::sandbox
