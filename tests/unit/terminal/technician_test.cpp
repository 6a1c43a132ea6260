// SPDX-License-Identifier: Apache-2.0

// What a technician is told, of a sound journal and of others.

#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "shop.hpp"

namespace tillkit::terminal {
namespace {

using Lines = std::vector<std::string>;

struct Told {
  Lines lines;
  std::size_t pieces = 0;
  std::size_t largest_piece = 0;
};

Told tell(Technician& technician, std::string_view request) {
  Told told;
  const auto answer = technician.answer(request);
  std::string text;
  for (bool more = true; more;) {
    std::string piece;
    more = answer->next(piece);
    ++told.pieces;
    told.largest_piece = std::max(told.largest_piece, piece.size());
    REQUIRE(told.pieces < 10'000);
    text += piece;
  }
  told.lines = split(text);
  REQUIRE_FALSE(told.lines.empty());
  return told;
}

Lines ask(Shop& shop, std::string_view request) {
  Technician technician(*shop.journal, shop.board.clock);
  return tell(technician, request).lines;
}

Lines seqs(const Lines& lines) {
  Lines found;
  for (const std::string& line : lines) {
    const std::string seq = member(line, "seq");
    if (!seq.empty()) found.push_back(seq);
  }
  return found;
}

TEST_CASE("a sound journal is verified in one line that says what was checked", "[terminal]") {
  Shop shop;
  shop.note();

  const Lines lines = ask(shop, R"({"command":"journal.verify"})");

  REQUIRE(lines.size() == 1);
  CHECK(member(lines[0], "done") == "journal.verify");
  CHECK(member(lines[0], "sound") == "true");
  CHECK(member(lines[0], "records") == "2");
  CHECK(member(lines[0], "seals") == "2");
  CHECK(member(lines[0], "tables_compared") == "true");
  CHECK(member(lines[0], "last") == "2");
  CHECK(member(lines[0], "state") == "running");
  CHECK(member(lines[0], "do").empty());
}

TEST_CASE("checking a long journal takes many turns, and each is short", "[terminal]") {
  Shop shop;
  for (int i = 0; i < 350; ++i)
    shop.note();
  Technician technician(*shop.journal, shop.board.clock);
  const auto answer = technician.answer(R"({"command":"journal.verify"})");
  std::string piece;
  int turns = 1;
  while (answer->next(piece) && piece.empty()) {
    shop.note();  // the terminal goes on
    ++turns;
  }

  CHECK(turns >= 8);  // 351 records are read, and applied once more
  CHECK(member(piece, "sound") == "true");
  CHECK(member(piece, "tables_compared") == "true");
  CHECK(member(piece, "last") == std::to_string(350 + turns));
}

TEST_CASE("each flaw is a line with its records and what it means, and the end says what to do", "[terminal]") {
  Shop shop;
  shop.note(R"({"total":1230})");
  shop.note();
  shop.edit(R"({"total":1230})", R"({"total":1000})");
  shop.inspect();

  const Lines lines = ask(shop, R"({"command":"journal.verify"})");

  REQUIRE(lines.size() >= 2);
  CHECK(member(lines[0], "flaw") == "changed");
  CHECK(member(lines[0], "first") == "2");
  CHECK(member(lines[0], "last") == "2");
  CHECK(member(lines[0], "what") == "record 2 is not what was written here: edited, or another in its place");
  CHECK(member(lines.back(), "sound") == "false");
  CHECK(member(lines.back(), "safe_reason") == "inspected");
  CHECK_FALSE(member(lines.back(), "do").empty());
}

TEST_CASE("every flaw has words of its own", "[terminal]") {
  Lines words;
  for (std::uint8_t i = 1; i <= static_cast<std::uint8_t>(journal::Flaw::RebuildFailed); ++i) {
    const auto flaw = static_cast<journal::Flaw>(i);
    CAPTURE(to_string(flaw));
    const std::string word = meaning_of({flaw, journal::Seq(3), journal::Seq(3), "attempts"});
    CHECK(word != "unknown");
    CHECK(std::ranges::find(words, word) == words.end());
    words.push_back(word);
    journal::VerifyReport report;
    report.flaws = 1;
    report.findings = {{flaw, {}, {}, ""}};
    CHECK_FALSE(advice_on(report).empty());
  }
  CHECK(meaning_of({journal::Flaw::Missing, journal::Seq(3), journal::Seq(5), ""}) == "records 3 to 5 are gone");
  CHECK(meaning_of({journal::Flaw::Unreadable, journal::Seq(3), journal::Seq(0), ""}) ==
        "all records from 3 on cannot be read: the file is damaged there");
}

TEST_CASE("records are shown by number, sale and kind, the newest where nothing is said", "[terminal]") {
  Shop shop;  // 1
  for (int i = 0; i < 150; ++i) {
    shop.note("{}", journal::SaleId(i % 2 == 0 ? 2 : 3),
              i % 10 == 0 ? journal::kind("test.tenth") : journal::kind("test.note"));
  }

  const auto show = [&](std::string_view members) {
    return ask(shop, R"({"command":"journal.show")" + std::string(members) + "}");
  };

  CHECK(seqs(show("")).size() == 100);
  CHECK(seqs(show("")).front() == "52");
  CHECK(seqs(show(R"(,"limit":2)")) == Lines{"150", "151"});
  CHECK(seqs(show(R"(,"limit":2,"to":10)")) == Lines{"9", "10"});
  CHECK(seqs(show(R"(,"from":7,"to":9)")) == Lines{"7", "8", "9"});
  CHECK(seqs(show(R"(,"from":152)")).empty());
  CHECK(seqs(show(R"(,"kind":"test.tenth","limit":3)")) == Lines{"2", "12", "22"});
  CHECK(member(show(R"(,"kind":"test.tenth","limit":3)").back(), "next") == "32");
  CHECK(member(show(R"(,"kind":"test.tenth")").back(), "next").empty());
  CHECK(seqs(show(R"(,"sale":3,"limit":2)")) == Lines{"3", "5"});
  CHECK(member(show(R"(,"sale":3,"limit":2)").back(), "next") == "6");
  CHECK(seqs(show(R"(,"sale":3,"from":6,"to":9)")) == Lines{"7", "9"});
  CHECK(seqs(show(R"(,"sale":2,"kind":"test.tenth","limit":2)")) == Lines{"2", "12"});
  CHECK(seqs(show(R"(,"sale":99)")).empty());
  CHECK(member(show(R"(,"sale":99)").back(), "done") == "journal.show");
}

TEST_CASE("an export is made piece by piece, and is that of the journal line by line", "[terminal]") {
  Shop shop;
  for (int i = 0; i < 1'200; ++i)
    shop.note(R"({"text":")" + std::string(400, 'x') + R"("})");
  shop.note(R"({"text":")" + std::string(60'000, 'y') + R"("})");
  shop.note(R"({"a":")" + std::string(30'000, 'y') + R"(","b":")" + std::string(35'000, 'z') + R"("})");
  shop.note();
  Lines expected;
  must(shop.journal->export_lines([&](std::string_view line) -> core::Result<> {
    expected.emplace_back(line);
    return {};
  }));
  Technician technician(*shop.journal, shop.board.clock);

  Told told = tell(technician, R"({"command":"journal.export"})");

  CHECK(told.pieces > 10);
  CHECK(told.largest_piece <= kAnswerPieceBytes + 1'000);
  CHECK(member(told.lines.back(), "done") == "journal.export");
  CHECK(member(told.lines.back(), "records") == "1204");
  CHECK(member(told.lines.back(), "whole") == "true");
  told.lines.pop_back();
  CHECK(told.lines == expected);
}

TEST_CASE("records that come while an answer is on its way come with it, and nothing comes twice", "[terminal]") {
  Shop shop;
  for (int i = 0; i < 600; ++i)
    shop.note();
  Technician technician(*shop.journal, shop.board.clock);
  const auto answer = technician.answer(R"({"command":"journal.export"})");
  std::string text;

  REQUIRE(answer->next(text));
  shop.note();
  for (bool more = true; more;) {
    std::string piece;
    more = answer->next(piece);
    text += piece;
  }

  const Lines found = seqs(split(text));
  REQUIRE(found.size() == 602);
  for (std::size_t i = 0; i < found.size(); ++i)
    CHECK(found[i] == std::to_string(i + 1));
}

TEST_CASE("what cannot be read is shown as such, and what lies behind it is shown too", "[terminal]") {
  Shop shop;
  for (int i = 0; i < 5; ++i)
    shop.note("{}", journal::SaleId(2), i == 2 ? journal::kind("test.strange") : journal::kind("test.note"));
  shop.edit("test.strange", "test/strange");
  shop.inspect();

  for (const char* const request : {R"({"command":"journal.export"})", R"({"command":"journal.show"})"}) {
    const Lines lines = ask(shop, request);
    CHECK(seqs(lines) == Lines{"1", "2", "3", "5", "6"});
    CHECK(lines[3] == R"({"unreadable":[4,4]})");
    CHECK(member(lines.back(), "whole") == "false");
    CHECK(member(lines.back(), "records") == "5");
  }
  const Lines sale = ask(shop, R"({"command":"journal.show","sale":2})");
  CHECK(seqs(sale) == Lines{"2", "3"});
  CHECK(member(sale.back(), "whole") == "false");
  CHECK(member(sale.back(), "next") == "4");
}

TEST_CASE("a request that is wrong is told what is wrong with it", "[terminal]") {
  Shop shop;
  struct Case {
    std::string_view request;
    std::string_view error;
    std::string_view what;
  };
  for (const Case& row : {
           Case{"", "invalid_argument", "a request is a JSON object in one line; this is none from byte 0"},
           Case{"hello", "invalid_argument", "a request is a JSON object in one line; this is none from byte 0"},
           Case{"[]", "invalid_argument", "a request is a JSON object"},
           Case{"{}", "invalid_argument", "a request needs a text 'command'"},
           Case{R"({"command":7})", "invalid_argument", "a request needs a text 'command'"},
           Case{R"({"command":"journal.burn"})", "not_found",
                "there is no command 'journal.burn'; there are attempt.resolve, journal.export, "
                "journal.show, journal.try_again, journal.verify, outbox, planogram.set, planogram.show, "
                "receipt.reprint, sales, sync.now, sync.resume, sync.status"},
           Case{R"({"command":"journal.try_again"})", "failed_precondition",
                "this terminal runs, and only a start leaves safe mode: end its program, say this again, and start it; "
                "nothing was changed"},
           Case{R"({"command":"journal.verify","from":1})", "invalid_argument",
                "'journal.verify' does not know 'from'; it takes nothing"},
           Case{R"({"command":"journal.show","form":1})", "invalid_argument",
                "'journal.show' does not know 'form'; it takes from, to, sale, kind, limit"},
           Case{R"({"command":"journal.show","from":0})", "invalid_argument",
                "'from' is the number of a record, from 1 on"},
           Case{R"({"command":"journal.show","to":"9"})", "invalid_argument",
                "'to' is the number of a record, from 1 on"},
           Case{R"({"command":"journal.show","sale":-1})", "invalid_argument",
                "'sale' is the number of a sale: that of its first record"},
           Case{R"({"command":"journal.show","limit":10001})", "invalid_argument",
                "'limit' is a number from 1 to 10000"},
           Case{R"({"command":"journal.show","kind":"a b"})", "invalid_argument",
                "'kind' is the kind of a record, as 'journal.started'"},
           Case{R"({"command":"sync.now"})", "failed_precondition",
                "nothing is uploaded from here: no terminal runs, or it was not enrolled ('tillctl enrol')"},
           Case{R"({"command":"sync.resume","by":"manager"})", "failed_precondition",
                "nothing is uploaded from here: no terminal runs, or it was not enrolled ('tillctl enrol')"},
           Case{R"({"command":"sync.status","from":1})", "invalid_argument",
                "'sync.status' does not know 'from'; it takes nothing"},
       }) {
    CAPTURE(row.request);
    const Lines lines = ask(shop, row.request);
    REQUIRE(lines.size() == 1);
    CHECK(member(lines[0], "error") == row.error);
    CHECK(member(lines[0], "what") == row.what);
  }
}

TEST_CASE("a technician changes nothing", "[terminal]") {
  Shop shop;
  shop.note();
  const auto last = shop.journal->last_seq();
  const auto counter = must(shop.board.key_store.counter());

  for (const char* const command : {"verify", "show", "export"})
    ask(shop, R"({"command":"journal.)" + std::string(command) + R"("})");

  CHECK(shop.journal->last_seq() == last);
  CHECK(must(shop.board.key_store.counter()) == counter);
  shop.note();
}

TEST_CASE("names of files are made in one place", "[terminal]") {
  CHECK(DataFolder{"/data"}.journal() == "/data/till.db");
  CHECK(DataFolder{"/data/"}.keys() == "/data/keys");
  CHECK(DataFolder{"."}.local_socket() == "./till.sock");
  CHECK(DataFolder{""}.cache() == "cache.db");
}

}  // namespace
}  // namespace tillkit::terminal
