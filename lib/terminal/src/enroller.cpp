// SPDX-License-Identifier: Apache-2.0
#include "tillkit/terminal/enroller.hpp"

#include <utility>

#include "tillkit/cloud/enrolment.hpp"
#include "tillkit/cloud/limits.hpp"
#include "tillkit/terminal/terminal.hpp"

namespace tillkit::terminal {

using core::ErrorCode;
using core::Result;

namespace {

// The cloud names the terminal; a subject must not be empty.
constexpr std::string_view kSubject = "tillkit device";

cloud::LinkRequest request_of(std::string_view path, std::string body) {
  cloud::LinkRequest request = cloud::post(path, std::move(body));
  request.answer_bytes_max = cloud::kLongAnswerBodyBytesMax;
  return request;
}

}  // namespace

Result<security::KeyId> device_key(security::Crypto& crypto) {
  auto key = crypto.open_signing_key(kSigningKeyName);
  if (key || key.error().code != ErrorCode::NotFound) return key;
  return crypto.create_signing_key(kSigningKeyName);
}

Result<std::string> Enroller::certificate_request() {
  TILLKIT_TRY(const security::KeyId key, device_key(crypto_));
  return crypto_.certificate_request(key, kSubject);
}

Result<> Enroller::enrol(const EnrolAs& as, EnrolDone done) {
  TILLKIT_TRY(const std::string request, certificate_request());
  TILLKIT_TRY(std::string body, cloud::enrol_body(
                                    {.claim = as.claim, .certificate_request = request, .firmware = as.firmware}));
  link_.send(request_of(cloud::kEnrolPath, std::move(body)),
             [this, origin = as.origin, only = as.only, done = std::move(done)](cloud::LinkResult result) mutable {
               if (!result) return done(std::unexpected(result.error().error));
               auto enrolment = cloud::read_enrol(cloud::reply_of(*result));
               core::wipe(result->body);
               if (!enrolment) return done(std::unexpected(enrolment.error()));
               if (!only.empty() && enrolment->terminal != only) return done(core::fail(ErrorCode::FailedPrecondition));
               DeviceProfile profile{.origin = std::move(origin),
                                     .enrolment = *std::move(enrolment),
                                     .certified_at = clock_.wall().at};
               if (const auto kept = keep_profile(store_, crypto_, profile); !kept) {
                 return done(std::unexpected(kept.error()));
               }
               done(std::move(profile));
             });
  return {};
}

Result<> Enroller::renew(EnrolDone done) {
  TILLKIT_TRY(const std::string request, certificate_request());
  TILLKIT_TRY(std::string body, cloud::renew_body(request));
  link_.send(request_of(cloud::kRenewPath, std::move(body)),
             [this, done = std::move(done)](const cloud::LinkResult& result) mutable {
               if (!result) return done(std::unexpected(result.error().error));
               auto credentials = cloud::read_renew(cloud::reply_of(*result));
               if (!credentials) return done(std::unexpected(credentials.error()));
               auto profile = read_profile(store_, crypto_);
               if (!profile) return done(std::unexpected(profile.error()));
               profile->enrolment.credentials = *std::move(credentials);
               profile->certified_at = clock_.wall().at;
               if (const auto kept = keep_profile(store_, crypto_, *profile); !kept) {
                 return done(std::unexpected(kept.error()));
               }
               done(std::move(profile));
             });
  return {};
}

}  // namespace tillkit::terminal
