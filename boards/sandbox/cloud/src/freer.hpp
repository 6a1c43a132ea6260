// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tillkit::sandbox {

/// For a `std::unique_ptr` of a C library's object: calls what the library frees it with.
template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

}  // namespace tillkit::sandbox
