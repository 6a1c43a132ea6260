// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

namespace tillkit::hal_linux {

/// What a key of a keyboard wedge means.
struct WedgeKey {
  enum class Kind : std::uint8_t {
    Nothing = 0,    ///< released, repeated, or one that only changes others
    Character = 1,  ///< `character`
    End = 2,        ///< enter: the scan is whole
    Strange = 3,    ///< no key that a scanner types on a US keyboard
  };
  Kind kind = Kind::Nothing;
  char character = 0;

  friend bool operator==(const WedgeKey&, const WedgeKey&) = default;
};

/// Reads the keys of a scanner that is set to be a US keyboard: letters, digits, signs, the number pad; shift and caps
/// lock; control with a letter or with `[ \ ] 6 -` is a control character (GS1's separator is control and `]`).
class WedgeKeys {
 public:
  /// One event of type EV_KEY: `code` as in linux/input-event-codes.h; `value` 0: released, 1: pressed, 2: repeated.
  [[nodiscard]] WedgeKey take(std::uint16_t code, std::int32_t value);

  /// No key is held any more: the device is another one.
  void forget() { *this = {}; }

 private:
  bool left_shift_ = false;
  bool right_shift_ = false;
  bool left_control_ = false;
  bool right_control_ = false;
  bool caps_lock_ = false;
};

}  // namespace tillkit::hal_linux
