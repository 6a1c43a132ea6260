// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tillkit/core/result.hpp"
#include "tillkit/offers/document.hpp"
#include "tillkit/offers/proof.hpp"

namespace tillctl {

/// `{"hash":"sha256:...","proof":{...}}`: the hash is of the proof's own text.
tillkit::core::Result<std::string> write_proof_file(const tillkit::offers::PriceProof& proof);

/// Reads such a file (`-`: standard input) and checks the hash. Nothing if that fails; standard error says why, after
/// `command`.
std::optional<tillkit::offers::PriceProof> read_proof_file(std::string_view command, std::string_view path);

/// Says on standard error what is wrong in a file and where, and returns `kFailed`.
int say_mistake(std::string_view command, std::string_view path, const tillkit::offers::DocumentMistake& mistake);

}  // namespace tillctl
