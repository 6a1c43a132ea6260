// SPDX-License-Identifier: Apache-2.0
#include "tillkit/fulfilment/mdb_peripheral.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "machine_check.hpp"
#include "mdb_bus.hpp"
#include "must.hpp"
#include "vmc_notes.hpp"

namespace tillkit::fulfilment {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using core::failed_with;
using core::kCny;
using core::Money;
using core::must;
using S = MdbState;
using E = MdbEvent;
using F = MdbEffect;

const std::string kAck = "00*";

Money yuan(std::int64_t minor) {
  return {minor, kCny};
}

struct Bench {
  explicit Bench(const MdbSettings& settings = {}) : device(must(MdbPeripheral::make(settings))) {
    device.listen(&notes);
  }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  /// Up to READER ENABLE, as a VMC of this level does it.
  void start_up(int level = 3) {
    const std::string digit = std::to_string(level);
    CHECK(vmc.say("10") == kAck);
    CHECK(vmc.poll() == "00 00*");
    CHECK(vmc.say("11 00 0" + digit + " 00 00 00") == kAck);
    CHECK(vmc.poll().starts_with("01 0" + digit));
    CHECK(vmc.say("11 01 FF FF 00 00") == kAck);
    if (level >= 2) {
      CHECK(vmc.say(kIdentify) == kAck);
      CHECK(vmc.poll().starts_with("09"));
    }
    if (level == 3) CHECK(vmc.say("17 04 00 00 00 20") == kAck);
    CHECK(vmc.say("14 01") == kAck);
    CHECK(device.state() == S::Enabled);
    notes.told.clear();
  }

  /// Up to a VEND REQUEST of 1.00 for item 5, with 'always idle'.
  void ask() {
    CHECK(vmc.say("13 00 00 64 00 05") == kAck);
    CHECK(std::exchange(notes.told, {}) == Told{"asked 1.00 item 5"});
  }
  /// Up to an approval that the VMC acknowledged.
  void approve() {
    ask();
    CHECK(device.approve(yuan(100)).has_value());
    CHECK(vmc.poll() == "05 00 64 69*");
    CHECK(std::exchange(notes.told, {}) == Told{"released"});
  }

  static inline const std::string kIdentify = [] {
    std::string text = "17 00";
    for (int i = 0; i < 29; ++i)
      text += " 56";
    return text;
  }();

  Notes notes;
  MdbPeripheral device;
  Master<std::function<std::span<const MdbWord>(MdbWord, core::MonotonicTime)>> vmc{
      [this](MdbWord word, core::MonotonicTime at) -> std::span<const MdbWord> {
        const auto answer = device.receive(word, at);
        out.assign(answer.begin(), answer.end());
        device.act();
        return out;
      }};
  std::vector<MdbWord> out;
};

TEST_CASE("each state of the reader says what each event means, or why it is refused", "[mdb]") {
  core::check_each_pair(mdb_rows(), refused_mdb(), kMdbStates, kMdbEvents);
  core::check_names<MdbState>(kMdbStates);
  core::check_names<MdbEvent>(kMdbEvents);
}

TEST_CASE("RESET leads out of every state, and a silent VMC out of all that wait for it", "[mdb]") {
  for (std::size_t s = 1; s <= kMdbStates; ++s) {
    const auto state = static_cast<S>(s);
    CAPTURE(std::string(to_string(state)));
    const auto reset = next(state, E::Reset);
    REQUIRE(reset.has_value());
    CHECK(reset->to == S::Inactive);
    if (state != S::Inactive && state != S::Refunding) CHECK(next(state, E::Silence).has_value());
  }
}

TEST_CASE("an approval ends once, and only in the words that its state allows", "[mdb]") {
  const auto effect = [](S state, E event) { return next(state, event)->then; };
  CHECK(effect(S::Approved, E::Reset) == F::CloseDead);
  CHECK(effect(S::Approved, E::Silence) == F::Doubt);
  CHECK(effect(S::Offered, E::Reset) == F::Doubt);
  CHECK(effect(S::Approving, E::Reset) == F::TakeBackDead);
  for (const auto& row : mdb_rows()) {
    CAPTURE(std::string(to_string(row.from)), std::string(to_string(row.on)));
    const bool approval = row.from == S::Approving || row.from == S::Offered || row.from == S::Approved;
    const bool ends = row.then == F::TakeBack || row.then == F::TakeBackOff || row.then == F::TakeBackDead ||
                      row.then == F::Close || row.then == F::CloseDead || row.then == F::CloseLate ||
                      row.then == F::Refund || row.then == F::RefundLate || row.then == F::Doubt;
    const bool given_up = row.on == E::Deny;
    const bool leaves = row.to != S::Approving && row.to != S::Offered && row.to != S::Approved;
    if (approval && !given_up) CHECK(ends == leaves);
    if (!approval) CHECK_FALSE(ends);
  }
}

TEST_CASE("numbers on the bus and money say the same, or nothing", "[mdb]") {
  const MdbScale fen{};
  const MdbScale jiao{kCny, 10, 2};
  const MdbScale fine{kCny, 1, 3};
  const MdbScale yen{core::kJpy, 5, 0};
  const MdbScale hundredths_of_yen{core::kJpy, 1, 2};

  CHECK(must(money_of(150, fen)) == yuan(150));
  CHECK(must(money_of(15, jiao)) == yuan(150));
  CHECK(must(money_of(1500, fine)) == yuan(150));
  CHECK(failed_with(money_of(1501, fine), ErrorCode::OutOfRange));
  CHECK(must(money_of(3, yen)) == Money{15, core::kJpy});
  CHECK(failed_with(money_of(150, hundredths_of_yen), ErrorCode::OutOfRange));

  CHECK(must(amount_of(yuan(150), fen)) == 150);
  CHECK(must(amount_of(yuan(150), jiao)) == 15);
  CHECK(must(amount_of(yuan(150), fine)) == 1500);
  CHECK(must(amount_of(yuan(0), fen)) == 0);
  CHECK(must(amount_of(yuan(0xFFFE), fen)) == 0xFFFE);
  CHECK(failed_with(amount_of(yuan(155), jiao), ErrorCode::OutOfRange));
  CHECK(failed_with(amount_of(yuan(0xFFFF), fen), ErrorCode::OutOfRange));
  CHECK(failed_with(amount_of(yuan(6'554), fine), ErrorCode::OutOfRange));
  CHECK(failed_with(amount_of(yuan(INT64_MAX), {kCny, 255, 9}), ErrorCode::OutOfRange));
  CHECK(failed_with(amount_of(yuan(-1), fen), ErrorCode::InvalidArgument));
  CHECK(failed_with(amount_of({100, core::kEur}, fen), ErrorCode::InvalidArgument));
}

TEST_CASE("settings that the protocol cannot say are refused", "[mdb]") {
  const auto refused = [](MdbSettings settings) {
    return failed_with(MdbPeripheral::make(settings), ErrorCode::InvalidArgument);
  };
  CHECK(refused({.address = static_cast<MdbAddress>(0x30)}));
  CHECK(refused({.scale = {kCny, 0, 2}}));
  CHECK(refused({.scale = {kCny, 1, 10}}));
  CHECK(refused({.scale = {core::Currency{}, 1, 2}}));
  CHECK(refused({.level_max = 0}));
  CHECK(refused({.level_max = 4}));
  CHECK(refused({.answer_within = 0s}));
  CHECK(refused({.answer_within = 256s}));
}

TEST_CASE("a VMC starts the reader up: JUST RESET, configuration, identity, options, enable", "[mdb]") {
  Bench bench;

  CHECK(bench.vmc.poll() == "00 00*");  // after power-up, before any RESET
  CHECK(bench.vmc.say("10") == kAck);
  CHECK(bench.vmc.poll_unheard() == "00 00*");
  CHECK(bench.vmc.poll() == "00 00*");
  CHECK(bench.vmc.poll() == kAck);
  CHECK(bench.device.state() == S::Inactive);
  CHECK(bench.vmc.say("11 00 03 10 02 00") == kAck);
  CHECK(bench.vmc.poll() == "01 03 11 56 01 02 5A 0F D7*");  // CNY, 1 fen, Z7 90 s, all of Z8
  CHECK(bench.device.state() == S::Disabled);
  CHECK(bench.vmc.say("11 01 02 58 00 32") == kAck);
  CHECK(bench.vmc.poll() == kAck);
  CHECK(bench.device.price_max() == yuan(600));
  CHECK(bench.device.price_min() == yuan(50));
  CHECK(bench.vmc.say(Bench::kIdentify) == kAck);
  CHECK(bench.vmc.poll() ==
        "09 54 4C 4B 30 30 30 30 30 30 30 30 30 30 30 31 54 49 4C 4C 4B 49 54 20 20 20 20 20 01 00 00 00 00 20 13*");
  CHECK(bench.vmc.say("17 04 00 00 00 3F") == kAck);  // of all that it wants, one was offered
  CHECK(bench.device.always_idle());
  CHECK(bench.vmc.say("14 01") == kAck);

  CHECK(bench.device.state() == S::Enabled);
  CHECK(bench.notes.told == Told{"ready"});
}

TEST_CASE("the lower level of the two holds, and unknown prices stay unknown", "[mdb]") {
  for (const int vmc : {1, 2, 3}) {
    for (const std::uint8_t reader : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{3}}) {
      CAPTURE(vmc, reader);
      Bench bench({.level_max = reader});
      bench.vmc.say("10");
      bench.vmc.poll();
      bench.vmc.say("11 00 0" + std::to_string(vmc) + " 00 00 00");
      bench.vmc.poll();
      CHECK(bench.device.level() == std::min<int>(vmc, reader));
      bench.vmc.say(Bench::kIdentify);
      CHECK(bench.vmc.poll().size() == (bench.device.level() == 3 ? 35U : 31U) * 3);
      bench.vmc.say("11 01 FF FF 00 00");
      CHECK_FALSE(bench.device.price_max().has_value());
      CHECK_FALSE(bench.device.price_min().has_value());
      bench.vmc.say("17 04 00 00 00 20");
      CHECK(bench.device.always_idle() == (bench.device.level() == 3));
    }
  }
}

TEST_CASE("session 1: a single vend after BEGIN SESSION", "[mdb]") {
  for (const int level : {1, 2}) {
    CAPTURE(level);
    Bench bench;
    bench.start_up(level);
    CHECK(bench.vmc.say("13 00 00 64 00 05") == kAck);
    CHECK(bench.vmc.poll() == (level == 1 ? "0B 0B*" : "0B 03 0E*"));  // no session, and no 'always idle'

    REQUIRE(bench.device.begin_session(std::nullopt).has_value());
    CHECK(bench.vmc.poll() == (level == 1 ? "03 FF FF 01*" : "03 FF FF FF FF FF FF 00 00 00 FD*"));
    CHECK(bench.device.state() == S::SessionIdle);
    bench.approve();
    CHECK(bench.vmc.poll() == kAck);
    CHECK(bench.vmc.say("13 02 00 05") == kAck);
    CHECK(bench.notes.told == Told{"out"});
    CHECK(bench.vmc.say("13 04") == kAck);
    CHECK(bench.vmc.poll() == "07 07*");

    CHECK(bench.device.state() == S::Enabled);
    CHECK(bench.notes.told == Told{"out", "session over"});
  }
}

TEST_CASE("session 2: several vends in one session", "[mdb]") {
  Bench bench;
  bench.start_up(2);
  REQUIRE(bench.device.begin_session(yuan(500)).has_value());
  CHECK(bench.vmc.poll() == "03 01 F4 FF FF FF FF 00 00 00 F4*");

  for (int i = 0; i < 3; ++i) {
    bench.approve();
    CHECK(bench.vmc.say("13 02 00 05") == kAck);
    CHECK(bench.vmc.poll() == kAck);
    CHECK(std::exchange(bench.notes.told, {}) == Told{"out"});
  }
  bench.vmc.say("13 04");
  CHECK(bench.vmc.poll() == "07 07*");
}

TEST_CASE("session 3: the shopper takes the code away, and the VMC ends the session", "[mdb]") {
  Bench bench;
  bench.start_up(2);
  REQUIRE(bench.device.begin_session(std::nullopt).has_value());
  bench.vmc.poll();

  REQUIRE(bench.device.end_session().has_value());
  CHECK(bench.vmc.poll() == "04 04*");
  CHECK(bench.vmc.say("13 04") == kAck);
  CHECK(bench.vmc.poll() == "07 07*");

  CHECK(bench.device.state() == S::Enabled);
  CHECK(bench.notes.told == Told{"session over"});
  CHECK(failed_with(bench.device.end_session(), ErrorCode::FailedPrecondition));
}

TEST_CASE("session 4a: the return lever before a selection ends the session", "[mdb]") {
  Bench bench;
  bench.start_up(2);
  REQUIRE(bench.device.begin_session(std::nullopt).has_value());
  bench.vmc.poll();

  CHECK(bench.vmc.say("13 04") == kAck);
  CHECK(bench.vmc.poll() == "07 07*");
  CHECK(bench.notes.told == Told{"session over"});
}

TEST_CASE("session 4b and 12: the return lever after the selection gets VEND DENIED, before and after the approval",
          "[mdb]") {
  for (const bool answered : {false, true}) {
    CAPTURE(answered);
    Bench bench;
    bench.start_up();
    bench.ask();
    if (answered) CHECK(bench.device.approve(yuan(100)).has_value());

    CHECK(bench.vmc.say("13 01") == kAck);
    CHECK(bench.notes.told == Told{answered ? "not_out" : "withdrawn"});
    CHECK(bench.vmc.poll() == "06 06*");
    CHECK(bench.vmc.say("13 04") == kAck);
    CHECK(bench.vmc.poll() == "07 07*");
    CHECK(failed_with(bench.device.approve(yuan(100)), ErrorCode::FailedPrecondition));
  }
}

TEST_CASE("session 5: a vend fails and ACK says that the money goes back; until then polls get silence", "[mdb]") {
  Bench bench;
  bench.start_up();
  bench.approve();
  std::string meanwhile = "not asked";
  bench.notes.when_failed = [&] {
    CHECK(bench.device.state() == S::Refunding);
    meanwhile = text_of(bench.device.receive(0x112, bench.vmc.now() + 30ms));
    meanwhile += text_of(bench.device.receive(0x12, bench.vmc.now() + 31ms));
  };

  CHECK(bench.vmc.say("13 03") == kAck);

  CHECK(meanwhile.empty());
  CHECK(bench.notes.told == Told{"failed"});
  bench.vmc.wait(100ms);
  CHECK(bench.vmc.poll() == kAck);
  CHECK(bench.vmc.say("13 04") == kAck);
  CHECK(bench.vmc.poll() == "07 07*");
}

TEST_CASE("session 5A: a vend fails and the refund cannot be stored: the VMC hears that the credit is lost", "[mdb]") {
  for (const int level : {1, 2, 3}) {
    CAPTURE(level);
    Bench bench;
    bench.start_up(level);
    if (level < 3) {
      REQUIRE(bench.device.begin_session(std::nullopt).has_value());
      bench.vmc.poll();
    }
    bench.approve();
    bench.notes.refund_can_be_stored = false;

    CHECK(bench.vmc.say("13 03") == kAck);
    CHECK(bench.vmc.poll() == (level == 1 ? kAck : "0A C0 CA*"));
  }
}

TEST_CASE("session 6: a vend is denied", "[mdb]") {
  Bench bench;
  bench.start_up();
  bench.ask();

  REQUIRE(bench.device.deny().has_value());
  CHECK(failed_with(bench.device.deny(), ErrorCode::FailedPrecondition));
  CHECK(bench.vmc.poll() == "06 06*");
  bench.vmc.say("13 04");
  CHECK(bench.vmc.poll() == "07 07*");
  CHECK(bench.notes.told == Told{"session over"});
}

TEST_CASE("session 7: a vend cannot be interrupted; what does is acknowledged, not done, and answered 0B", "[mdb]") {
  for (const char* const command : {"13 04", "14 01", "14 02", "13 00 00 32 00 06", "13 05 00 64 00 05", "15 00 00 64",
                                    "11 00 03 00 00 00", "17 04 00 00 00 00", "13 02 00 05", "13 03"}) {
    CAPTURE(command);
    Bench bench;
    bench.start_up();
    bench.ask();

    CHECK(bench.vmc.say(command) == kAck);
    CHECK(bench.device.state() == S::Asked);
    CHECK(bench.notes.told.empty());
    CHECK(bench.vmc.poll() == "0B 05 10*");
    CHECK(bench.vmc.say("10") == kAck);
    CHECK(bench.notes.told == Told{"not ready", "session over", "withdrawn"});
    CHECK(bench.vmc.poll() == "00 00*");
  }
}

TEST_CASE("each state says its number when it is asked out of sequence", "[mdb]") {
  Bench bench;
  bench.vmc.say("10");
  bench.vmc.poll();
  bench.vmc.say("14 01");
  CHECK(bench.vmc.poll() == "0B 0B*");  // no level is agreed yet
  bench.vmc.say("11 00 02 00 00 00");
  bench.vmc.poll();
  bench.vmc.say("13 02 00 05");
  CHECK(bench.vmc.poll() == "0B 02 0D*");
  bench.vmc.say("14 01");
  bench.vmc.say("13 03");
  CHECK(bench.vmc.poll() == "0B 03 0E*");
  REQUIRE(bench.device.begin_session(std::nullopt).has_value());
  bench.vmc.poll();
  bench.vmc.say("13 02 00 05");
  CHECK(bench.vmc.poll() == "0B 04 0F*");
}

TEST_CASE("session 8c: a VEND REQUEST that is repeated is executed once", "[mdb]") {
  Bench bench;
  bench.start_up();

  SECTION("damaged on its way: not acknowledged, not executed") {
    CHECK(bench.vmc.say_with({0x13, 0x00, 0x00, 0x64, 0x00, 0x05}, 0x00).empty());
    CHECK(bench.notes.told.empty());
    bench.ask();
  }
  SECTION("its acknowledgement lost, repeated at once") {
    bench.ask();
    CHECK(bench.vmc.say("13 00 00 64 00 05") == kAck);
  }
  SECTION("its acknowledgement lost, repeated after a poll") {
    bench.ask();
    CHECK(bench.vmc.poll() == kAck);
    CHECK(bench.vmc.say("13 00 00 64 00 05") == kAck);
  }
  CHECK(bench.notes.told.empty());
  CHECK(bench.device.state() == S::Asked);
  CHECK(bench.vmc.poll() == kAck);
}

TEST_CASE("session 9: READER CANCEL is answered CANCELLED", "[mdb]") {
  Bench bench;
  bench.start_up();

  CHECK(bench.vmc.say("14 02") == kAck);
  CHECK(bench.vmc.poll() == "08 08*");
  CHECK(bench.device.state() == S::Enabled);

  REQUIRE(bench.device.begin_session(std::nullopt).has_value());
  CHECK(bench.vmc.say("14 02") == kAck);
  CHECK(bench.vmc.poll() == "08 08*");
  CHECK(bench.notes.told == Told{"session over"});
}

TEST_CASE("session 10: a negative vend and a revalue are denied", "[mdb]") {
  Bench bench;
  bench.start_up();

  CHECK(bench.vmc.say("13 06 00 64 00 05") == kAck);
  CHECK(bench.vmc.poll() == "06 06*");
  CHECK(bench.vmc.say("15 00 00 64") == kAck);
  CHECK(bench.vmc.poll() == "0E 0E*");
  CHECK(bench.vmc.say("15 01") == kAck);
  CHECK(bench.vmc.poll() == "0E 0E*");
  CHECK(bench.notes.told.empty());
}

TEST_CASE("session 11: always idle, a vend without BEGIN SESSION, for less than was asked", "[mdb]") {
  Bench bench;
  bench.start_up();
  bench.ask();

  REQUIRE(bench.device.approve(yuan(80)).has_value());
  CHECK(bench.vmc.poll() == "05 00 50 55*");
  CHECK(bench.vmc.say("13 02 00 05") == kAck);
  CHECK(bench.notes.told == Told{"released", "out"});
  CHECK(bench.vmc.say("13 04") == kAck);
  CHECK(bench.vmc.poll() == "07 07*");
  CHECK(bench.device.state() == S::Enabled);
}

TEST_CASE("session 13: a request that nobody answers is denied when its time is over", "[mdb]") {
  Bench bench({.answer_within = 20s});
  bench.start_up();
  bench.ask();

  bench.device.tick(bench.vmc.now() + 19s);
  CHECK(bench.notes.told.empty());
  bench.vmc.wait(20s);
  bench.device.tick(bench.vmc.now());

  CHECK(bench.notes.told == Told{"withdrawn"});
  CHECK(bench.vmc.poll() == "06 06*");
}

TEST_CASE("an approval is repeated until the VMC acknowledges it, and counts from then", "[mdb]") {
  Bench bench;
  bench.start_up();
  bench.ask();
  REQUIRE(bench.device.approve(yuan(100)).has_value());

  for (int i = 0; i < 3; ++i) {
    CHECK(bench.vmc.poll_unheard() == "05 00 64 69*");
    CHECK(bench.notes.told.empty());
  }
  bench.vmc.ack();
  CHECK(bench.notes.told == Told{"released"});
}

TEST_CASE("a report of the vend says that the approval arrived, whatever became of its acknowledgement", "[mdb]") {
  Bench bench;
  bench.start_up();
  bench.ask();
  REQUIRE(bench.device.approve(yuan(100)).has_value());
  bench.vmc.poll_unheard();

  SECTION("vended") {
    bench.vmc.say("13 02 00 05");
    CHECK(bench.notes.told == Told{"released", "out"});
  }
  SECTION("failed") {
    bench.vmc.say("13 03");
    CHECK(bench.notes.told == Told{"released", "failed"});
  }
  CHECK(bench.vmc.poll() == kAck);
}

TEST_CASE("RESET in the middle of a vend", "[mdb]") {
  Bench bench;
  bench.start_up();
  const auto reset = [&] {
    CHECK(bench.vmc.say("10") == kAck);
    Told told = std::exchange(bench.notes.told, {});
    CHECK(bench.vmc.poll() == "00 00*");
    CHECK(bench.device.state() == S::Inactive);
    return told;
  };
  const auto after_restart = [](const char* what) { return Told{"not ready", "session over", what}; };

  SECTION("before the answer withdraws the request") {
    bench.ask();
    CHECK(reset() == after_restart("withdrawn"));
  }
  SECTION("before the approval was on the bus moves nothing") {
    bench.ask();
    REQUIRE(bench.device.approve(yuan(100)).has_value());
    CHECK(reset() == after_restart("not_out"));
  }
  SECTION("while nobody knows whether the approval was read leaves it unknown") {
    bench.ask();
    REQUIRE(bench.device.approve(yuan(100)).has_value());
    bench.vmc.poll_unheard();
    CHECK(reset() == after_restart("unknown"));
  }
  SECTION("between the approval and VEND SUCCESS counts as VEND SUCCESS") {
    bench.approve();
    CHECK(reset() == after_restart("out"));
  }
  SECTION("and a bus that is held low is the same") {
    bench.approve();
    bench.device.bus_reset();
    CHECK(bench.notes.told == after_restart("out"));
    CHECK(bench.vmc.poll() == "00 00*");
  }
  CHECK(bench.vmc.poll() == kAck);
}

TEST_CASE("a VMC that goes silent leaves unknown what it may have read, and nothing else", "[mdb]") {
  Bench bench({.answer_within = 5s});
  bench.start_up();
  CHECK(bench.device.silence_max() == 50s);
  const auto silence = [&] {
    bench.device.tick(bench.vmc.now() + 49s);
    CHECK(bench.device.state() != S::Inactive);
    bench.device.tick(bench.vmc.now() + 51s);
    CHECK(bench.device.state() == S::Inactive);
    return bench.notes.told.back();
  };

  SECTION("approval queued") {
    bench.ask();
    REQUIRE(bench.device.approve(yuan(100)).has_value());
    CHECK(silence() == "not_out");
  }
  SECTION("approval on the bus") {
    bench.ask();
    REQUIRE(bench.device.approve(yuan(100)).has_value());
    bench.vmc.poll_unheard();
    CHECK(silence() == "unknown");
  }
  SECTION("approval acknowledged") {
    bench.approve();
    CHECK(silence() == "unknown");
  }
  SECTION("idle") {
    CHECK(silence() == "not ready");
  }
}

TEST_CASE("giving up takes back what never was on the bus, and says that the rest is unknown", "[mdb]") {
  Bench bench;
  bench.start_up();
  bench.ask();
  REQUIRE(bench.device.approve(yuan(100)).has_value());

  SECTION("in time") {
    CHECK(bench.device.give_up() == UnitOutcome::NotOut);
    CHECK(bench.vmc.poll() == "06 06*");
  }
  SECTION("perhaps read: it is not offered again") {
    bench.vmc.poll_unheard();
    CHECK(failed_with(bench.device.deny(), ErrorCode::FailedPrecondition));
    CHECK(bench.device.give_up() == UnitOutcome::Unknown);
    CHECK(bench.vmc.poll() == "06 06*");
  }
  SECTION("too late: nobody is told what comes then, and no refund is promised") {
    bench.vmc.poll();
    bench.notes.told.clear();
    CHECK(bench.device.give_up() == UnitOutcome::Unknown);
    bench.vmc.say("13 03");
    CHECK(bench.vmc.poll() == "0A C0 CA*");
  }
  CHECK(bench.notes.told.empty());
}

TEST_CASE("a price that no money says is denied without asking", "[mdb]") {
  Bench bench({.scale = {kCny, 1, 3}});
  bench.start_up();

  CHECK(bench.vmc.say("13 00 03 E9 00 05") == kAck);  // 1.001
  CHECK(bench.vmc.poll() == "06 06*");
  CHECK(bench.notes.told.empty());
}

TEST_CASE("an amount between two steps of the scale is not approved", "[mdb]") {
  Bench bench({.scale = {kCny, 10, 2}});
  bench.start_up();
  CHECK(bench.vmc.say("13 00 00 0A FF FF") == kAck);
  CHECK(bench.notes.told == Told{"asked 1.00"});

  CHECK(failed_with(bench.device.approve(yuan(95)), ErrorCode::OutOfRange));
  CHECK(bench.device.state() == S::Asked);
  REQUIRE(bench.device.approve(yuan(90)).has_value());
  CHECK(bench.vmc.poll() == "05 00 09 0E*");
}

TEST_CASE("a reader that is switched off gives no approval, and ends what was approved before", "[mdb]") {
  Bench bench;
  bench.start_up();

  SECTION("while a request is open") {
    bench.ask();
    CHECK(bench.vmc.say("14 00") == kAck);
    CHECK(bench.notes.told == Told{"not ready", "withdrawn"});
    CHECK(bench.vmc.poll() == "06 06*");
  }
  SECTION("while the machine vends") {
    bench.approve();
    CHECK(bench.vmc.say("14 00") == kAck);
    CHECK(bench.vmc.poll() == kAck);
    CHECK(bench.vmc.say("13 02 00 05") == kAck);
    CHECK(bench.notes.told == Told{"not ready", "out"});
  }
  CHECK_FALSE(bench.device.ready());
  CHECK(failed_with(bench.device.begin_session(std::nullopt), ErrorCode::FailedPrecondition));
  bench.vmc.say("13 04");
  CHECK(bench.vmc.poll() == "07 07*");
  CHECK(bench.device.state() == S::Disabled);
  bench.vmc.say("14 01");
  CHECK(bench.device.ready());
}

TEST_CASE("cash sales are reported where a machine can make one", "[mdb]") {
  Bench bench;
  bench.start_up();

  CHECK(bench.vmc.say("13 05 00 64 00 05") == kAck);
  bench.vmc.say("14 00");
  CHECK(bench.vmc.say("13 05 00 32 FF FF") == kAck);

  CHECK(bench.notes.told == Told{"cash 1.00 item 5", "not ready", "cash 0.50"});
}

TEST_CASE("an answer to an old request never answers a new one", "[mdb]") {
  Bench bench;
  bench.start_up();
  bench.ask();
  REQUIRE(bench.device.deny().has_value());
  CHECK(bench.vmc.poll_unheard() == "06 06*");

  SECTION("asked in the same session") {
    bench.vmc.say("13 00 00 32 00 06");
    CHECK(bench.notes.told == Told{"asked 0.50 item 6"});
  }
  SECTION("asked after a session whose end was not acknowledged") {
    bench.vmc.say("13 04");
    CHECK(bench.vmc.poll_unheard() == "07 07*");
    bench.vmc.say("13 00 00 32 00 06");
    CHECK(bench.notes.told == Told{"asked 0.50 item 6"});
  }
  CHECK(bench.vmc.poll() == kAck);
}

}  // namespace
}  // namespace tillkit::fulfilment
