// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tillkit/terminal/technician.hpp"

namespace tillkit::terminal {
namespace {

using journal::Flaw;

/// `record 3`, `records 3 to 5`, `all records from 3 on`
std::string records(const journal::Finding& finding) {
  const std::string first = std::to_string(finding.first.value());
  if (finding.last == journal::Seq{}) return "all records from " + first + " on";
  if (finding.first == finding.last) return "record " + first;
  return "records " + first + " to " + std::to_string(finding.last.value());
}

bool is_one(const journal::Finding& finding) {
  return finding.first == finding.last;
}

std::string part(const journal::Finding& finding) {
  return "'" + finding.what + "'";
}

}  // namespace

std::string meaning_of(const journal::Finding& finding) {
  const std::string which = records(finding);
  const std::string is = is_one(finding) ? " is" : " are";
  switch (finding.flaw) {
    case Flaw::Changed: return which + is + " not what was written here: edited, or another in its place";
    case Flaw::Missing: return which + is + " gone";
    case Flaw::Unproven: return which + " cannot be checked, because what stands before it is flawed";
    case Flaw::SealWrong:
      return which + ": a record of this commit was changed and its chain computed anew, without this device's key";
    case Flaw::SealMissing: return which + ": the end of this commit has no seal";
    case Flaw::Unreadable:
      if (finding.first == journal::Seq{}) return "the table " + part(finding) + " cannot be read";
      return which + " cannot be read: the file is damaged there";
    case Flaw::StateWrong: return "what the file says about itself was not sealed by this device";
    case Flaw::HeadMissing: return which + is + " not the one that the last signed head was made over";
    case Flaw::RolledBack:
      return "this is an older copy: the key store has counted further than the file, so newer records are missing";
    case Flaw::PersonalWrong:
      return which + ": the personal value " + part(finding) + " is not the one that was recorded";
    case Flaw::SnapshotWrong: return which + ": the rows beside this snapshot are not those that it was made over";
    case Flaw::TableWrong: return "the table " + part(finding) + " is not what the records add up to";
    case Flaw::RebuildFailed: return which + " cannot be applied again: the tables could not be compared";
  }
  return "unknown";
}

std::string_view advice_on(const journal::VerifyReport& report) {
  if (report.sound()) return {};
  const auto has = [&](Flaw flaw) {
    return std::ranges::any_of(report.findings, [flaw](const journal::Finding& f) { return f.flaw == flaw; });
  };
  if (has(Flaw::RolledBack)) {
    return "Somebody put an older copy of the file back. Stop the terminal, keep this file, and compare with the cloud "
           "what was sold since: the newer records exist nowhere else unless they were uploaded.";
  }
  if (has(Flaw::Changed) || has(Flaw::SealWrong) || has(Flaw::StateWrong) || has(Flaw::HeadMissing)) {
    return "Somebody, or a failing medium, changed what was written. Stop the terminal, keep the whole data folder as "
           "it is, run 'tillctl journal export', and compare the records with the cloud and the payment providers.";
  }
  return "The medium is damaged, or records were removed. Stop the terminal, keep the whole data folder as it is, run "
         "'tillctl journal export' to save what can be read, and replace the medium.";
}

}  // namespace tillkit::terminal
