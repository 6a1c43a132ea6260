// SPDX-License-Identifier: Apache-2.0
#include "stopped_till.hpp"

#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include <sys/stat.h>

#include "device_access.hpp"
#include "pull_state.hpp"
#include "stopped_checkout.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/hal_linux/file_key_store.hpp"
#include "tillkit/journal/failed_starts.hpp"
#include "tillkit/journal/journal.hpp"
#include "tillkit/security/crypto.hpp"
#include "tillkit/terminal/device_profile.hpp"
#include "tillkit/terminal/resolution.hpp"
#include "tillkit/terminal/slot_setting.hpp"
#include "tillkit/terminal/table_sets.hpp"
#include "tillkit/terminal/technician.hpp"
#include "tillkit/terminal/terminal.hpp"

namespace tillctl {
namespace {

namespace core = tillkit::core;
namespace hal_linux = tillkit::hal_linux;
namespace journal = tillkit::journal;
namespace terminal = tillkit::terminal;

constexpr std::string_view kNoOutput = "the output cannot be written";
constexpr std::string_view kExportHelps = "'tillctl journal export' needs no keys and gives what can be read";

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

std::unique_ptr<journal::Journal> look_into(const terminal::DataFolder& data, DeviceAccess& access, std::string& why) {
  if (!there(data, why)) return nullptr;
  if (!access.open(data, hal_linux::KeyFolderUse::Look, why)) {
    why += "; " + std::string(kExportHelps);
    return nullptr;
  }
  auto opened =
      journal::Journal::inspect({.path = data.journal(), .vfs = {}}, access.parts({}), terminal::table_sets());
  if (opened) return *std::move(opened);
  why = words_of_journal(data.journal(), opened.error());
  return nullptr;
}

bool say(terminal::Answer& answer, const LineSink& sink, std::string& why) {
  if (hand_out(answer, sink)) return true;
  why = kNoOutput;
  return false;
}

/// Ends the line, and hands it out.
bool say(core::JsonWriter& json, const LineSink& sink, std::string& why) {
  const auto line = json.end_object().finish();
  if (line && sink(*line)) return true;
  why = kNoOutput;
  return false;
}

/// Why this journal is not written into now; empty: it can be.
std::string_view words_against_writing(const journal::Journal& journal) {
  if (journal.safe_reason() != journal::SafeReason::Inspected) {
    return "the terminal would start in safe mode: 'tillctl journal verify' says why; nothing was changed";
  }
  const journal::VerifyReport report = journal.verify();
  if (!report.sound()) return "the journal is not sound: 'tillctl journal verify' says what it is; nothing was changed";
  if (!report.tables_compared) {
    return "this tillctl would change the form of the tables: start the terminal once with the program of this "
           "version, or use the tillctl that came with it; nothing was changed";
  }
  return {};
}

/// At a stopped terminal: whoever has the device in hand.
class MaySetSlots final : public tillkit::checkout::Permissions {
  [[nodiscard]] bool is_permitted(const journal::Operator& /*by*/, tillkit::checkout::Action action,
                                  const core::Money& /*amount*/) const override {
    return action == tillkit::checkout::Action::Slots;
  }
};

/// Opens the journal as the terminal does.
std::unique_ptr<journal::Journal> open_to_write(const terminal::DataFolder& data, DeviceAccess& access,
                                                std::string& why) {
  if (!access.open(data, hal_linux::KeyFolderUse::Own, why)) return nullptr;
  const auto key = access.crypto->open_signing_key(terminal::kSigningKeyName);
  if (!key) {
    why = data.keys() + ": the device's signing key is not there; nothing was changed";
    return nullptr;
  }
  auto opened = journal::Journal::open({.path = data.journal(), .vfs = {}}, access.parts(*key), terminal::table_sets());
  if (!opened) {
    why = words_of_journal(data.journal(), opened.error());
    return nullptr;
  }
  if ((*opened)->state() == journal::State::Running && (*opened)->start_succeeded()) return *std::move(opened);
  why = data.journal() + ": nothing can be written into it now; nothing was changed";
  return nullptr;
}

/// Opens the journal as the terminal does, and decides.
bool resolve_now(const terminal::DataFolder& data, const terminal::Resolution& resolution, std::string_view request,
                 const LineSink& sink, std::string& why) {
  const auto name = terminal::terminal_of(resolution.attempt.order, journal::Seq(resolution.attempt.id.value()));
  if (!name) {
    why = "the order number is not of this journal; nothing was changed";
    return false;
  }
  DeviceAccess access;
  const auto opened = open_to_write(data, access, why);
  if (opened == nullptr) return false;
  const auto checkout = StoppedCheckout::make(*opened, access.clock, *name, resolution.attempt.amount.currency);
  if (!checkout) {
    why = data.journal() + ": nothing can be written into it now; nothing was decided";
    return false;
  }
  terminal::Technician technician(*opened, access.clock, &(*checkout)->checkout());
  return say(*technician.answer(request), sink, why);
}

}  // namespace

bool ask_files(const terminal::DataFolder& data, std::string_view request, const LineSink& sink, std::string& why) {
  DeviceAccess access;
  const auto journal = look_into(data, access, why);
  if (journal == nullptr) return false;
  terminal::Technician technician(*journal, access.clock);
  return say(*technician.answer(request), sink, why);
}

bool resolve_in_files(const terminal::DataFolder& data, std::string_view request, const LineSink& sink,
                      std::string& why) {
  std::optional<terminal::Resolution> resolution;
  {
    DeviceAccess access;
    const auto journal = look_into(data, access, why);
    if (journal == nullptr) return false;
    auto read = terminal::read_resolution(journal->tables(), request);
    if (!read) return say(*terminal::problem(read.error().code, read.error().what), sink, why);
    if (const auto words = words_against_writing(*journal); !words.empty()) {
      return say(*terminal::problem(core::ErrorCode::FailedPrecondition, words), sink, why);
    }
    resolution = *std::move(read);
  }
  return resolve_now(data, *resolution, request, sink, why);
}

bool set_slots_in_files(const terminal::DataFolder& data, std::string_view request, const LineSink& sink,
                        std::string& why) {
  {
    DeviceAccess access;
    const auto journal = look_into(data, access, why);
    if (journal == nullptr) return false;
    const auto read = terminal::read_slot_setting(journal->tables(), request);
    if (!read) return say(*terminal::problem(read.error().code, read.error().what), sink, why);
    if (const auto words = words_against_writing(*journal); !words.empty()) {
      return say(*terminal::problem(core::ErrorCode::FailedPrecondition, words), sink, why);
    }
  }
  DeviceAccess access;
  const auto journal = open_to_write(data, access, why);
  if (journal == nullptr) return false;
  const MaySetSlots permissions;
  terminal::Technician technician(*journal, access.clock, nullptr, nullptr, &permissions);
  return say(*technician.answer(request), sink, why);
}

bool try_again_in_files(const terminal::DataFolder& data, const LineSink& sink, std::string& why) {
  struct stat file{};
  // Where even the first starts failed there is no journal yet, or an empty one: the next start makes it.
  const bool is_made = ::stat(data.journal().c_str(), &file) == 0 ? file.st_size != 0 : errno != ENOENT;
  if (is_made) {
    DeviceAccess access;
    const auto journal = look_into(data, access, why);
    if (journal == nullptr) return false;
    const journal::SafeReason reason = journal->safe_reason();
    const bool startable = reason == journal::SafeReason::Inspected || reason == journal::SafeReason::FailedStarts;
    if (!startable || !journal->verify().sound()) {
      return say(*terminal::problem(core::ErrorCode::FailedPrecondition,
                                    "failed starts are not all that is wrong with this journal: 'tillctl journal "
                                    "verify' says what it is; nothing was changed"),
                 sink, why);
    }
  } else if (!DeviceAccess().open(data, hal_linux::KeyFolderUse::Look, why)) {
    return false;
  }
  DeviceAccess access;
  if (!access.open(data, hal_linux::KeyFolderUse::Own, why)) return false;
  const auto failed = journal::FailedStarts(*access.keys).try_again();
  if (!failed) {
    why = data.keys() + ": the count of failed starts cannot be changed: " + system_words(failed.error());
    return false;
  }
  const bool was_safe = *failed >= journal::kFailedStartsMax;
  core::JsonWriter json;
  json.begin_object().name("done").text("journal.try_again").name("failed_starts").integer(*failed);
  json.name("what").text(was_safe
                             ? "the next start may sell again; if it fails too, and the one after it, the terminal "
                               "is in safe mode once more"
                             : "failed starts do not keep this terminal from selling; nothing was changed");
  return say(json, sink, why);
}

bool pull_into_files(const terminal::DataFolder& data, const LineSink& sink, std::string& why) {
  std::optional<terminal::DeviceProfile> profile;
  {
    // A folder where nobody was enrolled stays as it is.
    DeviceAccess access;
    if (!access.open(data, hal_linux::KeyFolderUse::Look, why)) return false;
    auto read = terminal::read_profile(*access.keys, *access.crypto);
    if (!read) {
      why = read.error().code == core::ErrorCode::NotFound
                ? data.path + ": this device was not enrolled ('tillctl enrol'), so there is nobody to ask"
                : data.path + ": what this device was enrolled with cannot be read; 'tillctl enrol --replace'";
      return false;
    }
    profile = *std::move(read);
  }
  DeviceAccess access;
  if (!access.open(data, hal_linux::KeyFolderUse::Own, why)) return false;
  const auto pulled = pull_state(data, access, *profile, false, why);
  if (!pulled) return false;
  core::JsonWriter json;
  json.begin_object().name("done").text("sync.pull");
  write_pulled(json, *pulled);
  json.name("what").text(words_of(*pulled));
  if (!say(json, sink, why)) return false;
  why = words_of(*pulled);
  return pulled->done();
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
  if (!report) {
    why = kNoOutput;
    return false;
  }
  core::JsonWriter json;
  json.begin_object().name("done").text("journal.export").name("records").integer(report->records);
  json.name("whole").boolean(report->whole);
  if (!report->opened) json.name("what").text(words_of_unreadable(report->opened.error()));
  return say(json, sink, why);
}

}  // namespace tillctl
