// SPDX-License-Identifier: Apache-2.0
#include "cloud.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "tillkit/core/json_writer.hpp"
#include "tillkit/ledger/records.hpp"
#include "tillkit/members/records.hpp"
#include "tillkit/members/steps.hpp"

namespace tillkit::story {
namespace {

using core::JsonValue;
using core::JsonWriter;
using core::Result;

template <class T>
T must(Result<T> result) {
  if (!result) {
    throw std::runtime_error("the cloud does not work: " + std::string(core::to_string(result.error().code)));
  }
  return *std::move(result);
}

void must(const Result<>& result) {
  if (!result) {
    throw std::runtime_error("the cloud does not work: " + std::string(core::to_string(result.error().code)));
  }
}

std::string text_of(const JsonValue& body, std::string_view name) {
  return std::string(must(must(body.member(name)).text()));
}

std::int64_t number_of(const JsonValue& body, std::string_view name) {
  return must(must(body.member(name)).integer());
}

ledger::Owner owner_of(std::string_view of) {
  return of.empty() ? ledger::Owner{} : must(ledger::Owner::parse(of));
}

JsonWriter line_of(std::string_view kind) {
  JsonWriter json;
  json.begin_object().name("kind").text(kind);
  return json;
}

void end_line(JsonWriter& json, std::string& book) {
  book += must(json.end_object().finish()) + '\n';
}

}  // namespace

Cloud::Cloud(hal_virtual::World& world, hal_virtual::VirtualScheduler& scheduler, hal_virtual::VirtualClock& clock)
    : clock_(clock), store_(world, 100), random_(100), home_(scheduler, clock) {
  const auto crypto = must(security::Crypto::start(store_, random_));
  const security::KeyId key = must(crypto->create_signing_key(1));
  key_ = {.name = must(members::KeyName::parse("k1")), .public_key = must(crypto->public_key(key))};
}

// --- codes ---

template <class Sign>
std::string Cloud::signed_by_cloud(Sign sign) {
  const auto crypto = must(security::Crypto::start(store_, random_));
  return must(sign(*crypto, must(crypto->open_signing_key(1))));
}

std::string Cloud::member_code(const members::MemberId& member) {
  const core::WallTime now = clock_.wall().at;
  const members::MemberToken token{.member = member, .from = now, .until = now + std::chrono::minutes{5}};
  return signed_by_cloud([&](const security::Crypto& crypto, security::KeyId key) {
    return members::sign_member_token(token, key_.name, crypto, key);
  });
}

std::string Cloud::coupon_code(std::string_view coupon, std::string_view offer, std::int64_t risk_minor) {
  const core::WallTime now = clock_.wall().at;
  const members::CouponToken token{.coupon = must(offers::CouponId::parse(coupon)),
                                   .offer = must(offers::OfferId::parse(offer)),
                                   .from = now,
                                   .until = now + std::chrono::hours{24},
                                   .risk_minor = risk_minor,
                                   .offline = true};
  return signed_by_cloud([&](const security::Crypto& crypto, security::KeyId key) {
    return members::sign_coupon_token(token, key_.name, crypto, key);
  });
}

// --- people and what they have ---

void Cloud::payer_is(std::string_view reference) {
  paying_ = std::string(reference);
  home_.payer = member_of(reference);
  // Who only collects, and never agreed to be a member, does not spend.
  home_.may_spend = !home_.payer.empty() && home_.profile_of(home_.payer).consented;
}

members::MemberId Cloud::member_of(std::string_view reference) const {
  const auto known = payers_.find(reference);
  return known == payers_.end() ? members::MemberId{} : known->second;
}

std::string Cloud::name_of(std::string_view member) const {
  for (const auto& [name, known] : payers_) {
    if (known.view() == member) return name;
  }
  return std::string(member);
}

void Cloud::consents(const members::MemberId& member) {
  home_.profile_of(member).consented = true;
  payer_is(paying_);
}

void Cloud::give(ledger::Unit unit, std::string_view of, std::string_view lot, std::int64_t amount) {
  home_.give(unit, of, lot, amount);
  gifts_.push_back({unit, std::string(of), std::string(lot), amount});
  accounts_.emplace(unit, owner_of(of));
}

void Cloud::issue(const members::MemberId& member, std::string_view coupon, std::string_view offer) {
  home_.issue(member, {.id = must(offers::CouponId::parse(coupon)), .offer = must(offers::OfferId::parse(offer))});
}

ledger::LeaseGrant Cloud::lease(std::string_view id, std::string_view terminal, ledger::Unit unit, std::string_view of,
                                std::int64_t amount) {
  home_.terminal = terminal;
  const ledger::LeaseGrant grant = home_.lease(id, unit, of, amount);
  note(grant, of);
  return grant;
}

void Cloud::note(const ledger::LeaseGrant& grant, std::string_view of) {
  const bool again = std::ranges::any_of(leases_, [&](const Lease& lease) { return lease.grant.id == grant.id; });
  if (!again) leases_.push_back({home_.terminal, grant, std::string(of)});
}

void Cloud::merge(const members::MemberId& from, const members::MemberId& into) {
  home_.merge(from, into);
  merges_.emplace_back(from, into);
  for (auto& [reference, member] : payers_) {
    if (member == from) member = into;
  }
  payer_is(paying_);
}

Result<> Cloud::do_ask(const ledger::LeaseRequest& request, ledger::LeaseAnswer done) {
  auto answer = std::make_shared<ledger::LeaseAnswer>(std::move(done));
  return home_.ask(request, [this, request, answer](const Result<std::optional<ledger::LeaseGrant>>& grant) {
    if (grant && *grant) note(**grant, request.of.view());
    (*answer)(grant);
  });
}

// --- what it hears ---

std::vector<DoubleRedemption> Cloud::hear(const journal::Journal& journal) {
  home_.upload(journal);
  journal::Seq& heard = heard_[home_.terminal];
  std::vector<DoubleRedemption> news;
  const journal::Seq next(heard.value() + 1);
  must(journal.each({.from = next}, [&](const journal::Record& record) -> Result<> {
    take(record, news);
    heard = record.seq;
    return {};
  }));
  return news;
}

void Cloud::take(const journal::Record& record, std::vector<DoubleRedemption>& news) {
  if (!record.kind.view().starts_with("members.")) return;
  const core::JsonDocument document = must(core::JsonDocument::parse(record.body));
  const JsonValue body = document.root();
  if (record.kind == members::kEnrolled) {
    const members::MemberId member = must(members::MemberId::parse(text_of(body, "member")));
    home_.add({.id = member});
    accounts_.emplace(ledger::Unit::Points, owner_of(member.view()));
    const bool pays = number_of(body, "kind") == static_cast<int>(members::IdentityKind::Payer);
    if (pays) payers_[paying_] = member;
    payer_is(paying_);
  } else if (record.kind == members::kRefusedConsent) {
    payers_.erase(paying_);
    payer_is(paying_);
  } else if (record.kind == members::kCouponsRedeemed) {
    take_redeemed(record, body, news);
  } else if (record.kind == members::kCouponsReturned) {
    take_returned(body);
  } else if (record.kind == members::kCouponGranted) {
    take_granted(record, body);
  } else if (record.kind == members::kGrantVoided) {
    take_voided(body);
  } else if (record.kind == members::kNotice) {
    notices_.push_back({home_.terminal, number_of(body, "of"), text_of(body, "member"), number_of(body, "what"),
                        number_of(body, "count")});
  }
}

void Cloud::take_redeemed(const journal::Record& record, const JsonValue& body, std::vector<DoubleRedemption>& news) {
  for (const JsonValue use : must(must(body.member("coupons")).elements())) {
    const auto coupon = must(offers::CouponId::parse(text_of(use, "coupon")));
    std::vector<Use>& uses = uses_[coupon];
    uses.push_back({home_.terminal, record.sale.value()});
    if (uses.size() <= home_.coupons[coupon].held.uses) continue;
    const auto risk = use.find("risk");
    news.push_back({coupon, home_.terminal, record.sale, risk ? must(risk->integer()) : 0});
    doubles_.push_back(news.back());
  }
}

void Cloud::take_returned(const JsonValue& body) {
  for (const JsonValue name : must(must(body.member("coupons")).elements())) {
    const auto coupon = must(offers::CouponId::parse(must(name.text())));
    std::erase_if(uses_[coupon], [&](const Use& use) {
      return use.terminal == home_.terminal && use.sale == number_of(body, "sale");
    });
  }
}

void Cloud::take_granted(const journal::Record& record, const JsonValue& body) {
  Grant grant{.terminal = home_.terminal,
              .sale = record.sale.value(),
              .member = text_of(body, "member"),
              .offer = text_of(body, "offer")};
  for (std::int64_t n = 1; n <= number_of(body, "count"); ++n) {
    const std::string name =
        "gift-" + grant.terminal + '-' + std::to_string(record.seq.value()) + '-' + std::to_string(n);
    issue(must(members::MemberId::parse(grant.member)), name, grant.offer);
    grant.coupons.push_back(must(offers::CouponId::parse(name)));
  }
  grants_.push_back(std::move(grant));
}

/// What was granted and is not used goes; what is used stays.
void Cloud::take_voided(const JsonValue& body) {
  for (Grant& grant : grants_) {
    const bool meant = grant.terminal == home_.terminal && grant.sale == number_of(body, "sale") &&
                       grant.offer == text_of(body, "offer");
    if (!meant || grant.voided) continue;
    grant.voided = true;
    for (const offers::CouponId& coupon : grant.coupons) {
      if (uses_[coupon].empty()) home_.coupons.erase(coupon);
    }
    return;
  }
}

// --- its books ---

ledger::Balance Cloud::points_of(const members::MemberId& member) const {
  return home_.book.balance(ledger::Unit::Points, owner_of(member.view()), clock_.true_wall());
}

std::string Cloud::books() const {
  std::string book;
  for (const Gift& gift : gifts_) {
    JsonWriter json = line_of("given");
    json.name("unit").integer(static_cast<int>(gift.unit)).name("of").text(gift.of);
    end_line(json.name("lot").text(gift.lot).name("amount").integer(gift.amount), book);
  }
  for (const auto& [from, into] : merges_) {
    JsonWriter json = line_of("merge");
    end_line(json.name("from").text(from.view()).name("into").text(into.view()), book);
  }
  for (const auto& [unit, of] : accounts_) {
    if (home_.book.resolve(of) != of) continue;
    const ledger::Balance balance = home_.book.balance(unit, of, clock_.true_wall());
    JsonWriter json = line_of("balance");
    json.name("unit").integer(static_cast<int>(unit)).name("of").text(of.view());
    json.name("active").integer(balance.active).name("leased").integer(balance.leased);
    end_line(json.name("debt").integer(balance.debt), book);
  }
  for (const Lease& lease : leases_) {
    JsonWriter json = line_of("lease");
    json.name("lease").text(lease.grant.id.view()).name("terminal").text(lease.terminal);
    json.name("unit").integer(static_cast<int>(lease.grant.unit)).name("of").text(lease.of);
    end_line(json.name("amount").integer(lease.grant.amount), book);
  }
  for (const ledger::Loss& loss : home_.book.losses()) {
    JsonWriter json = line_of("loss");
    end_line(json.name("lease").text(loss.lease.view()).name("amount").integer(loss.amount), book);
  }
  write_coupons(book);
  write_changes(book);
  return book;
}

void Cloud::write_coupons(std::string& book) const {
  for (const auto& [id, coupon] : home_.coupons) {
    JsonWriter json = line_of("coupon");
    json.name("coupon").text(id.view()).name("offer").text(coupon.held.offer.view());
    json.name("member").text(coupon.member.view()).name("uses").integer(coupon.held.uses);
    json.name("redeemed").begin_array();
    const auto uses = uses_.find(id);
    if (uses != uses_.end()) {
      for (const Use& use : uses->second)
        json.begin_object().name("terminal").text(use.terminal).name("sale").integer(use.sale).end_object();
    }
    end_line(json.end_array(), book);
  }
  for (const DoubleRedemption& twice : doubles_) {
    JsonWriter json = line_of("double_redemption");
    json.name("coupon").text(twice.coupon.view()).name("terminal").text(twice.terminal);
    json.name("sale").integer(twice.sale.value()).name("funder").text(kRiskBearer.view());
    end_line(json.name("amount").integer(twice.minor), book);
  }
}

void Cloud::write_changes(std::string& book) const {
  for (const Grant& grant : grants_) {
    JsonWriter json = line_of("grant");
    json.name("terminal").text(grant.terminal).name("sale").integer(grant.sale).name("member").text(grant.member);
    json.name("offer").text(grant.offer).name("count").integer(static_cast<std::int64_t>(grant.coupons.size()));
    end_line(json.name("voided").boolean(grant.voided), book);
  }
  for (const Notice& notice : notices_) {
    JsonWriter json = line_of("notice");
    json.name("terminal").text(notice.terminal).name("of").integer(notice.of).name("member").text(notice.member);
    end_line(json.name("what").integer(notice.what).name("count").integer(notice.count), book);
  }
}

}  // namespace tillkit::story
