// SPDX-License-Identifier: Apache-2.0
#include "contract.hpp"

#include "schema.hpp"

namespace tillkit::conformance {

using core::JsonDocument;
using core::JsonValue;
using core::Result;

Result<Contract> Contract::read() {
  TILLKIT_TRY(JsonDocument document, JsonDocument::parse(kContractJson));
  return Contract(std::move(document));
}

std::optional<Contract::ProblemType> Contract::problem(std::string_view type) const {
  const auto list = document_.root().find("problems");
  const auto types = list->elements();
  if (!types) return std::nullopt;
  for (const JsonValue one : *types) {
    if (one.find("type")->text().value_or("") != type) continue;
    return ProblemType{.status = static_cast<int>(one.find("status")->integer().value_or(0)),
                       .changed_nothing = one.find("money")->text().value_or("") == "nothing"};
  }
  return std::nullopt;
}

std::int64_t Contract::limit(std::string_view name) const {
  const auto found = document_.root().find("limits")->find(name);
  return found ? found->integer().value_or(0) : 0;
}

std::optional<std::string> Contract::wrong_in_answer(std::string_view operation, const JsonValue& answer) const {
  const auto schema = document_.root().find("answers")->find(operation);
  return schema ? wrong_by_schema(document_.root(), *schema, answer) : std::nullopt;
}

std::optional<std::string> Contract::wrong(std::string_view schema, const JsonValue& value) const {
  const auto found = document_.root().find("components")->find("schemas")->find(schema);
  return found ? wrong_by_schema(document_.root(), *found, value) : "no schema of this name: " + std::string(schema);
}

}  // namespace tillkit::conformance
