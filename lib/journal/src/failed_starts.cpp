// SPDX-License-Identifier: Apache-2.0
#include "tillkit/journal/failed_starts.hpp"

#include <array>
#include <cstddef>
#include <limits>

#include "big_endian.hpp"

namespace tillkit::journal {
namespace {

// The upper half of a BlobId says whose it is: 1 is PSA's, 2 the journal's. Stored: never renumber.
constexpr hal::BlobId kCount{(std::uint64_t{2} << 32) | 1};
// Format, then the count twice, the second time inverted: whoever can write the key store can do worse than this, so
// chance is all that it is guarded against.
constexpr std::byte kFormat{1};
constexpr std::size_t kBytes = 9;

core::Result<> write(hal::KeyStore& store, std::uint32_t count) {
  BigEndian out;
  out.number(std::to_integer<std::uint8_t>(kFormat)).number(count).number(~count);
  return store.write(kCount, out.view());
}

std::uint32_t read_number(core::ByteView bytes) {
  std::uint32_t number = 0;
  for (const std::byte byte : bytes)
    number = (number << 8U) | std::to_integer<std::uint32_t>(byte);
  return number;
}

}  // namespace

core::Result<std::uint32_t> FailedStarts::count() {
  const auto blob = store_.read(kCount);
  if (!blob) {
    const auto code = blob.error().code;
    if (code == core::ErrorCode::NotFound || code == core::ErrorCode::Corrupt) return std::uint32_t{0};
    return std::unexpected(blob.error());
  }
  if (blob->size() != kBytes || blob->front() != kFormat) return std::uint32_t{0};
  const std::uint32_t count = read_number(core::ByteView(*blob).subspan(1, 4));
  return read_number(core::ByteView(*blob).subspan(5, 4)) == ~count ? count : 0;
}

core::Result<std::uint32_t> FailedStarts::begin() {
  TILLKIT_TRY(const std::uint32_t before, count());
  if (before < std::numeric_limits<std::uint32_t>::max()) TILLKIT_TRY_VOID(write(store_, before + 1));
  return before;
}

core::Result<> FailedStarts::succeeded() {
  TILLKIT_TRY(const std::uint32_t before, count());
  if (before == 0) return {};
  return write(store_, 0);
}

core::Result<std::uint32_t> FailedStarts::try_again() {
  TILLKIT_TRY(const std::uint32_t before, count());
  if (before >= kFailedStartsMax) TILLKIT_TRY_VOID(write(store_, 1));
  return before;
}

}  // namespace tillkit::journal
