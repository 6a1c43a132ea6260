# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# How each library is built: build_<name> SOURCE BUILD PREFIX, for the target in TILLKIT_TARGET.
# (The traps that shaped these lines: README.md beside this file.)

# Flags for every library: small and without traces of where it was built.
c_flags() {
  local flags="-ffunction-sections -fdata-sections -ffile-prefix-map=$1=. -g0"
  case $TILLKIT_TARGET in
    # A 32-bit time_t ends in January 2038.
    linux-armv7) echo "-mcpu=cortex-a7 -mfpu=neon-vfpv4 -mfloat-abi=hard -mthumb -Os -D_TIME_BITS=64 -D_FILE_OFFSET_BITS=64 $flags" ;;
    host) echo "-O2 $flags" ;;
  esac
}

compiler_of() { case $TILLKIT_TARGET in linux-armv7) echo "arm-linux-gnueabihf-$1" ;; host) echo "$1" ;; esac; }

cmake_build() {  # SOURCE BUILD PREFIX ARGUMENT...
  local source=$1 build=$2 prefix=$3 args=()
  shift 3
  if [ "$TILLKIT_TARGET" = linux-armv7 ]; then
    args+=(-DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=armv7l -DCMAKE_FIND_ROOT_PATH="$TILLKIT_STAGE"
      -DCMAKE_FIND_ROOT_PATH_MODE_PROGRAM=NEVER -DCMAKE_FIND_ROOT_PATH_MODE_LIBRARY=ONLY
      -DCMAKE_FIND_ROOT_PATH_MODE_INCLUDE=ONLY -DCMAKE_FIND_ROOT_PATH_MODE_PACKAGE=ONLY)
  fi
  # CMAKE_BUILD_TYPE None: the flags above are all the flags.
  cmake -S "$source" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=None -DCMAKE_INSTALL_PREFIX="$prefix" \
    -DCMAKE_INSTALL_LIBDIR=lib -DCMAKE_PREFIX_PATH="$TILLKIT_STAGE" -DCMAKE_POSITION_INDEPENDENT_CODE=OFF \
    -DCMAKE_C_COMPILER="$(compiler_of gcc)" -DCMAKE_CXX_COMPILER="$(compiler_of g++)" \
    -DCMAKE_C_FLAGS="$(c_flags "$source") ${TILLKIT_C_EXTRA:-}" -DCMAKE_CXX_FLAGS="$(c_flags "$source")" \
    "${args[@]}" "$@"
  cmake --build "$build"
  cmake --install "$build"
}

# The lines of an options file without comments.
options_of() { sed -e 's/[[:space:]]*#.*//' -e '/^[[:space:]]*$/d' "$1"; }

build_mbedtls() {
  local source=$1 config=$1/include/mbedtls/mbedtls_config.h option
  while read -r option; do
    case $option in
      +*) python3 "$source/scripts/config.py" -f "$config" set "${option#+}" ;;
      -*) python3 "$source/scripts/config.py" -f "$config" unset "${option#-}" ;;
      *) python3 "$source/scripts/config.py" -f "$config" set "${option%%=*}" "${option#*=}" ;;
    esac
  done < <(options_of "$TILLKIT_ROOT/toolchain/dependencies/mbedtls.options")
  # mbedTLS ships no psa/internal_trusted_storage.h; ours declares what lib/security implements.
  cp -r "$TILLKIT_ROOT/toolchain/dependencies/include" "$source/tillkit-include"
  TILLKIT_C_EXTRA="-I$source/tillkit-include" cmake_build "$@" -DENABLE_PROGRAMS=OFF -DENABLE_TESTING=OFF -DGEN_FILES=OFF \
    -DMBEDTLS_FATAL_WARNINGS=OFF
  cp -r "$TILLKIT_ROOT/toolchain/dependencies/include/." "$3/include/"
}

build_cares() {
  cmake_build "$@" -DCARES_STATIC=ON -DCARES_SHARED=OFF -DCARES_BUILD_TOOLS=OFF -DCARES_BUILD_TESTS=OFF -DCARES_THREADS=OFF
}

build_curl() {
  local options=() option
  while read -r option; do options+=("-D$option"); done < <(options_of "$TILLKIT_ROOT/toolchain/dependencies/curl.options")
  cmake_build "$@" "${options[@]}"
  # Its export names the libraries it was linked with by absolute path; they lie beside it.
  sed -i "s#$TILLKIT_STAGE/lib/#\${_IMPORT_PREFIX}/lib/#g" "$3/lib/cmake/CURL/CURLTargets.cmake"
}

build_sqlite() {
  local source=$1 build=$2 prefix=$3 definitions=() option
  mkdir -p "$build" "$prefix/lib" "$prefix/include"
  # The amalgamation is made with the host's compiler, whatever the target.
  (cd "$build" && CC=gcc "$source/configure" --disable-shared --disable-tcl && make sqlite3.c sqlite3.h)
  while read -r option; do definitions+=("-D$option"); done < <(options_of "$TILLKIT_ROOT/toolchain/dependencies/sqlite.options")
  # shellcheck disable=SC2046
  (cd "$build" && "$(compiler_of gcc)" $(c_flags "$build") "${definitions[@]}" -c sqlite3.c -o sqlite3.o &&
    "$(compiler_of ar)" rcsD "$prefix/lib/libsqlite3.a" sqlite3.o)
  cp "$build/sqlite3.h" "$prefix/include/"
}

build_cjson() {
  cmake_build "$@" -DBUILD_SHARED_LIBS=OFF -DBUILD_SHARED_AND_STATIC_LIBS=OFF -DENABLE_CJSON_TEST=OFF \
    -DENABLE_CUSTOM_COMPILER_FLAGS=OFF -DENABLE_CJSON_UTILS=OFF
  # Its own CMake files name absolute paths; toolchain/cmake/FindcJSON.cmake finds it.
  rm -rf "$3/lib/cmake/cJSON" "$3/lib/pkgconfig"
}

build_qrcodegen() {
  local source=$1 build=$2 prefix=$3
  mkdir -p "$build" "$prefix/lib" "$prefix/include/qrcodegen"
  # shellcheck disable=SC2046
  "$(compiler_of gcc)" $(c_flags "$source") -std=c99 -c "$source/c/qrcodegen.c" -o "$build/qrcodegen.o"
  "$(compiler_of ar)" rcsD "$prefix/lib/libqrcodegen.a" "$build/qrcodegen.o"
  cp "$source/c/qrcodegen.h" "$prefix/include/qrcodegen/"
}

build_catch2() {
  cmake_build "$@" -DCMAKE_CXX_STANDARD=23 -DBUILD_TESTING=OFF -DCATCH_INSTALL_DOCS=OFF -DCATCH_DEVELOPMENT_BUILD=OFF
}

# One header, for the sandbox's programs on the host; it lies in both prefixes because a lock is for all targets.
build_httplib() {
  local source=$1 prefix=$3
  mkdir -p "$prefix/include"
  cp "$source/httplib.h" "$prefix/include/"
}

# What a library needs of the others at build time.
needs_of() { case $1 in curl) echo "mbedtls cares" ;; *) echo "" ;; esac; }
