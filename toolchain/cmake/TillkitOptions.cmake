# SPDX-License-Identifier: Apache-2.0
# What holds for every target of ours: language, warnings, sanitizers. Set once, here.

option(TILLKIT_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(TILLKIT_BENCH "Build the benchmarks (needs Google Benchmark)" OFF)
option(TILLKIT_FUZZ "Instrument for libFuzzer and build the fuzz targets (clang only)" OFF)
set(TILLKIT_SANITIZE "" CACHE STRING "Sanitizers for our own code, e.g. address,undefined")

set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()

# What was compiled before, in this folder or another, need not be again: paths count relative to the build folder.
if(PROJECT_IS_TOP_LEVEL AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(TILLKIT_CCACHE ccache)
  if(TILLKIT_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=/ CCACHE_NOHASHDIR=yes CCACHE_COMPILERCHECK=content
                                    ${TILLKIT_CCACHE})
  endif()
endif()

add_library(tillkit_compile INTERFACE)
target_compile_features(tillkit_compile INTERFACE cxx_std_23)
target_compile_options(tillkit_compile INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast
  -Wcast-align -Woverloaded-virtual -Wdouble-promotion -Wformat=2 -Wimplicit-fallthrough -Wundef -Werror
  -ffile-prefix-map=${PROJECT_SOURCE_DIR}/=
  # A 32-bit ARM terminal outlives January 2038.
  $<$<BOOL:${CMAKE_CROSSCOMPILING}>:-D_TIME_BITS=64>
  -D_FILE_OFFSET_BITS=64)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # -Wpsabi only tells about an ABI change of gcc 7 that cannot concern us: everything is built with one compiler.
  # -Wmaybe-uninitialized guesses: gcc 12 at -O3 sees the unused half of a std::expected<void> that was just returned.
  # What is really not initialized, clang-tidy and the sanitizers find. -Wrestrict of gcc 12 minds "a" + std::string
  # (its bug 105651).
  target_compile_options(tillkit_compile INTERFACE -Wno-psabi -Wno-maybe-uninitialized -Wno-restrict)
endif()
if(TILLKIT_SANITIZE)
  # vptr would need RTTI in the libraries, too.
  target_compile_options(tillkit_compile INTERFACE
    -fsanitize=${TILLKIT_SANITIZE} -fno-sanitize=vptr -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(tillkit_compile INTERFACE -fsanitize=${TILLKIT_SANITIZE})
endif()
if(TILLKIT_FUZZ)
  target_compile_options(tillkit_compile INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(tillkit_compile INTERFACE -fsanitize=fuzzer-no-link)
endif()

# Code of lib/ and hal/ runs without exceptions and RTTI (tests use both).
add_library(tillkit_no_exceptions INTERFACE)
target_compile_options(tillkit_no_exceptions INTERFACE -fno-exceptions -fno-rtti -ffunction-sections -fdata-sections)

# When the source was last changed, in seconds since 1970: the same for everybody who builds this commit.
if(DEFINED ENV{SOURCE_DATE_EPOCH})
  set(TILLKIT_SOURCE_TIME $ENV{SOURCE_DATE_EPOCH})
else()
  execute_process(COMMAND git log -1 --format=%ct WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
                  OUTPUT_VARIABLE TILLKIT_SOURCE_TIME OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT TILLKIT_SOURCE_TIME MATCHES "^[0-9]+$")
  # A source archive without its history: the day on which this version was begun.
  set(TILLKIT_SOURCE_TIME 1795219200)  # 2026-11-21
endif()
