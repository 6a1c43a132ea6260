// SPDX-License-Identifier: Apache-2.0
#include "tillkit/security/kept_text.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "tillkit/core/assert.hpp"
#include "tillkit/security/encryption.hpp"

namespace tillkit::security {
namespace {

using core::Bytes;
using core::ByteView;
using core::ErrorCode;
using core::fail;
using core::Result;

// The upper half of a BlobId says whose it is: 1 is PSA's, 2 the journal's. Stored: never renumber.
constexpr std::uint64_t kKeptBlobs = std::uint64_t{3} << 32;
constexpr std::string_view kKeyLabel = "tillkit/security/kept-text/v1";
constexpr std::byte kVersion{1};
// A head: version, side, parts; then encryption's overhead. What it is encrypted for, the parts' side included, is its
// context, so that no blob can stand for another.
constexpr std::size_t kHeadBytes = 3;
constexpr std::size_t kPartBytes = hal::kKeyStoreBlobBytesMax - kEncryptionOverheadBytes;

/// What a blob is encrypted for: the text's name, its side (0: the head), and its place.
std::array<std::byte, 3> context_of(std::uint8_t name, std::uint8_t side, std::size_t index) {
  return {std::byte{name}, std::byte{side}, static_cast<std::byte>(index)};
}

}  // namespace

hal::BlobId KeptText::part(std::uint8_t side, std::size_t index) const {
  return {kKeptBlobs | std::uint64_t{name_} << 16U | std::uint64_t{side} << 8U | index};
}

Result<KeptText::Head> KeptText::head() const {
  TILLKIT_TRY(const auto key, crypto_.derive_encryption_key(kKeyLabel));
  TILLKIT_TRY(const Bytes stored, store_.read(part(0, 0)));
  TILLKIT_TRY(const core::Secret plain, key.decrypt(stored, context_of(name_, 0, 0)));
  const ByteView head = plain.view();
  if (head.size() != kHeadBytes || head[0] != kVersion) return fail(ErrorCode::Corrupt);
  return Head{.side = std::to_integer<std::uint8_t>(head[1]), .parts = std::to_integer<std::uint8_t>(head[2])};
}

Result<core::Secret> KeptText::read() const {
  TILLKIT_TRY(const Head now, head());
  TILLKIT_TRY(const auto key, crypto_.derive_encryption_key(kKeyLabel));
  Bytes text;
  text.reserve(kKeptTextBytesMax);
  for (std::size_t i = 0; i < now.parts; ++i) {
    const auto stored = store_.read(part(now.side, i));
    // The head says that it is there.
    if (!stored) return fail(stored.error().code == ErrorCode::NotFound ? ErrorCode::Corrupt : stored.error().code);
    TILLKIT_TRY(const core::Secret plain, key.decrypt(*stored, context_of(name_, now.side, i)));
    if (text.size() + plain.view().size() > kKeptTextBytesMax) return fail(ErrorCode::Corrupt);
    text.insert(text.end(), plain.view().begin(), plain.view().end());
  }
  return core::Secret(std::move(text));
}

Result<> KeptText::write(ByteView text) {
  TILLKIT_ASSERT(name_ != 0);
  if (text.empty() || text.size() > kKeptTextBytesMax) return fail(ErrorCode::InvalidArgument);
  const auto before = head();
  // What is corrupt is replaced, too: whoever writes knows the whole text.
  const bool none =
      !before && (before.error().code == ErrorCode::NotFound || before.error().code == ErrorCode::Corrupt);
  if (!before && !none) return std::unexpected(before.error());
  const std::uint8_t side = before && before->side == 1 ? 2 : 1;
  TILLKIT_TRY(const auto key, crypto_.derive_encryption_key(kKeyLabel));

  std::size_t parts = 0;
  for (std::size_t at = 0; at < text.size(); at += kPartBytes, ++parts) {
    const ByteView piece = text.subspan(at, std::min(kPartBytes, text.size() - at));
    TILLKIT_TRY(const Bytes sealed, key.encrypt(piece, context_of(name_, side, parts)));
    TILLKIT_TRY_VOID(store_.write(part(side, parts), sealed));
  }
  const std::array head{kVersion, std::byte{side}, static_cast<std::byte>(parts)};
  TILLKIT_TRY(const Bytes sealed, key.encrypt(head, context_of(name_, 0, 0)));
  TILLKIT_TRY_VOID(store_.write(part(0, 0), sealed));

  // From here on it is the new text. What a failure or a power cut leaves of the old one, the next write finds.
  [[maybe_unused]] const auto longer = erase_parts(side, parts);
  [[maybe_unused]] const auto old = erase_parts(side == 1 ? 2 : 1, 0);
  return {};
}

Result<> KeptText::erase() {
  TILLKIT_TRY_VOID(store_.erase(part(0, 0)));
  TILLKIT_TRY_VOID(erase_parts(1, 0));
  return erase_parts(2, 0);
}

Result<> KeptText::erase_parts(std::uint8_t side, std::size_t index) {
  for (; index <= kKeptTextBytesMax / kPartBytes; ++index) {
    const auto erased = store_.erase(part(side, index));
    if (!erased && erased.error().code != ErrorCode::NotFound) return erased;
  }
  return {};
}

}  // namespace tillkit::security
