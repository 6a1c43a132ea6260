// SPDX-License-Identifier: Apache-2.0
// A real till that can be killed: sells for cash and to a wallet, is declined, gives back, puts aside, gives up; and
// says so when a sale is over. What it promises is in ../README.md.
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/test/real_till.hpp"

namespace {

namespace checkout = tillkit::checkout;
namespace core = tillkit::core;
namespace journal = tillkit::journal;
namespace receipt = tillkit::receipt;
namespace terminal = tillkit::terminal;
namespace test = tillkit::test;
using checkout::SaleState;
using test::CodeSays;

constexpr std::chrono::seconds kSettleMax{30};

void say(const std::string& line) {
  // To whoever reads along it counts once the line is out, so nothing may wait in a buffer.
  if (std::fputs((line + '\n').c_str(), stdout) == EOF || std::fflush(stdout) != 0) std::exit(1);
}

/// How a sale ended is promised, too.
std::string name_of(journal::SaleId sale, SaleState how) {
  return std::to_string(sale.value()) + '-' + std::string(to_string(how));
}

/// Says what the terminal says.
class Speaker final : public terminal::Observer {
 public:
  bool aloud = false;
  std::vector<journal::SaleId> closed;

  void show(const receipt::ScreenModel& /*screen*/) override {}
  void sale_ended(journal::SaleId sale, SaleState how) override {
    if (how == SaleState::Closed) closed.push_back(sale);
    if (aloud) say("acknowledged " + name_of(sale, how));
  }
  void hand_out(journal::SaleId /*sale*/, const core::Money& /*cash*/) override {}
  void attention(receipt::Attention /*attention*/, const receipt::TextValues& /*values*/) override {}
  void check_age(int /*minimum_age*/) override {}
  void check_member(const tillkit::members::Hint& /*hint*/) override {}
  void status_changed(const terminal::Status& /*status*/) override {}
};

std::uint32_t seed() {
  const char* const text = std::getenv("TILLKIT_SEED");
  return text == nullptr ? 1 : static_cast<std::uint32_t>(std::strtoul(text, nullptr, 0));
}

/// What a till must not do, for showing that it is seen.
enum class Mistake : std::uint8_t { None, SaysSoEarly, ChargesTwice };

/// The shop's day: one thing after the other, as fast as they come.
class Day {
 public:
  Day(test::RealTill& till, Speaker& speaker, Mistake mistake)
      : till_(till),
        speaker_(speaker),
        mistake_(mistake),
        chance_(seed() + static_cast<std::uint32_t>(till.journal().last_seq().value())) {}

  void next() {
    if (till_.checkout().is_paying()) return wait();
    if (till_.checkout().state() == SaleState::Paying) return finish();
    if (!till_.checkout().basket().empty()) return pay();
    switch (draw(6)) {
      case 0: return give_back();
      case 1: return go_on_with_suspended();
      default: return fill();
    }
  }

 private:
  std::uint32_t draw(std::uint32_t choices) { return static_cast<std::uint32_t>(chance_() >> 8U) % choices; }

  /// A wallet takes its time; now and then nobody waits for it.
  void wait() {
    if (draw(10) == 0) [[maybe_unused]]
      const auto given_up = till_.checkout().give_up(test::kLead);
    till_.loop().turn(std::chrono::milliseconds(20));
  }

  /// A part is paid.
  void finish() {
    if (draw(4) == 0) {
      must(till_.checkout().give_up(test::kLead), "give up");
    } else if (draw(2) == 0) {
      pay_by_code();
    } else {
      must(till_.checkout().pay_cash(till_.checkout().left_to_pay()), "the rest in cash");
    }
  }

  void pay() {
    switch (draw(8)) {
      case 0: return must(till_.checkout().suspend(), "suspend");
      case 1: return must(till_.checkout().pay_cash({100, core::kCny}), "a part in cash");
      case 2:
      case 3: return pay_cash();
      default: return pay_by_code();
    }
  }

  void pay_cash() {
    const bool known = till_.checkout().sale().value() != 0;
    const bool early = mistake_ == Mistake::SaysSoEarly && !known;
    if (early)
      say("acknowledged " + name_of(journal::SaleId(till_.journal().last_seq().value() + 1), SaleState::Closed));
    if (early) till_.loop().turn(std::chrono::milliseconds(3));
    speaker_.aloud = !early;
    must(till_.checkout().pay_cash({10'000, core::kCny}), "cash");
    speaker_.aloud = true;
  }

  void pay_by_code() {
    // What nobody answers is rare: it takes a moment until it is asked about.
    const std::uint32_t drawn = draw(24);
    const CodeSays says = drawn < 3    ? CodeSays::Declines
                          : drawn == 3 ? CodeSays::PaysInSilence
                          : drawn == 4 ? CodeSays::GetsLost
                          : drawn == 5 ? CodeSays::AsksPassword
                                       : CodeSays::Pays;
    if (!till_.pay_by_code(says)) {
      // Too many are unresolved: cash works.
      must(till_.checkout().pay_cash(till_.checkout().left_to_pay()), "cash instead of a wallet");
    }
  }

  void fill() {
    constexpr std::array kGoods{test::kCola, test::kRice, test::kApples};
    const std::string_view goods = kGoods.at(draw(kGoods.size()));
    const std::int64_t many = 1 + draw(4);
    const auto quantity = goods == test::kApples ? core::Quantity::grams(many * 500) : core::Quantity::pieces(many);
    must(till_.checkout().add(goods, *quantity), "add");
  }

  void give_back() {
    if (speaker_.closed.empty()) return fill();
    const auto of = draw(static_cast<std::uint32_t>(speaker_.closed.size()));
    // One that was given back before is refused.
    [[maybe_unused]] const auto refunded =
        till_.checkout().refund({.sale = speaker_.closed[of], .units = {}, .by = test::kLead});
    speaker_.closed.erase(speaker_.closed.begin() + static_cast<std::ptrdiff_t>(of));
  }

  void go_on_with_suspended() {
    const auto sales = checkout::open_sales(till_.journal().tables());
    if (!sales) throw std::runtime_error("the open sales cannot be read");
    for (const checkout::OpenSale& sale : *sales) {
      if (sale.state == SaleState::Suspended) return must(till_.checkout().resume(sale.id), "resume");
    }
    fill();
  }

  template <class Outcome>
  static void must(const Outcome& outcome, const char* what) {
    if (outcome) return;
    const auto* const refusal = std::get_if<receipt::SaleRefusal>(&outcome.error().refusal);
    throw std::runtime_error(std::string(what) +
                             " is refused: " + (refusal == nullptr ? "a tender" : std::string(to_string(*refusal))));
  }

  test::RealTill& till_;
  Speaker& speaker_;
  Mistake mistake_;
  std::minstd_rand chance_;
};

[[noreturn]] void run(const std::string& folder, Mistake mistake) {
  Speaker speaker;
  test::RealTill till(folder, speaker, seed());
  till.wallet().hears_twice = mistake == Mistake::ChargesTwice;
  say("ready");
  speaker.aloud = true;
  Day day(till, speaker, mistake);
  while (true) {
    day.next();
    till.loop().turn({});
  }
}

/// Starts once more, lets everything come to its end, and compares.
void list(const std::string& folder) {
  Speaker speaker;
  test::RealTill till(folder, speaker, seed());
  // Nobody is there to wait: asked once more, then reversed.
  if (till.checkout().is_paying() && !till.checkout().give_up(test::kLead)) throw std::runtime_error("no giving up");
  if (!till.settle(kSettleMax)) throw std::runtime_error("something is still under way");
  if (till.checkout().impossible_answers() != 0) throw std::runtime_error("an answer came that no machine knows");
  if (const std::string broken = till.disagreement(); !broken.empty()) throw std::runtime_error(broken);
  if (const auto report = till.journal().verify(); !report.sound()) {
    throw std::runtime_error("the journal is not sound: " + std::string(to_string(report.findings.at(0).flaw)));
  }
  for (const checkout::SaleStory& sale : test::stories_of(till.journal())) {
    if (is_final(sale.state)) say("stored " + name_of(sale.id, sale.state));
  }
}

}  // namespace

int main(int count, char** arguments) {
  const std::span<char*> words(arguments, static_cast<std::size_t>(count));
  const bool wrong = count == 5 && std::string_view(words[1]) == "--mistake";
  const std::string_view name = wrong ? words[2] : "";
  const Mistake mistake = name == "early"   ? Mistake::SaysSoEarly
                          : name == "twice" ? Mistake::ChargesTwice
                                            : Mistake::None;
  const std::string_view command = count == 3 || mistake != Mistake::None ? words[words.size() - 2] : "";
  if (command != "run" && command != "list") {
    std::fputs("usage: sell [--mistake early|twice] run FOLDER | sell list FOLDER\n", stderr);
    return 2;
  }
  try {
    if (command == "run") run(words.back(), mistake);
    list(words.back());
  } catch (const std::exception& trouble) {
    std::fprintf(stderr, "sell: %s\n", trouble.what());
    return 1;
  }
  return 0;
}
