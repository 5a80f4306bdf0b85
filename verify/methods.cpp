#include "verify/methods.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "verify/eigenvalues.h"
#include "verify/evaluation.h"
#include "verify/initial.h"
#include "verify/norms.h"
#include "verify/population.h"

namespace overproof {
namespace {

/// Bits up to which lambda_0 is followed.
constexpr int population_precision = 256;

/// A net that theorems speak of, with what is known of it before training: that of the run; the same with all
/// weights trained; and the two-layer ReLU net on the same data.
struct Subject {
  SettingFacts facts;
  std::string name;  ///< in words
  bool own;          ///< the net of the run
  Measurements measurements;
  std::map<std::string, Interval> symbols;
  MeasuredFunctions call;
};

/// λ_0 and the norm of the labels.
void measure_data(Subject& subject, const Architecture& net, const Dataset& data) {
  const Structure structure = recognise(net);
  const PopulationNet population{structure.network, &activation_row(to_text(net.activation)),
                                 structure.c_res};
  const std::vector<DecidedEnd> ends = enclose_population_ends(
      population, data, {static_cast<int>(net.depth())}, {.precision_limit = population_precision});
  subject.measurements.depth = net.depth();
  subject.measurements.set({"lambda_0", {}, {}}, ends.front().enclosure.value);
  subject.measurements.set({"label_norm", {}, {}}, enclose_norm(data.y, Up()));
}

void measure_start(Subject& subject, const Architecture& net, const Dataset& data,
                   const Parameters& initial) {
  std::vector<Up> spectral;
  for (const Matrix& W : initial) spectral.emplace_back(enclose_spectral_norm(W).upper());
  const Kernels& kernels = kernels_of(net.activation);
  const Iterate first = enclose_iterate(net, kernels, initial, spectral, enclose_inputs(data), data.y);
  measure_initial(net, first, subject.measurements);
  const BackwardBalls backward = enclose_backward(net, kernels, first.weights, first.norms, first.forward);
  const std::vector<SymmetricBall> grams = enclose_grams(net, first.forward, backward.delta);
  subject.measurements.set({"lambda_min_gram_last", 0, {}},
                           enclose_eigenvalues(grams[static_cast<std::size_t>(net.depth() - 1)]).smallest);
  if (subject.facts.network == "two_layer_relu") subject.call = near_boundary_of(first.forward.z.front());
}

std::vector<Subject> subjects_of(const Certificate& c, const Dataset& data, const Parameters* initial) {
  const auto none = [](const auto&, const auto&) { return std::optional<Interval>(); };
  std::vector<Subject> subjects;
  if (!enclose_inputs(data).unit) return subjects;
  const Architecture& net = c.architecture;
  const auto add = [&](const Architecture& of, std::string name, bool own) -> Subject& {
    subjects.push_back(
        {facts_of(of, true), std::move(name), own, {}, symbols_of(of, data.X.cols(), c.premises.eta), none});
    // of the initialisation nothing is asked here, and of the training nothing is known
    subjects.back().facts.gradient_descent = subjects.back().facts.rademacher_output = Verdict::holds;
    measure_data(subjects.back(), of, data);
    return subjects.back();
  };
  const std::string network = recognise(net).network;
  if (network != "two_layer_relu") add(two_layer_relu(net.input_dimension, net.width()), "ReLU net", false);
  Architecture trained = net;
  for (Weight& weight : trained.weights) weight.law = InitLaw::gaussian, weight.trained = true;
  if (network != "other") {
    Subject& own = add(net, "this net", true);
    if (initial) measure_start(own, net, data, *initial);
  } else if (recognise(trained).network != "other") {
    add(trained, "output trained", false);
  }
  return subjects;
}

/// The conditions of a theorem that can be judged before training, at some width and step size.
class Conditions {
 public:
  Conditions(const Subject& subject, const Theorem& theorem, const Claims& claims)
      : subject_(subject), theorem_(theorem), claims_(claims) {
    const JudgedRun run = judged(subject.symbols, subject.call);
    const Evaluation evaluation(run, theorem);
    for (const Inequality& hypothesis : theorem.hypotheses) {
      if (hypothesis.formula.uses_index("k") || hypothesis.formula.uses_index("h")) continue;
      const std::set<std::string> names = evaluation.names(hypothesis.formula);
      const auto judged = evaluation.judge(hypothesis.formula, {});
      if (!judged.used.missing.empty()) known_ = false;
      verdict_ = both(verdict_, judged.judgement.verdict);
      if (!names.contains("eta") && names.contains("m")) widths_.push_back(&hypothesis);
      if (names.contains("eta")) steps_.push_back(&hypothesis);
      const auto assumed = evaluation.assuming(hypothesis.formula);
      assuming_.insert(assumed.begin(), assumed.end());
    }
  }

  /// Whether everything that they read was measured.
  [[nodiscard]] bool known() const { return known_; }
  [[nodiscard]] Verdict verdict() const { return verdict_; }
  [[nodiscard]] const std::map<std::string, std::string>& assuming() const { return assuming_; }
  [[nodiscard]] bool about_width() const { return !widths_.empty(); }

  /// Where the conditions on the width hold and, a little below, do not for certain; what is measured of this
  /// run's weights as a function of a radius says nothing of other widths.
  [[nodiscard]] std::optional<double> least_width() const {
    if (widths_.empty()) return {};
    const auto holds = [&](double log2_m) { return all_hold(widths_, {{"m", std::exp2(log2_m)}}); };
    const std::optional<double> at = least(holds, 0.0, 1000.0);
    return at ? std::optional(std::exp2(*at)) : std::nullopt;
  }
  /// The largest step size at a width.
  [[nodiscard]] std::optional<double> largest_step(double m) const {
    if (steps_.empty()) return {};
    const auto holds = [&](double minus_log2) {
      return all_hold(steps_, {{"m", m}, {"eta", std::exp2(-minus_log2)}});
    };
    const std::optional<double> at = least(holds, -64.0, 1000.0);
    return at ? std::optional(std::exp2(-*at)) : std::nullopt;
  }

 private:
  [[nodiscard]] JudgedRun judged(const std::map<std::string, Interval>& symbols,
                                 const MeasuredFunctions& call) const {
    return {subject_.measurements, {}, symbols, claims_, {}, {}, call, {}, {}, {}};
  }
  [[nodiscard]] bool all_hold(const std::vector<const Inequality*>& conditions,
                              const std::map<std::string, double>& values) const {
    std::map<std::string, Interval> symbols = subject_.symbols;
    for (const auto& [name, value] : values) symbols[name] = Interval::exact(value);
    const JudgedRun run = judged(symbols, [](const auto&, const auto&) { return std::optional<Interval>(); });
    const Evaluation evaluation(run, theorem_);
    return std::ranges::all_of(conditions, [&](const Inequality* condition) {
      return evaluation.judge(condition->formula, {}).judgement.verdict == Verdict::holds;
    });
  }
  /// The least x of [from, to] with holds(x), to 2^-12, for a condition that holds from some x on.
  static std::optional<double> least(const std::function<bool(double)>& holds, double from, double to) {
    if (!holds(to)) return {};
    if (holds(from)) return from;
    while (to - from > 0x1p-12) {
      const double middle = (from + to) / 2;
      (holds(middle) ? to : from) = middle;
    }
    return to;
  }

  const Subject& subject_;
  const Theorem& theorem_;
  const Claims& claims_;
  bool known_ = true;
  Verdict verdict_ = Verdict::holds;
  std::vector<const Inequality*> widths_, steps_;
  std::map<std::string, std::string> assuming_;
};

/// asked / has, from below.
double missed(double asked, double has) { return (Interval::exact(asked) / Interval::exact(has)).lower(); }

std::optional<MethodRow> row_of(const Subject& subject, const Theorem& theorem, const Certificate& c,
                                const Claims& claims) {
  const Conditions conditions(subject, theorem, claims);
  if (!conditions.known()) return {};
  const auto m = static_cast<double>(c.architecture.width());
  MethodRow row{theorem.id, subject.name, conditions.least_width(), {}, {}, {}, conditions.assuming()};
  if (!c.premises.flow) row.eta = conditions.largest_step(row.width ? std::max(*row.width, m) : m);
  if (row.width)
    row.factor = missed(*row.width, m);
  else if (row.eta && !conditions.about_width())
    row.factor = missed(c.premises.eta, *row.eta);
  if (subject.own) row.verdict = conditions.verdict();
  return row;
}

std::vector<MethodRow> rows_at_iterate(const Certificate& c) {
  std::vector<MethodRow> rows;
  if (const auto& other = c.oymak_soltanolkotabi) {
    const auto above = [&](double eta) {
      return (Interval::exact(c.premises.eta) / Interval::exact(eta)).upper();
    };
    rows.push_back({"oymak2018.thm2.1",
                    "this net",
                    {},
                    other->largest_eta,
                    other->largest_eta ? above(*other->largest_eta) : other->curvature,
                    other->verdict,
                    {}});
  }
  rows.push_back({"certificate",
                  "this net",
                  {},
                  {},
                  c.proof.h,
                  c.certified() ? Verdict::holds : Verdict::undecided,
                  {}});
  return rows;
}

}  // namespace

std::vector<MethodRow> compare_methods(const Certificate& certificate, const Dataset& data,
                                       const Parameters* initial, const Claims& claims,
                                       const std::vector<Theorem>& theorems) {
  std::vector<MethodRow> rows;
  for (const Subject& subject : subjects_of(certificate, data, initial)) {
    for (const Theorem& theorem : theorems) {
      const auto training = theorem.setting.find("training");
      if (training == theorem.setting.end() || training->second != "gradient descent") continue;
      if (!check_setting(theorem, subject.facts).failed.empty()) continue;
      if (auto row = row_of(subject, theorem, certificate, claims)) rows.push_back(std::move(*row));
    }
  }
  std::ranges::move(rows_at_iterate(certificate), std::back_inserter(rows));
  return rows;
}

std::vector<MethodRow> compare_methods(const Certificate& certificate, const Run& run, const Claims& claims,
                                       const std::vector<Theorem>& theorems) {
  std::optional<Parameters> initial;
  if (run.has_step(0)) initial = load_parameters(run, 0);
  return compare_methods(certificate, run.data, initial ? &*initial : nullptr, claims, theorems);
}

}  // namespace overproof
