// SPDX-License-Identifier: Apache-2.0
#include "tillkit/hal_linux/file_printer.hpp"

#include <cerrno>
#include <optional>
#include <span>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "descriptor.hpp"

namespace tillkit::hal_linux {

using core::ErrorCode;
using core::ErrorSource;
using core::fail;
using core::Result;
using hal::PrintedPart;
using hal::PrinterState;
using hal::PrintOutcome;

class FilePrinter::Impl {
 public:
  Impl(EventLoop& loop, std::string path) : loop_(loop), path_(std::move(path)) {}
  ~Impl() {
    if (job_) static_cast<void>(end_job());
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] Result<> print(core::Bytes bytes, std::chrono::milliseconds limit, core::Completion<PrintOutcome> done);
  [[nodiscard]] hal::PrinterStatus status() const {
    const bool there = job_.has_value() || ::access(path_.c_str(), W_OK) == 0;
    return {.state = there ? PrinterState::Ready : PrinterState::Disconnected};
  }

 private:
  struct Job {
    Descriptor file;
    core::Bytes bytes;
    std::size_t sent = 0;
    hal::TimerId limit;
    core::Completion<PrintOutcome> done;
  };

  void ready(Readiness readiness);
  void failed(int error);
  [[nodiscard]] core::Completion<PrintOutcome> end_job();

  EventLoop& loop_;
  const std::string path_;
  std::optional<Job> job_;
};

Result<> FilePrinter::Impl::print(core::Bytes bytes, std::chrono::milliseconds limit,
                                  core::Completion<PrintOutcome> done) {
  if (job_) return fail(ErrorCode::FailedPrecondition);
  Job job{.file = Descriptor(::open(path_.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)),
          .bytes = std::move(bytes),
          .limit = {},
          .done = std::move(done)};
  if (!job.file) return fail(ErrorCode::Unavailable, ErrorSource::System, errno);
  struct stat status{};
  // Bytes for a printer do not belong into a file that somebody left there.
  if (::fstat(job.file.get(), &status) != 0 || !S_ISCHR(status.st_mode)) return fail(ErrorCode::Unavailable);
  const auto timer = loop_.call_after(limit, [this] {
    if (job_) end_job()(fail(ErrorCode::Timeout));
  });
  if (!timer) return std::unexpected(timer.error());
  job.limit = *timer;
  if (const auto watched =
          loop_.watch(job.file.get(), {.writable = true}, [this](Readiness readiness) { ready(readiness); });
      !watched) {
    loop_.cancel(job.limit);
    return fail(ErrorCode::Unavailable, watched.error().source, watched.error().foreign);
  }
  job_.emplace(std::move(job));
  return {};
}

void FilePrinter::Impl::ready(Readiness readiness) {
  Job& job = *job_;
  if (job.sent == job.bytes.size()) {
    // It went away with the last transfer under way; poll then calls it writable, too.
    if (readiness.failed) return failed(ENODEV);
    // Ready for more: so the last transfer is over. Closing the file before would take it back (usblp).
    return end_job()(PrintOutcome{PrintedPart::HandedOver, PrinterState::Ready});
  }
  const auto rest = std::span(job.bytes).subspan(job.sent);
  const auto size = ::write(job.file.get(), rest.data(), rest.size());
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size < 0) return failed(errno);
  job.sent += static_cast<std::size_t>(size);
}

void FilePrinter::Impl::failed(int error) {
  const bool untouched = job_->sent == 0;
  auto done = end_job();
  if (error == ENOSPC)
    return done(PrintOutcome{untouched ? PrintedPart::None : PrintedPart::Some, PrinterState::PaperOut});
  done(fail(untouched ? ErrorCode::Unavailable : ErrorCode::Timeout, ErrorSource::System, error));
}

core::Completion<PrintOutcome> FilePrinter::Impl::end_job() {
  loop_.cancel(job_->limit);
  loop_.unwatch(job_->file.get());
  auto done = std::move(job_->done);
  job_.reset();
  return done;
}

FilePrinter::FilePrinter(EventLoop& loop, std::string path) : impl_(std::make_unique<Impl>(loop, std::move(path))) {}
FilePrinter::~FilePrinter() = default;

Result<> FilePrinter::do_print(core::Bytes bytes, std::chrono::milliseconds limit,
                               core::Completion<PrintOutcome> done) {
  return impl_->print(std::move(bytes), limit, std::move(done));
}
hal::PrinterStatus FilePrinter::do_status() const {
  return impl_->status();
}

}  // namespace tillkit::hal_linux
