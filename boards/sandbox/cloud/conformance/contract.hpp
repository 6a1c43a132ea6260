// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tillkit/core/json.hpp"
#include "tillkit/core/result.hpp"

namespace tillkit::conformance {

/// What embed_contract.py took out of cloud-api.yaml.
extern const std::string_view kContractJson;

/// The contract as it is written: schemas, problem types, limits. Strict where `lib/cloud` is tolerant.
class Contract {
 public:
  [[nodiscard]] static core::Result<Contract> read();

  struct ProblemType {
    int status = 0;
    bool changed_nothing = false;  ///< `money: nothing`
  };
  /// Of a type with its `urn:tillkit:problem:`.
  [[nodiscard]] std::optional<ProblemType> problem(std::string_view type) const;

  [[nodiscard]] std::int64_t limit(std::string_view name) const;

  /// What is wrong with a 200 to `GET /v1/session` or the like; none: nothing, or no such operation.
  [[nodiscard]] std::optional<std::string> wrong_in_answer(std::string_view operation,
                                                           const core::JsonValue& answer) const;
  /// The same of a schema under `components`.
  [[nodiscard]] std::optional<std::string> wrong(std::string_view schema, const core::JsonValue& value) const;

 private:
  explicit Contract(core::JsonDocument document) : document_(std::move(document)) {}

  core::JsonDocument document_;
};

}  // namespace tillkit::conformance
