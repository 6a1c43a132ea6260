# SPDX-License-Identifier: Apache-2.0
"""Kills a program again and again while it stores things, and looks whether what it acknowledged is still there.

The program keeps everything in one folder and has two commands (../README.md says it in full):

  PROGRAM run FOLDER     starts, or starts again; says `ready`, then `acknowledged ID` for each thing once it is durable;
                         goes on until it is killed
  PROGRAM list FOLDER    says `stored ID` for each thing that is there and whole; exits with 0, or with 1 if anything is
                         damaged
"""
import os
import pathlib
import random
import select
import subprocess
import tempfile
import time
from typing import NamedTuple

# So many lives share a folder: short enough that young files are killed often, long enough that old ones are, too.
LIVES_PER_FOLDER = 10
# A life ends so long after so many acknowledgements: counted, because a busy disk takes its time for each.
ACKNOWLEDGED_MAX = 20
WAIT_MAX_S = 0.005
# Of all lives these end while the program still starts.
SHARE_KILLED_EARLY = 0.25
EARLY_MAX_S = 0.012
# Whoever says nothing for so long will not say anything more.
PATIENCE_S = 20


class Outcome(NamedTuple):
    kills: int
    killed_early: int
    acknowledged: int
    problems: list


def seed():
    return int(os.environ.get("TILLKIT_SEED") or "20261121", 0)


def listen(process, acknowledgements, patience):
    """What the program says until it has acknowledged so much, ends or is silent for too long; and whether it was."""
    said = b""
    while said.count(b"\nacknowledged ") < acknowledgements or not said.endswith(b"\n"):
        if not select.select([process.stdout], [], [], patience)[0]:
            return said, True
        more = os.read(process.stdout.fileno(), 65536)
        if not more:
            break
        said += more
    return said, False


def one_life(program, folder, chance, patience):
    """Starts the program and kills it. Returns what it acknowledged, whether it came to `ready`, and what went wrong."""
    early = chance.random() < SHARE_KILLED_EARLY
    acknowledgements = chance.randint(0, ACKNOWLEDGED_MAX)
    wait = chance.uniform(0, EARLY_MAX_S if early else WAIT_MAX_S)
    said, silent = b"", False
    # Unbuffered: what a buffer had read ahead would be missing from communicate().
    with subprocess.Popen([*program, "run", folder], bufsize=0, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:
        if not early:
            said, silent = listen(process, acknowledgements, patience)
        time.sleep(wait)
        process.kill()
        rest, errors = process.communicate()
    lines = (said + rest).split(b"\n")
    # What follows the last line break was not said to its end.
    whole = [line.decode() for line in lines[:-1]]
    acknowledged = [line.removeprefix("acknowledged ") for line in whole if line.startswith("acknowledged ")]
    problems = []
    if silent:
        problems.append(f"said nothing for {patience} s after {len(acknowledged)} acknowledged")
    if process.returncode != -9:
        problems.append(f"ended by itself with {process.returncode}: {errors.decode(errors='replace').strip()}")
    if whole and (whole[0] != "ready" or len(whole) != len(acknowledged) + 1):
        problems.append(f"said something else than ready and acknowledged: {whole[:3]}")
    return acknowledged, bool(whole), problems


def stored(program, folder):
    """What the program lists, or None and what it complained of."""
    run = subprocess.run([*program, "list", folder], capture_output=True, text=True, timeout=60, check=False)
    if run.returncode != 0:
        return None, f"list exits with {run.returncode}: {run.stderr.strip()}"
    return [line.removeprefix("stored ") for line in run.stdout.splitlines()], None


def kill_loop(program, kills, patience=PATIENCE_S):
    """Kills the program so many times; judges after each."""
    chance = random.Random(seed())
    problems, early, total, done = [], 0, 0, 0
    while done < kills and not problems:
        with tempfile.TemporaryDirectory() as folder:
            acknowledged = []
            for _ in range(min(LIVES_PER_FOLDER, kills - done)):
                said, was_ready, wrong = one_life(program, folder, chance, patience)
                done += 1
                early += not was_ready
                acknowledged += said
                there, complaint = stored(program, folder)
                if complaint:
                    wrong.append(complaint)
                else:
                    if lost := sorted(set(acknowledged) - set(there)):
                        wrong.append(f"{len(lost)} acknowledged are lost: {lost[:5]}")
                    if len(set(there)) != len(there):
                        wrong.append("something is stored twice")
                if len(set(acknowledged)) != len(acknowledged):
                    wrong.append("something was acknowledged twice")
                problems += [f"kill {done} of {kills}, seed {seed()}: {what}" for what in wrong]
                if problems:
                    break
            total += len(acknowledged)
    return Outcome(done, early, total, problems)


def text_of(outcome):
    return (f"{outcome.kills} kills, {outcome.killed_early} of them before it was ready, "
            f"{outcome.acknowledged} acknowledged, {len(outcome.problems)} problems, seed {seed()}")


def script(folder, name, body):
    """A program in Python, for showing the loop what it must see."""
    path = pathlib.Path(folder, name)
    path.write_text(body, encoding="utf-8")
    return path
