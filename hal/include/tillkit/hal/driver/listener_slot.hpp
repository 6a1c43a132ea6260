// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

namespace tillkit::hal::driver {

/// Holds the one listener of a driver, and lets it replace itself while it runs. For whoever writes a driver.
template <class Event>
class ListenerSlot {
 public:
  using Listener = std::move_only_function<void(Event)>;

  void set(Listener listener) {
    ++generation_;
    // What the old one owns may call back: it dies when the new one is in place.
    const auto dropped = std::exchange(listener_, std::move(listener));
  }

  [[nodiscard]] bool listening() const { return static_cast<bool>(listener_); }

  /// False: nobody listens, the event is dropped.
  bool tell(Event event) {
    if (!listener_) return false;
    auto running = std::exchange(listener_, {});
    const auto generation = generation_;
    running(std::move(event));
    if (generation_ == generation) listener_ = std::move(running);
    return true;
  }

 private:
  Listener listener_;
  std::uint64_t generation_ = 0;
};

}  // namespace tillkit::hal::driver
