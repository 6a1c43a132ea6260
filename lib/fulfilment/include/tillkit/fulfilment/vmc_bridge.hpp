// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tillkit/core/bytes.hpp"
#include "tillkit/core/currency.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/fulfilment/mdb_link.hpp"
#include "tillkit/fulfilment/vmc_transport.hpp"
#include "tillkit/hal/scheduler.hpp"
#include "tillkit/hal/serial_port.hpp"

namespace tillkit::fulfilment {

/// One line from a bridge is at most so long, without its end; a longer one is dropped whole.
inline constexpr std::size_t kBridgeLineBytesMax = 96;

/// Cuts what a bridge sends into lines.
class BridgeLines {
 public:
  /// Takes one byte; the line that it ended, or nothing. Empty lines, lines that are too long and lines with anything
  /// but printable ASCII are dropped. Valid until the next call.
  [[nodiscard]] std::optional<std::string_view> take(std::byte byte);
  /// Bytes are missing here: what is under way is no line.
  void lose() { broken_ = true; }

 private:
  std::string line_;
  std::string whole_;
  bool broken_ = false;
};

/// What one line of a bridge says.
struct BridgeWord {
  enum class Kind : std::uint8_t {
    Other,     ///< nothing that matters here: echoes, answers to settings, other parts of the bridge
    Inactive,  ///< the VMC did not start the reader up, or restarts
    Disabled,
    Enabled,
    Idle,
    Vend,       ///< a request, with price and item
    Success,    ///< vended
    Failure,    ///< not vended
    Cancelled,  ///< the machine took its request back; it never read the approval
    Refused,    ///< the bridge did not take the approval
    NoSession,  ///< a session could not begin
    Started,    ///< its reader was off and is on now
    On,         ///< its reader was on already
    Off,        ///< the bridge is there, and its reader is switched off
  };
  Kind kind = Kind::Other;
  VmcRequest request{};    ///< of `Vend`
  bool unpayable = false;  ///< of `Vend`: no money of this currency says its price
};
[[nodiscard]] BridgeWord read_bridge_line(std::string_view line, core::Currency currency);

struct BridgeSettings {
  core::Currency currency = core::kCny;
  MdbAddress address = MdbAddress::Cashless1;
  bool always_idle = true;
  std::uint32_t baud = 115'200;
  std::chrono::milliseconds reconnect_every{2'000};
  std::chrono::milliseconds probe_every{10'000};  ///< A bridge that does not answer three times is looked for anew.
};

/// A vending machine behind the usual USB bridge, which is the cashless reader on the bus and speaks lines of text:
/// `C,1`, `c,STATUS,VEND,1.00,5`, `C,VEND,1.00`.
///
/// The bridge does not tell when the VMC acknowledged an approval: it counts as released when the line has left, and
/// what the machine does with it is unknown until `c,VEND,SUCCESS` or `c,ERR,VEND 3`. A cancel that crosses it on the
/// line is waited out: the bridge says that the machine cancelled, or that it did not take the approval, and then
/// nothing moved. Any other state in between (the bridge restarted, a line was lost) leaves it unknown. A refund that
/// cannot be stored cannot be told to it. An approval names no request: one that is on the line while a shopper cancels
/// and selects anew answers the new one.
class VmcBridge final : public VmcTransport {
 public:
  /// Opens the port at the loop's next turn, and again every `reconnect_every` while it is not there. Both must outlive
  /// it, and nobody else uses the port.
  /// - InvalidArgument: a time or a currency that says nothing. Exhausted: no timer is free.
  [[nodiscard]] static core::Result<std::unique_ptr<VmcBridge>> make(const BridgeSettings& settings,
                                                                     hal::SerialPort& port, hal::Scheduler& scheduler);
  ~VmcBridge() override;
  VmcBridge(const VmcBridge&) = delete;
  VmcBridge& operator=(const VmcBridge&) = delete;

  [[nodiscard]] bool connected() const { return connected_; }

  void listen(VmcListener* listener) override { listener_ = listener; }
  [[nodiscard]] bool ready() const override { return ready_; }
  [[nodiscard]] core::Result<> check(const core::Money& amount) const override;
  [[nodiscard]] core::Result<> approve(HandoverId vend, const core::Money& amount) override;
  [[nodiscard]] core::Result<> deny() override;
  [[nodiscard]] UnitOutcome give_up() override;
  [[nodiscard]] core::Result<> begin_session(const std::optional<core::Money>& funds) override;
  [[nodiscard]] core::Result<> end_session() override;
  [[nodiscard]] bool remembers() const override { return false; }
  [[nodiscard]] core::Result<> inspect(HandoverId vend, core::Completion<UnitOutcome> done) override;

 private:
  /// Where the one vend stands that there can be.
  enum class Vend : std::uint8_t {
    None,
    Asked,
    Approving,  ///< the line is on its way to the port
    Approved,   ///< it left, or may have
  };

  VmcBridge(const BridgeSettings& settings, hal::SerialPort& port, hal::Scheduler& scheduler);

  [[nodiscard]] core::Result<> connect_after(std::chrono::milliseconds delay);
  void probe_later();
  void connect();
  void probe();
  void hung_up();
  void heard(hal::SerialEvent event);
  void line(std::string_view text);
  void asked(const BridgeWord& word);
  void vended(UnitOutcome outcome);
  void failed();
  void release();
  /// The machine is somewhere where no vend is, for sure.
  void no_vend();
  /// The machine was there when it said so; an approval may have crossed that on the line.
  void no_vend_then();
  void cancelled();
  void refused();
  /// The approval is on its way to the bridge, or the bridge's answer is.
  [[nodiscard]] bool answer_due() const;
  void answer_overdue();
  void set_ready(bool ready);
  void session_over();
  void switch_on();
  void approval_written(const core::Result<>& result);
  void say(std::string_view text);

  BridgeSettings settings_;
  hal::SerialPort& port_;
  hal::Scheduler& scheduler_;
  VmcListener* listener_ = nullptr;
  hal::TimerId timer_;
  BridgeLines lines_;
  bool connected_ = false;
  bool switching_on_ = false;  // 'started' is what was asked for
  int unanswered_ = 0;
  bool ready_ = false;
  bool in_session_ = false;
  Vend vend_ = Vend::None;
  VmcRequest request_{};
  bool released_ = false;
  hal::TimerId answer_timer_;    // runs from when the approval left until the bridge must have answered it
  bool left_ = false;            // meanwhile the machine said that no vend is
  bool cancelled_ = false;       // and that it took its request back
  std::uint64_t approvals_ = 0;  // what is written for one approval tells nothing about the next
  std::shared_ptr<int> alive_;   // writes that complete after this object is gone find it expired
};

}  // namespace tillkit::fulfilment
