// SPDX-License-Identifier: Apache-2.0
#include "tillkit/checkout/sale.hpp"

#include <array>

namespace tillkit::checkout {
namespace {

using core::Recovery;
using S = SaleState;
using E = SaleEvent;
using F = SaleEffect;
using States = core::EnumSet<SaleState>;
using Events = core::EnumSet<SaleEvent>;

// clang-format off
constexpr std::array kRows{
    //      from           on                 to             then
    SaleRow{S::Open,       E::Suspended,      S::Suspended,  F::Finish},
    SaleRow{S::Open,       E::Pay,            S::Paying,     F::Wait},
    SaleRow{S::Open,       E::Voided,         S::Voided,     F::Finish},
    SaleRow{S::Open,       E::Restarted,      S::Open,       F::ShowBasket},  // after a decline: kept, it cost nothing

    SaleRow{S::Suspended,  E::Suspended,      S::Suspended,  F::Finish},      // resumed, and put aside again
    SaleRow{S::Suspended,  E::Pay,            S::Paying,     F::Wait},        // resumed: that alone is not stored
    SaleRow{S::Suspended,  E::Voided,         S::Voided,     F::Finish},
    SaleRow{S::Suspended,  E::Restarted,      S::Suspended,  F::None},

    SaleRow{S::Paying,     E::Pay,            S::Paying,     F::Wait},        // a further tender
    SaleRow{S::Paying,     E::TakenInPart,    S::Paying,     F::AskForMore},
    SaleRow{S::Paying,     E::TakenInFull,    S::Fulfilling, F::HandOver},
    SaleRow{S::Paying,     E::NotTaken,       S::Paying,     F::AskForMore},
    SaleRow{S::Paying,     E::NothingTaken,   S::Open,       F::ShowBasket},
    SaleRow{S::Paying,     E::GivenUp,        S::Undoing,    F::Unwind},
    SaleRow{S::Paying,     E::Restarted,      S::Paying,     F::Wait},

    SaleRow{S::Fulfilling, E::HandedOver,     S::Closed,     F::Finish},
    SaleRow{S::Fulfilling, E::NotHandedOver,  S::Undoing,    F::Unwind},
    SaleRow{S::Fulfilling, E::Restarted,      S::Fulfilling, F::HandOver},    // asks the hardware, never moves again

    SaleRow{S::Undoing,    E::Settled,        S::Undone,     F::Finish},
    SaleRow{S::Undoing,    E::Restarted,      S::Undoing,    F::Unwind},

    SaleRow{S::Returning,  E::Settled,        S::Returned,   F::Finish},
    SaleRow{S::Returning,  E::Restarted,      S::Returning,  F::Unwind},
};

constexpr Events kTaken{E::TakenInPart, E::TakenInFull, E::NotTaken, E::NothingTaken};
constexpr Events kGoods{E::HandedOver, E::NotHandedOver};
constexpr States kBackwards{S::Undoing, S::Returning};

constexpr std::array kImpossible{
    ImpossibleSale{States{S::Closed, S::Undone, S::Voided, S::Returned},
                   Events{E::Suspended, E::Pay, E::TakenInPart, E::TakenInFull, E::NotTaken, E::NothingTaken, E::GivenUp, E::HandedOver, E::NotHandedOver, E::Settled, E::Voided, E::Restarted},
                   "it is over; what comes back later is a sale of its own that refers to it"},

    ImpossibleSale{States{S::Open, S::Suspended}, kTaken,
                   "no tender is under way"},
    ImpossibleSale{States{S::Open, S::Suspended}, Events{E::GivenUp, E::Settled},
                   "nothing was taken: it is voided"},
    ImpossibleSale{States{S::Open, S::Suspended, S::Paying}, kGoods,
                   "goods move when all of it is paid"},

    ImpossibleSale{States{S::Paying}, Events{E::Suspended, E::Voided},
                   "something is taken, or may be: it is given up"},
    ImpossibleSale{States{S::Paying}, Events{E::Settled},
                   "it is not given up"},

    ImpossibleSale{States{S::Fulfilling}, Events{E::Suspended, E::Voided, E::Pay},
                   "it is paid in full"},
    ImpossibleSale{States{S::Fulfilling}, kTaken,
                   "no tender is under way"},
    ImpossibleSale{States{S::Fulfilling}, Events{E::GivenUp, E::Settled},
                   "what the hardware saw decides"},

    ImpossibleSale{kBackwards, Events{E::Suspended, E::Voided, E::Pay},
                   "nothing is sold here any more"},
    ImpossibleSale{kBackwards, kTaken,
                   "a late success is given back: it never counts as taken"},
    ImpossibleSale{kBackwards, Events{E::GivenUp},
                   "that was decided, once and for good"},
    ImpossibleSale{kBackwards, kGoods,
                   "there are no goods any more"},
};
// clang-format on

static_assert(core::covers_each_pair_once(std::span<const SaleRow>(kRows), std::span<const ImpossibleSale>(kImpossible),
                                          kSaleStates, kSaleEvents));

}  // namespace

std::span<const SaleRow> sale_rows() {
  return kRows;
}

std::span<const ImpossibleSale> impossible_sales() {
  return kImpossible;
}

Recovery recovery_of(SaleState state) {
  switch (state) {
    case S::Paying: return Recovery::Ask;
    case S::Fulfilling: return Recovery::Inspect;
    case S::Undoing:
    case S::Returning: return Recovery::Repeat;
    case S::Open:
    case S::Suspended:
    case S::Closed:
    case S::Undone:
    case S::Voided:
    case S::Returned: break;
  }
  return Recovery::None;
}

bool is_final(SaleState state) {
  return state == S::Closed || state == S::Undone || state == S::Voided || state == S::Returned;
}

std::optional<core::Step<SaleState, SaleEffect>> next(SaleState state, SaleEvent event) {
  for (const SaleRow& row : kRows) {
    if (row.from == state && row.on == event) return core::Step<SaleState, SaleEffect>{row.to, row.then};
  }
  return std::nullopt;
}

std::string_view to_string(SaleState state) {
  switch (state) {
    case S::Open: return "open";
    case S::Suspended: return "suspended";
    case S::Paying: return "paying";
    case S::Fulfilling: return "fulfilling";
    case S::Closed: return "closed";
    case S::Undoing: return "undoing";
    case S::Undone: return "undone";
    case S::Voided: return "voided";
    case S::Returning: return "returning";
    case S::Returned: return "returned";
  }
  return "?";
}

std::string_view to_string(SaleEvent event) {
  switch (event) {
    case E::Suspended: return "suspended";
    case E::Pay: return "pay";
    case E::TakenInPart: return "taken_in_part";
    case E::TakenInFull: return "taken_in_full";
    case E::NotTaken: return "not_taken";
    case E::NothingTaken: return "nothing_taken";
    case E::GivenUp: return "given_up";
    case E::HandedOver: return "handed_over";
    case E::NotHandedOver: return "not_handed_over";
    case E::Settled: return "settled";
    case E::Voided: return "voided";
    case E::Restarted: return "restarted";
  }
  return "?";
}

}  // namespace tillkit::checkout
