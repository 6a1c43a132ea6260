// SPDX-License-Identifier: Apache-2.0
// Writes one line per finished test case to the file named by TILLKIT_TEST_REPORT, so that test.sh can say how many
// cases ran whatever started them: ctest counts a whole program under the emulator as one test.
#include <cstdio>
#include <cstdlib>
#include <string>

#include <catch2/catch_test_case_info.hpp>
#include <catch2/reporters/catch_reporter_event_listener.hpp>
#include <catch2/reporters/catch_reporter_registrars.hpp>

namespace {

class CountListener final : public Catch::EventListenerBase {
 public:
  using EventListenerBase::EventListenerBase;

  void testCaseEnded(const Catch::TestCaseStats& stats) override {
    const char* path = std::getenv("TILLKIT_TEST_REPORT");
    if (path == nullptr) return;
    const char* outcome = "passed";
    if (!stats.totals.assertions.allOk() || stats.totals.testCases.failed > 0) {
      outcome = "failed";
    } else if (stats.totals.testCases.skipped > 0) {
      outcome = "skipped";
    }
    const std::string line = std::string(outcome) + '\t' + stats.testInfo->name + '\n';
    // Appending a short line is one write: programs that run at the same time do not mix theirs.
    std::FILE* file = std::fopen(path, "a");
    if (file == nullptr) std::abort();
    if (std::fwrite(line.data(), 1, line.size(), file) != line.size() || std::fclose(file) != 0) std::abort();
  }
};

}  // namespace

CATCH_REGISTER_LISTENER(CountListener)
