#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# clang-format 19 over all sources, then clang-tidy 19 over those that are not known to be clean. "Known to be clean": the
# same preprocessed text under the same rules was clean before.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/scripts/common.sh"

cd "$TILLKIT_ROOT"
fix=""
case ${1:-} in
  --fix) fix=yes ;;
  '') ;;
  *) echo "usage: toolchain/lint.sh [--fix]   (--fix formats in place)" >&2; fail "unknown argument: $1" ;;
esac
bash toolchain/setup.sh --lint

mapfile -t sources < <(find lib hal boards firmware tests toolchain -name '*.hpp' -o -name '*.cpp' -o -name '*.h' -o -name '*.c' | sort)
if [ -n "$fix" ]; then
  clang-format-19 -i "${sources[@]}"
elif ! clang-format-19 --dry-run --Werror "${sources[@]}"; then
  fail "some files are not formatted." "Run toolchain/lint.sh --fix and look at the difference."
fi
say "clang-format: ${#sources[@]} files."

step "tidy: configure" build/tidy-configure.log cmake --preset tidy ||
  fail "CMake could not configure 'tidy'." "See build/tidy-configure.log"
step "tidy: generate" build/tidy-generate.log cmake --build --preset tidy --target tillkit_generated ||
  fail "a header cannot be generated." "See build/tidy-generate.log"
python3 toolchain/scripts/tidy.py build/tidy "$TILLKIT_CACHE/tidy"
