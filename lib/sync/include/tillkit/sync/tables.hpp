// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/cloud/news.hpp"
#include "tillkit/cloud/upload.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/journal/record.hpp"
#include "tillkit/journal/statement.hpp"
#include "tillkit/journal/table_set.hpp"

/// What sync must remember, as the records add up to it.
namespace tillkit::sync {

/// Hand it to `journal::Journal::open`, behind those of members and ledger. Tables: `parked_records`, `upload_stop`,
/// `news_cursors`, `recalls`, `refused_decisions`, `double_redemptions`, `ceded_refunds`, `cloud_settings`.
extern const journal::TableSet kSyncTables;

/// Why nothing is uploaded any more. Stored in records; never renumber.
enum class StopWhy : std::uint8_t {
  Forked = 1,    ///< the cloud has another history of this journal: a restored or cloned device
  Broken = 2,    ///< what this terminal has does not continue what the cloud has
  NotYours = 3,  ///< another terminal has uploaded this journal
};
inline constexpr std::size_t kStopWhys = 3;
/// `forked`, `broken`, `not_yours`
[[nodiscard]] std::string_view to_string(StopWhy why);

/// Stored in records; never renumber.
enum class RecallWhat : std::uint8_t { Lease = 1, Coupon = 2, Refund = 3 };
inline constexpr std::size_t kRecallWhats = 3;

/// Something that the cloud wants back and a sale still holds.
struct Recall {
  RecallWhat what = RecallWhat::Lease;
  std::string id{};        ///< of a lease, a coupon, or a claim
  journal::SaleId sale{};  ///< of a claim
};

/// So many decisions that could not be taken are kept here; the journal has all.
inline constexpr std::int64_t kRefusedDecisionsKept = 1'000;
/// Recalls that wait; one more is a refused decision.
inline constexpr std::int64_t kRecallsMax = 10'000;

[[nodiscard]] core::Result<std::optional<StopWhy>> upload_stop(const journal::Tables& tables);
/// How far a feed is in the journal; empty: nothing yet.
[[nodiscard]] core::Result<std::string> news_cursor(const journal::Tables& tables, cloud::Feed feed);
/// Records that the cloud keeps and cannot use.
[[nodiscard]] core::Result<std::int64_t> parked_records(const journal::Tables& tables);
/// A record that the cloud keeps and cannot use.
struct Parked {
  journal::Seq seq{};
  cloud::RefusedWhy why = cloud::RefusedWhy::Other;
};
/// The oldest ones, at most so many.
[[nodiscard]] core::Result<std::vector<Parked>> parked(const journal::Tables& tables, std::size_t at_most);
[[nodiscard]] core::Result<bool> is_parked(const journal::Tables& tables, journal::Seq seq);
[[nodiscard]] core::Result<std::int64_t> refused_decisions(const journal::Tables& tables);
[[nodiscard]] core::Result<bool> is_refused(const journal::Tables& tables, std::string_view type, std::string_view id);
/// At most so many, by what and id.
[[nodiscard]] core::Result<std::vector<Recall>> recalls(const journal::Tables& tables, std::size_t at_most);
[[nodiscard]] core::Result<bool> is_recalled(const journal::Tables& tables, RecallWhat what, std::string_view id);
[[nodiscard]] core::Result<std::int64_t> recalls_waiting(const journal::Tables& tables);
[[nodiscard]] core::Result<bool> is_double_redemption_known(const journal::Tables& tables, std::string_view coupon,
                                                            journal::SaleId sale);
/// Whether another terminal may refund this sale. Whoever refunds here asks first: then this terminal must not.
[[nodiscard]] core::Result<bool> is_ceded(const journal::Tables& tables, journal::SaleId sale);

struct StoredSettings {
  std::int64_t number = 0;
  std::string json{};  ///< for `cloud::read_settings`
};
/// None: the cloud has sent none yet.
[[nodiscard]] core::Result<std::optional<StoredSettings>> stored_settings(const journal::Tables& tables);

}  // namespace tillkit::sync
