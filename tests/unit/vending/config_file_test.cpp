// SPDX-License-Identifier: Apache-2.0
#include "config_file.hpp"

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <catch2/catch_test_macros.hpp>

#include "tillkit/test/folder.hpp"

namespace tillkit::vending {
namespace {

constexpr std::string_view kOld = R"({"shop":{"merchant":"old","store":"s"}})";
constexpr std::string_view kNew = R"({"shop":{"merchant":"new","store":"s"}})";
constexpr std::string_view kMdb = R"({"shop":{"merchant":"m","store":"s"},"goods":{"by":"mdb"}})";

struct NotedLog final : Log {
  std::string lines;
  void note(std::string_view line) override { lines.append(line).append("\n"); }
};

struct Files {
  test::Folder folder;
  std::string path = folder.path() + "/vending.json";
  std::string kept_path = folder.path() + "/vending.good.json";
  NotedLog log;

  static void write(const std::string& path, std::string_view text) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
  }
  [[nodiscard]] std::string kept() const {
    std::ifstream file(kept_path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] ConfigFile open(const BoardParts& board = {}) const { return {path, kept_path, board}; }
};

TEST_CASE("a new file with which the machine does not come up gives way to the one that was good", "[vending]") {
  Files files;
  Files::write(files.path, kNew);
  Files::write(files.kept_path, kOld);
  ConfigFile file = files.open();
  REQUIRE(file.read(files.log)->store.merchant == "new");

  const auto kept = file.read_kept(files.log);

  REQUIRE(kept);
  CHECK(kept->store.merchant == "old");
  CHECK(files.log.lines.contains("it goes on with the configuration that it last came up with"));
  // It came up with that one: the other is not known to be good.
  file.keep(files.log);
  CHECK(files.kept() == kOld);
  CHECK_FALSE(file.read_kept(files.log));
}

TEST_CASE("there is nothing to go on with where the file is the one that was good, or none was", "[vending]") {
  Files files;
  Files::write(files.path, kNew);
  ConfigFile file = files.open();
  REQUIRE(file.read(files.log));

  CHECK_FALSE(file.read_kept(files.log));
  file.keep(files.log);
  CHECK(files.kept() == kNew);
  CHECK_FALSE(file.read_kept(files.log));
  CHECK(files.log.lines.empty());
}

TEST_CASE("what the board cannot do is a mistake of the file, also of the kept one", "[vending]") {
  Files files;
  Files::write(files.path, kOld);
  ConfigFile file = files.open({.motors = false, .mdb_bridge = false});

  CHECK_FALSE(file.read_new(files.log));
  CHECK(files.log.lines.contains("vending.json: /goods/by: expected \"mdb\""));
  Files::write(files.kept_path, kMdb);
  CHECK_FALSE(file.read(files.log));
  CHECK(files.log.lines.contains("vending.good.json: /devices/mdb_bridge: expected a serial line"));
}

}  // namespace
}  // namespace tillkit::vending
