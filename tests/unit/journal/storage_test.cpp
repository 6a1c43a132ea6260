// SPDX-License-Identifier: Apache-2.0

// The disk is full, the medium fails, the process dies at any write; the reserve, and safe mode.

#include <filesystem>
#include <fstream>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "till.hpp"

namespace tillkit::journal {
namespace {

using core::ErrorCode;
using Fault = WatchedVfs::Fault;

constexpr std::string_view kBody = R"({"text":"1234567890123456789012345678901234567890"})";

core::Result<Committed> put_three(Journal& journal) {
  return journal.commit([&](Tx& tx) -> core::Result<> {
    TILLKIT_TRY_VOID(tx.append({.kind = kOpened, .sale = SaleId(tx.next_seq().value()), .body = kBody}));
    TILLKIT_TRY_VOID(tx.append({.kind = kind("test.note"), .body = kBody}));
    TILLKIT_TRY_VOID(tx.append({.kind = kind("test.note"), .body = kBody}));
    return {};
  });
}

TEST_CASE("a disk that is full at any write of a commit leaves all as it was, and the journal goes on", "[journal]") {
  Till till;
  const auto journal = till.open();
  const SaleId sale = open_sale(*journal);
  bool met = true;
  for (std::uint64_t n = 1; met; ++n) {
    CAPTURE(n);
    REQUIRE(n < 100);
    const Seq last = journal->last_seq();
    const Chain chain = journal->last_chain();
    const auto sales = open_sales(journal->tables());
    till.vfs.fail(Fault::DiskFull, n);

    const auto committed = put_three(*journal);

    till.vfs.heal();
    met = !committed;
    if (!met) break;
    CHECK(committed.error().code == ErrorCode::Exhausted);
    CHECK(committed.error().source == core::ErrorSource::Sqlite);
    CHECK(journal->state() == State::Running);
    CHECK(journal->last_seq() == last);
    CHECK(journal->last_chain() == chain);
    CHECK(open_sales(journal->tables()) == sales);
    CHECK(failed_with(journal->read(Seq(last.value() + 1)), ErrorCode::NotFound));
    must(put(*journal, kPaid, sale));
    CHECK(journal->verify().sound());
  }
}

TEST_CASE("a commit that failed for lack of room does not come back after a restart", "[journal]") {
  for (std::uint64_t n = 1; n < 10; ++n) {
    CAPTURE(n);
    Till till;
    auto journal = till.open();
    till.vfs.fail(Fault::DiskFull, n);
    const bool committed = put_three(*journal).has_value();
    const Seq last = journal->last_seq();
    till.vfs.die_at(1);  // no tidying up
    journal.reset();
    till.vfs.heal();

    journal = till.open();

    CHECK(journal->last_seq() == Seq(last.value() + 1));
    CHECK(journal->verify().sound());
    if (committed) break;
  }
}

TEST_CASE("where a full disk may have taken the commit all the same, only a new start tells", "[journal]") {
  bool met = true;
  bool came_back = false;
  for (std::uint64_t n = 1; met; ++n) {
    CAPTURE(n);
    REQUIRE(n < 100);
    Till till;
    till.vfs.without_powersafe_overwrite();
    auto journal = till.open();
    const Seq last = journal->last_seq();
    till.vfs.fail(Fault::DiskFull, n);

    const auto committed = put_three(*journal);

    met = !committed;
    if (!met) break;
    CHECK(failed_with(committed, ErrorCode::Timeout));
    CHECK(journal->state() == State::Failed);
    till.vfs.die_at(1);
    journal.reset();
    till.vfs.heal();
    journal = till.open();
    came_back = came_back || journal->last_seq() == Seq(last.value() + 4);
    CHECK(journal->verify().sound());
  }
  CHECK(came_back);
}

TEST_CASE("a write that fails stops the journal: only a new start tells what is there", "[journal]") {
  bool met = true;
  for (std::uint64_t n = 1; met; ++n) {
    CAPTURE(n);
    REQUIRE(n < 100);
    Till till;
    auto journal = till.open();
    static_cast<void>(open_sale(*journal));
    till.vfs.fail(Fault::WriteFails, n);

    const auto committed = put_three(*journal);

    till.vfs.heal();
    met = !committed;
    if (!met) break;
    CHECK(failed_with(committed, ErrorCode::Timeout));
    CHECK(journal->state() == State::Failed);
    CHECK(journal->last_seq() == Seq(2));
    journal.reset();
    journal = till.open();
    CHECK(journal->last_seq() == Seq(3));  // the start
    CHECK(journal->verify().sound());
  }
}

TEST_CASE("a commit of any size is written when it is committed and not before, so a write that fails is seen",
          "[journal]") {
  const std::string body = R"({"text":")" + std::string(60'000, 'x') + R"("})";
  Till till;
  const auto journal = till.open();
  till.vfs.fail(Fault::WriteFails, 1);

  const auto committed = journal->commit([&](Tx& tx) -> core::Result<> {
    for (std::size_t i = 0; i < kRecordsPerCommitMax; ++i)
      TILLKIT_TRY_VOID(tx.append({.kind = kPaid, .body = body}));
    return {};
  });

  CHECK(failed_with(committed, ErrorCode::Timeout));
  CHECK(journal->state() == State::Failed);
}

TEST_CASE("after a flush that failed nothing is trusted until a new start", "[journal]") {
  Till till;
  auto journal = till.open();
  static_cast<void>(open_sale(*journal));
  till.vfs.fail(Fault::FlushFails, 1);

  const auto committed = put_three(*journal);

  CHECK(failed_with(committed, ErrorCode::Timeout));
  CHECK(committed.error().source == core::ErrorSource::Sqlite);
  CHECK(journal->state() == State::Failed);
  CHECK(journal->may_start_sale() == StartSale::StorageFailed);
  const auto before = till.vfs.counts();
  CHECK(failed_with(put(*journal, kPaid), ErrorCode::FailedPrecondition));
  CHECK(failed_with(journal->acknowledge(Seq(1)), ErrorCode::FailedPrecondition));
  CHECK(failed_with(journal->sign_head(), ErrorCode::FailedPrecondition));
  CHECK(failed_with(journal->snapshot(), ErrorCode::FailedPrecondition));
  CHECK(failed_with(journal->checkpoint(), ErrorCode::FailedPrecondition));
  CHECK(failed_with(journal->drop({.since = core::WallTime::max()}), ErrorCode::FailedPrecondition));
  // In memory nothing happened, and what was durable before can be read and sent.
  CHECK(journal->last_seq() == Seq(2));
  CHECK(must(journal->read(Seq(2))).kind == kOpened);
  CHECK(open_sales(journal->tables()).size() == 1);
  journal.reset();
  CHECK((till.vfs.counts() - before).writes == 0);

  journal = till.open();

  CHECK(journal->state() == State::Running);
  CHECK(journal->verify().sound());
}

TEST_CASE("a housekeeping write that fails stops the journal, too", "[journal]") {
  for (const Fault fault : {Fault::WriteFails, Fault::FlushFails}) {
    for (const int call : {0, 1, 2, 3, 4}) {
      CAPTURE(static_cast<int>(fault), call);
      Till till;
      auto journal = till.open();
      must(put(*journal, kPaid));
      must(journal->snapshot());
      must(journal->acknowledge(Seq(1)));
      till.vfs.fail(fault, 1);

      const auto code = [&]() -> ErrorCode {
        const auto of = [](const auto& result) { return result ? ErrorCode::Cancelled : result.error().code; };
        switch (call) {
          case 0: return of(journal->acknowledge(Seq(2)));
          case 1: return of(journal->sign_head());
          case 2: return of(journal->snapshot());
          case 3: return of(journal->drop({.since = core::WallTime::max()}));
          default: return of(journal->checkpoint());
        }
      }();

      CHECK(code == ErrorCode::Timeout);
      CHECK(journal->state() == State::Failed);
      till.vfs.heal();
      journal.reset();
      CHECK(till.open()->verify().sound());
    }
  }
}

TEST_CASE("a process killed at any write or flush loses no record that was committed", "[journal][power]") {
  bool cut = true;
  for (std::uint64_t at = 1; cut; ++at) {
    CAPTURE(at);
    REQUIRE(at < 1'000);
    Till till;
    auto journal = till.open();
    Seq committed = journal->last_seq();
    const auto keep = [&](const core::Result<Committed>& result) {
      if (result) committed = result->last;
    };
    till.vfs.die_at(at);

    keep(put(*journal, kOpened, SaleId(2), kBody));
    keep(put_three(*journal));
    static_cast<void>(journal->sign_head());
    if (const auto snapshot = journal->snapshot()) committed = *snapshot;
    static_cast<void>(journal->acknowledge(Seq(3)));
    static_cast<void>(journal->checkpoint());
    keep(put(*journal, kPaid, SaleId(2), kBody));
    static_cast<void>(journal->drop({.since = core::WallTime::max()}));
    keep(put(*journal, kClosed, SaleId(2), kBody));
    cut = till.vfs.died();
    journal.reset();
    till.vfs.heal();

    journal = till.open();

    CHECK(journal->state() == State::Running);
    CHECK(journal->last_seq() > committed);
    CHECK(flaws(journal->verify()).empty());
  }
}

TEST_CASE("a process killed while it starts can be started again, also for the first time", "[journal][power]") {
  bool cut = true;
  for (std::uint64_t at = 1; cut; ++at) {
    CAPTURE(at);
    REQUIRE(at < 1'000);
    Till till;
    till.vfs.die_at(at);
    static_cast<void>(till.try_open());
    cut = till.vfs.died();
    till.vfs.heal();

    auto journal = till.open();
    const Seq first = journal->last_seq();
    CHECK(first <= Seq(2));
    till.vfs.die_at(at);
    journal.reset();
    static_cast<void>(till.try_open());
    till.vfs.heal();
    journal = till.open();

    CHECK(journal->last_seq() > first);
    CHECK(flaws(journal->verify()).empty());
  }
}

TEST_CASE("no new sale begins without the reserve that finishing one needs; open ones are finished", "[journal]") {
  Till till;
  till.settings.quota_bytes = 200'000;
  till.settings.reserve_bytes = 100'000;
  const auto journal = till.open();
  CHECK(journal->may_start_sale() == StartSale::Allowed);
  const SaleId sale = open_sale(*journal);
  const std::string body = R"({"text":")" + std::string(5'000, 'x') + R"("})";

  while (journal->may_start_sale() == StartSale::Allowed)
    must(put(*journal, kind("test.note"), sale, body));
  CHECK(journal->may_start_sale() == StartSale::StorageFull);
  int finished = 0;
  core::Result<Committed> last;
  while ((last = put(*journal, kPaid, sale, body)))
    ++finished;

  CHECK(finished > 10);
  CHECK(failed_with(last, ErrorCode::Exhausted));
  CHECK(journal->state() == State::Running);
  CHECK(journal->verify().sound());

  // What is acknowledged and old gives room again.
  must(journal->acknowledge(journal->last_seq()));
  while (!journal->snapshot()) {
    REQUIRE(till.settings.quota_bytes < 1'000'000);
    till.settings.quota_bytes *= 2;
    FAIL("a snapshot of one open sale must fit where a sale no longer does");
  }
  for (bool more = true; more;)
    more = must(journal->drop({.since = core::WallTime::max()})).more;
  CHECK(journal->may_start_sale() == StartSale::Allowed);
}

class FewBytes final : public StorageSpace {
 public:
  core::Result<std::uint64_t> free = std::uint64_t{0};

 private:
  core::Result<std::uint64_t> do_free_bytes() override { return free; }
};

TEST_CASE("what the board says of the medium counts, too", "[journal]") {
  Till till;
  FewBytes space;
  till.settings.space = &space;
  till.settings.reserve_bytes = 1'000;
  const auto journal = till.open();

  space.free = 1'000;
  CHECK(journal->may_start_sale() == StartSale::Allowed);
  space.free = 999;
  CHECK(journal->may_start_sale() == StartSale::StorageFull);
  space.free = core::fail(ErrorCode::Unavailable);
  CHECK(journal->may_start_sale() == StartSale::StorageFailed);
}

TEST_CASE("after three failed starts in a row the terminal only shows what it has", "[journal]") {
  Till till;
  {
    const auto journal = till.open();
    must(put(*journal, kPaid));
  }
  for (int i = 0; i < 3; ++i)
    CHECK(must(till.try_open())->state() == State::Running);  // and then it crashes
  const Seq last = Seq(5);

  auto journal = must(till.try_open());

  CHECK(journal->state() == State::Safe);
  CHECK(journal->safe_reason() == SafeReason::FailedStarts);
  CHECK(journal->may_start_sale() == StartSale::SafeMode);
  CHECK(journal->last_seq() == last);
  CHECK(failed_with(put(*journal, kPaid), ErrorCode::FailedPrecondition));
  // Upload works.
  CHECK(must(journal->read(Seq(2))).kind == kPaid);
  CHECK(must(journal->sign_head()).seq == last);
  must(journal->acknowledge(last));
  CHECK(journal->acknowledged() == last);
  must(journal->checkpoint());
  CHECK(must(journal->drop({.since = core::WallTime::max()})).records == 0);  // there is no snapshot
  CHECK(journal->verify().sound());

  must(journal->start_succeeded());
  journal.reset();
  journal = till.open();
  CHECK(journal->state() == State::Running);
  CHECK(journal->acknowledged() == last);
  CHECK(must(put(*journal, kPaid)).last == Seq(7));
}

TEST_CASE("who has seen to failed starts lets the next one sell, as one after a failed start", "[journal]") {
  Till till;
  must(put(*till.open(), kPaid));
  FailedStarts failed(till.store);
  for (std::uint32_t i = 1; i < kFailedStartsMax; ++i)
    must(till.try_open());
  CHECK(must(failed.try_again()) == kFailedStartsMax - 1);
  CHECK(must(failed.count()) == kFailedStartsMax - 1);
  must(till.try_open());
  CHECK(must(till.try_open())->state() == State::Safe);

  CHECK(must(failed.try_again()) == kFailedStartsMax + 1);

  CHECK(must(failed.count()) == 1);
  for (std::uint32_t i = 1; i < kFailedStartsMax; ++i)
    CHECK(must(till.try_open())->state() == State::Running);
  CHECK(must(till.try_open())->state() == State::Safe);
}

TEST_CASE("a till.db that cannot be opened does not keep failed starts from being counted", "[journal]") {
  Till till;
  till.open().reset();
  std::ofstream(till.file(), std::ios::binary | std::ios::trunc) << std::string(5'000, 'x');

  for (std::uint32_t i = 0; i < 5; ++i) {
    CHECK(must(FailedStarts(till.store).count()) == i);
    CHECK(failed_with(till.try_open(), ErrorCode::Corrupt));
  }

  must(FailedStarts(till.store).succeeded());
  CHECK(must(FailedStarts(till.store).count()) == 0);
}

TEST_CASE("a damaged count of failed starts does not stop a terminal", "[journal]") {
  Till till;
  till.open().reset();
  const auto blobs = till.store.blobs();
  const hal::BlobId count{(std::uint64_t{2} << 32) | 1};
  REQUIRE(blobs.contains(count));
  for (const std::string_view text : {"", "x", "\x01\x00\x00\x00\x09\x00\x00\x00\x00", "\x02        "}) {
    auto changed = blobs;
    changed[count] = core::to_bytes(text);
    till.store.put_back(changed);
    CHECK(must(FailedStarts(till.store).count()) == 0);
  }
  till.store.damage(count);
  CHECK(must(FailedStarts(till.store).count()) == 0);
  CHECK(till.open()->state() == State::Running);
}

TEST_CASE("a start without the key store is refused, leaves the file as it was, and works later", "[journal]") {
  for (std::uint64_t n = 1;; ++n) {
    CAPTURE(n);
    REQUIRE(n < 50);
    Till till;
    till.open().reset();
    till.store.faults().fail_from(n, {ErrorCode::Unavailable, core::ErrorSource::Device, 77});

    const auto opened = till.try_open();

    till.store.faults().clear();
    if (opened) break;
    CHECK(failed_with(opened, ErrorCode::Unavailable));
    const auto journal = till.open();
    CHECK(journal->state() == State::Running);
    CHECK(journal->verify().sound());
  }
}

TEST_CASE("a counter that may or may not have risen is no reason to stop", "[journal]") {
  Till till;
  auto journal = till.open();
  // Call 1 reads the counter, call 2 advances it.
  till.store.faults().fail_call(2, {ErrorCode::Timeout, core::ErrorSource::Device, 1});
  CHECK(failed_with(journal->sign_head(), ErrorCode::Timeout));
  till.store.faults().fail_call(2, {ErrorCode::Unavailable, core::ErrorSource::Device, 1});
  CHECK(failed_with(journal->sign_head(), ErrorCode::Unavailable));

  const std::uint64_t counter = must(journal->sign_head()).counter;
  CHECK(must(journal->sign_head()).counter == counter + 1);
  till.store.faults().fail_call(2, {ErrorCode::Unavailable, core::ErrorSource::Device, 1});
  CHECK_FALSE(journal->sign_head().has_value());
  journal.reset();

  CHECK(till.open()->state() == State::Running);
}

/// A key store with which somebody else counts, too.
class SharedKeyStore final : public hal::KeyStore {
 public:
  explicit SharedKeyStore(hal::KeyStore& own) : own_(own) {}
  bool shared = false;

 private:
  core::Result<> do_derive_key(std::string_view label, std::span<std::byte, hal::kDerivedKeyBytes> key) override {
    return own_.derive_key(label, key);
  }
  core::Result<core::Bytes> do_read(hal::BlobId blob) override { return own_.read(blob); }
  core::Result<> do_write(hal::BlobId blob, std::span<const std::byte> bytes) override {
    return own_.write(blob, bytes);
  }
  core::Result<> do_erase(hal::BlobId blob) override { return own_.erase(blob); }
  core::Result<std::uint64_t> do_counter() override { return own_.counter(); }
  core::Result<std::uint64_t> do_advance_counter() override {
    if (shared) TILLKIT_TRY_VOID(own_.advance_counter());
    return own_.advance_counter();
  }

  hal::KeyStore& own_;
};

TEST_CASE("where somebody else counts with the key store no head is signed, and no start trusts it", "[journal]") {
  Till till;
  SharedKeyStore store(till.store);
  const Parts parts{till.clock, store, till.random, *till.crypto, till.signing_key};
  auto journal = must(Journal::open(till.settings, parts, till.sets));
  must(journal->sign_head());
  store.shared = true;

  CHECK(failed_with(journal->sign_head(), ErrorCode::Corrupt));

  journal.reset();
  CHECK(must(Journal::open(till.settings, parts, till.sets))->safe_reason() == SafeReason::RolledBack);
}

TEST_CASE("two processes cannot have one journal", "[journal]") {
  Till till;
  const auto journal = till.open();

  CHECK(failed_with(till.try_open(), ErrorCode::Unavailable));

  CHECK(must(put(*journal, kPaid)).last == Seq(2));
}

}  // namespace
}  // namespace tillkit::journal
