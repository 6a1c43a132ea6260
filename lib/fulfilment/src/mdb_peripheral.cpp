// SPDX-License-Identifier: Apache-2.0
#include "tillkit/fulfilment/mdb_peripheral.hpp"

#include <algorithm>
#include <utility>

#include "tillkit/core/assert.hpp"

namespace tillkit::fulfilment {
namespace {

using core::ErrorCode;
using core::fail;
using core::Money;
using core::Result;
using S = MdbState;
using E = MdbEvent;
using F = MdbEffect;
using States = core::EnumSet<MdbState>;
using Events = core::EnumSet<MdbEvent>;

// clang-format off
constexpr std::array kRows{
    MdbRow{S::Inactive,    E::Reset,         S::Inactive,    F::Restart},
    MdbRow{S::Inactive,    E::Setup,         S::Disabled,    F::Configure},

    MdbRow{S::Disabled,    E::Reset,         S::Inactive,    F::Restart},
    MdbRow{S::Disabled,    E::Setup,         S::Disabled,    F::Configure},
    MdbRow{S::Disabled,    E::Information,   S::Disabled,    F::Inform},
    MdbRow{S::Disabled,    E::Enable,        S::Enabled,     F::SwitchOn},
    MdbRow{S::Disabled,    E::Disable,       S::Disabled,    F::None},
    MdbRow{S::Disabled,    E::CashSale,      S::Disabled,    F::ReportCash},
    MdbRow{S::Disabled,    E::Silence,       S::Inactive,    F::Restart},

    MdbRow{S::Enabled,     E::Reset,         S::Inactive,    F::Restart},
    MdbRow{S::Enabled,     E::Information,   S::Enabled,     F::Inform},
    MdbRow{S::Enabled,     E::Enable,        S::Enabled,     F::None},
    MdbRow{S::Enabled,     E::Disable,       S::Disabled,    F::SwitchOff},
    MdbRow{S::Enabled,     E::ReaderCancel,  S::Enabled,     F::SayCancelled},
    MdbRow{S::Enabled,     E::Request,       S::Asked,       F::Ask},           // 'always idle'
    MdbRow{S::Enabled,     E::Complete,      S::Ending,      F::SayEnd},        // it did not hear the last END SESSION
    MdbRow{S::Enabled,     E::CashSale,      S::Enabled,     F::ReportCash},
    MdbRow{S::Enabled,     E::Unwanted,      S::Enabled,     F::SayNo},
    MdbRow{S::Enabled,     E::Begin,         S::SessionIdle, F::SayBegin},
    MdbRow{S::Enabled,     E::Silence,       S::Inactive,    F::Restart},

    MdbRow{S::SessionIdle, E::Reset,         S::Inactive,    F::Restart},
    MdbRow{S::SessionIdle, E::Information,   S::SessionIdle, F::Inform},
    MdbRow{S::SessionIdle, E::Enable,        S::SessionIdle, F::SwitchOn},
    MdbRow{S::SessionIdle, E::Disable,       S::SessionIdle, F::SwitchLater},   // what is under way goes on
    MdbRow{S::SessionIdle, E::ReaderCancel,  S::Enabled,     F::SayCancelled},
    MdbRow{S::SessionIdle, E::Request,       S::Asked,       F::Ask},
    MdbRow{S::SessionIdle, E::VendCancel,    S::SessionIdle, F::DenyAgain},     // it crossed our denial
    MdbRow{S::SessionIdle, E::Complete,      S::Ending,      F::SayEnd},
    MdbRow{S::SessionIdle, E::CashSale,      S::SessionIdle, F::ReportCash},
    MdbRow{S::SessionIdle, E::Unwanted,      S::SessionIdle, F::SayNo},
    MdbRow{S::SessionIdle, E::End,           S::SessionIdle, F::SayCancelRequest},
    MdbRow{S::SessionIdle, E::Silence,       S::Inactive,    F::Restart},

    MdbRow{S::Asked,       E::Reset,         S::Inactive,    F::WithdrawDead},
    MdbRow{S::Asked,       E::Disable,       S::SessionIdle, F::WithdrawOff},   // no approval for a machine that left
    MdbRow{S::Asked,       E::VendCancel,    S::SessionIdle, F::Withdraw},
    MdbRow{S::Asked,       E::Approve,       S::Approving,   F::SayApproved},
    MdbRow{S::Asked,       E::Deny,          S::SessionIdle, F::SayDenied},
    MdbRow{S::Asked,       E::Overdue,       S::SessionIdle, F::Withdraw},
    MdbRow{S::Asked,       E::Silence,       S::Inactive,    F::WithdrawDead},

    MdbRow{S::Approving,   E::Reset,         S::Inactive,    F::TakeBackDead},  // it never was on the bus
    MdbRow{S::Approving,   E::Disable,       S::SessionIdle, F::TakeBackOff},
    MdbRow{S::Approving,   E::VendCancel,    S::SessionIdle, F::TakeBack},
    MdbRow{S::Approving,   E::Success,       S::SessionIdle, F::CloseLate},     // it vended unasked; the goods are out
    MdbRow{S::Approving,   E::Failure,       S::Refunding,   F::Refund},
    MdbRow{S::Approving,   E::Deny,          S::SessionIdle, F::SayDenied},     // given up
    MdbRow{S::Approving,   E::ApprovalSent,  S::Offered,     F::None},
    MdbRow{S::Approving,   E::Silence,       S::Inactive,    F::TakeBackDead},

    MdbRow{S::Offered,     E::Reset,         S::Inactive,    F::Doubt},         // did it read it before it went down?
    MdbRow{S::Offered,     E::Disable,       S::Offered,     F::SwitchLater},
    MdbRow{S::Offered,     E::VendCancel,    S::SessionIdle, F::TakeBack},      // it cannot cancel what it has read
    MdbRow{S::Offered,     E::Success,       S::SessionIdle, F::CloseLate},     // its ACK was lost
    MdbRow{S::Offered,     E::Failure,       S::Refunding,   F::RefundLate},
    MdbRow{S::Offered,     E::Deny,          S::SessionIdle, F::SayDenied},     // given up: it is not offered again
    MdbRow{S::Offered,     E::ApprovalSent,  S::Offered,     F::None},
    MdbRow{S::Offered,     E::ApprovalHeard, S::Approved,    F::Release},
    MdbRow{S::Offered,     E::Silence,       S::Inactive,    F::Doubt},

    MdbRow{S::Approved,    E::Reset,         S::Inactive,    F::CloseDead},     // 7.4.7: counts as VEND SUCCESS
    MdbRow{S::Approved,    E::Disable,       S::Approved,    F::SwitchLater},
    MdbRow{S::Approved,    E::Success,       S::SessionIdle, F::Close},
    MdbRow{S::Approved,    E::Failure,       S::Refunding,   F::Refund},
    MdbRow{S::Approved,    E::Silence,       S::Inactive,    F::Doubt},

    MdbRow{S::Refunding,   E::Reset,         S::Inactive,    F::Restart},
    MdbRow{S::Refunding,   E::RefundStored,  S::SessionIdle, F::SayRefunded},
    MdbRow{S::Refunding,   E::RefundRefused, S::SessionIdle, F::SayNotRefunded},

    MdbRow{S::Ending,      E::Reset,         S::Inactive,    F::Restart},
    MdbRow{S::Ending,      E::Information,   S::Ending,      F::Inform},
    MdbRow{S::Ending,      E::Enable,        S::Ending,      F::SwitchOn},
    MdbRow{S::Ending,      E::Disable,       S::Ending,      F::SwitchLater},
    MdbRow{S::Ending,      E::Request,       S::Asked,       F::Ask},           // 'always idle'; its ACK was lost
    MdbRow{S::Ending,      E::Complete,      S::Ending,      F::SayEnd},
    MdbRow{S::Ending,      E::CashSale,      S::Ending,      F::ReportCash},
    MdbRow{S::Ending,      E::EndHeard,      S::Enabled,     F::SessionOver},
    MdbRow{S::Ending,      E::Silence,       S::Inactive,    F::Restart},
};

constexpr States kInVend{S::Asked, S::Approving, S::Offered, S::Approved, S::Refunding};

constexpr std::array kRefused{
    RefusedMdb{States{S::Inactive}, Events{E::Information, E::Enable, E::Disable, E::ReaderCancel, E::Request, E::VendCancel, E::Success, E::Failure, E::Complete, E::CashSale, E::Unwanted},
               "nothing counts before SETUP"},
    RefusedMdb{States{S::Disabled}, Events{E::ReaderCancel, E::Request, E::VendCancel, E::Success, E::Failure, E::Complete, E::Unwanted},
               "the reader is switched off"},
    RefusedMdb{States{S::Enabled}, Events{E::Setup, E::VendCancel, E::Success, E::Failure},
               "no vend is under way; a new SETUP needs RESET or DISABLE first"},
    RefusedMdb{States{S::SessionIdle}, Events{E::Setup, E::Success, E::Failure},
               "no vend is under way"},
    RefusedMdb{kInVend, Events{E::Setup, E::Information, E::Enable, E::ReaderCancel, E::Request, E::Complete, E::CashSale, E::Unwanted},
               "a vend cannot be interrupted"},
    RefusedMdb{States{S::Asked}, Events{E::Success, E::Failure},
               "nothing was approved"},
    RefusedMdb{States{S::Approved}, Events{E::VendCancel},
               "it acknowledged the approval"},
    RefusedMdb{States{S::Refunding}, Events{E::Disable, E::VendCancel, E::Success, E::Failure},
               "the vend failed, and its answer is due"},
    RefusedMdb{States{S::Ending}, Events{E::Setup, E::ReaderCancel, E::VendCancel, E::Success, E::Failure, E::Unwanted},
               "the session is over"},

    RefusedMdb{States{S::Inactive, S::Disabled, S::SessionIdle, S::Asked, S::Approving, S::Offered, S::Approved, S::Refunding, S::Ending}, Events{E::Begin},
               "a session begins when the reader is enabled and free"},
    RefusedMdb{States{S::Inactive, S::Disabled, S::Enabled, S::Asked, S::Approving, S::Offered, S::Approved, S::Refunding, S::Ending}, Events{E::End},
               "no session, or a vend in it that is answered first"},
    RefusedMdb{States{S::Inactive, S::Disabled, S::Enabled, S::SessionIdle, S::Approving, S::Offered, S::Approved, S::Refunding, S::Ending}, Events{E::Approve},
               "no request is open"},
    RefusedMdb{States{S::Inactive, S::Disabled, S::Enabled, S::SessionIdle, S::Approved, S::Refunding, S::Ending}, Events{E::Deny},
               "no request is open, or the approval is out of our hands"},
    RefusedMdb{States{S::Inactive, S::Disabled, S::Enabled, S::SessionIdle, S::Asked, S::Approving, S::Offered, S::Approved, S::Ending}, Events{E::RefundStored, E::RefundRefused},
               "nobody asked for a refund"},

    RefusedMdb{States{S::Inactive, S::Disabled, S::Enabled, S::SessionIdle, S::Asked, S::Approved, S::Refunding, S::Ending}, Events{E::ApprovalSent},
               "no approval waits"},
    RefusedMdb{States{S::Inactive, S::Disabled, S::Enabled, S::SessionIdle, S::Asked, S::Approving, S::Approved, S::Refunding, S::Ending}, Events{E::ApprovalHeard},
               "no approval was on the bus"},
    RefusedMdb{States{S::Inactive, S::Disabled, S::Enabled, S::SessionIdle, S::Asked, S::Approving, S::Offered, S::Approved, S::Refunding}, Events{E::EndHeard},
               "no END SESSION waits"},
    RefusedMdb{States{S::Inactive, S::Disabled, S::Enabled, S::SessionIdle, S::Approving, S::Offered, S::Approved, S::Refunding, S::Ending}, Events{E::Overdue},
               "no request is open"},
    RefusedMdb{States{S::Inactive, S::Refunding}, Events{E::Silence},
               "nothing to give up, or decided within the call"},
};
// clang-format on

static_assert(core::covers_each_pair_once(std::span<const MdbRow>(kRows), std::span<const RefusedMdb>(kRefused),
                                          kMdbStates, kMdbEvents));

constexpr std::array<std::int64_t, 10> kPowers{1,       10,        100,        1'000,       10'000,
                                               100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};

std::uint16_t number_at(core::ByteView bytes, std::size_t at) {
  return static_cast<std::uint16_t>((std::to_integer<unsigned>(bytes[at]) << 8U) |
                                    std::to_integer<unsigned>(bytes[at + 1]));
}

std::optional<VmcItem> item_at(core::ByteView bytes, std::size_t at) {
  const std::uint16_t item = number_at(bytes, at);
  if (item > kVmcItemMax) return std::nullopt;
  return item;
}

/// `1` and three digits, packed: ISO 4217 (section 7.4.2).
std::uint16_t country_code(core::Currency currency) {
  const unsigned n = currency.numeric();
  return static_cast<std::uint16_t>(0x1000U | ((n / 100U) << 8U) | ((n / 10U % 10U) << 4U) | (n % 10U));
}

/// How section 7.2 numbers the states, for COMMAND OUT OF SEQUENCE.
unsigned state_number(S state) {
  switch (state) {
    case S::Inactive: return 1;
    case S::Disabled: return 2;
    case S::Enabled: return 3;
    case S::SessionIdle:
    case S::Ending: return 4;
    case S::Asked:
    case S::Approving:
    case S::Offered:
    case S::Approved:
    case S::Refunding: return 5;
  }
  return 1;
}

constexpr unsigned kRefundError = 0xC0;
constexpr std::uint32_t kAlwaysIdleOption = 1U << 5U;
constexpr unsigned kRefundCapable = 1U << 0U;
constexpr unsigned kMultivend = 1U << 1U;
constexpr unsigned kOwnDisplay = 1U << 2U;
constexpr unsigned kCashSaleReports = 1U << 3U;

/// The longest that a VMC waits for anything (section 7.4.2: superseded by Z7 where that is more).
constexpr std::chrono::seconds kNonResponse{5};
constexpr int kSilenceFactor = 10;  // appendix A3

unsigned high(unsigned number) {
  return (number >> 8U) & 0xFFU;
}
unsigned low(unsigned number) {
  return number & 0xFFU;
}

}  // namespace

std::span<const MdbRow> mdb_rows() {
  return kRows;
}

std::span<const RefusedMdb> refused_mdb() {
  return kRefused;
}

std::optional<core::Step<MdbState, MdbEffect>> next(MdbState state, MdbEvent event) {
  const auto* row = std::ranges::find_if(kRows, [&](const MdbRow& r) { return r.from == state && r.on == event; });
  if (row == kRows.end()) return std::nullopt;
  return core::Step<MdbState, MdbEffect>{row->to, row->then};
}

Result<Money> money_of(std::uint16_t amount, const MdbScale& scale) {
  const std::uint8_t exponent = scale.currency.exponent();
  const std::int64_t scaled = std::int64_t{amount} * scale.scale_factor;
  if (exponent >= scale.decimals) {
    return Money{scaled * kPowers.at(static_cast<std::size_t>(exponent - scale.decimals)), scale.currency};
  }
  const std::int64_t divisor = kPowers.at(static_cast<std::size_t>(scale.decimals - exponent));
  if (scaled % divisor != 0) return fail(ErrorCode::OutOfRange);
  return Money{scaled / divisor, scale.currency};
}

Result<std::uint16_t> amount_of(const Money& money, const MdbScale& scale) {
  if (money.currency != scale.currency || money.is_negative()) return fail(ErrorCode::InvalidArgument);
  const std::uint8_t exponent = scale.currency.exponent();
  std::int64_t step = scale.scale_factor;
  std::int64_t amount = money.minor;
  if (exponent >= scale.decimals) {
    step *= kPowers.at(static_cast<std::size_t>(exponent - scale.decimals));
  } else {
    const std::int64_t factor = kPowers.at(static_cast<std::size_t>(scale.decimals - exponent));
    if (amount > std::int64_t{kMdbAmountMax} * step) return fail(ErrorCode::OutOfRange);
    amount *= factor;
  }
  if (amount % step != 0 || amount / step > kMdbAmountMax) return fail(ErrorCode::OutOfRange);
  return static_cast<std::uint16_t>(amount / step);
}

Result<MdbPeripheral> MdbPeripheral::make(const MdbSettings& settings) {
  using namespace std::chrono_literals;
  const bool address = settings.address == MdbAddress::Cashless1 || settings.address == MdbAddress::Cashless2;
  const bool scale = settings.scale.scale_factor > 0 && settings.scale.decimals <= kMdbDecimalsMax &&
                     settings.scale.currency != core::Currency{};
  const bool level = settings.level_max >= 1 && settings.level_max <= 3;
  const bool time = settings.answer_within >= 1s && settings.answer_within <= 255s;
  if (!address || !scale || !level || !time) return fail(ErrorCode::InvalidArgument);
  return MdbPeripheral(settings);
}

MdbPeripheral::MdbPeripheral(const MdbSettings& settings)
    : settings_(settings), link_(settings.address), listener_(nullptr) {
  say(MdbReply::JustReset, {0x00});
}

std::chrono::seconds MdbPeripheral::silence_max() const {
  return kSilenceFactor * std::max(kNonResponse, settings_.answer_within);
}

std::span<const MdbWord> MdbPeripheral::receive(MdbWord word, core::MonotonicTime at) {
  now_ = std::max(now_, at);
  const MdbLinkAnswer answer = link_.receive(word, at);
  pending_ = answer.event;
  return answer.send;
}

void MdbPeripheral::act() {
  const MdbLinkEvent event = std::exchange(pending_, {});
  switch (event.kind) {
    case MdbLinkEvent::Kind::None: return;
    case MdbLinkEvent::Kind::Command: return command(event.command);
    case MdbLinkEvent::Kind::Sent:
      if (event.replies.has(MdbReply::VendApproved)) happen(E::ApprovalSent);
      return;
    case MdbLinkEvent::Kind::Heard:
      if (event.replies.has(MdbReply::VendApproved)) happen(E::ApprovalHeard);
      if (event.replies.has(MdbReply::EndSession)) happen(E::EndHeard);
      return;
  }
}

void MdbPeripheral::tick(core::MonotonicTime now) {
  now_ = std::max(now_, now);
  if (state_ == S::Asked && now_ - asked_at_ >= settings_.answer_within) happen(E::Overdue);
  const auto last = link_.last_block();
  if (last && now_ - *last >= silence_max() && next(state_, E::Silence)) happen(E::Silence);
}

void MdbPeripheral::command(core::ByteView bytes) {
  const auto command = std::to_integer<unsigned>(bytes[0]);
  const auto subcommand = bytes.size() > 1 ? std::to_integer<unsigned>(bytes[1]) : 0U;
  acting_on_ = bytes;
  constexpr std::array kVend{E::Request, E::VendCancel, E::Success, E::Failure, E::Complete, E::CashSale, E::Unwanted};
  constexpr std::array kReader{E::Disable, E::Enable, E::ReaderCancel};
  switch (command) {
    case 0: happen(E::Reset); break;
    case 1: happen(subcommand == 0 ? E::Setup : E::Information); break;
    case 3: happen(kVend.at(subcommand)); break;
    case 4: happen(kReader.at(subcommand)); break;
    case 5: happen(E::Unwanted); break;
    default: happen(E::Information); break;
  }
  acting_on_ = {};
}

void MdbPeripheral::happen(MdbEvent event) {
  if (event == E::Request) {
    // Asked twice with polls between: the first ACK was lost. It is the same request.
    if (state_ == S::Asked && std::ranges::equal(acting_on_.subspan(2, request_bytes_.size()), request_bytes_)) return;
    const bool without_session = state_ == S::Enabled || state_ == S::Ending;
    if (without_session && !always_idle_) return refuse();
  }
  const auto step = next(state_, event);
  if (!step) return refuse();
  state_ = step->to;
  perform(step->then);
}

void MdbPeripheral::refuse() {
  if (acting_on_.empty()) return;  // not said by the VMC: it means nothing here
  if (level_ >= 2) return say(MdbReply::OutOfSequence, {0x0B, state_number(state_)});
  say(MdbReply::OutOfSequence, {0x0B});
}

Result<> MdbPeripheral::want(MdbEvent event) {
  if (!next(state_, event)) return fail(ErrorCode::FailedPrecondition);
  happen(event);
  return {};
}

void MdbPeripheral::perform(MdbEffect effect) {
  switch (effect) {
    case F::None: return;
    case F::Restart: return restart();
    case F::Configure: return configure();
    case F::Inform: return inform();
    case F::SwitchOn: off_later_ = false; return set_ready(true);
    case F::SwitchOff: return set_ready(false);
    case F::SwitchLater: off_later_ = true; return set_ready(false);
    case F::Ask:
    case F::DenyAgain:
    case F::Withdraw:
    case F::WithdrawOff:
    case F::WithdrawDead:
    case F::SayDenied:
    case F::SayApproved:
    case F::TakeBack:
    case F::TakeBackOff:
    case F::TakeBackDead:
    case F::Release:
    case F::Close:
    case F::CloseDead:
    case F::CloseLate:
    case F::Refund:
    case F::RefundLate:
    case F::Doubt:
    case F::SayRefunded:
    case F::SayNotRefunded: return perform_vend(effect);
    case F::SayCancelled:
    case F::SayBegin:
    case F::SayCancelRequest:
    case F::SayEnd:
    case F::SessionOver:
    case F::ReportCash:
    case F::SayNo: return perform_session(effect);
  }
}

// The bus is served first and the listener told last: what it does then comes after this step.
void MdbPeripheral::perform_vend(MdbEffect effect) {
  switch (effect) {
    case F::Ask: return ask();
    case F::DenyAgain: return say(MdbReply::VendDenied, {0x06});
    case F::WithdrawOff: off_later_ = true; [[fallthrough]];
    case F::Withdraw:
      say(MdbReply::VendDenied, {0x06});
      set_ready(!off_later_);
      return withdraw();
    case F::WithdrawDead: restart(); return withdraw();
    case F::SayApproved: return say(MdbReply::VendApproved, {0x05, high(approved_), low(approved_)});
    case F::SayDenied: link_.take_back(MdbReply::VendApproved); return say(MdbReply::VendDenied, {0x06});
    case F::TakeBackOff: off_later_ = true; [[fallthrough]];
    case F::TakeBack:
      link_.take_back(MdbReply::VendApproved);
      say(MdbReply::VendDenied, {0x06});
      set_ready(!off_later_);
      return finish(UnitOutcome::NotOut);
    case F::TakeBackDead: restart(); return finish(UnitOutcome::NotOut);
    case F::Release: return release();
    case F::CloseLate: release(); [[fallthrough]];
    case F::Close: link_.take_back(MdbReply::VendApproved); return finish(UnitOutcome::Out);
    case F::CloseDead: restart(); return finish(UnitOutcome::Out);
    case F::RefundLate: release(); [[fallthrough]];
    case F::Refund: return ask_for_refund();
    case F::Doubt: restart(); return finish(UnitOutcome::Unknown);
    case F::SayRefunded: return link_.hold_polls(false);
    case F::SayNotRefunded:
      link_.hold_polls(false);
      // Level 1 has no word for it: the VMC gets ACK, and the money is this side's business.
      if (level_ >= 2) say(MdbReply::Malfunction, {0x0A, kRefundError});
      return;
    default: return;
  }
}

void MdbPeripheral::perform_session(MdbEffect effect) {
  switch (effect) {
    case F::SayCancelled:
      link_.take_back(MdbReply::BeginSession);
      link_.take_back(MdbReply::SessionCancelRequest);
      say(MdbReply::Cancelled, {0x08});
      return end_session_here();
    case F::SayBegin:
      in_session_ = true;
      if (level_ == 1) return say(MdbReply::BeginSession, {0x03, high(funds_), low(funds_)});
      // No medium that has an id (FFFFFFFF), of no particular type, without data of the user's.
      return say(MdbReply::BeginSession, {0x03, high(funds_), low(funds_), 0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00});
    case F::SayCancelRequest: return say(MdbReply::SessionCancelRequest, {0x04});
    case F::SayEnd:
      // What it did not acknowledge is of the session that it ends.
      for (const MdbReply stale : {MdbReply::VendDenied, MdbReply::Cancelled, MdbReply::BeginSession,
                                   MdbReply::SessionCancelRequest, MdbReply::RevalueDenied}) {
        link_.take_back(stale);
      }
      return say(MdbReply::EndSession, {0x07});
    case F::SessionOver: return end_session_here();
    case F::ReportCash: {
      const auto price = money_of(number_at(acting_on_, 2), settings_.scale);
      if (price && listener_ != nullptr) listener_->on_cash_sale({*price, item_at(acting_on_, 4)});
      return;
    }
    case F::SayNo:
      if (acting_on_[0] == std::byte{0x05}) return say(MdbReply::RevalueDenied, {0x0E});
      return say(MdbReply::VendDenied, {0x06});
    default: return;
  }
}

void MdbPeripheral::ask() {
  // It asks anew, so it has read all that it asked for before; nothing of that may answer this request.
  link_.clear();
  in_session_ = true;
  std::ranges::copy(acting_on_.subspan(2, request_bytes_.size()), request_bytes_.begin());
  asked_at_ = now_;
  const auto price = money_of(number_at(acting_on_, 2), settings_.scale);
  if (!price) return happen(E::Deny);  // no money says this price: it cannot be paid
  request_ = {*price, item_at(acting_on_, 4)};
  if (listener_ == nullptr) return happen(E::Deny);
  listener_->on_asked(request_);
}

void MdbPeripheral::withdraw() {
  if (listener_ != nullptr) listener_->on_withdrawn();
}

void MdbPeripheral::release() {
  if (awaited_ && listener_ != nullptr) listener_->on_released();
}

void MdbPeripheral::finish(UnitOutcome outcome) {
  if (std::exchange(awaited_, false) && listener_ != nullptr) listener_->on_vended(outcome);
}

void MdbPeripheral::ask_for_refund() {
  link_.take_back(MdbReply::VendApproved);
  link_.hold_polls(true);
  // Given up before: that vend was settled, and nothing here knows how. No refund is promised.
  const bool stored = std::exchange(awaited_, false) && listener_ != nullptr && listener_->on_failed();
  happen(stored ? E::RefundStored : E::RefundRefused);
}

void MdbPeripheral::restart() {
  link_.clear();
  say(MdbReply::JustReset, {0x00});
  level_ = 1;
  always_idle_ = false;
  off_later_ = false;
  price_max_.reset();
  price_min_.reset();
  set_ready(false);
  if (std::exchange(in_session_, false) && listener_ != nullptr) listener_->on_session_over();
}

void MdbPeripheral::end_session_here() {
  if (std::exchange(off_later_, false)) state_ = S::Disabled;
  if (std::exchange(in_session_, false) && listener_ != nullptr) listener_->on_session_over();
}

void MdbPeripheral::configure() {
  const auto said = std::to_integer<unsigned>(acting_on_[2]);
  level_ = static_cast<std::uint8_t>(std::clamp(said, 1U, unsigned{settings_.level_max}));
  always_idle_ = false;
  const unsigned country = country_code(settings_.scale.currency);
  const unsigned options = kRefundCapable | kMultivend | kCashSaleReports | (settings_.own_display ? kOwnDisplay : 0U);
  say(MdbReply::ReaderConfig,
      {0x01, level_, high(country), low(country), settings_.scale.scale_factor, settings_.scale.decimals,
       static_cast<unsigned>(settings_.answer_within.count()), options});
}

void MdbPeripheral::inform() {
  const auto command = std::to_integer<unsigned>(acting_on_[0]);
  const auto subcommand = std::to_integer<unsigned>(acting_on_[1]);
  const auto price = [&](std::size_t at, std::uint16_t unknown) -> std::optional<Money> {
    const std::uint16_t amount = number_at(acting_on_, at);
    const auto money = money_of(amount, settings_.scale);
    if (amount == unknown || !money) return std::nullopt;
    return *money;
  };
  if (command == 1) {
    price_max_ = price(2, 0xFFFF);
    price_min_ = price(4, 0x0000);
    return;
  }
  if (subcommand == 0) return identify();
  if (subcommand == 4) {  // only what was offered can be switched on
    const std::uint32_t wanted = number_at(acting_on_, 4);
    always_idle_ = level_ == 3 && settings_.always_idle && (wanted & kAlwaysIdleOption) != 0;
  }
}

void MdbPeripheral::identify() {
  core::Bytes bytes{std::byte{0x09}};
  bytes.reserve(kMdbBlockBytesMax);
  const auto add = [&](std::span<const char> text) {
    for (const char c : text)
      bytes.push_back(static_cast<std::byte>(c));
  };
  add(settings_.identity.manufacturer);
  add(settings_.identity.serial);
  add(settings_.identity.model);
  bytes.push_back(static_cast<std::byte>(high(settings_.identity.software_bcd)));
  bytes.push_back(static_cast<std::byte>(low(settings_.identity.software_bcd)));
  if (level_ == 3) {
    const std::uint32_t options = settings_.always_idle ? kAlwaysIdleOption : 0U;
    for (const unsigned shift : {24U, 16U, 8U, 0U})
      bytes.push_back(static_cast<std::byte>((options >> shift) & 0xFFU));
  }
  link_.queue(MdbReply::PeripheralId, bytes);
}

void MdbPeripheral::set_ready(bool ready) {
  if (std::exchange(told_ready_, ready) != ready && listener_ != nullptr) listener_->on_ready(ready);
}

void MdbPeripheral::say(MdbReply reply, std::initializer_list<unsigned> bytes) {
  std::array<std::byte, kMdbBlockBytesMax> buffer{};
  std::ranges::transform(bytes, buffer.begin(), [](unsigned byte) { return static_cast<std::byte>(byte); });
  link_.queue(reply, std::span(buffer).first(bytes.size()));
}

Result<> MdbPeripheral::approve(const Money& amount) {
  TILLKIT_TRY(const std::uint16_t number, amount_of(amount, settings_.scale));
  if (state_ != S::Asked) return fail(ErrorCode::FailedPrecondition);
  approved_ = number;
  awaited_ = true;
  return want(E::Approve);
}

UnitOutcome MdbPeripheral::give_up() {
  awaited_ = false;
  const bool never_sent = state_ == S::Approving;
  if (next(state_, E::Deny)) happen(E::Deny);
  return never_sent ? UnitOutcome::NotOut : UnitOutcome::Unknown;
}

Result<> MdbPeripheral::deny() {
  if (state_ != S::Asked) return fail(ErrorCode::FailedPrecondition);
  return want(E::Deny);
}

Result<> MdbPeripheral::begin_session(const std::optional<Money>& funds) {
  funds_ = 0xFFFF;
  if (funds) {
    TILLKIT_TRY(funds_, amount_of(*funds, settings_.scale));
  }
  if (off_later_) return fail(ErrorCode::FailedPrecondition);
  return want(E::Begin);
}

std::string_view to_string(MdbState state) {
  switch (state) {
    case S::Inactive: return "inactive";
    case S::Disabled: return "disabled";
    case S::Enabled: return "enabled";
    case S::SessionIdle: return "session_idle";
    case S::Asked: return "asked";
    case S::Approving: return "approving";
    case S::Offered: return "offered";
    case S::Approved: return "approved";
    case S::Refunding: return "refunding";
    case S::Ending: return "ending";
  }
  return "invalid";
}

std::string_view to_string(MdbEvent event) {
  switch (event) {
    case E::Reset: return "reset";
    case E::Setup: return "setup";
    case E::Information: return "information";
    case E::Enable: return "enable";
    case E::Disable: return "disable";
    case E::ReaderCancel: return "reader_cancel";
    case E::Request: return "request";
    case E::VendCancel: return "vend_cancel";
    case E::Success: return "success";
    case E::Failure: return "failure";
    case E::Complete: return "complete";
    case E::CashSale: return "cash_sale";
    case E::Unwanted: return "unwanted";
    case E::Begin: return "begin";
    case E::End: return "end";
    case E::Approve: return "approve";
    case E::Deny: return "deny";
    case E::RefundStored: return "refund_stored";
    case E::RefundRefused: return "refund_refused";
    case E::ApprovalSent: return "approval_sent";
    case E::ApprovalHeard: return "approval_heard";
    case E::EndHeard: return "end_heard";
    case E::Overdue: return "overdue";
    case E::Silence: return "silence";
  }
  return "invalid";
}

}  // namespace tillkit::fulfilment
