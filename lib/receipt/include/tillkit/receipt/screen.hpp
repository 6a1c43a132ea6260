// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tillkit/core/money.hpp"
#include "tillkit/core/quantity.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"
#include "tillkit/payment/tender.hpp"
#include "tillkit/receipt/receipt.hpp"
#include "tillkit/receipt/refusal.hpp"
#include "tillkit/receipt/texts.hpp"

/// What a shopper or an operator sees, as data: who draws it decides how.
namespace tillkit::receipt {

struct IdleScreen {};

struct BasketRow {
  std::string name;
  core::Quantity quantity;
  core::Money list;
  core::Money net;
};

/// The basket while it is open. Of more than `kScreenLinesMax` lines the last ones are shown.
struct BasketScreen {
  std::vector<BasketRow> rows;
  std::size_t lines = 0;  ///< of the whole basket
  core::Money discount;
  core::Money total;
  bool member = false;                        ///< The shopper is recognised: the total is a member's.
  std::optional<core::Money> as_member = {};  ///< What a member would pay for it, where that is less.
  std::optional<std::int64_t> points = {};    ///< What it earns; of a stranger what it would.
  payment::TenderSet works = {};              ///< What it can be paid with now; nothing where it costs nothing.
};

struct ChooseTenderScreen {
  core::Money amount;
  payment::TenderSet works;
};

/// A code that the shopper scans.
struct ShowCodeScreen {
  core::Money amount;
  std::string qr_text;  ///< Opaque here; at most `kLinkBytesMax`.
  core::WallTime expires_at;
  std::chrono::minutes valid_for{0};  ///< For the text, rounded up by the caller.
};

struct WaitingForWalletScreen {
  core::Money amount;
};

/// The shopper types a password on the phone.
struct EnterPasswordScreen {
  core::Money amount;
};

struct HandingOverScreen {
  std::size_t out = 0;  ///< units so far
  std::size_t units = 0;
};

struct ThankYouScreen {
  core::Money paid;
  core::Money change;  ///< 0: none
  SaleNumber sale;
  std::int64_t points = 0;               ///< Earned by it.
  std::optional<core::Money> back = {};  ///< Comes back for goods that did not come out; `paid` is without it.
  bool goods_unknown = false;            ///< Nobody saw whether goods came out, and they stay paid.
};

/// The sale was given up, and nobody knows yet whether money was taken: it comes back by itself.
struct NotCompletedScreen {
  core::Money amount;
  OrderNumber order;
};

/// The wallet said no: nothing was taken.
struct DeclinedScreen {
  core::Money amount;
  payment::TenderSet works;
};

struct RefusedScreen {
  Refusal refusal = SaleRefusal::UnknownItem;
  TextValues values;         ///< What the refusal's text names.
  payment::TenderSet works;  ///< Of tender refusals: what can be used instead.
};

struct AgeCheckScreen {
  int minimum_age = 0;
};

struct RefundDoneScreen {
  core::Money amount;
  OrderNumber order;  ///< Empty: cash.
};

struct StoppedScreen {
  StopReason reason = StopReason::Storage;
};

struct AttentionScreen {
  Attention attention = Attention::AttemptNeedsPerson;
  TextValues values;  ///< What the attention's text names.
};

/// The closed list, in the order of `ScreenId`.
using ScreenModel =
    std::variant<IdleScreen, BasketScreen, ChooseTenderScreen, ShowCodeScreen, WaitingForWalletScreen,
                 EnterPasswordScreen, HandingOverScreen, ThankYouScreen, NotCompletedScreen, DeclinedScreen,
                 RefusedScreen, AgeCheckScreen, RefundDoneScreen, StoppedScreen, AttentionScreen>;
static_assert(std::variant_size_v<ScreenModel> == kScreens);

[[nodiscard]] ScreenId id_of(const ScreenModel& screen);

/// What the screen says in words. `InvalidArgument`: a value is missing that the text names.
[[nodiscard]] core::Result<std::string> text_of(const ScreenModel& screen, Language language, Audience audience);

/// The screen for `hal::Display`: its id, its data and both texts, in one language. Amounts are integers in minor units
/// beside their text; what can be used to pay stands in `works`, as `[{"tender":"wallet_qr","name":...}]`. Always the
/// same for the same screen, and at most 64 KiB.
/// - as `text_of`; InvalidArgument also: a text that is not UTF-8 or too long, a time outside years 0001-9999.
[[nodiscard]] core::Result<std::string> to_json(const ScreenModel& screen, Language language);

}  // namespace tillkit::receipt
