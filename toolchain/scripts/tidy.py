#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs clang-tidy 19 on the compile commands of a build folder, except on files that were clean and have not changed.

usage: tidy.py BUILD CLEAN

A file's fingerprint is its preprocessed text, its command and the rules. CLEAN holds an empty file per clean fingerprint.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def fingerprint(entry, rules):
    command = [a for a in shlex.split(entry["command"])]
    if "-o" in command:
        del command[command.index("-o"):command.index("-o") + 2]
    # Comments can hold NOLINT.
    run = subprocess.run([a for a in command if a != "-c"] + ["-E", "-P", "-C"], cwd=entry["directory"], capture_output=True, check=False)
    if run.returncode != 0:
        sys.stderr.write(run.stderr.decode(errors="replace"))
        return None
    digest = hashlib.sha256(rules)
    if pathlib.Path(entry["file"]).is_relative_to(ROOT / "tests"):
        digest.update((ROOT / "tests" / ".clang-tidy").read_bytes())
    digest.update(" ".join(command).replace(str(ROOT), "").encode())
    digest.update(run.stdout.replace(str(ROOT).encode(), b""))
    return digest.hexdigest()


def check(entry, build, clean, rules):
    name = os.path.relpath(entry["file"], ROOT)
    print_of = fingerprint(entry, rules)
    if print_of is None:
        return name, "broken", "does not preprocess"
    if (clean / print_of).exists():
        return name, "known", ""
    run = subprocess.run(["clang-tidy-19", "-p", build, "--quiet", "--extra-arg=-Wno-unknown-warning-option", entry["file"]],
                         capture_output=True, text=True, check=False)
    if run.returncode != 0:
        return name, "found", run.stdout + "\n".join(l for l in run.stderr.splitlines() if "warnings generated" not in l)
    (clean / print_of).touch()
    return name, "clean", ""


def main():
    build, clean = sys.argv[1], pathlib.Path(sys.argv[2])
    clean.mkdir(parents=True, exist_ok=True)
    version = subprocess.run(["clang-tidy-19", "--version"], capture_output=True, check=True).stdout
    rules = (ROOT / ".clang-tidy").read_bytes() + version
    entries = json.loads(pathlib.Path(build, "compile_commands.json").read_text(encoding="utf-8"))
    # What is generated is not there before a build, and nobody writes it.
    entries = [e for e in entries if not pathlib.Path(e["file"]).is_relative_to(pathlib.Path(build).resolve())]
    if not entries:
        sys.exit("tidy: no file to look at")
    counts = {"known": 0, "clean": 0, "found": 0, "broken": 0}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, outcome, text in pool.map(lambda e: check(e, build, clean, rules), entries):
            counts[outcome] += 1
            if outcome != "known":
                print(f"  {name}: {outcome}", flush=True)
            if text:
                print(text, flush=True)
    print(f"clang-tidy: {counts['clean']} files clean, {counts['known']} unchanged since they were clean, "
          f"{counts['found'] + counts['broken']} with findings.")
    sys.exit(1 if counts["found"] + counts["broken"] else 0)


if __name__ == "__main__":
    main()
