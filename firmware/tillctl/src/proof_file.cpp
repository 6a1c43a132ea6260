// SPDX-License-Identifier: Apache-2.0
#include "proof_file.hpp"

#include "files.hpp"
#include "tillkit/core/bytes.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/security/digest.hpp"

namespace tillctl {
namespace {

namespace core = tillkit::core;
namespace offers = tillkit::offers;

core::Result<std::string> hash_of(std::string_view text) {
  TILLKIT_TRY(const auto digest, tillkit::security::sha256(core::as_bytes(text)));
  return "sha256:" + core::encode_hex(digest);
}

/// The proof's own text, once the hash beside it is right.
std::optional<std::string> checked_text(std::string_view command, std::string_view path, const core::JsonValue& root) {
  const auto hash = root.find("hash");
  const auto proof = root.find("proof");
  if (!hash || !proof || root.size() != 2) {
    failed(command,
           std::string(path) + ": expected an object with \"hash\" and \"proof\", as 'tillctl price' prints it");
    return std::nullopt;
  }
  const auto text = core::JsonWriter(offers::kProofJsonLimits).value(*proof).finish();
  const auto expected = text ? hash_of(*text) : core::Result<std::string>(std::unexpected(text.error()));
  if (expected && hash->text().value_or("") == *expected) return *text;
  failed(command, std::string(path) + ": /hash: expected " + expected.value_or("a hash") +
                      "; the proof was changed after it was written");
  return std::nullopt;
}

}  // namespace

core::Result<std::string> write_proof_file(const offers::PriceProof& proof) {
  TILLKIT_TRY(const std::string text, to_json(proof));
  TILLKIT_TRY(const std::string hash, hash_of(text));
  return R"({"hash":")" + hash + R"(","proof":)" + text + '}';
}

std::optional<offers::PriceProof> read_proof_file(std::string_view command, std::string_view path) {
  const auto file = read_file(command, path, offers::kProofJsonLimits.bytes_max);
  if (!file) return std::nullopt;
  const auto document = core::JsonDocument::parse(*file, offers::kProofJsonLimits);
  if (!document) {
    failed(command, std::string(path) + ": no JSON from byte " + std::to_string(document.error().foreign));
    return std::nullopt;
  }
  const auto text = checked_text(command, path, document->root());
  if (!text) return std::nullopt;
  offers::DocumentMistake mistake;
  auto proof = offers::read_proof(*text, mistake);
  if (proof) return *std::move(proof);
  mistake.path = "/proof" + mistake.path;
  mistake.line = 0;  // of the text above, which is not the file's
  say_mistake(command, path, mistake);
  return std::nullopt;
}

int say_mistake(std::string_view command, std::string_view path, const offers::DocumentMistake& mistake) {
  std::string place(path);
  if (mistake.line != 0) place += ':' + std::to_string(mistake.line) + ':' + std::to_string(mistake.column);
  return failed(command, place + ": " + to_string(mistake));
}

}  // namespace tillctl
