// SPDX-License-Identifier: Apache-2.0
#include "ask_till.hpp"

#include <charconv>
#include <cstdio>

#include "files.hpp"
#include "stopped_till.hpp"

namespace tillctl {
namespace {

bool ask_stopped(const Question& question, const LineSink& sink, std::string& why) {
  switch (question.stopped) {
    case Stopped::Look: return ask_files(question.data, question.line, sink, why);
    case Stopped::Export: return export_files(question.data, sink, why);
    case Stopped::Resolve: return resolve_in_files(question.data, question.line, sink, why);
    case Stopped::Pull: return pull_into_files(question.data, sink, why);
    case Stopped::Refuse: why = "no terminal runs with " + question.data.path + "; nothing was done"; return false;
    case Stopped::TryAgain: return try_again_in_files(question.data, sink, why);
    case Stopped::Slots: return set_slots_in_files(question.data, question.line, sink, why);
  }
  return false;
}

}  // namespace

std::optional<int> ask_till(const Question& question, const LineSink& sink, std::string& where) {
  std::string why;
  switch (ask_terminal(question.data.local_socket(), question.line, sink, why)) {
    case Asked::Answered: where = "of the running terminal"; return std::nullopt;
    case Asked::Stopped: return failed(question.command, "the output cannot be written");
    case Asked::Failed: return failed(question.command, question.data.local_socket() + ": " + why);
    case Asked::NobodyThere: break;
  }
  where = "in " + question.data.journal() + " (no terminal runs)";
  if (ask_stopped(question, sink, why)) return std::nullopt;
  return failed(question.command, why);
}

bool put_line(std::string_view line) {
  return std::fwrite(line.data(), 1, line.size(), stdout) == line.size() && std::fputc('\n', stdout) != EOF;
}

std::optional<std::int64_t> read_positive(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 1) return std::nullopt;
  return number;
}

}  // namespace tillctl
