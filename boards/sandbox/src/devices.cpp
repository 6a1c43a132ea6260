// SPDX-License-Identifier: Apache-2.0
#include "devices.hpp"

#include <algorithm>
#include <utility>

#include "tillkit/core/bytes.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/json_members.hpp"

namespace tillkit::boards::sandbox {
namespace {

using core::ErrorCode;
using core::fail;
using core::JsonValue;
using core::JsonWriter;
using core::Result;
using std::chrono::milliseconds;

Result<std::string_view> read_text(const JsonValue& line, std::string_view name) {
  TILLKIT_TRY(const JsonValue value, line.member(name));
  return value.text();
}

Result<core::Bytes> read_bytes(const JsonValue& line, std::string_view name) {
  TILLKIT_TRY(const std::string_view text, read_text(line, name));
  return core::decode_base64(text);
}

Result<std::uint64_t> read_number(const JsonValue& line, std::string_view name) {
  TILLKIT_TRY(const JsonValue value, line.member(name));
  return value.unsigned_integer();
}

template <class Enum>
struct Word {
  std::string_view word;
  Enum value;
};

template <class Words>
auto read_word(const JsonValue& line, std::string_view name, const Words& words) -> Result<decltype(words[0].value)> {
  TILLKIT_TRY(const JsonValue value, line.member(name));
  TILLKIT_TRY(const std::string_view text, value.text());
  for (const auto& candidate : words) {
    if (candidate.word == text) return candidate.value;
  }
  return value.mistake();
}

constexpr std::array kPrinterStates{
    Word{"ready", hal::PrinterState::Ready}, Word{"paper_out", hal::PrinterState::PaperOut},
    Word{"cover_open", hal::PrinterState::CoverOpen}, Word{"fault", hal::PrinterState::Fault},
    Word{"disconnected", hal::PrinterState::Disconnected}};
constexpr std::array kPrintedParts{Word{"all", hal::PrintedPart::All}, Word{"some", hal::PrintedPart::Some},
                                   Word{"none", hal::PrintedPart::None}};
constexpr std::array kDropOutcomes{Word{"dropped", hal::DropOutcome::Dropped},
                                   Word{"not_seen", hal::DropOutcome::NotSeen},
                                   Word{"jammed", hal::DropOutcome::Jammed}};
constexpr std::array kScanFaults{Word{"too_long", hal::ScanFault::TooLong}, Word{"garbled", hal::ScanFault::Garbled}};
constexpr std::array kLinks{Word{"online", hal::LinkState::Online}, Word{"limited", hal::LinkState::Limited},
                            Word{"offline", hal::LinkState::Offline}};
// What a cabinet may refuse with; the rest of its interface's errors are made here.
constexpr std::array kRefusals{
    Word{"not_found", ErrorCode::NotFound}, Word{"failed_precondition", ErrorCode::FailedPrecondition},
    Word{"already_exists", ErrorCode::AlreadyExists}, Word{"unavailable", ErrorCode::Unavailable}};

}  // namespace

JsonWriter Post::begin(std::string_view what) const {
  JsonWriter json(kLineLimits);
  json.begin_object().name("do").text(what);
  return json;
}

void Post::send(JsonWriter& json) const {
  // What the interfaces let through always fits into a line.
  if (auto line = json.end_object().finish()) wire_.send(*std::move(line));
}

Result<> Device::take_line(std::string_view /*is*/, const JsonValue& /*line*/) {
  return fail(ErrorCode::NotFound);
}

// --- display ---

Result<> ScreenDisplay::take_state(const JsonValue& /*state*/) {
  return {};
}

void ScreenDisplay::do_show(std::string screen_json) {
  latest_ = std::move(screen_json);
  if (post_.ready()) resume();
}

void ScreenDisplay::resume() {
  if (latest_.empty()) return;
  JsonWriter json = post_.begin("show");
  json.name("screen").text(core::encode_base64(core::as_bytes(latest_)));
  post_.send(json);
}

Result<> ScreenDisplay::take_line(std::string_view is, const JsonValue& line) {
  if (is != "press") return fail(ErrorCode::NotFound);
  TILLKIT_TRY(const core::Bytes press, read_bytes(line, "press"));
  if (press.empty() || press.size() > hal::kPressBytesMax) return {};
  listener_.tell(std::string(core::as_text(press)));
  return {};
}

// --- scanner ---

Result<> CodeScanner::take_state(const JsonValue& state) {
  TILLKIT_TRY(const bool plugged, core::read_boolean(state, "scanner"));
  if (!plugged) {
    lose();
  } else {
    plugged_ = true;
  }
  return {};
}

void CodeScanner::resume() {
  if (enabled_) say();
}

void CodeScanner::disconnected() {
  lose();
}

void CodeScanner::lose() {
  const bool news = std::exchange(plugged_, false) && enabled_;
  if (news) listener_.tell(std::unexpected(hal::ScanFault::Disconnected));
}

Result<> CodeScanner::do_enable() {
  if (!plugged_) return fail(ErrorCode::Unavailable);
  if (enabled_) return {};
  enabled_ = true;
  ++enabled_count_;
  say();
  return {};
}

void CodeScanner::do_disable() {
  if (!std::exchange(enabled_, false)) return;
  if (plugged_) say();
}

void CodeScanner::say() const {
  JsonWriter json = post_.begin("scanner");
  json.name("enabled").boolean(enabled_).name("time").integer(enabled_count_);
  post_.send(json);
}

Result<> CodeScanner::take_line(std::string_view is, const JsonValue& line) {
  if (is != "scan" && is != "scan_fault") return fail(ErrorCode::NotFound);
  TILLKIT_TRY(const std::uint64_t time, read_number(line, "time"));
  const bool wanted = enabled_ && time == enabled_count_;
  if (is == "scan_fault") {
    TILLKIT_TRY(const hal::ScanFault fault, read_word(line, "fault", kScanFaults));
    if (wanted) listener_.tell(std::unexpected(fault));
    return {};
  }
  TILLKIT_TRY(core::Bytes code, read_bytes(line, "code"));
  if (wanted && !code.empty() && code.size() <= hal::kScanBytesMax) listener_.tell(std::string(core::as_text(code)));
  core::wipe(code);
  return {};
}

// --- printer ---

ReceiptPrinter::~ReceiptPrinter() {
  if (job_) scheduler_.cancel(job_->limit);
}

Result<> ReceiptPrinter::take_state(const JsonValue& state) {
  TILLKIT_TRY(status_.state, read_word(state, "printer", kPrinterStates));
  TILLKIT_TRY(status_.paper_low, core::read_boolean(state, "paper_low"));
  return {};
}

Result<> ReceiptPrinter::do_print(core::Bytes bytes, milliseconds limit, core::Completion<hal::PrintOutcome> done) {
  if (job_) return fail(ErrorCode::FailedPrecondition);
  if (status_.state == hal::PrinterState::Disconnected) return fail(ErrorCode::Unavailable);
  TILLKIT_TRY(const hal::TimerId timer,
              scheduler_.call_after(limit + kAnswerGrace, [this] { finish(fail(ErrorCode::Timeout)); }));
  job_.emplace(Job{.done = std::move(done), .limit = timer});
  JsonWriter json = post_.begin("print");
  json.name("job").integer(++jobs_).name("limit_ms").integer(limit.count());
  json.name("bytes").text(core::encode_base64(bytes));
  post_.send(json);
  return {};
}

void ReceiptPrinter::disconnected() {
  status_ = {};
  // It has the job or it has not: nobody says.
  if (job_) finish(fail(ErrorCode::Timeout));
}

Result<> ReceiptPrinter::take_line(std::string_view is, const JsonValue& line) {
  if (is != "printed") return fail(ErrorCode::NotFound);
  TILLKIT_TRY(const std::uint64_t job, read_number(line, "job"));
  hal::PrintOutcome outcome;
  TILLKIT_TRY(outcome.state, read_word(line, "state", kPrinterStates));
  TILLKIT_TRY(outcome.part, read_word(line, "part", kPrintedParts));
  if (!job_ || job != jobs_) return {};
  const bool never_began = outcome.part == hal::PrintedPart::None && outcome.state == hal::PrinterState::Disconnected;
  finish(never_began ? Result<hal::PrintOutcome>(fail(ErrorCode::Unavailable)) : outcome);
  return {};
}

void ReceiptPrinter::finish(Result<hal::PrintOutcome> outcome) {
  Job job = *std::exchange(job_, std::nullopt);
  scheduler_.cancel(job.limit);
  job.done(outcome);
}

// --- cabinet ---

Cabinet::~Cabinet() {
  if (order_) scheduler_.cancel(order_->limit);
}

Result<> Cabinet::take_state(const JsonValue& state) {
  TILLKIT_TRY(plugged_, core::read_boolean(state, "cabinet"));
  TILLKIT_TRY(remembers_, core::read_boolean(state, "remembers"));
  return {};
}

Result<> Cabinet::begin(ErrorCode silence, milliseconds patience, core::Completion<hal::DropOutcome> done) {
  if (order_) return fail(ErrorCode::FailedPrecondition);
  if (!plugged_) return fail(ErrorCode::Unavailable);
  TILLKIT_TRY(const hal::TimerId timer, scheduler_.call_after(patience, [this] { finish(fail(order_->silence)); }));
  order_.emplace(Order{.done = std::move(done), .limit = timer, .silence = silence});
  ++orders_;
  return {};
}

Result<> Cabinet::do_dispense(hal::VendId vend, hal::SlotId slot, milliseconds limit,
                              core::Completion<hal::DropOutcome> done) {
  TILLKIT_TRY_VOID(begin(ErrorCode::Timeout, limit + kAnswerGrace, std::move(done)));
  JsonWriter json = post_.begin("dispense");
  json.name("order").integer(orders_).name("vend").integer(vend.value()).name("slot").integer(slot.value());
  post_.send(json.name("limit_ms").integer(limit.count()));
  return {};
}

Result<> Cabinet::do_inspect(hal::VendId vend, core::Completion<hal::DropOutcome> done) {
  if (plugged_ && !remembers_) return fail(ErrorCode::Unsupported);
  TILLKIT_TRY_VOID(begin(ErrorCode::Unavailable, kInspectPatience, std::move(done)));
  JsonWriter json = post_.begin("inspect");
  post_.send(json.name("order").integer(orders_).name("vend").integer(vend.value()));
  return {};
}

void Cabinet::disconnected() {
  plugged_ = false;
  if (order_) finish(fail(order_->silence));
}

Result<> Cabinet::take_line(std::string_view is, const JsonValue& line) {
  if (is != "vend") return fail(ErrorCode::NotFound);
  TILLKIT_TRY(const std::uint64_t order, read_number(line, "order"));
  Result<hal::DropOutcome> outcome = hal::DropOutcome::Jammed;
  if (line.find("refused")) {
    TILLKIT_TRY(const ErrorCode code, read_word(line, "refused", kRefusals));
    outcome = fail(code, core::ErrorSource::Device);
  } else {
    TILLKIT_TRY(outcome, read_word(line, "seen", kDropOutcomes));
  }
  if (order_ && order == orders_) finish(outcome);
  return {};
}

void Cabinet::finish(Result<hal::DropOutcome> outcome) {
  Order order = *std::exchange(order_, std::nullopt);
  scheduler_.cancel(order.limit);
  order.done(outcome);
}

// --- the line to the MDB bridge ---

BridgePort::~BridgePort() {
  scheduler_.cancel(telling_);
}

Result<> BridgePort::take_state(const JsonValue& state) {
  TILLKIT_TRY(fitted_, core::read_boolean(state, "bridge"));
  if (!fitted_ && open_) hang_up();
  return {};
}

void BridgePort::disconnected() {
  fitted_ = false;
  if (open_) hang_up();
}

Result<> BridgePort::do_open(const hal::SerialSettings& settings) {
  constexpr std::uint32_t kBaudMax = 4'000'000;
  if (open_) return fail(ErrorCode::FailedPrecondition);
  if (settings.baud > kBaudMax) return fail(ErrorCode::Unsupported);
  if (!fitted_) return fail(ErrorCode::Unavailable);
  open_ = true;
  ++opened_count_;
  JsonWriter json = post_.begin("bridge_open");
  post_.send(json.name("time").integer(opened_count_).name("baud").integer(settings.baud));
  return {};
}

void BridgePort::do_close() {
  if (!std::exchange(open_, false)) return;
  JsonWriter json = post_.begin("bridge_close");
  post_.send(json);
  queued_bytes_ = 0;
  std::ranges::move(std::exchange(writes_, {}), std::back_inserter(closed_writes_));
  if (closed_writes_.empty()) return;
  const auto set = scheduler_.call_after(milliseconds{0}, [this] { end_writes(std::exchange(closed_writes_, {})); });
  // Without a timer the next line that comes tells them.
  if (set) telling_ = *set;
}

Result<> BridgePort::do_write(core::Bytes bytes, core::Completion<> done) {
  if (!open_) return fail(ErrorCode::FailedPrecondition);
  if (writes_.size() >= hal::kSerialWritesMax) return fail(ErrorCode::Exhausted);
  if (bytes.size() > hal::kSerialQueueBytesMax - queued_bytes_) return fail(ErrorCode::Exhausted);
  queued_bytes_ += bytes.size();
  writes_.push_back({.number = ++writes_made_, .bytes = bytes.size(), .done = std::move(done)});
  JsonWriter json = post_.begin("bridge_write");
  post_.send(json.name("write").integer(writes_made_).name("bytes").text(core::encode_base64(bytes)));
  return {};
}

void BridgePort::hang_up() {
  open_ = false;
  queued_bytes_ = 0;
  end_writes(std::exchange(writes_, {}));
  listener_.tell(std::unexpected(hal::SerialFault::HungUp));
}

/// All of it was given to the wire: whether it arrived nobody knows.
void BridgePort::end_writes(std::deque<Write> writes) {
  for (Write& write : writes)
    write.done(fail(ErrorCode::Timeout));
}

Result<> BridgePort::take_line(std::string_view is, const JsonValue& line) {
  if (is == "bridge_written") {
    TILLKIT_TRY(const std::uint64_t number, read_number(line, "write"));
    while (!writes_.empty() && writes_.front().number <= number) {
      Write write = std::move(writes_.front());
      writes_.pop_front();
      queued_bytes_ -= write.bytes;
      write.done({});
    }
    return {};
  }
  if (is != "bridge_read") return fail(ErrorCode::NotFound);
  TILLKIT_TRY(const std::uint64_t time, read_number(line, "time"));
  TILLKIT_TRY(const core::Bytes bytes, read_bytes(line, "bytes"));
  if (time == opened_count_) deliver(bytes);
  return {};
}

void BridgePort::deliver(core::ByteView bytes) {
  const std::uint64_t opened = opened_count_;
  while (!bytes.empty() && open_ && opened == opened_count_) {
    const std::size_t size = std::min(bytes.size(), hal::kSerialChunkBytesMax);
    listener_.tell(bytes.first(size));
    bytes = bytes.subspan(size);
  }
}

// --- network plug, watchdog ---

Result<> Plug::take_state(const JsonValue& state) {
  TILLKIT_TRY(const hal::LinkState link, read_word(state, "link", kLinks));
  if (std::exchange(link_, link) != link) listener_.tell(link);
  return {};
}

Result<> ResetWatchdog::take_state(const JsonValue& state) {
  TILLKIT_TRY(const bool bit, core::read_boolean(state, "watchdog_bit"));
  if (!caused_last_reset_) caused_last_reset_ = bit;
  return {};
}

void ResetWatchdog::resume() {
  if (timeout_) say_start();
}

Result<> ResetWatchdog::do_start(milliseconds timeout) {
  if (timeout_) return fail(ErrorCode::FailedPrecondition);
  if (!post_.ready()) return fail(ErrorCode::Unavailable);
  timeout_ = timeout;
  say_start();
  return {};
}

void ResetWatchdog::say_start() const {
  JsonWriter json = post_.begin("watchdog");
  post_.send(json.name("timeout_ms").integer(timeout_->count()));
}

Result<> ResetWatchdog::do_feed() {
  if (!timeout_) return fail(ErrorCode::FailedPrecondition);
  if (!post_.ready()) return fail(ErrorCode::Unavailable);
  JsonWriter json = post_.begin("feed");
  post_.send(json);
  return {};
}

// --- all of them ---

Devices::Devices(Wire& wire, hal::Scheduler& scheduler, std::string boot)
    : wire_(wire),
      post_(wire),
      display(post_),
      scanner(post_),
      printer(post_, scheduler),
      cabinet(post_, scheduler),
      bridge(post_, scheduler),
      watchdog(post_),
      boot_(std::move(boot)),
      all_{&display, &scanner, &printer, &cabinet, &bridge, &plug, &watchdog} {
  wire_.listen(*this);
}

Result<> Devices::pay_out(std::int64_t minor) {
  if (!ready()) return fail(ErrorCode::Unavailable);
  JsonWriter json = post_.begin("pay_out");
  post_.send(json.name("minor").integer(minor));
  return {};
}

void Devices::connected() {
  JsonWriter json = post_.begin("hello");
  post_.send(json.name("boot").text(boot_));
}

void Devices::disconnected() {
  if (!ready()) return;
  post_.set_ready(false);
  for (Device* device : all_)
    device->disconnected();
}

void Devices::take_line(std::string_view line) {
  // A line that cannot be understood leaves nobody knowing where the hardware stands: begin anew.
  if (!understand(line)) wire_.hang_up();
}

Result<> Devices::understand(std::string_view line) {
  TILLKIT_TRY(const core::JsonDocument document, core::JsonDocument::parse(line, kLineLimits));
  const JsonValue root = document.root();
  TILLKIT_TRY(const std::string_view is, read_text(root, "is"));
  if (is == "state") {
    for (Device* device : all_)
      TILLKIT_TRY_VOID(device->take_state(root));
    if (ready()) return {};
    post_.set_ready(true);
    for (Device* device : all_)
      device->resume();
    return {};
  }
  if (!ready()) return {};
  for (Device* device : all_) {
    const Result<> taken = device->take_line(is, root);
    const bool of_another =
        !taken && taken.error().source == core::ErrorSource::Tillkit && taken.error().code == ErrorCode::NotFound;
    if (!of_another) return taken;
  }
  return {};  // a newer hardware may say more
}

}  // namespace tillkit::boards::sandbox
