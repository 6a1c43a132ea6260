// SPDX-License-Identifier: Apache-2.0
// What must be so of every answer; the wire has watched all of them.
#include <array>

#include "world.hpp"

namespace tillkit::conformance {
namespace {

template <Watched What>
Verdict never_seen(World& world) {
  const auto& seen = world.wire.watched();
  const auto found = seen.find(What);
  if (found == seen.end()) return {};
  return std::unexpected(found->second);
}

// clang-format off
constexpr std::array kRules{
    Rule{"answers.form", "paths: responses", "Answers are JSON and say so: application/json, problems application/problem+json",
         "a terminal takes the answer for none: each charge is unknown", kAnAnswer, &never_seen<Watched::Form>},
    Rule{"answers.schema", "components: schemas", "Every answer of 200 is what its schema says",
         "a terminal takes the answer for none: each charge is unknown", kAnAnswer, &never_seen<Watched::Schema>},
    Rule{"answers.problem", "x-problems; schemas: Problem", "Every other answer is a problem of the list, with its status in HTTP and in the document",
         "a no is taken for 'nobody knows', or the other way round", kAnAnswer, &never_seen<Watched::Problem>},
    Rule{"answers.retry-after", "info: Retry-After", "Retry-After comes in whole seconds, 1 to 3600, with 429 and 503 only",
         "terminals ask again at once, or never", kAnAnswer, &never_seen<Watched::RetryAfter>},
    Rule{"answers.size", "x-limits", "No answer is longer than its limit",
         "a terminal takes the answer for none: each charge is unknown", kAnAnswer, &never_seen<Watched::Size>},
    Rule{"answers.time", "info: Time limits", "Every answer comes within its time",
         "the terminal stops waiting: the charge is unknown, the shopper stands there", kAnAnswer, &never_seen<Watched::Time>},
    Rule{"answers.secrets", "info: Secrets", "No answer repeats a payment code or a claim code",
         "codes end up in logs, where others can use them", kAnAnswer, &never_seen<Watched::Secrets>},
};
// clang-format on

}  // namespace

std::span<const Rule> answer_rules() {
  return kRules;
}

}  // namespace tillkit::conformance
