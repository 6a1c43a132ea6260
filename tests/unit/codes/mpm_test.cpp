// SPDX-License-Identifier: Apache-2.0
#include "tillkit/codes/mpm.hpp"

#include <array>

#include "scanned.hpp"
#include "tillkit/core/bytes.hpp"
#include "tillkit/core/crc.hpp"

using namespace tillkit::codes;
namespace core = tillkit::core;

namespace {

// EMVCo, QR Code Specification, merchant-presented mode, annex A.
constexpr std::string_view kChina =
    "00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802CN5914BEST TRANSPORT"
    "6007BEIJING64200002ZH0104最佳运输0202北京540523.7253031565502016233030412340603***0708A60086670902ME91320016"
    "A0112233449988770708123456786304A13A";
// PayNow, with and without an amount: as published with open-source generators.
constexpr std::string_view kSingapore =
    "00020101021126380009SG.PAYNOW010100211+6591234567030115204000053037025802SG5902NA6009Singapore6304B5DB";
constexpr std::string_view kSingaporeAmount =
    "00020101021226380009SG.PAYNOW010100211+659123456703010520400005303702540524.105802SG5904Mark6009Singapore"
    "62160112Din Tai Fung630490FC";
// Faster Payment System: a merchant's test code, and one of an HKQR reader.
constexpr std::string_view kHongKong =
    "00020101021226320012hk.com.hkicl0207600050906011520400005303344540510.505802HK5902NA6002HK62270523"
    "HKTEST202103190606259626304BCD1";
constexpr std::string_view kHongKongPhone =
    "00020101021126400012hk.com.hkicl01030040313+852-8765432152040000530334454041.235802HK5902NA6002HK6304C246";
// Banco Central do Brasil, Manual de Padrões para Iniciação do Pix.
constexpr std::string_view kBrazil =
    "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR5913Fulano de Tal"
    "6008BRASILIA62070503***63041D3D";
// Short forms between persons: PromptPay and VietQR leave out category, name and city.
constexpr std::string_view kThailand =
    "00020101021229370016A0000006770101110113006692754538553037645802TH540550.006304B5FD";
constexpr std::string_view kVietnam =
    "00020101021238600010A00000072701300006970403011697040311012345670208QRIBFTTC530370454061800005802VN62340107"
    "NPS68690819thanh toan don hang6304A203";

constexpr std::array kComplete{kChina, kSingapore, kSingaporeAmount, kHongKong, kHongKongPhone, kBrazil};

Mpm must_parse(std::string_view text, MpmRules rules = {}) {
  const auto code = parse_mpm(text, rules);
  REQUIRE(code.has_value());
  return *code;
}

/// Puts the right check behind a text that need not be right otherwise.
std::string with_crc(std::string_view body) {
  std::string text(body);
  text += "6304";
  const unsigned crc = core::Crc16CcittFalse::of(core::as_bytes(text));
  for (const unsigned shift : {12U, 8U, 4U, 0U})
    text += "0123456789ABCDEF"[(crc >> shift) & 0xFU];
  return text;
}

constexpr std::string_view kHead = "000201010211";
constexpr std::string_view kAccount = "0204ABCD";
constexpr std::string_view kTail = "5204000053031565802CN5902NA6002BJ";

std::string minimal(std::string_view between = "") {
  return with_crc(std::string(kHead) + std::string(kAccount) + std::string(between) + std::string(kTail));
}

struct Wrong {
  std::string text;
  MpmFault fault;
};

void check_wrong(const Wrong& wrong) {
  CAPTURE(wrong.text);
  const auto code = parse_mpm(wrong.text);
  REQUIRE_FALSE(code.has_value());
  CHECK(std::string(to_string(code.error().mistake)) == std::string(to_string(wrong.fault.mistake)));
  CHECK(static_cast<int>(code.error().field) == static_cast<int>(wrong.fault.field));
  CHECK(static_cast<int>(code.error().part) == static_cast<int>(wrong.fault.part));
  CHECK(static_cast<int>(code.error().subpart) == static_cast<int>(wrong.fault.subpart));
}

MpmFault at(MpmMistake mistake, std::uint8_t field, std::uint8_t part = kMpmNoPart, std::uint8_t subpart = kMpmNoPart) {
  return {.mistake = mistake, .field = field, .part = part, .subpart = subpart};
}

}  // namespace

TEST_CASE("published codes of five places are read and written again, byte for byte", "[codes]") {
  for (const std::string_view text : kComplete) {
    CAPTURE(text);
    const Mpm code = must_parse(text);
    const auto written = build_mpm(code);
    REQUIRE(written.has_value());
    CHECK(*written == text);
    CHECK(kind_scanned(std::string(text) + "\r\n") == Kind::EmvMpm);
  }
}

TEST_CASE("the specification's example says what the specification says", "[codes]") {
  const Mpm code = must_parse(kChina);

  CHECK(code.is_dynamic());
  CHECK(code.value(29, 0) == "D15600000000");
  CHECK(code.value(29, 5) == "A93FO3230Q");
  CHECK(code.value(kMpmCategory) == "4111");
  CHECK(code.currency() == core::Result<core::Currency>(core::kCny));
  CHECK(code.amount() == core::Result<core::Money>(core::Money{2372, core::kCny}));
  CHECK(code.tip() == MpmTip::Prompt);
  CHECK(code.value(kMpmName) == "BEST TRANSPORT");
  CHECK(code.value(kMpmLanguage, 1) == "最佳运输");
  CHECK(code.value(kMpmLanguage, 2) == "北京");
  CHECK(code.prompts_for(6));
  CHECK_FALSE(code.prompts_for(3));
  CHECK(code.value(kMpmAdditional, 9) == "ME");
  CHECK(code.value(91, 7) == "12345678");
  CHECK_FALSE(code.value(kMpmAdditional).has_value());
  CHECK_FALSE(code.value(kMpmPostalCode).has_value());
  CHECK(code.find(kMpmCrc) == nullptr);
}

TEST_CASE("short national forms are refused unless the shop takes them", "[codes]") {
  CodeTable table = default_code_table();
  table.mpm_short_forms = true;
  for (const std::string_view text : {kThailand, kVietnam}) {
    CAPTURE(text);
    CHECK(parse_mpm(text).error() == at(MpmMistake::Missing, kMpmCategory));
    const Mpm code = must_parse(text, {.short_forms = true});
    const auto written = build_mpm(code, {.short_forms = true});
    REQUIRE(written.has_value());
    CHECK(*written == text);
    CHECK(kind_scanned(text) == Kind::Unknown);
    CHECK(kind_scanned(text, table) == Kind::EmvMpm);
  }
  CHECK(must_parse(kThailand, {.short_forms = true}).amount()->minor == 5000);
  CHECK(must_parse(kVietnam, {.short_forms = true}).amount()->minor == 180'000);
}

TEST_CASE("no single character of a code can change unnoticed", "[codes]") {
  for (const std::string_view text : kComplete) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      for (const char c : std::string_view("0159ANZaz* .\x1D\xC3")) {
        std::string changed(text);
        if (changed[i] == c) continue;
        changed[i] = c;
        CAPTURE(i, changed);
        CHECK_FALSE(parse_mpm(changed).has_value());
      }
    }
  }
}

TEST_CASE("no code can be cut short or continued unnoticed", "[codes]") {
  for (std::size_t size = 0; size < kChina.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(parse_mpm(kChina.substr(0, size)).has_value());
  }
  CHECK_FALSE(parse_mpm(std::string(kSingapore) + "0").has_value());
  CHECK_FALSE(parse_mpm(std::string(kSingapore) + "6502ab").has_value());
}

TEST_CASE("a wrong check is reported with both numbers", "[codes]") {
  std::string text(kSingapore);
  text.back() = 'A';
  const auto refused = scanned<Unknown>(text);
  CHECK(refused.nearest == Kind::EmvMpm);
  CHECK(refused.why == Why::Emv);
  REQUIRE(refused.mpm.has_value());
  CHECK(refused.mpm->mistake == MpmMistake::Crc);
  CHECK(refused.mpm->field == kMpmCrc);
  CHECK(refused.mpm->expected == 0xB5DB);
  CHECK(refused.mpm->found == 0xB5DA);
}

TEST_CASE("the frame of a code is checked", "[codes]") {
  REQUIRE(parse_mpm(minimal()).has_value());
  const std::string body = std::string(kAccount) + std::string(kTail);
  const std::array wrong_texts{
      Wrong{"", at(MpmMistake::First, 0)},
      Wrong{with_crc("010211000201" + body), at(MpmMistake::First, 0)},
      Wrong{"000201", at(MpmMistake::Last, kMpmCrc)},
      Wrong{minimal() + "6502ab", at(MpmMistake::Last, kMpmCrc)},
      Wrong{with_crc("000201" + body + "63041234"), at(MpmMistake::Repeated, kMpmCrc)},
      Wrong{with_crc("000201000201" + body), at(MpmMistake::Repeated, 0)},
      Wrong{with_crc("000201x1"), at(MpmMistake::Id, 0)},
      Wrong{with_crc("0002010"), at(MpmMistake::PastEnd, 6)},
      Wrong{"0002010", at(MpmMistake::Id, 0)},
      Wrong{"000201010", at(MpmMistake::Length, 1)},
      Wrong{"00020101x2", at(MpmMistake::Length, 1)},
      Wrong{with_crc("0002010200" + body), at(MpmMistake::Length, 2)},
      Wrong{"00020102991", at(MpmMistake::PastEnd, 2)},
      Wrong{"000201" + body + "6303ABC", at(MpmMistake::Length, kMpmCrc)},
      Wrong{"000201" + body + "6304abcd", at(MpmMistake::Form, kMpmCrc)},
      Wrong{"0002\xFF", at(MpmMistake::NotUtf8, 0)},
      Wrong{std::string(kMpmBytesMax + 1, '0'), at(MpmMistake::TooLong, 0)},
  };
  for (const Wrong& wrong : wrong_texts)
    check_wrong(wrong);
}

TEST_CASE("every field has its form", "[codes]") {
  const auto replaced = [](std::string_view from, std::string_view to) {
    std::string body = std::string(kHead) + std::string(kAccount) + std::string(kTail);
    body.replace(body.find(from), from.size(), to);
    return with_crc(body);
  };
  const std::array wrong_texts{
      Wrong{replaced("000201", "000202"), at(MpmMistake::Form, 0)},
      Wrong{replaced("010211", "010213"), at(MpmMistake::Form, 1)},
      Wrong{replaced("0204ABCD", "0204AB\tD"), at(MpmMistake::Form, 2)},
      Wrong{replaced("52040000", "5203000"), at(MpmMistake::Length, 52)},
      Wrong{replaced("52040000", "5204000x"), at(MpmMistake::Form, 52)},
      Wrong{replaced("5303156", "530215"), at(MpmMistake::Length, 53)},
      Wrong{replaced("5802CN", "5802Cn"), at(MpmMistake::Form, 58)},
      Wrong{replaced("5802CN", "5803CHN"), at(MpmMistake::Length, 58)},
      Wrong{replaced("5902NA", "5926ABCDEFGHIJKLMNOPQRSTUVWXYZ"), at(MpmMistake::Length, 59)},
      Wrong{replaced("5902NA", "5902最佳"), at(MpmMistake::Form, 59)},
      Wrong{replaced("6002BJ", "6016ABCDEFGHIJKLMNOP"), at(MpmMistake::Length, 60)},
      Wrong{replaced("0204ABCD", ""), at(MpmMistake::Missing, 2)},
      Wrong{replaced("52040000", ""), at(MpmMistake::Missing, 52)},
      Wrong{replaced("5303156", ""), at(MpmMistake::Missing, 53)},
      Wrong{replaced("5802CN", ""), at(MpmMistake::Missing, 58)},
      Wrong{replaced("5902NA", ""), at(MpmMistake::Missing, 59)},
      Wrong{replaced("6002BJ", ""), at(MpmMistake::Missing, 60)},
      Wrong{minimal("611112345678901"), at(MpmMistake::Length, 61)},
  };
  for (const Wrong& wrong : wrong_texts)
    check_wrong(wrong);
  CHECK(parse_mpm(replaced("5902NA", "5925ABCDEFGHIJKLMNOPQRSTUVWXY")).has_value());
  CHECK(parse_mpm(replaced("6002BJ", "6015ABCDEFGHIJKLMNO")).has_value());
}

TEST_CASE("an amount is digits with at most one point, and not nothing", "[codes]") {
  for (const std::string_view good : {"540298", "540398.", "540498.7", "540598.73", "54131234567890.12", "54040.01"}) {
    CAPTURE(good);
    CHECK(parse_mpm(minimal(good)).has_value());
  }
  for (const std::string_view bad :
       {"54010", "54040.00", "5403.73", "54041.2.", "54031,2", "5402-1", "5402 1", "5401.", "541412345678901.12"}) {
    CAPTURE(bad);
    const auto code = parse_mpm(minimal(bad));
    REQUIRE_FALSE(code.has_value());
    CHECK(code.error().field == kMpmAmount);
  }
  CHECK(must_parse(minimal("540398.")).amount()->minor == 9800);
  CHECK(must_parse(minimal("540498.7")).amount()->minor == 9870);
  CHECK(must_parse(minimal("540698.730")).amount()->minor == 9873);
  CHECK(must_parse(minimal("540698.731")).amount() ==
        core::Result<core::Money>(core::fail(core::ErrorCode::OutOfRange)));
  CHECK(must_parse(minimal()).amount() == core::Result<core::Money>(core::fail(core::ErrorCode::NotFound)));
}

TEST_CASE("tip fields go together or not at all", "[codes]") {
  CHECK(must_parse(minimal("550201")).tip() == MpmTip::Prompt);
  const Mpm fixed = must_parse(minimal("55020256041.50"));
  CHECK(fixed.tip() == MpmTip::Fixed);
  CHECK(fixed.tip_fixed()->minor == 150);
  const Mpm percent = must_parse(minimal("55020357042.50"));
  CHECK(percent.tip() == MpmTip::Percent);
  CHECK(percent.tip_percent() == core::Result<core::BasisPoints>(core::BasisPoints(250)));
  CHECK_FALSE(must_parse(minimal()).tip_percent().has_value());
  CHECK(must_parse(minimal("550203570599.99")).tip_percent()->value() == 9999);
  CHECK(must_parse(minimal("550203570500.01")).tip_percent()->value() == 1);

  check_wrong({minimal("550202"), at(MpmMistake::Tip, kMpmTipFixed)});
  check_wrong({minimal("550203"), at(MpmMistake::Tip, kMpmTipPercent)});
  check_wrong({minimal("56041.50"), at(MpmMistake::Tip, kMpmTipFixed)});
  check_wrong({minimal("57041.50"), at(MpmMistake::Tip, kMpmTipPercent)});
  check_wrong({minimal("55020156041.50"), at(MpmMistake::Tip, kMpmTipFixed)});
  check_wrong({minimal("55020256041.5057041.50"), at(MpmMistake::Tip, kMpmTipPercent)});
  check_wrong({minimal("55020357041.5056041.50"), at(MpmMistake::Tip, kMpmTipFixed)});
  check_wrong({minimal("550204"), at(MpmMistake::Form, kMpmTip)});
  check_wrong({minimal("5502035703100"), at(MpmMistake::Form, kMpmTipPercent)});
  check_wrong({minimal("550203570500.00"), at(MpmMistake::Form, kMpmTipPercent)});
  check_wrong({minimal("550203570510%25"), at(MpmMistake::Form, kMpmTipPercent)});
}

TEST_CASE("templates are checked inside", "[codes]") {
  CHECK(parse_mpm(minimal("26080004abcd")).has_value());
  check_wrong({minimal("26080104abcd"), at(MpmMistake::Missing, 26, 0)});
  check_wrong({minimal("5104ABCD"), at(MpmMistake::Id, 51, 0)});
  check_wrong({minimal("26160004abcd0004abcd"), at(MpmMistake::Repeated, 26, 0)});
  check_wrong({minimal("26080005abcd"), at(MpmMistake::PastEnd, 26, 0)});
  check_wrong({minimal("26370033abcdefghijklmnopqrstuvwxyz0123456"), at(MpmMistake::Length, 26, 0)});
  check_wrong({minimal("80080104abcd"), at(MpmMistake::Missing, 80, 0)});
  CHECK(must_parse(minimal("80140004abcd0102最佳")).value(80, 1) == "最佳");
  // What is reserved is kept as it is.
  CHECK(must_parse(minimal("6503x.y")).value(65) == "x.y");
  CHECK(must_parse(minimal("7902最佳")).value(79) == "最佳");
}

TEST_CASE("additional data has its own fields, and a scheme's inside", "[codes]") {
  CHECK(must_parse(minimal("62070303***")).prompts_for(3));
  CHECK(must_parse(minimal("62070903AME")).value(kMpmAdditional, 9) == "AME");
  check_wrong({minimal("62070903AMA"), at(MpmMistake::Form, 62, 9)});
  check_wrong({minimal("62050901X"), at(MpmMistake::Form, 62, 9)});
  check_wrong({minimal("62300126abcdefghijklmnopqrstuvwxyz"), at(MpmMistake::Length, 62, 1)});
  CHECK(parse_mpm(minimal("62290125abcdefghijklmnopqrstuvwxy")).has_value());
  check_wrong({minimal("62061102ab"), at(MpmMistake::Length, 62, 11)});
  CHECK(parse_mpm(minimal("62071103100")).has_value());
  const Mpm scheme = must_parse(minimal("622050160012br.gov.bcb.p"));
  const MpmObject* const additional = scheme.find(kMpmAdditional);
  REQUIRE(additional != nullptr);
  REQUIRE(additional->parts.size() == 1);
  CHECK(additional->parts[0].parts[0].value == "br.gov.bcb.p");
  check_wrong({minimal("62125008"
                       "0104abcd"),
               at(MpmMistake::Missing, 62, 50, 0)});
  check_wrong({minimal("62095005"
                       "0002a"),
               at(MpmMistake::PastEnd, 62, 50, 0)});
}

TEST_CASE("a name in another language needs its language", "[codes]") {
  CHECK(must_parse(minimal("64140002ZH0104最佳运输")).value(kMpmLanguage, 1) == "最佳运输");
  check_wrong({minimal("64080104最佳运输"), at(MpmMistake::Missing, 64, 0)});
  check_wrong({minimal("64060002ZH"), at(MpmMistake::Missing, 64, 1)});
  check_wrong({minimal("64130003CHN0102ab"), at(MpmMistake::Length, 64, 0)});
}

TEST_CASE("a length counts characters, not bytes", "[codes]") {
  // Four characters, twelve bytes. Counted in bytes it would eat what follows.
  CHECK(must_parse(minimal("6504最佳运输")).value(65) == "最佳运输");
  CHECK_FALSE(parse_mpm(minimal("6512最佳运输")).has_value());
}

TEST_CASE("what cannot be read is not written", "[codes]") {
  const Mpm good = must_parse(minimal());
  const auto refused = [&](const MpmObject& object) {
    Mpm code = good;
    code.objects.push_back(object);
    return build_mpm(code).error();
  };
  CHECK(refused({65, "", {}}) == at(MpmMistake::Length, 65));
  CHECK(refused({65, std::string(100, 'x'), {}}) == at(MpmMistake::Length, 65));
  CHECK(refused({100, "x", {}}) == at(MpmMistake::Id, 100));
  CHECK(refused({65, "\xFF", {}}) == at(MpmMistake::NotUtf8, 65));
  CHECK(refused({80, "x", {{0, "y", {}}}}) == at(MpmMistake::Structure, 80));
  CHECK(refused({80, "0001y", {}}) == at(MpmMistake::Structure, 80));
  CHECK(refused({65, "", {{0, "y", {}}}}) == at(MpmMistake::Structure, 65));
  CHECK(refused({58, "CN", {}}) == at(MpmMistake::Repeated, 58));
  CHECK(refused({kMpmCrc, "ABCD", {}}) == at(MpmMistake::Repeated, kMpmCrc));
  CHECK(refused({62, "", {{50, "", {{1, "", {{0, "x", {}}}}}}}}).mistake == MpmMistake::Structure);
  CHECK(build_mpm({}).error() == at(MpmMistake::First, 0));
  Mpm large = good;
  for (std::uint8_t id = 65; id < 71; ++id)
    large.objects.push_back({id, std::string(99, 'x'), {}});
  CHECK(build_mpm(large).error().mistake == MpmMistake::TooLong);
}

TEST_CASE("a code put together by hand answers its questions without harm", "[codes]") {
  Mpm code;
  CHECK_FALSE(code.currency().has_value());
  CHECK_FALSE(code.amount().has_value());
  code.objects = {{kMpmCurrency, "15x", {}}, {kMpmAmount, "1.2.3", {}}, {kMpmTipPercent, "999999999", {}}};
  CHECK_FALSE(code.currency().has_value());
  CHECK_FALSE(code.tip_percent().has_value());
  code.objects[0].value = "156";
  CHECK(code.amount() == core::Result<core::Money>(core::fail(core::ErrorCode::InvalidArgument)));
  code.objects[0].value = "000";
  CHECK(code.amount() == core::Result<core::Money>(core::fail(core::ErrorCode::NotFound)));
}
