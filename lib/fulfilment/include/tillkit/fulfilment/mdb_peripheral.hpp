// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

#include "tillkit/core/currency.hpp"
#include "tillkit/core/machine.hpp"
#include "tillkit/core/money.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"
#include "tillkit/fulfilment/mdb_link.hpp"
#include "tillkit/fulfilment/vmc_transport.hpp"

namespace tillkit::fulfilment {

/// An amount on the bus: `price = amount * scale_factor * 10^-decimals`, in major units.
struct MdbScale {
  core::Currency currency = core::kCny;
  std::uint8_t scale_factor = 1;
  std::uint8_t decimals = 2;
};
inline constexpr std::uint16_t kMdbAmountMax = 0xFFFE;  // FFFF has meanings of its own
inline constexpr std::uint8_t kMdbDecimalsMax = 9;

/// What a number on the bus is worth.
/// - OutOfRange: not a whole number of minor units.
[[nodiscard]] core::Result<core::Money> money_of(std::uint16_t amount, const MdbScale& scale);
/// The number that says exactly this. Never rounds.
/// - InvalidArgument: another currency, or below zero.
/// - OutOfRange: between two steps of the scale, or above `kMdbAmountMax`.
[[nodiscard]] core::Result<std::uint16_t> amount_of(const core::Money& money, const MdbScale& scale);

/// Who this device says it is (EXPANSION REQUEST ID).
struct MdbIdentity {
  std::array<char, 3> manufacturer{'T', 'L', 'K'};
  std::array<char, 12> serial{'0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '1'};
  std::array<char, 12> model{'T', 'I', 'L', 'L', 'K', 'I', 'T', ' ', ' ', ' ', ' ', ' '};
  std::uint16_t software_bcd = 0x0100;
};

struct MdbSettings {
  MdbAddress address = MdbAddress::Cashless1;
  MdbScale scale = {};
  std::uint8_t level_max = 3;  ///< 1 to 3; the lower one of this and the VMC's holds.
  bool always_idle = true;     ///< Offered to a VMC of level 3: it may ask for a vend without a session.
  bool own_display = true;
  /// The longest that a request waits for its answer (Z7): the VMC is told, and then the request is denied. 1 to 255 s.
  std::chrono::seconds answer_within{90};
  MdbIdentity identity = {};
};

/// Where the session layer stands. Section 7.2 calls the last five before `Ending` 'Vend'.
enum class MdbState : std::uint8_t {
  Inactive = 1,  ///< after power-up and RESET
  Disabled = 2,
  Enabled = 3,
  SessionIdle = 4,
  Asked = 5,      ///< a VEND REQUEST is open
  Approving = 6,  ///< VEND APPROVED is queued and never was on the bus
  Offered = 7,    ///< VEND APPROVED was on the bus, and the VMC may have read it
  Approved = 8,   ///< the VMC acknowledged it
  Refunding = 9,  ///< VEND FAILURE: polls get silence until it is answered
  Ending = 10,    ///< END SESSION is queued
};
inline constexpr std::size_t kMdbStates = 10;

/// What can happen: first what the VMC says, then what the application wants, then what the link and time bring.
enum class MdbEvent : std::uint8_t {
  Reset = 1,
  Setup = 2,
  Information = 3,  ///< prices, identification, options, time: asked and told without a change of state
  Enable = 4,
  Disable = 5,
  ReaderCancel = 6,
  Request = 7,  ///< VEND REQUEST; in Enabled it counts only with 'always idle'
  VendCancel = 8,
  Success = 9,
  Failure = 10,
  Complete = 11,
  CashSale = 12,
  Unwanted = 13,  ///< REVALUE and negative vends: denied
  Begin = 14,
  End = 15,
  Approve = 16,
  Deny = 17,
  RefundStored = 18,
  RefundRefused = 19,
  ApprovalSent = 20,
  ApprovalHeard = 21,
  EndHeard = 22,
  Overdue = 23,  ///< a request waited for `answer_within`
  Silence = 24,  ///< the VMC said nothing for so long that it must be gone
};
inline constexpr std::size_t kMdbEvents = 24;

/// What the step means, beyond the new state.
enum class MdbEffect : std::uint8_t {
  None = 0,
  Restart,       ///< forget all that was agreed, and say JUST RESET
  Configure,     ///< answer SETUP
  Inform,        ///< answer what was asked
  SwitchOn,      ///< the machine takes cashless payments
  SwitchOff,     ///< it does not any more
  SwitchLater,   ///< remember the switch until the session is over
  SayCancelled,  ///< the session, if there is one, is over
  Ask,           ///< tell the application
  DenyAgain,     ///< VEND CANCEL always gets VEND DENIED
  Withdraw,      ///< deny, and tell the application
  WithdrawOff,   ///< the same, and the machine does not take payments any more
  WithdrawDead,  ///< tell the application, and restart
  SayDenied,
  SayApproved,
  TakeBack,      ///< the approval never got there: deny; nothing moved
  TakeBackOff,   ///< the same, and the machine does not take payments any more
  TakeBackDead,  ///< the same, and restart instead of denying
  Release,       ///< the VMC has the approval
  Close,         ///< vended
  CloseDead,     ///< counts as vended (7.4.7), and restart
  CloseLate,     ///< vended, and only this says that the approval arrived
  Refund,        ///< ask for the money's way back; silence until then
  RefundLate,    ///< the same, and only this says that the approval arrived
  Doubt,         ///< nobody knows: say so, and restart
  SayRefunded,
  SayNotRefunded,
  SayBegin,
  SayCancelRequest,
  SayEnd,
  SessionOver,
  ReportCash,
  SayNo,
};

using MdbRow = core::Row<MdbState, MdbEvent, MdbEffect>;
using RefusedMdb = core::ImpossiblePairs<MdbState, MdbEvent>;

/// The whole machine, one row per pair that is acted on.
[[nodiscard]] std::span<const MdbRow> mdb_rows();
/// Every other pair, and why it is refused: the VMC gets COMMAND OUT OF SEQUENCE, the application FailedPrecondition,
/// and what link and time bring has no meaning there.
[[nodiscard]] std::span<const RefusedMdb> refused_mdb();
[[nodiscard]] std::optional<core::Step<MdbState, MdbEffect>> next(MdbState state, MdbEvent event);
[[nodiscard]] std::string_view to_string(MdbState state);
[[nodiscard]] std::string_view to_string(MdbEvent event);

/// A cashless device of MDB/ICP 4.2 (section 7), sans I/O: characters and time in, characters out; 16-bit amounts.
///
/// Whoever carries the characters sends what `receive` returns at once and calls `act` then: the answer on the bus
/// never waits for what the application does with it. `tick` brings time where no character comes.
class MdbPeripheral {
 public:
  /// - InvalidArgument: a level, a time, a scale or a currency that the protocol cannot say.
  [[nodiscard]] static core::Result<MdbPeripheral> make(const MdbSettings& settings);

  void listen(VmcListener* listener) { listener_ = listener; }

  /// Takes one character; the answer is valid until the next call.
  [[nodiscard]] std::span<const MdbWord> receive(MdbWord word, core::MonotonicTime at);
  /// Does what the last character asked for; tells the listener.
  void act();
  /// The bus was held low for 100 ms or more: as RESET.
  void bus_reset() { happen(MdbEvent::Reset); }
  /// Lets time pass: overdue answers, a silent VMC. Tells the listener.
  void tick(core::MonotonicTime now);

  [[nodiscard]] core::Result<> approve(const core::Money& amount);
  [[nodiscard]] core::Result<> deny();
  /// As `VmcTransport::give_up`. What the VMC did not acknowledge is not offered again; what it did stays approved,
  /// only nobody is told any more.
  [[nodiscard]] UnitOutcome give_up();
  [[nodiscard]] core::Result<> begin_session(const std::optional<core::Money>& funds);
  [[nodiscard]] core::Result<> end_session() { return want(MdbEvent::End); }

  [[nodiscard]] MdbState state() const { return state_; }
  [[nodiscard]] bool ready() const { return state_ >= MdbState::Enabled && !off_later_; }
  [[nodiscard]] const MdbScale& scale() const { return settings_.scale; }
  /// 1 to 3 once the VMC said its own.
  [[nodiscard]] std::uint8_t level() const { return level_; }
  [[nodiscard]] bool always_idle() const { return always_idle_; }
  /// The dearest and the cheapest price as the VMC last told it.
  [[nodiscard]] std::optional<core::Money> price_max() const { return price_max_; }
  [[nodiscard]] std::optional<core::Money> price_min() const { return price_min_; }
  /// A VMC that says nothing for so long is gone: ten times the longest that it waits itself.
  [[nodiscard]] std::chrono::seconds silence_max() const;

 private:
  explicit MdbPeripheral(const MdbSettings& settings);

  void command(core::ByteView bytes);
  void happen(MdbEvent event);
  void refuse();
  [[nodiscard]] core::Result<> want(MdbEvent event);
  void perform(MdbEffect effect);
  void perform_vend(MdbEffect effect);
  void perform_session(MdbEffect effect);
  void ask();
  void withdraw();
  void release();
  void finish(UnitOutcome outcome);
  void ask_for_refund();
  void restart();
  void end_session_here();
  void configure();
  void inform();
  void identify();
  void set_ready(bool ready);
  void say(MdbReply reply, std::initializer_list<unsigned> bytes);

  MdbSettings settings_;
  MdbLink link_;
  VmcListener* listener_;
  MdbState state_ = MdbState::Inactive;
  MdbLinkEvent pending_{};      // what `act` is to act on
  core::ByteView acting_on_{};  // the command that it acts on
  core::MonotonicTime now_{};

  std::uint8_t level_ = 1;
  bool always_idle_ = false;
  bool told_ready_ = false;
  bool off_later_ = false;
  bool in_session_ = false;
  std::optional<core::Money> price_max_;
  std::optional<core::Money> price_min_;
  VmcRequest request_{};
  std::array<std::byte, 4> request_bytes_{};
  core::MonotonicTime asked_at_{};
  std::uint16_t approved_ = 0;
  std::uint16_t funds_ = 0;
  bool awaited_ = false;  // somebody waits for what comes of the approval
};

}  // namespace tillkit::fulfilment
