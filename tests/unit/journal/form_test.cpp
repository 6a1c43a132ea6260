// SPDX-License-Identifier: Apache-2.0

// What is stored or sent has one form for ever: records as they are chained, heads as they are signed, order numbers.

#include <algorithm>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "till.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/journal/limits.hpp"

namespace tillkit::journal {
namespace {

using core::ErrorCode;

Record example() {
  Record record;
  for (std::size_t i = 0; i < record.journal.bytes.size(); ++i)
    record.journal.bytes[i] = static_cast<std::byte>(i);
  record.seq = Seq(7);
  record.kind = kind("a.b");
  record.version = 258;
  record.sale = SaleId(5);
  record.at = {{core::WallTime(std::chrono::milliseconds(1'800'000'000'000)), core::WallQuality::Trusted},
               3,
               core::MonotonicTime(std::chrono::microseconds(1'000'001))};
  record.duty = {must(Operator::parse("li")), 9, std::chrono::sys_days(std::chrono::days(-1))};
  record.body = R"({"a":1})";
  return record;
}

TEST_CASE("the canonical form of a record is what it was when the first chain was written", "[journal]") {
  CHECK(core::encode_hex(canonical_record(example())) ==
        "01"                                // form
        "000102030405060708090a0b0c0d0e0f"  // journal
        "0000000000000007"                  // seq
        "0003612e62"                        // kind
        "0102"                              // version
        "0000000000000005"                  // sale
        "000001a3185c5000"                  // wall
        "02"                                // quality
        "00000003"                          // boot
        "00000000000f4241"                  // monotonic
        "00026c69"                          // operator
        "00000009"                          // shift
        "ffffffff"                          // business day
        "000000077b2261223a317d");          // body
  CHECK(core::encode_hex(must(next_chain(Chain{}, example()))) ==
        core::encode_hex(must(security::sha256(
            must(core::decode_hex(std::string(64, '0') + core::encode_hex(canonical_record(example()))))))));
}

TEST_CASE("no two records have one canonical form", "[journal]") {
  Record left = example();
  Record right = example();
  left.kind = kind("ab");
  left.duty.operator_id = must(Operator::parse("c"));
  right.kind = kind("a");
  right.duty.operator_id = must(Operator::parse("bc"));

  CHECK(canonical_record(left) != canonical_record(right));
}

TEST_CASE("a head's signed form is fixed", "[journal]") {
  SignedHead head;
  head.journal = example().journal;
  head.seq = Seq(2);
  head.counter = 3;

  CHECK(core::encode_hex(signed_bytes(head)) == core::encode_hex(core::as_bytes("tillkit journal head 1")) + "00" +
                                                    "000102030405060708090a0b0c0d0e0f" + "0000000000000002" +
                                                    std::string(64, '0') + "0000000000000003");
}

TEST_CASE("an order number is terminal, seq and random bits, at most 32 characters", "[journal]") {
  const TerminalName terminal = must(TerminalName::parse("SH7"));

  CHECK(must(make_order_number(terminal, Seq(1), 0)).view() == "SH710000000000");
  CHECK(must(make_order_number(terminal, Seq(32), 31)).view() == "SH710000000000Z");
  CHECK(must(make_order_number(terminal, Seq(1'000'000), ~std::uint64_t{0})).view() == "SH7YGJ0ZZZZZZZZZZ");
  const OrderNumber longest =
      must(make_order_number(must(TerminalName::parse("ABCDEFGHIJKL")), kOrderSeqMax, ~std::uint64_t{0}));
  CHECK(longest.view().size() == 32);
}

TEST_CASE("an order number leads back to its seq, whatever the terminal is called", "[journal]") {
  for (const std::string_view name : {"1", "SH7", "ZZZZZZZZZZZZ", "0", "ILOU"}) {
    const TerminalName terminal = must(TerminalName::parse(name));
    for (const std::int64_t seq : {std::int64_t{1}, std::int64_t{31}, std::int64_t{32}, std::int64_t{1'023},
                                   std::int64_t{1'000'000}, kOrderSeqMax.value()}) {
      CAPTURE(std::string(name), seq);
      const OrderNumber order = must(make_order_number(terminal, Seq(seq), 0x123456789ABCDEFULL));
      CHECK(must(seq_of(order, terminal)) == Seq(seq));
    }
  }
}

TEST_CASE("what is none of this terminal's numbers is not found", "[journal]") {
  const TerminalName terminal = must(TerminalName::parse("SH7"));
  for (const std::string_view text : {"SH8100000000000", "SH70000000000", "SH7", "SH7I0000000000", "SH700000000000",
                                      "SH71000000000U", "SH7YYYYYYYYYYYYYYYYYYYYYYYYY"}) {
    CAPTURE(std::string(text));
    CHECK(failed_with(seq_of(must(OrderNumber::parse(text)), terminal), ErrorCode::NotFound));
  }
  CHECK(failed_with(make_order_number(terminal, Seq(0), 1), ErrorCode::OutOfRange));
  CHECK(failed_with(make_order_number(terminal, Seq(kOrderSeqMax.value() + 1), 1), ErrorCode::OutOfRange));
  CHECK(failed_with(make_order_number({}, Seq(1), 1), ErrorCode::InvalidArgument));
}

TEST_CASE("names that are shown and stored are each a word of its own", "[journal]") {
  std::vector<std::string_view> words;
  for (int i = 1; i <= 13; ++i)
    words.push_back(to_string(static_cast<Flaw>(i)));
  for (int i = 0; i <= 5; ++i)
    words.push_back(to_string(static_cast<SafeReason>(i)));
  for (int i = 0; i <= 3; ++i)
    words.push_back(to_string(static_cast<StartSale>(i)));
  CHECK(std::ranges::find(words, "unknown") == words.end());
  CHECK(to_string(static_cast<Flaw>(99)) == "unknown");
  std::ranges::sort(words);
  CHECK(std::ranges::unique(words).size() == 1);  // rolled_back is a flaw and a reason
  CHECK(to_string(example().journal) == "000102030405060708090a0b0c0d0e0f");
}

TEST_CASE("the limits of journal are listed once each, in order, with a unit", "[journal]") {
  const auto limits = journal_limits();

  CHECK(std::ranges::is_sorted(limits, std::ranges::less{}, &core::NamedLimit::name));
  CHECK(std::ranges::adjacent_find(limits, std::ranges::equal_to{}, &core::NamedLimit::name) == limits.end());
  for (const auto& [name, value, unit] : limits) {
    CAPTURE(std::string(name));
    CHECK(name.starts_with("journal."));
    CHECK(value > 0);
    CHECK_FALSE(unit.empty());
  }
}

}  // namespace
}  // namespace tillkit::journal
