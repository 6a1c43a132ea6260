// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <sys/stat.h>

#include "commands.hpp"
#include "device_access.hpp"
#include "files.hpp"
#include "pull_state.hpp"
#include "tillkit/cloud/link.hpp"
#include "tillkit/cloud/problem.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/hal_linux/event_loop.hpp"
#include "tillkit/hal_linux/http_client.hpp"
#include "tillkit/terminal/device_profile.hpp"
#include "tillkit/terminal/enroller.hpp"

namespace tillctl {
namespace {

namespace cloud = tillkit::cloud;
namespace core = tillkit::core;
namespace hal_linux = tillkit::hal_linux;
namespace terminal = tillkit::terminal;
using core::ErrorCode;

constexpr std::string_view kCommand = "enrol";
constexpr std::size_t kTrustBytesMax = 1'048'576;

struct Request {
  std::string origin{};
  std::string claim{};
  terminal::DataFolder data{};
  std::string trust{};
  bool replace = false;
  bool as_json = false;
};

/// None: it was not understood, and that was said.
std::optional<Request> read_arguments(Arguments arguments) {
  Request request;
  const auto refuse = [](std::string_view what, std::string_view argument) {
    static_cast<void>(usage_error(kCommand, what, argument));
    return std::nullopt;
  };
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view name = arguments[i];
    if (name == "--replace" || name == "--json") {
      (name == "--json" ? request.as_json : request.replace) = true;
      continue;
    }
    std::string* const value = name == "--cloud"   ? &request.origin
                               : name == "--claim" ? &request.claim
                               : name == "--data"  ? &request.data.path
                               : name == "--trust" ? &request.trust
                                                   : nullptr;
    if (value == nullptr) return refuse("unknown argument", name);
    if (++i == arguments.size()) return refuse("nothing behind", name);
    *value = arguments[i];
  }
  if (request.origin.empty()) return refuse("missing:", "--cloud URL");
  if (request.claim.empty()) return refuse("missing:", "--claim CODE");
  if (request.data.path.empty()) return refuse("missing:", "--data DIR");
  if (!request.origin.starts_with("https://"))
    return refuse("the cloud is an address with https://, not", request.origin);
  while (request.origin.ends_with('/'))
    request.origin.pop_back();
  if (request.trust.empty()) request.trust = request.data.path + "/trust.pem";
  return request;
}

std::string words_of(const cloud::LinkFailure& failure) {
  const core::Error& error = failure.error;
  if (cloud::is_problem(error, cloud::ProblemType::ClaimRefused)) {
    return "the cloud refuses the claim code: it is mistyped, over, or another device has used it; ask for a new one";
  }
  switch (error.code) {
    case ErrorCode::Rejected: return "the cloud refuses it; nothing was changed";
    case ErrorCode::InvalidArgument: return "that cannot be a claim code: 8 to 64 letters, digits and hyphens";
    case ErrorCode::FailedPrecondition:
      return "the code is for another terminal than the one whose journal lies here, and that journal could not be "
             "uploaded any more: take another data folder. The code is used; nothing was changed here";
    case ErrorCode::Timeout:
      return "the cloud did not answer; it may have enrolled this device: the same command once more tells";
    case ErrorCode::Exhausted: return "the keys' folder has no room for it; make room, and the same command again";
    default:
      return "the cloud cannot be reached, or is not the one that the trust file vouches for (" +
             std::string(failure.fault ? to_string(*failure.fault) : to_string(error.code)) + "); nothing was changed";
  }
}

/// Waits for the answer.
terminal::Enrolled enrol(const Request& request, const std::string& trust_pem, DeviceAccess& access,
                         const cloud::TerminalId& only, std::string& why) {
  const auto not_begun = [](const core::Error& error) {
    return std::unexpected(cloud::LinkFailure{.error = error, .fault = std::nullopt});
  };
  auto loop = hal_linux::EventLoop::create(access.clock);
  if (!loop) return not_begun(loop.error());
  hal_linux::HttpClientSettings settings;
  settings.tls.trust_anchors_pem = trust_pem;
  auto http = hal_linux::HttpClient::create(**loop, access.clock, std::move(settings));
  if (!http) {
    if (http.error().code == ErrorCode::InvalidArgument) why = request.trust + ": no certificates in PEM";
    return not_begun(http.error());
  }
  const cloud::Link link(**http, {.origin = request.origin});
  terminal::Enroller enroller(link, access.clock, *access.keys, *access.crypto);
  std::optional<terminal::Enrolled> answer;
  const auto begun = enroller.enrol(
      {.origin = request.origin, .claim = request.claim, .firmware = std::string(core::version()), .only = only},
      [&](terminal::Enrolled result) {
        answer = std::move(result);
        (*loop)->stop();
      });
  if (!begun) return not_begun(begun.error());
  (*loop)->run();
  return *std::move(answer);
}

/// `pulled`: none, and `why`, where the first state was not even asked for.
int show(const Request& request, const terminal::DeviceProfile& profile, const std::optional<Pulled>& pulled,
         const std::string& why) {
  const cloud::Enrolment& enrolment = profile.enrolment;
  const auto until = core::format_rfc3339(enrolment.credentials.valid_until);
  if (request.as_json) {
    core::JsonWriter json;
    json.begin_object().name("terminal").text(enrolment.terminal.view()).name("store").text(enrolment.store.view());
    json.name("cloud").text(profile.origin).name("valid_until").text(until.value_or(""));
    if (pulled) write_pulled(json, *pulled);
    const auto text = json.end_object().finish();
    if (!text || std::printf("%s\n", text->c_str()) < 0) return failed(kCommand, "the output cannot be written");
  } else {
    std::printf("This device is terminal %s of store %s at %s now; its certificate is good until %s.\n",
                std::string(enrolment.terminal.view()).c_str(), std::string(enrolment.store.view()).c_str(),
                profile.origin.c_str(), until.value_or("?").c_str());
  }
  if (!pulled) return failed(kCommand, "it is enrolled, but its first state could not be fetched: " + why);
  if (!pulled->done()) return failed(kCommand, "it is enrolled. " + words_of(*pulled));
  if (!request.as_json) std::printf("%s\n", words_of(*pulled).c_str());
  return kDone;
}

/// Whose journal lies in the folder, if there is one and this device was enrolled before.
cloud::TerminalId owner_of_journal(const terminal::DataFolder& data,
                                   const core::Result<terminal::DeviceProfile>& before) {
  struct stat status{};
  if (!before || ::stat(data.journal().c_str(), &status) != 0) return {};
  return before->enrolment.terminal;
}

}  // namespace

int run_enrol(Arguments arguments) {
  const auto request = read_arguments(arguments);
  if (!request) return kUsage;
  const auto trust = read_file(kCommand, request->trust, kTrustBytesMax);
  if (!trust) return kFailed;
  if (::mkdir(request->data.path.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
    return failed(kCommand, request->data.path + ": " + std::strerror(errno));
  }
  DeviceAccess access;
  std::string why;
  if (!access.open(request->data, hal_linux::KeyFolderUse::Own, why)) return failed(kCommand, why);
  if (access.clock.wall().quality == core::WallQuality::Unknown) {
    return failed(kCommand,
                  "this device does not know the time, so no certificate can be checked: set its clock first");
  }
  const auto before = terminal::read_profile(*access.keys, *access.crypto);
  if (before && !request->replace) {
    return failed(kCommand, "this device is terminal " + std::string(before->enrolment.terminal.view()) + " at " +
                                before->origin + " already; --replace enrols it anew");
  }
  if (!before && before.error().code != ErrorCode::NotFound && !request->replace) {
    return failed(kCommand, "what this device was enrolled with cannot be read (" +
                                std::string(to_string(before.error().code)) + "); --replace enrols it anew");
  }
  const auto profile = enrol(*request, *trust, access, owner_of_journal(request->data, before), why);
  if (!profile) return failed(kCommand, why.empty() ? words_of(profile.error()) : why);
  const auto pulled = pull_state(request->data, access, *profile, !request->as_json, why);
  return show(*request, *profile, pulled, why);
}

}  // namespace tillctl
