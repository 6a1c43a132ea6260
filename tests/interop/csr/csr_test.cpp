// SPDX-License-Identifier: Apache-2.0

// Another implementation reads our certificate requests and checks our signatures: the machine's `openssl`. Under an
// emulator, too, the machine's own program runs.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <catch2/catch_test_macros.hpp>
#include <unistd.h>

#include "tillkit/core/bytes.hpp"
#include "tillkit/hal_virtual/key_store.hpp"
#include "tillkit/hal_virtual/random.hpp"
#include "tillkit/hal_virtual/world.hpp"
#include "tillkit/security/crypto.hpp"
#include "tillkit/test/seed.hpp"

namespace tillkit::security {
namespace {

struct Finished {
  int status = -1;
  std::string output;  ///< standard output and standard error
};

Finished run(const std::string& command) {
  Finished finished;
  std::FILE* const pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return finished;
  std::array<char, 512> part{};
  while (const std::size_t read = std::fread(part.data(), 1, part.size(), pipe))
    finished.output.append(part.data(), read);
  finished.status = pclose(pipe);
  return finished;
}

bool has_openssl() {
  return run("openssl version").status == 0;
}

/// A folder that goes with the test.
class Folder {
 public:
  Folder() { REQUIRE(mkdtemp(path_.data()) != nullptr); }
  ~Folder() { static_cast<void>(std::system(("rm -rf " + path_).c_str())); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string write(const std::string& name, std::string_view content) const {
    const std::string path = path_ + "/" + name;
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }

 private:
  std::string path_ = "/tmp/tillkit-csr-XXXXXX";
};

template <class T>
T must(core::Result<T> result) {
  REQUIRE(result.has_value());
  return *std::move(result);
}

struct Device {
  hal_virtual::World world;
  hal_virtual::VirtualKeyStore store{world, 1};
  hal_virtual::VirtualRandom random{test::seed()};
  std::unique_ptr<Crypto> crypto = must(Crypto::start(store, random));
  KeyId key = must(crypto->create_signing_key(1));
};

/// A number of a signature in DER: no leading zeros, but one where the first bit would say 'negative'.
std::string der_integer(std::string_view number) {
  while (number.size() > 1 && number[0] == '\0')
    number.remove_prefix(1);
  std::string content(number);
  if ((static_cast<unsigned char>(content[0]) & 0x80) != 0) content.insert(0, 1, '\0');
  return std::string{'\x02', static_cast<char>(content.size())} + content;
}

std::string der_signature(std::string_view raw) {
  const std::string both = der_integer(raw.substr(0, 32)) + der_integer(raw.substr(32));
  return std::string{'\x30', static_cast<char>(both.size())} + both;
}

TEST_CASE("openssl accepts a request and reads the name as it was given", "[security][interop]") {
  if (!has_openssl()) SKIP("no openssl on this machine");
  const Folder folder;
  const Device device;

  for (const std::string_view name : {"terminal-0001", "a, O=evil", "上海 7 号", "#0c0141", " \\ + \" "}) {
    CAPTURE(name);
    const std::string path = folder.write("request.pem", must(device.crypto->certificate_request(device.key, name)));
    const Finished checked =
        run("openssl req -in " + path + " -verify -noout -subject -nameopt sep_multiline,utf8,sname");
    CAPTURE(checked.output);
    CHECK(checked.status == 0);
    CHECK(checked.output.find("verify OK") != std::string::npos);
    CHECK(checked.output.find("CN=" + std::string(name) + "\n") != std::string::npos);
    CHECK(checked.output.find("\n    O=") == std::string::npos);
  }
}

TEST_CASE("openssl refuses a request that was changed", "[security][interop]") {
  if (!has_openssl()) SKIP("no openssl on this machine");
  const Folder folder;
  const Device device;
  std::string pem = must(device.crypto->certificate_request(device.key, "terminal-0001"));
  // A letter of the name: the structure stays right.
  const std::size_t at = 31 + 36 + 26;
  pem[at] = pem[at] == 'A' ? 'B' : 'A';

  const Finished checked = run("openssl req -in " + folder.write("request.pem", pem) + " -verify -noout");

  CAPTURE(checked.output);
  CHECK(checked.output.find("verify OK") == std::string::npos);
}

TEST_CASE("openssl verifies what the device signed", "[security][interop]") {
  if (!has_openssl()) SKIP("no openssl on this machine");
  const Folder folder;
  const Device device;
  const std::string request = folder.write("request.pem", must(device.crypto->certificate_request(device.key, "t")));
  const Finished key = run("openssl req -in " + request + " -noout -pubkey");
  REQUIRE(key.status == 0);
  const std::string public_key = folder.write("key.pem", key.output);

  for (int i = 0; i < 16; ++i) {
    CAPTURE(i);
    const std::string message = "message " + std::to_string(i);
    const auto signature = must(device.crypto->sign_es256(device.key, core::as_bytes(message)));
    const std::string command = "openssl dgst -sha256 -verify " + public_key + " -signature " +
                                folder.write("signature", der_signature(core::as_text(signature))) + " " +
                                folder.write("message", message);
    const Finished verified = run(command);
    CAPTURE(verified.output);
    CHECK(verified.status == 0);
    static_cast<void>(folder.write("message", message + "!"));
    CHECK(run(command).status != 0);
  }
}

}  // namespace
}  // namespace tillkit::security
