// SPDX-License-Identifier: Apache-2.0
#include "tillkit/catalog/csv_reader.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

using namespace tillkit::catalog;

namespace {

struct Row {
  std::uint32_t line;
  CsvFault fault;
  std::vector<std::string> cells;

  friend bool operator==(const Row&, const Row&) = default;
};

std::vector<Row> read_in_pieces(std::string_view text, std::size_t piece_bytes) {
  CsvReader reader;
  std::vector<Row> rows;
  const auto keep = [&] {
    if (!reader.has_record()) return;
    const CsvRecord record = reader.record();
    rows.push_back({record.line, record.fault, {record.cells.begin(), record.cells.end()}});
  };
  while (!text.empty()) {
    const std::string piece(text.substr(0, piece_bytes));  // a copy, so that reading past its end is noticed
    text.remove_prefix(piece.size());
    for (std::string_view chunk = piece; !chunk.empty(); keep())
      chunk.remove_prefix(reader.take(chunk));
  }
  reader.finish();
  keep();
  return rows;
}

/// The rows of a text, which are the same in whatever pieces it comes.
std::vector<Row> read(std::string_view text) {
  const std::vector<Row> rows = read_in_pieces(text, text.size() + 1);
  for (const std::size_t piece : {1U, 2U, 3U, 7U}) {
    CAPTURE(piece);
    CHECK(read_in_pieces(text, piece) == rows);
  }
  return rows;
}

Row good(std::uint32_t line, std::vector<std::string> cells) {
  return {line, CsvFault::None, std::move(cells)};
}

}  // namespace

TEST_CASE("rows end at LF or CRLF, the last one also at the end of the text", "[catalog]") {
  CHECK(read("").empty());
  CHECK(read("a,b\nc,d") == std::vector{good(1, {"a", "b"}), good(2, {"c", "d"})});
  CHECK(read("a,b\r\nc,d\r\n") == std::vector{good(1, {"a", "b"}), good(2, {"c", "d"})});
  CHECK(read("a\n\nb") == std::vector{good(1, {"a"}), good(2, {""}), good(3, {"b"})});
  CHECK(read("a,") == std::vector{good(1, {"a", ""})});
  CHECK(read(",\n") == std::vector{good(1, {"", ""})});
  CHECK(read("a\r") == std::vector{good(1, {"a"})});
}

TEST_CASE("a CR alone is text", "[catalog]") {
  CHECK(read("a\rb\n") == std::vector{good(1, {"a\rb"})});
  CHECK(read("\r\r\n") == std::vector{good(1, {"\r"})});
  CHECK(read("\"a\rb\"\n") == std::vector{good(1, {"a\rb"})});
  CHECK(read("\"a\"\rb\n") == std::vector{Row{1, CsvFault::Quote, {"a\rb"}}});
}

TEST_CASE("quotes keep commas, line breaks and quotes; lines are counted through them", "[catalog]") {
  CHECK(read("\"a,b\",c\n") == std::vector{good(1, {"a,b", "c"})});
  CHECK(read("\"a\r\nb\nc\",d\r\ne\n") == std::vector{good(1, {"a\r\nb\nc", "d"}), good(4, {"e"})});
  CHECK(read("\"say \"\"hi\"\"\"\n") == std::vector{good(1, {"say \"hi\""})});
  CHECK(read("\"\",\"\"\"\"\n") == std::vector{good(1, {"", "\""})});
  CHECK(read("\"a\"") == std::vector{good(1, {"a"})});
  CHECK(read("\"a\"\r\n\"b\"\n") == std::vector{good(1, {"a"}), good(2, {"b"})});
}

TEST_CASE("a quote in the wrong place spoils its row and no other", "[catalog]") {
  CHECK(read("a\"b,c\nd\n") == std::vector{Row{1, CsvFault::Quote, {"a\"b", "c"}}, good(2, {"d"})});
  CHECK(read("\"a\"b,c\nd\n") == std::vector{Row{1, CsvFault::Quote, {"ab", "c"}}, good(2, {"d"})});
  CHECK(read(" \"a\"\nd\n") == std::vector{Row{1, CsvFault::Quote, {" \"a\""}}, good(2, {"d"})});
  CHECK(read("x\n\"a\nb\n") == std::vector{good(1, {"x"}), Row{2, CsvFault::Quote, {"a\nb\n"}}});
  CHECK(read("\"") == std::vector{Row{1, CsvFault::Quote, {""}}});
}

TEST_CASE("a byte order mark at the start is not text, elsewhere it is", "[catalog]") {
  CHECK(read("\xEF\xBB\xBF"
             "a\n") == std::vector{good(1, {"a"})});
  CHECK(read("\xEF\xBB\xBF\"a\"\n") == std::vector{good(1, {"a"})});
  CHECK(read("\xEF\xBB\xBF").empty());
  CHECK(read("\xEF\xBB") == std::vector{good(1, {"\xEF\xBB"})});
  CHECK(read("\xEF\xBBx,y\n") == std::vector{good(1, {"\xEF\xBBx", "y"})});
  CHECK(read("a\n\xEF\xBB\xBF"
             "b\n") == std::vector{good(1, {"a"}), good(2, {"\xEF\xBB\xBF"
                                                            "b"})});
}

TEST_CASE("a row beyond a limit is cut off and told, the next one is read", "[catalog]") {
  const std::string longest(kCsvRecordBytesMax - 1, 'x');
  CHECK(read(longest + ",y\nz\n") == std::vector{good(1, {longest, "y"}), good(2, {"z"})});
  CHECK(read(longest + ",yy\nz\n") == std::vector{Row{1, CsvFault::TooLong, {longest, "y"}}, good(2, {"z"})});
  CHECK(read("\"" + longest + "\nyy\"\nz\n") ==
        std::vector{Row{1, CsvFault::TooLong, {longest + "\n"}}, good(3, {"z"})});

  const std::string most(kCsvCellsMax - 1, ',');
  CHECK(read(most + "\nz\n").front().fault == CsvFault::None);
  CHECK(read(most + "\nz\n").front().cells.size() == kCsvCellsMax);
  const std::vector<Row> rows = read(most + ",\nz\n");
  CHECK(rows.front().fault == CsvFault::TooManyCells);
  CHECK(rows.front().cells.size() == kCsvCellsMax);
  CHECK(rows.back() == good(2, {"z"}));
}
