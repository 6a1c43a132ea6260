// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstdio>
#include <span>
#include <string>

#include "commands.hpp"
#include "tillkit/catalog/limits.hpp"
#include "tillkit/checkout/limits.hpp"
#include "tillkit/cloud/limits.hpp"
#include "tillkit/codes/limits.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/core/limits.hpp"
#include "tillkit/core/version.hpp"
#include "tillkit/fulfilment/limits.hpp"
#include "tillkit/hal/limits.hpp"
#include "tillkit/hal_linux/http_library.hpp"
#include "tillkit/journal/limits.hpp"
#include "tillkit/journal/storage_library.hpp"
#include "tillkit/ledger/limits.hpp"
#include "tillkit/offers/limits.hpp"
#include "tillkit/payment/limits.hpp"
#include "tillkit/receipt/limits.hpp"
#include "tillkit/security/library.hpp"

namespace tillctl {
namespace {

struct Library {
  std::string_view name;
  std::string version;
};

std::array<Library, 6> libraries() {
  const tillkit::hal_linux::HttpLibrary http = tillkit::hal_linux::http_library();
  return {{{"mbedtls", tillkit::security::crypto_library_version()},
           {"curl", http.version},
           {"curl_tls", http.tls},
           {"c-ares", http.resolver},
           {"sqlite", std::string(tillkit::journal::storage_library_version())},
           {"cjson", std::string(tillkit::core::json_library_version())}}};
}

std::array<std::span<const tillkit::core::NamedLimit>, 12> limits() {
  return {tillkit::core::core_limits(),
          tillkit::codes::codes_limits(),
          tillkit::cloud::cloud_limits(),
          tillkit::journal::journal_limits(),
          tillkit::catalog::catalog_limits(),
          tillkit::offers::offers_limits(),
          tillkit::ledger::ledger_limits(),
          tillkit::payment::payment_limits(),
          tillkit::fulfilment::fulfilment_limits(),
          tillkit::receipt::receipt_limits(),
          tillkit::checkout::checkout_limits(),
          tillkit::hal::hal_limits()};
}

constexpr int kPointerBits = static_cast<int>(sizeof(void*)) * 8;

int print_json() {
  tillkit::core::JsonWriter json;
  json.begin_object().name("tillkit").text(tillkit::core::version());
  if (const auto at = tillkit::core::format_rfc3339(tillkit::core::source_time())) json.name("source_time").text(*at);
  json.name("target").begin_object();
  json.name("system").text(TILLKIT_BUILD_SYSTEM).name("processor").text(TILLKIT_BUILD_PROCESSOR);
  json.name("pointer_bits").integer(kPointerBits).name("compiler").text(__VERSION__);
  json.name("build_type").text(TILLKIT_BUILD_TYPE).end_object();
  json.name("libraries").begin_object();
  for (const Library& library : libraries())
    json.name(library.name).text(library.version);
  json.end_object();
  json.name("protocols").begin_array();
  for (const std::string& protocol : tillkit::hal_linux::http_library().protocols)
    json.text(protocol);
  json.end_array();
  json.name("storage_library_fit").boolean(tillkit::journal::check_storage_library().has_value());
  json.name("limits").begin_object();
  for (const auto module_limits : limits()) {
    for (const tillkit::core::NamedLimit& limit : module_limits)
      json.name(limit.name).integer(limit.value);
  }
  json.end_object().end_object();
  const auto text = json.finish();
  if (!text) {
    std::fprintf(stderr, "tillctl version: the answer cannot be written as JSON (%.*s)\n",
                 static_cast<int>(to_string(text.error().code).size()), to_string(text.error().code).data());
    return kFailed;
  }
  std::puts(text->c_str());
  return kDone;
}

int print_text() {
  std::printf("tillkit %s\n\nbuilt for  %s %s, %d bits, %s, gcc %s\n\n", std::string(tillkit::core::version()).c_str(),
              TILLKIT_BUILD_SYSTEM, TILLKIT_BUILD_PROCESSOR, kPointerBits, TILLKIT_BUILD_TYPE, __VERSION__);
  for (const Library& library : libraries()) {
    std::printf("%-10.*s %s\n", static_cast<int>(library.name.size()), library.name.data(), library.version.c_str());
  }
  std::printf("\nlimits\n");
  for (const auto module_limits : limits()) {
    for (const tillkit::core::NamedLimit& limit : module_limits) {
      std::printf("%-40.*s %12lld %.*s\n", static_cast<int>(limit.name.size()), limit.name.data(),
                  static_cast<long long>(limit.value), static_cast<int>(limit.unit.size()), limit.unit.data());
    }
  }
  return kDone;
}

}  // namespace

int run_version(Arguments arguments) {
  bool json = false;
  for (const std::string_view argument : arguments) {
    if (argument != "--json") return usage_error("version", "unknown argument", argument);
    json = true;
  }
  return json ? print_json() : print_text();
}

}  // namespace tillctl
