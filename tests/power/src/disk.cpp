// SPDX-License-Identifier: Apache-2.0
#include "tillkit/test/disk.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <unordered_map>
#include <utility>

namespace tillkit::test {
namespace {

using Random = std::mt19937_64;

/// A number from 0 to `limit`, both included; the same on every machine.
std::uint64_t up_to(Random& random, std::uint64_t limit) {
  return limit == std::numeric_limits<std::uint64_t>::max() ? random() : random() % (limit + 1);
}

bool one_in(Random& random, std::uint64_t count) {
  return up_to(random, count - 1) == 0;
}

std::size_t to_size(std::uint64_t value) {
  return static_cast<std::size_t>(value);
}

std::uint64_t whole_sectors(std::uint64_t bytes) {
  return bytes / kSectorBytes * kSectorBytes;
}

std::uint64_t bytes_left_by_half(std::uint64_t bytes) {
  return whole_sectors(bytes / 2);
}

void apply(std::vector<std::byte>& image, std::uint64_t offset, std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  if (image.size() < offset + bytes.size()) image.resize(to_size(offset + bytes.size()));
  // Not std::ranges::copy, which gcc 12 turns into a loop over single std::byte.
  std::memcpy(image.data() + offset, bytes.data(), bytes.size());
}

void shorten(std::vector<std::byte>& image, std::uint64_t size) {
  if (image.size() > size) image.resize(to_size(size));
}

/// Calls `visit(sector, offset, bytes)` for each sector that a write touches.
template <class Visit>
void each_sector(std::uint64_t offset, std::span<const std::byte> bytes, Visit visit) {
  while (!bytes.empty()) {
    const std::uint64_t sector = offset / kSectorBytes;
    const std::size_t here = std::min(bytes.size(), to_size((sector + 1) * kSectorBytes - offset));
    visit(sector, offset, bytes.first(here));
    offset += here;
    bytes = bytes.subspan(here);
  }
}

void fill_with_leftovers(std::span<std::byte> bytes, Random& random) {
  for (std::byte& byte : bytes)
    byte = static_cast<std::byte>(random() & 0xFF);
}

}  // namespace

std::string_view name_of(Call call) {
  switch (call) {
    case Call::Read: return "read";
    case Call::Write: return "write";
    case Call::Sync: return "sync";
    case Call::SyncDirectory: return "sync directory";
    case Call::Truncate: return "truncate";
    case Call::Remove: return "remove";
    case Call::Create: return "create";
  }
  std::unreachable();
}

std::string_view name_of(Damage damage) {
  switch (damage) {
    case Damage::LoseUnsynced: return "lose unsynced";
    case Damage::KeepAll: return "keep all";
    case Damage::Scatter: return "scatter";
    case Damage::Tear: return "tear";
  }
  std::unreachable();
}

// --- what programs call ---

DiskResult<DiskFile> Disk::open(std::string_view name, bool create) {
  if (!powered_) return std::unexpected(DiskError::NoPower);
  if (const auto found = directory_.find(name); found != directory_.end()) return hold(found->second);
  if (!create) return std::unexpected(DiskError::NotFound);
  ++counts_[std::string(name)].creations;
  if (const auto begun = begin(Call::Create, name); !begun) return std::unexpected(end(begun).error());
  const std::uint32_t number = ++last_inode_;
  inodes_[number].name = name;
  directory_.insert_or_assign(std::string(name), number);
  directory_changes_.push_back({++last_order_, std::string(name), number});
  if (const auto ended = end({}); !ended) return std::unexpected(ended.error());
  return hold(number);
}

DiskResult<DiskFile> Disk::open_nameless() {
  if (!powered_) return std::unexpected(DiskError::NoPower);
  const std::uint32_t number = ++last_inode_;
  inodes_[number].name = "(nameless)";
  return hold(number);
}

void Disk::close(DiskFile file) {
  if (file.boot != boot_) return;
  --inodes_.at(file.inode).open_count;
  forget_unused();
}

DiskResult<std::size_t> Disk::read(DiskFile file, std::uint64_t offset, std::span<std::byte> into) {
  const Inode* const inode = inode_of(file);
  if (inode == nullptr) return std::unexpected(DiskError::NoPower);
  if (fault_strikes(Call::Read)) return std::unexpected(DiskError::Io);
  if (offset >= inode->content.size() || into.empty()) return 0;
  const std::size_t count = std::min(into.size(), inode->content.size() - to_size(offset));
  std::memcpy(into.data(), inode->content.data() + offset, count);
  return count;
}

DiskResult<> Disk::write(DiskFile file, std::uint64_t offset, std::span<const std::byte> bytes) {
  Inode* const inode = inode_of(file);
  if (inode == nullptr) return std::unexpected(DiskError::NoPower);
  DiskCounts& counts = counts_[inode->name];
  ++counts.writes;
  counts.bytes_written += bytes.size();
  DiskResult<> outcome = begin(Call::Write, inode->name);
  if (!outcome) {
    bytes = bytes.first(to_size(bytes_left_by_half(bytes.size())));
  } else if (space_limit_) {
    const std::uint64_t used = used_bytes();
    const std::uint64_t room = *space_limit_ > used ? *space_limit_ - used : 0;
    const std::uint64_t furthest = inode->content.size() + room;
    if (offset + bytes.size() > furthest) {
      outcome = std::unexpected(DiskError::NoSpace);
      ++faults_struck_;
      bytes = bytes.first(to_size(whole_sectors(furthest > offset ? furthest - offset : 0)));
    }
  }
  put(*inode, offset, bytes);
  return end(outcome);
}

DiskResult<> Disk::truncate(DiskFile file, std::uint64_t size) {
  Inode* const inode = inode_of(file);
  if (inode == nullptr) return std::unexpected(DiskError::NoPower);
  ++counts_[inode->name].truncations;
  if (const auto begun = begin(Call::Truncate, inode->name); !begun) return end(begun);
  if (size < inode->content.size()) {
    inode->changes.emplace_back(Shorten{++last_order_, size});
    shorten(inode->content, size);
  } else {
    put(*inode, inode->content.size(), Bytes(to_size(size) - inode->content.size()));
  }
  return end({});
}

DiskResult<std::uint64_t> Disk::size(DiskFile file) const {
  const Inode* const inode = inode_of(file);
  if (inode == nullptr) return std::unexpected(DiskError::NoPower);
  return inode->content.size();
}

DiskResult<> Disk::sync(DiskFile file) {
  Inode* const inode = inode_of(file);
  if (inode == nullptr) return std::unexpected(DiskError::NoPower);
  ++counts_[inode->name].flushes;
  const DiskResult<> synced = end(begin(Call::Sync, inode->name));
  if (!synced && synced.error() == DiskError::Io) {
    std::erase_if(inode->changes, [](const auto& change) { return std::holds_alternative<Write>(change); });
  }
  if (!synced || lying_) return synced;
  for (const auto& change : inode->changes) {
    if (const auto* const write = std::get_if<Write>(&change)) {
      apply(inode->durable, write->offset, write->bytes);
    } else {
      shorten(inode->durable, std::get<Shorten>(change).size);
    }
  }
  inode->changes.clear();
  make_log_durable();
  return {};
}

DiskResult<> Disk::sync_directory() {
  if (!powered_) return std::unexpected(DiskError::NoPower);
  ++counts_[std::string(kDirectoryName)].flushes;
  const DiskResult<> synced = end(begin(Call::SyncDirectory, kDirectoryName));
  if (synced && !lying_) make_log_durable();
  return synced;
}

DiskResult<> Disk::remove(std::string_view name) {
  if (!powered_) return std::unexpected(DiskError::NoPower);
  const auto found = directory_.find(name);
  if (found == directory_.end()) return std::unexpected(DiskError::NotFound);
  ++counts_[std::string(name)].removals;
  if (const auto begun = begin(Call::Remove, name); !begun) return end(begun);
  directory_.erase(found);
  directory_changes_.push_back({++last_order_, std::string(name), std::nullopt});
  forget_unused();
  return end({});
}

DiskResult<bool> Disk::exists(std::string_view name) const {
  if (!powered_) return std::unexpected(DiskError::NoPower);
  return directory_.contains(name);
}

DiskResult<std::uint64_t> Disk::size_of(std::string_view name) const {
  if (!powered_) return std::unexpected(DiskError::NoPower);
  const auto found = directory_.find(name);
  if (found == directory_.end()) return std::unexpected(DiskError::NotFound);
  return inodes_.at(found->second).content.size();
}

// --- power ---

void Disk::restart(Damage damage, std::uint64_t seed) {
  Random random(seed);
  const Survival survival = decide(damage, random);
  Directory directory = durable_directory_;
  for (const DirectoryChange& change : directory_changes_) {
    if (change.order > survival.log_order) break;
    if (change.inode) {
      directory.insert_or_assign(change.name, *change.inode);
    } else {
      directory.erase(change.name);
    }
  }
  for (auto& [number, inode] : inodes_) {
    inode.durable = surviving(inode, survival, random);
    inode.content = inode.durable;
    inode.changes.clear();
    inode.open_count = 0;
  }
  directory_ = directory;
  durable_directory_ = std::move(directory);
  directory_changes_.clear();
  durable_log_order_ = last_order_;
  ++boot_;
  forget_unused();
  powered_ = true;
  cut_at_ = 0;
  trace_.clear();
}

Disk::Survival Disk::decide(Damage damage, Random& random) const {
  Survival survival{damage, durable_log_order_, 0, false};
  std::vector<std::uint64_t> log;  // What is at risk, by its place in the order of the calls.
  std::vector<std::uint64_t> writes;
  log.reserve(directory_changes_.size());
  for (const DirectoryChange& change : directory_changes_)
    log.push_back(change.order);
  for (const auto& [number, inode] : inodes_) {
    for (const auto& change : inode.changes) {
      if (const auto* const write = std::get_if<Write>(&change)) {
        writes.push_back(write->order);
      } else if (const std::uint64_t order = std::get<Shorten>(change).order; order > durable_log_order_) {
        log.push_back(order);
      }
    }
  }
  std::ranges::sort(log);
  switch (damage) {
    case Damage::LoseUnsynced: break;
    case Damage::KeepAll: survival.log_order = last_order_; break;
    case Damage::Scatter: {
      const std::uint64_t kept = up_to(random, log.size());
      if (kept > 0) survival.log_order = log[to_size(kept - 1)];
      survival.leftovers = one_in(random, 2);
      break;
    }
    case Damage::Tear: {
      std::vector<std::uint64_t> all = log;
      all.insert(all.end(), writes.begin(), writes.end());
      std::ranges::sort(all);
      if (all.empty()) break;
      survival.write_order = one_in(random, 2) ? all.back() : all[to_size(up_to(random, all.size() - 1))];
      survival.log_order = std::max(durable_log_order_, survival.write_order - 1);
      break;
    }
  }
  return survival;
}

Disk::Bytes Disk::surviving(const Inode& inode, const Survival& survival, Random& random) {
  switch (survival.damage) {
    case Damage::KeepAll: return inode.content;
    case Damage::Scatter: return scattered(inode, survival, random);
    case Damage::Tear: return torn(inode, survival, random);
    case Damage::LoseUnsynced: break;
  }
  Bytes image = inode.durable;
  for (const auto& change : inode.changes) {
    const auto* const cut = std::get_if<Shorten>(&change);
    if (cut != nullptr && cut->order <= survival.log_order) shorten(image, cut->size);
  }
  return image;
}

Disk::Bytes Disk::scattered(const Inode& inode, const Survival& survival, Random& random) {
  // A sector reaches the disk as it is in the page cache at some moment, so with the first few of its writes.
  std::map<std::uint64_t, std::uint32_t> writes_of;
  for (const auto& change : inode.changes) {
    if (const auto* const write = std::get_if<Write>(&change)) {
      each_sector(write->offset, write->bytes, [&](std::uint64_t sector, auto, auto) { ++writes_of[sector]; });
    }
  }
  struct Fate {
    std::uint64_t kept;
    bool torn;
    std::uint64_t seen = 0;
  };
  std::unordered_map<std::uint64_t, Fate> fates;
  for (const auto& [sector, count] : writes_of) {
    const std::uint64_t kept = up_to(random, count);
    fates.emplace(sector, Fate{kept, one_in(random, 4)});
  }

  Bytes image = inode.durable;
  // What was written behind a truncation that did not survive lies in blocks that the file does not have.
  std::uint64_t reachable = std::numeric_limits<std::uint64_t>::max();
  const auto survive = [&](std::uint64_t offset, std::span<const std::byte> bytes) {
    if (bytes.empty()) return;
    const std::size_t before = image.size();
    apply(image, offset, bytes);
    if (survival.leftovers && offset > before) {
      fill_with_leftovers(std::span(image).subspan(before, to_size(offset) - before), random);
    }
  };
  for (const auto& change : inode.changes) {
    if (const auto* const cut = std::get_if<Shorten>(&change)) {
      if (cut->order <= survival.log_order) {
        shorten(image, cut->size);
      } else {
        reachable = std::min(reachable, cut->size);
      }
      continue;
    }
    const auto& write = std::get<Write>(change);
    each_sector(write.offset, write.bytes,
                [&](std::uint64_t sector, std::uint64_t offset, std::span<const std::byte> bytes) {
                  Fate& fate = fates.at(sector);
                  ++fate.seen;
                  if (offset >= reachable) return;
                  if (fate.seen <= fate.kept) {
                    survive(offset, bytes);
                  } else if (fate.torn && fate.seen == fate.kept + 1) {
                    // A sector is written from one end to the other.
                    const std::size_t part = to_size(up_to(random, bytes.size()));
                    if (one_in(random, 2)) {
                      survive(offset, bytes.first(part));
                    } else {
                      survive(offset + bytes.size() - part, bytes.last(part));
                    }
                  }
                });
  }
  return image;
}

Disk::Bytes Disk::torn(const Inode& inode, const Survival& survival, Random& random) {
  Bytes image = inode.durable;
  for (const auto& change : inode.changes) {
    if (const auto* const cut = std::get_if<Shorten>(&change)) {
      if (cut->order <= survival.log_order) shorten(image, cut->size);
      continue;
    }
    const auto& write = std::get<Write>(change);
    if (write.order < survival.write_order) apply(image, write.offset, write.bytes);
    if (write.order == survival.write_order) {
      const std::uint64_t sectors = (write.bytes.size() + kSectorBytes - 1) / kSectorBytes;
      std::uint64_t part = up_to(random, write.bytes.size());
      if (one_in(random, 2)) part = std::min<std::uint64_t>(up_to(random, sectors) * kSectorBytes, write.bytes.size());
      apply(image, write.offset, std::span(write.bytes).first(to_size(part)));
    }
  }
  return image;
}

// --- faults ---

void Disk::fail_call(std::optional<Call> call, std::uint64_t nth, Lasting lasting) {
  faults_.push_back({call, nth, lasting});
}

bool Disk::fault_strikes(Call call) {
  bool strikes = false;
  for (Fault& fault : faults_) {
    const bool meant = fault.call ? *fault.call == call : call != Call::Read;
    if (!meant || fault.remaining == 0) continue;
    if (fault.remaining > 1) {
      --fault.remaining;
      continue;
    }
    strikes = true;
    // One that lasts stays at 1.
    if (fault.lasting == Lasting::Once) fault.remaining = 0;
  }
  if (strikes) ++faults_struck_;
  return strikes;
}

std::uint64_t Disk::used_bytes() const {
  std::uint64_t sum = 0;
  for (const auto& [number, inode] : inodes_)
    sum += inode.content.size();
  return sum;
}

void Disk::repair() {
  faults_.clear();
  faults_struck_ = 0;
  space_limit_.reset();
  lying_ = false;
}

// --- counting ---

DiskCounts Disk::counts() const {
  DiskCounts sum;
  for (const auto& [file, counts] : counts_) {
    sum.flushes += counts.flushes;
    sum.writes += counts.writes;
    sum.bytes_written += counts.bytes_written;
    sum.truncations += counts.truncations;
    sum.removals += counts.removals;
    sum.creations += counts.creations;
  }
  return sum;
}

DiskCounts Disk::counts(std::string_view file) const {
  const auto found = counts_.find(file);
  return found == counts_.end() ? DiskCounts{} : found->second;
}

// --- inside ---

Disk::Inode* Disk::inode_of(DiskFile file) {
  return powered_ && file.boot == boot_ ? &inodes_.at(file.inode) : nullptr;
}

const Disk::Inode* Disk::inode_of(DiskFile file) const {
  return powered_ && file.boot == boot_ ? &inodes_.at(file.inode) : nullptr;
}

DiskFile Disk::hold(std::uint32_t number) {
  ++inodes_.at(number).open_count;
  return {number, boot_};
}

DiskResult<> Disk::begin(Call call, std::string_view file) {
  trace_.push_back({call, std::string(file)});
  if (fault_strikes(call)) return std::unexpected(DiskError::Io);
  return {};
}

DiskResult<> Disk::end(DiskResult<> outcome) {
  if (cut_at_ == trace_.size()) powered_ = false;
  if (!powered_) return std::unexpected(DiskError::NoPower);
  return outcome;
}

void Disk::put(Inode& inode, std::uint64_t offset, std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  inode.changes.emplace_back(Write{++last_order_, offset, Bytes(bytes.begin(), bytes.end())});
  apply(inode.content, offset, bytes);
}

void Disk::make_log_durable() {
  durable_log_order_ = last_order_;
  durable_directory_ = directory_;
  directory_changes_.clear();
  forget_unused();
}

void Disk::forget_unused() {
  std::erase_if(inodes_, [this](const auto& entry) {
    const auto is_this = [&](const auto& named) { return named.second == entry.first; };
    // One that was created and removed since the last sync can come back, too.
    const auto made_this = [&](const DirectoryChange& change) { return change.inode == entry.first; };
    return entry.second.open_count == 0 && std::ranges::none_of(directory_, is_this) &&
           std::ranges::none_of(durable_directory_, is_this) && std::ranges::none_of(directory_changes_, made_this);
  });
}

}  // namespace tillkit::test
