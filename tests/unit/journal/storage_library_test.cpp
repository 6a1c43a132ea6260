// SPDX-License-Identifier: Apache-2.0
#include "tillkit/journal/storage_library.hpp"

#include <string>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

TEST_CASE("the SQLite of this program flushes every commit unless told otherwise", "[journal]") {
  CHECK(tillkit::journal::check_storage_library().has_value());
}

TEST_CASE("the SQLite of this program is of the locked series", "[journal]") {
  CHECK_THAT(std::string(tillkit::journal::storage_library_version()), Catch::Matchers::StartsWith("3.46."));
}
