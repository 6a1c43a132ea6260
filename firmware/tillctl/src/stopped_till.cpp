// SPDX-License-Identifier: Apache-2.0
#include "stopped_till.hpp"

#include <cerrno>
#include <cstring>
#include <memory>

#include <sys/stat.h>

#include "tillkit/core/json_writer.hpp"
#include "tillkit/core/version.hpp"
#include "tillkit/hal_linux/clock.hpp"
#include "tillkit/hal_linux/file_key_store.hpp"
#include "tillkit/hal_linux/random.hpp"
#include "tillkit/journal/journal.hpp"
#include "tillkit/security/crypto.hpp"
#include "tillkit/terminal/table_sets.hpp"
#include "tillkit/terminal/technician.hpp"

namespace tillctl {
namespace {

namespace core = tillkit::core;
namespace hal_linux = tillkit::hal_linux;
namespace journal = tillkit::journal;
namespace security = tillkit::security;
namespace terminal = tillkit::terminal;
using hal_linux::KeyFolderFault;

constexpr std::string_view kExportHelps = "'tillctl journal export' needs no keys and gives what can be read";

std::string system_words(const core::Error& error) {
  if (error.source == core::ErrorSource::System) return std::strerror(error.foreign);
  return std::string(to_string(error.code));
}

bool there(const terminal::DataFolder& data, std::string& why) {
  struct stat status{};
  if (::stat(data.path.c_str(), &status) != 0) {
    why = data.path + ": " + std::strerror(errno);
    return false;
  }
  if (::stat(data.journal().c_str(), &status) != 0) {
    why = data.journal() + ": " + std::strerror(errno) + "; no terminal has run with this data folder";
    if (errno != ENOENT) why = data.journal() + ": " + std::strerror(errno);
    return false;
  }
  return true;
}

std::string_view words_of(KeyFolderFault fault) {
  switch (fault) {
    case KeyFolderFault::OpenToOthers:
      return "others than its owner may read it, so its keys are no secret; if that is an accident: chmod 700, and 600 "
             "for the files in it";
    case KeyFolderFault::OtherOwner: return "it belongs to another user: run tillctl as that user or as root";
    case KeyFolderFault::NoFolder: return "it is no folder";
    case KeyFolderFault::SecretMissing: return "the device's secret was removed, and what it protects is still there";
    case KeyFolderFault::SecretDamaged: return "the device's secret is damaged";
    case KeyFolderFault::CounterMissing: return "the counter was removed";
    case KeyFolderFault::CounterDamaged: return "the counter is damaged";
  }
  return "unknown";
}

std::string words_of_keys(const std::string& folder, const core::Error& error) {
  const auto fault = hal_linux::key_folder_fault(error);
  std::string text = folder + ": ";
  if (fault) {
    text += words_of(*fault);
  } else if (error.code == core::ErrorCode::NotFound) {
    text += "there are no keys, so the seals cannot be checked";
  } else {
    text += system_words(error);
  }
  return text + "; " + std::string(kExportHelps);
}

std::string words_of_journal(const std::string& path, const core::Error& error) {
  switch (error.code) {
    case core::ErrorCode::NotFound: return path + ": the file is empty";
    case core::ErrorCode::Unsupported:
      return path + ": a newer program wrote it, or one with other modules; use the tillctl that came with it";
    case core::ErrorCode::Unavailable:
      return path + ": it cannot be read now; another program may have it: a terminal that does not answer?";
    case core::ErrorCode::Corrupt:
      return path + ": it is no journal, or too damaged to be opened; " + std::string(kExportHelps) +
             ". Keep the data folder as it is";
    default: return path + ": it cannot be opened (" + std::string(to_string(error.code)) + ')';
  }
}

bool hand_out(terminal::Answer& answer, const LineSink& sink) {
  for (bool more = true; more;) {
    std::string piece;
    more = answer.next(piece);
    for (std::string_view rest = piece; !rest.empty(); rest.remove_prefix(rest.find('\n') + 1)) {
      if (!sink(rest.substr(0, rest.find('\n')))) return false;
    }
  }
  return true;
}

std::string_view words_of_unreadable(const core::Error& error) {
  return error.code == core::ErrorCode::Corrupt ? "nothing can be read: the file is no journal, or its first page is "
                                                  "damaged. Keep the data folder as it is"
                                                : "nothing can be read";
}

}  // namespace

bool ask_files(const terminal::DataFolder& data, std::string_view request, const LineSink& sink, std::string& why) {
  if (!there(data, why)) return false;
  hal_linux::Random random;
  const auto keys = hal_linux::FileKeyStore::open(data.keys(), random, hal_linux::KeyFolderUse::Look);
  if (!keys) {
    why = words_of_keys(data.keys(), keys.error());
    return false;
  }
  const auto crypto = security::Crypto::start(**keys, random);
  if (!crypto) {
    why = "the cryptography does not start: " + system_words(crypto.error());
    return false;
  }
  hal_linux::Clock clock(core::source_time());
  const auto opened = journal::Journal::inspect({.path = data.journal(), .vfs = {}},
                                                {clock, **keys, random, **crypto, {}}, terminal::table_sets());
  if (!opened) {
    why = words_of_journal(data.journal(), opened.error());
    return false;
  }
  terminal::Technician technician(**opened, clock);
  if (hand_out(*technician.answer(request), sink)) return true;
  why = "the output cannot be written";
  return false;
}

bool export_files(const terminal::DataFolder& data, const LineSink& sink, std::string& why) {
  if (!there(data, why)) return false;
  const auto report = journal::export_file(data.journal(), {}, [&](std::string_view line) -> core::Result<> {
    if (sink(line)) return {};
    return core::fail(core::ErrorCode::Exhausted);
  });
  if (report && !report->opened && report->opened.error().code == core::ErrorCode::Unavailable) {
    why = words_of_journal(data.journal(), report->opened.error());
    return false;
  }
  bool written = report.has_value();
  if (written) {
    core::JsonWriter json;
    json.begin_object().name("done").text("journal.export").name("records").integer(report->records);
    json.name("whole").boolean(report->whole);
    if (!report->opened) json.name("what").text(words_of_unreadable(report->opened.error()));
    const auto line = json.end_object().finish();
    written = line && sink(*line);
  }
  if (!written) why = "the output cannot be written";
  return written;
}

}  // namespace tillctl
