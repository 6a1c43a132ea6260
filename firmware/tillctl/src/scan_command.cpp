// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "commands.hpp"
#include "files.hpp"
#include "tillkit/codes/code.hpp"
#include "tillkit/core/bytes.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/core/json_writer.hpp"

namespace tillctl {
namespace {

namespace codes = tillkit::codes;
namespace core = tillkit::core;

constexpr std::string_view kCommand = "scan";

/// Reads a code table, or says on standard error where in it the mistake is.
std::optional<codes::CodeTable> read_table(const std::string& path) {
  const auto text = read_file(kCommand, path, core::JsonLimits{}.bytes_max);
  if (!text) return std::nullopt;
  const auto document = core::JsonDocument::parse(*text);
  if (!document) {
    failed(kCommand, path + ": no JSON from byte " + std::to_string(document.error().foreign));
    return std::nullopt;
  }
  const auto table = codes::read_code_table(document->root());
  if (table) return *table;
  failed(kCommand, path + ": " + document->path_of(table.error()).value_or("") + ": the table has a mistake (" +
                       std::string(to_string(table.error().code)) + ")");
  return std::nullopt;
}

void name_text(core::JsonWriter& json, std::string_view name, std::string_view text) {
  if (!text.empty()) json.name(name).text(text);
}

void write_route(core::JsonWriter& json, const codes::PaymentCode& code) {
  const auto wallets = code.wallets();
  if (!wallets.empty()) json.name("wallet").text(to_string(wallets.front()));
  if (wallets.size() > 1) {
    json.name("also").begin_array();
    for (const codes::Wallet wallet : wallets.subspan(1))
      json.text(to_string(wallet));
    json.end_array();
  }
  json.name("masked").text(code.masked()).name("can_identify").boolean(code.can_identify());
}

void write_date(core::JsonWriter& json, std::string_view name, const std::optional<codes::Gs1Date>& date) {
  if (!date) return;
  const int number = date->year_of_century * 10'000 + date->month * 100 + date->day;
  const std::string digits = std::to_string(1'000'000 + number).substr(1);
  json.name(name).text(digits);
}

void write_money(core::JsonWriter& json, const core::Money& money) {
  json.name("price_minor").integer(money.minor).name("currency").text(money.currency.alpha());
}

/// Writes the members of one kind of code.
class Members {
 public:
  Members(core::JsonWriter& json, core::Currency currency) : json_(json), currency_(currency) {}

  void operator()(const codes::Unknown& code) const {
    if (code.nearest != codes::Kind::Unknown) json_.name("nearest").text(to_string(code.nearest));
    if (code.wallet) json_.name("wallet").text(to_string(*code.wallet));
    json_.name("why").text(to_string(code.why));
    if (code.mpm) {
      json_.name("mistake").text(to_string(code.mpm->mistake)).name("field").integer(code.mpm->field);
      if (code.mpm->part != codes::kMpmNoPart) json_.name("part").integer(code.mpm->part);
      if (code.mpm->subpart != codes::kMpmNoPart) json_.name("subpart").integer(code.mpm->subpart);
      numbers(code.mpm->expected, code.mpm->found);
    } else if (code.cpm) {
      json_.name("mistake").text(to_string(code.cpm->mistake));
      json_.name("tag").integer(code.cpm->tag).name("offset").integer(code.cpm->offset);
    } else if (code.gs1) {
      json_.name("mistake").text(to_string(code.gs1->mistake));
      json_.name("ai").integer(code.gs1->ai).name("offset").integer(code.gs1->offset);
      numbers(code.gs1->expected, code.gs1->found);
    } else {
      numbers(code.expected, code.found);
    }
  }
  void operator()(const codes::PaymentCode& code) const { write_route(json_, code); }
  void operator()(const codes::Mpm& code) const {
    json_.name("dynamic").boolean(code.is_dynamic());
    name_text(json_, "name", code.value(codes::kMpmName).value_or(""));
    name_text(json_, "city", code.value(codes::kMpmCity).value_or(""));
    name_text(json_, "country", code.value(codes::kMpmCountry).value_or(""));
    name_text(json_, "category", code.value(codes::kMpmCategory).value_or(""));
    name_text(json_, "currency_number", code.value(codes::kMpmCurrency).value_or(""));
    name_text(json_, "amount", code.value(codes::kMpmAmount).value_or(""));
  }
  void operator()(const codes::CpmCode& code) const {
    json_.name("scheme").text(to_string(code.scheme()));
    json_.name("applications").begin_array();
    for (const codes::ApplicationId& id : code.applications())
      json_.text(id.view());
    json_.end_array();
    write_route(json_, code.payment());
  }
  void operator()(const codes::Item& code) const {
    json_.name("gtin").text(code.gtin.view()).name("form").text(to_string(code.form));
    if (code.also) json_.name("also").text(code.also->view());
    name_text(json_, "batch", code.details.batch.view());
    name_text(json_, "serial", code.details.serial.view());
    write_date(json_, "best_before", code.details.best_before);
    write_date(json_, "expiry", code.details.expiry);
    if (code.details.count) json_.name("count").integer(*code.details.count);
    if (code.details.weight) {
      if (const auto grams = code.details.weight->grams()) json_.name("grams").integer(*grams);
    }
    if (code.details.price) {
      if (const auto money = code.details.price->money(currency_)) write_money(json_, *money);
    }
  }
  void operator()(const codes::WeighedItem& code) const {
    json_.name("prefix").text(code.prefix.view()).name("item").text(code.item.view());
    if (code.weight) json_.name("grams").integer(code.weight->count());
    if (code.price) write_money(json_, *code.price);
  }
  void operator()(const codes::Gs1Coupon& code) const {
    const bool offer = code.form == codes::Gs1CouponForm::PositiveOffer;
    json_.name("form").text(offer ? "positive_offer" : "gcn");
    if (offer) json_.name("format").integer(code.format);
    name_text(json_, "funder", code.funder.view());
    name_text(json_, "offer", code.offer.view());
    name_text(json_, "gcn", code.gcn.view());
    name_text(json_, "serial", code.serial.view());
  }
  void operator()(const codes::MemberCode& code) const {
    if (const auto* const card = std::get_if<codes::MemberCard>(&code.value)) {
      json_.name("card").text(card->view());
    } else {
      json_.name("token").boolean(true);
    }
  }
  // A token is worth something to whoever has it; only its kind is shown.
  void operator()(const codes::CouponToken&) const { json_.name("token").boolean(true); }
  void operator()(const codes::UnifiedCode& code) const { write_route(json_, code.payment); }
  void operator()(const codes::Link& code) const {
    json_.name("host").text(code.host.view()).name("secure").boolean(code.secure);
    name_text(json_, "claim", code.claim.view());
  }

 private:
  void numbers(std::uint32_t expected, std::uint32_t found) const {
    if (expected == 0 && found == 0) return;
    json_.name("expected").integer(expected).name("found").integer(found);
  }

  core::JsonWriter& json_;
  core::Currency currency_;
};

int print_code(std::string_view text, const codes::CodeTable& table) {
  const codes::Code code = codes::classify(text, table);
  core::JsonWriter json;
  json.begin_object().name("kind").text(to_string(kind_of(code)));
  std::visit(Members(json, table.currency), code);
  const auto line = json.end_object().finish();
  if (!line)
    return failed(kCommand, "the answer cannot be written as JSON (" + std::string(to_string(line.error().code)) + ")");
  std::puts(line->c_str());
  return kDone;
}

/// One code per line, so that a payment code need not stand in the shell's history.
int print_input(const codes::CodeTable& table) {
  // One more than may be, so that a line that is too long is seen to be.
  constexpr std::size_t kKept = codes::kCodeBytesMax + 1;
  std::string line;
  line.reserve(kKept);
  int c = std::getchar();
  while (c != EOF) {
    for (; c != EOF && c != '\n'; c = std::getchar()) {
      if (line.size() < kKept) line += static_cast<char>(c);
    }
    const int status = print_code(line, table);
    core::wipe(line);
    line.reserve(kKept);
    if (status != kDone) return status;
    if (c == '\n') c = std::getchar();
  }
  return kDone;
}

}  // namespace

int run_scan(Arguments arguments) {
  const codes::CodeTable* table = &codes::default_code_table();
  std::optional<codes::CodeTable> own;
  while (!arguments.empty() && arguments.front().starts_with("--")) {
    const std::string_view option = arguments.front();
    arguments = arguments.subspan(1);
    if (option == "--") break;
    if (option != "--table") return usage_error("scan", "unknown argument", option);
    if (arguments.empty()) return usage_error("scan", "a file is missing behind", option);
    own = read_table(std::string(arguments.front()));
    if (!own) return kFailed;
    table = &*own;
    arguments = arguments.subspan(1);
  }
  if (arguments.empty()) return usage_error("scan", "what is to be read is missing:", "CODE");
  for (const std::string_view argument : arguments) {
    const int status = argument == "-" ? print_input(*table) : print_code(argument, *table);
    if (status != kDone) return status;
  }
  return kDone;
}

}  // namespace tillctl
