# SPDX-License-Identifier: Apache-2.0
# gcc for the host.
set(CMAKE_C_COMPILER gcc)
set(CMAKE_CXX_COMPILER g++)
