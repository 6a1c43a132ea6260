// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "tillkit/core/result.hpp"
#include "tillkit/hal/local_server.hpp"
#include "tillkit/hal/scheduler.hpp"
#include "tillkit/terminal/technician.hpp"

namespace tillkit::terminal {

/// Lets the technician's tool ask a running terminal: hands the lines of a local server to a `Technician`, and writes
/// its answers piece by piece, as fast as they are read. Between two pieces the loop turns.
class TechnicianService {
 public:
  /// All must outlive the service.
  TechnicianService(hal::LocalServer& server, hal::Scheduler& scheduler, Technician& technician)
      : server_(server), scheduler_(scheduler), technician_(technician), alive_(std::make_shared<int>()) {}
  /// Closes the server.
  ~TechnicianService();
  TechnicianService(const TechnicianService&) = delete;
  TechnicianService& operator=(const TechnicianService&) = delete;

  /// Begins to answer. Fails as `hal::LocalServer::open`; a terminal can sell all the same.
  [[nodiscard]] core::Result<> start();

 private:
  void asked(const hal::LocalRequest& request);
  /// Makes the next piece of an answer and writes it.
  void go_on(hal::LocalRequestId request);
  void go_on_later(hal::LocalRequestId request);
  void end(hal::LocalRequestId request);

  hal::LocalServer& server_;
  hal::Scheduler& scheduler_;
  Technician& technician_;
  std::map<hal::LocalRequestId, std::unique_ptr<Answer>> answers_;  // those that are not made whole yet
  std::shared_ptr<int> alive_;  // completions and timers of a service that is gone find it expired
};

}  // namespace tillkit::terminal
