// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/cloud/upload.hpp"
#include "tillkit/journal/head.hpp"
#include "tillkit/journal/record.hpp"
#include "tillkit/security/crypto.hpp"

namespace tillkit::conformance {

/// A terminal's journal as its cloud sees it: a chain of records, and heads that the device signs.
class UploadedJournal {
 public:
  /// `crypto` must outlive it.
  UploadedJournal(const security::Crypto& crypto, security::KeyId key, const journal::JournalId& id)
      : crypto_(crypto), key_(key), id_(id) {}

  struct Personal {
    std::string field{};
    std::string salt{};
    std::string value{};
  };
  /// Appends a record; `sale` 0: of none; below 0: its own first. Returns its seq.
  std::int64_t add(std::string_view kind, std::int64_t sale, std::string body, std::vector<Personal> personal = {});
  /// A paid and closed sale of one thing; returns its number.
  std::int64_t sell(std::int64_t total_minor);

  /// Records from `first` to `last`, with a new head of the last record there is. `last` below `first`: none.
  [[nodiscard]] std::string upload(std::int64_t first, std::int64_t last);
  [[nodiscard]] std::string upload_all() { return upload(1, size()); }
  /// A body with a head that was made apart.
  [[nodiscard]] std::string upload_with(const cloud::Head& head, std::int64_t first, std::int64_t last) const;
  /// A head signed by the device, of whichever record, counter and chain value.
  [[nodiscard]] cloud::Head head(std::int64_t seq, std::uint64_t counter, std::optional<journal::Chain> chain = {});

  [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(records_.size()); }
  [[nodiscard]] std::string id() const { return journal::to_string(id_); }
  [[nodiscard]] const journal::JournalId& journal() const { return id_; }
  [[nodiscard]] const std::vector<journal::Record>& records() const { return records_; }
  /// Forgets what comes behind, as a file that was put back.
  void cut(std::int64_t size);

  std::uint64_t counter = 0;  ///< of the last head of `upload`

 private:
  const security::Crypto& crypto_;
  security::KeyId key_;
  journal::JournalId id_;
  std::vector<journal::Record> records_{};
  std::vector<std::vector<Personal>> personal_{};
};

}  // namespace tillkit::conformance
