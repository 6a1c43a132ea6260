// SPDX-License-Identifier: Apache-2.0
#include "tillkit/cloud/upload.hpp"

#include <string>

#include <catch2/catch_test_macros.hpp>

#include "tillkit/core/json.hpp"

using namespace tillkit;
using core::ErrorCode;

namespace {

cloud::Head some_head() {
  return {.journal = {}, .seq = 9, .chain = {}, .counter = 1, .signature = {}};
}

cloud::Record record(std::int64_t seq, std::string body = "{}") {
  return {.seq = seq,
          .kind = *cloud::RecordKind::parse("sale.opened"),
          .operator_id = *cloud::RecordOperator::parse("unattended"),
          .body = std::move(body)};
}

std::size_t records_in(const std::string& body) {
  const auto document = core::JsonDocument::parse(body, {.values_max = 100'000});
  REQUIRE(document);
  return document->root().member("records")->size();
}

}  // namespace

TEST_CASE("a batch takes records until its bytes are full, and one at least", "[cloud]") {
  cloud::UploadBatch batch(some_head(), 1'000);

  std::int64_t seq = 1;
  while (*batch.add(record(seq)))
    ++seq;
  const auto body = batch.finish();

  REQUIRE(body);
  CHECK(body->size() <= 1'000);
  CHECK(records_in(*body) == static_cast<std::size_t>(seq - 1));
  CHECK(seq > 5);

  cloud::UploadBatch small(some_head(), 1);
  CHECK(*small.add(record(1)));
  CHECK_FALSE(*small.add(record(2)));
}

TEST_CASE("a batch has at most as many records as the contract allows", "[cloud]") {
  cloud::UploadBatch batch(some_head(), cloud::kUploadBodyBytesMax);

  for (std::size_t i = 1; i <= cloud::kUploadRecordsMax; ++i)
    REQUIRE(*batch.add(record(static_cast<std::int64_t>(i))));

  CHECK_FALSE(*batch.add(record(cloud::kUploadRecordsMax + 1)));
  CHECK(batch.records() == cloud::kUploadRecordsMax);
}

TEST_CASE("a batch refuses gaps and what the contract does not allow", "[cloud]") {
  cloud::UploadBatch batch(some_head(), 100'000);
  REQUIRE(*batch.add(record(5)));

  CHECK(batch.add(record(7)).error().code == ErrorCode::InvalidArgument);
  CHECK(batch.add(record(5)).error().code == ErrorCode::InvalidArgument);
  CHECK(batch.add(record(6, "")).error().code == ErrorCode::InvalidArgument);
  CHECK(batch.add(record(6, std::string(65'537, 'x'))).error().code == ErrorCode::InvalidArgument);
  CHECK(*batch.add(record(6)));
}

TEST_CASE("a record that no body can hold says so", "[cloud]") {
  cloud::Record worst = record(1, std::string(65'536, '\\'));
  for (std::size_t i = 0; i < 16; ++i) {
    worst.personal.push_back(
        {.field = *cloud::RecordField::parse("f"), .salt = core::Bytes(16), .value = std::string(4'096, '\x01')});
  }
  cloud::UploadBatch batch(some_head(), cloud::kUploadBodyBytesMax);

  CHECK(batch.add(worst).error().code == ErrorCode::Exhausted);
  worst.personal.clear();
  CHECK(*batch.add(worst));
}

TEST_CASE("a head that the contract does not allow makes no body", "[cloud]") {
  cloud::Head head = some_head();
  head.seq = 0;
  CHECK(cloud::UploadBatch(head, 1'000).finish().error().code == ErrorCode::OutOfRange);
  head = some_head();
  head.counter = static_cast<std::uint64_t>(cloud::kCountMax) + 1;
  CHECK(cloud::UploadBatch(head, 1'000).finish().error().code == ErrorCode::OutOfRange);
}
