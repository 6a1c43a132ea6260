// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "document_names.hpp"
#include "tillkit/core/currency.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/core/rate.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"
#include "tillkit/offers/document.hpp"
#include "tillkit/offers/model.hpp"

namespace tillkit::offers::detail {

struct Range {
  std::int64_t min;
  std::int64_t max;
};
inline constexpr Range kAnyAmount{0, kAmountMax};
inline constexpr Range kSomeAmount{1, kAmountMax};
inline constexpr Range kSomeCount{1, kLineCountMax};
inline constexpr Range kUpToWhole{1, 10'000};
/// An empty list would say 'all', which nobody who writes one means.
inline constexpr Range kSomeNames{1, kScopeNamesMax};

/// Reads members of objects, and remembers what was wrong with the first one that cannot be read.
///
/// The calls that take an object and a member's name leave `out` alone where there is no such member.
class DocumentReader {
 public:
  explicit DocumentReader(core::Currency currency) : currency_(currency) {}

  void set_currency(core::Currency currency) { currency_ = currency; }
  [[nodiscard]] core::Currency currency() const { return currency_; }

  /// Blames a value; `expected` ends the sentence 'expected ...'.
  [[nodiscard]] std::unexpected<core::Error> wrong(const core::JsonValue& at, std::string expected,
                                                   core::ErrorCode code = core::ErrorCode::InvalidArgument);

  /// Passes an object with no members but `names`.
  [[nodiscard]] core::Result<> only(const core::JsonValue& object, Names names);
  [[nodiscard]] core::Result<core::JsonValue> required(const core::JsonValue& object, std::string_view member);
  /// The one member of an object that may have one of `names`, and which of them it is.
  [[nodiscard]] core::Result<std::pair<std::size_t, core::JsonValue>> one_of(const core::JsonValue& object, Names names,
                                                                             std::string_view what);
  /// Passes an object that has not both members.
  [[nodiscard]] core::Result<> not_both(const core::JsonValue& object, std::string_view a, std::string_view b);
  [[nodiscard]] core::Result<core::JsonElements> elements(const core::JsonValue& array, std::string_view what,
                                                          std::size_t count_max);

  [[nodiscard]] core::Result<std::int64_t> amount(const core::JsonValue& value, Range range);
  [[nodiscard]] core::Result<std::string_view> text(const core::JsonValue& value, std::size_t bytes_max);
  [[nodiscard]] core::Result<std::size_t> choice(const core::JsonValue& value, Names names);
  [[nodiscard]] core::Result<core::Currency> currency(const core::JsonValue& value);
  [[nodiscard]] core::Result<std::int64_t> integer_in(const core::JsonValue& value, Range range);

  [[nodiscard]] core::Result<> amount(const core::JsonValue& object, std::string_view member, std::int64_t& out,
                                      Range range);
  [[nodiscard]] core::Result<> rate(const core::JsonValue& object, std::string_view member, core::BasisPoints& out,
                                    Range range);
  [[nodiscard]] core::Result<> boolean(const core::JsonValue& object, std::string_view member, bool& out);
  [[nodiscard]] core::Result<> moment(const core::JsonValue& object, std::string_view member, core::WallTime& out);
  [[nodiscard]] core::Result<> names(const core::JsonValue& object, std::string_view member, std::vector<Name>& out,
                                     Range count = kSomeNames);
  [[nodiscard]] core::Result<> names(const core::JsonValue& array, std::vector<Name>& out, Range count);

  [[nodiscard]] core::Result<> integer(const core::JsonValue& object, std::string_view member, std::int64_t& out,
                                       Range range);
  template <std::integral Integer>
  [[nodiscard]] core::Result<> integer(const core::JsonValue& object, std::string_view member, Integer& out,
                                       Range range) {
    std::int64_t read = out;
    core::Result<> done = integer(object, member, read, range);
    if (done) out = static_cast<Integer>(read);
    return done;
  }

  template <class Id>
  [[nodiscard]] core::Result<Id> id(const core::JsonValue& value) {
    const auto text = value.text();
    if (text) {
      if (const auto read = Id::parse(*text)) return *read;
    }
    return wrong(value, id_expected(Id::kLengthMax));
  }

  template <class Id>
  [[nodiscard]] core::Result<> id(const core::JsonValue& object, std::string_view member, Id& out) {
    const auto value = object.find(member);
    if (!value) return {};
    TILLKIT_TRY(out, id<Id>(*value));
    return {};
  }

  template <class Enum>
  [[nodiscard]] core::Result<> choice(const core::JsonValue& object, std::string_view member, Enum& out, Names names) {
    const auto value = object.find(member);
    if (!value) return {};
    TILLKIT_TRY(const std::size_t index, choice(*value, names));
    out = static_cast<Enum>(index);
    return {};
  }

  /// The mistake, once a call has failed. `document` is what `text` was parsed to.
  [[nodiscard]] DocumentMistake mistake(std::string_view text, const core::JsonDocument& document) const;

 private:
  [[nodiscard]] static std::string id_expected(std::size_t length_max);

  core::Currency currency_;
  std::size_t offset_ = 0;
  std::string expected_;
  std::string found_;
};

/// Parses, or says where the text stops being JSON.
[[nodiscard]] core::Result<core::JsonDocument> parse_document(std::string_view text, const core::JsonLimits& limits,
                                                              DocumentMistake& mistake);

/// Sets line and column of a byte.
void set_position(DocumentMistake& mistake, std::string_view text, std::size_t offset);

/// `"30.00"`, `500`, `an object`: what stands there, short.
[[nodiscard]] std::string describe(const core::JsonValue& value);

/// The name that was probably meant, or nothing.
[[nodiscard]] std::string_view nearest(std::string_view name, Names names);

/// `"a", "b" or "c"`
[[nodiscard]] std::string list_of(Names names);

}  // namespace tillkit::offers::detail
