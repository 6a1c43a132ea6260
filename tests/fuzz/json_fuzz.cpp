// SPDX-License-Identifier: Apache-2.0
// Whatever the bytes: parsing ends with a document or a typed error; a document, written and parsed again, is the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tillkit/core/assert.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/core/json_writer.hpp"

using tillkit::core::JsonDocument;
using tillkit::core::JsonWriter;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto document = JsonDocument::parse(text);
  if (!document) return 0;
  const auto written = JsonWriter().value(document->root()).finish();
  TILLKIT_ASSERT(written.has_value());
  const auto again = JsonDocument::parse(*written);
  TILLKIT_ASSERT(again.has_value());
  const auto written_again = JsonWriter().value(again->root()).finish();
  TILLKIT_ASSERT(written_again == written);
  return 0;
}
