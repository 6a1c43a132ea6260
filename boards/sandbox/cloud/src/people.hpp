// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tillkit::sandbox {

/// When something was decided, as whoever decided it saw the time. The later one counts, whichever came here first, so
/// that it does not matter in which order terminals upload.
struct When {
  std::int64_t wall = 0;
  std::string journal{};  ///< empty: the cloud's own
  std::int64_t seq = 0;

  friend auto operator<=>(const When&, const When&) = default;
};

/// A blind index with its kind, both as the contract writes them.
struct IdentityName {
  std::string kind{};
  std::string index{};

  friend auto operator<=>(const IdentityName&, const IdentityName&) = default;
};

struct Merge {
  std::string from{};
  std::string into{};

  friend auto operator<=>(const Merge&, const Merge&) = default;
};

/// What the merchant says of a member.
struct Registration {
  std::string store{};  ///< its home; empty: all stores
  std::string tier{};
  std::vector<std::string> tags{};
  int birth_month = 0;
  int birth_day = 0;
  std::int64_t orders = 0;  ///< before this cloud knew it
  std::int64_t spent_minor = 0;
  bool consented = false;
  std::vector<IdentityName> identities{};
};

struct PersonProfile {
  std::string tier{};
  std::vector<std::string> tags{};
  int birth_month = 0;
  int birth_day = 0;
  std::int64_t orders = 0;
  std::int64_t spent_minor = 0;
  bool consented = false;
  std::vector<IdentityName> identities{};
};

/// The members of one merchant, by all their names.
///
/// Two that are merged are one from then on. Who is left is who was merged into nobody; of several the one that is
/// registered, of those the first by id (as lib/members has it).
class People {
 public:
  /// A terminal made a member of somebody. Returns the merges that follow: whoever is registered with this identity is
  /// the same person.
  std::vector<Merge> enrol(const std::string& member, const IdentityName& identity, const std::string& store,
                           const When& when, bool consented);
  /// As `enrol`; again: in place of what was said before.
  std::vector<Merge> register_member(const std::string& member, const Registration& said, const When& when);
  /// Whoever has this identity does not want to be a member by it.
  void refuse(const IdentityName& identity, const When& when);
  void consent(const std::string& member, const When& when);
  void reach_tier(const std::string& member, const std::string& tier, const When& when);
  /// False: that was known.
  bool merge(const Merge& merge);
  /// Adds to what the member bought here.
  void count(const std::string& member, std::int64_t orders, std::int64_t spent_minor);

  /// Who it is now.
  [[nodiscard]] std::string resolve(const std::string& member) const;
  /// Who has this identity and did not refuse, resolved.
  [[nodiscard]] std::optional<std::string> find(const IdentityName& identity) const;
  /// Somebody told us of the member, and it has not refused since. `member` is resolved, as in all below.
  [[nodiscard]] bool is_member(const std::string& member) const;
  [[nodiscard]] PersonProfile profile(const std::string& member) const;
  /// All names that are this member, its own included.
  [[nodiscard]] std::vector<std::string> names_of(const std::string& member) const;
  /// Its homes; none: it is at home in all stores.
  [[nodiscard]] std::set<std::string> stores_of(const std::string& member) const;
  /// All members, resolved, each once.
  [[nodiscard]] std::set<std::string> all() const;
  /// In their order.
  [[nodiscard]] const std::set<Merge>& merges() const { return merges_; }
  /// Whose identity it is by the merchant's word, resolved.
  [[nodiscard]] std::optional<std::string> registered_with(const IdentityName& identity) const;

 private:
  struct Person {
    bool registered = false;
    bool everywhere = false;
    std::set<std::string> stores{};
    std::string tier{};
    When tier_at{};
    std::vector<std::string> tags{};
    int birth_month = 0;
    int birth_day = 0;
    std::int64_t orders_before = 0;
    std::int64_t spent_before = 0;
    std::int64_t orders = 0;
    std::int64_t spent = 0;
    std::optional<When> consented_at{};
    std::set<IdentityName> identities{};
  };
  struct Claim {
    std::set<std::string> members{};
    When at{};
    bool refused = false;
    std::optional<When> refused_at{};
  };

  std::vector<Merge> claim(const std::string& member, const IdentityName& identity, const When& when);
  [[nodiscard]] std::vector<std::string> component_of(const std::string& member) const;
  [[nodiscard]] std::string chosen_of(const std::vector<std::string>& names) const;
  void choose_again(const std::string& member);
  /// Of those who are no more than their identities: when they last refused, and whether that is the last word.
  [[nodiscard]] std::optional<When> refusal_of(const std::vector<std::string>& names, bool& last_word) const;
  [[nodiscard]] bool any_registered(const std::vector<std::string>& names) const;

  std::map<std::string, Person> people_;
  std::map<IdentityName, Claim> claims_;
  std::set<Merge> merges_;
  std::map<std::string, std::set<std::string>> neighbours_;
  std::map<std::string, std::string> chosen_;  // of those that were merged
};

}  // namespace tillkit::sandbox
