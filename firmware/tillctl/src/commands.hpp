// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace tillctl {

/// How the program ends.
enum ExitStatus : int {
  kDone = 0,
  kFailed = 1,  ///< The request was understood and could not be done; standard error says why.
  kUsage = 2,   ///< The request was not understood; nothing was done.
};

using Arguments = std::span<const std::string_view>;

/// `tillctl journal verify|show|export|try-again --data DIR [--json] ...`: asks the terminal that runs with this data
/// folder, or reads the files of one that is stopped. `verify` ends with `kFailed` where it found flaws. `try-again`
/// changes the key store's count of failed starts, of a stopped terminal alone; the others change nothing.
int run_journal(Arguments arguments);

/// `tillctl sales --data DIR [--from N] [--to N] [--state STATE] [--limit N] [--json]`: sales, the newest first, of a
/// terminal that runs or of the files of one that is stopped.
int run_sales(Arguments arguments);

/// `tillctl outbox --data DIR [--json]`: what is not resolved, owed, put aside or not uploaded.
int run_outbox(Arguments arguments);

/// `tillctl planogram show|load|set|block|unblock|refill ... --data DIR [--json]`: what lies in a machine's slots. A
/// running terminal asks its permissions; at one that is stopped it is written into the journal here, by whoever may
/// read the device's keys.
int run_planogram(Arguments arguments);

/// `tillctl attempt resolve ORDER paid|not-paid|given-back --by WHO --reason WHY --data DIR [--json]`: decides what
/// became of an attempt that waits for a person. A running terminal asks its permissions; at one that is stopped it is
/// written into the journal here, by whoever may read the device's keys.
int run_attempt(Arguments arguments);

/// `tillctl enrol --cloud URL --claim CODE --data DIR [--trust FILE] [--replace] [--json]`: makes this device the
/// terminal that the claim code stands for: makes its key, gets its certificate, keeps both in the data folder's key
/// store, and pulls the first state, so that it can sell. Ends with `kFailed` where it is enrolled and that did not
/// come to its end: `sync --now` goes on.
int run_enrol(Arguments arguments);

/// `tillctl sync --data DIR [--now | --resume --by WHO] [--json]`: how far the cloud is, and what went wrong on the
/// way; at a terminal that runs, to be tried at once, or to go on after it was stopped. Where none runs, `--now` brings
/// it up to date by itself.
int run_sync(Arguments arguments);

/// `tillctl reprint SALE --by WHO --data DIR [--json]`: has a running terminal print a sale's receipt again, as a copy
/// that is counted. The terminal asks its permissions.
int run_reprint(Arguments arguments);

/// `tillctl version [--json]`: what this program is made of, and its compiled-in limits.
int run_version(Arguments arguments);

/// `tillctl scan [--table FILE] CODE...`: what each scanned code is, one JSON line each; `-` reads them from standard
/// input, one per line. A payment code is shown masked.
int run_scan(Arguments arguments);

/// `tillctl price --offers FILE [--catalog FILE] [--policy best|wechat|first|single] [--explain] BASKET.json`: what a
/// basket costs, as a proof with its hash, or as a table.
int run_price(Arguments arguments);

/// `tillctl refund-preview PROOF.json --return LINE[:UNITS]... [--before LINE[:UNITS]...] [--explain]`: what returning
/// units gives back. `3` is all of line 3 that is left, `3:2` two units of it, `3:2-4` its units 2 to 4.
int run_refund_preview(Arguments arguments);

/// Says on standard error what is wrong with the command line and how to go on.
int usage_error(std::string_view command, std::string_view what, std::string_view argument);

}  // namespace tillctl
