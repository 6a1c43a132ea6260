// SPDX-License-Identifier: Apache-2.0
#include "tillkit/terminal/technician_service.hpp"

#include <utility>

namespace tillkit::terminal {

static_assert(kAnswerPieceBytes <= hal::kLocalPieceBytesMax);
static_assert(journal::kExportLineBytesMax + 1 <= hal::kLocalPieceBytesMax);

TechnicianService::~TechnicianService() {
  server_.listen({});
  server_.close();
}

core::Result<> TechnicianService::start() {
  server_.listen([this](const hal::LocalRequest& request) { asked(request); });
  return server_.open();
}

void TechnicianService::asked(const hal::LocalRequest& request) {
  answers_[request.id] = request.too_long ? problem(core::ErrorCode::Exhausted, "the request is too long")
                                          : technician_.answer(request.line);
  go_on(request.id);
}

void TechnicianService::go_on(hal::LocalRequestId request) {
  const auto found = answers_.find(request);
  if (found == answers_.end()) return;
  std::string piece;
  const bool more = found->second->next(piece);
  if (piece.empty()) return more ? go_on_later(request) : end(request);

  const auto written = server_.write(request, std::move(piece),
                                     [this, request, more, alive = std::weak_ptr<int>(alive_)](core::Result<> left) {
                                       if (alive.expired()) return;
                                       // The client has gone: nobody reads the rest.
                                       if (!left) answers_.erase(request);
                                       if (left) more ? go_on(request) : end(request);
                                     });
  if (!written) answers_.erase(request);
}

void TechnicianService::go_on_later(hal::LocalRequestId request) {
  const auto timer = scheduler_.call_after({}, [this, request, alive = std::weak_ptr<int>(alive_)] {
    if (!alive.expired()) go_on(request);
  });
  // Without a timer the answer ends without its last line, which says that it is not whole.
  if (!timer) end(request);
}

void TechnicianService::end(hal::LocalRequestId request) {
  answers_.erase(request);
  // It fails only where the client has gone.
  static_cast<void>(server_.end(request));
}

}  // namespace tillkit::terminal
