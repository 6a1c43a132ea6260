// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <utility>

#include "tillkit/core/bytes.hpp"
#include "tillkit/hal/driver/listener_slot.hpp"
#include "tillkit/hal/scanner.hpp"
#include "tillkit/hal/scheduler.hpp"

namespace tillkit::hal::driver {

/// No scanner pauses so long inside a text: what was read before is half a scan, and not the beginning of the next.
inline constexpr std::chrono::milliseconds kScanPauseMax{500};

/// Puts a scan together that comes character by character, and tells it whole or why not. For whoever writes a driver
/// of a scanner; it wipes what it has told or dropped.
class ScanText {
 public:
  /// `scheduler` must outlive it.
  explicit ScanText(Scheduler& scheduler) : scheduler_(scheduler) { text_.reserve(kScanBytesMax); }
  ~ScanText() {
    scheduler_.cancel(pause_);
    core::wipe(text_);
  }
  ScanText(const ScanText&) = delete;
  ScanText& operator=(const ScanText&) = delete;

  void listen(ScanListener listener) { listener_.set(std::move(listener)); }

  void add(char character) {
    begun_ = true;
    if (text_.size() < kScanBytesMax) {
      text_ += character;
    } else {
      too_long_ = true;
    }
  }

  /// What comes is not what the scanner sent.
  void damage() {
    begun_ = true;
    damaged_ = true;
  }

  /// After each handful of characters: what does not go on is told as garbled.
  void wait() {
    scheduler_.cancel(pause_);
    if (!begun_) return;
    const auto pause = scheduler_.call_after(kScanPauseMax, [this] {
      damaged_ = true;
      end();
    });
    if (pause) pause_ = *pause;
  }

  /// The line end that scanners append; of several at once all but the first mean nothing. The listener may end
  /// whoever owns this: touch nothing after it.
  void end() {
    if (!std::exchange(begun_, false)) return;
    scheduler_.cancel(pause_);
    const bool damaged = std::exchange(damaged_, false);
    const bool too_long = std::exchange(too_long_, false);
    if (damaged || too_long) {
      core::wipe(text_);
      tell(std::unexpected(damaged ? ScanFault::Garbled : ScanFault::TooLong));
      return;
    }
    std::string told = text_;
    core::wipe(text_);
    tell(std::move(told));
  }

  /// Forgets what was read of a scan.
  void drop() {
    scheduler_.cancel(pause_);
    core::wipe(text_);
    begun_ = damaged_ = too_long_ = false;
  }

  void tell(ScanEvent event) { listener_.tell(std::move(event)); }

 private:
  Scheduler& scheduler_;
  ListenerSlot<ScanEvent> listener_;
  std::string text_;
  TimerId pause_;
  bool begun_ = false;
  bool damaged_ = false;
  bool too_long_ = false;
};

}  // namespace tillkit::hal::driver
