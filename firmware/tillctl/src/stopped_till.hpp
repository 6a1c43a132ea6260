// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "local_client.hpp"
#include "tillkit/terminal/data_folder.hpp"

namespace tillctl {

/// What a stopped terminal's files say to a technician's request. Nothing is written. False: `why` says what hinders it
/// and what to do.
bool ask_files(const tillkit::terminal::DataFolder& data, std::string_view request, const LineSink& sink,
               std::string& why);

/// Exports what can be read of a stopped terminal's journal; needs no keys and takes the file in any state. Its last
/// line is that of `journal.export`; where nothing can be read it has a `what`. False: `why` says that there is no
/// file, or another program has it, or `sink` took no more.
bool export_files(const tillkit::terminal::DataFolder& data, const LineSink& sink, std::string& why);

/// Decides about an attempt in a stopped terminal's journal, as `attempt.resolve` does on a running one: with the
/// sale's own step, in one commit. First it looks, changing nothing: the journal must be sound, and of the form that
/// this program writes, and the request must be one that can be done. What hinders that is an `error` line for `sink`,
/// or false and `why`; then every byte is as it was. No permission is asked for: whoever may read the device's keys may
/// decide, and the record names `by`.
bool resolve_in_files(const tillkit::terminal::DataFolder& data, std::string_view request, const LineSink& sink,
                      std::string& why);

/// Says in a stopped terminal's journal what lies in its slots, as `planogram.set` does on a running one. It looks
/// first and asks for no permission, as `resolve_in_files`.
bool set_slots_in_files(const tillkit::terminal::DataFolder& data, std::string_view request, const LineSink& sink,
                        std::string& why);

/// Lets a stopped terminal start again after starts that failed, where its journal is sound and nothing else is wrong
/// with it. Writes nothing into the journal. The line for `sink` is `{"done":"journal.try_again","failed_starts":3,
/// "what":words}`, or an `error`.
bool try_again_in_files(const tillkit::terminal::DataFolder& data, const LineSink& sink, std::string& why);

/// Brings a stopped terminal up to date with its cloud, as a running one does when it is told `sync.now`. The line for
/// `sink` is `{"done":"sync.pull",...}`. False: it did not come to its end, or was not begun; `why` says what of it is
/// here and what to do.
bool pull_into_files(const tillkit::terminal::DataFolder& data, const LineSink& sink, std::string& why);

}  // namespace tillctl
