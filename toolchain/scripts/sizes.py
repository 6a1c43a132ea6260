#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints what each static library (our modules) and each program weighs, in bytes.

usage: sizes.py --size TOOL --strip TOOL --output FILE BINARY...
"""
import argparse
import os
import pathlib
import subprocess
import tempfile


def sections(size_tool, path):
    """text, data, bss; of a library the sum over its objects."""
    out = subprocess.run([size_tool, "-t", path], capture_output=True, text=True, check=True).stdout
    return [int(field) for field in out.splitlines()[-1].split()[:3]]


def stripped_bytes(strip_tool, path):
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "stripped")
        subprocess.run([strip_tool, "-o", copy, path], check=True)
        return os.path.getsize(copy)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", required=True)
    parser.add_argument("--strip", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("binaries", nargs="+")
    arguments = parser.parse_args()

    lines = [f"{'bytes':<28}{'text':>10}{'data':>10}{'bss':>10}{'stripped file':>16}"]
    for path in arguments.binaries:
        name = pathlib.Path(path).name
        text, data, bss = sections(arguments.size, path)
        if name.endswith(".a"):
            name = name.removeprefix("libtillkit_").removesuffix(".a")
            file_bytes = ""
        else:
            file_bytes = f"{stripped_bytes(arguments.strip, path):,}"
        lines.append(f"{name:<28}{text:>10,}{data:>10,}{bss:>10,}{file_bytes:>16}")
    table = "\n".join(lines) + "\n"
    pathlib.Path(arguments.output).write_text(table, encoding="utf-8")
    print(table, end="")


if __name__ == "__main__":
    main()
