#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From a bare Debian 12 machine to a day of a small shop, and its books side by side.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/scripts/common.sh"

usage() {
  cat <<'USAGE'
usage: toolchain/demo.sh --story [--arm]
       toolchain/demo.sh --day [--arm] [FOLDER]
  --story  two terminals, the cloud and the wallet, each a process, mutual TLS between them: cash, wallets, lost answers,
           members, coupons; the network's plug is pulled, programs are killed; prints what people see
  --day    a longer day of two terminals in one process, on virtual hardware and time, power cut in the middle of chosen
           writes; prints what it costs, too. Its books lie in FOLDER afterwards (default build/day/PRESET): till.db,
           till2.db, home.jsonl, wallet.jsonl, drawer.jsonl, goods.jsonl.
  --arm    the terminals are the ARM binaries, under qemu-arm
Exit status: 0 the books are equal.
USAGE
}

demo="" preset=host emulator="" folder=""
for argument in "$@"; do
  case $argument in
    --story | --day) demo=${argument#--} ;;
    --arm) preset=linux-armv7 emulator=qemu-arm ;;
    --help | -h) usage; exit 0 ;;
    -*) usage >&2; fail "unknown argument: $argument" ;;
    *) folder=$argument ;;
  esac
done
if [ -z "$demo" ]; then usage >&2; fail "which demo?" "There are two: --story and --day"; fi
if [ "$demo" = story ] && [ -n "$folder" ]; then usage >&2; fail "--story keeps no files: $folder"; fi

build() {  # PRESET TARGET...
  step "$1: configure" "build/$1-configure.log" cmake --preset "$1" ||
    fail "CMake could not configure '$1'." "See build/$1-configure.log"
  step "$1: build the $demo" "build/$1-$demo.log" cmake --build --preset "$1" --target "${@:2}" ||
    fail "the $demo does not build." "All of the output: build/$1-$demo.log"
}

cd "$TILLKIT_ROOT"
bash toolchain/setup.sh
files=(lib/catalog/examples/corner_shop.csv lib/offers/examples/corner_shop.json)
if [ "$demo" = story ]; then
  build host tillkit-cloud tillkit-wallet
  build "$preset" headless_till tillctl
  say ""
  tests=$TILLKIT_ROOT/tests
  export PYTHONPATH=$tests/support/python:$tests/interop/cloud_server:$tests/interop/fleet:$TILLKIT_ROOT/boards/sandbox/python PYTHONDONTWRITEBYTECODE=1
  exec /usr/bin/python3 tests/simulation/story/processes.py build/host/boards/sandbox/cloud/tillkit-{cloud,wallet} \
    "${files[@]}" $emulator -- "build/$preset/tests/simulation/till/headless_till" "build/$preset/firmware/tillctl/tillctl"
fi

build "$preset" tillkit_story
folder=${folder:-build/day/$preset}
rm -rf "$folder"
mkdir -p "$(dirname "$folder")"
say ""
$emulator "build/$preset/tests/simulation/story/tillkit_story" "${files[@]}" "$folder"
say ""
/usr/bin/python3 tests/simulation/story/compare_books.py "$folder"
