# SPDX-License-Identifier: Apache-2.0
"""Writes the files of the page as a C++ source.

usage: embed_page.py OUTPUT FILE...
"""
import os
import sys

CHUNK = 8_000  # compilers have limits for one literal
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
         ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


def pieces(data):
    """A piece never cuts a character."""
    while data:
        end = min(CHUNK, len(data))
        while end < len(data) and data[end] & 0xC0 == 0x80:
            end -= 1
        yield data[:end].decode()
        data = data[end:]


output, *files = sys.argv[1:]
with open(output, "w", encoding="utf-8") as file:
    file.write('// Made from boards/sandbox/page.\n#include "page_files.hpp"\n\n#include <array>\n\n'
               "namespace tillkit::sandbox {\nnamespace {\n\nusing namespace std::string_view_literals;\n\n"
               f"constexpr std::array<PageFile, {len(files)}> kFiles{{{{\n")
    for path in files:
        with open(path, "rb") as page:
            content = page.read()
        kind = TYPES[os.path.splitext(path)[1]]
        file.write(f'    {{"/{os.path.basename(path)}", "{kind}",\n')
        for piece in pieces(content):
            file.write(f'     R"page({piece})page"\n')
        file.write('     ""sv},\n')
    file.write("}};\n\n}  // namespace\n\nstd::span<const PageFile> page_files() {\n  return kFiles;\n}\n\n"
               "}  // namespace tillkit::sandbox\n")
