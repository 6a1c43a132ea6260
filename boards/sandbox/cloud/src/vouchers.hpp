// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace tillkit::sandbox {

/// Names a sale: a journal and its first record.
struct SaleKey {
  std::string journal{};
  std::int64_t sale = 0;

  friend auto operator<=>(const SaleKey&, const SaleKey&) = default;
};

struct VoucherUse {
  SaleKey sale{};
  std::int64_t seq = 0;  ///< of the record that says so
  std::string terminal{};
  std::int64_t wall = 0;
  bool by_token = false;
  std::int64_t risk_minor = 0;
  bool returned = false;
  bool told = false;  ///< the terminal, that it was used elsewhere, too
};

/// A terminal that may use it and nobody else.
struct VoucherHolder {
  std::string terminal{};
  std::int64_t until = 0;
  bool placed = false;  ///< in its journal; else it is free again once an upload goes beyond `until`
};

/// A coupon of a merchant.
struct Voucher {
  bool issued = false;  ///< else only a terminal has named it
  std::string offer{};
  std::string member{};  ///< empty: whoever bears it
  std::int64_t claimed_at = 0;
  std::optional<std::int64_t> valid_from{};
  std::optional<std::int64_t> expires_at{};  ///< not included
  std::int64_t uses_max = 1;
  bool revoked = false;
  std::optional<SaleKey> granted_by{};
  std::optional<VoucherHolder> holder{};
  std::vector<VoucherUse> uses{};

  [[nodiscard]] std::int64_t used() const;
};

struct VoucherGrant {
  SaleKey sale{};
  std::string member{};
  std::string offer{};
  std::string by{};
  std::vector<std::string> coupons{};
  std::int64_t voided = 0;
};

enum class VoucherState : std::uint8_t { Free, Used, Elsewhere, Void, NotFound };

/// The coupons of one merchant: what they are, who may use them, where they were used.
class Vouchers {
 public:
  [[nodiscard]] const std::map<std::string, Voucher>& all() const { return vouchers_; }
  [[nodiscard]] const std::vector<VoucherGrant>& grants() const { return grants_; }
  [[nodiscard]] const Voucher* find(const std::string& coupon) const;

  void issue(const std::string& coupon, Voucher voucher);
  /// As `issue`, by a sale.
  void grant(VoucherGrant grant, std::int64_t claimed_at);
  /// Takes back so many of the grants of a sale: those that nobody used. Returns what was granted.
  std::vector<std::string> void_grant(const SaleKey& sale, const std::string& offer, const std::string& by,
                                      std::int64_t count);
  void revoke(const std::string& coupon);

  /// What a terminal would be told now.
  [[nodiscard]] VoucherState state(const std::string& coupon, const std::string& terminal, std::int64_t now) const;
  /// What the member's names hold and could use, those that expire first first.
  [[nodiscard]] std::vector<std::string> held_by(const std::set<std::string>& names, std::int64_t now) const;

  void set_apart(const std::string& coupon, const std::string& terminal, std::int64_t until);
  void placed(const std::string& coupon, const std::string& terminal, std::int64_t until);
  void given_up(const std::string& coupon, const std::string& terminal);
  /// The terminal's journal has come this far: what it was to place before and did not is free.
  void reached(const std::string& terminal, std::int64_t wall);
  /// A person writes it off.
  void free_all_of(const std::string& terminal);

  void use(const std::string& coupon, VoucherUse use);
  void give_back(const std::string& coupon, const SaleKey& sale);
  /// Uses beyond what the coupon allows: by lease counts before by token, the earlier before the later, whichever was
  /// uploaded first.
  [[nodiscard]] std::vector<VoucherUse*> doubles_of(const std::string& coupon);
  [[nodiscard]] std::vector<const VoucherUse*> doubles_of(const std::string& coupon) const;
  /// What double uses have cost at this terminal.
  [[nodiscard]] std::int64_t lost_at(const std::string& terminal) const;

 private:
  [[nodiscard]] bool is_void(const std::string& coupon, const Voucher& voucher) const;

  std::map<std::string, Voucher> vouchers_;
  std::map<std::string, std::set<std::string>> held_;       // by member's name
  std::map<std::string, std::set<std::string>> set_apart_;  // by terminal; not placed
  std::vector<VoucherGrant> grants_;
  std::map<std::string, std::size_t> grant_of_;  // by coupon
  std::set<std::string> doubled_;
};

}  // namespace tillkit::sandbox
