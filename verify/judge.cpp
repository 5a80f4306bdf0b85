#include "verify/judge.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "verify/finding.h"
#include "verify/gate.h"

namespace overproof {
namespace {

using Constants = std::map<std::string, std::string>;

std::string listed(const Constants& constants) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : constants) parts.push_back(fmt::format("{} = {}", name, value));
  return fmt::format("{}", fmt::join(parts, ", "));
}

/// " assuming C_m = 1", or nothing.
std::string assuming_text(const Constants& constants) {
  return constants.empty() ? "" : " assuming " + listed(constants);
}

Constants united(const std::vector<const Finding*>& findings) {
  Constants all;
  for (const Finding* finding : findings) all.insert(finding->assuming.begin(), finding->assuming.end());
  return all;
}

/// What the findings say together.
struct Balance {
  Verdict verdict = Verdict::holds;
  std::vector<const Finding*> failing, undecided, all;

  void add(const Finding& finding) {
    verdict = both(verdict, finding.verdict);
    all.push_back(&finding);
    if (finding.verdict == Verdict::fails) failing.push_back(&finding);
    if (finding.verdict == Verdict::undecided) undecided.push_back(&finding);
  }

  /// One finding that fails whatever the constants are is enough; otherwise all that fail count.
  [[nodiscard]] Constants failing_under() const {
    const auto sure = [](const Finding* finding) { return finding->assuming.empty(); };
    return std::ranges::any_of(failing, sure) ? Constants{} : united(failing);
  }
};

std::string at_worst(const Finding& finding) {
  if (!finding.worst) return "";
  const Instance& worst = finding.instances[*finding.worst];
  const std::string place = Place{worst.step, worst.layer}.text();
  return place.empty() ? "" : " at " + place;
}

/// "needs m >= 1.9e18, has 500": rounded to the side on which it suffices.
std::string gap(const Finding& finding) {
  for (const Solved& solved : finding.solved) {
    if (finding.assuming.contains(solved.name)) continue;
    const bool least = solved.relation == ">=";
    return fmt::format(
        "needs {} {} {}, has {}{}", solved.name, solved.relation,
        least ? solved.bound.upper_text(4) : solved.bound.lower_text(4), solved.current,
        finding.assuming.empty() ? "" : fmt::format(" (assuming {})", listed(finding.assuming)));
  }
  return fmt::format("\"{}\" fails{}{}", finding.id, at_worst(finding), assuming_text(finding.assuming));
}

std::string why(const Finding& finding) {
  return fmt::format("{} \"{}\" is undecided{}", finding.hypothesis ? "hypothesis" : "conclusion", finding.id,
                     finding.reason.empty() ? "" : ": " + finding.reason);
}

std::string gaps(const Balance& hypotheses) {
  std::vector<std::string> parts;
  for (const Finding* finding : hypotheses.failing) parts.push_back(gap(*finding));
  return fmt::format("{}", fmt::join(parts, "; "));
}

std::string conclusions_text(const Balance& conclusions) {
  if (conclusions.all.empty()) return "no conclusion";
  if (conclusions.verdict == Verdict::holds) {
    return fmt::format("the conclusions hold{}", assuming_text(united(conclusions.all)));
  }
  std::vector<std::string> parts;
  for (const Finding* finding : conclusions.failing)
    parts.push_back(fmt::format("\"{}\" fails", finding->id));
  for (const Finding* finding : conclusions.undecided)
    parts.push_back(fmt::format("\"{}\" is undecided", finding->id));
  return fmt::format("of the conclusions, {}", fmt::join(parts, ", "));
}

void conclude(StatementReport& report, Outcome outcome, Constants assuming, std::string summary) {
  report.outcome = outcome;
  report.assuming = std::move(assuming);
  report.summary = std::move(summary);
}

/// Hypotheses hold and a conclusion fails.
void conclude_failure(StatementReport& report, StatementKind kind, bool unseen_steps,
                      const Balance& hypotheses, const Balance& conclusions,
                      const std::string& failure_probability) {
  Constants assuming = united(hypotheses.all);
  assuming.merge(conclusions.failing_under());
  std::vector<std::string> parts;
  for (const Finding* finding : conclusions.failing) {
    parts.push_back(fmt::format("conclusion \"{}\" fails{}", finding->id, at_worst(*finding)));
  }
  const std::string failing = fmt::format("{}", fmt::join(parts, "; "));
  if (kind == StatementKind::probability) {
    conclude(report, Outcome::violated, assuming,
             fmt::format("violated on this run{}, allowed with probability {}: {}", assuming_text(assuming),
                         failure_probability, failing));
  } else if (!assuming.empty()) {
    const std::string values =
        assuming.size() == 1 ? "this value of the constant is" : "these values of the constants are";
    conclude(report, Outcome::violated, assuming,
             fmt::format("fails{}: {} too favourable: {}", assuming_text(assuming), values, failing));
  } else if (unseen_steps) {
    conclude(report, Outcome::violated, {},
             "violated on this run, unless a step that is not stored was no gradient descent: " + failing);
  } else {
    conclude(report, Outcome::contradicted, {}, "the hypotheses hold and " + failing);
  }
}

/// What a statement about each step on its own says of the steps at which its hypotheses hold.
struct HoldingSteps {
  std::vector<Finding> findings;   ///< the conclusions there
  std::size_t judged = 0, of = 0;  ///< steps with a conclusion: there, and everywhere
  std::size_t open = 0;            ///< steps at which a hypothesis is undecided
};

std::size_t steps_of(const std::vector<Finding>& findings) {
  std::set<std::optional<long>> steps;
  for (const Finding& finding : findings) {
    for (const Instance& instance : finding.instances) {
      if (!finding.hypothesis) steps.insert(instance.step);
    }
  }
  return steps.size();
}

HoldingSteps holding_steps(const StatementReport& report, const Theorem& theorem,
                           const Evaluation& evaluation) {
  HoldingSteps steps;
  std::vector<long> holding;
  for (const long step : evaluation.run().measurements.steps) {
    Verdict all = Verdict::holds;
    for (const Inequality& hypothesis : theorem.hypotheses)
      all = both(all, judge_step(hypothesis, evaluation, step).value_or(Verdict::holds));
    if (all == Verdict::holds) holding.push_back(step);
    if (all == Verdict::undecided) ++steps.open;
  }
  for (const Inequality& conclusion : theorem.conclusions) {
    Finding finding = judge_at_steps(conclusion, Role::conclusion, evaluation, holding);
    if (!holding.empty() && !finding.instances.empty()) steps.findings.push_back(std::move(finding));
  }
  steps.judged = steps_of(steps.findings);
  steps.of = steps_of(report.findings);
  return steps;
}

void decide(StatementReport& report, const Theorem& theorem, const SettingReport& setting,
            const Evaluation& evaluation) {
  Balance hypotheses, conclusions, known_false;
  for (const Finding& finding : report.findings) {
    (finding.hypothesis ? hypotheses : finding.known_false ? known_false : conclusions).add(finding);
  }
  if (theorem.provenance == Provenance::reconstructed) {
    const std::string failed = hypotheses.failing.empty() ? "" : gaps(hypotheses) + "; ";
    return conclude(report, Outcome::informative, united(hypotheses.all),
                    fmt::format("reconstructed statement, for information only: {}{}", failed,
                                setting.failed.empty() ? conclusions_text(conclusions)
                                                       : fmt::format("{}", fmt::join(setting.failed, "; "))));
  }
  if (!setting.failed.empty()) {
    return conclude(report, Outcome::not_applicable, {}, fmt::format("{}", fmt::join(setting.failed, "; ")));
  }
  if (!setting.undecided.empty()) {
    return conclude(report, Outcome::undecided, {}, fmt::format("{}", fmt::join(setting.undecided, "; ")));
  }
  std::optional<HoldingSteps> part;
  if (theorem.per_step && hypotheses.verdict != Verdict::holds)
    part = holding_steps(report, theorem, evaluation);
  if (part && part->judged > 0) {
    conclusions = known_false = Balance();
    for (const Finding& finding : part->findings)
      (finding.known_false ? known_false : conclusions).add(finding);
  } else if (hypotheses.verdict == Verdict::fails) {
    return conclude(report, Outcome::vacuous, hypotheses.failing_under(),
                    fmt::format("{}; {}", gaps(hypotheses), conclusions_text(conclusions)));
  } else if (hypotheses.verdict == Verdict::undecided) {
    return conclude(report, Outcome::undecided, united(hypotheses.all), why(*hypotheses.undecided.front()));
  }
  if (conclusions.verdict == Verdict::fails) {
    return conclude_failure(report, theorem.kind, setting.unseen_steps, hypotheses, conclusions,
                            evaluation.run().claims.failure_probability);
  }
  Constants assuming = united(hypotheses.all);
  assuming.merge(united(conclusions.all));
  if (conclusions.verdict == Verdict::undecided) {
    return conclude(report, Outcome::undecided, assuming, why(*conclusions.undecided.front()));
  }
  if (known_false.verdict != Verdict::holds) {
    const Finding& first =
        known_false.failing.empty() ? *known_false.undecided.front() : *known_false.failing.front();
    return conclude(report, Outcome::undecided, assuming,
                    fmt::format("\"{}\", known to be wrong as printed, {}{}; the other conclusions hold{}",
                                first.id, first.verdict == Verdict::fails ? "fails" : "is undecided",
                                at_worst(first), assuming_text(assuming)));
  }
  if (conclusions.all.empty() && known_false.all.empty()) {
    return conclude(report, Outcome::undecided, assuming, "the statement has no conclusion to judge");
  }
  if (!part) return conclude(report, Outcome::confirmed, assuming, "confirmed" + assuming_text(assuming));
  const std::string steps = fmt::format("confirmed at {} of {} steps", part->judged, part->of);
  if (part->open > 0) {
    return conclude(report, Outcome::undecided, assuming,
                    fmt::format("{}{}; steps with an undecided hypothesis: {}", steps,
                                assuming_text(assuming), part->open));
  }
  conclude(report, Outcome::confirmed, assuming,
           fmt::format("{}{}; at the others a hypothesis fails", steps, assuming_text(assuming)));
}

/// The hypotheses of the statements this one rests on, under "ID: hypothesis", and theirs.
void inherit(StatementReport& report, SettingReport& setting, const Theorem& theorem, const JudgedRun& run,
             const std::vector<Theorem>& all, std::set<std::string>& seen) {
  for (const std::string& id : theorem.requires_results) {
    if (!seen.insert(id).second) continue;
    const Theorem& required = find_theorem(all, id);
    const SettingReport more = check_setting(required, run.facts);
    setting.failed.insert(setting.failed.end(), more.failed.begin(), more.failed.end());
    setting.undecided.insert(setting.undecided.end(), more.undecided.begin(), more.undecided.end());
    setting.declared.insert(setting.declared.end(), more.declared.begin(), more.declared.end());
    setting.other_network = setting.other_network || more.other_network;
    setting.unseen_steps = setting.unseen_steps || more.unseen_steps;
    report.constants.insert(required.constants.begin(), required.constants.end());
    const Evaluation evaluation(run, required);
    for (const Inequality& hypothesis : required.hypotheses) {
      Finding finding = judge_inequality(hypothesis, Role::hypothesis, evaluation);
      finding.id = fmt::format("{}: {}", id, finding.id);
      report.findings.push_back(std::move(finding));
    }
    inherit(report, setting, required, run, all, seen);
  }
}

/// Growth of the widths and step sizes the hypotheses ask for: "m in n" -> "n^4: polynomial".
std::map<std::string, std::string> growth_of(const Theorem& theorem) {
  std::map<std::string, std::string> growth;
  for (const Inequality& hypothesis : theorem.hypotheses) {
    for (const std::string of : {"m", "eta"}) {
      const std::string& text = hypothesis.formula.text();
      const auto relation = text.find_first_of("<>");
      const auto end = relation == std::string::npos ? 0 : text.find_last_not_of(' ', relation - 1) + 1;
      if (text.substr(0, end) != of) continue;
      for (const std::string in : {"n", "H"}) {
        const Growth found = inline_definitions(theorem, hypothesis.formula, in).growth(in);
        if (found.kind != Growth::Class::constant)
          growth.emplace(fmt::format("{} in {}", of, in), found.text);
      }
    }
  }
  return growth;
}

void add_once(std::vector<std::string>& list, const std::vector<std::string>& more) {
  for (const std::string& text : more) {
    if (std::ranges::find(list, text) == list.end()) list.push_back(text);
  }
}

}  // namespace

StatementReport judge(const Theorem& theorem, const JudgedRun& run, const std::vector<Theorem>& all) {
  StatementReport report;
  report.id = theorem.id;
  report.title = theorem.title;
  report.source = theorem.source;
  report.provenance = to_text(theorem.provenance);
  report.kind = to_text(theorem.kind);
  report.constants = theorem.constants;
  report.errata = theorem.errata;

  SettingReport setting = check_setting(theorem, run.facts);
  const Evaluation evaluation(run, theorem);
  report.growth = growth_of(theorem);
  for (const Inequality& hypothesis : theorem.hypotheses) {
    report.findings.push_back(judge_inequality(hypothesis, Role::hypothesis, evaluation));
  }
  std::set<std::string> seen = {theorem.id};
  inherit(report, setting, theorem, run, all, seen);
  for (const Inequality& conclusion : theorem.conclusions) {
    report.findings.push_back(judge_inequality(conclusion, Role::conclusion, evaluation));
  }
  for (const auto& [name, formula] : theorem.definitions) {
    report.definition_formulas.emplace_back(name, formula.text());
    report.definitions.emplace_back(name, evaluation.evaluate(formula, {}).value.interval);
  }
  if (setting.other_network) {  // the numbers of this network are not the ones the statement is about
    report.findings.clear();
    report.definitions.clear();
  }
  add_once(report.failed_assumptions, setting.failed);
  add_once(report.declared, setting.declared);
  decide(report, theorem, setting, evaluation);
  return report;
}

RunReport judge_run(const JudgedRun& run, const std::vector<Theorem>& theorems) {
  RunReport report;
  report.diverged_at = run.diverged_at;
  report.measurements = run.measurements;
  for (const Theorem* theorem : chosen_theorems(run.claims, theorems, run.facts.network)) {
    report.statements.push_back(judge(*theorem, run, theorems));
    add_once(report.declared, report.statements.back().declared);
  }
  report.gates = judge_gates(run, report.statements);
  report.certificate = run.certificate;
  return report;
}

}  // namespace overproof
