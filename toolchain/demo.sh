#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From a bare Debian 12 machine to a vending machine in the browser, or to a day of a shop and its books side by side.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/scripts/common.sh"

usage() {
  cat <<'USAGE'
usage: toolchain/demo.sh [--mdb] [--arm] [--port N]
       toolchain/demo.sh --story | --counter [--arm]
       toolchain/demo.sh --day [--arm] [FOLDER]
  (nothing)  a vending machine to play with: wallet, cloud, virtual hardware and the vending firmware, each a process; prints
             the one address to open; Ctrl-C stops all of it. --port: of the page, else 8080. --mdb: the machine has a
             controller of its own, and the terminal is a cashless reader on its MDB bus, behind a bridge
  --story    a day of that machine without a browser: members, coupons, lost answers, a jam, the network's plug pulled, power
             cut while it is paid and while goods fall; prints what people see
  --counter  a day of a small shop with two terminals at its counters: cash, wallets, members, a copied coupon
  --day      a longer day of two terminals in one process, on virtual hardware and time, power cut in the middle of chosen
             writes; prints what it costs, too. Its books lie in FOLDER afterwards (default build/day/PRESET): till.db,
             till2.db, home.jsonl, wallet.jsonl, drawer.jsonl, goods.jsonl.
  --arm      the terminals are the ARM binaries, under qemu-arm
Exit status of the days: 0 the books are equal.
USAGE
}

demo=page preset=host emulator="" folder="" port=8080 motors=terminal
while [ $# -gt 0 ]; do
  case $1 in
    --story | --counter | --day) demo=${1#--} ;;
    --mdb) motors=controller ;;
    --arm) preset=linux-armv7 emulator=qemu-arm ;;
    --port)
      port=${2:-}
      if ! [[ $port =~ ^[0-9]{1,5}$ ]] || [ "$((10#$port))" -lt 1 ] || [ "$((10#$port))" -gt 65535 ]; then
        usage >&2
        fail "--port needs a number from 1 to 65535."
      fi
      shift
      ;;
    --help | -h) usage; exit 0 ;;
    -*) usage >&2; fail "unknown argument: $1" ;;
    *) folder=$1 ;;
  esac
  shift
done
if [ "$demo" != page ] && [ $motors = controller ]; then usage >&2; fail "--mdb is for the machine in the browser; a day always has both."; fi
if [ "$demo" != day ] && [ -n "$folder" ]; then usage >&2; fail "only --day keeps files: $folder"; fi

build() {  # PRESET TARGET...
  step "$1: configure" "build/$1-configure.log" cmake --preset "$1" ||
    fail "CMake could not configure '$1'." "See build/$1-configure.log"
  step "$1: build ${*:2}" "build/$1-$demo.log" cmake --build --preset "$1" --target "${@:2}" ||
    fail "the demo does not build." "All of the output: build/$1-$demo.log"
}

cd "$TILLKIT_ROOT"
bash toolchain/setup.sh
files=(lib/catalog/examples/corner_shop.csv lib/offers/examples/corner_shop.json)
sandbox=build/host/boards/sandbox
export PYTHONPATH=$TILLKIT_ROOT/boards/sandbox/python PYTHONDONTWRITEBYTECODE=1

if [ "$demo" = page ] || [ "$demo" = story ]; then
  build host tillkit-wallet tillkit-cloud tillkit-sandbox
  build "$preset" tillkit-vending tillctl
  say ""
  programs=("$sandbox"/cloud/tillkit-{wallet,cloud} "$sandbox/hardware/tillkit-sandbox" "${files[@]}")
  firmware=(build/"$preset"/firmware/{vending/tillkit-vending,tillctl/tillctl})
  if [ "$demo" = page ]; then
    exec /usr/bin/python3 boards/sandbox/python/demo.py "${programs[@]}" "$port" $motors $emulator -- "${firmware[@]}"
  fi
  exec /usr/bin/python3 tests/simulation/story/vending.py "${programs[@]}" $emulator -- "${firmware[@]}"
fi

if [ "$demo" = counter ]; then
  build host tillkit-cloud tillkit-wallet
  build "$preset" headless_till tillctl
  say ""
  tests=$TILLKIT_ROOT/tests
  export PYTHONPATH=$tests/support/python:$tests/interop/cloud_server:$tests/interop/fleet:$PYTHONPATH
  exec /usr/bin/python3 tests/simulation/story/processes.py "$sandbox"/cloud/tillkit-{cloud,wallet} \
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
