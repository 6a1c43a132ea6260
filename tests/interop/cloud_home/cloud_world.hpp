// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "home.hpp"
#include "sqlite_storage.hpp"
#include "tillkit/cloud/news.hpp"
#include "tillkit/cloud/upload.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/hal_virtual/key_store.hpp"
#include "tillkit/hal_virtual/random.hpp"
#include "tillkit/hal_virtual/world.hpp"
#include "tillkit/journal/head.hpp"
#include "tillkit/test/folder.hpp"

namespace tillkit::test {

/// The journal of a terminal, as far as a cloud sees it.
class UploadedJournal {
 public:
  /// `id` fills the journal's id.
  UploadedJournal(security::Crypto& crypto, security::KeyId key, int id);

  struct Personal {
    std::string field;
    std::string salt;
    std::string value;
  };
  /// Appends a record; `sale` 0: of none; below 0: its own first.
  std::int64_t add(std::string_view kind, std::int64_t sale, std::string body, std::vector<Personal> personal = {});
  /// A paid and closed sale; returns its number.
  std::int64_t sell(std::int64_t total, std::string_view member = {});

  /// Records from `first` to `last`, and a head of the last record there is.
  [[nodiscard]] std::string upload(std::int64_t first, std::int64_t last);
  [[nodiscard]] std::string upload_from(std::int64_t first) { return upload(first, size()); }
  [[nodiscard]] std::string upload_all() { return upload(1, size()); }
  /// A head of another record, or with other values.
  [[nodiscard]] cloud::Head head(std::int64_t seq, std::uint64_t counter, std::optional<journal::Chain> chain = {});
  [[nodiscard]] std::string upload_with(const cloud::Head& head, std::int64_t first, std::int64_t last);

  [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(records_.size()); }
  [[nodiscard]] std::string id() const { return journal::to_string(id_); }
  /// Forgets what comes behind, as a file that was put back.
  void cut(std::int64_t size);

  std::int64_t wall = 1'795'219'530'250;  ///< of the next record
  std::uint64_t counter = 0;

 private:
  security::Crypto& crypto_;
  security::KeyId key_;
  journal::JournalId id_{};
  std::vector<journal::Record> records_;
  std::vector<std::vector<Personal>> personal_;
};

/// Storage that fails as a program that dies: at an odd point just before that write commits, at an even one just
/// after.
class CutStorage final : public sandbox::Storage {
 public:
  explicit CutStorage(sandbox::Storage& storage) : storage_(storage) {}

  core::Result<> update(const std::function<core::Result<>(sandbox::Tx&)>& work) override;
  core::Result<> view(const std::function<core::Result<>(sandbox::Reader&)>& work) override {
    return storage_.view(work);
  }

  int cut_at = 0;  ///< 0: never
  int point = 0;

 private:
  sandbox::Storage& storage_;
};

/// A cloud with two merchants: `m` with stores `s1` (T1, T2) and `s2` (T3), `other` with store `o1` (T9).
class CloudWorld {
 public:
  CloudWorld();

  struct Answer {
    int status = 0;
    std::string body;
    [[nodiscard]] bool says(std::string_view text) const { return body.contains(text); }
  };
  Answer post(std::string_view terminal, std::string_view path, const std::string& body);
  Answer get(std::string_view terminal, std::string_view path, std::multimap<std::string, std::string> query,
             std::string_view token = {});
  /// A command about merchant `m`: the members behind `"merchant":"m",`.
  Answer admin(std::string_view command, std::string members);
  Answer upload(std::string_view terminal, const std::string& body) { return post(terminal, "/v1/journal", body); }
  /// Everything in a feed behind `cursor`, which moves; each page's signature is checked.
  std::vector<cloud::Change> news(std::string_view terminal, std::string_view feed, std::string& cursor,
                                  int wait_s = 0);
  std::string books() { return admin("books", "").body; }

  /// Another process over the same storage.
  void restart();
  UploadedJournal journal_of(std::string_view terminal, int id);

  struct Payers final : sandbox::PayerFinder {
    core::Result<std::optional<FoundPayer>> find(const sandbox::Caller&, const std::string& code,
                                                 const std::vector<std::string>&, sandbox::Lock&) override {
      if (code != "134567890123456789") return std::optional<FoundPayer>();
      return std::optional(FoundPayer{"wechat_pay", "p_7Hq2mXw0vT"});
    }
  };

  Folder folder;
  hal_virtual::World world;
  hal_virtual::VirtualKeyStore keys{world, 1};
  hal_virtual::VirtualRandom random{1};
  std::unique_ptr<security::Crypto> crypto;
  std::map<std::string, security::KeyId, std::less<>> key_of;
  std::unique_ptr<sandbox::Storage> sqlite;
  std::unique_ptr<CutStorage> storage;
  std::unique_ptr<sandbox::Authority> authority;
  Payers payers;
  std::unique_ptr<sandbox::Cloud> cloud;
  std::unique_ptr<sandbox::Home> home;
  std::unique_ptr<sandbox::Router> router;
  std::unique_ptr<sandbox::Admin> commands;

 private:
  void add_terminal(sandbox::Tx& tx, const std::string& terminal, const std::string& store,
                    const std::string& merchant);
};

}  // namespace tillkit::test
