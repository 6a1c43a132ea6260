// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "tillkit/core/result.hpp"
#include "tillkit/journal/journal.hpp"

namespace tillkit::journal {

/// The value of a call that must succeed for the test to go on.
template <class T>
T must(core::Result<T> result) {
  if (!result) FAIL("failed: " << core::to_string(result.error().code) << " " << result.error().foreign);
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

template <class T>
bool failed_with(const core::Result<T>& result, core::ErrorCode code) {
  return !result.has_value() && result.error().code == code;
}

// A module's tables for tests: sales that are open, with their total.

inline constexpr Kind kOpened = kind("test.opened");
inline constexpr Kind kPaid = kind("test.paid");
inline constexpr Kind kClosed = kind("test.closed");
inline constexpr Kind kRefused = kind("test.refused");    // `apply` does not take it
inline constexpr Kind kTrespass = kind("test.trespass");  // `apply` writes where it may not

inline constexpr Statement<void(SaleId, std::int64_t)> kAddSale{
    "INSERT INTO open_sales(sale, paid, note) VALUES(?1, ?2, NULL)"};
inline constexpr Statement<void(SaleId, std::int64_t)> kPaySale{
    "UPDATE open_sales SET paid = paid + ?2 WHERE sale = ?1"};
inline constexpr Statement<void(SaleId)> kRemoveSale{"DELETE FROM open_sales WHERE sale = ?1"};
inline constexpr Statement<std::tuple<SaleId, std::int64_t>()> kOpenSales{
    "SELECT sale, paid FROM open_sales ORDER BY sale"};

inline core::Result<> apply_test(Tx& tx, const Record& record) {
  const auto done = [](const core::Result<std::int64_t>& result) -> core::Result<> {
    if (!result) return std::unexpected(result.error());
    return {};
  };
  if (record.kind == kOpened) return done(tx.run(kAddSale, record.sale, 0));
  if (record.kind == kPaid) return done(tx.run(kPaySale, record.sale, static_cast<std::int64_t>(record.body.size())));
  if (record.kind == kClosed) return done(tx.run(kRemoveSale, record.sale));
  if (record.kind == kRefused) return core::fail(core::ErrorCode::Rejected);
  if (record.kind == kTrespass) return done(tx.run(Statement<void()>{"UPDATE records SET boot = 9"}));
  return {};
}

inline constexpr std::string_view kTestFirst[] = {
    "CREATE TABLE open_sales(sale INTEGER PRIMARY KEY, paid INTEGER NOT NULL, note TEXT) STRICT"};
inline constexpr Migration kTestMigrations[] = {kTestFirst};
inline constexpr std::string_view kTestTables[] = {"open_sales"};
inline constexpr TableSet kTestSet{"test", kTestMigrations, kTestTables, &apply_test};

/// One commit with one record.
inline core::Result<Committed> put(Journal& journal, Kind kind, SaleId sale = {}, std::string_view body = "{}") {
  return journal.commit([&](Tx& tx) -> core::Result<> {
    TILLKIT_TRY_VOID(tx.append({.kind = kind, .sale = sale, .body = body}));
    return {};
  });
}

/// Opens a sale.
inline SaleId open_sale(Journal& journal) {
  const SaleId sale(journal.last_seq().value() + 1);
  static_cast<void>(must(put(journal, kOpened, sale, R"({"lines":2})")));
  return sale;
}

inline std::vector<std::pair<std::int64_t, std::int64_t>> open_sales(const Tables& tables) {
  std::vector<std::pair<std::int64_t, std::int64_t>> sales;
  must(tables.each(kOpenSales, [&](SaleId sale, std::int64_t paid) -> core::Result<> {
    sales.emplace_back(sale.value(), paid);
    return {};
  }));
  return sales;
}

/// What `verify` found, as words: `changed 3`, `missing 4-5`, `table_wrong open_sales`.
inline std::vector<std::string> flaws(const VerifyReport& report) {
  std::vector<std::string> words;
  for (const Finding& finding : report.findings) {
    std::string word(to_string(finding.flaw));
    if (finding.first != Seq{}) word += " " + std::to_string(finding.first.value());
    if (finding.last != finding.first) word += "-" + std::to_string(finding.last.value());
    if (!finding.what.empty()) word += " " + finding.what;
    words.push_back(word);
  }
  return words;
}

}  // namespace tillkit::journal
