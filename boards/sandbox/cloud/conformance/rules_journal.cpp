// SPDX-License-Identifier: Apache-2.0
// How journals come to the cloud.
#include <array>

#include "authority_digest.hpp"
#include "tillkit/core/encoding.hpp"
#include "world.hpp"

namespace tillkit::conformance {
namespace {

constexpr std::string_view kUpload = "/v1/journal";

Verdict expect_acknowledged(const Answer& answer, std::int64_t seq) {
  TILLKIT_TRY_VOID(expect_ok(answer));
  return expect(answer.number("acknowledged") == seq, answer, "acknowledged " + std::to_string(seq));
}

Verdict expect_none_refused(const Answer& answer) {
  const auto list = answer.find("refused");
  return expect(list && list->size() == 0, answer, "nothing refused of records that are good");
}

/// A journal with so many records that the cloud has.
Tried<UploadedJournal> uploaded(World& world, int sales) {
  UploadedJournal journal = world.new_journal(world.a);
  for (int i = 0; i < sales; ++i)
    journal.sell(100 + i);
  TILLKIT_TRY(const Answer answer, world.wire.post(world.a, kUpload, journal.upload_all()));
  TILLKIT_TRY_VOID(expect_acknowledged(answer, journal.size()));
  return journal;
}

/// What was refused has changed nothing: the cloud is where it was, and the honest journal goes on.
Verdict expect_untouched(World& world, UploadedJournal& honest, std::int64_t seq) {
  TILLKIT_TRY(const Answer answer, world.wire.post(world.a, kUpload, honest.upload(1, 0)));
  TILLKIT_TRY_VOID(expect_acknowledged(answer, seq));
  TILLKIT_TRY(const Answer again, world.wire.post(world.a, kUpload, honest.upload(1, honest.size())));
  return expect_acknowledged(again, honest.size());
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  if (at != std::string::npos) text.replace(at, from.size(), to);
  return text;
}

// --- taking ---

Verdict takes_records(World& world) {
  UploadedJournal journal = world.new_journal(world.a);
  journal.sell(1'250);
  // The chain stands for the text, not for what it says.
  journal.add("checkout.shift_started", 0,
              "{ \"operator\" : \"\\u0061nna\",  \"float\" : {\"minor\":0,\"currency\":\"CNY\"} }");
  journal.sell(800);
  TILLKIT_TRY(const Answer answer, world.wire.post(world.a, kUpload, journal.upload_all()));
  TILLKIT_TRY_VOID(expect_acknowledged(answer, journal.size()));
  TILLKIT_TRY(UploadedJournal good, uploaded(world, 1));
  TILLKIT_TRY(const Answer plain, world.wire.post(world.a, kUpload, good.upload_all()));
  return expect_none_refused(plain);
}

Verdict takes_the_same_again(World& world) {
  UploadedJournal journal = world.new_journal(world.a);
  journal.sell(1'250);
  journal.sell(800);
  const std::string body = journal.upload_all();
  for (int i = 0; i < 2; ++i) {
    TILLKIT_TRY(const Answer answer, world.wire.post(world.a, kUpload, body));
    TILLKIT_TRY_VOID(expect_acknowledged(answer, journal.size()));
  }
  return {};
}

Verdict takes_an_overlap(World& world) {
  TILLKIT_TRY(UploadedJournal journal, uploaded(world, 2));
  journal.sell(300);
  TILLKIT_TRY(const Answer answer, world.wire.post(world.a, kUpload, journal.upload(2, journal.size())));
  return expect_acknowledged(answer, journal.size());
}

Verdict says_how_far(World& world) {
  UploadedJournal journal = world.new_journal(world.a);
  journal.sell(100);
  journal.sell(200);
  TILLKIT_TRY(const Answer nothing, world.wire.post(world.a, kUpload, journal.upload(1, 0)));
  TILLKIT_TRY_VOID(expect_acknowledged(nothing, 0));
  TILLKIT_TRY(const Answer part, world.wire.post(world.a, kUpload, journal.upload(1, 2)));
  TILLKIT_TRY_VOID(expect_acknowledged(part, 2));
  TILLKIT_TRY(const Answer asked, world.wire.post(world.a, kUpload, journal.upload(1, 0)));
  return expect_acknowledged(asked, 2);
}

Verdict takes_nothing_behind_a_gap(World& world) {
  TILLKIT_TRY(UploadedJournal journal, uploaded(world, 1));
  journal.sell(100);
  journal.sell(200);
  TILLKIT_TRY(const Answer answer, world.wire.post(world.a, kUpload, journal.upload(5, 6)));
  TILLKIT_TRY_VOID(expect_acknowledged(answer, 2));
  TILLKIT_TRY(const Answer all, world.wire.post(world.a, kUpload, journal.upload(3, 6)));
  return expect_acknowledged(all, 6);
}

Verdict takes_no_other_order(World& world) {
  TILLKIT_TRY(UploadedJournal journal, uploaded(world, 1));
  journal.sell(100);
  journal.sell(200);
  const std::string jump = replaced(journal.upload(3, 6), R"("seq":4,"kind")", R"("seq":7,"kind")");
  TILLKIT_TRY(const Answer answer, world.wire.post(world.a, kUpload, jump));
  // Behind the gap nothing counts; a cloud may also refuse the whole list, which is no journal's.
  const bool good = answer.problem() == "invalid-request" || answer.problem() == "journal-broken" ||
                    (answer.status == 200 && answer.number("acknowledged") <= 3);
  TILLKIT_TRY_VOID(expect(good, answer, "invalid-request, or acknowledged up to the gap (3)"));
  TILLKIT_TRY(const Answer all, world.wire.post(world.a, kUpload, journal.upload_all()));
  return expect_acknowledged(all, 6);
}

Verdict keeps_what_it_cannot_use(World& world) {
  UploadedJournal journal = world.new_journal(world.a);
  journal.sell(100);
  journal.add("checkout.sale_closed", 1, R"({"how":"five"})");
  journal.add("checkout.never_heard_of", 0, R"({"x":1})");
  journal.add("elsewhere.door_opened", 0, R"({"door":1})");
  journal.sell(200);
  const std::string body = journal.upload_all();
  TILLKIT_TRY(const Answer answer, world.wire.post(world.a, kUpload, body));
  TILLKIT_TRY_VOID(expect_acknowledged(answer, journal.size()));
  TILLKIT_TRY(const Answer again, world.wire.post(world.a, kUpload, body));
  TILLKIT_TRY_VOID(expect_acknowledged(again, journal.size()));
  const auto count = [](const Answer& one) { return one.find("refused") ? one.find("refused")->size() : 0; };
  return expect(count(again) == count(answer), again,
                "the " + std::to_string(count(answer)) + " refused records of the first answer named again");
}

Verdict checks_personal_values(World& world) {
  UploadedJournal journal = world.new_journal(world.a);
  const std::string salt(16, 's');
  const std::string mac = core::encode_base64url(core::as_bytes(sandbox::hmac_sha256(salt, "13800138000")));
  journal.add("elsewhere.personal", 0, R"({"personal":{"phone":")" + mac + R"("}})", {{"phone", salt, "13800138000"}});
  journal.add("elsewhere.personal", 0, R"({"personal":{"phone":")" + mac + R"("}})", {{"phone", salt, "13800138001"}});
  TILLKIT_TRY(const Answer answer, world.wire.post(world.a, kUpload, journal.upload_all()));
  TILLKIT_TRY_VOID(expect_acknowledged(answer, 2));
  bool named = false;
  const auto list = answer.find("refused");
  const auto elements =
      list ? list->elements() : core::Result<core::JsonElements>(core::fail(core::ErrorCode::NotFound));
  if (elements) {
    for (const core::JsonValue one : *elements) {
      const auto seq = one.find("seq");
      const auto reason = one.find("reason");
      if (!seq || !reason || reason->text().value_or("") != "personal_not_matching") continue;
      TILLKIT_TRY_VOID(
          expect(seq->integer().value_or(0) == 2, answer, "record 2 refused for its personal value, not 1"));
      named = true;
    }
  }
  return expect(named, answer, "record 2 refused: personal_not_matching");
}

// --- refusing ---

Verdict sees_other_content(World& world) {
  TILLKIT_TRY(UploadedJournal journal, uploaded(world, 2));
  UploadedJournal copy = journal;
  copy.cut(2);
  copy.sell(999);
  copy.sell(998);
  copy.counter += 10;
  TILLKIT_TRY(const Answer answer, world.wire.post(world.a, kUpload, copy.upload(3, copy.size())));
  TILLKIT_TRY_VOID(expect_problem(answer, {"journal-forked"}));
  return expect_untouched(world, journal, 4);
}

Verdict sees_a_counter_twice(World& world) {
  TILLKIT_TRY(UploadedJournal journal, uploaded(world, 2));
  const std::string body = journal.upload_with(journal.head(2, journal.counter), 1, 0);
  TILLKIT_TRY(const Answer answer, world.wire.post(world.a, kUpload, body));
  TILLKIT_TRY_VOID(expect_problem(answer, {"journal-forked"}));
  return expect_untouched(world, journal, 4);
}

Verdict sees_a_counter_ahead(World& world) {
  TILLKIT_TRY(UploadedJournal journal, uploaded(world, 2));
  const std::string body = journal.upload_with(journal.head(2, journal.counter + 50), 1, 0);
  TILLKIT_TRY(const Answer answer, world.wire.post(world.a, kUpload, body));
  TILLKIT_TRY_VOID(expect_problem(answer, {"journal-forked"}));
  return expect_untouched(world, journal, 4);
}

Verdict sees_a_broken_chain(World& world) {
  TILLKIT_TRY(UploadedJournal journal, uploaded(world, 1));
  UploadedJournal changed = journal;
  changed.sell(200);
  journal.sell(200);
  const cloud::Head head = changed.head(4, changed.counter + 1);
  std::string body = changed.upload_with(head, 3, 4);
  body = replaced(body, R"(\"minor\":200)", R"(\"minor\":900)");
  TILLKIT_TRY(const Answer answer, world.wire.post(world.a, kUpload, body));
  TILLKIT_TRY_VOID(expect_problem(answer, {"journal-broken"}));
  journal.counter = 100;
  TILLKIT_TRY(const Answer asked, world.wire.post(world.a, kUpload, journal.upload(1, 0)));
  return expect_acknowledged(asked, 2);
}

Verdict keeps_heads_in_mind(World& world) {
  UploadedJournal journal = world.new_journal(world.a);
  journal.sell(100);
  journal.sell(200);
  // A head of what has not come yet.
  TILLKIT_TRY(const Answer first, world.wire.post(world.a, kUpload, journal.upload_with(journal.head(4, 1), 1, 2)));
  TILLKIT_TRY_VOID(expect_acknowledged(first, 2));
  journal.cut(2);
  journal.sell(201);
  journal.sell(202);
  TILLKIT_TRY(const Answer answer, world.wire.post(world.a, kUpload, journal.upload_with(journal.head(6, 2), 3, 6)));
  return expect_problem(answer, {"journal-broken", "journal-forked"});
}

Verdict checks_the_signature(World& world) {
  TILLKIT_TRY(UploadedJournal journal, uploaded(world, 1));
  journal.sell(100);
  cloud::Head head = journal.head(4, journal.counter + 1);
  head.signature.back() ^= std::byte{1};
  TILLKIT_TRY(const Answer answer, world.wire.post(world.a, kUpload, journal.upload_with(head, 3, 4)));
  TILLKIT_TRY_VOID(expect_problem(answer, {"journal-broken"}));
  return expect_untouched(world, journal, 2);
}

Verdict checks_whose_signature(World& world) {
  UploadedJournal foreign(world.wire.crypto(), world.b.key, world.new_journal(world.a).journal());
  foreign.sell(100);
  TILLKIT_TRY(const Answer answer, world.wire.post(world.a, kUpload, foreign.upload_all()));
  return expect_problem(answer, {"journal-broken"});
}

Verdict refuses_anothers_journal(World& world) {
  TILLKIT_TRY(UploadedJournal journal, uploaded(world, 1));
  UploadedJournal copy(world.wire.crypto(), world.b.key, journal.journal());
  copy.sell(100);
  TILLKIT_TRY(const Answer answer, world.wire.post(world.b, kUpload, copy.upload_all()));
  TILLKIT_TRY_VOID(expect_problem(answer, {"journal-not-yours"}));
  return expect_untouched(world, journal, 2);
}

Verdict upload_is_strict(World& world) {
  UploadedJournal journal = world.new_journal(world.a);
  journal.sell(100);
  const std::string good = journal.upload_all();
  const std::array<std::string, 5> bad{replaced(good, R"("records":[)", R"("extra":1,"records":[)"),
                                       replaced(good, R"("version":1,)", ""),
                                       replaced(good, R"("boot":1,)", R"("boot":-1,)"), good.substr(0, good.size() / 2),
                                       replaced(good, R"("body":)", R"("bodies":)")};
  for (const std::string& body : bad) {
    TILLKIT_TRY(const Answer answer, world.wire.post(world.a, kUpload, body));
    TILLKIT_TRY_VOID(expect_problem(answer, {"invalid-request"}));
  }
  TILLKIT_TRY(const Answer answer, world.wire.post(world.a, kUpload, good));
  return expect_acknowledged(answer, 2);
}

Verdict upload_has_limits(World& world) {
  UploadedJournal journal = world.new_journal(world.a);
  journal.sell(100);
  const std::string good = journal.upload_all();
  const auto bytes_max = static_cast<std::size_t>(world.wire.contract().limit("upload_body_bytes_max"));
  const std::string largest = good + std::string(bytes_max - good.size(), ' ');
  TILLKIT_TRY(const Answer taken, world.wire.post(world.a, kUpload, largest));
  TILLKIT_TRY_VOID(expect_acknowledged(taken, 2));
  TILLKIT_TRY(const Answer answer, world.wire.post(world.a, kUpload, largest + " "));
  return expect_problem(answer, {"too-large"});
}

// clang-format off
constexpr std::string_view kWhere = "POST /v1/journal";
constexpr std::array kRules{
    Rule{"upload.taken", kWhere, "Records with a good chain and head are taken as the texts they are, and acknowledged",
         "sales never arrive; terminals fill up until they stop selling", kTerminal, &takes_records},
    Rule{"upload.again", kWhere, "The same upload again changes nothing and has the same answer",
         "a lost answer doubles sales, points and stored value, or stops the terminal", kTerminal, &takes_the_same_again},
    Rule{"upload.overlap", kWhere, "Of records that are partly known, the new ones are taken",
         "after a lost answer the terminal's sales never arrive", kTerminal, &takes_an_overlap},
    Rule{"upload.how-far", kWhere, "No records at all is a question: how far are we?",
         "a terminal may drop sales that the cloud does not have", kTerminal, &says_how_far},
    Rule{"upload.gap", kWhere, "A record behind a gap is not taken, and acknowledged says where to go on",
         "a terminal drops the sales in the gap, which nobody has then", kTerminal, &takes_nothing_behind_a_gap},
    Rule{"upload.order", kWhere, "A list with a gap in it is taken up to there at most",
         "sales are acknowledged that nobody has", kTerminal, &takes_no_other_order},
    Rule{"upload.parked", kWhere, "A record that cannot be used counts as acknowledged, holds up nothing, and is named each time",
         "one bad record stops all later sales, or is lost without anybody knowing", kTerminal, &keeps_what_it_cannot_use},
    Rule{"upload.personal", "POST /v1/journal: personal", "Personal values are held against the body",
         "a sale is put down to somebody else", kTerminal, &checks_personal_values},
    Rule{"upload.fork-content", kWhere, "Another record where there is one: 422 journal-forked, and nothing is taken",
         "a cloned device's sales replace the real ones", kTerminal, &sees_other_content},
    Rule{"upload.fork-counter", kWhere, "The same counter with other content: 422 journal-forked",
         "a restored device spends points and leases a second time", kTerminal, &sees_a_counter_twice},
    Rule{"upload.fork-seq", kWhere, "A higher counter with a lower seq: 422 journal-forked",
         "a restored device spends points and leases a second time", kTerminal, &sees_a_counter_ahead},
    Rule{"upload.chain", kWhere, "Records that have not the head's chain value: 422 journal-broken, and nothing is taken",
         "amounts can be changed on the device, and nobody sees it", kTerminal, &sees_a_broken_chain},
    Rule{"upload.earlier-head", kWhere, "Records that come to an earlier head have its chain value, else 422",
         "the end of a journal can be replaced before it is uploaded", kTerminal, &keeps_heads_in_mind},
    Rule{"upload.signature", kWhere, "A head whose signature is not good: 422 journal-broken, and nothing is taken",
         "anybody on the device can write sales", kTerminal, &checks_the_signature},
    Rule{"upload.signer", kWhere, "A head is signed by the key of the terminal that uploads, else 422 journal-broken",
         "one terminal's sales can be made by another", kTerminal | kSecondTerminal, &checks_whose_signature},
    Rule{"upload.not-yours", kWhere, "Another terminal's journal: 403 journal-not-yours, and nothing is taken",
         "one terminal's sales are counted to another", kTerminal | kSecondTerminal, &refuses_anothers_journal},
    Rule{"upload.strict", "schemas: UploadRequest; info: Versions", "What is no upload of the contract, or half of one, is 400 invalid-request and changes nothing",
         "records are taken with values that nobody meant", kTerminal, &upload_is_strict},
    Rule{"upload.size", "x-limits.upload_body_bytes_max", "The largest upload is taken, one byte more is 413 too-large",
         "a terminal with a week of sales never gets rid of them", kTerminal, &upload_has_limits},
};
// clang-format on

}  // namespace

std::span<const Rule> journal_rules() {
  return kRules;
}

}  // namespace tillkit::conformance
