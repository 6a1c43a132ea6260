// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tillkit/core/money.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/payment/tender.hpp"
#include "tillkit/receipt/refusal.hpp"

namespace tillkit::receipt {

enum class Language : std::uint8_t { ZhCn = 0, En = 1 };
inline constexpr std::size_t kLanguages = 2;

/// `zh-CN`, `en`
[[nodiscard]] std::string_view to_string(Language language);

enum class Audience : std::uint8_t { Shopper = 0, Operator = 1 };
inline constexpr std::size_t kAudiences = 2;

/// What a screen shows.
enum class ScreenId : std::uint8_t {
  Idle = 0,
  Basket = 1,
  ChooseTender = 2,
  ShowCode = 3,
  WaitingForWallet = 4,
  EnterPassword = 5,
  HandingOver = 6,
  ThankYou = 7,
  NotCompleted = 8,
  Declined = 9,
  Refused = 10,
  AgeCheck = 11,
  RefundDone = 12,
  Stopped = 13,
  Attention = 14,
};
inline constexpr std::size_t kScreens = 15;

/// `idle`, `basket`, ...
[[nodiscard]] std::string_view to_string(ScreenId screen);

/// Why a terminal sells nothing.
enum class StopReason : std::uint8_t {
  Storage = 1,   ///< No room, or the storage does not answer.
  SafeMode = 2,  ///< Three failed starts in a row.
  Journal = 3,   ///< The journal cannot be opened: damaged, rolled back, or of a later version.
};
inline constexpr std::size_t kStopReasons = 3;

/// `storage`, `safe_mode`, `journal`
[[nodiscard]] std::string_view to_string(StopReason reason);

/// What a person must look at.
enum class Attention : std::uint8_t {
  AttemptNeedsPerson = 1,  ///< The provider's windows are over, and nobody knows whether it was paid.
  RefundNeedsPerson = 2,
  GoodsUnknown = 3,  ///< Settled by the policy: look into the slot.
  GoodsStuck = 4,    ///< Paid goods did not come out; the money goes back.
  TooManyUnresolved = 5,
  PaperOut = 6,
  PrinterFault = 7,
  ReceiptNotPrinted = 8,  ///< It does not come by itself any more: somebody prints it again.
};
inline constexpr std::size_t kAttentions = 8;

/// `attempt_needs_person`, ...
[[nodiscard]] std::string_view to_string(Attention attention);

/// What a text may name: `{amount}`, `{order}`, `{sale}`, `{minutes}`, `{age}`, `{count}`, `{works}`.
struct TextValues {
  std::optional<core::Money> amount{};
  std::string order{};
  std::string sale{};
  std::optional<std::int64_t> minutes{};
  std::optional<std::int64_t> age{};
  std::optional<std::int64_t> count{};
  payment::TenderSet works{};
};

/// The text as it stands in the table, with its placeholders. `NotFound`: the number is no enumerator's.
[[nodiscard]] core::Result<std::string_view> pattern_of(ScreenId screen, Language language, Audience audience);
[[nodiscard]] core::Result<std::string_view> pattern_of(SaleRefusal refusal, Language language, Audience audience);
[[nodiscard]] core::Result<std::string_view> pattern_of(payment::TenderRefusal refusal, Language language,
                                                        Audience audience);
[[nodiscard]] core::Result<std::string_view> pattern_of(StopReason reason, Language language, Audience audience);
[[nodiscard]] core::Result<std::string_view> pattern_of(Attention attention, Language language, Audience audience);

/// Puts values into a pattern. `InvalidArgument`: one that it names is missing, or a `{` that names nothing. Nothing to
/// pay with is no mistake: `{works}` then says whom to turn to.
[[nodiscard]] core::Result<std::string> fill(std::string_view pattern, const TextValues& values, Language language);

/// `现金`, `Cash`, ... where a tender has no name of its own.
[[nodiscard]] std::string_view name_of(payment::TenderKind kind, Language language);

/// `¥12.30`, `-$5.00`, `JP¥1200`, `CHF 0.05`: for people. `core::format_amount` is for machines.
[[nodiscard]] std::string format_money(const core::Money& amount);

}  // namespace tillkit::receipt
