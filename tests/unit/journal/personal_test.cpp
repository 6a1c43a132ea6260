// SPDX-License-Identifier: Apache-2.0

// Values about persons: encrypted beside the record, deleted for good, and the chain still verifies.

#include <array>
#include <string>
#include <string_view>

#include <catch2/catch_test_macros.hpp>

#include "till.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/json.hpp"

namespace tillkit::journal {
namespace {

using core::ErrorCode;

constexpr Kind kEnrolled = kind("test.enrolled");
constexpr std::string_view kPhone = "+8613812345678";
constexpr std::string_view kName = "王小明的妈妈";

Field field(std::string_view name) {
  return must(Field::parse(name));
}

Seq enrol(Journal& journal) {
  const std::array values{PersonalValue{field("phone"), kPhone}, PersonalValue{field("name"), kName}};
  return must(journal.commit([&](Tx& tx) -> core::Result<> {
           TILLKIT_TRY_VOID(tx.append({.kind = kEnrolled, .body = R"({"member":"M-1"})", .personal = values}));
           return {};
         }))
      .first;
}

core::Result<Committed> forget(Journal& journal, Seq seq) {
  return journal.commit([&](Tx& tx) { return tx.forget(seq); });
}

/// Everything that lies on the disk.
std::string files(const Till& till) {
  return bytes_of(till.file()) + bytes_of(till.wal());
}

TEST_CASE("personal values are read back, and the body shows only what a receiver can check", "[journal]") {
  Till till;
  const auto journal = till.open();
  const Seq seq = enrol(*journal);

  const auto values = must(journal->personal(seq));
  const Record record = must(journal->read(seq));

  REQUIRE(values.size() == 2);
  CHECK(values[0].field.view() == "name");
  CHECK(core::as_text(values[0].value.view()) == kName);
  CHECK(core::as_text(values[1].value.view()) == kPhone);
  const auto body = must(core::JsonDocument::parse(record.body));
  CHECK(must(must(body.root().member("member")).text()) == "M-1");
  for (const Personal& value : values) {
    const auto key = must(till.crypto->import_mac_key(value.salt));
    const auto shown = must(must(must(body.root().member("personal")).member(value.field.view())).text());
    CHECK(shown == core::encode_base64url(must(key.mac(value.value.view()))));
  }
  CHECK(must(journal->personal(Seq(1))).empty());
  CHECK(journal->verify().sound());
}

TEST_CASE("no personal value lies in the files in the clear", "[journal]") {
  Till till;
  auto journal = till.open();
  static_cast<void>(enrol(*journal));

  CHECK(files(till).find(kPhone) == std::string::npos);
  CHECK(files(till).find("13812345678") == std::string::npos);
  CHECK(files(till).find(kName) == std::string::npos);
  CHECK(files(till).find("M-1") != std::string::npos);  // the search finds what is there
  journal.reset();
  CHECK(files(till).find(kPhone) == std::string::npos);
  CHECK(files(till).find(kName) == std::string::npos);
}

TEST_CASE("the same value never looks the same twice", "[journal]") {
  Till till;
  const auto journal = till.open();
  const Seq first = enrol(*journal);
  const Seq second = enrol(*journal);

  CHECK(must(journal->read(first)).body != must(journal->read(second)).body);
  CHECK(must(journal->personal(first))[0].salt != must(journal->personal(second))[0].salt);
}

TEST_CASE("forgotten values are gone from the files, the chain holds, and the journal says that it forgot",
          "[journal]") {
  Till till;
  auto journal = till.open();
  const Seq seq = enrol(*journal);
  const Seq other = enrol(*journal);
  std::vector<std::string> traces;
  {
    journal.reset();
    Raw raw(till.file());
    for (const char* const column : {"salt", "ciphertext"}) {
      for (const char* const name : {"phone", "name"}) {
        traces.push_back(raw.text("SELECT " + std::string(column) + " FROM personal WHERE seq = " +
                                  std::to_string(seq.value()) + " AND field = '" + name + "'"));
      }
    }
  }
  for (const std::string& trace : traces) {
    REQUIRE(trace.size() >= 16);
    REQUIRE(files(till).find(trace) != std::string::npos);
  }
  journal = till.open();

  const Committed committed = must(forget(*journal, seq));

  CHECK(must(journal->personal(seq)).empty());
  CHECK(must(journal->personal(other)).size() == 2);
  for (const std::string& trace : traces)
    CHECK(files(till).find(trace) == std::string::npos);
  const Record record = must(journal->read(committed.first));
  CHECK(record.kind == kind("journal.forgotten"));
  CHECK(record.body == R"({"seq":)" + std::to_string(seq.value()) + R"(,"fields":["name","phone"]})");
  CHECK(journal->verify().sound());
  CHECK(failed_with(forget(*journal, seq), ErrorCode::NotFound));
  journal.reset();
  CHECK(till.open()->verify().sound());
}

TEST_CASE("values are forgotten out of the WAL, too, when they have never been in the file", "[journal]") {
  Till till;
  const auto journal = till.open();
  const auto before = bytes_of(till.wal()).size();
  const Seq seq = enrol(*journal);
  const auto personal = must(journal->personal(seq));
  const std::string salt(core::as_text(personal[0].salt));
  REQUIRE(files(till).find(salt) != std::string::npos);

  must(forget(*journal, seq));

  CHECK(files(till).find(salt) == std::string::npos);
  CHECK(bytes_of(till.wal()).size() < before + 4096);
}

TEST_CASE("what a reader keeps from being forgotten at once is forgotten at the next checkpoint", "[journal]") {
  Till till;
  const auto journal = till.open();
  const Seq seq = enrol(*journal);
  static_cast<void>(open_sale(*journal));
  const std::string salt(core::as_text(must(journal->personal(seq))[0].salt));

  must(journal->tables().each(kOpenSales, [&](SaleId, std::int64_t) -> core::Result<> {
    CHECK(forget(*journal, seq).has_value());
    return {};
  }));

  CHECK(must(journal->personal(seq)).empty());
  if (files(till).find(salt) != std::string::npos) CHECK(journal->checkpoint_due());
  must(journal->checkpoint());
  CHECK(files(till).find(salt) == std::string::npos);
  CHECK_FALSE(journal->checkpoint_due());
}

TEST_CASE("a process killed while it forgets has forgotten, at the latest with the next checkpoint, or not at all",
          "[journal][power]") {
  bool cut = true;
  bool seen_forgotten = false;
  for (std::uint64_t at = 1; cut; ++at) {
    CAPTURE(at);
    REQUIRE(at < 200);
    Till till;
    auto journal = till.open();
    const Seq seq = enrol(*journal);
    const std::string salt(core::as_text(must(journal->personal(seq))[0].salt));
    till.vfs.die_at(at);
    static_cast<void>(forget(*journal, seq));
    cut = till.vfs.died();
    journal.reset();
    till.vfs.heal();

    journal = till.open();

    CHECK(flaws(journal->verify()).empty());
    if (!must(journal->personal(seq)).empty()) continue;
    seen_forgotten = true;
    if (journal->checkpoint_due()) must(journal->checkpoint());
    CHECK(files(till).find(salt) == std::string::npos);
  }
  CHECK(seen_forgotten);
}

TEST_CASE("forgetting is all or nothing", "[journal]") {
  Till till;
  const auto journal = till.open();
  const Seq seq = enrol(*journal);

  const auto failed = journal->commit([&](Tx& tx) -> core::Result<> {
    TILLKIT_TRY_VOID(tx.forget(seq));
    return core::fail(ErrorCode::Cancelled);
  });

  CHECK(failed_with(failed, ErrorCode::Cancelled));
  CHECK(must(journal->personal(seq)).size() == 2);
  CHECK(journal->last_seq() == seq);
}

TEST_CASE("a personal value that was changed, or moved to another record, is found", "[journal]") {
  for (const char* const edit : {"UPDATE personal SET ciphertext = zeroblob(40) WHERE seq = 2 AND field = 'phone'",
                                 "UPDATE personal SET salt = zeroblob(16) WHERE seq = 2 AND field = 'phone'",
                                 "UPDATE personal SET (salt, ciphertext) = (SELECT salt, ciphertext FROM personal "
                                 "WHERE seq = 3 AND field = 'phone') "
                                 "WHERE seq = 2 AND field = 'phone'",
                                 "UPDATE personal SET field = 'phone2' WHERE seq = 2 AND field = 'phone'"}) {
    CAPTURE(edit);
    Till till;
    {
      const auto journal = till.open();
      static_cast<void>(enrol(*journal));
      static_cast<void>(enrol(*journal));
    }
    Raw(till.file()).run(edit);

    const auto journal = till.open();

    CHECK(failed_with(journal->personal(Seq(2)), ErrorCode::Corrupt));
    REQUIRE(journal->verify().flaws == 1);
    CHECK(flaws(journal->verify()).front().starts_with("personal_wrong 2 phone"));
  }
}

TEST_CASE("personal values without form are refused, and the commit can go on", "[journal]") {
  Till till;
  const auto journal = till.open();
  const std::string too_long(kPersonalValueBytesMax + 1, 'x');
  const auto refused = [&](Tx& tx, std::string_view body, std::span<const PersonalValue> values) {
    const auto result = tx.append({.kind = kEnrolled, .body = body, .personal = values});
    return result ? ErrorCode::Cancelled : result.error().code;
  };

  must(journal->commit([&](Tx& tx) -> core::Result<> {
    const std::array good{PersonalValue{field("phone"), kPhone}};
    const std::array twice{PersonalValue{field("phone"), kPhone}, PersonalValue{field("phone"), "1"}};
    const std::array empty{PersonalValue{field("phone"), ""}};
    const std::array nameless{PersonalValue{{}, "1"}};
    const std::array long_value{PersonalValue{field("phone"), too_long}};
    CHECK(refused(tx, R"({"personal":{}})", good) == ErrorCode::InvalidArgument);
    CHECK(refused(tx, R"({"a":1,})", good) == ErrorCode::InvalidArgument);
    CHECK(refused(tx, "{}", twice) == ErrorCode::InvalidArgument);
    CHECK(refused(tx, "{}", empty) == ErrorCode::InvalidArgument);
    CHECK(refused(tx, "{}", nameless) == ErrorCode::InvalidArgument);
    CHECK(refused(tx, "{}", long_value) == ErrorCode::InvalidArgument);
    std::vector<PersonalValue> many;
    for (std::size_t i = 0; i <= kPersonalPerRecordMax; ++i)
      many.push_back({field("f" + std::to_string(i)), "1"});
    CHECK(refused(tx, "{}", many) == ErrorCode::Exhausted);
    many.pop_back();
    CHECK(refused(tx, "{}", many) == ErrorCode::Cancelled);
    return {};
  }));

  CHECK(must(journal->personal(Seq(2))).size() == kPersonalPerRecordMax);
  CHECK(journal->verify().sound());
}

TEST_CASE("without random numbers no personal value is stored, and nothing of its commit", "[journal]") {
  Till till;
  const auto journal = till.open();
  for (std::uint64_t n = 1; n <= 4; ++n) {
    CAPTURE(n);
    till.random.faults().fail_call(n, {ErrorCode::Unavailable, core::ErrorSource::Device, 7});
    const std::array values{PersonalValue{field("phone"), kPhone}, PersonalValue{field("name"), kName}};

    // Even where the step drops the error.
    const auto failed = journal->commit([&](Tx& tx) -> core::Result<> {
      static_cast<void>(tx.append({.kind = kEnrolled, .body = "{}", .personal = values}));
      TILLKIT_TRY_VOID(tx.append({.kind = kPaid, .body = "{}"}));
      return {};
    });

    CHECK(failed_with(failed, ErrorCode::Unavailable));
    CHECK(journal->last_seq() == Seq(1));
  }
  CHECK(enrol(*journal) == Seq(2));
  CHECK(must(journal->personal(Seq(2))).size() == 2);
}

}  // namespace
}  // namespace tillkit::journal
