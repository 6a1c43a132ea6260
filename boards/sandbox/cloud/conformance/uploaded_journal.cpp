// SPDX-License-Identifier: Apache-2.0
#include "uploaded_journal.hpp"

#include <chrono>
#include <stdexcept>

#include "tillkit/core/bytes.hpp"

namespace tillkit::conformance {
namespace {

/// What this program writes itself is always within the contract; a mistake in it is one of the program.
template <class T>
T made(core::Result<T> result) {
  if (!result) throw std::logic_error("a record that cannot be made: " + std::string(to_string(result.error().code)));
  return *std::move(result);
}

}  // namespace

std::int64_t UploadedJournal::add(std::string_view kind, std::int64_t sale, std::string body,
                                  std::vector<Personal> personal) {
  const auto now = std::chrono::system_clock::now();
  journal::Record record;
  record.journal = id_;
  record.seq = journal::Seq(size() + 1);
  record.kind = made(journal::Kind::parse(kind));
  record.sale = journal::SaleId(sale < 0 ? size() + 1 : sale);
  record.at.wall = {core::WallTime(std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch())),
                    core::WallQuality::Trusted};
  record.at.boot = 1;
  record.at.since_boot = core::MonotonicTime(std::chrono::microseconds(size() * 1'000));
  record.duty.business_day = std::chrono::floor<std::chrono::days>(now);
  record.body = std::move(body);
  record.chain = made(journal::next_chain(records_.empty() ? journal::Chain{} : records_.back().chain, record));
  records_.push_back(std::move(record));
  personal_.push_back(std::move(personal));
  return size();
}

std::int64_t UploadedJournal::sell(std::int64_t total_minor) {
  const std::string money = R"({"minor":)" + std::to_string(total_minor) + R"(,"currency":"CNY"})";
  const std::int64_t sale =
      add("checkout.sale_priced", -1, R"({"total":)" + money + R"(,"lines":[],"removed":0,"age":0})");
  // 5: `Closed`, of lib/checkout's `SaleState`.
  add("checkout.sale_closed", sale, R"({"how":5})");
  return sale;
}

cloud::Head UploadedJournal::head(std::int64_t seq, std::uint64_t with, std::optional<journal::Chain> chain) {
  journal::SignedHead head{.journal = id_, .seq = journal::Seq(seq), .counter = with};
  head.chain = chain ? *chain : records_.at(static_cast<std::size_t>(seq - 1)).chain;
  head.signature = made(crypto_.sign_es256(key_, journal::signed_bytes(head)));
  return {.journal = id_.bytes, .seq = seq, .chain = head.chain, .counter = with, .signature = head.signature};
}

std::string UploadedJournal::upload(std::int64_t first, std::int64_t last) {
  return upload_with(head(size(), ++counter), first, last);
}

std::string UploadedJournal::upload_with(const cloud::Head& head, std::int64_t first, std::int64_t last) const {
  cloud::UploadBatch batch(head, cloud::kUploadBodyBytesMax);
  for (std::int64_t seq = first; seq <= last; ++seq) {
    const journal::Record& record = records_.at(static_cast<std::size_t>(seq - 1));
    cloud::Record copy{.seq = seq,
                       .kind = made(cloud::RecordKind::parse(record.kind.view())),
                       .version = record.version,
                       .sale = record.sale.value(),
                       .wall = record.at.wall.at,
                       .quality = static_cast<std::uint8_t>(record.at.wall.quality),
                       .boot = record.at.boot,
                       .monotonic = record.at.since_boot,
                       .operator_id = made(cloud::RecordOperator::parse(record.duty.operator_id.view())),
                       .shift = record.duty.shift,
                       .day = record.duty.business_day,
                       .body = record.body};
    for (const Personal& one : personal_.at(static_cast<std::size_t>(seq - 1))) {
      copy.personal.push_back({made(cloud::RecordField::parse(one.field)), core::to_bytes(one.salt), one.value});
    }
    if (!made(batch.add(copy))) throw std::logic_error("a batch that is full");
  }
  return made(batch.finish());
}

void UploadedJournal::cut(std::int64_t size) {
  records_.resize(static_cast<std::size_t>(size));
  personal_.resize(static_cast<std::size_t>(size));
}

}  // namespace tillkit::conformance
