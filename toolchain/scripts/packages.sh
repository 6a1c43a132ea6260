# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The Debian packages that building and testing need. Each has a reason; nothing else is installed.

BUILD_PACKAGES=(
  gcc g++ libc6-dev            # the host compiler (12)
  g++-arm-linux-gnueabihf      # the ARM compiler (12), with its C library
  qemu-user                    # runs ARM programs here; the package with plugins, not the static one
  cmake ninja-build make       # builds; make only for SQLite's amalgamation
  git                          # the version of the build
  tcl                          # makes SQLite's amalgamation
  dpkg-dev bzip2 xz-utils patch  # unpack Debian's source packages
  ca-certificates              # where the mirror is https
  python3                      # mbedTLS's configuration script, the GB 18030 table, the SBOM, the test peers
  python3-cryptography         # certificates of the test peers
  python3-yaml python3-jsonschema  # hold the cloud contract against its own schemas and against what we send
  openssl                      # an independent reader of what we sign
  libssl-dev                   # TLS and certificates of the sandbox's cloud, independent of the devices' mbedTLS
  file                         # a test looks at what kind of program was built
  libbenchmark-dev             # tests/bench
  libglib2.0-0                 # qemu-user's plugins
)
# Of the browser test alone: the browser, who drives it, fonts for Chinese, and an independent reader of QR codes.
BROWSER_PACKAGES=(chromium nodejs fonts-noto-cjk zbar-tools)
if ! command -v npm >/dev/null; then BROWSER_PACKAGES+=(npm); fi  # other sources' nodejs brings its own
# Of those who change tillkit: the linters, the fuzzer's compiler, and a cache that makes a clean clone's build quick.
LINT_PACKAGES=(clang-19 clang-tidy-19 clang-format-19 libclang-rt-19-dev ccache)

missing_packages() {
  local name
  for name in "$@"; do
    if [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" != installed ]; then echo "$name"; fi
  done
}

# install_packages NAME...: installs what is missing; no apt command runs when nothing is.
install_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  if [ "${#missing[@]}" -eq 0 ]; then return 0; fi
  say "Installing Debian packages: ${missing[*]}"
  if ! as_root true; then
    fail "these Debian packages are missing and installing needs root: ${missing[*]}" \
      "Run 'apt-get install ${missing[*]}' as root, or install sudo, then start this again."
  fi
  local quick=(-o Acquire::Retries=1 -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20)
  # apt's own update ends with 0 when nothing could be fetched.
  step "package lists" "$TILLKIT_CACHE/log/apt-update.log" \
    as_root apt-get "${quick[@]}" -o APT::Update::Error-Mode=any update ||
    fail "the package lists could not be fetched, and these packages are missing: ${missing[*]}" \
      "Connect this machine to its Debian mirror, or install the packages by hand."
  step "packages" "$TILLKIT_CACHE/log/apt-install.log" \
    as_root env DEBIAN_FRONTEND=noninteractive apt-get "${quick[@]}" install -y --no-install-recommends "${missing[@]}" ||
    fail "apt-get could not install: ${missing[*]}" "The lines above say why; tillkit is tried on Debian 12."
}
