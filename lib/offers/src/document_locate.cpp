// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include "document_reader.hpp"
#include "tillkit/offers/document.hpp"

// `RuleSet::compile` speaks of the model: `effect/units_max`, `condition/0/at_least`. In a file an effect or a
// condition stands under its name, `effect/percent_off/units_max`, and `condition/all/0/subtotal/at_least`.
namespace tillkit::offers {
namespace detail {
namespace {

using core::JsonValue;

std::optional<std::size_t> as_index(std::string_view token) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  if (error != std::errc{} || end != token.data() + token.size()) return std::nullopt;
  return index;
}

/// Walks down as far as the file goes, and writes down the way.
class Walk {
 public:
  Walk(const JsonValue& start, std::string& path) : at_(start), path_(path) {}

  /// False where the file says nothing: a default is to blame.
  bool step(std::string_view token) {
    if (child(token)) return true;
    // What is called by its name holds what the token means.
    if (at_.kind() != core::JsonKind::Object || at_.size() != 1) return false;
    const auto members = at_.members();
    if (!members) return false;
    const core::JsonMember only = *(*members).begin();
    descend(std::string(only.name), only.value);
    if (child(token)) return true;
    return as_index(token).has_value() && at_.kind() == core::JsonKind::Object;  // of `not` the only child
  }

  [[nodiscard]] std::size_t offset() const { return at_.offset(); }

 private:
  void descend(const std::string& token, const JsonValue& value) {
    path_ += '/' + token;
    at_ = value;
  }

  bool child(std::string_view token) {
    if (at_.kind() == core::JsonKind::Array) {
      const auto index = as_index(token);
      const auto value = index ? at_.at(*index) : core::Result<JsonValue>(core::fail(core::ErrorCode::NotFound));
      if (value) descend(std::string(token), *value);
      return value.has_value();
    }
    // A threshold in pieces has a name of its own.
    std::string name(token == "threshold" ? "at_least" : token);
    auto value = at_.find(name);
    if (!value && (name == "at_least" || name == "every")) {
      name += "_pieces";
      value = at_.find(name);
    }
    if (value) descend(name, *value);
    return value.has_value();
  }

  JsonValue at_;
  std::string& path_;
};

}  // namespace
}  // namespace detail

DocumentMistake locate(const RuleMistake& mistake, std::string_view json) {
  DocumentMistake located{{}, mistake.expected, {}};
  std::string member = mistake.member;
  if (mistake.offer != kNoOffer) member = "offers/" + std::to_string(mistake.offer) + '/' + member;
  const auto document = core::JsonDocument::parse(json, kRulesJsonLimits);
  if (!document) {
    located.path = '/' + member;
    return located;
  }
  detail::Walk walk(document->root(), located.path);
  bool in_file = true;
  for (std::string_view rest = member; !rest.empty();) {
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    const std::string_view token = rest.substr(0, slash);
    in_file = in_file && walk.step(token);
    if (!in_file) located.path += '/' + std::string(token);
    rest.remove_prefix(std::min(slash + 1, rest.size()));
  }
  detail::set_position(located, json, walk.offset());
  return located;
}

}  // namespace tillkit::offers
