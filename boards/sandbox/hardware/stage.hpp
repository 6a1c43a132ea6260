// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backstage.hpp"
#include "controller.hpp"
#include "firmware.hpp"
#include "machine.hpp"
#include "network_plug.hpp"
#include "shop.hpp"

namespace tillkit::sandbox {

/// Records of the journal that the page shows: the last ones.
inline constexpr std::size_t kRecordsShownMax = 120;

/// Movements of money that the phones show: the last ones.
inline constexpr std::size_t kMovementsShownMax = 20;

/// Something to be said to the wallet, by whoever asked for the act.
struct WalletCall {
  std::string path;
  std::string body;
};

/// What came of an act.
struct Acted {
  int status = 200;
  std::string body = "{}";
  std::vector<WalletCall> calls{};  ///< the act is done when each was answered with 200
  std::vector<std::string> told{};  ///< and when the terminal has done each of these lines for the technician
};

/// What belongs to the stage besides the machine. All of it outlives the stage; none: there is none.
struct StageParts {
  Firmware& firmware;
  Controller* controller = nullptr;  ///< none: the board turns the motors
  NetworkPlug* plug = nullptr;
  Backstage* backstage = nullptr;
  bool till = false;  ///< the terminal has a socket for the technician
};

/// As whom the terminal knows the technician: an operator who may `slots`.
inline constexpr std::string_view kTechnician = "technician";

/// What people do before and with the machine, and what they see of it, as JSON: the page's and a script's way in
/// (boards/sandbox/README.md). Lives in the loop.
class Stage {
 public:
  Stage(Machine& machine, Shop shop, StageParts parts, bool wallet, bool cash);

  /// Does what `text` says: `{"act":"scan","code":"..."}`.
  [[nodiscard]] Acted act(std::string_view text);
  void take_news(const BackstageNews& news);

  /// What can be seen now.
  [[nodiscard]] std::string state() const;
  /// What is written behind the scenes.
  [[nodiscard]] std::string backstage() const;

 private:
  using Act = Acted (Stage::*)(const core::JsonValue&);

  [[nodiscard]] Acted press(const core::JsonValue& act);
  [[nodiscard]] Acted select(const core::JsonValue& act);
  [[nodiscard]] Acted lever(const core::JsonValue& act);
  [[nodiscard]] Acted scan(const core::JsonValue& act);
  [[nodiscard]] Acted cash(const core::JsonValue& act);
  [[nodiscard]] Acted take_cash(const core::JsonValue& act);
  [[nodiscard]] Acted take_goods(const core::JsonValue& act);
  [[nodiscard]] Acted power(const core::JsonValue& act);
  [[nodiscard]] Acted network(const core::JsonValue& act);
  [[nodiscard]] Acted jam(const core::JsonValue& act);
  [[nodiscard]] Acted refill(const core::JsonValue& act);
  [[nodiscard]] Acted clear(const core::JsonValue& act);
  [[nodiscard]] Acted sensor(const core::JsonValue& act);
  [[nodiscard]] Acted door(const core::JsonValue& act);
  [[nodiscard]] Acted cabinet(const core::JsonValue& act);
  [[nodiscard]] Acted memory(const core::JsonValue& act);
  [[nodiscard]] Acted scanner(const core::JsonValue& act);
  [[nodiscard]] Acted paper(const core::JsonValue& act);
  [[nodiscard]] Acted cover(const core::JsonValue& act);
  [[nodiscard]] Acted tear(const core::JsonValue& act);
  [[nodiscard]] Acted wallet(const core::JsonValue& act);
  [[nodiscard]] Acted code(const core::JsonValue& act);
  [[nodiscard]] Acted pay_qr(const core::JsonValue& act);
  [[nodiscard]] Acted password(const core::JsonValue& act);

  [[nodiscard]] bool goods_move() const;
  [[nodiscard]] std::optional<Acted> no_visit() const;
  [[nodiscard]] Acted visit(const Place& place);

  [[nodiscard]] const Place* place_of(const core::JsonValue& act) const;
  [[nodiscard]] const Shopper* shopper_of(const core::JsonValue& act) const;
  void take_journal(std::string_view text);
  void take_wallet_books(std::string_view text);
  void take_cloud_books(std::string_view text);
  void take_slots(std::string_view text);
  void take_members(std::string_view text);
  void write_screen(core::JsonWriter& json) const;
  void write_cabinet(core::JsonWriter& json) const;
  void write_printer(core::JsonWriter& json) const;

  Machine& machine_;
  Shop shop_;
  StageParts parts_;
  BoardGoods board_goods_;
  Goods& goods_;
  const bool has_wallet_;
  const bool has_cash_;
  bool plugged_ = true;
  bool wallet_answers_ = true;
  bool wallet_wants_password_ = false;
  std::uint32_t goods_taken_ = 0;
  std::map<std::uint16_t, std::uint32_t> accounted_;  // falls that nobody saw, found out since; by slot
  struct TillSlot {
    std::int64_t stock;
    std::string block;
  };
  std::map<std::uint16_t, TillSlot> till_slots_;                     // as the terminal told last
  std::size_t torn_at_ = 0;                                          // paper before it was taken away
  std::map<std::string, std::int64_t, std::less<>> asked_password_;  // user and amount
  std::map<std::string, std::int64_t, std::less<>> points_;          // by member
  struct Movement {
    std::int64_t at_ms;
    std::string user;
    std::string kind;
    std::int64_t minor;
  };
  std::vector<Movement> movements_;
  std::vector<std::string> records_;
  std::uint64_t last_seq_ = 0;
  bool till_answers_ = false;
  std::string outbox_;
  std::string books_;
};

}  // namespace tillkit::sandbox
