#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Breaks the library in one place at a time and expects a test to notice.

usage: mutants.py [--list] [--build-only] [PATTERN ...]      PATTERN: of names, as for file names; none: all

Each mutant replaces text in a copy of the tree (a git worktree in the system's temporary folder, kept with its build
for the next run), builds the test programs and runs them until one fails. What is not committed yet counts, files that
git does not know do not. Exit status 1: a mutant survived, does not build, or does not match exactly once.
"""
import argparse
import fnmatch
import hashlib
import os
import pathlib
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parents[2]
# A program that takes so long hangs: ctest would end it, too.
PATIENCE_S = 300

PAYMENT = ("unit_payment",)
JOURNAL = ("unit_journal",)
POWER = ("power",)  # only the scenarios of the library: the rest of that program is about itself
PROGRAMS = {
    "unit_payment": ("tests/unit/payment/unit_payment", []),
    "unit_journal": ("tests/unit/journal/unit_journal", []),
    "power": ("tests/power/power", ["power may go anywhere*"]),
}


class Mutant(NamedTuple):
    name: str
    file: str
    edits: tuple  # of (old, new); each old stands in the file exactly once
    by: tuple  # whose tests must see it, in this order: one is enough


class Outcome(NamedTuple):
    killed: bool
    by: str
    seconds: float


def journal(name, file, *edits, by=JOURNAL + POWER):
    return Mutant(name, f"lib/journal/src/{file}", edits, by)


def payment(name, file, *edits, by=PAYMENT + POWER):
    return Mutant(name, f"lib/payment/src/{file}", edits, by)


MUTANTS = [
    # --- flushes of the journal, and the order in which things become durable ---
    journal("sync-normal", "database.cpp",
            ('? "PRAGMA synchronous=FULL" :', '? "PRAGMA synchronous=NORMAL" :'), by=POWER),
    journal("sync-off", "database.cpp", ('? "PRAGMA synchronous=FULL" :', '? "PRAGMA synchronous=OFF" :'), by=POWER),
    journal("shared-lock", "database.cpp", ("PRAGMA locking_mode=EXCLUSIVE", "PRAGMA locking_mode=NORMAL")),
    journal("checkpoint-on-close", "database.cpp",
            ("  sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);\n", "")),
    journal("cache-spills", "database.cpp", ("PRAGMA cache_spill=OFF", "PRAGMA cache_spill=1")),
    journal("deleted-bytes-stay", "database.cpp", ("PRAGMA secure_delete=ON", "PRAGMA secure_delete=OFF")),
    journal("failed-flush-is-nothing", "database.cpp",
            ("if (!nothing_happened) error.code = core::ErrorCode::Timeout;", "")),
    journal("full-disk-without-powersafe", "database.cpp",
            ("(code & 0xFF) == SQLITE_FULL ? commit_is_last_write() :", "(code & 0xFF) == SQLITE_FULL ? true :")),
    journal("checkpoint-error-is-nothing", "database.cpp",
            ("if ((code & 0xFF) == SQLITE_IOERR) error.code = core::ErrorCode::Timeout;", "")),
    journal("forgotten-stays-in-wal", "database.cpp", ("empty ? SQLITE_CHECKPOINT_TRUNCATE :", "false ? 0 :")),
    journal("goes-on-after-failed-flush", "journal.cpp", ("    state_ = State::Failed;\n", "")),
    journal("closing-copies-doubtful-pages", "journal.cpp",
            ("    database_->bring_wal_home_when_closing(false);\n", "")),
    journal("wal-of-a-cut-not-emptied", "journal.cpp",
            ("  wal_holds_forgotten_ = database_->wal_bytes() != 0;\n", "")),
    journal("checkpoint-leaves-wal-head", "journal.cpp",
            ("  ++next.checkpoints;\n  return commit_state(next);", "  return {};")),
    journal("wal-without-end", "journal.cpp", ("if (!forgot && database_->wal_pages() < kWalPagesMax) return;",
                                               "if (!forgot) return;")),
    journal("key-store-before-file", "journal.cpp",
            ("  TILLKIT_TRY_VOID(database_->begin());\n  const auto started",
             "  TILLKIT_TRY_VOID(advance_to(next.counter));\n  TILLKIT_TRY_VOID(database_->begin());\n"
             "  const auto started"),
            ("  return advance_to(next.counter);", "  return {};"), by=POWER),
    journal("start-does-not-count", "journal.cpp", ("  return advance_to(next.counter);", "  return {};")),
    journal("head-counts-before-file", "journal.cpp",
            ("  TILLKIT_TRY_VOID(commit_state(next));\n  TILLKIT_TRY_VOID(advance_to(next.counter));",
             "  TILLKIT_TRY_VOID(advance_to(next.counter));\n  TILLKIT_TRY_VOID(commit_state(next));"), by=POWER),
    journal("head-does-not-count", "journal.cpp",
            ("  TILLKIT_TRY_VOID(commit_state(next));\n  TILLKIT_TRY_VOID(advance_to(next.counter));",
             "  TILLKIT_TRY_VOID(commit_state(next));")),
    journal("somebody-else-counts", "journal.cpp",
            ("if (reached != counter) return core::fail(core::ErrorCode::Corrupt);", "")),
    journal("older-copy-goes-on", "journal.cpp", ("if (file_.counter < counter) return SafeReason::RolledBack;", "")),
    journal("cut-before-counter-is-foreign", "journal.cpp",
            ("file_.counter > counter + 1", "file_.counter > counter"), by=POWER),
    journal("foreign-counter-goes-on", "journal.cpp",
            ("if (file_.counter > counter + 1) return SafeReason::ForeignCounter;", "")),
    journal("acknowledged-in-memory", "journal.cpp",
            ("  next.acknowledged = seq;\n  return commit_state(next);",
             "  next.acknowledged = seq;\n  file_ = next;\n  return {};"), by=POWER),
    journal("acknowledged-ahead", "journal.cpp",
            ("if (seq > tail_.seq) return core::fail(core::ErrorCode::OutOfRange);", "")),
    journal("state-behind-the-commit", "journal.cpp",
            ("  if (state != nullptr) TILLKIT_TRY_VOID(store_state(*database_, seal_key_, *state));\n"
             "  TILLKIT_TRY_VOID(watch(database_->commit()));\n",
             "  TILLKIT_TRY_VOID(watch(database_->commit()));\n"
             "  if (state != nullptr) TILLKIT_TRY_VOID(store_state(*database_, seal_key_, *state));\n")),
    journal("migration-apart-from-its-start", "journal.cpp",
            ("  file_.journal = next.journal;\n  const detail::Live from",
             "  TILLKIT_TRY_VOID(database_->commit());\n  TILLKIT_TRY_VOID(database_->begin());\n"
             "  file_.journal = next.journal;\n  const detail::Live from"), by=POWER),
    journal("migration-step-by-step", "schema.cpp",
            ("        TILLKIT_TRY_VOID(database.execute(std::string(statement)));\n    }\n    TILLKIT_TRY_VOID(database.run",
             "        TILLKIT_TRY_VOID(database.execute(std::string(statement)));\n"
             "      TILLKIT_TRY_VOID(database.commit());\n      TILLKIT_TRY_VOID(database.begin());\n    }\n"
             "    TILLKIT_TRY_VOID(database.run"), by=POWER),
    journal("newer-tables-are-opened", "schema.cpp",
            ("stored.version > static_cast<std::int64_t>(known->migrations.size())", "false")),
    journal("drop-unacknowledged", "drop.cpp", ("std::min({file_.acknowledged.value(), file_", "std::min({file_")),
    journal("drop-the-snapshot", "drop.cpp", ("file_.snapshot_seq.value() - 1", "file_.snapshot_seq.value()")),
    journal("drop-what-is-kept", "drop.cpp",
            (", keep.from.value() - 1})", "})")),
    journal("drop-before-its-base", "drop.cpp",
            ("    TILLKIT_TRY_VOID(store_state(*database_, seal_key_, next));\n",
             "    TILLKIT_TRY_VOID(watch(database_->commit()));\n    TILLKIT_TRY_VOID(database_->begin());\n"
             "    TILLKIT_TRY_VOID(store_state(*database_, seal_key_, next));\n"), by=POWER),
    journal("drop-after-its-base", "drop.cpp",
            ("    TILLKIT_TRY_VOID(database_->run(\"DELETE FROM personal",
             "    TILLKIT_TRY_VOID(store_state(*database_, seal_key_, next));\n"
             "    TILLKIT_TRY_VOID(watch(database_->commit()));\n    TILLKIT_TRY_VOID(database_->begin());\n"
             "    TILLKIT_TRY_VOID(database_->run(\"DELETE FROM personal"), by=POWER),
    journal("snapshot-not-noted", "snapshot.cpp", ("outcome = finish(transaction, &next);",
                                                   "outcome = finish(transaction, nullptr);")),
    journal("start-succeeded-in-memory", "failed_starts.cpp", ("  return write(store_, 0);", "  return {};")),
    journal("start-counted-after-opening", "journal.cpp",
            ("  TILLKIT_TRY(const std::uint32_t failed_starts, FailedStarts(parts.key_store).begin());\n", ""),
            ("  auto impl =\n",
             "  TILLKIT_TRY(const std::uint32_t failed_starts, FailedStarts(parts.key_store).begin());\n"
             "  auto impl =\n")),
    journal("safe-mode-takes-records", "journal.cpp", ("housekeeping && state_ == State::Safe", "state_ == State::Safe"),
            by=POWER),
    journal("commit-inside-commit", "journal.cpp", ("if (busy_ || tail_.seq == Seq{} ||", "if (tail_.seq == Seq{} ||")),
    journal("dropped-error-commits", "journal.cpp",
            ("  if (outcome && transaction.broken()) outcome = std::unexpected(*transaction.broken());\n", ""),
            ("  if (transaction.broken()) return std::unexpected(*transaction.broken());\n", "")),
    journal("failed-step-stays-open", "journal.cpp",
            ("    database_->rollback();\n    if (!outcome) return std::unexpected(outcome.error());",
             "    if (!outcome) return std::unexpected(outcome.error());")),
    journal("two-starts-are-one-boot", "journal.cpp", ("  ++boot_;\n", "")),
    journal("order-number-without-chance", "transaction.cpp",
            ("  std::array<std::byte, 8> drawn;\n  TILLKIT_TRY_VOID(live_->random.fill(drawn));\n",
             "  const std::array<std::byte, 8> drawn{};\n")),
    journal("order-number-of-no-record", "transaction.cpp",
            ("return journal::make_order_number(terminal, next_seq(), random);",
             "return journal::make_order_number(terminal, Seq(1), random);")),
    journal("cursor-apart-from-its-page", "cache.cpp",
            ("  if (outcome && !feed.empty()) {\n",
             "  if (outcome) outcome = database.commit();\n  if (outcome) outcome = database.begin();\n"
             "  if (outcome && !feed.empty()) {\n")),
    # --- payment: durable before anything leaves ---
    payment("charge-before-its-intent", "attempts.cpp",
            ("Result<> Attempts::let_go(const Attempt& attempt) {\n  TILLKIT_TRY_VOID(check_durable());\n",
             "Result<> Attempts::let_go(const Attempt& attempt) {\n")),
    payment("charge-without-intent", "attempts.cpp",
            ("const bool intended = stored && *stored == attempt && attempt.state == AttemptState::Intended;",
             "const bool intended = true;")),
    payment("charge-twice", "attempts.cpp",
            ("if (!intended || find(attempt.id) != nullptr) return", "if (!intended) return")),
    payment("refund-before-its-intent", "attempts.cpp",
            ("Result<> Attempts::refund(const Stepped& intended) {\n  TILLKIT_TRY_VOID(check_durable());\n",
             "Result<> Attempts::refund(const Stepped& intended) {\n")),
    payment("refund-let-go-twice", "attempts.cpp",
            ("if (!durable || find(attempt->id) != nullptr) return", "if (!durable) return")),
    payment("refund-that-is-not-stored", "attempts.cpp",
            ("const bool durable = attempt && refund && *refund == *intended.refund && attempt->state == "
             "AttemptState::Refunding;", "const bool durable = attempt && refund;")),
    payment("reverse-before-deciding", "attempts.cpp",
            ("void Attempts::give_up_now(Running& running) {\n",
             "void Attempts::give_up_now(Running& running) {\n  reverse(running);\n")),
    payment("effects-before-commit", "attempts.cpp",
            ("      if (one.recorded) TILLKIT_TRY_VOID(parts_.sales.step(tx, one, answer));\n",
             "      if (one.recorded) TILLKIT_TRY_VOID(parts_.sales.step(tx, one, answer));\n"
             "      if (one.recorded) parts_.sales.committed();\n")),
    payment("effects-of-what-failed", "attempts.cpp",
            ("    if (impossible) ++impossible_answers_;\n    parts_.sales.taken_back();\n",
             "    if (impossible) ++impossible_answers_;\n    parts_.sales.committed();\n")),
    payment("memory-before-commit", "attempts.cpp",
            ("    steps = *std::move(stepped);\n",
             "    steps = *std::move(stepped);\n    for (const Stepped& one : steps) adopt(running, one);\n")),
    payment("sends-after-the-medium-failed", "attempts.cpp",
            ("  if (parts_.journal.state() != journal::State::Running) return;\n", "")),
    payment("unheard-charge-waits-for-ever", "attempts.cpp",
            ("      running->attempt.state = lost->to;\n      running->facts.state = lost->to;\n", "")),
    # --- payment: nothing twice ---
    payment("second-attempt-of-a-sale", "steps.cpp",
            ("unresolved(a) && a.sale == sale", "unresolved(a) && false")),
    payment("unresolved-without-end", "steps.cpp", (">= kUnresolvedMax)", "> 1'000)")),
    payment("refund-beyond-what-was-paid", "refund.cpp", (" || amount > left)", ")")),
    payment("refunds-without-end", "refund.cpp",
            ("  if (attempt.refunds >= policy.refunds_max) return fail(ErrorCode::Exhausted);\n", "")),
    payment("refund-forgets-those-before", "steps.cpp", (".refunded = before.amount,", ".refunded = {0, current.amount.currency},")),
    payment("refunds-do-not-add-up", "tables.cpp", ("SET amount = amount + excluded.amount,",
                                                    "SET amount = excluded.amount,")),
    payment("refund-of-what-is-not-paid", "steps.cpp",
            ("next(current.state, E::RefundAsked)", "next(S::Paid, E::RefundAsked)")),
    payment("refund-of-an-old-belief", "steps.cpp",
            ("const Attempt current = stored.value_or(attempt);", "const Attempt current = attempt;")),
    payment("refund-twice-under-way", "tables.cpp",
            ('kAddRefund{"INSERT INTO refunds(', 'kAddRefund{"INSERT OR REPLACE INTO refunds(')),
    payment("refund-under-the-attempt's-key", "steps.cpp",
            ("TILLKIT_TRY(refund.number, tx.make_order_number(terminal));", "refund.number = attempt.order;")),
    payment("record-about-nothing-applies", "tables.cpp",
            ("  if (*changed != 1) return fail(ErrorCode::Corrupt);\n", "")),
    payment("closed-sale-takes-all", "tables.cpp",
            ('"DELETE FROM attempts WHERE sale = ?1 AND state = ?2"};', '"DELETE FROM attempts WHERE sale = ?1 AND ?2 > 0"};')),
    payment("given-back-and-refunded", "steps.cpp",
            ("if (late && event + 1 == events.end()) {", "if (late) {")),
    payment("refund-of-any-size-is-ours", "answers.cpp",
            ("answer.refunded.minor >= expected->minor", "answer.refunded.minor > 0")),
    payment("late-success-gives-goods", "attempt.cpp",
            ("AttemptRow{S::Reversing,   E::Paid,                S::Refunding,   F::Plan}",
             "AttemptRow{S::Reversing,   E::Paid,                S::Paid,        F::Take}")),
    # --- payment: asking before anything is repeated ---
    payment("unknown-is-declined", "answers.cpp",
            ("case Outcome::Unknown: return AttemptEvents{E::NoAnswer};",
             "case Outcome::Unknown: return AttemptEvents{E::Declined};")),
    payment("timeout-is-not-sent", "answers.cpp",
            ("  if (error.code == ErrorCode::Timeout) return AttemptEvents{E::NoAnswer};\n  if (asked",
             "  if (asked")),
    payment("not-found-is-declined", "answers.cpp",
            ("case Outcome::NotFound: return AttemptEvents{E::NotFound};",
             "case Outcome::NotFound: return AttemptEvents{E::Declined};")),
    payment("no-query-after-a-start", "attempts.cpp",
            ("  running->attempt.state = restarted->to;\n", ""),
            ("running->facts = {.state = restarted->to, .began = now()};",
             "running->facts = {.state = attempt.state, .began = now()};")),
    payment("old-reversal-unasked", "planner.cpp",
            ("  const bool old = now - facts.began >= policy.ask_before_replay_after;\n  const Act act",
             "  const bool old = false;\n  const Act act")),
    payment("old-refund-unasked", "planner.cpp",
            ("exchanges.ask_first || (old && !looked)", "exchanges.ask_first")),
    payment("silence-is-an-answer", "planner.cpp",
            ("const bool looked = exchanges.answered && asked_since_act(exchanges);",
             "const bool looked = asked_since_act(exchanges);")),
    payment("refund-of-unknown-age-is-young", "attempts.cpp",
            ("refund_began.value_or(now() - policy_of(running.attempt).ask_before_replay_after)",
             "refund_began.value_or(now())")),
    payment("no-gap-after-a-start", "attempts.cpp",
            ("    running->refund_facts.one_before = now();  // a request may have left right before the stop\n", "")),
    payment("two-questions-at-once", "planner.cpp",
            ("    case Reversing:\n      if (facts.exchanges.under_way) return {.act = Act::Wait};\n",
             "    case Reversing:\n")),
    payment("two-refund-requests-at-once", "planner.cpp",
            ("  if (exchanges.under_way) return {.act = Act::Wait};\n  const MonotonicTime window_end",
             "  const MonotonicTime window_end")),
    payment("last-question-left-out", "planner.cpp",
            ("asked_since(exchanges, deadline) || unwelcome ? Act::GiveUp : Act::Ask", "Act::GiveUp")),
    # --- payment: on the wire ---
    payment("session-left-out", "gateway.cpp", (".kept_connection_only = true};", ".kept_connection_only = false};")),
    payment("request-handed-over-twice", "gateway.cpp",
            ("result.error().delivery == hal::HttpDelivery::NotSent &&", "true &&"),
            ("result.error().fault == HttpFault::NoKeptConnection && ", "")),
    # --- payment: what people see ---
    payment("long-pause-when-link-is-back", "planner.cpp", ("  acts = std::min<std::uint32_t>(acts, 1);\n", "")),
    payment("oldest-is-newest", "tables.cpp", ("began.at < backlog.oldest->at", "began.at > backlog.oldest->at")),
    payment("person-out-of-sight", "tables.cpp",
            ("    if (!is_unresolved(attempt.state)) continue;\n",
             "    if (!is_unresolved(attempt.state) || attempt.state == AttemptState::NeedsPerson) continue;\n")),
    payment("wallet-offered-offline", "tender.cpp",
            ("  if (!situation.online) return TenderRefusal::Offline;\n", "")),
    payment("second-reason-said-first", "tender.cpp",
            ("  if (!situation.online) return TenderRefusal::Offline;\n"
             "  if (situation.clock == core::WallQuality::Unknown) return TenderRefusal::ClockUnknown;\n",
             "  if (situation.clock == core::WallQuality::Unknown) return TenderRefusal::ClockUnknown;\n"
             "  if (!situation.online) return TenderRefusal::Offline;\n")),
]


def git(*arguments, folder=ROOT):
    return subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True, text=True).stdout.strip()


def workshop():
    name = hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]
    return pathlib.Path(tempfile.gettempdir()) / f"tillkit-mutants-{name}"


def check_out(tree):
    """The tree as it lies in the working copy; files that git does not know are not in it."""
    revision = git("stash", "create") or git("rev-parse", "HEAD")
    if not tree.exists():
        git("worktree", "prune")
        tree.parent.mkdir(exist_ok=True)
        git("worktree", "add", "--detach", tree, revision)
    git("checkout", "--force", "--detach", revision, folder=tree)


def configure(tree, build):
    subprocess.run(
        ["cmake", "-S", tree, "-B", build, "-G", "Ninja", f"-DCMAKE_TOOLCHAIN_FILE={tree}/toolchain/gcc.cmake",
         f"-DCMAKE_PREFIX_PATH={ROOT}/build/deps/host", "-DCMAKE_BUILD_TYPE=Release", f"-DPython3_EXECUTABLE={sys.executable}",
         # A mutant may leave a variable unused; and one that is compiled quickly need not run quickly.
         "-DCMAKE_CXX_FLAGS=-w", "-DCMAKE_CXX_FLAGS_RELEASE=-O1"], check=True, stdout=subprocess.DEVNULL)


def compiles(build, *programs):
    run = subprocess.run(["cmake", "--build", build, "--target", *programs], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        print("\n".join(line for line in run.stdout.splitlines() if "error" in line), file=sys.stderr)
    return run.returncode == 0


def killer(build, program):
    """The first test that fails, or None."""
    path, cases = PROGRAMS[program]
    report = build / "mutant-report.tsv"
    report.unlink(missing_ok=True)
    environment = {**os.environ, "TILLKIT_TEST_REPORT": str(report), "TILLKIT_SEED": os.environ.get("TILLKIT_SEED", "1")}
    try:
        run = subprocess.run([build / path, *cases, "--abort", "--rng-seed", "1"], env=environment, timeout=PATIENCE_S,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    except subprocess.TimeoutExpired:
        return "hangs"
    if run.returncode == 0:
        return None
    lines = report.read_text(encoding="utf-8").splitlines() if report.exists() else []
    failed = [line.split("\t", 1)[-1] for line in lines if line.startswith("failed")]
    return failed[0] if failed else f"ends with {run.returncode}"


def mutate(text, mutant):
    for old, new in mutant.edits:
        if text.count(old) != 1:
            return None
        text = text.replace(old, new)
    return text


def try_out(mutant, tree, build):
    begun = time.monotonic()
    path = tree / mutant.file
    original = path.read_text(encoding="utf-8")
    mutated = mutate(original, mutant)
    if mutated is None or mutated == original:
        return Outcome(False, "DOES NOT MATCH EXACTLY ONCE", 0)
    path.write_text(mutated, encoding="utf-8")
    try:
        for program in mutant.by:
            if not compiles(build, program):
                return Outcome(False, "DOES NOT BUILD", time.monotonic() - begun)
            found = killer(build, program)
            if found:
                return Outcome(True, f"{program}: {found}", time.monotonic() - begun)
        return Outcome(False, "SURVIVED", time.monotonic() - begun)
    finally:
        path.write_text(original, encoding="utf-8")  # with a new time, so that it is built again


def chosen(patterns):
    if not patterns:
        return MUTANTS
    return [m for m in MUTANTS if any(fnmatch.fnmatchcase(m.name, p) for p in patterns)]


def main():
    parser = argparse.ArgumentParser(description="Breaks the library in one place at a time; a test must notice.")
    parser.add_argument("--list", action="store_true", help="names only")
    parser.add_argument("--build-only", action="store_true", help="prepares the copy and its build")
    parser.add_argument("patterns", nargs="*", metavar="PATTERN")
    arguments = parser.parse_args()
    mutants = chosen(arguments.patterns)
    if not mutants:
        sys.exit("no mutant of that name")
    if arguments.list:
        print("\n".join(m.name for m in mutants))
        return
    tree, build = workshop() / "tree", workshop() / "build"
    check_out(tree)
    configure(tree, build)
    programs = sorted({p for m in mutants for p in m.by})
    if not compiles(build, *programs):
        sys.exit("the tree does not build as it is")
    if arguments.build_only:
        return
    for program in programs:
        if found := killer(build, program):
            sys.exit(f"without a mutant, {program} fails: {found}")
    failed = 0
    print(f"{'mutant':34} {'seconds':>7}  killed by", flush=True)
    for mutant in mutants:
        outcome = try_out(mutant, tree, build)
        failed += 0 if outcome.killed else 1
        print(f"{mutant.name:34} {outcome.seconds:7.0f}  {outcome.by}", flush=True)
    print(f"{len(mutants)} mutants, {len(mutants) - failed} killed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
