#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds one library into its place in the cache: build_one.sh NAME PLACE. A process of its own, because bash switches
# "stop at the first error" off inside anything that is followed by "||".
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$TILLKIT_ROOT/toolchain/scripts/sources.sh"
. "$TILLKIT_ROOT/toolchain/dependencies/recipes.sh"

name=$1 place=$2 work=$TILLKIT_CACHE/work/$TILLKIT_TARGET-$1
rm -rf "$work" "$place.new"
mkdir -p "$work"
unpack "$name" "$work/source"
"build_$name" "$work/source" "$work/build" "$place.new"
mv "$place.new" "$place"
rm -rf "$work"
