#include "verify/finding.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace overproof {
namespace {

/// One place of the domain, judged.
struct Judged {
  Instance instance;
  std::optional<Margin> margin;
  Used used;
};

std::string why_undecided(const Judgement& judgement, const Used& used) {
  if (!used.not_a_number.empty()) return used.not_a_number + " is not a number";
  if (judgement.left.is_nan() || judgement.right.is_nan()) return "a side is not a number";
  if (judgement.verdict != Verdict::undecided) {
    return fmt::format("{} is only {}, which decides nothing", used.weakest, to_text(used.evidence));
  }
  return "the enclosures overlap";
}

/// Whether the place belongs to the domain. A condition that rests on weak evidence is undecided.
Verdict in_domain(const Inequality& inequality, const Evaluation& evaluation, const Place& place,
                  Used& used) {
  if (!inequality.condition) return Verdict::holds;
  const auto condition = evaluation.judge(*inequality.condition, place);
  used.add(condition.used);
  used.missing.clear();  // a condition without a value leaves the place undecided, not absent
  return condition.used.decides() ? condition.judgement.verdict : Verdict::undecided;
}

/// nullopt for a place outside the domain.
std::optional<Judged> judge_at(const Inequality& inequality, const Evaluation& evaluation,
                               const Place& place) {
  Judged result;
  const Verdict inside = in_domain(inequality, evaluation, place, result.used);
  if (inside == Verdict::fails) return std::nullopt;
  const auto [judgement, used] = evaluation.judge(inequality.formula, place);
  const bool output_layer = place.layer && *place.layer > evaluation.run().measurements.depth;
  if (output_layer && !used.missing.empty()) return std::nullopt;  // the output has no features, for example
  result.used.add(used);
  result.margin =
      margin_of(judgement.left, judgement.right, inequality.formula.relation(), judgement.verdict);
  Instance& instance = result.instance;
  instance = {place.step, place.layer, judgement.verdict, judgement.left, judgement.right, ""};
  if (inside == Verdict::undecided) {
    instance.verdict = Verdict::undecided;
    instance.reason = fmt::format("whether {} is undecided", inequality.condition->text());
  } else if (judgement.verdict == Verdict::undecided || !result.used.decides()) {
    instance.verdict = Verdict::undecided;
    instance.reason = why_undecided(judgement, result.used);
  }
  return result;
}

bool ranges_over(std::string_view variable, const Inequality& inequality) {
  return inequality.formula.uses_index(variable) ||
         (inequality.condition && inequality.condition->uses_index(variable));
}

/// The layers a free h ranges over; the output weights are layer H + 1.
std::vector<std::optional<long>> layers(const Inequality& inequality, const Evaluation& evaluation) {
  if (!ranges_over("h", inequality)) return {std::nullopt};
  std::vector<std::optional<long>> all;
  for (long h = 1; h <= evaluation.run().measurements.depth + 1; ++h) all.emplace_back(h);
  return all;
}

/// The places the free indices range over.
std::vector<Place> places(const Inequality& inequality, const Evaluation& evaluation,
                          const std::vector<long>& recorded) {
  std::vector<std::optional<long>> steps = {std::nullopt};
  if (ranges_over("k", inequality)) steps.assign(recorded.begin(), recorded.end());
  const auto each_layer = layers(inequality, evaluation);
  std::vector<Place> all;
  for (const auto& step : steps) {
    for (const auto& layer : each_layer) all.push_back({step, layer});
  }
  return all;
}

/// The instance for a gate of a run whose training was interrupted: the steps after the last are unknown.
std::optional<Judged> judge_interruption(const Inequality& inequality, Role role,
                                         const Evaluation& evaluation) {
  const auto at = evaluation.run().interrupted_at;
  if (role != Role::gate || !at || !inequality.formula.uses_index("k")) return std::nullopt;
  Judged result;
  result.instance.step = at;
  result.instance.reason = "training was interrupted there";
  return result;
}

/// The instance for a run that broke off: there is no iterate, so no inequality, at this step. Undecided for
/// a conclusion, and when no layer is certainly in the domain.
std::optional<Judged> judge_divergence(const Inequality& inequality, Role role,
                                       const Evaluation& evaluation) {
  const auto diverged_at = evaluation.run().diverged_at;
  if (role == Role::hypothesis || !diverged_at || !inequality.formula.uses_index("k"))
    return judge_interruption(inequality, role, evaluation);
  bool possible = false, certain = false;
  for (const auto& layer : layers(inequality, evaluation)) {
    Used ignored;
    const Verdict inside = in_domain(inequality, evaluation, {*diverged_at, layer}, ignored);
    possible = possible || inside != Verdict::fails;
    certain = certain || inside == Verdict::holds;
  }
  if (!possible) return std::nullopt;
  Judged result;
  result.instance.step = diverged_at;
  result.instance.verdict = certain && role == Role::gate ? Verdict::fails : Verdict::undecided;
  result.instance.reason = fmt::format("the run diverged at step {}", *diverged_at);
  return result;
}

/// Among the instances that decide the verdict: those without a margin first (last when the verdict is
/// holds), then the smallest margin. Where both sides are one and the same measurement nothing is learnt.
std::size_t worst_of(const std::vector<Judged>& judged, Verdict verdict) {
  const auto rank = [&](const Judged& one) {
    if (one.instance.verdict != verdict) return std::pair(3, 0.0);
    if (!one.margin) return std::pair(verdict == Verdict::holds ? 2 : 0, 0.0);
    const Instance& at = one.instance;
    if (verdict == Verdict::holds && !at.left.is_point() && same_ends(at.left, at.right))
      return std::pair(2, 0.0);
    return std::pair(1, one.margin->value);
  };
  return static_cast<std::size_t>(std::ranges::min_element(judged, {}, rank) - judged.begin());
}

/// The values of `name` for which the inequality holds at every instance, everything else as it is.
std::optional<Solved> solve_for(const std::string& name, const Inequality& inequality,
                                const std::vector<Judged>& judged, const Evaluation& evaluation,
                                std::string current) {
  const auto formula = evaluation.inlined(inequality.formula, name);
  if (!formula) return std::nullopt;
  std::optional<Solved> all;
  for (const Judged& one : judged) {
    const auto solution = evaluation.solve(*formula, name, {one.instance.step, one.instance.layer});
    if (!solution || solution->bound.is_nan()) return std::nullopt;
    if (!all) {
      all = Solved{name, solution->relation, solution->bound, current};
    } else if (all->relation != solution->relation) {
      return std::nullopt;
    } else {
      all->bound =
          all->relation == "<=" ? min(all->bound, solution->bound) : max(all->bound, solution->bound);
    }
  }
  return all;
}

std::string current_text(const Interval& x) { return x.is_point() ? fmt::format("{}", x.mid()) : x.text(); }

std::vector<Solved> solve_all(const Finding& finding, const Inequality& inequality,
                              const std::vector<Judged>& judged, const Evaluation& evaluation) {
  std::vector<Solved> solved;
  const auto add = [&](const std::string& name, const std::string& current) {
    if (auto one = solve_for(name, inequality, judged, evaluation, current))
      solved.push_back(std::move(*one));
  };
  for (const auto& [name, value] : finding.assuming) add(name, value);
  if (finding.hypothesis && finding.verdict != Verdict::holds) {
    const auto names = evaluation.names(inequality.formula);
    for (const char* name : {"m", "eta"}) {
      const auto symbol = evaluation.run().symbols.find(name);
      if (!names.contains(name) || symbol == evaluation.run().symbols.end()) continue;
      // Later iterates depend on m and η: what they measured says nothing about another width or step.
      const auto formula = evaluation.inlined(inequality.formula, name);
      if (formula && !formula->uses_index("k")) add(name, current_text(symbol->second));
    }
  }
  return solved;
}

std::string reason_of(const Judged& worst) {
  if (worst.instance.reason.empty()) return "";
  const std::string place = Place{worst.instance.step, worst.instance.layer}.text();
  return place.empty() ? worst.instance.reason : place + ": " + worst.instance.reason;
}

}  // namespace

std::optional<Margin> margin_of(const Interval& left, const Interval& right, std::string_view relation,
                                Verdict verdict) {
  const bool at_most = relation.starts_with('<');
  const Interval &smaller = at_most ? left : right, &larger = at_most ? right : left;
  const Interval zero = Interval::integer(0);
  const bool positive = certainly_lt(zero, smaller) && certainly_lt(zero, larger);
  const Interval slack =
      positive ? log(larger / smaller) / log(Interval::integer(10, smaller.precision())) : larger - smaller;
  Margin margin{slack.lower(), !positive};
  if (!std::isfinite(margin.value)) return std::nullopt;
  if (verdict == Verdict::holds) margin.value = std::max(margin.value, 0.0);
  return margin;
}

Finding judge_inequality(const Inequality& inequality, Role role, const Evaluation& evaluation) {
  return judge_at_steps(inequality, role, evaluation, evaluation.run().measurements.steps);
}

std::optional<Verdict> judge_step(const Inequality& hypothesis, const Evaluation& evaluation, long step) {
  std::optional<Verdict> all;
  bool left_out = false;  // a place in the domain whose measurement does not exist
  for (const Place& place : places(hypothesis, evaluation, {step})) {
    const auto one = judge_at(hypothesis, evaluation, place);
    Used ignored;
    left_out = left_out || (!one && in_domain(hypothesis, evaluation, place, ignored) != Verdict::fails);
    if (!one) continue;
    const Verdict verdict = one->used.missing.empty() ? one->instance.verdict : Verdict::undecided;
    all = both(all.value_or(Verdict::holds), verdict);
  }
  return all || !left_out ? all : Verdict::undecided;
}

Finding judge_at_steps(const Inequality& inequality, Role role, const Evaluation& evaluation,
                       const std::vector<long>& steps) {
  Finding finding;
  finding.id = inequality.id;
  finding.hypothesis = role == Role::hypothesis;
  finding.known_false = inequality.known_false;
  finding.formula = inequality.formula.text();
  if (inequality.condition) finding.condition = inequality.condition->text();
  finding.note = inequality.note;
  finding.assuming = evaluation.assuming(inequality.formula);
  if (inequality.condition) finding.assuming.merge(evaluation.assuming(*inequality.condition));

  std::vector<Judged> judged;
  std::string missing;
  std::optional<Judged> unknown;  // the first place at which something was not measured
  for (const Place& place : places(inequality, evaluation, steps)) {
    auto one = judge_at(inequality, evaluation, place);
    if (!one) continue;
    if (one->used.missing.empty()) {
      judged.push_back(std::move(*one));
    } else if (!unknown) {
      missing = one->used.missing;
      one->instance.verdict = Verdict::undecided;
      one->instance.reason = missing + " was not measured";
      unknown = std::move(one);
    }
  }
  const auto broken = judge_divergence(inequality, role, evaluation);
  bool complete = !judged.empty() && !broken;
  if (broken) judged.push_back(*broken);
  if (role == Role::hypothesis && complete && unknown) {
    judged.push_back(std::move(*unknown));
    complete = false;
  }
  if (judged.empty()) {
    finding.reason = !missing.empty()            ? missing + " was not measured"
                     : finding.condition.empty() ? "no step was recorded"
                                                 : "no recorded place meets " + finding.condition;
    return finding;
  }

  finding.verdict = Verdict::holds;
  for (const Judged& one : judged) {
    finding.verdict = both(finding.verdict, one.instance.verdict);
    finding.evidence = weaker(finding.evidence, one.used.evidence);
    finding.instances.push_back(one.instance);
  }
  finding.worst = worst_of(judged, finding.verdict);
  finding.margin = judged[*finding.worst].margin;
  finding.reason = reason_of(judged[*finding.worst]);
  if (complete && finding.evidence <= Evidence::statistical) {
    finding.solved = solve_all(finding, inequality, judged, evaluation);
  }
  return finding;
}

}  // namespace overproof
