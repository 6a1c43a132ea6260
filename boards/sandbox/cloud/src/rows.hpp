// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/core/result.hpp"

/// What the rows of the tables hold, with types. Each struct of a row has `write` and `read`; `find_row` and `put_row`
/// carry them between a struct and storage.
namespace tillkit::sandbox {

struct MerchantRow {
  std::string currency{};
  std::vector<std::string> wallets{};  ///< that it takes
  std::string key{};                   ///< for blind indexes, base64url: what `enrol` gives to its terminals
  std::string pseudonym_key{};         ///< makes payers' references, base64url

  [[nodiscard]] core::Result<std::string> write() const;
  [[nodiscard]] static core::Result<MerchantRow> read(const core::JsonValue& row);
};

struct StoreRow {
  std::string merchant{};

  [[nodiscard]] core::Result<std::string> write() const;
  [[nodiscard]] static core::Result<StoreRow> read(const core::JsonValue& row);
};

struct ClaimRow {
  std::string terminal{};
  std::string store{};
  std::int64_t until_ms = 0;
  std::string used_by{};  ///< public key of the device, base64url; empty: not used yet
  std::string serial{};   ///< of the certificate that the device got for it

  [[nodiscard]] core::Result<std::string> write() const;
  [[nodiscard]] static core::Result<ClaimRow> read(const core::JsonValue& row);
};

struct TerminalRow {
  std::string store{};
  std::string merchant{};
  std::string public_key{};  ///< of the device that enrolled last, base64url
  std::string firmware{};
  std::int64_t enrolled_ms = 0;
  bool revoked = false;

  [[nodiscard]] core::Result<std::string> write() const;
  [[nodiscard]] static core::Result<TerminalRow> read(const core::JsonValue& row);
};

struct CertificateRow {
  std::string pem{};
  std::int64_t until_ms = 0;
  bool revoked = false;

  [[nodiscard]] core::Result<std::string> write() const;
  [[nodiscard]] static core::Result<CertificateRow> read(const core::JsonValue& row);
};

/// The value's document. `Corrupt`: what is in storage is no JSON.
[[nodiscard]] core::Result<core::JsonDocument> parse_row(std::string_view value);

/// `Corrupt`: a row that its own reader does not understand.
template <class RowType>
[[nodiscard]] core::Result<RowType> read_row(std::string_view value) {
  TILLKIT_TRY(const core::JsonDocument document, parse_row(value));
  auto row = RowType::read(document.root());
  // An error about an input would be taken for the client's.
  if (!row) return core::fail(core::ErrorCode::Corrupt);
  return row;
}

template <class RowType>
[[nodiscard]] core::Result<std::optional<RowType>> find_row(Reader& storage, Table table, std::string_view owner,
                                                            std::string_view key) {
  TILLKIT_TRY(const std::optional<std::string> value, storage.get(table, owner, key));
  if (!value) return std::optional<RowType>();
  TILLKIT_TRY(RowType row, read_row<RowType>(*value));
  return std::optional<RowType>(std::move(row));
}

template <class RowType>
[[nodiscard]] core::Result<> put_row(Tx& tx, Table table, std::string_view owner, std::string_view key,
                                     const RowType& row) {
  TILLKIT_TRY(const std::string value, row.write());
  return tx.put(table, owner, key, value);
}

/// A part of an amount that somebody else pays than the payer.
struct Discount {
  std::int64_t minor = 0;
  std::string funder{};
  std::string id{};  ///< may be empty
};

/// `"discounts":[...]`
void write_discounts(core::JsonWriter& json, const std::vector<Discount>& discounts);
[[nodiscard]] core::Result<std::vector<Discount>> read_discounts(const core::JsonValue& row);

// Members of rows, for whoever writes a `read`.
[[nodiscard]] core::Result<std::string> read_text(const core::JsonValue& row, std::string_view name);
[[nodiscard]] core::Result<std::vector<std::string>> read_texts(const core::JsonValue& row, std::string_view name);
void write_texts(core::JsonWriter& json, std::string_view name, std::span<const std::string> texts);
/// The member `state`, of an enumeration from 0 to `last`.
template <class State>
[[nodiscard]] core::Result<State> read_state(const core::JsonValue& row, State last) {
  TILLKIT_TRY(const core::JsonValue value, row.member("state"));
  TILLKIT_TRY(const std::int64_t number, value.integer_in(0, std::to_underlying(last)));
  return static_cast<State>(number);
}
// A member that is missing leaves `to` as it is.
[[nodiscard]] core::Result<> read_if(const core::JsonValue& row, std::string_view name, std::int64_t& to);
[[nodiscard]] core::Result<> read_if(const core::JsonValue& row, std::string_view name, bool& to);
[[nodiscard]] core::Result<> read_if(const core::JsonValue& row, std::string_view name, std::string& to);

}  // namespace tillkit::sandbox
