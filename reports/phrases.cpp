#include "reports/phrases.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/text.h"

namespace overproof {
namespace {

std::string counted(long count, const std::string& one, const std::string& many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

/// "3 hold, 1 fails, 2 undecided": what does not occur is left out.
std::string tally(const std::vector<Verdict>& verdicts) {
  const auto count = [&](Verdict v) { return std::count(verdicts.begin(), verdicts.end(), v); };
  std::vector<std::string> parts;
  if (const long n = count(Verdict::holds)) parts.push_back(counted(n, "holds", "hold"));
  if (const long n = count(Verdict::fails)) parts.push_back(counted(n, "fails", "fail"));
  if (const long n = count(Verdict::undecided)) parts.push_back(fmt::format("{} undecided", n));
  return join(parts, ", ");
}

/// "46 statements: 18 confirmed, 28 vacuous"; "" without statements.
std::string outcome_tally(const Report& report) {
  std::map<Outcome, long> counts;
  long all = 0;
  for (const RunReport& run : report.runs) {
    for (const StatementReport& statement : run.statements) ++counts[statement.outcome], ++all;
  }
  std::vector<std::string> parts;
  for (const auto& [outcome, count] : counts) parts.push_back(fmt::format("{} {}", count, to_text(outcome)));
  return all == 0 ? "" : counted(all, "statement", "statements") + ": " + join(parts, ", ");
}

const Finding* first_of(const StatementReport& statement, bool hypothesis, Verdict verdict) {
  const auto found = std::find_if(
      statement.findings.begin(), statement.findings.end(),
      [&](const Finding& f) { return !f.known_false && f.hypothesis == hypothesis && f.verdict == verdict; });
  return found == statement.findings.end() ? nullptr : &*found;
}

const Instance* first_instance(const Finding& finding, Verdict verdict) {
  const auto found = std::find_if(finding.instances.begin(), finding.instances.end(),
                                  [&](const Instance& i) { return i.verdict == verdict; });
  return found == finding.instances.end() ? nullptr : &*found;
}

bool is_hidden(const Solved& solved, const Finding& finding) {
  return finding.assuming.contains(solved.name);
}

std::string at_place(const Instance* instance) {
  return instance == nullptr || place(*instance).empty() ? "" : " at " + place(*instance);
}

/// Short ways to say how far a finding is from holding. A run's own number (m, eta) says more than a
/// constant.
std::vector<std::string> distance(const Finding& finding) {
  std::vector<std::string> ways;
  for (const bool hidden : {false, true}) {
    for (const Solved& solved : finding.solved) {
      if (is_hidden(solved, finding) != hidden || !ways.empty()) continue;
      const std::optional<std::string> bound = sufficient(solved, 2);
      if (!bound) continue;
      const std::string needs = "needs " + *bound;
      if (!solved.current.empty()) ways.push_back(needs + ", has " + solved.current);
      ways.push_back(needs);
    }
  }
  if (ways.empty() && finding.margin) ways.push_back(finding.id + ": " + margin_text(*finding.margin));
  if (ways.empty()) ways.push_back(fmt::format("{} {}", finding.id, to_text(finding.verdict)));
  return ways;
}

std::vector<std::string> undecided_gap(const StatementReport& statement) {
  for (const Finding& finding : statement.findings) {
    if (finding.known_false || finding.verdict != Verdict::undecided) continue;
    const std::string short_way = finding.id + " undecided";
    return finding.reason.empty() ? std::vector{short_way}
                                  : std::vector{finding.id + ": " + finding.reason, short_way, finding.id};
  }
  return {statement.summary};
}

std::vector<std::string> failed_conclusion(const StatementReport& statement) {
  const Finding* finding = first_of(statement, false, Verdict::fails);
  if (finding == nullptr) return {statement.summary};
  const std::string fails = finding->id + " fails";
  return {fails + at_place(first_instance(*finding, Verdict::fails)), fails};
}

/// Units do not compare: a ratio says more than a difference. What is not a number is smallest, so that it is
/// seen.
bool tighter(const Margin& a, const Margin& b) {
  if (a.absolute != b.absolute) return b.absolute;
  return std::isnan(a.value) || a.value < b.value;
}

/// The conclusion with the least slack.
std::vector<std::string> least_slack(const StatementReport& statement) {
  const Finding* tightest = nullptr;
  for (const Finding& finding : statement.findings) {
    if (finding.hypothesis || finding.known_false || !finding.margin) continue;
    if (tightest == nullptr || tighter(*finding.margin, *tightest->margin)) tightest = &finding;
  }
  if (tightest == nullptr) return {statement.summary};
  const std::string margin = margin_text(*tightest->margin);
  return {"margin " + margin + at_place(shown_instance(*tightest)), "margin " + margin, margin};
}

}  // namespace

std::string headline_word(const Report& report) {
  switch (report.exit_code()) {
    case 0:
      return "passed";
    case 1:
      return "failed";
    case 3:
      return "undecided";
    default:
      return "nothing checked";
  }
}

std::string headline_sentence(const Report& report) {
  std::vector<Verdict> verdicts;
  std::vector<std::string> parts;
  for (const RunReport& run : report.runs) {
    for (const GateReport& gate : run.gates) verdicts.push_back(gate.verdict);
  }
  switch (report.exit_code()) {
    case 0:
      parts.push_back("every gate holds");
      break;
    case 1:
      parts.push_back(std::count(verdicts.begin(), verdicts.end(), Verdict::fails) > 0 ? "a gate fails"
                                                                                       : "a run diverged");
      break;
    case 3:
      parts.push_back("nothing fails, but something is undecided");
      break;
    default:
      parts.push_back(report.runs.empty() ? "there was no run to judge" : "a run has no gate");
  }
  const long gates = static_cast<long>(verdicts.size()), runs = static_cast<long>(report.runs.size());
  parts.push_back(counted(runs, "run", "runs") + ", " + counted(gates, "gate", "gates") +
                  (gates > 0 ? ": " + tally(verdicts) : ""));
  if (const std::string outcomes = outcome_tally(report); !outcomes.empty()) parts.push_back(outcomes);
  for (const RunReport& run : report.runs) {
    if (run.diverged_at)
      parts.push_back(fmt::format("run {} diverged at step {}", run.name, *run.diverged_at));
  }
  return join(parts, "; ");
}

std::string assumption_list(const std::map<std::string, std::string>& assuming) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : assuming) parts.push_back(name + " = " + value);
  return join(parts, ", ");
}

std::string with_assumptions(std::string_view word, const std::map<std::string, std::string>& assuming) {
  return std::string(word) + (assuming.empty() ? "" : ", assuming " + assumption_list(assuming));
}

std::string place(const Instance& instance) {
  std::vector<std::string> parts;
  if (instance.step) parts.push_back(fmt::format("k = {}", *instance.step));
  if (instance.layer) parts.push_back(fmt::format("h = {}", *instance.layer));
  return join(parts, ", ");
}

std::string margin_text(const Margin& margin) {
  if (std::isnan(margin.value)) return "unknown";
  const std::string sign = margin.value > 0 ? "+" : "";
  return sign + Interval::exact(margin.value).lower_text(3) + (margin.absolute ? " absolute" : " decades");
}

std::optional<std::string> sufficient(const Solved& solved, int digits) {
  const bool from_below = solved.relation == ">=" || solved.relation == ">";
  const double end = from_below ? solved.bound.upper() : solved.bound.lower();
  if (!std::isfinite(end) || (!from_below && end <= 0)) return std::nullopt;
  return from_below ? solved.name + " ≥ " + solved.bound.upper_text(digits)
                    : solved.name + " ≤ " + solved.bound.lower_text(digits);
}

std::string solved_text(const Solved& solved, const Finding& finding) {
  const std::optional<std::string> bound = sufficient(solved, 3);
  const std::string in_use = solved.current.empty() ? "" : " (in use: " + solved.current + ")";
  if (!bound) return fmt::format("no value of {} is known with which it holds{}", solved.name, in_use);
  if (finding.verdict == Verdict::holds) return fmt::format("holds for every {}{}", *bound, in_use);
  if (is_hidden(solved, finding)) return fmt::format("{} would make it hold{}", *bound, in_use);
  return fmt::format("needs {}{}", *bound, solved.current.empty() ? "" : ", has " + solved.current);
}

const Instance* shown_instance(const Finding& finding) {
  if (finding.worst && *finding.worst < finding.instances.size()) return &finding.instances[*finding.worst];
  for (const Verdict verdict : {Verdict::fails, Verdict::undecided, Verdict::holds}) {
    if (const Instance* found = first_instance(finding, verdict)) return found;
  }
  return nullptr;
}

std::string places_text(const Finding& finding) {
  std::vector<Verdict> verdicts;
  for (const Instance& instance : finding.instances) verdicts.push_back(instance.verdict);
  if (verdicts.empty()) return "judged at no place";
  std::string text =
      "judged at " + counted(static_cast<long>(verdicts.size()), "place", "places") + ": " + tally(verdicts);
  for (const Verdict verdict : {Verdict::fails, Verdict::undecided}) {
    const Instance* first = first_instance(finding, verdict);
    if (first == nullptr) continue;
    const std::string verb = verdict == Verdict::fails ? "fails" : "undecided";
    if (!place(*first).empty()) text += fmt::format("; {} first{}", verb, at_place(first));
    if (!first->reason.empty()) text += " (" + first->reason + ")";
  }
  return text;
}

std::vector<std::string> gap(const StatementReport& statement) {
  switch (statement.outcome) {
    case Outcome::not_applicable:
      return {statement.failed_assumptions.empty() ? statement.summary
                                                   : statement.failed_assumptions.front()};
    case Outcome::vacuous: {
      const Finding* failed = first_of(statement, true, Verdict::fails);
      return failed == nullptr ? std::vector{statement.summary} : distance(*failed);
    }
    case Outcome::contradicted:
    case Outcome::violated:
      return failed_conclusion(statement);
    case Outcome::undecided:
      return undecided_gap(statement);
    case Outcome::confirmed:
      // "confirmed at 9 of 11 steps; ...": the margins of all steps say nothing of these
      if (const Finding* failed = first_of(statement, true, Verdict::fails))
        return {statement.summary.substr(0, statement.summary.find(';')), failed->id + " fails elsewhere"};
      return least_slack(statement);
    case Outcome::informative:
      break;
  }
  return {"reconstructed source", "reconstructed"};
}

std::vector<std::string> gap(const GateReport& gate) {
  if (!gate.reason.empty()) return {gate.reason};
  if (!gate.finding) return {""};
  const Finding& finding = *gate.finding;
  if (!finding.margin) return {finding.reason};
  const std::string margin = "margin " + margin_text(*finding.margin);
  return {margin + at_place(shown_instance(finding)), margin};
}

}  // namespace overproof
