#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prepares a Debian 12 machine: packages, sources, and the libraries for the host and for ARM. Does nothing twice.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/scripts/common.sh"
. "$TILLKIT_ROOT/toolchain/scripts/packages.sh"
. "$TILLKIT_ROOT/toolchain/scripts/sources.sh"
. "$TILLKIT_ROOT/toolchain/scripts/dependencies.sh"

usage() {
  cat <<'USAGE'
usage: toolchain/setup.sh [--lint] [--browser] [--update] [--save-sources FOLDER]
  --lint                also installs clang 19, clang-tidy, clang-format and ccache (presets tidy and fuzz, .ci/run)
  --browser             also installs what tests/browser needs (chromium, node, zbar); without it its cases are skipped
  --update              looks for newer sources of the locked series (security fixes)
  --save-sources FOLDER copies the sources in use to FOLDER; with TILLKIT_DISTFILES=FOLDER any machine builds the same
environment: TILLKIT_CACHE (default ~/.cache/tillkit), TILLKIT_DISTFILES, TILLKIT_MIRROR, TILLKIT_MIRROR_SECURITY
USAGE
}

lint="" browser="" update="" save=""
while [ $# -gt 0 ]; do
  case $1 in
    --lint) lint=yes ;;
    --browser) browser=yes ;;
    --update) update=update ;;
    --save-sources)
      save=${2:-}
      if [ -z "$save" ]; then fail "--save-sources needs a folder."; fi
      shift
      ;;
    --help | -h) usage; exit 0 ;;
    *) usage >&2; fail "unknown argument: $1" ;;
  esac
  shift
done

if [ ! -r /etc/debian_version ] || ! command -v dpkg-query >/dev/null; then
  fail "this set-up is for Debian 12." "On other systems provide the libraries yourself and use CMake directly (README.md, 'With your own SDK')."
fi
if [ -n "${TILLKIT_DISTFILES:-}" ] && ! ls "$TILLKIT_DISTFILES"/*.orig.tar.* >/dev/null 2>&1; then
  fail "TILLKIT_DISTFILES is '$TILLKIT_DISTFILES', which is no folder with sources." "Create it with toolchain/setup.sh --save-sources FOLDER on a connected machine."
fi
mkdir -p "$TILLKIT_CACHE/log" || fail "cannot write to the cache $TILLKIT_CACHE." "Set TILLKIT_CACHE to a folder of yours."
if command -v flock >/dev/null; then
  # Two clones may be set up at the same time; they share the cache.
  exec 9>"$TILLKIT_CACHE/lock"
  flock -n 9 || { say "Waiting for another set-up that uses $TILLKIT_CACHE ..."; flock 9; }
fi

install_packages "${BUILD_PACKAGES[@]}"
if [ -n "$lint" ]; then install_packages "${LINT_PACKAGES[@]}"; fi
if [ -n "$browser" ]; then
  install_packages "${BROWSER_PACKAGES[@]}"
  node "$TILLKIT_ROOT/tests/browser/install.mjs" "$TILLKIT_ROOT/build/browser" ||
    fail "the browser test's package cannot be fetched."
fi
resolve_sources "$update"
if [ -n "$save" ]; then
  mkdir -p "$save"
  while IFS=$'\t' read -r _ _ _ orig _ debian _; do
    cp "$SOURCES/$orig" "$save/"
    if [ "$debian" != - ]; then cp "$SOURCES/$debian" "$save/"; fi
  done <"$SOURCES/resolved.tsv"
  say "Sources copied to $save."
fi

# Presets find the libraries here. Where they changed, build folders start afresh: an older time stamp would not tell ninja.
point_to() {  # TARGET PREFIX PRESET...
  local link=$TILLKIT_ROOT/build/deps/$1 prefix=$2
  shift 2
  mkdir -p "$TILLKIT_ROOT/build/deps"
  if [ "$(readlink "$link" 2>/dev/null)" = "$prefix" ]; then return 0; fi
  for preset in "$@"; do rm -rf "${TILLKIT_ROOT:?}/build/$preset"; done
  ln -sfn "$prefix" "$link"
}
build_dependencies host
point_to host "$PREFIX" host release tidy fuzz
build_dependencies linux-armv7
point_to linux-armv7 "$PREFIX" linux-armv7
say "Ready."
