#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Counts the ARM instructions that a command executes, exactly:
#   tests/bench/count_instructions.sh build/linux-armv7/firmware/tillctl/tillctl version --json
# The command's own output goes to standard error; the number alone to standard output. For the cost of one operation count
# a run with N and one with N+K of them: (count(N+K) - count(N)) / K.
set -euo pipefail
if [ $# -eq 0 ]; then
  echo "usage: count_instructions.sh ARM-PROGRAM [ARGUMENT...]" >&2
  exit 2
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
gcc -O2 -Wall -Wextra -shared -fPIC -o "$work/count.so" "$here/instruction_count.c"
status=0
qemu-arm -plugin "$work/count.so" -d plugin -D "$work/count" "$@" >&2 || status=$?
sed -n 's/^instructions: //p' "$work/count"
exit "$status"
