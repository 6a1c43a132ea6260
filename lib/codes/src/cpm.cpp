// SPDX-License-Identifier: Apache-2.0
#include "tillkit/codes/cpm.hpp"

#include <algorithm>
#include <optional>

#include "tillkit/core/bytes.hpp"
#include "tillkit/core/encoding.hpp"

namespace tillkit::codes {
namespace {

constexpr std::uint16_t kFormat = 0x85;
constexpr std::uint16_t kApplication = 0x61;
constexpr std::uint16_t kCommon = 0x62;
constexpr std::uint16_t kApplicationId = 0x4F;
constexpr std::string_view kVersion = "CPV01";
constexpr std::size_t kIdBytesMin = 5;
constexpr std::size_t kIdBytesMax = 16;

struct Object {
  std::uint16_t tag = 0;
  std::size_t at = 0;  // where the object starts, in the whole code
  std::size_t value_at = 0;
  core::ByteView value;
};

/// Reads one object after the other out of a part of the code.
class Reader {
 public:
  Reader(core::ByteView whole, std::size_t begin, std::size_t end) : whole_(whole), at_(begin), end_(end) {}

  [[nodiscard]] bool done() const { return at_ == end_; }

  std::expected<Object, CpmFault> next() {
    Object object;
    object.at = at_;
    unsigned tag = take();
    // All bits of the number set: it goes on in the next byte, which must not go on again.
    if ((tag & 0x1FU) == 0x1FU) {
      if (done() || (peek() & 0x80U) != 0) return refuse(CpmMistake::Tag, object);
      tag = (tag << 8U) | take();
    }
    object.tag = static_cast<std::uint16_t>(tag);
    if (tag == 0) return refuse(CpmMistake::Tag, object);
    if (done()) return refuse(CpmMistake::Length, object);
    std::size_t length = take();
    if (length >= 0x80) {
      std::size_t more = length & 0x7FU;
      if (more < 1 || more > 2 || end_ - at_ < more) return refuse(CpmMistake::Length, object);
      length = 0;
      for (; more > 0; --more)
        length = (length << 8U) | take();
    }
    if (length > end_ - at_) return refuse(CpmMistake::Length, object);
    object.value_at = at_;
    object.value = whole_.subspan(at_, length);
    at_ += length;
    return object;
  }

 private:
  [[nodiscard]] unsigned peek() const { return std::to_integer<unsigned>(whole_[at_]); }
  unsigned take() {
    const unsigned byte = peek();
    ++at_;
    return byte;
  }
  static std::unexpected<CpmFault> refuse(CpmMistake mistake, const Object& object) {
    return std::unexpected(CpmFault{mistake, object.tag, static_cast<std::uint16_t>(object.at)});
  }

  core::ByteView whole_;
  std::size_t at_;
  std::size_t end_;
};

/// The tags of one template, or of all templates of a kind.
class Tags {
 public:
  [[nodiscard]] bool has(std::uint16_t tag) const { return std::ranges::find(all(), tag) != all().end(); }
  [[nodiscard]] bool add(std::uint16_t tag) {
    if (count_ == tags_.size()) return false;
    tags_[count_] = tag;
    ++count_;
    return true;
  }
  [[nodiscard]] std::span<const std::uint16_t> all() const { return std::span(tags_).first(count_); }

 private:
  std::array<std::uint16_t, kCpmObjectsMax> tags_{};
  std::size_t count_ = 0;
};

ApplicationId write_id(core::ByteView bytes) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::array<char, ApplicationId::kLengthMax> chars{};
  std::size_t size = 0;
  for (const std::byte byte : bytes) {
    chars[size] = kHex[std::to_integer<std::size_t>(byte) >> 4U];
    chars[size + 1] = kHex[std::to_integer<std::size_t>(byte) & 0xFU];
    size += 2;
  }
  return ApplicationId::parse(std::string_view(chars.data(), size)).value_or(ApplicationId{});
}

/// What one pass over the code gathers.
struct Reading {
  std::array<ApplicationId, kCpmApplicationsMax> applications;
  std::size_t application_count = 0;
  Tags in_applications;
  Tags in_common;
  bool has_common = false;
};

using Fault = std::optional<CpmFault>;

CpmFault fault(CpmMistake mistake, const Object& object) {
  return {mistake, object.tag, static_cast<std::uint16_t>(object.at)};
}

Fault read_template(core::ByteView whole, const Object& outer, Reading& reading) {
  const bool application = outer.tag == kApplication;
  Tags here;
  ApplicationId id;
  Reader reader(whole, outer.value_at, outer.value_at + outer.value.size());
  while (!reader.done()) {
    const auto object = reader.next();
    if (!object) return object.error();
    if (here.has(object->tag)) return fault(CpmMistake::Repeated, *object);
    if ((application ? reading.in_common : reading.in_applications).has(object->tag))
      return fault(CpmMistake::InBoth, *object);
    Tags& kind = application ? reading.in_applications : reading.in_common;
    if (!here.add(object->tag) || (!kind.has(object->tag) && !kind.add(object->tag)))
      return fault(CpmMistake::TooMany, *object);
    if (!application || object->tag != kApplicationId) continue;
    if (object->value.size() < kIdBytesMin || object->value.size() > kIdBytesMax)
      return fault(CpmMistake::IdLength, *object);
    id = write_id(object->value);
  }
  if (!application) return std::nullopt;
  if (id.empty()) return fault(CpmMistake::NoId, outer);
  if (reading.application_count == kCpmApplicationsMax) return fault(CpmMistake::TooMany, outer);
  reading.applications[reading.application_count] = id;
  ++reading.application_count;
  return std::nullopt;
}

Fault read_code(core::ByteView whole, Reading& reading) {
  Reader reader(whole, 0, whole.size());
  for (bool first = true; !reader.done(); first = false) {
    const auto object = reader.next();
    if (!object) return object.error();
    if (first) {
      if (object->tag != kFormat) return fault(CpmMistake::First, *object);
      if (core::as_text(object->value) != kVersion) return fault(CpmMistake::Version, *object);
      continue;
    }
    if (object->tag == kFormat || (object->tag == kCommon && reading.has_common))
      return fault(CpmMistake::Repeated, *object);
    // Whatever else stands beside the templates is for others to know.
    if (object->tag != kApplication && object->tag != kCommon) continue;
    reading.has_common = reading.has_common || object->tag == kCommon;
    if (const Fault inner = read_template(whole, *object, reading)) return inner;
  }
  if (whole.empty()) return CpmFault{CpmMistake::First};
  if (reading.application_count == 0) return CpmFault{CpmMistake::NoApplication, kApplication};
  return std::nullopt;
}

}  // namespace

CpmScheme scheme_of(const ApplicationId& id) {
  struct Owner {
    std::string_view registered;
    CpmScheme scheme;
  };
  // ISO/IEC 7816-5 registered application providers.
  constexpr std::array kOwners{
      Owner{"A000000333", CpmScheme::UnionPay},   Owner{"A000000003", CpmScheme::Visa},
      Owner{"A000000004", CpmScheme::Mastercard}, Owner{"A000000025", CpmScheme::Amex},
      Owner{"A000000065", CpmScheme::Jcb},        Owner{"A000000152", CpmScheme::Discover},
  };
  for (const Owner& owner : kOwners) {
    if (id.view().starts_with(owner.registered)) return owner.scheme;
  }
  return CpmScheme::Other;
}

std::expected<CpmCode, CpmFault> parse_cpm(std::string_view text) {
  if (text.size() > (kCpmBytesMax + 2) / 3 * 4) return std::unexpected(CpmFault{CpmMistake::TooLong});
  auto decoded = core::decode_base64(text);
  if (!decoded) return std::unexpected(CpmFault{CpmMistake::Base64});
  const core::Secret bytes(*std::move(decoded));
  Reading reading;
  if (const Fault found = read_code(bytes.view(), reading)) return std::unexpected(*found);
  WalletRoute route;
  if (scheme_of(reading.applications[0]) == CpmScheme::UnionPay) route.add(Wallet::UnionPay);
  return CpmCode(PaymentCode(text, route, false), reading.applications, reading.application_count);
}

}  // namespace tillkit::codes
