#include "reports/junit.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/phrases.h"
#include "reports/text.h"

namespace overproof {
namespace {

struct Case {
  std::string group, name;
  std::string element;  ///< "failure", "error", "skipped" or "" for a case that passes
  std::string type, message;
};

Case case_of(const GateReport& gate) {
  const auto assuming = gate.finding ? gate.finding->assuming : std::map<std::string, std::string>{};
  Case result{"gate", gate.text, "", "", with_assumptions(to_text(gate.verdict), assuming)};
  if (!gap(gate).front().empty()) result.message += ": " + gap(gate).front();
  switch (gate.verdict) {
    case Verdict::holds:
      break;
    case Verdict::fails:
      result.element = "failure", result.type = "fails";
      break;
    case Verdict::undecided:
      result.element = "error", result.type = "undecided";
      break;
  }
  return result;
}

/// Only a contradiction fails: the exit code rests on gates. A statement that neither is confirmed nor
/// contradicted says nothing, so its case is skipped rather than passed.
Case case_of(const StatementReport& statement) {
  Case result{"statement", statement.id, "skipped", "",
              with_assumptions(to_text(statement.outcome), statement.assuming)};
  if (!gap(statement).front().empty()) result.message += ": " + gap(statement).front();
  if (statement.outcome == Outcome::confirmed) result.element = "";
  if (statement.outcome == Outcome::contradicted) result.element = "failure", result.type = "contradicted";
  return result;
}

std::vector<Case> cases_of(const RunReport& run) {
  std::vector<Case> cases;
  if (run.diverged_at) {
    cases.push_back(
        {"run", "stays finite", "failure", "diverged", fmt::format("diverged at step {}", *run.diverged_at)});
  }
  for (const GateReport& gate : run.gates) cases.push_back(case_of(gate));
  for (const StatementReport& statement : run.statements) cases.push_back(case_of(statement));
  return cases;
}

std::string counts(const std::vector<Case>& cases) {
  const auto count = [&](std::string_view element) {
    return std::count_if(cases.begin(), cases.end(), [&](const Case& c) { return c.element == element; });
  };
  return fmt::format(R"(tests="{}" failures="{}" errors="{}" skipped="{}")", cases.size(), count("failure"),
                     count("error"), count("skipped"));
}

std::string suite_text(const std::string& name, const std::vector<Case>& cases) {
  std::string text = fmt::format("  <testsuite name=\"{}\" {}>\n", xml_text(name), counts(cases));
  for (const Case& c : cases) {
    text += fmt::format("    <testcase classname=\"{}\" name=\"{}\"", xml_text(name + "." + c.group),
                        xml_text(c.name));
    const std::string message = xml_text(c.message);
    if (c.element.empty()) {
      text += fmt::format(">\n      <system-out>{}</system-out>\n    </testcase>\n", message);
    } else {
      const std::string type = c.type.empty() ? "" : fmt::format(" type=\"{}\"", c.type);
      text += fmt::format(">\n      <{}{} message=\"{}\"/>\n    </testcase>\n", c.element, type, message);
    }
  }
  return text + "  </testsuite>\n";
}

}  // namespace

std::string junit(const Report& report) {
  std::string suites;
  std::vector<Case> all;
  const auto add = [&](const std::string& name, const std::vector<Case>& cases) {
    suites += suite_text(name, cases);
    all.insert(all.end(), cases.begin(), cases.end());
  };
  for (const RunReport& run : report.runs) add(run.name, cases_of(run));
  if (report.exit_code() == 2) {
    add("overproof",
        {{"report", "something was checked", "error", "nothing checked", headline_sentence(report)}});
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{}\" {}>\n{}</testsuites>\n",
      xml_text(report.title), counts(all), suites);
}

}  // namespace overproof
