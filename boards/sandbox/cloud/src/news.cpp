// SPDX-License-Identifier: Apache-2.0
#include "news.hpp"

#include <algorithm>
#include <charconv>

#include "tables.hpp"

namespace tillkit::sandbox {
namespace {

using core::Result;

constexpr std::size_t kChangesMax = 200;

std::int64_t number_of(std::string_view digits) {
  std::int64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

}  // namespace

Result<> News::load(Reader& reader) {
  constexpr std::size_t kPage = 1'000;
  last_.clear();
  RowKey after;
  while (true) {
    TILLKIT_TRY(const std::vector<Row> rows, reader.list_all(kNewsLast, after, kPage));
    for (const Row& row : rows)
      last_[row.at.owner] = number_of(row.value);
    if (rows.size() < kPage) return {};
    after = rows.back().at;
  }
}

Result<> News::put(Tx& tx, const std::string& stream, const std::string& key, std::string_view change) {
  TILLKIT_TRY_VOID(drop(tx, stream, key));
  const std::int64_t number = last(stream) + 1;
  const std::string at = number_key(number);
  TILLKIT_TRY_VOID(tx.put(kNews, stream, at, change));
  TILLKIT_TRY_VOID(tx.put(kNewsKeys, stream, key, at));
  TILLKIT_TRY_VOID(tx.put(kNewsLast, stream, kOnly, at));
  last_[stream] = number;
  return {};
}

Result<> News::drop(Tx& tx, const std::string& stream, const std::string& key) {
  TILLKIT_TRY(const std::optional<std::string> at, tx.get(kNewsKeys, stream, key));
  if (!at) return {};
  TILLKIT_TRY_VOID(tx.erase(kNewsKeys, stream, key));
  return tx.erase(kNews, stream, *at);
}

Result<std::optional<std::string>> News::find(Reader& reader, const std::string& stream, const std::string& key) {
  TILLKIT_TRY(const std::optional<std::string> at, reader.get(kNewsKeys, stream, key));
  if (!at) return std::optional<std::string>();
  return reader.get(kNews, stream, *at);
}

std::int64_t News::last(const std::string& stream) const {
  const auto found = last_.find(stream);
  return found == last_.end() ? 0 : found->second;
}

Result<News::Page> News::read(Reader& reader, const std::vector<std::string>& streams,
                              std::vector<std::int64_t> after) const {
  Page page{.after = std::move(after)};
  std::size_t bytes = 0;
  std::size_t values = 0;
  for (std::size_t i = 0; i < streams.size(); ++i) {
    TILLKIT_TRY(const std::vector<Row> rows,
                reader.list(kNews, streams[i], number_key(page.after[i]), kChangesMax + 1));
    for (const Row& row : rows) {
      bytes += row.value.size() + 1;
      values += values_in(row.value);
      const bool first = page.changes.empty();
      const bool full = page.changes.size() == kChangesMax || bytes > kChangeBytesMax || values > kChangeValuesMax;
      if (full && !first) {
        page.more = true;
        return page;
      }
      page.changes.push_back(row.value);
      page.after[i] = number_of(row.at.key);
    }
    // What was taken away since needs nobody to come for it again.
    page.after[i] = std::max(page.after[i], last(streams[i]));
  }
  return page;
}

std::size_t values_in(std::string_view json) {
  return 1 +
         static_cast<std::size_t>(std::ranges::count_if(json, [](char c) { return c == ',' || c == '{' || c == '['; }));
}

}  // namespace tillkit::sandbox
