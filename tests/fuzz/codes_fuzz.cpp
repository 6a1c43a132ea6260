// SPDX-License-Identifier: Apache-2.0
// Whatever is scanned: it is classified, the same way twice, with or without a line break. What is read as a
// merchant-presented code is written as it was; a code table that is read keeps its own rules.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tillkit/codes/code.hpp"
#include "tillkit/core/assert.hpp"
#include "tillkit/core/json.hpp"

namespace codes = tillkit::codes;
namespace core = tillkit::core;

namespace {

void check_classified(std::string_view text, const codes::CodeTable& table) {
  const codes::Code code = codes::classify(text, table);
  TILLKIT_ASSERT(kind_of(codes::classify(text, table)) == kind_of(code));
  TILLKIT_ASSERT(kind_of(codes::classify(std::string(text) + "\r\n", table)) == kind_of(code));
  if (const auto* const payment = std::get_if<codes::PaymentCode>(&code)) {
    TILLKIT_ASSERT(!payment->wallets().empty() && text.contains(payment->reveal()));
    TILLKIT_ASSERT(payment->size() <= codes::kPaymentCodeCharactersMax);
  }
  if (const auto* const item = std::get_if<codes::Item>(&code)) TILLKIT_ASSERT(codes::make_gtin(item->gtin.view()));
}

void check_merchant_presented(std::string_view text, codes::MpmRules rules) {
  const auto code = codes::parse_mpm(text, rules);
  if (!code) return;
  const auto written = codes::build_mpm(*code, rules);
  TILLKIT_ASSERT(written.has_value() && *written == text);
  static_cast<void>(code->amount());
  static_cast<void>(code->tip_fixed());
  static_cast<void>(code->tip_percent());
}

/// The checks at the end of a code keep a fuzzer out; this puts the right one there.
std::string with_crc(std::string_view text) {
  std::string body(text.substr(0, text.size() < 8 ? 0 : text.size() - 8));
  const auto fault = codes::parse_mpm(body + "63040000");
  if (fault || fault.error().mistake != codes::MpmMistake::Crc) return body + "63040000";
  body += "6304";
  for (const unsigned shift : {12U, 8U, 4U, 0U})
    body += "0123456789ABCDEF"[(unsigned{fault.error().expected} >> shift) & 0xFU];
  return body;
}

void check_consumer_presented(std::string_view text) {
  const auto code = codes::parse_cpm(text);
  if (!code) return;
  TILLKIT_ASSERT(!code->applications().empty() && code->payment().reveal() == text);
  TILLKIT_ASSERT(text.starts_with(codes::kCpmStart));
}

void check_table(std::string_view text) {
  const auto document = core::JsonDocument::parse(text);
  if (!document) return;
  const auto table = codes::read_code_table(document->root());
  if (!table) {
    TILLKIT_ASSERT(document->path_of(table.error()).has_value());
    return;
  }
  for (const codes::InStoreRule& label : table->in_store.all()) {
    for (const codes::PaymentRule& payment : table->payments.all())
      TILLKIT_ASSERT(!label.range.overlaps(payment.range));
    // The row in use, on a text of its own: the lowest of its prefixes and zeros.
    std::string digits(label.range.first.view());
    digits.resize(label.range.length_max - 1U, '0');
    digits += codes::gs1_check_digit(digits);
    check_classified(digits, *table);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  check_classified(text, codes::default_code_table());
  check_merchant_presented(text, {});
  check_merchant_presented(with_crc(text), {});
  check_merchant_presented(with_crc(text), {.short_forms = true});
  check_consumer_presented(text);
  check_table(text);
  return 0;
}
