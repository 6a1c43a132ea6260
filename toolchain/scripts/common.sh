# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the scripts of this folder share: messages, steps with visible progress, where things lie.

TILLKIT_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
TILLKIT_CACHE=${TILLKIT_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/tillkit}
export TILLKIT_ROOT TILLKIT_CACHE
# The scripts parse what tools print.
export LC_ALL=C.UTF-8

say() { printf '%s\n' "$*"; }
loud() { printf '\n*** %s\n\n' "$*"; }

# fail MESSAGE WHAT-TO-DO: the one way to stop.
fail() {
  printf '\ntillkit: %s\n' "$1" >&2
  if [ -n "${2:-}" ]; then printf '         %s\n' "$2" >&2; fi
  exit 1
}

# step LABEL LOG COMMAND...: runs the command with its output in LOG. Says when it starts, a sign of life every ten
# seconds, how long it took; on failure the end of the log and where all of it is.
step() {
  local label=$1 log=$2 begun=$SECONDS pid status=0 tick=0
  shift 2
  mkdir -p "$(dirname "$log")"
  printf '  %s ...\n' "$label"
  ("$@") >"$log" 2>&1 </dev/null &
  pid=$!
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.2
    tick=$((tick + 1))
    if [ $((tick % 50)) -eq 0 ]; then printf '  %s ... %s s\n' "$label" "$((SECONDS - begun))"; fi
  done
  wait "$pid" || status=$?
  if [ "$status" -ne 0 ]; then
    printf '\n--- the last lines of %s\n' "$log" >&2
    tail -n 40 "$log" >&2
    return "$status"
  fi
  printf '  %s: done, %s s\n' "$label" "$((SECONDS - begun))"
}

hash_of() { sha256sum | cut -c1-16; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo -- "$@"
  else
    return 1
  fi
}
