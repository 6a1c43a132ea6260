// SPDX-License-Identifier: Apache-2.0
#include "stage.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "authority_digest.hpp"
#include "tillkit/core/bytes.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/json_members.hpp"

namespace tillkit::sandbox {
namespace {

using core::JsonDocument;
using core::JsonValue;
using core::JsonWriter;

constexpr std::size_t kActBytesMax = 16 * 1024;
constexpr core::JsonLimits kActLimits{.bytes_max = kActBytesMax, .depth_max = 8, .values_max = 256};
constexpr core::JsonLimits kStateLimits{
    .bytes_max = 4 * 1024 * 1024, .values_max = 50'000, .string_bytes_max = 1024 * 1024};
constexpr core::JsonLimits kBooksLimits{.bytes_max = 8 * 1024 * 1024, .values_max = 200'000, .members_max = 10'000};
constexpr std::size_t kReceiptBytesMax = 128 * 1024;
constexpr std::int64_t kCashMinorMax = 100'000;
constexpr std::int64_t kPasswordMs = 90'000;

/// `code` is for whoever says it in another language.
Acted refuse(std::string_view code, std::string_view why, int status = 400) {
  JsonWriter json;
  json.begin_object().name("error").text(why).name("code").text(code).end_object();
  return {.status = status, .body = json.finish().value_or("{}")};
}

Acted refuse_off() {
  return refuse("machine_off", "the machine is off", 409);
}

Acted refuse_slot() {
  return refuse("no_such_slot", "there is no such slot", 404);
}

Acted refuse_person() {
  return refuse("nobody_here", "nobody of that name is here", 404);
}

Acted refuse_controllers() {
  return refuse("controllers", "the controller turns the motors", 409);
}

Acted refuse_switch() {
  return refuse("not_understood", "true or false is missing");
}

Acted done() {
  return {};
}

std::optional<std::string> text_of(const JsonValue& act, std::string_view name) {
  const auto value = act.find(name);
  if (!value) return std::nullopt;
  const auto text = value->text();
  if (!text) return std::nullopt;
  return std::string(*text);
}

std::optional<bool> switch_of(const JsonValue& act, std::string_view name) {
  const auto value = core::read_boolean(act, name);
  if (!value) return std::nullopt;
  return *value;
}

/// One flag that decides between two calls.
template <class On, class Off>
Acted turn(const JsonValue& act, std::string_view name, On on, Off off) {
  const auto value = switch_of(act, name);
  if (!value) return refuse_switch();
  if (*value) {
    on();
  } else {
    off();
  }
  return done();
}

/// The same JSON text, if it is one.
bool is_json(std::string_view text) {
  return JsonDocument::parse(text, kBooksLimits).has_value();
}

}  // namespace

Stage::Stage(Machine& machine, Shop shop, StageParts parts, bool wallet, bool cash)
    : machine_(machine),
      shop_(std::move(shop)),
      parts_(parts),
      board_goods_(machine),
      goods_(parts.controller != nullptr ? static_cast<Goods&>(*parts.controller) : board_goods_),
      has_wallet_(wallet),
      has_cash_(cash) {
  for (const Place& place : shop_.places)
    goods_.put(place.slot, place.stock);
}

Acted Stage::act(std::string_view text) {
  static constexpr std::pair<std::string_view, Act> kActs[] = {
      {"press", &Stage::press},
      {"select", &Stage::select},
      {"lever", &Stage::lever},
      {"scan", &Stage::scan},
      {"cash", &Stage::cash},
      {"take_cash", &Stage::take_cash},
      {"take_goods", &Stage::take_goods},
      {"power", &Stage::power},
      {"network", &Stage::network},
      {"jam", &Stage::jam},
      {"refill", &Stage::refill},
      {"clear", &Stage::clear},
      {"sensor", &Stage::sensor},
      {"door", &Stage::door},
      {"cabinet", &Stage::cabinet},
      {"memory", &Stage::memory},
      {"scanner", &Stage::scanner},
      {"paper", &Stage::paper},
      {"cover", &Stage::cover},
      {"tear", &Stage::tear},
      {"wallet", &Stage::wallet},
      {"code", &Stage::code},
      {"pay_qr", &Stage::pay_qr},
      {"password", &Stage::password},
  };
  const auto document = JsonDocument::parse(text, kActLimits);
  if (!document) return refuse("not_understood", "this is no JSON");
  const auto name = text_of(document->root(), "act");
  if (!name) return refuse("not_understood", "the act is missing");
  const auto found = std::ranges::find(kActs, *name, &std::pair<std::string_view, Act>::first);
  if (found == std::end(kActs)) return refuse("not_understood", "nobody knows how to " + *name);
  Acted acted = (this->*found->second)(document->root());
  machine_.look();
  if (parts_.backstage != nullptr) parts_.backstage->stir();
  return acted;
}

// --- what shoppers do at the machine ---

Acted Stage::press(const JsonValue& act) {
  const auto what = act.find("press");
  if (!what) return refuse("not_understood", "what is pressed is missing");
  JsonWriter json;
  json.value(*what);
  const auto text = json.finish();
  if (!text || text->size() > hal::kPressBytesMax) return refuse("not_understood", "this is too long for a press");
  if (!machine_.board_is_here()) return refuse_off();
  machine_.devices().display.touch(*text);
  return done();
}

const Place* Stage::place_of(const JsonValue& act) const {
  const auto slot = core::read_integer(act, "slot");
  const auto place = std::ranges::find(shop_.places, slot.value_or(0), &Place::slot);
  return place == shop_.places.end() ? nullptr : &*place;
}

/// The key of a slot: the controller's, or one that the screen has.
Acted Stage::select(const JsonValue& act) {
  const Place* const place = place_of(act);
  if (place == nullptr) return refuse_slot();
  if (parts_.controller != nullptr) {
    return parts_.controller->select(place->slot)
               ? done()
               : refuse("no_selection_now", "the controller takes no selection now", 409);
  }
  if (!machine_.board_is_here()) return refuse_off();
  machine_.devices().display.touch(R"({"press":"select","slot":)" + std::to_string(place->slot) + "}");
  return done();
}

Acted Stage::lever(const JsonValue& /*act*/) {
  if (parts_.controller == nullptr) return refuse("no_lever", "the machine has no lever", 409);
  parts_.controller->pull_lever();
  return done();
}

Acted Stage::scan(const JsonValue& act) {
  const auto code = text_of(act, "code");
  if (!code || code->empty()) return refuse("not_understood", "the code is missing");
  if (!machine_.devices().scanner.enabled()) return refuse("scanner_dark", "the scanner is dark", 409);
  machine_.devices().scanner.present(*code);
  return done();
}

Acted Stage::cash(const JsonValue& act) {
  if (!has_cash_) return refuse("no_cash", "the machine takes no cash", 409);
  const auto minor = core::read_integer(act, "minor");
  if (!minor || *minor <= 0 || *minor > kCashMinorMax) return refuse("not_understood", "the amount is missing");
  machine_.insert_cash(*minor);
  return done();
}

Acted Stage::take_cash(const JsonValue& /*act*/) {
  const std::int64_t minor = machine_.empty_tray();
  return {.body = "{\"minor\":" + std::to_string(minor) + "}"};
}

Acted Stage::take_goods(const JsonValue& /*act*/) {
  goods_taken_ = goods_.fallen();
  return done();
}

// --- plugs and faults ---

Acted Stage::power(const JsonValue& act) {
  const auto on = switch_of(act, "on");
  if (!on) return refuse_switch();
  if (!*on) {
    machine_.cut_power();
    parts_.firmware.kill();
    return done();
  }
  machine_.restore_power();
  if (!parts_.firmware.start()) return refuse("firmware", "the firmware cannot be started", 500);
  return done();
}

Acted Stage::network(const JsonValue& act) {
  const auto plugged = switch_of(act, "plugged");
  if (!plugged) return refuse_switch();
  plugged_ = *plugged;
  if (parts_.plug != nullptr) plugged_ ? parts_.plug->put() : parts_.plug->pull();
  machine_.devices().network.set_hint(plugged_ ? hal::LinkState::Online : hal::LinkState::Offline);
  return done();
}

Acted Stage::jam(const JsonValue& act) {
  const Place* const place = place_of(act);
  if (place == nullptr) return refuse_slot();
  const auto on = switch_of(act, "on");
  if (!on) return refuse_switch();
  goods_.jam(place->slot, *on);
  // Whoever frees a motor says so to the terminal, where it can be told now; else the slot is cleared later.
  return *on || no_visit() ? done() : visit(*place);
}

// --- the technician ---

/// Between the motors' turns too: what is counted then is another number when the terminal hears it.
bool Stage::goods_move() const {
  if (goods_.turning()) return true;
  const auto screen = JsonDocument::parse(machine_.devices().display.visible());
  return screen && text_of(screen->root(), "screen") == "handing_over";
}

/// Why nobody can work inside the machine and tell its terminal of it; none: somebody can.
std::optional<Acted> Stage::no_visit() const {
  if (goods_move()) return refuse("goods_move", "goods are on their way", 409);
  if (parts_.till && !machine_.board_is_here()) return refuse_off();
  return std::nullopt;
}

/// Frees a slot's motor, counts what lies there, and gives the slot back to the terminal.
Acted Stage::visit(const Place& place) {
  goods_.jam(place.slot, false);
  accounted_[place.slot] = goods_.unseen(place.slot);
  if (!parts_.till) return done();
  JsonWriter json;
  json.begin_object().name("command").text("planogram.set").name("change").begin_object();
  json.name("slot").integer(place.slot).name("blocked").boolean(false);
  json.name("stock").integer(goods_.stock(place.slot)).end_object();
  json.name("by").text(kTechnician).end_object();
  return {.told = {json.finish().value_or("")}};
}

Acted Stage::clear(const JsonValue& act) {
  const Place* const place = place_of(act);
  if (place == nullptr) return refuse_slot();
  if (auto refused = no_visit()) return *std::move(refused);
  return visit(*place);
}

/// Fills all slots, and gives back those that nothing is wrong with any more; a motor that sticks stays stuck.
Acted Stage::refill(const JsonValue& /*act*/) {
  if (auto refused = no_visit()) return *std::move(refused);
  for (const Place& place : shop_.places)
    goods_.put(place.slot, place.capacity - std::min(place.capacity, goods_.stock(place.slot)));
  Acted acted;
  JsonWriter json;
  json.begin_object().name("command").text("planogram.set").name("change").begin_object();
  json.name("refill").boolean(true).end_object().name("by").text(kTechnician).end_object();
  if (parts_.till) acted.told.push_back(json.finish().value_or(""));
  for (const Place& place : shop_.places) {
    accounted_[place.slot] = goods_.unseen(place.slot);
    const auto known = till_slots_.find(place.slot);
    const bool blocked = known != till_slots_.end() && known->second.block != "none";
    if (!blocked || goods_.jammed(place.slot)) continue;
    for (std::string& line : visit(place).told)
      acted.told.push_back(std::move(line));
  }
  return acted;
}

Acted Stage::sensor(const JsonValue& act) {
  if (parts_.controller != nullptr) return refuse_controllers();
  auto& cabinet = machine_.devices().dispenser;
  return turn(act, "blind", [&] { cabinet.blind_sensor(true); }, [&] { cabinet.blind_sensor(false); });
}

Acted Stage::door(const JsonValue& act) {
  if (parts_.controller != nullptr) return refuse_controllers();
  auto& cabinet = machine_.devices().dispenser;
  return turn(act, "open", [&] { cabinet.open_door(); }, [&] { cabinet.close_door(); });
}

Acted Stage::cabinet(const JsonValue& act) {
  if (parts_.controller != nullptr) return refuse_controllers();
  auto& cabinet = machine_.devices().dispenser;
  return turn(act, "answers", [&] { cabinet.answer_again(); }, [&] { cabinet.stop_answering(); });
}

Acted Stage::memory(const JsonValue& act) {
  if (parts_.controller != nullptr) return refuse_controllers();
  auto& cabinet = machine_.devices().dispenser;
  return turn(act, "keeps", [&] { cabinet.remember_vends(); }, [&] { cabinet.forget_vends(); });
}

Acted Stage::scanner(const JsonValue& act) {
  auto& scanner = machine_.devices().scanner;
  return turn(act, "plugged", [&] { scanner.plug(); }, [&] { scanner.unplug(); });
}

Acted Stage::paper(const JsonValue& act) {
  auto& printer = machine_.devices().printer;
  return turn(act, "loaded", [&] { printer.load_paper(); }, [&] { printer.set_paper_left(0); });
}

Acted Stage::cover(const JsonValue& act) {
  auto& printer = machine_.devices().printer;
  return turn(act, "open", [&] { printer.open_cover(); }, [&] { printer.close_cover(); });
}

Acted Stage::tear(const JsonValue& /*act*/) {
  torn_at_ = machine_.devices().printer.paper().size();
  return done();
}

// --- the shopper's phone ---

const Shopper* Stage::shopper_of(const JsonValue& act) const {
  const auto id = text_of(act, "person");
  const auto found = std::ranges::find(shop_.shoppers, id.value_or(""), &Shopper::id);
  return found == shop_.shoppers.end() ? nullptr : &*found;
}

/// The wallet does not answer, or wants a password, from the next call on.
Acted Stage::wallet(const JsonValue& act) {
  if (!has_wallet_) return refuse("no_wallet", "there is no wallet", 409);
  wallet_answers_ = switch_of(act, "answers").value_or(wallet_answers_);
  wallet_wants_password_ = switch_of(act, "password").value_or(wallet_wants_password_);
  Acted acted;
  for (const std::string_view call : {"charge", "pay", "qr", "query", "reverse", "refund", "identify"}) {
    const bool asks = wallet_wants_password_ && (call == "charge" || call == "pay");
    JsonWriter json;
    json.begin_object().name("call").text(call).name("script").begin_object();
    json.name("answers").boolean(wallet_answers_).name("thinks_ms").integer(asks ? kPasswordMs : 0);
    acted.calls.push_back({"/control", json.end_object().end_object().finish().value_or("")});
  }
  return acted;
}

/// A new payment code on somebody's phone.
Acted Stage::code(const JsonValue& act) {
  const Shopper* const shopper = shopper_of(act);
  if (shopper == nullptr) return refuse_person();
  const std::string made = payment_code(shopper->wallet, random_bytes(24));
  Acted acted{.body = R"({"code":")" + made + R"("})"};
  JsonWriter json;
  json.begin_object().name("code").text(made).name("user").text(shopper->user).end_object();
  if (has_wallet_) acted.calls.push_back({"/code", json.finish().value_or("")});
  return acted;
}

/// Somebody scans the code that the screen shows, or another one.
Acted Stage::pay_qr(const JsonValue& act) {
  const Shopper* const shopper = shopper_of(act);
  const auto qr = text_of(act, "qr");
  if (shopper == nullptr) return refuse_person();
  if (!has_wallet_ || !qr) return refuse("nothing_to_scan", "there is nothing to scan", 409);
  JsonWriter json;
  json.begin_object().name("qr_text").text(*qr).name("user").text(shopper->user).end_object();
  return {.calls = {{"/pay", json.finish().value_or("")}}};
}

Acted Stage::password(const JsonValue& act) {
  const Shopper* const shopper = shopper_of(act);
  const auto yes = switch_of(act, "yes");
  if (shopper == nullptr || !yes || !has_wallet_)
    return refuse("no_password_asked", "nobody asked for a password", 409);
  JsonWriter json;
  json.begin_object().name("user").text(shopper->user).name("yes").boolean(*yes).end_object();
  return {.calls = {{"/password", json.finish().value_or("")}}};
}

// --- behind the scenes ---

void Stage::take_news(const BackstageNews& news) {
  switch (news.what) {
    case BackstageNews::What::Journal: return take_journal(news.text);
    case BackstageNews::What::Outbox:
      till_answers_ = !news.text.empty();
      outbox_ = news.text;
      return;
    case BackstageNews::What::Wallet: return take_wallet_books(news.text);
    case BackstageNews::What::Cloud: return take_cloud_books(news.text);
    case BackstageNews::What::Slots: return take_slots(news.text);
    case BackstageNews::What::Members: return take_members(news.text);
    case BackstageNews::What::Books:
      if (is_json(news.text)) books_ = news.text;
      return;
  }
}

/// Lines of `journal.show`: a record each, and a summary that is none.
void Stage::take_journal(std::string_view text) {
  const std::uint64_t before = last_seq_;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1);
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    const auto document = JsonDocument::parse(line, kBooksLimits);
    if (!document) continue;
    const auto seq = document->root().find("seq");
    if (!seq || seq->unsigned_integer().value_or(0) <= last_seq_) continue;
    last_seq_ = *seq->unsigned_integer();
    records_.emplace_back(line);
  }
  if (records_.size() > kRecordsShownMax) {
    records_.erase(records_.begin(), records_.end() - static_cast<std::ptrdiff_t>(kRecordsShownMax));
  }
  if (before == last_seq_ || parts_.backstage == nullptr) return;
  parts_.backstage->set_next_seq(last_seq_ + 1);
  parts_.backstage->stir();
}

void Stage::take_wallet_books(std::string_view text) {
  const auto document = JsonDocument::parse(text, kBooksLimits);
  asked_password_.clear();
  const auto orders = document ? document->root().find("orders") : std::nullopt;
  if (!orders) return;
  for (std::size_t i = 0; i < orders->size(); ++i) {
    const JsonValue order = *orders->at(i);
    const auto user = text_of(order, "user");
    if (!user || text_of(order, "why") != "password") continue;
    asked_password_[*user] = core::read_integer(order, "minor").value_or(0);
  }
  const auto movements = document->root().find("movements");
  if (!movements) return;
  movements_.clear();
  const std::size_t count = movements->size();
  for (std::size_t i = count - std::min(count, kMovementsShownMax); i < count; ++i) {
    const JsonValue movement = *movements->at(i);
    movements_.push_back({.at_ms = core::read_integer(movement, "at_ms").value_or(0),
                          .user = text_of(movement, "user").value_or(""),
                          .kind = text_of(movement, "kind").value_or(""),
                          .minor = core::read_integer(movement, "payer_minor").value_or(0)});
  }
}

void Stage::take_cloud_books(std::string_view text) {
  const auto document = JsonDocument::parse(text, kBooksLimits);
  const auto balances = document ? document->root().find("balances") : std::nullopt;
  if (!balances) return;
  points_.clear();
  for (std::size_t i = 0; i < balances->size(); ++i) {
    const JsonValue balance = *balances->at(i);
    const auto of = text_of(balance, "of");
    if (!of || text_of(balance, "unit") != "points") continue;
    points_[*of] =
        core::read_integer(balance, "active").value_or(0) + core::read_integer(balance, "leased").value_or(0);
  }
}

/// Lines of `planogram.show`: a slot each, and a summary that is none.
void Stage::take_slots(std::string_view text) {
  if (text.empty()) return;  // a terminal that is off has its slots as before
  till_slots_.clear();
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1);
    const auto document = JsonDocument::parse(text.substr(0, end), kBooksLimits);
    text.remove_prefix(end + 1);
    if (!document) continue;
    const auto slot = core::read_integer(document->root(), "slot");
    const auto stock = core::read_integer(document->root(), "stock");
    const auto block = text_of(document->root(), "block");
    if (!slot || *slot < 0 || *slot > 0xFFFF || !stock || !block) continue;
    till_slots_[static_cast<std::uint16_t>(*slot)] = {.stock = *stock, .block = *block};
  }
}

/// Who of the shoppers is a member by now.
void Stage::take_members(std::string_view text) {
  const auto document = JsonDocument::parse(text, kBooksLimits);
  const auto payers = document ? document->root().find("payers") : std::nullopt;
  if (!payers) return;
  for (std::size_t i = 0; i < payers->size(); ++i) {
    const JsonValue payer = *payers->at(i);
    const auto user = text_of(payer, "user");
    const auto wallet = text_of(payer, "wallet");
    const auto member = text_of(payer, "member");
    if (!user || !wallet || !member || member->empty()) continue;
    for (Shopper& shopper : shop_.shoppers) {
      if (shopper.user == *user && shopper.wallet == *wallet) shopper.member = *member;
    }
  }
}

// --- what is seen ---

std::string Stage::state() const {
  JsonWriter json(kStateLimits);
  json.begin_object().name("power").boolean(machine_.has_power()).name("board").boolean(machine_.board_is_here());
  json.name("firmware").begin_object().name("managed").boolean(parts_.firmware.is_managed());
  json.name("running").boolean(parts_.firmware.is_running()).name("starts").integer(parts_.firmware.starts());
  json.name("pid").integer(parts_.firmware.process()).end_object();
  json.name("network").boolean(plugged_);
  write_screen(json);
  json.name("scanner").boolean(machine_.devices().scanner.enabled());
  write_printer(json);
  write_cabinet(json);
  json.name("cash");
  if (has_cash_) {
    json.begin_object().name("inserted").integer(machine_.inserted_minor());
    json.name("paid_out").integer(machine_.paid_out_minor()).name("tray").integer(machine_.tray_minor()).end_object();
  } else {
    json.null();
  }
  json.name("wallet").begin_object().name("there").boolean(has_wallet_).name("answers").boolean(wallet_answers_);
  json.name("password").boolean(wallet_wants_password_).name("asks").begin_array();
  for (const auto& [user, minor] : asked_password_)
    json.begin_object().name("user").text(user).name("minor").integer(minor).end_object();
  json.end_array().end_object();
  json.name("movements").begin_array();
  for (const Movement& movement : movements_) {
    json.begin_object().name("at_ms").integer(movement.at_ms).name("user").text(movement.user);
    json.name("kind").text(movement.kind).name("minor").integer(movement.minor).end_object();
  }
  json.end_array();
  write_people(json, shop_.shoppers);
  json.name("points").begin_array();
  for (const auto& [member, points] : points_)
    json.begin_object().name("member").text(member).name("points").integer(points).end_object();
  json.end_array();
  return json.end_object().finish().value_or("{}");
}

void Stage::write_screen(JsonWriter& json) const {
  json.name("screen");
  const auto screen = JsonDocument::parse(machine_.devices().display.visible());
  if (screen) {
    json.value(screen->root());
  } else {
    json.null();
  }
}

void Stage::write_printer(JsonWriter& json) const {
  const auto& printer = machine_.devices().printer;
  const core::ByteView paper = printer.paper();
  const std::size_t shown = std::min(paper.size() - torn_at_, kReceiptBytesMax);
  const bool ready = static_cast<const hal::Printer&>(printer).status().state == hal::PrinterState::Ready;
  const bool cover = static_cast<const hal::Printer&>(printer).status().state == hal::PrinterState::CoverOpen;
  json.name("printer").begin_object().name("ready").boolean(ready).name("cover_open").boolean(cover);
  json.name("jobs").integer(machine_.jobs()).name("bytes").text(core::encode_base64(paper.last(shown))).end_object();
}

void Stage::write_cabinet(JsonWriter& json) const {
  const auto& cabinet = machine_.devices().dispenser;
  json.name("cabinet").begin_object().name("controller").boolean(parts_.controller != nullptr);
  json.name("door_open").boolean(cabinet.door_open());
  json.name("sensor_blind").boolean(cabinet.sensor_blind()).name("answers").boolean(cabinet.answers());
  json.name("remembers").boolean(cabinet.remembers()).name("in_bin").integer(goods_.fallen() - goods_taken_);
  json.name("turning");
  if (const auto turning = goods_.turning()) {
    json.integer(*turning);
  } else {
    json.null();
  }
  json.name("slots").begin_array();
  for (const Place& place : shop_.places) {
    json.begin_object().name("slot").integer(place.slot).name("item").text(place.item).name("name").text(place.name);
    json.name("name_zh").text(place.name_zh).name("price").integer(place.price_minor);
    json.name("capacity").integer(place.capacity).name("stock").integer(goods_.stock(place.slot));
    json.name("fallen").integer(goods_.fallen(place.slot)).name("jammed").boolean(goods_.jammed(place.slot));
    const auto accounted = accounted_.find(place.slot);
    json.name("unseen").integer(goods_.unseen(place.slot));
    json.name("accounted").integer(accounted == accounted_.end() ? 0 : accounted->second);
    json.name("terminal");
    if (const auto known = till_slots_.find(place.slot); known != till_slots_.end()) {
      json.begin_object().name("stock").integer(known->second.stock).name("block").text(known->second.block);
      json.end_object();
    } else {
      json.null();
    }
    json.end_object();
  }
  json.end_array().end_object();
}

std::string Stage::backstage() const {
  // Each part was read as JSON before; here they are only put together.
  std::string text = R"({"till":)" + std::string(till_answers_ ? "true" : "false") + R"(,"journal":[)";
  for (const std::string& record : records_)
    text += (text.back() == '[' ? "" : ",") + record;
  text += R"(],"outbox":[)";
  std::string_view rest = outbox_;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size() - 1);
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    if (!is_json(line)) continue;
    text += text.back() == '[' ? "" : ",";
    text += line;
  }
  return text + R"(],"books":)" + (books_.empty() ? "null" : books_) + "}";
}

}  // namespace tillkit::sandbox
