// SPDX-License-Identifier: Apache-2.0
#include "tillkit/cloud/limits.hpp"

#include <array>

namespace tillkit::cloud {
namespace {

constexpr auto number(std::size_t value) {
  return static_cast<std::int64_t>(value);
}

// clang-format off
constexpr std::array kLimits{
    core::NamedLimit{"cloud.amount_minor_max",              kAmountMinorMax,                     "minor units"},
    core::NamedLimit{"cloud.answer_body_bytes_max",         number(kAnswerBodyBytesMax),         "bytes"},
    core::NamedLimit{"cloud.certificate_request_bytes_max", number(kCertificateRequestBytesMax), "bytes"},
    core::NamedLimit{"cloud.certificates_bytes_max",        number(kCertificatesBytesMax),       "bytes"},
    core::NamedLimit{"cloud.cloud_keys_max",                number(kCloudKeysMax),               "keys"},
    core::NamedLimit{"cloud.cursor_characters_max",         number(kCursorCharactersMax),        "characters"},
    core::NamedLimit{"cloud.description_characters_max",    number(kDescriptionCharactersMax),   "characters"},
    core::NamedLimit{"cloud.discounts_max",                 number(kDiscountsMax),               "discounts"},
    core::NamedLimit{"cloud.long_answer_body_bytes_max",    number(kLongAnswerBodyBytesMax),     "bytes"},
    core::NamedLimit{"cloud.news_changes_max",              number(kNewsChangesMax),             "changes"},
    core::NamedLimit{"cloud.news_page_bytes_max",           number(kNewsPageBytesMax),           "bytes"},
    core::NamedLimit{"cloud.news_wait_s_max",               kNewsWaitMax.count(),                "seconds"},
    core::NamedLimit{"cloud.order_characters_max",          number(kOrderCharactersMax),         "characters"},
    core::NamedLimit{"cloud.qr_text_bytes_max",             number(kQrTextBytesMax),             "bytes"},
    core::NamedLimit{"cloud.qr_valid_s_max",                kQrValidMax.count(),                 "seconds"},
    core::NamedLimit{"cloud.request_body_bytes_max",        number(kRequestBodyBytesMax),        "bytes"},
    core::NamedLimit{"cloud.retry_after_s_max",             kRetryAfterMax.count(),              "seconds"},
    core::NamedLimit{"cloud.upload_body_bytes_max",         number(kUploadBodyBytesMax),         "bytes"},
    core::NamedLimit{"cloud.upload_records_max",            number(kUploadRecordsMax),           "records"},
};
// clang-format on

}  // namespace

std::span<const core::NamedLimit> cloud_limits() {
  return kLimits;
}

}  // namespace tillkit::cloud
