// SPDX-License-Identifier: Apache-2.0

// Whatever happened to the file: what can be read is handed out, and what cannot is said.

#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "till.hpp"
#include "tillkit/core/json.hpp"

namespace tillkit::journal {
namespace {

struct Exported {
  ExportReport report;
  std::vector<std::string> lines;
  std::set<std::int64_t> seqs;
};

Exported export_of(const Till& till) {
  Exported exported;
  exported.report = must(export_file(till.file(), till.vfs.name(), [&](std::string_view line) -> core::Result<> {
    exported.lines.emplace_back(line);
    const auto json = core::JsonDocument::parse(line);
    CHECK(json.has_value());
    if (json && json->root().find("seq")) exported.seqs.insert(must(json->root().find("seq")->integer()));
    return {};
  }));
  return exported;
}

void fill(Till& till, std::size_t records) {
  const auto journal = till.open();
  for (std::size_t i = 0; i < records; ++i) {
    must(put(*journal, kind("test.note"), SaleId(2),
             R"({"text":")" + std::string(200 + i % 300, 'x') + R"(","n":)" + std::to_string(i) + "}"));
  }
}

TEST_CASE("a sound file is exported whole, record by record", "[journal]") {
  Till till;
  fill(till, 3);

  const Exported exported = export_of(till);

  CHECK_FALSE(std::filesystem::exists(till.wal()));
  CHECK(exported.report.whole);
  CHECK(exported.report.records == 4);
  CHECK(exported.report.unreadable.empty());
  CHECK(exported.report.opened.has_value());
  const auto json = must(core::JsonDocument::parse(exported.lines.at(1)));
  CHECK(must(must(json.root().member("seq")).integer()) == 2);
  CHECK(must(must(json.root().member("kind")).text()) == "test.note");
  CHECK(must(must(must(json.root().member("body")).member("n")).integer()) == 0);
  CHECK(must(must(json.root().member("quality")).text()) == "trusted");
  CHECK(must(must(json.root().member("chain")).text()).size() == 64);
  CHECK(must(must(json.root().member("seal")).text()).size() == 32);
}

TEST_CASE("a running journal exports the same", "[journal]") {
  Till till;
  fill(till, 3);
  const auto journal = till.open();
  std::vector<std::string> lines;

  const ExportReport report = must(journal->export_lines([&](std::string_view line) -> core::Result<> {
    lines.emplace_back(line);
    return {};
  }));

  CHECK(report.whole);
  CHECK(lines.size() == 5);
}

TEST_CASE("an export ends where nobody takes it any more", "[journal]") {
  Till till;
  fill(till, 3);

  const auto exported = export_file(till.file(), till.vfs.name(), [](std::string_view) -> core::Result<> {
    return core::fail(core::ErrorCode::Exhausted);
  });

  CHECK(failed_with(exported, core::ErrorCode::Exhausted));
}

TEST_CASE("damage anywhere in the file costs what lay there, is told, and never stops the export", "[journal]") {
  Till till;
  fill(till, 60);
  const std::string whole = bytes_of(till.file());
  const std::size_t pages = whole.size() / 512;
  REQUIRE(pages > 60);
  std::size_t most_lost = 0;

  for (std::size_t page = 0; page < pages; ++page) {
    CAPTURE(page);
    std::string damaged = whole;
    damaged.replace(page * 512 + (page == 0 ? 100 : 0), 400, 400, '\xA5');
    std::ofstream(till.file(), std::ios::binary | std::ios::trunc) << damaged;

    const Exported exported = export_of(till);

    CHECK(exported.report.records == static_cast<std::int64_t>(exported.seqs.size()));
    const bool all = exported.seqs.size() == 61;
    if (!all) CHECK_FALSE((exported.report.whole && exported.report.opened.has_value()));
    if (exported.report.opened) {
      // What is not there is named.
      for (std::int64_t seq = 1; seq <= 61; ++seq) {
        const bool named = std::ranges::any_of(exported.report.unreadable, [&](const Gap& gap) {
          return gap.first.value() <= seq && (seq <= gap.last.value() || gap.last == Seq{});
        });
        CHECK((named || exported.seqs.contains(seq)));
      }
      if (page > 20) most_lost = std::max(most_lost, 61 - exported.seqs.size());
    }
    CHECK(bytes_of(till.file()) == damaged);
  }
  CHECK(most_lost < 40);
}

TEST_CASE("a record whose fields are nonsense is unreadable, and its neighbours are not", "[journal]") {
  Till till;
  fill(till, 5);
  Raw(till.file()).run("UPDATE records SET chain = zeroblob(3) WHERE seq = 3");

  const Exported exported = export_of(till);

  CHECK(exported.seqs == std::set<std::int64_t>{1, 2, 4, 5, 6});
  CHECK(exported.lines.at(2) == R"({"unreadable":[3,3]})");
  CHECK_FALSE(exported.report.whole);
}

TEST_CASE("a body that is no JSON any more is exported as the text that it is", "[journal]") {
  Till till;
  fill(till, 2);
  Raw(till.file()).run("UPDATE records SET body = '{\"n\":' WHERE seq = 2");

  const Exported exported = export_of(till);

  CHECK(exported.report.whole);
  CHECK(exported.lines.at(1).contains(R"("body_text":"{\"n\":")"));
}

TEST_CASE("what is no journal, or is not there, is said and not made", "[journal]") {
  Till till;
  CHECK(failed_with(export_of(till).report.opened, core::ErrorCode::Unavailable));
  CHECK_FALSE(std::filesystem::exists(till.file()));
  std::ofstream(till.file(), std::ios::binary) << std::string(3'000, 'x');

  const Exported exported = export_of(till);

  CHECK(failed_with(exported.report.opened, core::ErrorCode::Corrupt));
  CHECK_FALSE(exported.report.whole);
  CHECK(exported.lines.empty());
}

TEST_CASE("an export of a file whose process was killed has what lay in the WAL, and leaves both as they were",
          "[journal]") {
  Till till;
  {
    auto journal = till.open();
    must(put(*journal, kPaid));
    till.vfs.die_at(1);
    journal.reset();
    till.vfs.heal();
  }
  const std::string file = bytes_of(till.file());
  const std::string wal = bytes_of(till.wal());
  REQUIRE_FALSE(wal.empty());

  CHECK(export_of(till).seqs == std::set<std::int64_t>{1, 2});

  CHECK(bytes_of(till.file()) == file);
  CHECK(bytes_of(till.wal()) == wal);
}

TEST_CASE("a damaged journal verifies to a report, not to a crash", "[journal]") {
  Till till;
  fill(till, 30);
  const std::string whole = bytes_of(till.file());
  int opened = 0;
  for (std::size_t page = 1; page < whole.size() / 512; ++page) {
    CAPTURE(page);
    std::string damaged = whole;
    damaged.replace(page * 512 + 40, 300, 300, '\xA5');
    std::ofstream(till.file(), std::ios::binary | std::ios::trunc) << damaged;
    const auto journal = till.try_open();
    if (!journal) continue;
    ++opened;
    static_cast<void>((*journal)->verify());
  }
  CHECK(opened > 0);
}

}  // namespace
}  // namespace tillkit::journal
