# SPDX-License-Identifier: Apache-2.0
# clang 19 for the host, with gcc's C++ library: fuzzing, and a second opinion on our code.
set(CMAKE_C_COMPILER clang-19)
set(CMAKE_CXX_COMPILER clang++-19)
