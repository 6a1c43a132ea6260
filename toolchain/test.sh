#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From a bare Debian 12 machine to green tests: set-up, the host build with sanitizers and its tests, the ARM build and its
# tests under qemu-arm. Quick when nothing changed.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/scripts/common.sh"

usage() {
  cat <<'USAGE'
usage: toolchain/test.sh [--host-only | --arm-only]
Prints how many test cases ran on each target, and fails if one failed or none ran.
USAGE
}

targets=(host linux-armv7)
case ${1:-} in
  --host-only) targets=(host) ;;
  --arm-only) targets=(linux-armv7) ;;
  --help | -h) usage; exit 0 ;;
  '') ;;
  *) usage >&2; fail "unknown argument: $1" ;;
esac

begun=$SECONDS
cd "$TILLKIT_ROOT"
bash toolchain/setup.sh

summary=() passed_all=0 failed_all=0 skipped_all=0
run_target() {  # PRESET
  local preset=$1 report=$TILLKIT_ROOT/build/$1/test-report.tsv status=0 passed failed skipped started=$SECONDS
  step "$preset: configure" "build/$preset-configure.log" cmake --preset "$preset" ||
    fail "CMake could not configure '$preset'." "If the message above names a library, run toolchain/setup.sh; else see build/$preset-configure.log"
  step "$preset: build" "build/$preset-build.log" cmake --build --preset "$preset" ||
    fail "'$preset' does not build." "All of the output: build/$preset-build.log"
  : >"$report"
  TILLKIT_TEST_REPORT=$report ctest --preset "$preset" || status=$?
  passed=$(grep -c '^passed' "$report" || true)
  failed=$(grep -c '^failed' "$report" || true)
  skipped=$(grep -c '^skipped' "$report" || true)
  if [ "$((passed + failed))" -eq 0 ]; then fail "no test ran on '$preset'." "An empty run is a failure: see the output above."; fi
  # A program that dies takes its remaining cases with it: ctest knows, the report does not.
  if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi
  passed_all=$((passed_all + passed)) failed_all=$((failed_all + failed)) skipped_all=$((skipped_all + skipped))
  summary+=("$(printf '%-12s %s cases passed, %s failed, %s skipped, %s s' "$preset" "$passed" "$failed" "$skipped" "$((SECONDS - started))")")
}
if [ "${targets[*]}" = linux-armv7 ]; then
  # Terminals of the ARM build talk to the cloud and the wallet of the host.
  step "host: configure" build/host-configure.log cmake --preset host || fail "CMake could not configure 'host'."
  step "host: build the cloud" build/host-cloud.log cmake --build --preset host --target tillkit-cloud tillkit-wallet tillkit-sandbox ||
    fail "the cloud does not build." "All of the output: build/host-cloud.log"
fi
for target in "${targets[@]}"; do run_target "$target"; done

say ""
printf '%s\n' "${summary[@]}"
if [ -f "build/linux-armv7/sizes.txt" ] && [[ " ${targets[*]} " == *" linux-armv7 "* ]]; then
  say ""
  cat build/linux-armv7/sizes.txt
fi
say "$((SECONDS - begun)) s in all"
if [ "$skipped_all" -gt 0 ]; then
  say "$passed_all passed, $failed_all failed, $skipped_all skipped"
else
  say "$passed_all passed, $failed_all failed"
fi
[ "$failed_all" -eq 0 ]
