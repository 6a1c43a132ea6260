// SPDX-License-Identifier: Apache-2.0
#include "tillkit/fulfilment/mdb_link.hpp"

#include <functional>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "mdb_bus.hpp"

namespace tillkit::fulfilment {
namespace {

using namespace std::chrono_literals;
using Kind = MdbLinkEvent::Kind;

const std::string kAck = "00*";

struct Bench {
  MdbLink link{MdbAddress::Cashless1};
  std::vector<std::string> heard{};
  int sent = 0;
  std::vector<MdbReply> acknowledged{};
  Master<std::function<std::span<const MdbWord>(MdbWord, core::MonotonicTime)>> vmc{
      [this](MdbWord word, core::MonotonicTime at) {
        const auto answer = link.receive(word, at);
        if (answer.event.kind == Kind::Command) {
          std::vector<MdbWord> words;
          for (const std::byte byte : answer.event.command)
            words.push_back(std::to_integer<MdbWord>(byte));
          heard.push_back(text_of(words));
        }
        if (answer.event.kind == Kind::Sent) ++sent;
        for (std::size_t i = 1; i <= kMdbReplies && answer.event.kind == Kind::Heard; ++i) {
          if (answer.event.replies.has(static_cast<MdbReply>(i))) acknowledged.push_back(static_cast<MdbReply>(i));
        }
        return answer.send;
      }};

  void queue(MdbReply reply, std::string_view text) {
    core::Bytes bytes;
    for (const std::uint8_t byte : bytes_of(text))
      bytes.push_back(static_cast<std::byte>(byte));
    link.queue(reply, bytes);
  }
};

using Heard = std::vector<std::string>;
using Acknowledged = std::vector<MdbReply>;

TEST_CASE("a command for this device is acknowledged at once and told without address and checksum", "[mdb]") {
  Bench bench;

  CHECK(bench.vmc.say("10") == kAck);
  CHECK(bench.vmc.say("11 00 03 00 00 00") == kAck);
  CHECK(bench.vmc.say("13 00 00 64 00 05") == kAck);
  CHECK(bench.vmc.say("14 01") == kAck);

  CHECK(bench.heard == Heard{"00", "01 00 03 00 00 00", "03 00 00 64 00 05", "04 01"});
}

TEST_CASE("the second cashless device answers at 60H, and neither answers for the other", "[mdb]") {
  Bench first;
  Bench second{.link = MdbLink{MdbAddress::Cashless2}};

  CHECK(first.vmc.say("60").empty());
  CHECK(first.vmc.say("63 00 00 64 00 05").empty());
  CHECK(second.vmc.say("63 00 00 64 00 05") == kAck);
  CHECK(second.vmc.say("13 00 00 64 00 05").empty());

  CHECK(first.heard.empty());
  CHECK(second.heard == Heard{"03 00 00 64 00 05"});
}

TEST_CASE("a damaged block gets silence and does nothing", "[mdb]") {
  Bench bench;

  CHECK(bench.vmc.say_with({0x13, 0x00, 0x00, 0x64, 0x00, 0x05}, 0x7D).empty());

  CHECK(bench.heard.empty());
  CHECK_FALSE(bench.link.last_block().has_value());
  CHECK(bench.vmc.say("13 00 00 64 00 05") == kAck);
}

TEST_CASE("a block that pauses for longer than a UART can explain is dropped", "[mdb]") {
  const auto say = [](Bench& bench, std::chrono::microseconds pause) {
    bench.vmc.character(0x114);
    bench.vmc.character(0x01, pause);
    return bench.vmc.character(0x15);
  };
  Bench slow;
  Bench late;

  CHECK(say(slow, kMdbByteTime + 1ms) == kAck);
  CHECK(say(late, kMdbByteTime + 1ms + 1us).empty());
  CHECK(late.heard.empty());
}

TEST_CASE("an address in the middle of a block begins another one", "[mdb]") {
  Bench bench;

  bench.vmc.character(0x113);
  bench.vmc.character(0x00);
  CHECK(bench.vmc.say("14 01") == kAck);

  CHECK(bench.heard == Heard{"04 01"});
}

TEST_CASE("what this device does not know gets silence, however long it is", "[mdb]") {
  Bench bench;

  for (const char* const block : {"16 00", "17 FF 01", "13 09 01 02", "14 03 01", "15 02", "17 FA 00 00", "11 02"}) {
    CAPTURE(block);
    CHECK(bench.vmc.say(block).empty());
  }
  bench.vmc.character(0x117);
  bench.vmc.character(0xFE);
  for (int i = 0; i < 100; ++i)
    CHECK(bench.vmc.character(0x11).empty());

  std::string longest = "13 B3";
  for (int i = 0; i < 33; ++i)
    longest += " 00";
  CHECK(bench.vmc.say(longest).empty());  // 36 bytes, and the right checksum

  CHECK(bench.heard.empty());
  CHECK(bench.vmc.say("14 01") == kAck);
}

TEST_CASE("a poll brings ACK where nothing waits, and what waits until it is acknowledged", "[mdb]") {
  Bench bench;
  CHECK(bench.vmc.poll() == kAck);
  bench.queue(MdbReply::VendApproved, "05 00 64");

  CHECK(bench.vmc.poll_unheard() == "05 00 64 69*");
  CHECK(bench.vmc.poll_unheard() == "05 00 64 69*");
  CHECK(bench.acknowledged.empty());
  bench.vmc.ack();

  CHECK(bench.sent == 2);
  CHECK(bench.acknowledged == Acknowledged{MdbReply::VendApproved});
  CHECK(bench.vmc.poll() == kAck);
}

TEST_CASE("RET brings the same block again, NAK brings it at the next poll", "[mdb]") {
  Bench bench;
  bench.queue(MdbReply::VendDenied, "06");

  CHECK(bench.vmc.poll_unheard() == "06 06*");
  CHECK(bench.vmc.ret() == "06 06*");
  CHECK(bench.vmc.ret() == "06 06*");
  CHECK(bench.vmc.nak().empty());
  CHECK(bench.vmc.ack().empty());
  CHECK(bench.acknowledged.empty());
  CHECK(bench.vmc.poll() == "06 06*");

  CHECK(bench.acknowledged == Acknowledged{MdbReply::VendDenied});
}

TEST_CASE("an acknowledgement that comes too late is none", "[mdb]") {
  Bench bench;
  bench.queue(MdbReply::VendDenied, "06");

  bench.vmc.poll_unheard();
  bench.vmc.character(0x00, 40ms);

  CHECK(bench.acknowledged.empty());
  CHECK(bench.link.waits(MdbReply::VendDenied));
}

TEST_CASE("an ACK for another device is not taken for ours", "[mdb]") {
  Bench bench;
  bench.queue(MdbReply::VendApproved, "05 00 64");

  bench.vmc.poll_unheard();
  bench.vmc.character(0x132);
  bench.vmc.character(0x32);
  bench.vmc.ack();

  CHECK(bench.acknowledged.empty());
}

TEST_CASE("several replies go out in one block in their fixed order", "[mdb]") {
  Bench bench;
  bench.queue(MdbReply::SessionCancelRequest, "04");
  bench.queue(MdbReply::Malfunction, "0A 07");
  bench.queue(MdbReply::VendDenied, "06");

  CHECK(bench.vmc.poll() == "06 0A 07 04 1B*");
  CHECK(bench.acknowledged ==
        Acknowledged{MdbReply::VendDenied, MdbReply::Malfunction, MdbReply::SessionCancelRequest});
}

TEST_CASE("a block never grows beyond 36 bytes, and JUST RESET goes alone", "[mdb]") {
  Bench bench;
  bench.queue(
      MdbReply::PeripheralId, "09" + [] {
        std::string more;
        for (int i = 0; i < 33; ++i)
          more += " 41";
        return more;
      }());
  bench.queue(MdbReply::OutOfSequence, "0B 03");
  bench.queue(MdbReply::JustReset, "00");

  CHECK(bench.vmc.poll() == "00 00*");
  CHECK(bench.vmc.poll() == "0B 03 0E*");
  CHECK(bench.vmc.poll().size() == 35 * 3);
  CHECK(bench.vmc.poll() == kAck);
}

TEST_CASE("a command that is repeated because its ACK was lost is acknowledged and told once", "[mdb]") {
  Bench bench;

  CHECK(bench.vmc.say("13 00 00 64 00 05") == kAck);
  CHECK(bench.vmc.say("13 00 00 64 00 05") == kAck);
  CHECK(bench.heard.size() == 1);

  bench.vmc.poll();
  CHECK(bench.vmc.say("13 00 00 64 00 05") == kAck);
  CHECK(bench.heard.size() == 2);
}

TEST_CASE("what is replaced or taken back while it is on its way is not acknowledged with what it was", "[mdb]") {
  Bench bench;
  bench.queue(MdbReply::VendApproved, "05 00 64");
  bench.queue(MdbReply::SessionCancelRequest, "04");

  bench.vmc.poll_unheard();
  bench.queue(MdbReply::VendApproved, "05 00 32");
  bench.link.take_back(MdbReply::SessionCancelRequest);
  bench.vmc.ack();

  CHECK(bench.acknowledged.empty());
  CHECK(bench.vmc.poll() == "05 00 32 37*");
  CHECK(bench.vmc.poll() == kAck);
}

TEST_CASE("polls get silence while they are held, and commands are acknowledged all the same", "[mdb]") {
  Bench bench;
  bench.queue(MdbReply::VendDenied, "06");
  bench.link.hold_polls(true);

  CHECK(bench.vmc.poll().empty());
  CHECK(bench.vmc.say("14 00") == kAck);
  bench.link.hold_polls(false);
  CHECK(bench.vmc.poll() == "06 06*");
}

}  // namespace
}  // namespace tillkit::fulfilment
