#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the table that turns receipts into GB 18030, and what is printed for letters that a printer has no picture of.

usage: make_gb18030.py OUTPUT.hpp

The codes are those of Python's own gb18030 codec (the standard's edition of 2000, which printers' fonts follow); the
base letters are the decompositions of Python's unicodedata. No file of anybody else is read.
"""
import pathlib
import sys
import unicodedata

# CJK extension A as the mandatory part of GB 18030-2000 has it: the only four-byte characters in printers' fonts.
EXTENSION_A = range(0x3400, 0x4DB6)
# What the shop or the printer's maker defines: no font that we do not know has a picture of it.
PRIVATE = range(0xE000, 0xF900)


def code_of(code_point: int) -> bytes:
    if 0xD800 <= code_point < 0xE000:
        return b""
    return chr(code_point).encode("gb18030", errors="ignore")


def pages() -> dict[int, list[int]]:
    """The two-byte codes, by the high byte of the code point; 0: it has none."""
    found = {}
    for high in range(0x100):
        row = []
        for code_point in range(high << 8, (high + 1) << 8):
            code = code_of(code_point)
            two_bytes = len(code) == 2 and code_point not in PRIVATE
            row.append(int.from_bytes(code, "big") if two_bytes else 0)
        if any(row):
            found[high] = row
    return found


def linear(code: bytes) -> int:
    """The place of a four-byte code in their order."""
    return (((code[0] - 0x81) * 10 + code[1] - 0x30) * 126 + code[2] - 0x81) * 10 + code[3] - 0x30


def runs() -> list[tuple[int, int, int]]:
    """Code points from first to last have the four-byte codes from a place on."""
    found: list[tuple[int, int, int]] = []
    for code_point in EXTENSION_A:
        code = code_of(code_point)
        if len(code) != 4:
            continue
        place = linear(code)
        if found and found[-1][1] == code_point - 1 and place == found[-1][2] + code_point - found[-1][0]:
            found[-1] = (found[-1][0], code_point, found[-1][2])
        else:
            found.append((code_point, code_point, place))
    return found


def base_letters() -> list[tuple[int, str]]:
    """The ASCII character that a letter with marks, a ligature's relative or an odd space stands for."""
    found = []
    for code_point in [*range(0xA0, 0x250), *range(0x1E00, 0x1F00), *range(0x2000, 0x2070)]:
        parts = unicodedata.normalize("NFKD", chr(code_point))
        base = [part for part in parts if not unicodedata.combining(part)]
        if len(base) == 1 and " " <= base[0] <= "~":
            found.append((code_point, base[0]))
    return found


def table(pages_found, runs_found, letters) -> str:
    def rows(values):
        values = list(values)
        return "\n".join("    " + " ".join(values[i:i + 12]) for i in range(0, len(values), 12))

    order = {high: number for number, high in enumerate(pages_found)}
    page_of = (f"{order.get(high, 255)}," for high in range(0x100))
    codes = (f"0x{code:04X}," for row in pages_found.values() for code in row)
    four = (f"{{0x{first:04X}, 0x{last:04X}, {place}}}," for first, last, place in runs_found)
    bases = (f"{{0x{code_point:04X}, {ord(letter)}}}," for code_point, letter in letters)
    return f"""// SPDX-License-Identifier: Apache-2.0
// Made by make_gb18030.py.
#pragma once

#include <array>
#include <cstdint>

namespace tillkit::receipt::detail {{

inline constexpr std::uint8_t kNoPage = 255;
inline constexpr std::array<std::uint8_t, 256> kPageOf{{{{
{rows(page_of)}
}}}};
inline constexpr std::array<std::uint16_t, {len(pages_found) * 256}> kTwoByteCodes{{{{
{rows(codes)}
}}}};

struct FourByteRun {{
  std::uint16_t first;
  std::uint16_t last;
  std::uint16_t place;
}};
inline constexpr std::array<FourByteRun, {len(runs_found)}> kFourByteRuns{{{{
{rows(four)}
}}}};

struct BaseLetter {{
  std::uint16_t code;
  std::uint8_t letter;
}};
inline constexpr std::array<BaseLetter, {len(letters)}> kBaseLetters{{{{
{rows(bases)}
}}}};

}}  // namespace tillkit::receipt::detail
"""


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    pages_found, runs_found = pages(), runs()
    assert len(pages_found) < 255 and all(place < 0x10000 for _, _, place in runs_found)
    pathlib.Path(sys.argv[1]).write_text(table(pages_found, runs_found, base_letters()), encoding="ascii")
    return 0


if __name__ == "__main__":
    sys.exit(main())
