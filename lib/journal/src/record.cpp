// SPDX-License-Identifier: Apache-2.0
#include "tillkit/journal/record.hpp"

#include "big_endian.hpp"
#include "tillkit/core/encoding.hpp"

namespace tillkit::journal {
namespace {

constexpr std::uint8_t kForm = 1;
constexpr std::size_t kAllButTextsBytes = 96;

void write_canonical(BigEndian& out, const Record& record) {
  out.number(kForm).raw(record.journal.bytes).number(record.seq.value());
  out.text<std::uint16_t>(record.kind.view()).number(record.version).number(record.sale.value());
  out.number(std::int64_t{record.at.wall.at.time_since_epoch().count()});
  out.number(static_cast<std::uint8_t>(record.at.wall.quality)).number(record.at.boot);
  out.number(std::int64_t{record.at.since_boot.time_since_epoch().count()});
  out.text<std::uint16_t>(record.duty.operator_id.view()).number(record.duty.shift);
  out.number(static_cast<std::int32_t>(record.duty.business_day.time_since_epoch().count()));
  out.text<std::uint32_t>(record.body);
}

std::size_t canonical_bytes(const Record& record) {
  return kAllButTextsBytes + record.kind.view().size() + record.duty.operator_id.view().size() + record.body.size();
}

}  // namespace

std::string to_string(const JournalId& journal) {
  return core::encode_hex(journal.bytes);
}

core::Bytes canonical_record(const Record& record) {
  BigEndian out;
  out.reserve(canonical_bytes(record));
  write_canonical(out, record);
  return out.take();
}

core::Result<Chain> next_chain(const Chain& previous, const Record& record) {
  BigEndian out;
  out.reserve(previous.size() + canonical_bytes(record));
  out.raw(previous);
  write_canonical(out, record);
  return security::sha256(out.view());
}

}  // namespace tillkit::journal
