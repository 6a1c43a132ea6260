// SPDX-License-Identifier: Apache-2.0
// How journals come here.
#include <algorithm>

#include "authority_signature.hpp"
#include "checks.hpp"
#include "heard.hpp"
#include "home.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/json_members.hpp"
#include "tillkit/journal/head.hpp"

namespace tillkit::sandbox {

using core::JsonValue;
using core::JsonWriter;
using core::Result;

/// An upload, and what is found out about it on the way.
struct Home::Upload {
  std::string journal{};  ///< 32 hexadecimal digits
  journal::SignedHead head{};
  std::string head_chain{};  ///< base64url
  std::vector<UploadedRecord> records{};

  JournalState state{};               ///< as it is, then as it will be
  std::size_t new_from = 0;           ///< index of the first record that is not here
  std::vector<std::string> chains{};  ///< of the records from `new_from` on, base64url

  [[nodiscard]] std::int64_t counter() const { return static_cast<std::int64_t>(head.counter); }
};

namespace {

constexpr std::int64_t kSeqMax = 1'125'899'906'842'623;
constexpr std::size_t kChainCharacters = 43;
constexpr std::size_t kSignatureCharacters = 86;
constexpr std::size_t kDetailMax = 400;

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

bool is_base64url(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

/// Bytes in base64url that fill the array.
template <std::size_t Size>
Result<> read_bytes(const JsonValue& object, std::string_view name, std::size_t characters,
                    std::array<std::byte, Size>& out) {
  TILLKIT_TRY(const std::string text, read_pattern(object, name, characters, characters, is_base64url));
  const auto bytes = core::decode_base64url(text);
  if (!bytes || bytes->size() != Size) return object.mistake();
  std::ranges::copy(*bytes, out.begin());
  return {};
}

/// Whether another history was seen: heads with a higher counter never have a lower seq.
bool forks(const JournalState& state, std::int64_t counter, std::int64_t seq, const std::string& chain) {
  const auto contradicts = [&](const JournalState::Head& before, const JournalState::Head& after) {
    return before.seq > after.seq || (before.seq == after.seq && before.chain != after.chain);
  };
  const JournalState::Head head{seq, chain};
  const auto same = state.heads.find(counter);
  if (same != state.heads.end()) return same->second.seq != seq || same->second.chain != chain;
  const auto next = state.heads.upper_bound(counter);
  if (next != state.heads.end() && contradicts(head, next->second)) return true;
  return next != state.heads.begin() && contradicts(std::prev(next)->second, head);
}

Result<std::string> write_state(const JournalState& state) {
  JsonWriter json;
  json.begin_object().name("terminal").text(state.terminal).name("acknowledged").integer(state.acknowledged);
  json.name("chain").text(state.chain).end_object();
  return json.finish();
}

}  // namespace

Result<HttpAnswer> Home::upload(Call& call) {
  const JsonValue& body = *call.body;
  TILLKIT_TRY_VOID(body.only({"journal", "head", "records"}));
  Upload upload;
  TILLKIT_TRY(upload.journal, read_pattern(body, "journal", 32, 32, is_hex));
  TILLKIT_TRY(const core::Bytes id, core::decode_hex(upload.journal));
  std::ranges::copy(id, upload.head.journal.bytes.begin());
  TILLKIT_TRY(const JsonValue head, body.member("head"));
  TILLKIT_TRY_VOID(head.only({"seq", "chain", "counter", "signature"}));
  TILLKIT_TRY(const std::int64_t seq, read_number(head, "seq", 1, kSeqMax));
  upload.head.seq = journal::Seq(seq);
  TILLKIT_TRY(const std::int64_t counter, read_count(head, "counter"));
  upload.head.counter = static_cast<std::uint64_t>(counter);
  TILLKIT_TRY_VOID(read_bytes(head, "chain", kChainCharacters, upload.head.chain));
  TILLKIT_TRY_VOID(read_bytes(head, "signature", kSignatureCharacters, upload.head.signature));
  upload.head_chain = core::encode_base64url(upload.head.chain);
  TILLKIT_TRY(const JsonValue records, body.member("records"));
  TILLKIT_TRY(upload.records, read_uploaded(records, upload.head.journal));

  const auto known = journals_.find(upload.journal);
  if (known != journals_.end()) upload.state = known->second;
  if (known != journals_.end() && upload.state.terminal != call.caller.terminal) {
    return problem(Problem::JournalNotYours);
  }
  upload.state.terminal = call.caller.terminal;
  std::optional<TerminalRow> terminal;
  const Result<> read = cloud_.storage.view([&](Reader& reader) -> Result<> {
    TILLKIT_TRY(terminal, find_row<TerminalRow>(reader, kTerminals, call.caller.terminal, kOnly));
    return {};
  });
  TILLKIT_TRY_VOID(read);
  if (!terminal) return core::fail(core::ErrorCode::Corrupt);
  TILLKIT_TRY(const core::Bytes public_key, core::decode_base64url(terminal->public_key));
  const core::Bytes message = journal::signed_bytes(upload.head);
  if (!is_signed_es256(core::as_text(public_key), core::as_text(message), core::as_text(upload.head.signature))) {
    return problem(Problem::JournalBroken, "the head is not signed by this terminal");
  }
  TILLKIT_TRY(const std::optional<Problem> wrong, check_upload(upload));
  if (wrong) return problem(*wrong);

  const bool new_head = !upload.state.heads.contains(counter);
  if (new_head || !upload.chains.empty()) {
    TILLKIT_TRY_VOID(change([&](Tx& tx) { return store_upload(tx, upload, call.caller); }));
  }
  return upload_answer(upload);
}

/// Finds what is new, and whether it goes on with what is here.
Result<std::optional<Problem>> Home::check_upload(Upload& upload) {
  const JournalState& state = upload.state;
  const std::int64_t head_seq = upload.head.seq.value();
  if (forks(state, upload.counter(), head_seq, upload.head_chain)) return std::optional(Problem::JournalForked);
  const auto first_new = std::ranges::find_if(
      upload.records, [&](const UploadedRecord& one) { return one.record.seq.value() > state.acknowledged; });
  upload.new_from = static_cast<std::size_t>(first_new - upload.records.begin());
  TILLKIT_TRY(const std::optional<Problem> other, check_known(upload));
  if (other) return other;

  std::int64_t reached = state.acknowledged;
  const bool gap = first_new != upload.records.end() && first_new->record.seq.value() != reached + 1;
  if (!gap && first_new != upload.records.end()) {
    journal::Chain chain{};
    if (!state.chain.empty()) {
      TILLKIT_TRY(const core::Bytes bytes, core::decode_base64url(state.chain));
      std::ranges::copy(bytes, chain.begin());
    }
    for (auto one = first_new; one != upload.records.end(); ++one) {
      TILLKIT_TRY(chain, journal::next_chain(chain, one->record));
      upload.chains.push_back(core::encode_base64url(chain));
    }
    reached += static_cast<std::int64_t>(upload.chains.size());
  }
  // All heads that the records have come to, those that came earlier, too.
  auto heads = state.heads;
  heads[upload.counter()] = {head_seq, upload.head_chain};
  std::optional<Problem> broken;
  const Result<> read = cloud_.storage.view([&](Reader& reader) -> Result<> {
    for (auto head = heads.rbegin(); head != heads.rend(); ++head) {
      const auto& [counter, seen] = *head;
      const bool looked_at = seen.seq <= state.acknowledged && counter != upload.counter();
      if (seen.seq > reached || looked_at) continue;
      TILLKIT_TRY(const std::optional<std::string> chain, chain_at(reader, upload, seen.seq));
      if (chain != seen.chain) broken = Problem::JournalBroken;
    }
    return {};
  });
  TILLKIT_TRY_VOID(read);
  return broken;
}

/// Records that are here already must be the same.
Result<std::optional<Problem>> Home::check_known(const Upload& upload) {
  if (upload.new_from == 0) return std::optional<Problem>();
  std::optional<Problem> forked;
  const Result<> read = cloud_.storage.view([&](Reader& reader) -> Result<> {
    for (std::size_t i = 0; i < upload.new_from; ++i) {
      const journal::Record& record = upload.records[i].record;
      TILLKIT_TRY(const auto stored, reader.get(kRecords, upload.journal, number_key(record.seq.value())));
      if (!stored) return core::fail(core::ErrorCode::Corrupt);
      TILLKIT_TRY(const std::string same, write_stored(record, chain_of_stored(*stored)));
      if (same != *stored) forked = Problem::JournalForked;
    }
    return {};
  });
  TILLKIT_TRY_VOID(read);
  return forked;
}

Result<std::optional<std::string>> Home::chain_at(Reader& reader, const Upload& upload, std::int64_t seq) {
  const std::int64_t behind = seq - upload.state.acknowledged;
  if (behind > 0) return std::optional(upload.chains[static_cast<std::size_t>(behind - 1)]);
  TILLKIT_TRY(const auto stored, reader.get(kRecords, upload.journal, number_key(seq)));
  if (!stored) return std::optional<std::string>();
  return std::optional(std::string(chain_of_stored(*stored)));
}

Result<> Home::store_upload(Tx& tx, Upload& upload, const Caller& caller) {
  JournalState& state = upload.state;
  const std::int64_t first = state.acknowledged + 1;
  Effects effects;
  Books& merchants = books(caller.merchant);
  for (std::size_t i = 0; i < upload.chains.size(); ++i) {
    const auto& [record, personal] = upload.records[upload.new_from + i];
    TILLKIT_TRY(const std::string stored, write_stored(record, upload.chains[i]));
    TILLKIT_TRY_VOID(tx.put(kRecords, upload.journal, number_key(record.seq.value()), stored));
    const Heard heard{.record = record, .journal = upload.journal, .terminal = caller.terminal, .store = caller.store};
    TILLKIT_TRY_VOID(take_record(tx, merchants, heard, personal, effects));
  }
  if (!upload.chains.empty()) {
    state.acknowledged += static_cast<std::int64_t>(upload.chains.size());
    state.chain = upload.chains.back();
    JsonWriter json;
    json.begin_object().name("what").text("records").name("journal").text(upload.journal);
    json.name("terminal").text(caller.terminal).name("store").text(caller.store);
    json.name("first").integer(first).name("last").integer(state.acknowledged).end_object();
    TILLKIT_TRY(const std::string entry, json.finish());
    TILLKIT_TRY_VOID(append_log(tx, caller.merchant, entry));
  }
  state.heads[upload.counter()] = {upload.head.seq.value(), upload.head_chain};
  JsonWriter head;
  head.begin_object().name("seq").integer(upload.head.seq.value()).name("chain").text(upload.head_chain);
  TILLKIT_TRY(const std::string head_text, head.end_object().finish());
  TILLKIT_TRY_VOID(tx.put(kHeads, upload.journal, number_key(upload.counter()), head_text));
  TILLKIT_TRY(const std::string state_text, write_state(state));
  TILLKIT_TRY_VOID(tx.put(kJournals, upload.journal, kOnly, state_text));
  TILLKIT_TRY_VOID(store_effects(tx, merchants, effects));
  journals_[upload.journal] = state;
  return {};
}

/// Tells the books; a record that they cannot use is parked, and holds up nothing.
Result<> Home::take_record(Tx& tx, Books& books, const Heard& heard, const std::vector<PersonalPart>& personal,
                           Effects& effects) {
  const std::string seq = number_key(heard.record.seq.value());
  std::expected<void, RecordRefusal> taken;
  if (!personal.empty()) {
    TILLKIT_TRY(const std::string values, write_personal(personal));
    TILLKIT_TRY_VOID(tx.put(kPersonal, heard.journal, seq, values));
    const auto body = core::JsonDocument::parse(heard.record.body);
    if (body && !personal_matches(body->root(), personal)) {
      taken = std::unexpected(RecordRefusal{"personal_not_matching", ""});
    }
  }
  if (taken) taken = books.take(heard, effects);
  if (taken) return {};
  std::string& detail = taken.error().detail;
  detail.resize(std::min(detail.size(), kDetailMax));
  JsonWriter json;
  json.begin_object().name("reason").text(taken.error().reason).name("detail").text(detail);
  json.name("kind").text(heard.record.kind.view()).name("terminal").text(heard.terminal).end_object();
  TILLKIT_TRY(const std::string parked, json.finish());
  TILLKIT_TRY_VOID(tx.put(kParked, heard.journal, seq, parked));
  effects.events.push_back({.type = "parked",
                            .at = heard.wall(),
                            .terminal = heard.terminal,
                            .journal = heard.journal,
                            .sale = heard.record.sale.value(),
                            .what = std::string(taken.error().reason)});
  return {};
}

/// What was refused of these records is said each time.
Result<HttpAnswer> Home::upload_answer(const Upload& upload) {
  JsonWriter json;
  json.begin_object().name("acknowledged").integer(upload.state.acknowledged).name("refused").begin_array();
  const Result<> read = cloud_.storage.view([&](Reader& reader) -> Result<> {
    if (upload.records.empty()) return {};
    const std::int64_t first = upload.records.front().record.seq.value();
    const std::string last = number_key(upload.records.back().record.seq.value());
    TILLKIT_TRY(const std::vector<Row> rows, reader.list(kParked, upload.journal, number_key(first - 1), kRecordsMax));
    for (const Row& row : rows) {
      if (row.at.key > last) break;
      TILLKIT_TRY(const core::JsonDocument parked, parse_row(row.value));
      TILLKIT_TRY(const std::string reason, read_text(parked.root(), "reason"));
      TILLKIT_TRY(const std::string detail, read_text(parked.root(), "detail"));
      json.begin_object().name("seq").integer(std::stoll(row.at.key)).name("reason").text(reason);
      if (!detail.empty()) json.name("detail").text(detail);
      json.end_object();
    }
    return {};
  });
  TILLKIT_TRY_VOID(read);
  return answer_of(json.end_array().end_object().finish());
}

}  // namespace tillkit::sandbox
