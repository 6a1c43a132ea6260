#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From a bare Debian 12 machine to a day at the counter of a small shop, on virtual hardware, and its books side by side.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/scripts/common.sh"

usage() {
  cat <<'USAGE'
usage: toolchain/demo.sh --story [--arm] [FOLDER]
  --story  a scripted day: cash, wallets, refunds, lost answers, power cuts, members at two counters; prints what
           people see and what it costs
  --arm    the same program as the ARM binary, under qemu-arm
The books of the day lie in FOLDER afterwards (default build/story/PRESET): till.db, till2.db, home.jsonl, wallet.jsonl,
drawer.jsonl, goods.jsonl.
Exit status: 0 the books are equal.
USAGE
}

story="" preset=host emulator="" folder=""
for argument in "$@"; do
  case $argument in
    --story) story=yes ;;
    --arm) preset=linux-armv7 emulator=qemu-arm ;;
    --help | -h) usage; exit 0 ;;
    -*) usage >&2; fail "unknown argument: $argument" ;;
    *) folder=$argument ;;
  esac
done
if [ -z "$story" ]; then usage >&2; fail "which demo?" "There is one so far: --story"; fi

cd "$TILLKIT_ROOT"
bash toolchain/setup.sh
folder=${folder:-build/story/$preset}
step "$preset: configure" "build/$preset-configure.log" cmake --preset "$preset" ||
  fail "CMake could not configure '$preset'." "See build/$preset-configure.log"
step "$preset: build the story" "build/$preset-story.log" cmake --build --preset "$preset" --target tillkit_story ||
  fail "the story does not build." "All of the output: build/$preset-story.log"
rm -rf "$folder"
mkdir -p "$(dirname "$folder")"
say ""
$emulator "build/$preset/tests/simulation/story/tillkit_story" lib/catalog/examples/corner_shop.csv \
  lib/offers/examples/corner_shop.json "$folder"
say ""
/usr/bin/python3 tests/simulation/story/compare_books.py "$folder"
