// SPDX-License-Identifier: Apache-2.0

// Who is merged into whom: always one step deep, and the same in whatever order it is said.

#include <algorithm>
#include <map>
#include <numeric>
#include <random>

#include "shop.hpp"

namespace tillkit::members {
namespace {

using core::ErrorCode;

constexpr int kMembers = 4;

struct Edge {
  int from = 0;
  int into = 0;
};

MemberId trial_member(int trial, int number) {
  return member("T" + std::to_string(trial) + "-" + static_cast<char>('A' + number));
}

/// Merges as said, each twice, in one commit; who everybody is then.
std::vector<MemberId> merge_all(Shop& shop, int trial, const std::vector<Edge>& edges) {
  must(shop.commit([&](journal::Tx& tx) -> core::Result<> {
    for (const Edge& edge : edges) {
      TILLKIT_TRY_VOID(merge(tx, trial_member(trial, edge.from), trial_member(trial, edge.into)));
      TILLKIT_TRY_VOID(merge(tx, trial_member(trial, edge.from), trial_member(trial, edge.into)));
    }
    return {};
  }));
  std::vector<MemberId> now;
  now.reserve(kMembers);
  for (int number = 0; number < kMembers; ++number)
    now.push_back(must(resolve(shop.tables(), trial_member(trial, number))));
  return now;
}

bool has_ring(const std::vector<Edge>& edges) {
  bool reaches[kMembers][kMembers] = {};
  for (const Edge& edge : edges)
    reaches[edge.from][edge.into] = true;
  for (int via = 0; via < kMembers; ++via) {
    for (int a = 0; a < kMembers; ++a) {
      for (int b = 0; b < kMembers; ++b)
        reaches[a][b] = reaches[a][b] || (reaches[a][via] && reaches[via][b]);
    }
  }
  for (int number = 0; number < kMembers; ++number) {
    if (reaches[number][number]) return true;
  }
  return false;
}

/// By the letter of it: of those who hang together, the first that nobody merged into another.
int expected_root(const std::vector<Edge>& edges, int of) {
  bool together[kMembers] = {};
  together[of] = true;
  for (int round = 0; round < kMembers; ++round) {
    for (const Edge& edge : edges) {
      if (together[edge.from] || together[edge.into]) together[edge.from] = together[edge.into] = true;
    }
  }
  for (int number = 0; number < kMembers; ++number) {
    const bool merged = std::ranges::any_of(edges, [&](const Edge& edge) { return edge.from == number; });
    if (together[number] && !merged) return number;
  }
  return -1;
}

std::vector<Edge> all_edges() {
  std::vector<Edge> edges;
  for (int from = 0; from < kMembers; ++from) {
    for (int into = 0; into < kMembers; ++into) {
      if (from != into) edges.push_back({from, into});
    }
  }
  return edges;
}

void check_trial(Shop& shop, int trial, const std::vector<Edge>& edges) {
  const std::vector<MemberId> now = merge_all(shop, trial, edges);
  for (int number = 0; number < kMembers; ++number) {
    CAPTURE(trial, number);
    CHECK(now[static_cast<std::size_t>(number)] == trial_member(trial, expected_root(edges, number)));
  }
}

TEST_CASE("any three merges of four members end in the same, in every order and said twice", "[members]") {
  Shop shop;
  const std::vector<Edge> all = all_edges();
  int trial = 0;
  for (std::size_t a = 0; a < all.size(); ++a) {
    for (std::size_t b = a + 1; b < all.size(); ++b) {
      for (std::size_t c = b + 1; c < all.size(); ++c) {
        if (has_ring({all[a], all[b], all[c]})) continue;
        std::array order{a, b, c};
        do {
          check_trial(shop, ++trial, {all[order[0]], all[order[1]], all[order[2]]});
        } while (std::next_permutation(order.begin(), order.end()));
      }
    }
  }
  CHECK(trial == 152 * 6);
  CHECK(shop.sound());
}

TEST_CASE("more merges of four members than needed end in the same, in any order", "[members]") {
  Shop shop;
  std::mt19937_64 random(test::seed());
  const std::vector<Edge> all = all_edges();
  for (int trial = 1; trial <= 300; ++trial) {
    std::vector<Edge> edges = all;
    std::shuffle(edges.begin(), edges.end(), random);
    std::vector<Edge> chosen;
    for (const Edge& edge : edges) {
      chosen.push_back(edge);
      if (has_ring(chosen)) chosen.pop_back();
    }
    std::shuffle(chosen.begin(), chosen.end(), random);
    check_trial(shop, trial, chosen);
  }
  CHECK(shop.sound());
}

TEST_CASE("a merge moves all who were merged into the one that goes, so that one step finds it", "[members]") {
  Shop shop;
  must(shop.join("A", "B"));
  must(shop.join("C", "B"));

  must(shop.join("B", "D"));

  for (const char* id : {"A", "B", "C", "D"})
    CHECK(must(resolve(shop.tables(), member(id))) == member("D"));
  CHECK(must(resolve(shop.tables(), member("E"))) == member("E"));
  const std::string file = shop.till.file();
  must(shop.journal->checkpoint());
  shop.journal.reset();
  CHECK(journal::Raw(file).text("SELECT group_concat(member || into_member, ' ') FROM aliases") == "AD BD CD");
}

TEST_CASE("merging what is merged appends nothing, in whatever order it comes again", "[members]") {
  Shop shop;
  must(shop.join("A", "B"));
  must(shop.join("B", "C"));
  const auto last = shop.last();

  must(shop.join("A", "B"));
  must(shop.join("A", "C"));
  must(shop.join("B", "C"));

  CHECK(shop.last() == last);
  CHECK(shop.count(kMerged) == 2);
}

TEST_CASE("a ring is refused and changes nothing", "[members]") {
  Shop shop;
  must(shop.join("A", "B"));
  must(shop.join("B", "C"));
  const auto last = shop.last();

  CHECK(failed_with(shop.join("A", "A"), ErrorCode::InvalidArgument));
  CHECK(failed_with(shop.join("C", "A"), ErrorCode::InvalidArgument));
  CHECK(failed_with(shop.join("C", "B"), ErrorCode::InvalidArgument));

  CHECK(shop.last() == last);
  CHECK(must(resolve(shop.tables(), member("A"))) == member("C"));
}

TEST_CASE("a merge needs two members", "[members]") {
  Shop shop;

  CHECK(
      failed_with(shop.commit([](journal::Tx& tx) { return merge(tx, {}, member("A")); }), ErrorCode::InvalidArgument));
  CHECK(
      failed_with(shop.commit([](journal::Tx& tx) { return merge(tx, member("A"), {}); }), ErrorCode::InvalidArgument));
}

TEST_CASE("of two that one member was merged into, the registered one is left, not the provisional", "[members]") {
  for (const bool turned : {false, true}) {
    CAPTURE(turned);
    Shop shop;
    const std::string provisional = "P1-0000000000000001";
    must(shop.join("A", turned ? "Z" : provisional));
    must(shop.join("A", turned ? provisional : "Z"));

    CHECK(must(resolve(shop.tables(), member(provisional))) == member("Z"));
    CHECK(shop.sound());
  }
}

TEST_CASE("when as many members are merged as the tables take, one more is refused", "[members]") {
  Shop shop;
  shop.fill(4, kAliasesMax - 1);
  must(shop.join("A", "B"));

  CHECK(failed_with(shop.join("B", "C"), ErrorCode::Exhausted));
  must(shop.join("A", "B"));
}

}  // namespace
}  // namespace tillkit::members
