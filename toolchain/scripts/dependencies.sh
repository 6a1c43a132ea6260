# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Builds the libraries for one target into the cache, each under a key of all that decides what it is, and gathers them in
# one prefix that CMake finds.

. "$TILLKIT_ROOT/toolchain/dependencies/recipes.sh"

# What decides how NAME comes out for the target: its sources, its options, its recipe, the compiler, and what it needs.
key_of() {
  local name=$1 need option_file=$TILLKIT_ROOT/toolchain/dependencies/$1.options
  {
    grep "^$name	" "$SOURCES/resolved.tsv"
    if [ -f "$option_file" ]; then options_of "$option_file"; fi
    declare -f "build_$name" cmake_build c_flags compiler_of
    "$(compiler_of g++)" --version | head -n 1
    echo "$TILLKIT_TARGET"
    if [ "$name" = mbedtls ]; then cat "$TILLKIT_ROOT"/toolchain/dependencies/include/psa/*.h; fi
    for need in $(needs_of "$name"); do key_of "$need"; done
  } | hash_of
}

# Leaves the finished prefix in PREFIX.
build_dependencies() {  # TARGET
  export TILLKIT_TARGET=$1
  local name entry key all=() kept built=0
  mkdir -p "$TILLKIT_CACHE/$TILLKIT_TARGET"
  for name in $(lock_lines | cut -f1); do all+=("$name-$(key_of "$name")"); done
  key=$({ printf '%s\n' "${all[@]}"; cat "$TILLKIT_ROOT/toolchain/dependencies/sbom.py"; } | hash_of)
  PREFIX=$TILLKIT_CACHE/$TILLKIT_TARGET/all-$key
  if [ -d "$PREFIX" ]; then
    say "Libraries for $TILLKIT_TARGET: in the cache ($key)."
    return 0
  fi
  say "Libraries for $TILLKIT_TARGET:"
  export SOURCES TILLKIT_STAGE=$PREFIX.new
  rm -rf "$TILLKIT_STAGE"
  mkdir -p "$TILLKIT_STAGE"
  for entry in "${all[@]}"; do
    name=${entry%-*}
    kept=$TILLKIT_CACHE/$TILLKIT_TARGET/$entry
    if [ ! -d "$kept" ]; then
      step "$name for $TILLKIT_TARGET" "$TILLKIT_CACHE/log/$TILLKIT_TARGET-$name.log" \
        bash "$TILLKIT_ROOT/toolchain/scripts/build_one.sh" "$name" "$kept" ||
        fail "$name for $TILLKIT_TARGET did not build." "All of its output: $TILLKIT_CACHE/log/$TILLKIT_TARGET-$name.log"
      built=$((built + 1))
    fi
    cp -a --link "$kept/." "$TILLKIT_STAGE/"
  done
  # Programs, manuals and pkg-config files with absolute paths: nothing of ours uses them.
  rm -rf "${TILLKIT_STAGE:?}"/{bin,lib/pkgconfig,share/man,share/pkgconfig}
  python3 "$TILLKIT_ROOT/toolchain/dependencies/sbom.py" "$SOURCES/resolved.tsv" "$TILLKIT_STAGE" "$TILLKIT_TARGET" \
    "$(compiler_of g++)" "${all[@]}" || fail "the bill of materials could not be written."
  mv "$TILLKIT_STAGE" "$PREFIX"
  say "Libraries for $TILLKIT_TARGET: $built built, $((${#all[@]} - built)) from the cache ($key)."
}
