// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "tillkit/core/result.hpp"
#include "tillkit/hal/board.hpp"
#include "tillkit/hal_linux/clock.hpp"
#include "tillkit/hal_linux/event_loop.hpp"
#include "tillkit/hal_linux/http_client.hpp"
#include "tillkit/hal_linux/random.hpp"

namespace tillkit::boards {

/// DECIDE what differs from one device of your kind to the next (paths of lines, addresses) and make it a member here.
/// Consequence: what is not here is the same on all of them, and a program cannot change it.
struct TemplateBoardSettings {};

/// A board to copy. It runs on any Linux with the parts that need no decision; each `DECIDE` below is one that only you
/// can take. README.md beside it is the list.
class TemplateBoard {
 public:
  [[nodiscard]] static core::Result<std::unique_ptr<TemplateBoard>> start(TemplateBoardSettings settings);

  /// Adds the network, once its keys are there.
  [[nodiscard]] core::Result<> connect(hal_linux::HttpClientSettings settings);

  [[nodiscard]] hal::Board parts();
  [[nodiscard]] hal_linux::EventLoop& loop() { return *loop_; }

 private:
  TemplateBoard();

  // Members are destroyed from the last to the first: a part stands after those that it uses.
  hal_linux::Clock clock_;
  hal_linux::Random random_;
  std::unique_ptr<hal_linux::EventLoop> loop_;
  std::unique_ptr<hal_linux::HttpClient> http_client_;
};

}  // namespace tillkit::boards
