#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the source tree against the architecture: who may use whom, where vendor headers may stand, what lib/ may not do.

usage: check_architecture.py ROOT      prints each breach as path:line: what, and exits with 1 if there is any
"""
import pathlib
import re
import sys
from typing import Iterator, NamedTuple

# The modules of lib/, lowest first. A module uses only modules above it in this list.
MODULES = [
    "core", "codes", "security", "cloud", "journal", "catalog", "offers", "members", "ledger", "payment", "fulfilment",
    "receipt", "checkout", "sync", "terminal",
]
# Same input, same output, no I/O: these do not even see the interfaces of hal.
PURE = {"core", "codes", "offers", "receipt"}
# The link's language is spoken by these only.
USERS_OF = {"cloud": {"members", "ledger", "payment", "sync", "terminal"}}

# What the rooms beside lib/ may use of it and of each other. "*" is every module of lib/.
ROOMS = {
    "hal": {"core", "hal"},
    "hal_linux": {"core", "security", "hal", "hal_linux"},
    "hal_virtual": {"core", "hal", "hal_virtual"},
    "boards": {"*", "hal", "hal_linux", "hal_virtual", "boards"},
    "firmware": {"*", "hal", "hal_linux", "boards"},
}

# Vendor headers: pattern, where they may stand (prefixes of .cpp files and headers beside them), what to do instead.
TLS_SETUP = ("hal/linux/src/tls",)
VENDORS = [
    (r"sqlite3\.h", ("lib/journal/src/", "boards/sandbox/cloud/src/sqlite_storage", "tests/unit/journal/",
                      "tests/bench/bench_journal", "tests/bench/drain/", "tests/power/"),
     "SQLite lives in lib/journal, and behind the sandbox cloud's storage"),
    (r"mbedtls/(ssl|x509|pk|net_sockets)[a-z_]*\.h", TLS_SETUP + ("lib/security/src/certificate_request",),
     "TLS, X.509 and opaque keys belong to the TLS set-up and the CSR writer; all else is PSA's"),
    (r"mbedtls/.*", TLS_SETUP + ("lib/security/src/",), "mbedTLS lives in lib/security and in the TLS set-up"),
    (r"psa/.*", TLS_SETUP + ("lib/security/src/", "tests/unit/security/", "toolchain/dependencies/include/psa/"),
     "mbedTLS lives in lib/security and in the TLS set-up"),
    (r"cjson/.*", ("lib/core/src/json", "tests/unit/core/"), "cJSON stands behind lib/core's JSON"),
    (r"curl/.*", ("hal/linux/src/http", "hal/linux/src/tls", "tests/bench/drain/bare"), "libcurl lives in hal/linux"),
    (r"ares.*\.h", ("hal/linux/src/http",), "c-ares is for curl, in hal/linux"),
    (r"qrcodegen/.*", ("lib/receipt/src/", "boards/sandbox/hardware/qr"),
     "QR codes belong to lib/receipt, and to the sandbox's page"),
    (r"openssl/.*", ("boards/sandbox/cloud/src/authority", "boards/sandbox/cloud/src/http",
                     "boards/sandbox/cloud/conformance/certificates", "tests/interop/conformance/broken_cloud"),
     "OpenSSL is the sandbox cloud's: its certificates and its TLS, and what no terminal's TLS would do"),
    (r"httplib\.h", ("boards/sandbox/cloud/src/http",), "the HTTP server stands behind http.hpp"),
    (r"catch2/.*", ("tests/",), "tests are in tests/"),
]

SYSTEM_HEADERS = re.compile(
    r"(sys/.*|unistd\.h|fcntl\.h|termios\.h|poll\.h|netdb\.h|arpa/.*|netinet/.*|pthread\.h|signal\.h|dirent\.h"
    r"|linux/.*|thread|mutex|condition_variable|future|atomic|semaphore|random|fstream|filesystem|iostream)$")
LIB_FORBIDDEN = [
    (re.compile(r"\b(system_clock|steady_clock|high_resolution_clock|utc_clock)\b"), "lib/ has no clock: take hal::Clock"),
    (re.compile(r"\b(clock_gettime|gettimeofday|localtime|mktime)\s*\(|\btime\s*\(\s*(nullptr|NULL|0|&)|\bstd::clock\b"),
     "lib/ has no clock: take hal::Clock"),
    (re.compile(r"\b(sleep|usleep|nanosleep|sleep_for|sleep_until)\b"), "lib/ does not sleep: take hal::Scheduler"),
    (re.compile(r"\b(rand|srand|random_device|getrandom|mt19937(_64)?)\b"), "lib/ has no randomness: take hal::Random"),
    (re.compile(r"\b(double|float)\b"), "no floating point in lib/: minor units, basis points, rationals"),
    (re.compile(r"\b(getenv|system|popen|fork|socket)\s*\("), "lib/ makes no call to the system"),
    (re.compile(r"\b(try|catch|throw|dynamic_cast|typeid)\b"), "lib/ is built without exceptions and RTTI"),
]
# cJSON hands numbers over as doubles; the one place that meets them.
FLOATING_POINT_ALLOWED = ("lib/core/src/json",)

TOP_LEVEL = {"firmware", "hal", "lib", "boards", "toolchain", "tests", ".ci", ".git", "build"}
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')
SOURCES = {".hpp", ".cpp", ".h", ".c"}


class Breach(NamedTuple):
    path: str
    line: int
    what: str


def code_only(text: str) -> str:
    """Blanks comments and literals, keeps line breaks: words in them are no code."""
    def blank(match: re.Match) -> str:
        return re.sub(r"[^\n]", " ", match.group(0))
    # A digit separator is not the start of a character literal.
    pattern = r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|(?<![0-9A-Fa-f])\'(?:\\.|[^\'\\\n])*\''
    return re.sub(pattern, blank, text, flags=re.S)


def room_of(path: str) -> str | None:
    parts = path.split("/")
    if parts[0] == "lib" and len(parts) > 2:
        return parts[1]
    if parts[0] == "hal":
        return {"linux": "hal_linux", "virtual": "hal_virtual"}.get(parts[1], "hal")
    return parts[0] if parts[0] in ("boards", "firmware") else None


def may_use(user: str, used: str) -> bool:
    if user == used:
        return True
    if used in USERS_OF and user in MODULES and user not in USERS_OF[used]:
        return False
    if user in MODULES:
        if used == "hal":
            return user not in PURE
        return used in MODULES and MODULES.index(used) < MODULES.index(user)
    allowed = ROOMS.get(user, set())
    return used in allowed or ("*" in allowed and used in MODULES)


def check_includes(path: str, text: str) -> Iterator[Breach]:
    user = room_of(path)
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        header = match.group(1)
        if header.startswith("tillkit/") and user:
            used = header.split("/")[1]
            if not may_use(user, used):
                yield Breach(path, number, f"{user} may not use {used}")
        for pattern, places, instead in VENDORS:
            if re.fullmatch(pattern, header):
                if not path.startswith(tuple(places)) or "/include/tillkit/" in path:
                    yield Breach(path, number, f"<{header}> does not belong here: {instead}")
                break
        if path.startswith("lib/") and SYSTEM_HEADERS.match(header):
            yield Breach(path, number, f"<{header}> in lib/: I/O, threads and the system come through hal")


def check_words(path: str, text: str) -> Iterator[Breach]:
    if not path.startswith("lib/"):
        return
    for number, line in enumerate(code_only(text).splitlines(), 1):
        for pattern, what in LIB_FORBIDDEN:
            if "floating point" in what and path.startswith(FLOATING_POINT_ALLOWED):
                continue
            if not line.lstrip().startswith("#") and pattern.search(line):
                yield Breach(path, number, what)


def check_links(path: str, text: str) -> Iterator[Breach]:
    """CMake's lists say the same as the includes."""
    user = room_of(path)
    for number, line in enumerate(text.splitlines(), 1):
        for used in re.findall(r"\btillkit::([a-z_0-9]+)", line.split("#")[0]):
            used = "boards" if used.startswith("board_") else used
            if user and not may_use(user, used):
                yield Breach(path, number, f"{user} may not link {used}")


def check_form(root: pathlib.Path, files: list[str]) -> Iterator[Breach]:
    for entry in sorted(root.iterdir()):
        if entry.is_dir() and entry.name not in TOP_LEVEL:
            yield Breach(entry.name, 0, "no top-level folder beyond those of the architecture")
    for module in sorted(p.name for p in (root / "lib").iterdir() if p.is_dir()):
        if module not in MODULES:
            yield Breach(f"lib/{module}", 0, "not a module of the architecture's table")
        readme = root / "lib" / module / "README.md"
        if not readme.exists():
            yield Breach(f"lib/{module}/README.md", 0, "each module has a README")
        elif len(readme.read_text(encoding="utf-8").splitlines()) > 60:
            yield Breach(f"lib/{module}/README.md", 61, "a module's README has at most 60 lines")
    for path in files:
        name = pathlib.PurePosixPath(path).name
        if pathlib.PurePosixPath(path).suffix in SOURCES:
            if not re.fullmatch(r"[a-z0-9_]+\.(hpp|cpp|h|c)", name):
                yield Breach(path, 0, "file names are snake_case")
            first = (root / path).read_text(encoding="utf-8").split("\n", 1)[0]
            if "SPDX-License-Identifier: Apache-2.0" not in first:
                yield Breach(path, 1, "the first line is the SPDX line")


def tree(root: pathlib.Path) -> list[str]:
    found = []
    for top in ("lib", "hal", "boards", "firmware", "tests", "toolchain"):
        for path in sorted((root / top).rglob("*")):
            relative = path.relative_to(root).as_posix()
            if path.is_file() and (path.suffix in SOURCES or path.name == "CMakeLists.txt"):
                found.append(relative)
    return found


def check(root: pathlib.Path) -> list[Breach]:
    files = tree(root)
    breaches = list(check_form(root, files))
    for path in files:
        text = (root / path).read_text(encoding="utf-8")
        if path.endswith("CMakeLists.txt"):
            breaches += check_links(path, text)
        else:
            breaches += check_includes(path, text)
            breaches += check_words(path, text)
    return breaches


def main() -> int:
    breaches = check(pathlib.Path(sys.argv[1]).resolve())
    for breach in breaches:
        print(f"{breach.path}:{breach.line}: {breach.what}")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
