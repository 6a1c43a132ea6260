// SPDX-License-Identifier: Apache-2.0
#include "tillkit/hal_linux/file_key_store.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <set>
#include <span>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "descriptor.hpp"
#include "tillkit/core/bytes.hpp"
#include "tillkit/security/digest.hpp"

namespace tillkit::hal_linux {
namespace {

constexpr const char* kSecretName = "device-secret";
constexpr const char* kCounterName = "counter";
constexpr std::string_view kBlobPrefix = "blob-";  // and 16 hexadecimal digits
constexpr std::string_view kBeside = ".new";       // a file before it takes its place

constexpr std::size_t kSecretBytes = 32;
// The counter and its inverse, big endian. Stored: never change.
constexpr std::size_t kCounterBytes = 16;

std::unexpected<core::Error> refuse(KeyFolderFault fault) {
  const bool forbidden = fault == KeyFolderFault::OpenToOthers || fault == KeyFolderFault::OtherOwner;
  return core::fail(forbidden ? core::ErrorCode::PermissionDenied : core::ErrorCode::Corrupt, core::ErrorSource::Device,
                    static_cast<std::int32_t>(fault));
}

std::unexpected<core::Error> system_failure(int error) {
  const auto code = [error] {
    switch (error) {
      case ENOENT: return core::ErrorCode::NotFound;
      case EACCES:
      case EPERM: return core::ErrorCode::PermissionDenied;
      case ENOSPC:
      case EDQUOT:
      case EFBIG: return core::ErrorCode::Exhausted;
      default: return core::ErrorCode::Unavailable;
    }
  }();
  return core::fail(code, core::ErrorSource::System, error);
}

/// A write that failed: the interface knows no permissions.
std::unexpected<core::Error> write_failure(int error) {
  auto failure = system_failure(error);
  if (failure.error().code != core::ErrorCode::Exhausted) failure.error().code = core::ErrorCode::Unavailable;
  return failure;
}

std::string name_of(hal::BlobId blob) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string name(kBlobPrefix);
  for (unsigned shift = 64; shift > 0; shift -= 4)
    name += kDigits[(blob.value >> (shift - 4)) & 0xFU];
  return name;
}

/// None: not the name of a blob.
std::optional<hal::BlobId> blob_of(std::string_view name) {
  if (!name.starts_with(kBlobPrefix) || name.size() != kBlobPrefix.size() + 16) return std::nullopt;
  hal::BlobId blob;
  for (const char c : name.substr(kBlobPrefix.size())) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit && (c < 'a' || c > 'f')) return std::nullopt;
    blob.value = (blob.value << 4U) | static_cast<std::uint64_t>(digit ? c - '0' : c - 'a' + 10);
  }
  if (blob.value == 0) return std::nullopt;
  return blob;
}

void put_number(std::span<std::byte> out, std::uint64_t number) {
  for (std::size_t i = 0; i < 8; ++i)
    out[i] = static_cast<std::byte>(number >> (8 * (7 - i)));
}

std::uint64_t get_number(core::ByteView bytes) {
  std::uint64_t number = 0;
  for (const std::byte byte : bytes.first(8))
    number = (number << 8U) | std::to_integer<std::uint64_t>(byte);
  return number;
}

/// HMAC-SHA-256 of `label` and 0x01, which is the first block of HKDF-Expand (RFC 5869).
core::Result<> expand(std::span<const std::byte, kSecretBytes> secret, std::string_view label,
                      std::span<std::byte, hal::kDerivedKeyBytes> key) {
  constexpr std::size_t kBlock = 64;
  const auto digest = [&secret](std::byte pad, core::ByteView message) {
    std::array<std::byte, kBlock + hal::kKeyStoreLabelBytesMax + 1> text;
    std::ranges::fill(text, pad);
    for (std::size_t i = 0; i < secret.size(); ++i)
      text[i] ^= secret[i];
    std::ranges::copy(message, text.begin() + kBlock);
    auto made = security::sha256(core::ByteView(text).first(kBlock + message.size()));
    core::wipe(text);
    return made;
  };
  core::Bytes info = core::to_bytes(label);
  info.push_back(std::byte{1});
  TILLKIT_TRY(security::Sha256 inner, digest(std::byte{0x36}, info));
  auto outer = digest(std::byte{0x5C}, inner);
  core::wipe(inner);
  if (!outer) return std::unexpected(outer.error());
  std::ranges::copy(*outer, key.begin());
  core::wipe(*outer);
  return {};
}

/// Whose it is, and who else may come near it. `root` looks at what belongs to others, and makes nothing there.
core::Result<> check_owner(const struct stat& status, KeyFolderUse use) {
  const uid_t self = ::geteuid();
  if (status.st_uid != self && !(use == KeyFolderUse::Look && self == 0)) return refuse(KeyFolderFault::OtherOwner);
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) return refuse(KeyFolderFault::OpenToOthers);
  return {};
}

core::Result<> flush_folder_of(const std::string& path) {
  const auto slash = path.find_last_not_of('/') == std::string::npos
                         ? std::string::npos
                         : path.find_last_of('/', path.find_last_not_of('/'));
  const std::string parent = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const Descriptor folder{::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!folder || ::fsync(folder.get()) != 0) return system_failure(errno);
  return {};
}

core::Result<Descriptor> open_folder(const std::string& path, KeyFolderUse use) {
  if (use == KeyFolderUse::Own) {
    if (::mkdir(path.c_str(), S_IRWXU) == 0) {
      TILLKIT_TRY_VOID(flush_folder_of(path));
    } else if (errno != EEXIST) {
      return system_failure(errno);
    }
  }
  Descriptor folder{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!folder && errno == ENOTDIR) return refuse(KeyFolderFault::NoFolder);
  if (!folder) return system_failure(errno);
  struct stat status{};
  if (::fstat(folder.get(), &status) != 0) return system_failure(errno);
  TILLKIT_TRY_VOID(check_owner(status, use));
  if (use == KeyFolderUse::Own && ::flock(folder.get(), LOCK_EX | LOCK_NB) != 0) {
    return core::fail(core::ErrorCode::Unavailable, core::ErrorSource::System, errno);
  }
  return folder;
}

core::Result<std::set<hal::BlobId>> list_blobs(int folder) {
  const int again = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (again < 0) return system_failure(errno);
  DIR* const entries = ::fdopendir(again);
  if (entries == nullptr) {
    const int error = errno;
    ::close(again);
    return system_failure(error);
  }
  std::set<hal::BlobId> blobs;
  errno = 0;
  while (const dirent* const entry = ::readdir(entries)) {
    if (const auto blob = blob_of(entry->d_name)) blobs.insert(*blob);
    errno = 0;
  }
  const int error = errno;
  ::closedir(entries);
  if (error != 0) return system_failure(error);
  return blobs;
}

}  // namespace

std::string_view to_string(KeyFolderFault fault) {
  switch (fault) {
    case KeyFolderFault::OpenToOthers: return "open_to_others";
    case KeyFolderFault::OtherOwner: return "other_owner";
    case KeyFolderFault::NoFolder: return "no_folder";
    case KeyFolderFault::SecretMissing: return "secret_missing";
    case KeyFolderFault::SecretDamaged: return "secret_damaged";
    case KeyFolderFault::CounterMissing: return "counter_missing";
    case KeyFolderFault::CounterDamaged: return "counter_damaged";
  }
  return "unknown";
}

std::optional<KeyFolderFault> key_folder_fault(const core::Error& error) {
  if (error.source != core::ErrorSource::Device || error.foreign < 1 ||
      error.foreign > static_cast<std::int32_t>(KeyFolderFault::CounterDamaged)) {
    return std::nullopt;
  }
  return static_cast<KeyFolderFault>(error.foreign);
}

class FileKeyStore::Impl {
 public:
  Impl(Descriptor folder, KeyFolderUse use, std::set<hal::BlobId> blobs)
      : folder_(std::move(folder)), use_(use), blobs_(std::move(blobs)) {}
  ~Impl() { core::wipe(secret_); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] core::Result<> start(hal::Random& random);
  [[nodiscard]] core::Result<> derive(std::string_view label, std::span<std::byte, hal::kDerivedKeyBytes> key) const {
    return expand(secret_, label, key);
  }
  [[nodiscard]] core::Result<core::Bytes> read(hal::BlobId blob) const;
  [[nodiscard]] core::Result<> write(hal::BlobId blob, core::ByteView bytes);
  [[nodiscard]] core::Result<> erase(hal::BlobId blob);
  [[nodiscard]] core::Result<std::uint64_t> counter();
  [[nodiscard]] core::Result<std::uint64_t> advance();

 private:
  [[nodiscard]] bool may_write() const { return use_ == KeyFolderUse::Own; }
  [[nodiscard]] core::Result<bool> holds(const char* name) const;
  [[nodiscard]] core::Result<core::Bytes> read_file(const char* name, std::size_t bytes_max) const;
  /// Puts `bytes` in the place of a file. Timeout: it is the old one or the new one.
  [[nodiscard]] core::Result<> replace_file(const std::string& name, core::ByteView bytes) const;
  [[nodiscard]] core::Result<> write_beside(const std::string& name, core::ByteView bytes) const;
  [[nodiscard]] core::Result<> flush_folder() const;
  [[nodiscard]] core::Result<> store_counter(std::uint64_t counter) const;

  Descriptor folder_;
  KeyFolderUse use_;
  std::set<hal::BlobId> blobs_;  // for `Own`
  std::array<std::byte, kSecretBytes> secret_{};
  std::uint64_t reached_ = 0;  // the highest that was ever seen here
};

core::Result<> FileKeyStore::Impl::start(hal::Random& random) {
  TILLKIT_TRY(const bool made, holds(kSecretName));
  if (!made) {
    if (!blobs_.empty()) return refuse(KeyFolderFault::SecretMissing);
    if (!may_write()) return core::fail(core::ErrorCode::NotFound);
    // The counter first: where there is a secret, the counter was there before it.
    TILLKIT_TRY(const bool counting, holds(kCounterName));
    if (!counting) TILLKIT_TRY_VOID(store_counter(0));
    TILLKIT_TRY_VOID(random.fill(secret_));
    TILLKIT_TRY_VOID(replace_file(kSecretName, secret_));
  }
  auto secret = read_file(kSecretName, kSecretBytes);
  if (secret && secret->size() != kSecretBytes) secret = refuse(KeyFolderFault::SecretDamaged);
  if (!secret) {
    const bool damaged = secret.error().code == core::ErrorCode::Corrupt;
    if (damaged) return refuse(KeyFolderFault::SecretDamaged);
    return std::unexpected(secret.error());
  }
  std::ranges::copy(*secret, secret_.begin());
  core::wipe(*secret);
  TILLKIT_TRY_VOID(counter());
  return {};
}

core::Result<bool> FileKeyStore::Impl::holds(const char* name) const {
  struct stat status{};
  if (::fstatat(folder_.get(), name, &status, AT_SYMLINK_NOFOLLOW) == 0) {
    TILLKIT_TRY_VOID(check_owner(status, use_));
    return true;
  }
  if (errno == ENOENT) return false;
  return system_failure(errno);
}

core::Result<core::Bytes> FileKeyStore::Impl::read_file(const char* name, std::size_t bytes_max) const {
  const Descriptor file{::openat(folder_.get(), name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
  if (!file) return system_failure(errno);
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return system_failure(errno);
  if (!S_ISREG(status.st_mode) || std::cmp_greater(status.st_size, bytes_max)) {
    return core::fail(core::ErrorCode::Corrupt);
  }
  core::Bytes bytes(static_cast<std::size_t>(status.st_size));
  for (auto rest = std::span(bytes); !rest.empty();) {
    const auto got = ::read(file.get(), rest.data(), rest.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EIO) return core::fail(core::ErrorCode::Corrupt, core::ErrorSource::System, EIO);
    if (got < 0) return system_failure(errno);
    if (got == 0) return core::fail(core::ErrorCode::Corrupt);
    rest = rest.subspan(static_cast<std::size_t>(got));
  }
  return bytes;
}

core::Result<> FileKeyStore::Impl::write_beside(const std::string& name, core::ByteView bytes) const {
  const Descriptor file{
      ::openat(folder_.get(), name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR)};
  if (!file) return write_failure(errno);
  // A file that lay there may have had other permissions.
  if (::fchmod(file.get(), S_IRUSR | S_IWUSR) != 0) return write_failure(errno);
  for (auto rest = bytes; !rest.empty();) {
    const auto put = ::write(file.get(), rest.data(), rest.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return write_failure(errno);
    rest = rest.subspan(static_cast<std::size_t>(put));
  }
  if (::fsync(file.get()) != 0) return write_failure(errno);
  return {};
}

core::Result<> FileKeyStore::Impl::flush_folder() const {
  if (::fsync(folder_.get()) == 0) return {};
  return core::fail(core::ErrorCode::Timeout, core::ErrorSource::System, errno);
}

core::Result<> FileKeyStore::Impl::replace_file(const std::string& name, core::ByteView bytes) const {
  const std::string beside = name + std::string(kBeside);
  auto written = write_beside(beside, bytes);
  if (written && ::renameat(folder_.get(), beside.c_str(), folder_.get(), name.c_str()) != 0) {
    written = write_failure(errno);
  }
  if (!written) {
    // What stays is ignored and written over.
    static_cast<void>(::unlinkat(folder_.get(), beside.c_str(), 0));
    return written;
  }
  return flush_folder();
}

core::Result<core::Bytes> FileKeyStore::Impl::read(hal::BlobId blob) const {
  auto bytes = read_file(name_of(blob).c_str(), hal::kKeyStoreBlobBytesMax);
  if (!bytes && bytes.error().code == core::ErrorCode::PermissionDenied) {
    return core::fail(core::ErrorCode::Unavailable, bytes.error().source, bytes.error().foreign);
  }
  return bytes;
}

core::Result<> FileKeyStore::Impl::write(hal::BlobId blob, core::ByteView bytes) {
  if (!may_write()) return core::fail(core::ErrorCode::PermissionDenied);
  if (!blobs_.contains(blob) && blobs_.size() >= hal::kKeyStoreBlobsMax) return core::fail(core::ErrorCode::Exhausted);
  auto written = replace_file(name_of(blob), bytes);
  if (written || written.error().code == core::ErrorCode::Timeout) blobs_.insert(blob);
  return written;
}

core::Result<> FileKeyStore::Impl::erase(hal::BlobId blob) {
  if (!may_write()) return core::fail(core::ErrorCode::PermissionDenied);
  if (::unlinkat(folder_.get(), name_of(blob).c_str(), 0) != 0) {
    if (errno == ENOENT) return core::fail(core::ErrorCode::NotFound);
    return write_failure(errno);
  }
  blobs_.erase(blob);
  return flush_folder();
}

core::Result<std::uint64_t> FileKeyStore::Impl::counter() {
  TILLKIT_TRY(const bool there, holds(kCounterName));
  if (!there) return refuse(KeyFolderFault::CounterMissing);
  const auto bytes = read_file(kCounterName, kCounterBytes);
  if (!bytes && bytes.error().code != core::ErrorCode::Corrupt) return std::unexpected(bytes.error());
  if (!bytes || bytes->size() != kCounterBytes) return refuse(KeyFolderFault::CounterDamaged);
  const std::uint64_t stored = get_number(*bytes);
  if (get_number(core::ByteView(*bytes).subspan(8)) != ~stored) return refuse(KeyFolderFault::CounterDamaged);
  // Whatever is done to the file while the terminal runs: it does not fall.
  reached_ = std::max(reached_, stored);
  return reached_;
}

core::Result<> FileKeyStore::Impl::store_counter(std::uint64_t counter) const {
  std::array<std::byte, kCounterBytes> bytes{};
  put_number(std::span(bytes).first(8), counter);
  put_number(std::span(bytes).subspan(8), ~counter);
  return replace_file(kCounterName, bytes);
}

core::Result<std::uint64_t> FileKeyStore::Impl::advance() {
  if (!may_write()) return core::fail(core::ErrorCode::PermissionDenied);
  TILLKIT_TRY(const std::uint64_t before, counter());
  TILLKIT_TRY_VOID(store_counter(before + 1));
  reached_ = before + 1;
  return reached_;
}

FileKeyStore::FileKeyStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
FileKeyStore::~FileKeyStore() = default;

core::Result<std::unique_ptr<FileKeyStore>> FileKeyStore::open(const std::string& folder, hal::Random& random,
                                                               KeyFolderUse use) {
  TILLKIT_TRY(Descriptor opened, open_folder(folder, use));
  TILLKIT_TRY(std::set<hal::BlobId> blobs, list_blobs(opened.get()));
  auto impl = std::make_unique<Impl>(std::move(opened), use, std::move(blobs));
  TILLKIT_TRY_VOID(impl->start(random));
  return std::unique_ptr<FileKeyStore>(new FileKeyStore(std::move(impl)));
}

core::Result<> FileKeyStore::do_derive_key(std::string_view label, std::span<std::byte, hal::kDerivedKeyBytes> key) {
  return impl_->derive(label, key);
}
core::Result<core::Bytes> FileKeyStore::do_read(hal::BlobId blob) {
  return impl_->read(blob);
}
core::Result<> FileKeyStore::do_write(hal::BlobId blob, std::span<const std::byte> bytes) {
  return impl_->write(blob, bytes);
}
core::Result<> FileKeyStore::do_erase(hal::BlobId blob) {
  return impl_->erase(blob);
}
core::Result<std::uint64_t> FileKeyStore::do_counter() {
  return impl_->counter();
}
core::Result<std::uint64_t> FileKeyStore::do_advance_counter() {
  return impl_->advance();
}

}  // namespace tillkit::hal_linux
