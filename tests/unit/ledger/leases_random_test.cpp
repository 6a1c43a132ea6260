// SPDX-License-Identifier: Apache-2.0

// Three terminals with real journals, a book in the cloud, and everything that can happen between them, against a plain
// model that was written independently.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "plain_model.hpp"
#include "random.hpp"
#include "till.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/ledger/book.hpp"
#include "tillkit/ledger/history.hpp"
#include "tillkit/ledger/points.hpp"

namespace tillkit::ledger {
namespace {

using namespace std::chrono_literals;
using core::below;
using core::pick;
using plain::What;

// Less on 32 bits, where the emulator makes every operation dear.
constexpr bool kEmulated = sizeof(void*) == 4;
constexpr int kWorlds = kEmulated ? 4 : 70;
constexpr int kOperations = 1'500;
constexpr int kMembers = 3;

constexpr journal::Kind kCouponUsed = journal::kind("test.coupon_used");

/// How often what the laws are about did happen, so that nobody believes a run in which nothing did.
using Happened = std::map<std::string, int>;

/// A record that travels to the cloud.
struct Upload {
  journal::Record record{};
  std::string terminal{};
};

/// The cloud's answer to a request, or what it sends by itself.
struct Answer {
  RequestKey request{};
  std::optional<LeaseGrant> grant{};
};

struct PaidSale {
  std::vector<Reservation> parts{};
  std::vector<std::vector<Hold>> given_back{};  // of each part
  Owner member{};
  std::int64_t earned = 0;
  std::int64_t taken_back = 0;
};

struct Terminal {
  Terminal(int number, const std::shared_ptr<Keys>& keys)
      : name(must(TerminalId::parse("t" + std::to_string(number)))),
        till(std::make_unique<Till>(static_cast<std::uint64_t>(number), keys)),
        key(must(keys->crypto->import_mac_key(security::Sha256{static_cast<std::byte>(number)}))) {}

  TerminalId name;
  std::unique_ptr<Till> till;
  security::MacKey key;  // for its draws
  plain::Till plain;
  bool online = true;
  std::chrono::milliseconds skew{};
  core::WallQuality quality = core::WallQuality::Trusted;
  std::map<std::int64_t, plain::Entry> did;  // what the records must say
  std::int64_t uploaded = 0;
  std::vector<Answer> inbox;
  std::vector<Answer> answers;  // all that ever came
  std::vector<PaidSale> paid;
  std::vector<std::int64_t> paid_ids;
  std::set<std::string> coupons_used;
  std::map<Owner, std::pair<std::uint64_t, std::int64_t>> shown;  // the draw of an offer, and its amount
  std::int64_t sales = 0;
};

class Fleet {
 public:
  Fleet(std::uint64_t seed, Happened& happened) : random_(seed), happened_(happened) {
    for (int i = 0; i < 3; ++i)
      terminals_.push_back(std::make_unique<Terminal>(++devices_, keys_));
  }

  void step() {
    struct Operation {
      int weight = 0;
      void (Fleet::*run)() = nullptr;
    };
    static constexpr std::array kOperationsOf{
        Operation{8, &Fleet::earn_in_the_cloud},
        Operation{5, &Fleet::request},
        Operation{10, &Fleet::ask},
        Operation{8, &Fleet::push_a_lease},
        Operation{14, &Fleet::hear},
        Operation{30, &Fleet::reserve},
        Operation{4, &Fleet::reserve_anything},
        Operation{12, &Fleet::take},
        Operation{6, &Fleet::release},
        Operation{2, &Fleet::give_a_lease},
        Operation{10, &Fleet::refund},
        Operation{1, &Fleet::restart},
        Operation{8, &Fleet::upload},
        Operation{22, &Fleet::arrive},
        Operation{2, &Fleet::part_or_meet},
        Operation{2, &Fleet::change_a_clock},
        Operation{3, &Fleet::let_time_pass},
        Operation{10, &Fleet::honour_a_coupon},
    };
    // What a year sees once.
    static constexpr std::array kRare{&Fleet::lose_a_terminal, &Fleet::write_one_off, &Fleet::find_a_terminal,
                                      &Fleet::merge};
    terminal_ = pick(random_, terminals_).get();
    if (below(random_, 150) == 0) {
      (this->*pick(random_, kRare))();
    } else {
      int choice = 0;
      for (const Operation& operation : kOperationsOf)
        choice += operation.weight;
      choice = below(random_, choice);
      for (const Operation& operation : kOperationsOf) {
        choice -= operation.weight;
        if (choice >= 0) continue;
        (this->*operation.run)();
        break;
      }
    }
    ++steps_;
    if (steps_ % 16 == 0) check_all();
  }

  /// Whoever is not lost for ever comes to its end; then everything agrees, to the point.
  void finish() {
    while (!drawer_.empty())
      find_a_terminal();
    for (const auto& terminal : terminals_) {
      terminal_ = terminal.get();
      terminal_->online = true;
      terminal_->inbox.clear();
      settle_terminal();
      upload_from(*terminal_, terminal_->till->records(), 1);
    }
    while (!on_the_way_.empty())
      arrive();
    check_all();
    for (const auto& terminal : terminals_)
      REQUIRE(terminal->till->sound());
    if (forever_lost_.empty()) REQUIRE(book_.waiting() == 0);
    check_truth();
    check_coupons();
  }

 private:
  // --- the cloud ---

  [[nodiscard]] Owner some_member() { return owner("m" + std::to_string(below(random_, kMembers))); }
  [[nodiscard]] Owner some_offer() { return owner("o" + std::to_string(below(random_, 2))); }
  [[nodiscard]] Unit some_unit() { return static_cast<Unit>(1 + below(random_, 4)); }
  /// Whose account it is in the cloud; at a terminal a risk budget is nobody's.
  [[nodiscard]] Owner account_of(Unit unit, const TerminalId& terminal) {
    if (unit == Unit::Budget) return some_offer();
    if (unit == Unit::Risk) return owner(terminal.view());
    return some_member();
  }
  [[nodiscard]] bool happens(int one_in) { return below(random_, one_in) == 0; }
  void note(const std::string& what) { ++happened_[what]; }

  void earn_in_the_cloud() {
    plain::Entry entry{.what = What::Earned, .unit = some_unit()};
    // Most points come from sales.
    if (entry.unit == Unit::Points && !happens(5)) return;
    entry.of = account_of(entry.unit, terminal_->name);
    entry.lot = lot_id("lot-" + std::to_string(++lots_));
    entry.amount = 1 + below(random_, 120);
    entry.from = now_ + std::chrono::hours{below(random_, 5) == 0 ? below(random_, 100) : 0};
    entry.expires = now_ + std::chrono::hours{1 + below(random_, 24 * 80)};
    const EntryKey key{.journal = {{std::byte{0xCC}}}, .seq = journal::Seq(lots_)};
    const int times = happens(4) ? 2 : 1;
    for (int i = 0; i < times; ++i) {
      const bool first =
          must(book_.post_earned(key, entry.unit, entry.of, {entry.lot, entry.amount, entry.expires}, entry.from));
      REQUIRE(first == cloud_.post({"cloud", lots_}, entry));
    }
    check_account(entry.unit, entry.of);
  }

  std::optional<LeaseGrant> grant(const LeaseId& id, Unit unit, const Owner& of, std::int64_t amount) {
    const WallTime until = now_ + std::chrono::hours{1 + below(random_, 24 * 30)};
    const bool known = cloud_.leases.contains(id);
    const auto plain = cloud_.grant(id, terminal_->name, unit, of, amount, now_, until);
    const auto granted = book_.grant(id, terminal_->name, unit, of, amount, now_, until);
    if (!plain) {
      note(book_.balance(unit, of, now_).debt > 0 ? "a debt blocked" : "nothing was there");
      REQUIRE(failed_with(granted, ErrorCode::Exhausted));
      return std::nullopt;
    }
    REQUIRE(granted.has_value());
    REQUIRE(*granted == *plain);
    if (known) note("the same lease was granted again");
    check_account(unit, of);
    return *granted;
  }

  void push_a_lease() {
    const Unit unit = some_unit();
    const LeaseId id = lease_id("L" + std::to_string(++pushed_));
    const auto granted = grant(id, unit, account_of(unit, terminal_->name), 1 + below(random_, 40));
    if (granted) send({.grant = granted});
  }

  void send(const Answer& answer) {
    terminal_->answers.push_back(answer);
    const int times = happens(6) ? 0 : happens(4) ? 2 : 1;
    for (int i = 0; i < times; ++i)
      terminal_->inbox.push_back(answer);
  }

  void merge() {
    const Owner from = some_member();
    const Owner into = some_member();
    book_.merge(from, into);
    cloud_.merge(from, into);
    if (from != into) note("two members became one");
    check_all();
  }

  void arrive() {
    if (on_the_way_.empty()) return;
    const std::size_t chosen = below(random_, on_the_way_.size());
    const Upload upload = on_the_way_[chosen];
    on_the_way_.erase(on_the_way_.begin() + static_cast<std::ptrdiff_t>(chosen));
    enter(upload);
  }

  /// Enters what the record says into the book, and what the terminal did into the model.
  void enter(const Upload& upload) {
    const journal::Record& record = upload.record;
    const auto& did = did_[upload.terminal];
    const auto found = did.find(record.seq.value());
    const bool money = record.kind == kCouponUsed || record.kind == kTaken || record.kind == kGivenBack ||
                       record.kind == kEarned || record.kind == kTakenBack || record.kind == kLeaseReturned;
    REQUIRE(money == (found != did.end()));
    if (!money) return;
    plain::Entry entry = found->second;
    if (entry.what == What::TakenBack || entry.what == What::Earned) entry.from = now_;
    if (entry.what == What::Earned) entry.expires = now_ + 24h * 30;
    const std::size_t waited = book_.waiting();
    const bool first = post(record, upload.terminal, entry);
    REQUIRE(first == cloud_.post({upload.terminal, record.seq.value()}, entry));
    if (!first) note("an entry came twice");
    if (book_.waiting() > waited) note("an entry waited");
  }

  bool post(const journal::Record& record, const std::string& terminal, const plain::Entry& entry) {
    const EntryKey key{record.journal, record.seq};
    const core::JsonDocument document = must(core::JsonDocument::parse(record.body));
    const core::JsonValue body = document.root();
    const auto number = [](const core::JsonValue& value, std::string_view name) {
      return must(must(value.member(name)).integer());
    };
    const auto text = [](const core::JsonValue& value, std::string_view name) {
      return must(must(value.member(name)).text());
    };
    const auto holds = [&](const core::JsonValue& part, std::vector<Hold>& into) {
      for (const core::JsonValue one : must(must(part.member("holds")).elements()))
        into.push_back(hold(text(one, "lease"), text(one, "lot"), number(one, "amount")));
    };
    std::vector<Hold> all;
    if (record.kind == kTaken) {
      for (const core::JsonValue part : must(must(body.member("parts")).elements()))
        holds(part, all);
      return must(book_.post_taken(key, all));
    }
    if (record.kind == kGivenBack) {
      holds(body, all);
      const std::string_view of = text(body, "of");
      return must(
          book_.post_given_back(key, static_cast<Unit>(number(body, "unit")), of.empty() ? Owner{} : owner(of), all));
    }
    if (record.kind == kEarned) {
      const LotPart lot{lot_of(terminal, record.sale.value()), number(body, "points"), entry.expires};
      return must(book_.post_earned(key, Unit::Points, owner(text(body, "of")), lot, entry.from));
    }
    if (record.kind == kTakenBack) {
      const LotId lot = lot_of(terminal, number(body, "sale"));
      return must(
          book_.post_taken_back(key, Unit::Points, owner(text(body, "of")), lot, number(body, "points"), entry.from));
    }
    if (record.kind == kLeaseReturned) {
      return must(book_.post_returned(key, lease_id(text(body, "lease")), number(body, "unused")));
    }
    const std::string coupon(text(body, "coupon"));
    if (!redemptions_.insert({terminal, record.seq.value()}).second) return false;
    const bool again = !first_redeemed_.insert(coupon).second;
    if (again) doubles_.push_back({coupon, terminal, number(body, "amount"), bearer_of(coupon)});
    return true;
  }

  [[nodiscard]] static LotId lot_of(std::string_view terminal, std::int64_t sale) {
    return lot_id("e-" + std::string(terminal) + "-" + std::to_string(sale));
  }
  [[nodiscard]] static std::string bearer_of(std::string_view coupon) {
    return coupon.size() % 2 == 0 ? "brand" : "merchant";
  }

  // --- a terminal ---

  [[nodiscard]] core::WallReading reading() const { return {now_ + terminal_->skew, terminal_->quality}; }

  void request() {
    const Unit unit = some_unit();
    const Owner of = unit == Unit::Risk ? Owner{} : account_of(unit, terminal_->name);
    const auto open = must(open_requests(terminal_->till->tables())).size();
    const auto asked = terminal_->till->request(unit, of, 1 + below(random_, 40));
    REQUIRE(asked.has_value() == (open < kRequestsOpenMax));
  }

  /// The terminal reaches the cloud; an answer may be lost, and after a restart it asks again.
  void ask() {
    if (!terminal_->online) return;
    for (const LeaseRequest& asked : must(open_requests(terminal_->till->tables()))) {
      const Owner of = asked.unit == Unit::Risk ? owner(terminal_->name.view()) : asked.of;
      send({asked.key, grant(lease_id("R" + std::string(asked.key.view())), asked.unit, of, asked.amount)});
    }
  }

  void hear() {
    if (happens(5) && !terminal_->answers.empty()) {
      // However old it is.
      hear(pick(random_, terminal_->answers));
      return;
    }
    if (terminal_->inbox.empty()) return;
    const std::size_t chosen = below(random_, terminal_->inbox.size());
    const Answer answer = terminal_->inbox[chosen];
    terminal_->inbox.erase(terminal_->inbox.begin() + static_cast<std::ptrdiff_t>(chosen));
    hear(answer);
  }

  void hear(const Answer& answer) {
    Till& till = *terminal_->till;
    const auto open = must(open_requests(till.tables()));
    const bool waits = std::ranges::find(open, answer.request, &LeaseRequest::key) != open.end();
    if (!answer.grant) {
      const auto refused = till.commit([&](journal::Tx& tx) { return refuse_lease(tx, answer.request); });
      REQUIRE(refused.has_value() == waits);
      return;
    }
    const auto before = till.records();
    const auto placed = till.place(*answer.grant, answer.request);
    if (!answer.request.empty() && !waits) {
      note("an answer came twice");
      REQUIRE(failed_with(placed, ErrorCode::NotFound));
      REQUIRE(till.records() == before);
      return;
    }
    REQUIRE(placed.has_value());
    if (terminal_->plain.place(*answer.grant)) {
      REQUIRE(till.records() == before + 1);
      terminal_->plain.forget(must(till.opened->read(journal::Seq(before + 1))).at.wall);
    } else {
      note("a lease came again");
      REQUIRE(till.records() == before + (answer.request.empty() ? 0 : 1));
    }
    if (terminal_->plain.forgotten) note("leases were forgotten");
    check_account_here(answer.grant->unit, answer.grant->of);
  }

  [[nodiscard]] std::int64_t some_sale() {
    const auto& open = terminal_->plain.open;
    if (open.empty() || happens(3)) return ++terminal_->sales;
    auto chosen = open.begin();
    std::advance(chosen, below(random_, static_cast<std::int64_t>(open.size())));
    return chosen->first;
  }

  void reserve() {
    const Unit unit = pick(random_, std::array{Unit::Points, Unit::Value, Unit::Budget});
    const Owner of = account_of(unit, terminal_->name);
    Reservation part{.unit = unit, .of = of, .settles_minor = unit == Unit::Budget ? 0 : below(random_, 50)};
    std::int64_t amount = 1 + below(random_, 20);
    if (unit == Unit::Budget && happens(2)) {
      part.draw = must(next_draw(terminal_->till->tables(), id<offers::OfferId>(of.view())));
      REQUIRE(*part.draw == terminal_->plain.next_draw(of));
      amount = must(draw(terminal_->key, *part.draw, 1, 20));
      // Nobody took a draw since the last shopper looked: the same amount again.
      auto& shown = terminal_->shown[of];
      if (shown.second != 0 && shown.first == *part.draw) {
        note("a draw was shown again");
        REQUIRE(shown.second == amount);
      }
      shown = {*part.draw, amount};
    }
    const auto spendable = terminal_->plain.spendable(unit, of, reading());
    const auto chosen = choose_holds(terminal_->till->tables(), unit, of, amount, reading());
    std::int64_t sum = 0;
    for (const Hold& hold : spendable)
      sum += hold.amount;
    if (reading().quality == core::WallQuality::Unknown) {
      note("the time was not known");
      REQUIRE(failed_with(chosen, ErrorCode::FailedPrecondition));
      return;
    }
    if (sum < amount) {
      REQUIRE(failed_with(chosen, ErrorCode::Exhausted));
      return;
    }
    REQUIRE(chosen.has_value());
    std::vector<Hold> wanted;
    for (Hold hold : spendable) {
      hold.amount = std::min(hold.amount, amount);
      amount -= hold.amount;
      if (hold.amount > 0) wanted.push_back(hold);
    }
    REQUIRE(*chosen == wanted);
    part.holds = wanted;
    attempt(some_sale(), part);
  }

  /// As a caller that knows nothing: holds of anything, over or not, and any draw.
  void reserve_anything() {
    const auto& held = terminal_->plain.held;
    if (held.empty()) return;
    Reservation part;
    for (int i = 1 + below(random_, 3); i > 0; --i) {
      auto lease = held.begin();
      std::advance(lease, below(random_, static_cast<std::int64_t>(held.size())));
      const auto& lot = pick(random_, lease->second.parts);
      if (part.holds.empty() || happens(4)) {
        part.unit = lease->second.grant.unit;
        part.of = lease->second.grant.of;
      }
      part.holds.push_back({lease->first, lot.lot, 1 + below(random_, std::max<std::int64_t>(1, lot.left() + 3))});
    }
    if (part.unit == Unit::Budget && happens(2)) part.draw = below(random_, std::uint64_t{5});
    attempt(some_sale(), part);
  }

  void attempt(std::int64_t sale, const Reservation& part) {
    const auto refusal = terminal_->plain.refusal(part);
    const auto reserved = terminal_->till->reserve(sale, part);
    if (refusal) {
      note("a reservation was refused");
      REQUIRE(failed_with(reserved, *refusal));
    } else {
      REQUIRE(reserved.has_value());
      terminal_->plain.reserve(sale, part);
      if (part.draw) note("a draw was taken");
    }
    check_account_here(part.unit, part.of);
  }

  void take() {
    if (terminal_->plain.open.empty()) return;
    finish_sale(some_sale(), {});
  }

  void finish_sale(std::int64_t sale, const std::optional<std::pair<std::string, std::int64_t>>& coupon) {
    const Owner member = some_member();
    const std::int64_t points = happens(3) ? 0 : 1 + below(random_, 60);
    const bool anything = terminal_->plain.open.contains(sale);
    const auto before = terminal_->till->records();
    std::int64_t seq = before;
    const auto done = terminal_->till->commit([&](journal::Tx& tx) -> core::Result<> {
      TILLKIT_TRY_VOID(ledger::take(tx, SaleId(sale)));
      if (points > 0) TILLKIT_TRY_VOID(earn(tx, SaleId(sale), member, points, EarnWhy::Goods));
      if (!coupon) return {};
      const std::string body =
          R"({"coupon":")" + coupon->first + R"(","amount":)" + std::to_string(coupon->second) + "}";
      TILLKIT_TRY_VOID(tx.append({.kind = kCouponUsed, .sale = SaleId(sale), .body = body}));
      return {};
    });
    REQUIRE(done.has_value());
    PaidSale paid{.member = member, .earned = points};
    if (anything) {
      paid.parts = terminal_->plain.take(sale);
      plain::Entry entry{.what = What::Taken};
      for (const Reservation& part : paid.parts)
        entry.holds.insert(entry.holds.end(), part.holds.begin(), part.holds.end());
      did(++seq) = entry;
      for (const Hold& hold : entry.holds)
        truly_taken_[hold.lease] += hold.amount;
    }
    if (points > 0) {
      did(++seq) = {.what = What::Earned, .unit = Unit::Points, .of = member};
      did(seq).lot = lot_of(terminal_->name.view(), sale);
      did(seq).amount = points;
    }
    if (coupon) did(++seq) = {.what = What::Coupon, .amount = coupon->second, .coupon = coupon->first};
    REQUIRE(terminal_->till->records() == seq);
    paid.given_back.resize(paid.parts.size());
    terminal_->paid.push_back(paid);
    terminal_->paid_ids.push_back(sale);
    // The number is used up.
    terminal_->sales = std::max(terminal_->sales, sale);
    for (const Reservation& part : paid.parts)
      check_account_here(part.unit, part.of);
  }

  plain::Entry& did(std::int64_t seq) { return did_[std::string(terminal_->name.view())][seq]; }

  void release() {
    const std::int64_t sale = some_sale();
    const bool anything = terminal_->plain.open.contains(sale);
    const auto before = terminal_->till->records();
    REQUIRE(terminal_->till->release(sale));
    REQUIRE(terminal_->till->records() == before + (anything ? 1 : 0));
    if (!anything) return;
    const auto parts = terminal_->plain.open[sale];
    terminal_->plain.release(sale);
    for (const Reservation& part : parts)
      check_account_here(part.unit, part.of);
  }

  void give_a_lease() {
    auto& held = terminal_->plain.held;
    if (held.empty()) return;
    auto chosen = held.begin();
    std::advance(chosen, below(random_, static_cast<std::int64_t>(held.size())));
    give_back_lease(chosen->first);
  }

  void give_back_lease(LeaseId lease) {
    const auto given = terminal_->till->give(lease);
    if (terminal_->plain.reserved_of(lease) > 0) {
      REQUIRE(failed_with(given, ErrorCode::FailedPrecondition));
      return;
    }
    REQUIRE(given.has_value());
    did(terminal_->till->records()) = {.what = What::Returned, .lease = lease};
    did(terminal_->till->records()).amount = terminal_->plain.give(lease);
    note("a lease was returned");
  }

  void refund() {
    if (terminal_->paid.empty()) return;
    const std::size_t chosen = below(random_, terminal_->paid.size());
    PaidSale& sale = terminal_->paid[chosen];
    const SaleId sold(terminal_->paid_ids[chosen]);
    const SaleId refund_sale(++terminal_->sales);
    check_history(sold, sale);
    if (!sale.parts.empty() && happens(2)) {
      const std::size_t which = below(random_, sale.parts.size());
      Reservation part = sale.parts[which];
      std::int64_t left = 0;
      for (const Hold& hold : part.holds)
        left += hold.amount;
      for (const Hold& hold : sale.given_back[which])
        left -= hold.amount;
      REQUIRE(failed_with(choose_give_back(part, sale.given_back[which], left + 1), ErrorCode::OutOfRange));
      if (left > 0) {
        const auto holds = must(choose_give_back(part, sale.given_back[which], 1 + below(random_, left)));
        part.holds = holds;
        part.draw.reset();
        REQUIRE(terminal_->till->commit([&](journal::Tx& tx) { return give_back(tx, refund_sale, sold, part); }));
        did(terminal_->till->records()) = {.what = What::GivenBack, .unit = part.unit, .of = part.of, .holds = holds};
        sale.given_back[which].insert(sale.given_back[which].end(), holds.begin(), holds.end());
        for (const Hold& hold : holds)
          truly_given_back_[hold.lease] += hold.amount;
        note("a refund gave back");
      }
    }
    const std::int64_t left = sale.earned - sale.taken_back;
    if (left == 0) return;
    const std::int64_t points = happens(2) ? left : 1 + below(random_, left);
    REQUIRE(terminal_->till->commit(
        [&](journal::Tx& tx) { return take_back(tx, refund_sale, sold, sale.member, points); }));
    did(terminal_->till->records()) = {.what = What::TakenBack, .unit = Unit::Points, .of = sale.member};
    did(terminal_->till->records()).lot = lot_of(terminal_->name.view(), sold.value());
    did(terminal_->till->records()).amount = points;
    sale.taken_back += points;
    note("a refund took back");
  }

  /// The sale's records say what it spent.
  void check_history(SaleId sold, const PaidSale& sale) {
    LedgerHistory history;
    REQUIRE(terminal_->till->opened->each({.sale = sold},
                                          [&](const journal::Record& record) { return tell(history, record); }));
    std::vector<Reservation> taken;
    for (const Spent& spent : history.spent) {
      if (spent.state == SpentState::Taken) taken.push_back(spent.part);
    }
    // A number that was sold with may come again for a sale without parts.
    for (const Reservation& part : sale.parts)
      REQUIRE(std::ranges::find(taken, part) != taken.end());
  }

  void restart() {
    terminal_->till->restart();
    check_here(*terminal_);
  }

  void upload() {
    if (!terminal_->online) return;
    upload_from(*terminal_, terminal_->uploaded + 1 + below(random_, 30), happens(3) ? 2 : 1);
  }

  void upload_from(Terminal& terminal, std::int64_t until, int times) {
    const std::int64_t last = std::min(until, terminal.till->records());
    for (std::int64_t seq = terminal.uploaded + 1; seq <= last; ++seq) {
      const Upload upload{must(terminal.till->opened->read(journal::Seq(seq))), std::string(terminal.name.view())};
      for (int i = 0; i < times; ++i)
        on_the_way_.push_back(upload);
    }
    // The acknowledgement gets lost sometimes; then all comes again.
    if (!happens(4) || times == 1) terminal.uploaded = last;
  }

  void part_or_meet() { terminal_->online = !terminal_->online; }

  void change_a_clock() {
    switch (below(random_, 5)) {
      case 0: terminal_->skew = 24h * 365; break;
      case 1: terminal_->skew = -24h * 365; break;
      case 2: terminal_->skew = std::chrono::hours{below(random_, 24 * 900) - 24 * 450}; break;
      case 3: terminal_->quality = core::WallQuality::Unknown; return;
      default: terminal_->skew = {}; break;
    }
    terminal_->quality = happens(2) ? core::WallQuality::Estimated : core::WallQuality::Trusted;
    set_clock();
  }

  /// The journal's clock believes the same, where a clock can.
  void set_clock() {
    Till& till = *terminal_->till;
    static_cast<void>(till.clock.adopt_wall(now_ + terminal_->skew, till.clock.monotonic()));
  }

  void let_time_pass() {
    const auto time = std::chrono::hours{1 + below(random_, 24)};
    now_ += time;
    for (const auto& terminal : terminals_) {
      terminal->till->world.advance(time);
      if (terminal->online && happens(3)) {
        terminal->skew = {};
        terminal->quality = core::WallQuality::Trusted;
      }
      Terminal* const before = std::exchange(terminal_, terminal.get());
      set_clock();
      terminal_ = before;
    }
  }

  /// A signed token that nobody here can check elsewhere: the risk budget covers it.
  void honour_a_coupon() {
    const std::string coupon = "c" + std::to_string(below(random_, 12) + 12 * below(random_, 3));
    if (terminal_->coupons_used.contains(coupon)) return;
    const std::int64_t worth = 1 + below(random_, 10);
    const auto holds = choose_holds(terminal_->till->tables(), Unit::Risk, {}, worth, reading());
    if (!holds) return;
    const std::int64_t sale = ++terminal_->sales;
    attempt(sale, {.unit = Unit::Risk, .holds = *holds});
    if (happens(4)) {
      REQUIRE(terminal_->till->release(sale));
      terminal_->plain.release(sale);
      return;
    }
    finish_sale(sale, std::pair(coupon, worth));
    terminal_->coupons_used.insert(coupon);
    ++redeemed_[coupon];
    honoured_ += worth;
  }

  // --- what a person does ---

  void lose_a_terminal() {
    const auto chosen = std::ranges::find(terminals_, terminal_, &std::unique_ptr<Terminal>::get);
    auto& where = happens(3) ? forever_lost_ : drawer_;
    where.push_back(std::move(*chosen));
    *chosen = std::make_unique<Terminal>(++devices_, keys_);
    terminal_ = chosen->get();
    terminal_->till->world.advance(std::chrono::duration_cast<std::chrono::microseconds>(now_ - kBegin));
    note("a terminal was lost");
  }

  void write_one_off() {
    std::vector<Terminal*> candidates;
    candidates.reserve(drawer_.size() + forever_lost_.size());
    for (const auto& lost : drawer_)
      candidates.push_back(lost.get());
    for (const auto& lost : forever_lost_)
      candidates.push_back(lost.get());
    if (candidates.empty() || happens(8)) candidates = {terminal_};  // a mistake: it is there
    const TerminalId name = pick(random_, candidates)->name;
    const bool as_spent = happens(2);
    book_.write_off(name, as_spent);
    cloud_.write_off(name, as_spent);
    note(as_spent ? "written off as spent" : "written off as returned");
    check_all();
  }

  /// It turns up, with all that it knows, and takes the place of no other.
  void find_a_terminal() {
    if (drawer_.empty()) return;
    const std::size_t chosen = below(random_, drawer_.size());
    const auto found = std::move(drawer_[chosen]);
    drawer_.erase(drawer_.begin() + static_cast<std::ptrdiff_t>(chosen));
    Terminal* const before = std::exchange(terminal_, found.get());
    if (happens(2)) found->till->restart();
    settle_terminal();
    upload_from(*found, found->till->records(), happens(3) ? 2 : 1);
    upload_from(*found, found->till->records(), 1);
    check_here(*found);
    REQUIRE(found->till->sound());
    terminal_ = before;
    note("a terminal turned up");
  }

  /// Ends its sales and gives back its leases.
  void settle_terminal() {
    while (!terminal_->plain.open.empty()) {
      const std::int64_t sale = terminal_->plain.open.begin()->first;
      if (happens(2)) {
        finish_sale(sale, {});
      } else {
        REQUIRE(terminal_->till->release(sale));
        terminal_->plain.release(sale);
      }
    }
    while (!terminal_->plain.held.empty())
      give_back_lease(terminal_->plain.held.begin()->first);
  }

  // --- laws ---

  void check_account(Unit unit, const Owner& of) {
    const Balance balance = book_.balance(unit, of, now_);
    const Balance plain = cloud_.balance(unit, of, now_);
    CAPTURE(steps_, to_string(unit), of.view());
    REQUIRE(balance.active == plain.active);
    REQUIRE(balance.pending == plain.pending);
    REQUIRE(balance.leased == plain.leased);
    REQUIRE(balance.debt == plain.debt);
    REQUIRE((balance.debt == 0 || balance.active + balance.pending == 0));
    if (balance.debt > 0) note("there was a debt");
  }

  void check_account_here(Unit unit, const Owner& of) {
    std::int64_t sum = 0;
    for (const Hold& hold : terminal_->plain.spendable(unit, of, reading()))
      sum += hold.amount;
    REQUIRE(must(available(terminal_->till->tables(), unit, of, reading())) == sum);
    if (unit != Unit::Budget) return;
    REQUIRE(must(next_draw(terminal_->till->tables(), id<offers::OfferId>(of.view()))) ==
            terminal_->plain.next_draw(of));
  }

  static void check_here(Terminal& terminal) {
    const auto held = must(leases(terminal.till->tables()));
    REQUIRE(held.size() == terminal.plain.held.size());
    auto expected = terminal.plain.held.begin();
    for (const Lease& lease : held) {
      std::int64_t reserved = 0;
      std::int64_t taken = 0;
      for (const auto& part : expected->second.parts) {
        reserved += part.reserved;
        taken += part.taken;
      }
      REQUIRE(lease.grant == expected->second.grant);
      REQUIRE(lease.reserved == reserved);
      REQUIRE(lease.taken == taken);
      ++expected;
    }
    for (const auto& [sale, parts] : terminal.plain.open)
      REQUIRE(must(reserved_for(terminal.till->tables(), SaleId(sale))) == parts);
  }

  void check_all() {
    REQUIRE(book_.check());
    REQUIRE(book_.waiting() == cloud_.waiting.size());
    for (const Unit unit : {Unit::Points, Unit::Value}) {
      for (int i = 0; i < kMembers; ++i)
        check_account(unit, owner("m" + std::to_string(i)));
    }
    for (int i = 0; i < 2; ++i)
      check_account(Unit::Budget, owner("o" + std::to_string(i)));
    for (const auto& terminal : terminals_) {
      check_account(Unit::Risk, owner(terminal->name.view()));
      check_here(*terminal);
    }
    check_spending();
    check_losses();
  }

  /// Of no account more went out, seen or not seen yet, than it ever had, and what a person gave back by mistake.
  void check_spending() {
    std::map<std::pair<Unit, Owner>, std::int64_t> had;
    for (const auto& [name, lot] : cloud_.lots)
      had[{lot.unit, cloud_.leader(lot.of)}] += lot.earned;
    for (const auto& [id, lease] : cloud_.leases) {
      const std::int64_t out = taken_of(id);
      REQUIRE(out <= lease.grant.amount);
      had[{lease.grant.unit, cloud_.leader(lease.of)}] += lease.gone - out + back_of(id);
    }
    for (const auto& [account, left] : had)
      REQUIRE(left >= 0);
  }
  [[nodiscard]] std::int64_t taken_of(const LeaseId& id) const {
    const auto found = truly_taken_.find(id);
    return found == truly_taken_.end() ? 0 : found->second;
  }
  [[nodiscard]] std::int64_t back_of(const LeaseId& id) const {
    const auto found = truly_given_back_.find(id);
    return found == truly_given_back_.end() ? 0 : found->second;
  }

  /// Of each lease, and never more than a person gave back of it.
  void check_losses() {
    std::map<LeaseId, std::int64_t> lost;
    for (const Loss& loss : book_.losses()) {
      lost[loss.lease] += loss.amount;
      REQUIRE(loss.entry.seq > journal::Seq{});
    }
    for (const auto& [id, amount] : lost) {
      const plain::Lease& lease = cloud_.leases.at(id);
      REQUIRE(amount == lease.lost - lease.lost_back);
      REQUIRE(lease.lost <= lease.gone);
      if (amount > 0) note("there was a loss");
    }
    for (const auto& [id, lease] : cloud_.leases)
      REQUIRE((lease.lost == 0 || lost.contains(id)));
    std::int64_t risk = 0;
    for (const auto& [id, lease] : cloud_.leases)
      risk += lease.grant.unit == Unit::Risk ? lease.grant.amount : 0;
    std::int64_t doubled = 0;
    for (const Double& one : doubles_)
      doubled += one.amount;
    REQUIRE(doubled <= honoured_);
    REQUIRE(honoured_ <= risk);
  }

  /// All has arrived: the book knows what truly happened.
  void check_truth() {
    for (const auto& [id, lease] : cloud_.leases) {
      const bool lost = std::ranges::any_of(
          forever_lost_, [&lease](const auto& terminal) { return terminal->name == lease.terminal; });
      if (lost) continue;
      const std::int64_t taken = std::ranges::count_if(lease.coins, &plain::Coin::taken) + lease.lost;
      const std::int64_t back = std::ranges::count_if(lease.coins, &plain::Coin::given_back) + lease.lost_back;
      REQUIRE(taken == taken_of(id));
      REQUIRE(back == back_of(id));
    }
    for (const auto& terminal : terminals_) {
      REQUIRE(terminal->plain.held.empty());
      for (const auto& [unit, of] : {std::pair(Unit::Points, some_member()), std::pair(Unit::Risk, Owner{})})
        REQUIRE(must(available(terminal->till->tables(), unit, of, known(now_))) == 0);
    }
  }

  /// Each redemption of a coupon but one is recorded, with who bears it; of those that the cloud heard of.
  void check_coupons() {
    std::map<std::string, int> doubled;
    for (const Double& one : doubles_) {
      ++doubled[one.coupon];
      REQUIRE(one.bearer == bearer_of(one.coupon));
      REQUIRE(one.amount > 0);
      note("a coupon was redeemed twice");
    }
    std::map<std::string, int> heard;
    for (const auto& [terminal, record] : redemptions_)
      ++heard[did_[terminal][record].coupon];
    for (const auto& [coupon, times] : redeemed_) {
      REQUIRE(doubled[coupon] == std::max(heard[coupon], 1) - 1);
      if (forever_lost_.empty()) REQUIRE(heard[coupon] == times);
    }
  }

  struct Double {
    std::string coupon{};
    std::string terminal{};
    std::int64_t amount = 0;
    std::string bearer{};
  };

  core::Random random_;
  Happened& happened_;
  Book book_;
  plain::Cloud cloud_;
  WallTime now_ = kBegin;
  std::shared_ptr<Keys> keys_ = std::make_shared<Keys>();
  std::vector<std::unique_ptr<Terminal>> terminals_;
  std::vector<std::unique_ptr<Terminal>> drawer_;
  std::vector<std::unique_ptr<Terminal>> forever_lost_;
  Terminal* terminal_ = nullptr;
  int devices_ = 0;
  std::int64_t lots_ = 0;
  std::int64_t pushed_ = 0;
  int steps_ = 0;
  std::vector<Upload> on_the_way_;
  std::map<std::string, std::map<std::int64_t, plain::Entry>> did_;  // by terminal and record
  std::map<LeaseId, std::int64_t> truly_taken_;
  std::map<LeaseId, std::int64_t> truly_given_back_;
  std::set<std::pair<std::string, std::int64_t>> redemptions_;
  std::set<std::string> first_redeemed_;
  std::map<std::string, int> redeemed_;
  std::vector<Double> doubles_;
  std::int64_t honoured_ = 0;
};

TEST_CASE("whatever happens at three terminals and on the way, nothing is spent twice and nothing gets lost",
          "[ledger][simulation]") {
  const std::uint64_t seed = test::seed();
  std::cout << "leases: TILLKIT_SEED=" << seed << '\n';
  Happened happened;
  int operations = 0;
  for (int world = 0; world < kWorlds; ++world) {
    CAPTURE(seed, world);
    Fleet fleet(seed + static_cast<std::uint64_t>(world) * 7'919, happened);
    for (int i = 0; i < kOperations; ++i) {
      CAPTURE(i);
      fleet.step();
      ++operations;
    }
    fleet.finish();
  }

  for (const auto& [what, times] : happened)
    std::cout << "leases: " << times << " x " << what << '\n';
  CHECK((kEmulated || operations >= 100'000));
  for (const std::string what :
       {"a coupon was redeemed twice", "a debt blocked", "a draw was shown again", "a lease came again",
        "a lease was returned", "a refund gave back", "a refund took back", "a terminal turned up",
        "an answer came twice", "an entry came twice", "an entry waited", "leases were forgotten",
        "the same lease was granted again", "the time was not known", "there was a loss", "two members became one",
        "written off as returned", "written off as spent"}) {
    CAPTURE(what);
    CHECK((kEmulated || happened[what] >= kWorlds / 4));
  }
}

}  // namespace
}  // namespace tillkit::ledger
