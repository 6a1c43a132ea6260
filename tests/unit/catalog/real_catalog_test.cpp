// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "some_items.hpp"

using namespace tillkit::catalog;

namespace {

std::filesystem::path shared_data() {
  const char* const folder = std::getenv("TILLKIT_SHARED_DATA");
  if (folder != nullptr && *folder != '\0') return folder;
  return std::filesystem::path(TILLKIT_SOURCE_DIR).parent_path() / "shared" / "data";
}

std::string summary(const std::vector<ImportFinding>& findings) {
  std::map<std::string, int> counts;
  for (const ImportFinding& finding : findings)
    ++counts[std::string(to_string(finding.field)) + " " + std::string(to_string(finding.reason))];
  std::string text;
  for (const auto& [what, count] : counts)
    text += what + ": " + std::to_string(count) + "; ";
  return text;
}

}  // namespace

TEST_CASE("the catalog of a real shop is read, and what is wrong with it is told", "[catalog]") {
  const std::filesystem::path path = shared_data() / "catalog_cn.csv";
  std::ifstream file(path, std::ios::binary);
  if (!file) SKIP("no real catalog on this machine: " << path.filename());
  const std::string text(std::istreambuf_iterator<char>(file), {});
  CHECK(text.contains("price_fen"));

  const Imported imported = import_csv(text);

  REQUIRE(imported.catalog.has_value());
  UNSCOPED_INFO("refused: " << summary(imported.report.refused));
  UNSCOPED_INFO("warnings: " << summary(imported.report.warnings));
  CHECK(imported.report.rows == 6'404);
  CHECK(imported.report.accepted_items + imported.report.refused_count == imported.report.rows);
  CHECK(imported.report.refused_count == 0);
  CHECK(imported.catalog->size() == imported.report.accepted_items);
  REQUIRE(imported.catalog->find_code("02000001").has_value());
  CHECK(imported.catalog->find_code("02000001")->base_price() == Money{300, kCny});
}
