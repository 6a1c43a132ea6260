// SPDX-License-Identifier: Apache-2.0
// tillkit-conformance: says whether a server honours lib/cloud/cloud-api.yaml.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "files.hpp"
#include "program.hpp"
#include "report.hpp"
#include "world.hpp"

namespace {

using namespace tillkit::conformance;

constexpr const char* kProgram = "tillkit-conformance";
constexpr const char* kUsage =
    "usage: tillkit-conformance URL --trust FILE [--claim CODE]... [--other-claim CODE] [--currency XXX]\n"
    "                           [--paying CODE]... [--declining CODE] [--silent CODE] [--waiting CODE]\n"
    "                           [--member ID] [--coupon ID] [--events-token TOKEN] [--revoke COMMAND]\n"
    "                           [--data FOLDER] [--only RULE]... [--allow-untried] [--json]\n"
    "0: all rules are kept; 1: some are broken; 2: this usage; 3: none is broken, some could not be tried\n";
constexpr int kBrokenStatus = 1;
constexpr int kUsageStatus = 2;
constexpr int kUntriedStatus = 3;

Options options_of(const tillkit::sandbox::Arguments& arguments) {
  Options options{.origin = arguments.data(),
                  .trust = arguments.text("--trust", ""),
                  .data = arguments.text("--data", ""),
                  .claims = arguments.all("--claim"),
                  .other_claim = arguments.text("--other-claim", ""),
                  .currency = arguments.text("--currency", "CNY"),
                  .paying = arguments.all("--paying"),
                  .declining = arguments.text("--declining", ""),
                  .silent = arguments.text("--silent", ""),
                  .waiting = arguments.text("--waiting", ""),
                  .member = arguments.text("--member", ""),
                  .coupon = arguments.text("--coupon", ""),
                  .events_token = arguments.text("--events-token", ""),
                  .revoke = arguments.text("--revoke", ""),
                  .only = arguments.all("--only")};
  options.allow_untried = arguments.has("--allow-untried");
  options.as_json = arguments.has("--json");
  while (options.origin.ends_with('/'))
    options.origin.pop_back();
  return options;
}

/// A folder of its own for a run that keeps nothing.
class KeyFolder {
 public:
  explicit KeyFolder(const std::string& wanted) : path_(wanted) {
    if (!wanted.empty()) return;
    std::string made = std::filesystem::temp_directory_path().string() + "/tillkit-conformance-XXXXXX";
    if (mkdtemp(made.data()) == nullptr) return;
    path_ = made;
    own_ = true;
  }
  ~KeyFolder() {
    std::error_code ignored;  // what is left there is of no use to anybody
    if (own_) std::filesystem::remove_all(path_, ignored);
  }
  KeyFolder(const KeyFolder&) = delete;
  KeyFolder& operator=(const KeyFolder&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool own_ = false;
};

std::vector<Rule> wanted_rules(const Options& options) {
  std::vector<Rule> rules;
  for (const auto part : {device_rules(), request_rules(), journal_rules(), news_rules(), gateway_rules(),
                          refund_rules(), member_rules(), last_rules(), answer_rules()}) {
    std::ranges::copy_if(part, std::back_inserter(rules), [&](const Rule& rule) {
      const auto begins = [&](const std::string& name) { return rule.name.starts_with(name); };
      return options.only.empty() || std::ranges::any_of(options.only, begins);
    });
  }
  return rules;
}

int run(const Options& options, const std::string& folder) {
  const auto trust = tillkit::sandbox::read_file(options.trust);
  if (!trust || !*trust) {
    std::fprintf(stderr, "%s: cannot read %s\n", kProgram, options.trust.c_str());
    return kUsageStatus;
  }
  const auto wire = Wire::open(folder, options.origin, **trust);
  if (!wire) return tillkit::sandbox::give_up(kProgram, "cannot begin", wire.error());
  World world(options, **wire, folder);
  bool was_there = false;
  if (!(*wire)->key(1, &was_there)) return kUsageStatus;
  world.claim_was_used = was_there;
  const auto connected = (*wire)->connect(world.anonymous);
  if (!connected) return tillkit::sandbox::give_up(kProgram, "no certificates in --trust", connected.error());

  Report report(options.as_json);
  for (const Rule& rule : wanted_rules(options)) {
    const auto why = world.why_not(rule.needs);
    if (why) {
      report.untried(rule, *why);
    } else {
      report.tried(rule, rule.attempt(world));
    }
  }
  report.end(options.origin);
  if (report.broken() > 0) return kBrokenStatus;
  return report.untried() > 0 && !options.allow_untried ? kUntriedStatus : 0;
}

}  // namespace

int main(int count, char** words) {
  const auto arguments = tillkit::sandbox::Arguments::parse(
      count, words,
      {"--trust", "--claim", "--other-claim", "--currency", "--paying", "--declining", "--silent", "--waiting",
       "--member", "--coupon", "--events-token", "--revoke", "--data", "--only"},
      {"--allow-untried", "--json"});
  if (!arguments || !arguments->data().starts_with("https://") || arguments->text("--trust", "").empty()) {
    std::fputs(kUsage, stderr);
    return kUsageStatus;
  }
  tillkit::sandbox::begin_program();
  const Options options = options_of(*arguments);
  const KeyFolder folder(options.data);
  return run(options, folder.path());
}
