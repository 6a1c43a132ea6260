// SPDX-License-Identifier: Apache-2.0
// The journal's own power cuts: an update that migrates, records that are dropped, safe mode. What was promised before
// the power went is there afterwards, the chain holds, and the tables are what the records add up to.
#include <algorithm>
#include <array>
#include <functional>
#include <iostream>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "some_sales.hpp"
#include "tillkit/hal_virtual/clock.hpp"
#include "tillkit/hal_virtual/key_store.hpp"
#include "tillkit/hal_virtual/random.hpp"
#include "tillkit/hal_virtual/world.hpp"
#include "tillkit/journal/failed_starts.hpp"
#include "tillkit/test/disk_vfs.hpp"
#include "tillkit/test/power_cuts.hpp"
#include "tillkit/test/seed.hpp"

namespace tillkit::test {
namespace {

using core::ErrorCode;
using core::Result;
using journal::must;
using journal::Record;
using journal::SaleId;
using journal::Seq;
using journal::State;
using journal::TableSet;

constexpr core::WallTime kAlways = core::WallTime::max();
constexpr std::string_view kPrice = R"({"amount":1230})";

/// What a program said was durable.
struct Promise {
  std::map<std::int64_t, std::string> records;  ///< by seq: kind and body
  std::map<std::int64_t, std::int64_t> sales;   ///< open ones, with what was paid
  Seq acknowledged;
  Seq first;  ///< the oldest that was not dropped
};

/// A terminal that keeps a journal and does nothing else. Its key store, clock and promises live through cuts.
class Terminal : public Subject {
 public:
  void lose_power() override { stop(); }

  Verdict judge() override {
    if (journal_ == nullptr || journal_->state() != State::Running) return {.broken = "the terminal does not start"};
    Verdict verdict{.broken = broken_};
    for (const auto& [seq, words] : promise_.records) {
      if (Seq(seq) < journal_->first_seq()) continue;
      const auto record = journal_->read(Seq(seq));
      if (!record || words_of(*record) != words) ++verdict.lost;
    }
    const auto open = journal::open_sales(journal_->tables());
    for (const auto& sale : promise_.sales) {
      if (std::ranges::find(open, std::pair(sale.first, sale.second)) == open.end()) ++verdict.lost;
    }
    if (journal_->acknowledged() < promise_.acknowledged) ++verdict.lost;
    const auto report = journal_->verify();
    if (!report.sound()) verdict.broken = "verify: " + journal::flaws(report).front();
    if (!report.tables_compared) verdict.broken = "the tables were not compared";
    if (verdict.broken.empty()) verdict.broken = more_that_is_broken();
    return verdict;
  }

 protected:
  explicit Terminal(Disk& disk) : disk_(disk), clock_(world_), store_(world_, 1), random_(7), vfs_(disk) {
    crypto_ = must(security::Crypto::start(store_, random_));
    key_ = must(crypto_->create_signing_key(1));
  }

  virtual std::string more_that_is_broken() { return {}; }

  Result<> open(const TableSet& set) {
    const std::array sets{set};
    TILLKIT_TRY(journal_, journal::Journal::open({.path = "till.db", .vfs = vfs_.name()},
                                                 {clock_, store_, random_, *crypto_, key_}, sets));
    return {};
  }
  /// A start that works.
  bool start(const TableSet& set = journal::kTestSet) {
    return open(set).has_value() && journal_->state() == State::Running && journal_->start_succeeded().has_value();
  }
  void stop() { journal_.reset(); }
  /// What happened before the test begins is on the disk; `dirty`: the newest of it in the WAL.
  void begin_here(bool dirty) {
    if (dirty) disk_.cut();
    stop();
    disk_.restart(Damage::KeepAll, 0);
  }

  bool put(journal::Kind kind, SaleId sale, std::string_view body = "{}") {
    const auto committed = journal::put(*journal_, kind, sale, body);
    if (committed) promise_.records[committed->last.value()] = std::string(kind.view()) + std::string(body);
    return committed.has_value();
  }
  std::optional<SaleId> open_sale() {
    const SaleId sale(journal_->last_seq().value() + 1);
    if (!put(journal::kOpened, sale)) return std::nullopt;
    promise_.sales[sale.value()] = 0;
    return sale;
  }
  bool pay(SaleId sale) {
    promise_.sales.erase(sale.value());  // from here on it may be paid
    if (!put(journal::kPaid, sale, kPrice)) return false;
    promise_.sales[sale.value()] = static_cast<std::int64_t>(kPrice.size());
    return true;
  }
  bool close(SaleId sale) {
    promise_.sales.erase(sale.value());
    return put(journal::kClosed, sale);
  }
  bool sell() {
    const auto sale = open_sale();
    return sale && pay(*sale);
  }
  bool acknowledge(Seq seq) {
    if (!journal_->acknowledge(seq)) return false;
    promise_.acknowledged = std::max(promise_.acknowledged, seq);
    return true;
  }

  static std::string words_of(const Record& record) { return std::string(record.kind.view()) + record.body; }

  Disk& disk_;
  hal_virtual::World world_;
  hal_virtual::VirtualClock clock_;
  hal_virtual::VirtualKeyStore store_;
  hal_virtual::VirtualRandom random_;
  DiskVfs vfs_;
  std::unique_ptr<security::Crypto> crypto_;
  security::KeyId key_;
  std::unique_ptr<journal::Journal> journal_;
  Promise promise_;
  std::string broken_;
};

// --- an update ---

constexpr std::string_view kOne[] = {
    "CREATE TABLE open_sales(sale INTEGER PRIMARY KEY, paid INTEGER NOT NULL, note TEXT) STRICT"};
constexpr std::string_view kTwo[] = {
    "ALTER TABLE open_sales RENAME TO old_sales",
    "CREATE TABLE open_sales(sale INTEGER PRIMARY KEY, paid INTEGER NOT NULL, note TEXT, "
    "tip INTEGER NOT NULL DEFAULT 0) STRICT",
    "INSERT INTO open_sales(sale, paid, note) SELECT sale, paid, note FROM old_sales", "DROP TABLE old_sales"};
constexpr std::string_view kThree[] = {"UPDATE open_sales SET tip = tip + paid + 1",  // a second time would show
                                       "CREATE INDEX open_sales_by_paid ON open_sales(paid)"};
constexpr journal::Migration kAll[] = {kOne, kTwo, kThree};

TableSet release(std::size_t version) {
  return {"test", std::span(kAll).first(version), journal::kTestTables, &journal::apply_test};
}

constexpr journal::Statement<std::tuple<SaleId, std::int64_t>()> kTips{"SELECT sale, tip FROM open_sales"};

struct Update {
  bool dirty = false;        ///< the older program was killed
  bool older_first = false;  ///< after a cut somebody starts the older program once more
};

/// The first release's program has open sales; the third one's program is installed over it, and sells.
class Migration final : public Terminal {
 public:
  Migration(Disk& disk, const Update& update) : Terminal(disk), update_(update) {
    if (!start(release(1)) || !sell() || !sell() || !open_sale()) broken_ = "the old program does not work";
    for (const auto& [sale, paid] : promise_.sales)
      tips_[sale] = paid + 1;
    begin_here(update.dirty);
  }

  void run() override {
    if (start(release(3))) static_cast<void>(sell());
  }

  void recover() override {
    if (update_.older_first) start_older();
    static_cast<void>(start(release(3)));
  }

 private:
  /// Old tables or new ones: it works as it did, or knows that it must not touch them.
  void start_older() {
    must(journal::FailedStarts(store_).succeeded());
    const auto opened = open(release(1));
    if (opened) {
      const auto sales = journal::open_sales(journal_->tables());
      if (sales.size() != tips_.size() || !journal_->verify().sound()) broken_ = "the older program finds other tables";
      must(journal_->start_succeeded());
    } else if (disk_.has_power() && disk_.faults_struck() == 0 && opened.error().code != ErrorCode::Unsupported) {
      broken_ = "the older program finds neither its tables nor newer ones";
    }
    stop();
    if (disk_.has_power()) must(journal::FailedStarts(store_).succeeded());
  }

  std::string more_that_is_broken() override {
    std::map<std::int64_t, std::int64_t> tips;
    must(journal_->tables().each(kTips, [&](SaleId sale, std::int64_t tip) -> Result<> {
      tips[sale.value()] = tip;
      return {};
    }));
    for (const auto& [sale, tip] : tips_) {
      if (tips[sale] != tip) return "a sale was not migrated once";
    }
    return {};
  }

  Update update_;
  std::map<std::int64_t, std::int64_t> tips_;
};

// --- what may go, goes ---

/// Sells, signs its head, is acknowledged, takes snapshots, drops and checkpoints; again after each cut.
class Dropping final : public Terminal {
 public:
  explicit Dropping(Disk& disk) : Terminal(disk) {
    if (!start()) broken_ = "the terminal does not work";
    begin_here(false);
  }

  void run() override {
    if (!start()) return;
    const auto kept = open_sale();
    if (!kept || !sell() || !sell()) return;
    // The newest stays although it is acknowledged, and of the rest what the cloud does not have yet.
    if (!sign() || !acknowledge(Seq(journal_->last_seq().value() - 1)) || !snapshot() || !drop(*kept)) return;
    if (!journal_->checkpoint() || !sell() || !pay(*kept) || !close(*kept)) return;
    if (!acknowledge(journal_->last_seq()) || !snapshot() || !drop({})) return;
    if (journal_->checkpoint()) static_cast<void>(sell());
  }

  void recover() override {
    if (!start() || !drop({}) || !snapshot() || !sign() || !drop({})) return;
    static_cast<void>(journal_->checkpoint());
  }

 private:
  bool sign() {
    const auto head = journal_->sign_head();
    if (head && !counters_.insert(head->counter).second) broken_ = "two heads have one counter";
    return head.has_value();
  }

  bool snapshot() {
    const auto seq = journal_->snapshot();
    // One that failed may be there all the same.
    newest_snapshot_ = seq ? *seq : Seq(journal_->last_seq().value() + 1);
    return seq.has_value();
  }

  /// All that may go, and of the sale that is named nothing.
  bool drop(SaleId kept) {
    const Seq from = kept == SaleId{} ? Seq(std::numeric_limits<std::int64_t>::max()) : Seq(kept.value());
    const auto dropped = journal_->drop({.since = kAlways, .from = from});
    const Seq allowed = std::min({Seq(journal_->acknowledged().value() + 1), newest_snapshot_, from});
    if (journal_->first_seq() > std::max(Seq(1), allowed)) broken_ = "something was dropped that had to stay";
    if (!dropped) return false;
    promise_.first = journal_->first_seq();
    return true;
  }

  std::string more_that_is_broken() override {
    if (journal_->first_seq() < promise_.first) return "what was dropped has come back";
    for (Seq seq = journal_->first_seq(); seq <= journal_->last_seq(); seq = Seq(seq.value() + 1)) {
      if (!journal_->read(seq)) return "there is a gap";
    }
    if (!promise_.records.empty() && journal_->last_seq().value() < promise_.records.rbegin()->first)
      return "the end is gone";
    return {};
  }

  Seq newest_snapshot_;
  std::set<std::uint64_t> counters_;
};

// --- three starts that failed ---

/// Three starts crash, the fourth is in safe mode: it shows all that it has, and writes nothing until the upload is
/// acknowledged. Then somebody has repaired what was wrong, and it sells.
class SafeMode final : public Terminal {
 public:
  SafeMode(Disk& disk, bool dirty) : Terminal(disk) {
    if (!start() || !sell() || !open_sale()) broken_ = "the terminal does not work";
    begin_here(dirty);
  }

  void run() override {
    for (int crash = 0; crash < 3; ++crash) {
      if (!open(journal::kTestSet)) return;
      if (journal_->state() != State::Running) return;
      stop();
    }
    if (!open(journal::kTestSet)) return;
    if (journal_->state() != State::Safe) broken_ = "three failed starts are no reason for it";
    come_back();
  }

  void recover() override {
    if (!open(journal::kTestSet)) return;
    if (journal_->state() == State::Safe) {
      come_back();
    } else if (journal_->start_succeeded()) {
      static_cast<void>(sell());
    }
  }

 private:
  void come_back() {
    look();
    if (!acknowledge(Seq(2))) return;  // the upload works
    stop();
    must(journal::FailedStarts(store_).succeeded());
    if (start()) static_cast<void>(sell());
  }

  /// Everything can be seen, and nothing changes.
  void look() {
    const auto bytes = disk_.counts().bytes_written;
    const std::string seen = what_is_wrong();
    const bool undisturbed = disk_.has_power() && disk_.faults_struck() == 0;
    if (!undisturbed) return;
    if (!seen.empty()) broken_ = seen;
    if (disk_.counts().bytes_written != bytes) broken_ = "safe mode writes";
  }

  std::string what_is_wrong() {
    if (journal_->safe_reason() != journal::SafeReason::FailedStarts) return "safe mode for another reason";
    if (journal_->may_start_sale() != journal::StartSale::SafeMode) return "safe mode sells";
    const Seq last = journal_->last_seq();
    const auto refused = journal::put(*journal_, journal::kPaid);
    if (refused || refused.error().code != ErrorCode::FailedPrecondition) return "safe mode takes records";
    if (journal_->snapshot() || journal_->last_seq() != last) return "safe mode takes snapshots";
    std::int64_t lines = 0;
    const auto exported = journal_->export_lines([&](std::string_view) -> Result<> {
      ++lines;
      return {};
    });
    if (!exported || !exported->whole || lines != last.value()) return "the export is not whole";
    for (const auto& [seq, words] : promise_.records) {
      const auto record = journal_->read(Seq(seq));
      if (!record || words_of(*record) != words) return "a record cannot be read in safe mode";
    }
    return journal_->verify().sound() ? "" : "safe mode finds the file unsound";
  }
};

// --- the runs ---

using Begin = std::function<std::unique_ptr<Subject>(Disk&)>;

constexpr bool kEmulated = sizeof(void*) == 4;
constexpr std::array kFewDamages{Damage::Scatter};

PowerPlan plan() {
  PowerPlan plan{.seed = seed(), .recovery_cuts_max = kEmulated ? 1U : 2U};
  if (kEmulated) {
    plan.damages = kFewDamages;
    plan.cuts_max = 60;
  }
  return plan;
}

void check(const Report& report) {
  std::cout << table(std::span(&report, 1));
  INFO(report.text());
  CHECK(report.lawful());
}

void check_everywhere(const std::string& name, const Begin& begin) {
  check(cut_everywhere({name, begin}, plan()));
  if (kEmulated) return;
  PowerPlan few = plan();
  few.recovery_cuts_max = 0;
  check(fail_everywhere({name + ", I/O error", begin}, few));
  check(fill_everywhere({name + ", full disk", begin}, few));
}

TEST_CASE("power may go anywhere: migration", "[power][journal]") {
  check_everywhere("migration", [](Disk& disk) { return std::make_unique<Migration>(disk, Update{}); });
}

TEST_CASE("power may go anywhere: migration of what lies in the WAL", "[power][journal]") {
  check_everywhere("migration, WAL",
                   [](Disk& disk) { return std::make_unique<Migration>(disk, Update{.dirty = true}); });
}

TEST_CASE("power may go anywhere: migration, then the older program once more", "[power][journal]") {
  check_everywhere("migration, older program", [](Disk& disk) {
    return std::make_unique<Migration>(disk, Update{.dirty = true, .older_first = true});
  });
}

TEST_CASE("power may go anywhere: snapshot and drop", "[power][journal]") {
  check_everywhere("snapshot and drop", [](Disk& disk) { return std::make_unique<Dropping>(disk); });
}

TEST_CASE("power may go anywhere: safe mode", "[power][journal]") {
  check_everywhere("safe mode", [](Disk& disk) { return std::make_unique<SafeMode>(disk, false); });
}

TEST_CASE("power may go anywhere: safe mode that finds a WAL", "[power][journal]") {
  check_everywhere("safe mode, WAL", [](Disk& disk) { return std::make_unique<SafeMode>(disk, true); });
}

}  // namespace
}  // namespace tillkit::test
