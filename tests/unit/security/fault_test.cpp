// SPDX-License-Identifier: Apache-2.0

// The key store or the random source fails, or the power goes, at every point where it can.

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include <catch2/catch_test_macros.hpp>

#include "device.hpp"

namespace tillkit::security {
namespace {

using core::as_bytes;
using core::ErrorCode;

constexpr std::uint8_t kOld = 1;
constexpr std::uint8_t kNew = 2;
constexpr KeyId kOldKey{(1U << 8) | kOld};

template <class T>
core::Result<> only_outcome(const core::Result<T>& result) {
  if (!result) return std::unexpected(result.error());
  return {};
}

/// Something to do on a device that has the key `kOld`, in a process that has not loaded it.
struct Action {
  std::string_view name;
  core::Result<> (*run)(Crypto& crypto);
};

constexpr Action kActions[] = {
    {"create", [](Crypto& crypto) { return only_outcome(crypto.create_signing_key(kNew)); }},
    {"open", [](Crypto& crypto) { return only_outcome(crypto.open_signing_key(kOld)); }},
    {"public key", [](Crypto& crypto) { return only_outcome(crypto.public_key(kOldKey)); }},
    {"sign", [](Crypto& crypto) { return only_outcome(crypto.sign_es256(kOldKey, as_bytes("m"))); }},
    {"request", [](Crypto& crypto) { return only_outcome(crypto.certificate_request(kOldKey, "t")); }},
    {"destroy", [](Crypto& crypto) { return crypto.destroy_signing_key(kOld); }},
};

/// A device with the key `kOld`, and a process that has just started on it.
struct Running {
  Running() {
    static_cast<void>(must(device.start()->create_signing_key(kOld)));
    crypto = device.start();
  }
  Device device;
  std::unique_ptr<Crypto> crypto;
};

enum class Away { Once, UntilLater };

TEST_CASE("a key store that cannot be reached is Unavailable, nothing happened, and the same call works later",
          "[security]") {
  for (const Action& action : kActions) {
    for (const Away away : {Away::Once, Away::UntilLater}) {
      for (std::uint64_t n = 1;; ++n) {
        CAPTURE(action.name, away, n);
        Running running;
        auto& store = running.device.store;
        const auto before = store.blobs();
        const auto calls = store.faults().calls();
        if (away == Away::Once) store.faults().fail_call(n, kUnreachable);
        if (away == Away::UntilLater) store.faults().fail_from(n, kUnreachable);

        const auto result = action.run(*running.crypto);
        store.faults().clear();

        if (result) {
          // It ran without meeting the fault: an error that somebody swallowed would show here.
          CHECK(store.faults().calls() - calls < n);
          CHECK(n > 1);
          break;
        }
        CHECK(failed_with(result, kUnreachable));
        CHECK(store.blobs() == before);
        CHECK(action.run(*running.crypto).has_value());
      }
    }
  }
}

TEST_CASE("a random source that fails is Unavailable, nothing happened, and the same call works later", "[security]") {
  for (const Action& action : kActions) {
    for (std::uint64_t n = 1;; ++n) {
      CAPTURE(action.name, n);
      Running running;
      auto& random = running.device.random;
      const auto before = running.device.store.blobs();
      const auto calls = random.faults().calls();
      random.faults().fail_call(n, kUnreachable);

      const auto result = action.run(*running.crypto);

      if (result) {
        CHECK(random.faults().calls() - calls < n);
        break;
      }
      CHECK(failed_with(result, kUnreachable));
      CHECK(running.device.store.blobs() == before);
      CHECK(action.run(*running.crypto).has_value());
    }
  }
}

TEST_CASE("whatever else the key store answers comes through as it is", "[security]") {
  for (const ErrorCode code : {ErrorCode::Exhausted, ErrorCode::Timeout, ErrorCode::PermissionDenied,
                               ErrorCode::Unsupported, ErrorCode::Cancelled}) {
    for (const Action& action : kActions) {
      CAPTURE(action.name, code);
      const core::Error planned{code, core::ErrorSource::Device, 5};
      Running running;
      running.device.store.faults().fail_from(1, planned);

      const auto result = action.run(*running.crypto);

      CHECK(failed_with(result, planned));
    }
  }
}

TEST_CASE("an error of an earlier call is not told again", "[security]") {
  Running running;
  running.device.store.faults().fail_call(1, kUnreachable);
  REQUIRE(failed_with(running.crypto->open_signing_key(kOld), kUnreachable));

  CHECK(failed_with(running.crypto->open_signing_key(kNew), ErrorCode::NotFound));
  CHECK(running.crypto->create_signing_key(kNew).has_value());
  CHECK(failed_with(running.crypto->create_signing_key(kNew), ErrorCode::AlreadyExists));
}

TEST_CASE("a start that fails can be tried again", "[security]") {
  Device device;
  device.random.faults().fail_call(1, kUnreachable);
  CHECK(failed_with(Crypto::start(device.store, device.random), kUnreachable));

  device.store.faults().fail_call(1, kUnreachable);
  CHECK(failed_with(Crypto::start(device.store, device.random), kUnreachable));
  CHECK(device.store.blobs().empty());

  const auto crypto = device.start();
  CHECK(crypto->create_signing_key(kOld).has_value());
}

TEST_CASE("after a power cut while a key is made it is there, whole, or it is not", "[security][power]") {
  bool cut = true;
  bool seen_whole = false;
  bool seen_absent = false;
  for (std::uint64_t at = 1; cut; ++at) {
    for (std::uint64_t again = 1;; ++again) {
      CAPTURE(at, again);
      Running running;
      Device& device = running.device;
      auto& power = device.world.power();
      const auto old_signature = must(running.crypto->sign_es256(kOldKey, as_bytes("m")));
      power.cut_at_step(at);

      const bool made = running.crypto->create_signing_key(kNew).has_value();
      cut = !power.on();
      CHECK((made || cut));
      running.crypto.reset();
      if (cut) power.restore();

      // Recovery is what a terminal does at each start: open the key, or make it. The power may go there as well.
      power.cut_at_step(again);
      running.crypto = device.start();
      auto key = running.crypto->open_signing_key(kNew);
      (key ? seen_whole : seen_absent) = true;
      if (!key) {
        CHECK_FALSE(made);
        CHECK(failed_with(key, ErrorCode::NotFound));
        key = running.crypto->create_signing_key(kNew);
      }
      const bool cut_again = !power.on();
      running.crypto.reset();
      if (cut_again) power.restore();
      power.cut_at_step(0);

      running.crypto = device.start();
      key = running.crypto->open_signing_key(kNew);
      if (!key && cut_again) key = running.crypto->create_signing_key(kNew);
      REQUIRE(key.has_value());
      const auto signature = must(running.crypto->sign_es256(*key, as_bytes("m")));
      CHECK(verifies(must(running.crypto->public_key(*key)), as_bytes("m"), signature));
      CHECK(must(running.crypto->sign_es256(kOldKey, as_bytes("m"))) == old_signature);
      if (!cut_again) break;
    }
  }
  CHECK(seen_whole);
  CHECK(seen_absent);
}

TEST_CASE("after a power cut while a key is destroyed it is gone, or whole", "[security][power]") {
  bool cut = true;
  bool seen_whole = false;
  bool seen_gone = false;
  for (std::uint64_t at = 1; cut; ++at) {
    CAPTURE(at);
    Running running;
    Device& device = running.device;
    const auto signature = must(running.crypto->sign_es256(kOldKey, as_bytes("m")));
    device.world.power().cut_at_step(at);

    const bool destroyed = running.crypto->destroy_signing_key(kOld).has_value();
    cut = !device.world.power().on();
    CHECK((destroyed || cut));
    running.crypto.reset();
    if (cut) device.world.power().restore();
    device.world.power().cut_at_step(0);

    running.crypto = device.start();
    const auto key = running.crypto->open_signing_key(kOld);
    if (key) {
      CHECK_FALSE(destroyed);
      CHECK(must(running.crypto->sign_es256(*key, as_bytes("m"))) == signature);
    } else {
      CHECK(failed_with(key, ErrorCode::NotFound));
    }
    (key ? seen_whole : seen_gone) = true;
  }
  CHECK(seen_whole);
  CHECK(seen_gone);
}

}  // namespace
}  // namespace tillkit::security
