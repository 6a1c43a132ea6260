// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "tillkit/core/result.hpp"
#include "tillkit/journal/record.hpp"

namespace tillkit::journal {

class Tx;

/// The statements that lead from one version of a module's tables to the next, in order, one statement each.
using Migration = std::span<const std::string_view>;

/// The tables of one module: how they come about, and what a record does to them.
///
///     constexpr std::string_view kFirst[] = {"CREATE TABLE attempts(seq INTEGER PRIMARY KEY, state INTEGER) STRICT"};
///     constexpr journal::Migration kMigrations[] = {kFirst};
///     constexpr std::string_view kTables[] = {"attempts"};
///     constexpr journal::TableSet kPayment{"payment", kMigrations, kTables, &apply};
///
/// What it refers to must live as long as the journal.
struct TableSet {
  /// The module. Stored: never renamed.
  std::string_view name;
  /// The first makes version 1 out of nothing, the next version 2 out of that, ... A migration that was released never
  /// changes, and none is ever taken out.
  std::span<const Migration> migrations;
  /// The tables as the last migration leaves them. Their names are the module's own; other modules cannot write there.
  std::span<const std::string_view> tables;
  /// Brings the tables up to date with one record, of whatever kind; the only place where they are written
  /// (`Tx::run`). It sees the tables of all modules and nothing else: same tables and record, same result, today and
  /// in a rebuild in a year. It gives rows their keys itself and appends nothing. An error takes the whole commit back.
  core::Result<> (*apply)(Tx& tx, const Record& record);
};

}  // namespace tillkit::journal
