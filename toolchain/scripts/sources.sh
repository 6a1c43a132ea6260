# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Finds and fetches the sources of dependencies/lock.tsv. What was chosen is written to resolved.tsv:
#   name  debian-version  upstream-version  orig-file  orig-sha256  debian-file|-  debian-sha256|-  licence
# From then on no network is needed for them, until the lock changes or --update asks again.

LOCK=$TILLKIT_ROOT/toolchain/dependencies/lock.tsv

lock_lines() { grep -v '^#' "$LOCK"; }

sources_key() {
  if [ -n "${TILLKIT_DISTFILES:-}" ]; then
    # A folder of the user's own is known by what is in it.
    { cat "$LOCK"; (cd "$TILLKIT_DISTFILES" && sha256sum -- *.tar.*); } | hash_of
  else
    hash_of <"$LOCK"
  fi
}

sha_of() { sha256sum "$1" | cut -d' ' -f1; }

# The archive addresses for Debian 13: one line for the archive, one for its security suite.
mirror_addresses() {
  local targets archive security
  targets=$(apt-get indextargets --no-release-info --format '$(REPO_URI) $(RELEASE)' 'Identifier: Packages' 2>/dev/null | sort -u)
  archive=${TILLKIT_MIRROR:-$(awk '$2 !~ /-(security|updates|backports)/ { print $1; exit }' <<<"$targets")}
  if [ -z "$archive" ]; then return 1; fi
  security=${TILLKIT_MIRROR_SECURITY:-}
  if [ -z "$security" ] && [ -z "${TILLKIT_MIRROR:-}" ]; then
    security=$(awk '$2 ~ /-security$/ { print $1; exit }' <<<"$targets")
  fi
  # A machine set up without a security suite: mirrors keep it beside the archive under this name.
  if [ -z "$security" ]; then security=${archive%/}-security; fi
  printf '%s\n%s\n' "$archive" "$security"
}

# An apt of our own: its lists and settings lie in the cache and touch nothing of the system's.
apt_options() {
  local home=$TILLKIT_CACHE/apt
  # Values in a file named by APT_CONFIG would be overridden by the system's, so all go on the command line.
  APT_OPTIONS=(-q -o "Dir::Etc::sourcelist=$home/$1.sources" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$home/$1-lists"
    -o "Dir::Cache=$home/cache" -o APT::Sandbox::User=root -o APT::Update::Error-Mode=any -o Acquire::Retries=1
    -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 -o Acquire::Languages=none)
}

apt_suite() {  # NAME ADDRESS SUITE
  local home=$TILLKIT_CACHE/apt
  mkdir -p "$home/$1-lists/partial" "$home/cache/archives/partial"
  printf 'Types: deb-src\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' \
    "$2" "$3" /usr/share/keyrings/debian-archive-keyring.gpg >"$home/$1.sources"
  apt_options "$1"
  apt-get "${APT_OPTIONS[@]}" update >"$TILLKIT_CACHE/log/apt-$1.log" 2>&1 </dev/null
}

# Versions of a package in a suite, newest first.
apt_versions() {
  apt_options "$1"
  apt-cache "${APT_OPTIONS[@]}" showsrc --only-source "$2" 2>/dev/null | awk '/^Version:/ { print $2 }' | sort -rVu
}

# The .dsc files of some packages are missing on mirrors, so the two tarballs are fetched by themselves. apt checks
# their hashes against the signed index.
apt_fetch() {  # SUITE PACKAGE VERSION KIND(tar|diff)
  apt_options "$1"
  apt-get "${APT_OPTIONS[@]}" source "--$4-only" --download-only "$2=$3" >>"$TILLKIT_CACHE/log/apt-source.log" 2>&1 </dev/null
}

upstream_of() { local v=${1#*:}; echo "${v%-*}"; }

# Picks one library from the Debian suites into the current folder; prints its line of resolved.tsv.
pick_from_mirror() {
  local name=$1 package=$2 series=$3 tested=$4 orig_sha=$5 licence=$6 patches=$7 suite version candidates skipped="" debian orig
  candidates=$(for suite in security archive; do
    apt_versions "$suite" "$package" | while read -r version; do
      case $(upstream_of "$version") in "$series"*) echo "$version $suite" ;; esac
    done
  done | sort -rV)
  while read -r version suite; do
    if [ -z "$version" ]; then continue; fi
    if ! apt_fetch "$suite" "$package" "$version" tar; then skipped="$skipped $version"; continue; fi
    debian=-
    if apt_fetch "$suite" "$package" "$version" diff; then
      debian=${package}_${version#*:}.debian.tar.xz
    elif [ "$patches" = required ]; then
      skipped="$skipped $version"
      continue
    else
      loud "$name: the mirror does not serve Debian's patches for $package $version; they are optional, used without." >&2
    fi
    orig=$(basename "$(ls -- "${package}_$(upstream_of "$version").orig.tar".*)")
    if [ -n "$skipped" ]; then
      loud "$name: the mirror lists$skipped but does not serve it; used $version. Security fixes may be missing: run toolchain/setup.sh --update later." >&2
    fi
    resolved_line "$name" "$version" "$orig" "$debian" "$tested" "$orig_sha" "$licence"
    return 0
  done <<<"$candidates"
  fail "no source of $package $series* could be fetched (tried:${skipped:- none, no such version listed})." \
    "Set TILLKIT_MIRROR to a full mirror of Debian, or TILLKIT_DISTFILES to a folder with the sources. Log: $TILLKIT_CACHE/log/apt-source.log"
}

pick_from_folder() {
  local name=$1 package=$2 series=$3 tested=$4 orig_sha=$5 licence=$6 patches=$7 orig version debian
  orig=$(cd "$TILLKIT_DISTFILES" && ls -- "${package}_${series}"*.orig.tar.* 2>/dev/null | grep -v '\.asc$' | sort -V | tail -n 1)
  if [ -z "$orig" ]; then
    fail "TILLKIT_DISTFILES has no ${package}_${series}*.orig.tar.*" "Fill it on a connected machine: toolchain/setup.sh --save-sources FOLDER"
  fi
  version=${orig#"${package}"_}
  version=${version%.orig.tar.*}
  debian=$(cd "$TILLKIT_DISTFILES" && ls -- "${package}_${version}-"*.debian.tar.xz 2>/dev/null | sort -V | tail -n 1)
  if [ -n "$debian" ]; then
    cp "$TILLKIT_DISTFILES/$debian" .
    version=${debian#"${package}"_}
    version=${version%.debian.tar.xz}
  elif [ "$patches" = required ]; then
    fail "TILLKIT_DISTFILES has no ${package}_${version}-*.debian.tar.xz" "Debian's patches carry security fixes. Fill the folder with toolchain/setup.sh --save-sources FOLDER"
  fi
  cp "$TILLKIT_DISTFILES/$orig" .
  resolved_line "$name" "$version" "$orig" "${debian:--}" "$tested" "$orig_sha" "$licence"
}

resolved_line() {
  local name=$1 version=$2 orig=$3 debian=$4 tested=$5 orig_sha=$6 licence=$7 actual upstream debian_sha=-
  upstream=${orig#*_}
  upstream=${upstream%.orig.tar.*}
  actual=$(sha_of "$orig")
  if [ "$actual" = "$orig_sha" ]; then
    say "  $name $version: the tested upstream source" >&2
  elif [ "$upstream" = "$tested" ]; then
    fail "$orig is not the tested $name $tested: its SHA-256 is $actual." "Do not use it before you know why; the expected one is in toolchain/dependencies/lock.tsv."
  else
    loud "$name: using $upstream; $tested was tested last." >&2
  fi
  if [ "$debian" != - ]; then debian_sha=$(sha_of "$debian"); fi
  printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$name" "$version" "$upstream" "$orig" "$actual" "$debian" "$debian_sha" "$licence"
}

# Leaves the sources and resolved.tsv in SOURCES.
resolve_sources() {  # [update]
  local fresh addresses name package series tested orig_sha licence patches
  SOURCES=$TILLKIT_CACHE/sources/$(sources_key)
  if [ -f "$SOURCES/resolved.tsv" ] && [ "${1:-}" != update ]; then
    if [ -n "$(find "$SOURCES/resolved.tsv" -mtime +30)" ]; then
      say "  The sources were chosen over 30 days ago; toolchain/setup.sh --update looks for security fixes."
    fi
    return 0
  fi
  mkdir -p "$TILLKIT_CACHE/log" "$TILLKIT_CACHE/sources"
  fresh=$(mktemp -d "$TILLKIT_CACHE/sources/.fresh.XXXXXX")
  if [ -z "${TILLKIT_DISTFILES:-}" ]; then open_mirror; fi
  # fd 3: the commands in the loop must not eat its input.
  while IFS=$'\t' read -r name package series tested orig_sha licence patches <&3; do
    local pick=pick_from_mirror
    if [ -n "${TILLKIT_DISTFILES:-}" ]; then pick=pick_from_folder; fi
    (cd "$fresh" && "$pick" "$name" "$package" "$series" "$tested" "$orig_sha" "$licence" "$patches") >>"$fresh/resolved.tsv" ||
      { rm -rf "$fresh"; exit 1; }
  done 3< <(lock_lines)
  rm -rf "$SOURCES"
  mv "$fresh" "$SOURCES"
}

open_mirror() {
  local addresses archive security
  if ! addresses=$(mirror_addresses); then
    step "package lists" "$TILLKIT_CACHE/log/apt-update.log" as_root apt-get -o Acquire::Retries=1 \
      -o Acquire::http::Timeout=20 -o APT::Update::Error-Mode=any update || no_mirror
    addresses=$(mirror_addresses) || no_mirror
  fi
  { read -r archive && read -r security; } <<<"$addresses"
  say "Looking for the sources in Debian 13 ..."
  apt_suite archive "$archive" trixie || no_mirror
  if ! apt_suite security "$security" trixie-security; then
    loud "Debian's security suite cannot be reached; using the archive alone. Set TILLKIT_MIRROR_SECURITY." >&2
  fi
}

no_mirror() {
  fail "the sources of the libraries are not in the cache and Debian 13's source index cannot be reached." \
    "Connect the machine, or set TILLKIT_MIRROR to a reachable mirror, or TILLKIT_DISTFILES to a folder with the sources (toolchain/README.md)."
}

# unpack NAME FOLDER: the source with Debian's patches applied.
unpack() {
  local name=$1 into=$2 version upstream orig orig_sha debian debian_sha licence patch scratch
  IFS=$'\t' read -r _ version upstream orig orig_sha debian debian_sha licence < <(grep "^$name	" "$SOURCES/resolved.tsv")
  echo "$orig_sha  $SOURCES/$orig" | sha256sum --check --quiet || return 1
  mkdir -p "$into"
  tar -xf "$SOURCES/$orig" -C "$into" --strip-components=1
  if [ "$debian" = - ]; then return 0; fi
  echo "$debian_sha  $SOURCES/$debian" | sha256sum --check --quiet || return 1
  scratch=$into/debian-patches
  mkdir -p "$scratch"
  tar -xf "$SOURCES/$debian" -C "$scratch" --strip-components=1
  if [ -f "$scratch/patches/series" ]; then
    while read -r patch _; do
      case $patch in '' | '#'*) continue ;; esac
      echo "patch $patch"
      (cd "$into" && patch -p1 -f --no-backup-if-mismatch <"$scratch/patches/$patch") || return 1
    done <"$scratch/patches/series"
  fi
  rm -rf "$scratch"
}
