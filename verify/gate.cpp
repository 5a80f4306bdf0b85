#include "verify/gate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "bounds/names.h"
#include "verify/finding.h"

namespace overproof {
namespace {

constexpr std::string_view not_contradicted = "not contradicted";
constexpr std::string_view records_agree = "records agree";

InputError gate_error(const std::string& text, const std::string& problem) {
  return InputError(fmt::format("gate \"{}\": {}", text, problem));
}

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

/// "7 statements: 5 not applicable, 2 vacuous", or "du2019.fc.thm5.1 is vacuous".
std::string outcomes_text(const std::vector<const StatementReport*>& statements) {
  if (statements.size() == 1) {
    return fmt::format("{} is {}", statements.front()->id, to_text(statements.front()->outcome));
  }
  std::map<Outcome, int> counts;
  for (const StatementReport* statement : statements) ++counts[statement->outcome];
  std::vector<std::string> parts;
  for (const auto& [outcome, count] : counts) parts.push_back(fmt::format("{} {}", count, to_text(outcome)));
  return fmt::format("{} statements: {}", statements.size(), fmt::join(parts, ", "));
}

GateReport judge_contradiction(const std::string& text, const std::string& pattern,
                               const std::vector<StatementReport>& statements) {
  std::vector<std::string> ids;
  std::vector<const StatementReport*> meant, contradicted;
  for (const StatementReport& statement : statements) {
    ids.push_back(statement.id);
    if (!matches(pattern, statement.id)) continue;
    meant.push_back(&statement);
    if (statement.outcome == Outcome::contradicted) contradicted.push_back(&statement);
  }
  if (meant.empty()) throw gate_error(text, unmatched("judged statement", pattern, ids));
  if (contradicted.empty()) return {text, Verdict::holds, std::nullopt, outcomes_text(meant)};
  const StatementReport& first = *contradicted.front();
  const std::string others =
      contradicted.size() == 1 ? "" : fmt::format(" (and {} more)", contradicted.size() - 1);
  return {text, Verdict::fails, std::nullopt,
          fmt::format("{} is contradicted{}: {}", first.id, others, first.summary)};
}

Formula parse_gate(const std::string& text) {
  try {
    Formula formula = Formula::parse(text);
    if (formula.is_comparison()) return formula;
  } catch (const InputError& error) {
    throw gate_error(text, error.what());
  }
  throw gate_error(
      text,
      "a comparison such as loss[k+1] <= loss[k], \"not contradicted: ID\", \"records agree\" or "
      "\"certified\" is expected");
}

void check_names(const std::string& text, const Formula& formula, const JudgedRun& run, bool broken_off,
                 const std::vector<StatementReport>& statements) {
  std::set<std::string> constants;
  for (const StatementReport& statement : statements) {
    for (const auto& [name, where] : statement.constants) constants.insert(name);
  }
  std::vector<std::string> allowed = run.measurements.names();
  allowed.push_back("failure_probability");
  for (const auto& [name, value] : run.symbols) allowed.push_back(name);
  for (const std::string& name : formula.names()) {
    if (name == "k" || name == "h" || std::ranges::find(allowed, name) != allowed.end()) continue;
    if (constants.contains(name))
      throw gate_error(text, name + " is a hidden constant: a gate uses measured numbers only");
    if (broken_off) continue;
    const bool known = std::ranges::find(name_table, name, &NameRow::name) != std::end(name_table);
    throw gate_error(
        text, known ? name + " was not measured on this run" : unknown_name("measurement", name, allowed));
  }
}

std::string recorded_text(const Measurements& measurements) {
  const auto& steps = measurements.steps;
  if (steps.empty()) return "nothing is recorded";
  return fmt::format("{} steps were recorded, {} to {}", steps.size(), steps.front(), steps.back());
}

GateReport judge_formula(const std::string& text, const JudgedRun& run,
                         const std::vector<StatementReport>& statements) {
  const Formula formula = parse_gate(text);
  const bool broken_off = (run.diverged_at || run.interrupted_at) &&
                          (!formula.series().empty() || run.measurements.steps.empty());
  check_names(text, formula, run, broken_off, statements);
  const Theorem no_theorem;
  const Evaluation evaluation(run, no_theorem);
  GateReport gate{text, Verdict::undecided,
                  judge_inequality({text, formula, std::nullopt, "", false}, Role::gate, evaluation), ""};
  if (gate.finding->instances.empty()) {
    if (!broken_off)
      throw gate_error(text, fmt::format("{}; {}", gate.finding->reason, recorded_text(run.measurements)));
    // What the gate asks for was never reached.
    if (run.diverged_at) gate.finding->verdict = Verdict::fails;
    gate.finding->reason +=
        run.diverged_at ? fmt::format(": the run diverged at step {}", *run.diverged_at)
                        : fmt::format(": training was interrupted after step {}", *run.interrupted_at);
  }
  gate.verdict = gate.finding->verdict;
  gate.reason = gate.finding->reason;
  return gate;
}

/// What holds of the stored steps is not known of the others of an interrupted run.
GateReport as_far_as_trained(GateReport gate, const JudgedRun& run) {
  if (!run.interrupted_at || gate.verdict != Verdict::holds) return gate;
  gate.verdict = Verdict::undecided;
  gate.reason = fmt::format("training was interrupted after step {}", *run.interrupted_at);
  return gate;
}

/// A certificate is about all later steps, so training that was interrupted does not matter. What is not
/// certified is not disproved.
GateReport judge_certificate(const JudgedRun& run) {
  GateReport gate{std::string(certified_gate), Verdict::undecided, std::nullopt, "no certificate was tried"};
  if (!run.certificate) return gate;
  if (run.certificate->certified()) gate.verdict = Verdict::holds;
  gate.reason = fmt::format("{} step {}{}", run.certificate->certified() ? "from" : "not at",
                            run.certificate->step, run.certificate->certified() ? " on" : "");
  return gate;
}

GateReport judge_gate(const std::string& text, const JudgedRun& run,
                      const std::vector<StatementReport>& statements) {
  if (text == records_agree) {
    return as_far_as_trained({text, run.records.value_or(Verdict::undecided), std::nullopt,
                              run.records ? run.records_reason : "no loss is recorded"},
                             run);
  }
  if (text == certified_gate) return judge_certificate(run);
  if (!text.starts_with(not_contradicted)) return judge_formula(text, run, statements);
  const std::string rest = trimmed(std::string_view(text).substr(not_contradicted.size()));
  const std::string pattern = rest.starts_with(':') ? trimmed(std::string_view(rest).substr(1)) : "";
  if (pattern.empty())
    throw gate_error(text, "\"not contradicted: ID\" is expected, or a prefix of ids and a *");
  return as_far_as_trained(judge_contradiction(text, pattern, statements), run);
}

}  // namespace

std::vector<GateReport> judge_gates(const JudgedRun& run, const std::vector<StatementReport>& statements) {
  std::vector<GateReport> gates;
  for (const std::string& text : run.claims.gates)
    gates.push_back(judge_gate(trimmed(text), run, statements));
  if (gates.empty()) {
    const std::string everything = fmt::format("{}: *", not_contradicted);
    gates.push_back(statements.empty() ? GateReport{everything, Verdict::undecided, std::nullopt,
                                                    "no statement was judged on this run"}
                                       : judge_gate(everything, run, statements));
  }
  // Nothing about a run counts whose records are not those of its weights.
  if (run.records && std::ranges::find(gates, records_agree, &GateReport::text) == gates.end())
    gates.push_back(judge_gate(std::string(records_agree), run, statements));
  return gates;
}

}  // namespace overproof
