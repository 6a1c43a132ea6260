// SPDX-License-Identifier: Apache-2.0
#include "qr.hpp"

#include <array>
#include <cstdint>
#include <vector>

#include <qrcodegen/qrcodegen.h>

namespace tillkit::sandbox {

std::optional<std::string> qr_svg(std::string_view text) {
  constexpr int kQuietZone = 4;
  constexpr int kVersionMax = 40;
  constexpr std::size_t kBytesMax = qrcodegen_BUFFER_LEN_FOR_VERSION(kVersionMax);
  constexpr std::size_t kTextBytesMax = 2'953;  // ISO/IEC 18004, table 7
  if (text.empty() || text.size() > kTextBytesMax || text.contains('\0')) return std::nullopt;
  std::vector<std::uint8_t> scratch(kBytesMax);
  std::vector<std::uint8_t> code(kBytesMax);
  const std::string ended(text);
  const bool made = qrcodegen_encodeText(ended.c_str(), scratch.data(), code.data(), qrcodegen_Ecc_MEDIUM, 1,
                                         kVersionMax, qrcodegen_Mask_AUTO, true);
  if (!made) return std::nullopt;

  const int modules = qrcodegen_getSize(code.data());
  const std::string size = std::to_string(modules + 2 * kQuietZone);
  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + size + ' ' + size +
                    "\" shape-rendering=\"crispEdges\"><rect width=\"" + size + "\" height=\"" + size +
                    "\" fill=\"#fff\"/><path fill=\"#000\" d=\"";
  for (int y = 0; y < modules; ++y) {
    for (int x = 0; x < modules; ++x) {
      if (!qrcodegen_getModule(code.data(), x, y)) continue;
      svg += 'M' + std::to_string(x + kQuietZone) + ' ' + std::to_string(y + kQuietZone) + "h1v1h-1z";
    }
  }
  return svg + "\"/></svg>";
}

}  // namespace tillkit::sandbox
