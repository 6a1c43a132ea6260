// SPDX-License-Identifier: Apache-2.0
#include "people.hpp"

#include <algorithm>
#include <tuple>

namespace tillkit::sandbox {

std::vector<Merge> People::enrol(const std::string& member, const IdentityName& identity, const std::string& store,
                                 const When& when, bool consented) {
  people_[member].stores.insert(store);
  if (consented) consent(member, when);
  return claim(member, identity, when);
}

std::vector<Merge> People::register_member(const std::string& member, const Registration& said, const When& when) {
  Person& person = people_[member];
  const bool was_registered = person.registered;
  person.registered = true;
  person.everywhere = said.store.empty();
  if (!said.store.empty()) person.stores.insert(said.store);
  person.tags = said.tags;
  person.birth_month = said.birth_month;
  person.birth_day = said.birth_day;
  person.orders_before = said.orders;
  person.spent_before = said.spent_minor;
  if (!said.tier.empty()) reach_tier(member, said.tier, when);
  if (said.consented) consent(member, when);
  std::vector<Merge> merges;
  for (const IdentityName& identity : said.identities) {
    for (Merge& made : claim(member, identity, when))
      merges.push_back(std::move(made));
  }
  if (!was_registered) choose_again(member);
  return merges;
}

std::vector<Merge> People::claim(const std::string& member, const IdentityName& identity, const When& when) {
  people_[member].identities.insert(identity);
  Claim& claim = claims_[identity];
  claim.members.insert(member);
  if (when > claim.at) {
    claim.at = when;
    claim.refused = false;
  }
  // Whoever enrolled before the merchant registered them, or where nobody knew.
  std::vector<Merge> merges;
  for (const std::string& registered : claim.members) {
    if (!people_.at(registered).registered) continue;
    for (const std::string& other : claim.members) {
      if (people_.at(other).registered) continue;
      Merge made{other, registered};
      if (merge(made)) merges.push_back(std::move(made));
    }
  }
  return merges;
}

void People::refuse(const IdentityName& identity, const When& when) {
  Claim& claim = claims_[identity];
  if (!claim.refused_at || when > *claim.refused_at) claim.refused_at = when;
  if (when > claim.at) {
    claim.at = when;
    claim.refused = true;
  }
}

void People::consent(const std::string& member, const When& when) {
  auto& at = people_[member].consented_at;
  if (!at || when > *at) at = when;
}

void People::reach_tier(const std::string& member, const std::string& tier, const When& when) {
  Person& person = people_[member];
  if (when <= person.tier_at) return;
  person.tier_at = when;
  person.tier = tier;
}

bool People::merge(const Merge& merge) {
  if (merge.from == merge.into || !merges_.insert(merge).second) return false;
  neighbours_[merge.from].insert(merge.into);
  neighbours_[merge.into].insert(merge.from);
  choose_again(merge.from);
  return true;
}

void People::count(const std::string& member, std::int64_t orders, std::int64_t spent_minor) {
  if (orders == 0 && spent_minor == 0) return;
  Person& person = people_[member];
  person.orders += orders;
  person.spent += spent_minor;
}

std::string People::resolve(const std::string& member) const {
  const auto found = chosen_.find(member);
  return found == chosen_.end() ? member : found->second;
}

std::optional<std::string> People::find(const IdentityName& identity) const {
  const auto found = claims_.find(identity);
  if (found == claims_.end() || found->second.refused || found->second.members.empty()) return std::nullopt;
  // The registered one first, should the merchant have merged nobody.
  std::string member = chosen_of({found->second.members.begin(), found->second.members.end()});
  member = resolve(member);
  if (!is_member(member)) return std::nullopt;
  return member;
}

std::optional<std::string> People::registered_with(const IdentityName& identity) const {
  const auto found = claims_.find(identity);
  if (found == claims_.end()) return std::nullopt;
  for (const std::string& member : found->second.members) {
    if (people_.at(member).registered) return resolve(member);
  }
  return std::nullopt;
}

bool People::is_member(const std::string& member) const {
  const std::vector<std::string> names = component_of(member);
  if (any_registered(names)) return true;
  bool last_word = false;
  std::ignore = refusal_of(names, last_word);
  return !last_word && std::ranges::any_of(names, [this](const std::string& name) {
    const auto person = people_.find(name);
    return person != people_.end() && !person->second.identities.empty();
  });
}

PersonProfile People::profile(const std::string& member) const {
  const std::vector<std::string> names = component_of(member);
  PersonProfile profile;
  When tier_at;
  std::optional<When> consented_at;
  std::set<IdentityName> identities;
  for (const std::string& name : names) {
    const auto found = people_.find(name);
    if (found == people_.end()) continue;
    const Person& person = found->second;
    if (person.tier_at > tier_at) {
      tier_at = person.tier_at;
      profile.tier = person.tier;
    }
    for (const std::string& tag : person.tags) {
      if (std::ranges::find(profile.tags, tag) == profile.tags.end()) profile.tags.push_back(tag);
    }
    if (person.birth_month != 0 && (profile.birth_month == 0 || name == member)) {
      profile.birth_month = person.birth_month;
      profile.birth_day = person.birth_day;
    }
    profile.orders += person.orders_before + person.orders;
    profile.spent_minor += person.spent_before + person.spent;
    if (person.consented_at) consented_at = std::max(consented_at.value_or(When{}), *person.consented_at);
    for (const IdentityName& identity : person.identities) {
      if (!claims_.at(identity).refused) identities.insert(identity);
    }
  }
  bool last_word = false;
  const auto refused_at = refusal_of(names, last_word);
  const bool keeps = any_registered(names) || !refused_at || (consented_at && *consented_at > *refused_at);
  profile.consented = consented_at.has_value() && keeps;
  profile.identities.assign(identities.begin(), identities.end());
  return profile;
}

std::vector<std::string> People::names_of(const std::string& member) const {
  return component_of(member);
}

std::set<std::string> People::stores_of(const std::string& member) const {
  std::set<std::string> stores;
  for (const std::string& name : component_of(member)) {
    const auto person = people_.find(name);
    if (person == people_.end()) continue;
    if (person->second.everywhere) return {};
    stores.insert(person->second.stores.begin(), person->second.stores.end());
  }
  return stores;
}

std::set<std::string> People::all() const {
  std::set<std::string> members;
  for (const auto& [name, person] : people_)
    members.insert(resolve(name));
  return members;
}

std::vector<std::string> People::component_of(const std::string& member) const {
  std::vector<std::string> names{member};
  std::set<std::string> seen{member};
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto found = neighbours_.find(names[i]);
    if (found == neighbours_.end()) continue;
    for (const std::string& next : found->second) {
      if (seen.insert(next).second) names.push_back(next);
    }
  }
  return names;
}

std::string People::chosen_of(const std::vector<std::string>& names) const {
  const auto rank = [this](const std::string& name) {
    const auto out = merges_.lower_bound(Merge{name, ""});
    const bool merged = out != merges_.end() && out->from == name;
    const auto person = people_.find(name);
    const bool registered = person != people_.end() && person->second.registered;
    return std::tuple(merged, !registered, std::string_view(name));
  };
  return *std::ranges::min_element(names, {}, rank);
}

void People::choose_again(const std::string& member) {
  const std::vector<std::string> names = component_of(member);
  if (names.size() == 1) return;
  const std::string chosen = chosen_of(names);
  for (const std::string& name : names)
    chosen_[name] = chosen;
}

std::optional<When> People::refusal_of(const std::vector<std::string>& names, bool& last_word) const {
  std::optional<When> refused_at;
  When decided_at;
  last_word = false;
  for (const std::string& name : names) {
    const auto person = people_.find(name);
    if (person == people_.end()) continue;
    for (const IdentityName& identity : person->second.identities) {
      const Claim& claim = claims_.at(identity);
      if (claim.refused_at) refused_at = std::max(refused_at.value_or(When{}), *claim.refused_at);
      if (claim.at > decided_at) {
        decided_at = claim.at;
        last_word = claim.refused;
      }
    }
  }
  return refused_at;
}

bool People::any_registered(const std::vector<std::string>& names) const {
  return std::ranges::any_of(names, [this](const std::string& name) {
    const auto person = people_.find(name);
    return person != people_.end() && person->second.registered;
  });
}

}  // namespace tillkit::sandbox
