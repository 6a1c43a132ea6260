# SPDX-License-Identifier: Apache-2.0
# Finds the libraries of the house. Where they come from does not matter: toolchain/setup.sh puts its own builds into
# CMAKE_PREFIX_PATH (see CMakePresets.json); a Yocto or Buildroot SDK has them in its sysroot.

set(TILLKIT_HOW_TO_GET_THEM
  "run toolchain/setup.sh and use a preset, or point CMAKE_PREFIX_PATH (or a toolchain file's sysroot) at them")

macro(tillkit_need package)
  find_package(${package} ${ARGN} QUIET)
  if(NOT ${package}_FOUND)
    message(FATAL_ERROR "tillkit needs ${package} (${ARGN}): ${TILLKIT_HOW_TO_GET_THEM}.")
  endif()
endmacro()

tillkit_need(MbedTLS 3.6)
tillkit_need(CURL 8.9)
tillkit_need(c-ares 1.34)
tillkit_need(SQLite3 3.46)
tillkit_need(cJSON 1.7.17)
tillkit_need(qrcodegen 1.8)
if(TILLKIT_TESTS)
  tillkit_need(Catch2 3.7)
endif()
