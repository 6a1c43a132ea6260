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

std::unexpected<cloud::LinkFailure> failed(const core::Error& error) {
  return std::unexpected(cloud::LinkFailure{.error = error, .fault = std::nullopt});
}

}  // namespace

Result<security::KeyId> device_key(security::Crypto& crypto) {
  auto key = crypto.open_signing_key(kSigningKeyName);
  if (key || key.error().code != ErrorCode::NotFound) return key;
  return crypto.create_signing_key(kSigningKeyName);
}

Result<std::string> device_request(security::Crypto& crypto) {
  TILLKIT_TRY(const security::KeyId key, device_key(crypto));
  return crypto.certificate_request(key, kSubject);
}

Result<> Enroller::enrol(const EnrolAs& as, EnrolDone done) {
  TILLKIT_TRY(const std::string request, device_request(crypto_));
  TILLKIT_TRY(std::string body,
              cloud::enrol_body({.claim = as.claim, .certificate_request = request, .firmware = as.firmware}));
  cloud::LinkRequest post = cloud::post(cloud::kEnrolPath, std::move(body));
  post.answer_bytes_max = cloud::kLongAnswerBodyBytesMax;
  link_.send(std::move(post),
             [this, origin = as.origin, only = as.only, done = std::move(done)](cloud::LinkResult result) mutable {
               if (!result) return done(std::unexpected(result.error()));
               auto enrolment = cloud::read_enrol(cloud::reply_of(*result));
               core::wipe(result->body);
               if (!enrolment) return done(failed(enrolment.error()));
               if (!only.empty() && enrolment->terminal != only) return done(failed({ErrorCode::FailedPrecondition}));
               DeviceProfile profile{
                   .origin = std::move(origin), .enrolment = *std::move(enrolment), .certified_at = clock_.wall().at};
               if (const auto kept = keep_profile(store_, crypto_, profile); !kept) {
                 return done(failed(kept.error()));
               }
               done(std::move(profile));
             });
  return {};
}

}  // namespace tillkit::terminal
