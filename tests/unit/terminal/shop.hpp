// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "tillkit/core/json.hpp"
#include "tillkit/hal_virtual/board.hpp"
#include "tillkit/journal/journal.hpp"
#include "tillkit/security/crypto.hpp"
#include "tillkit/terminal/data_folder.hpp"
#include "tillkit/terminal/table_sets.hpp"
#include "tillkit/terminal/technician.hpp"
#include "tillkit/test/folder.hpp"

namespace tillkit::terminal {

/// The value of a call that must succeed for the test to go on.
template <class T>
T must(core::Result<T> result) {
  if (!result) FAIL("failed: " << core::to_string(result.error().code) << " " << result.error().foreign);
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

/// A terminal with a journal.
struct Shop {
  Shop() {
    crypto = must(security::Crypto::start(board.key_store, board.random));
    key = must(crypto->create_signing_key(1));
    open();
  }

  void open() {
    journal = must(journal::Journal::open({.path = data.journal(), .vfs = {}},
                                          {board.clock, board.key_store, board.random, *crypto, key}, table_sets()));
    must(journal->start_succeeded());
  }
  void inspect() {
    journal.reset();
    journal = must(journal::Journal::inspect({.path = data.journal(), .vfs = {}},
                                             {board.clock, board.key_store, board.random, *crypto, {}}, table_sets()));
  }
  journal::Seq note(std::string_view body = "{}", journal::SaleId sale = {},
                    journal::Kind kind = journal::kind("test.note")) {
    return must(journal->commit([&](journal::Tx& tx) -> core::Result<> {
             TILLKIT_TRY_VOID(tx.append({.kind = kind, .sale = sale, .body = body}));
             return {};
           }))
        .last;
  }
  /// Changes bytes where `text` stands in the closed file.
  void edit(std::string_view text, std::string_view instead) {
    journal.reset();
    std::ifstream in(data.journal(), std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), {}};
    const auto at = bytes.find(text);
    REQUIRE(at != std::string::npos);
    bytes.replace(at, instead.size(), instead);
    std::ofstream(data.journal(), std::ios::binary | std::ios::trunc) << bytes;
  }

  test::Folder folder;
  DataFolder data{folder.path()};
  hal_virtual::VirtualBoard board;
  std::unique_ptr<security::Crypto> crypto;
  security::KeyId key;
  std::unique_ptr<journal::Journal> journal;
};

inline std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    CHECK(end != std::string_view::npos);
    if (end == std::string_view::npos) break;
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

/// A member as text; empty where there is none.
inline std::string member(std::string_view line, std::string_view name) {
  const auto document = must(core::JsonDocument::parse(line, {.string_bytes_max = 131'072}));
  const auto value = document.root().find(name);
  if (!value) return {};
  if (value->kind() == core::JsonKind::Boolean) return must(value->boolean()) ? "true" : "false";
  if (value->kind() == core::JsonKind::Number) return std::to_string(must(value->integer()));
  return std::string(must(value->text()));
}

}  // namespace tillkit::terminal
