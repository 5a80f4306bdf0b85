#include "verify/measure.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

#include "files/error.h"
#include "verify/descent.h"
#include "verify/eigenvalues.h"
#include "verify/initial.h"
#include "verify/interval_pass.h"
#include "verify/norms.h"
#include "verify/population.h"
#include "verify/records.h"
#include "verify/structure.h"

namespace overproof {
namespace {

/// Bits up to which lambda_0 is followed. [`overproof gram` goes as far as it is told]
constexpr int population_precision = 256;

/// The Gram matrices of one iterate: that of the last hidden layer, and the sum over the trained weights.
struct Grams {
  SymmetricBall last, ntk;
};

/// What every step is compared with.
struct Reference {
  Iterate iterate;
  Grams grams;
  std::vector<Up> spectral;  ///< ‖W(0)‖₂ from above
};

class Measurer {
 public:
  explicit Measurer(const Run& run);
  MeasuredRun all(const std::function<void(Index, Index)>& progress);

 private:
  [[nodiscard]] std::size_t weight_of(Index h) const { return overproof::weight_of(net_, h); }
  [[nodiscard]] Iterate enclose(Index step);
  [[nodiscard]] std::vector<Ball> backward_of(const Iterate& now) const;
  [[nodiscard]] Grams grams_of(const Iterate& iterate, const std::vector<Ball>& backward) const;
  void start();
  void measure_inputs();
  void measure_population();
  void measure_head(Index step);
  void measure_features(Index step, const Iterate& now);
  void measure_drift(Index step, const Iterate& now);
  void measure_grams(Index step, const Grams& grams);
  void measure_pair(Index step, const Iterate& now, const std::vector<Ball>& backward, const Grams& grams);
  void measure_loss(Index step, const Iterate& now);
  void check_records(Index step, const Iterate& now);
  [[nodiscard]] Interval pattern_changes(const Iterate& now) const;
  void judge_gradient_descent(Index step, const Descent& descent);
  void judge_step(Index step);
  void judge_training();
  void judge_output_signs(const Parameters& weights);

  void set(const std::string& name, Interval value) {
    result_.measurements.set({name, {}, {}}, std::move(value));
  }
  void set(const std::string& name, Index k, Interval value) {
    result_.measurements.set({name, k, {}}, std::move(value));
  }
  void set(const std::string& name, Index k, Index h, Interval value) {
    result_.measurements.set({name, k, h}, std::move(value));
  }

  const Run& run_;
  const Architecture& net_;
  Structure structure_;
  const Kernels& kernels_;
  Inputs inputs_;
  std::optional<Reference> start_;
  std::optional<std::pair<Index, Iterate>> ahead_;  ///< the successor of the last recorded step
  Records records_;
  MeasuredRun result_;
};

Measurer::Measurer(const Run& run)
    : run_(run),
      net_(run.architecture),
      structure_(recognise(run.architecture)),
      kernels_(kernels_of(run.architecture.activation)),
      inputs_(enclose_inputs(run.data)) {}

Iterate Measurer::enclose(Index step) {
  if (ahead_ && ahead_->first == step) {
    Iterate next = std::move(ahead_->second);
    ahead_.reset();
    return next;
  }
  ahead_.reset();
  Parameters weights = load_parameters(run_, step);
  std::vector<Up> spectral;
  for (std::size_t w = 0; w < weights.size(); ++w) {
    // ‖W(k)‖₂ <= ‖W(0)‖₂ + ‖W(k) − W(0)‖_F, so that a spectral norm is needed at step 0 only
    spectral.push_back(start_ ? start_->spectral[w] +
                                    Up(enclose_distance(weights[w], start_->iterate.weights[w]).upper())
                              : Up(enclose_spectral_norm(weights[w]).upper()));
  }
  return enclose_iterate(net_, kernels_, std::move(weights), spectral, inputs_, run_.data.y);
}

std::vector<Ball> Measurer::backward_of(const Iterate& now) const {
  return enclose_backward(net_, kernels_, now.weights, now.norms, now.forward).delta;
}

Grams Measurer::grams_of(const Iterate& iterate, const std::vector<Ball>& backward) const {
  std::vector<SymmetricBall> layers = enclose_grams(net_, iterate.forward, backward);
  SymmetricBall ntk = enclose_ntk(net_, layers);
  return {std::move(layers[static_cast<std::size_t>(net_.depth() - 1)]), std::move(ntk)};
}

void Measurer::measure_inputs() {
  result_.symbols = symbols_of(net_, inputs_.x.columns(), run_.eta);

  set("parallel_pairs", Interval::integer(inputs_.parallel_pairs));
  set("separation", inputs_.separation);
  set("label_norm", enclose_norm(run_.data.y, Up()));

  const Verdict rademacher_output = result_.facts.rademacher_output;
  result_.facts = facts_of(net_, inputs_.unit);
  result_.facts.rademacher_output = rademacher_output;
}

void Measurer::measure_population() {
  if (!inputs_.unit || structure_.network == "other") return;
  const ActivationRow& row = activation_row(to_text(net_.activation));
  const auto depth = static_cast<int>(net_.depth());
  const PopulationNet net{structure_.network, &row, structure_.c_res};
  const auto gram_at = [&](const SymmetricIntervals& inner, int precision) {
    return std::move(population_grams(net, inner, {depth}, {.precision = precision}).front());
  };
  const SymmetricIntervals K = gram_at(inputs_.inner, Interval::default_precision);
  const SymmetricBall population = ball_around(K);
  const DecidedEnd smallest = enclose_end_of(
      [&](int precision) {
        return precision == Interval::default_precision
                   ? K
                   : gram_at(enclose_inner(run_.data, precision), precision);
      },
      End::smallest, {.precision_limit = population_precision});
  set("lambda_0", smallest.enclosure.value);
  const SymmetricBall difference = start_->grams.last - population;
  set("gram_to_population", enclose_norm(difference));
  set("gram_to_population_max", enclose_max_entry(difference));
}

void Measurer::start() {
  if (!run_.has_step(0)) {
    throw InputError(fmt::format("{}: step 0 is not stored: drift is measured from the initialisation",
                                 run_.folder.string()));
  }
  Iterate first = enclose(0);
  std::vector<Up> spectral;
  for (const FactorNorms& norms : first.norms) spectral.push_back(norms.spectral);
  Grams grams = grams_of(first, backward_of(first));
  start_ = Reference{std::move(first), std::move(grams), std::move(spectral)};
  measure_initial(net_, start_->iterate, result_.measurements);
  measure_population();
}

void Measurer::measure_loss(Index step, const Iterate& now) {
  Interval sum = Interval::integer(0);
  for (const Interval& r : now.residual) sum += square(r);
  set("loss", step, sum / Interval::integer(2));
  set("residual_norm", step, sqrt(sum));
  check_records(step, now);
}

void Measurer::check_records(Index step, const Iterate& now) {
  records_.check_loss(run_.at(step), !run_.experiment, enclose_norm(now.residual),
                      result_.measurements.find({"label_norm", {}, {}})->value,
                      [&] { return enclose_residual_norm_slowly(net_, now.weights, run_.data); });
}

void Measurer::measure_features(Index step, const Iterate& now) {
  for (Index h = 1; h <= net_.depth(); ++h) {
    const Ball& x = now.forward.x[static_cast<std::size_t>(h)];
    set("feature_norm", step, h, enclose_largest_column(x));
    set("feature_norm_min", step, h, enclose_smallest_column(x));
    const Ball& first = start_->iterate.forward.x[static_cast<std::size_t>(h)];
    set("feature_drift", step, h, step == 0 ? Interval::integer(0) : enclose_largest_difference(x, first));
  }
  if (net_.activation == Activation::relu)
    set("pattern_changes", step, step == 0 ? Interval::integer(0) : pattern_changes(now));
}

Interval Measurer::pattern_changes(const Iterate& now) const {
  long certain = 0, possible = 0;
  for (std::size_t h = 0; h < now.forward.z.size(); ++h) {
    const Ball &z = now.forward.z[h], &z0 = start_->iterate.forward.z[h];
    for (Index i = 0; i < z.columns(); ++i) {
      // An entry is on one side of zero for sure if it is farther from it than its radius.
      const auto sure = [](double point, Up radius) { return std::abs(point) > radius.value(); };
      const Up reach = z.entry_around_mid(i), reach0 = z0.entry_around_mid(i);
      for (Index r = 0; r < z.mid.rows(); ++r) {
        const double now_at = z.mid(r, i), then_at = z0.mid(r, i);
        if (!sure(now_at, reach) || !sure(then_at, reach0))
          ++possible;
        else if ((now_at > 0) != (then_at > 0))
          ++certain;
      }
    }
  }
  return Interval::between(static_cast<double>(certain), static_cast<double>(certain + possible));
}

void Measurer::measure_drift(Index step, const Iterate& now) {
  const bool spectral = std::ranges::find(run_.spectral_steps, step) != run_.spectral_steps.end();
  for (Index h = 1; h <= net_.depth() + 1; ++h) {
    const std::size_t w = weight_of(h);
    const Matrix &W = now.weights[w], &W0 = start_->iterate.weights[w];
    set("drift_fro", step, h, enclose_distance(W, W0));
    if (spectral) {
      // fl(W − W0) has one relative rounding an entry
      const Matrix difference = W - W0;
      const Interval rounded = within(0.0, Up(2 * unit_roundoff) * frobenius_above(difference));
      set("drift_spec", step, h, max(enclose_spectral_norm(difference) + rounded, Interval::integer(0)));
    }
  }
  set("drift_row", step,
      enclose_row_distance(now.weights[weight_of(1)], start_->iterate.weights[weight_of(1)]));
  judge_output_signs(now.weights);
}

void Measurer::judge_output_signs(const Parameters& weights) {
  const std::size_t output = weight_of(net_.depth() + 1);
  const Matrix& a = weights[output];
  const bool signs = (a.array().abs() == 1.0).all() && a == start_->iterate.weights[output];
  if (!signs) result_.facts.rademacher_output = Verdict::fails;
}

void Measurer::measure_grams(Index step, const Grams& grams) {
  const EigenvalueRange last = enclose_eigenvalues(grams.last), ntk = enclose_eigenvalues(grams.ntk);
  set("lambda_min_gram_last", step, last.smallest);
  set("lambda_max_gram_last", step, last.largest);
  set("lambda_min_ntk", step, ntk.smallest);
  set("lambda_max_ntk", step, ntk.largest);
  if (step == 0) {
    if (run_.experiment && !run_.experiment->step)
      records_.check_step_size(run_.eta, run_.experiment->step_fraction, ntk.largest);
    set("gram_change", step, Interval::integer(0));
    set("gram_change_fro", step, Interval::integer(0));
    return;
  }
  const SymmetricBall change = grams.last - start_->grams.last;
  set("gram_change", step, enclose_norm(change));
  set("gram_change_fro", step, enclose_frobenius(change));
}

void Measurer::measure_pair(Index step, const Iterate& now, const std::vector<Ball>& backward,
                            const Grams& grams) {
  std::optional<Iterate> next;
  if (run_.has_step(step + 1)) {
    next = enclose(step + 1);
    measure_loss(step + 1, *next);
    judge_output_signs(next->weights);
    set("step_row", step, enclose_row_distance(next->weights[weight_of(1)], now.weights[weight_of(1)]));
  }
  const Descent descent = enclose_descent(net_, run_.eta, now, backward, next ? &*next : nullptr);
  set("grad_norm", step, descent.gradient);
  for (Index h = 1; h <= net_.depth() + 1; ++h) {
    const std::size_t w = weight_of(h);
    if (const auto& gradient = descent.gradients[static_cast<std::size_t>(h - 1)])
      set("grad_norm", step, h, *gradient);
    if (next) set("step_fro", step, h, enclose_distance(next->weights[w], now.weights[w]));
  }
  if (!next) return;
  set("descent_residual", step, descent.residual);
  judge_gradient_descent(step, descent);

  // u(k+1) − u(k) = r(k) − r(k+1), and I₂ = u(k+1) − u(k) − ηG(k)r(k)
  std::vector<Interval> change, second;
  for (std::size_t i = 0; i < now.residual.size(); ++i) {
    change.push_back(now.residual[i] - next->residual[i]);
    Interval first_order = Interval::integer(0);
    for (std::size_t j = 0; j < now.residual.size(); ++j) {
      first_order += entry(grams.ntk, static_cast<Index>(i), static_cast<Index>(j)) * now.residual[j];
    }
    second.push_back(change.back() - Interval::exact(run_.eta) * first_order);
  }
  set("prediction_change", step, enclose_norm(change));
  set("second_order_term", step, enclose_norm(second));
  ahead_.emplace(step + 1, std::move(*next));
}

void Measurer::judge_gradient_descent(Index step, const Descent& descent) {
  const Verdict verdict = descent.verdict();
  SettingFacts& facts = result_.facts;
  if (verdict != Verdict::holds && facts.gradient_descent != Verdict::fails) {
    facts.gradient_descent_text =
        fmt::format("descent_residual[{}] = {} against the {} that rounding explains", step,
                    descent.residual.text(4), descent.allowance.text(4));
  }
  facts.gradient_descent = both(facts.gradient_descent, verdict);
}

/// A stored iterate at which nothing is recorded is held against its records and against gradient descent.
void Measurer::judge_step(Index step) {
  const bool successor = run_.has_step(step - 1) && run_.at(step - 1).head, paired = run_.has_step(step + 1);
  if (step == 0 || (successor && !paired)) return;  // measured already
  const Iterate now = enclose(step);
  if (!successor) check_records(step, now);
  if (!paired) return;
  Iterate next = enclose(step + 1);
  judge_gradient_descent(step, enclose_descent(net_, run_.eta, now, backward_of(now), &next));
  ahead_.emplace(step + 1, std::move(next));
}

void Measurer::measure_head(Index step) {
  const Iterate now = step == 0 ? start_->iterate : enclose(step);
  const std::vector<Ball> backward = backward_of(now);
  const Grams grams = step == 0 ? start_->grams : grams_of(now, backward);
  measure_loss(step, now);
  measure_features(step, now);
  measure_drift(step, now);
  measure_grams(step, grams);
  measure_pair(step, now, backward, grams);
}

/// Whether the iterates are gradient descent, as far as that can be said before the pairs are enclosed.
void Measurer::judge_training() {
  const auto pairs = std::ranges::count_if(
      run_.steps, [&](const RecordedStep& recorded) { return run_.has_step(recorded.step + 1); });
  SettingFacts& facts = result_.facts;
  facts.gradient_descent = pairs > 0 ? Verdict::holds : Verdict::undecided;
  if (pairs == 0) facts.gradient_descent_text = "no two consecutive iterates are stored";
  if (pairs >= run_.steps.back().step) return;
  if (run_.experiment && run_.experiment->momentum != 0.0) {
    facts.gradient_descent = Verdict::fails;
    facts.gradient_descent_text = fmt::format("the experiment has momentum {}", run_.experiment->momentum);
    return;
  }
  facts.gradient_descent_declared = fmt::format(
      "the iterates between the stored pairs are gradient descent too, rounded as little ({} of {} steps are "
      "stored)",
      pairs, run_.steps.back().step);
}

MeasuredRun Measurer::all(const std::function<void(Index, Index)>& progress) {
  const std::vector<Index> heads = run_.heads();
  result_.measurements.depth = net_.depth();
  result_.measurements.steps.assign(heads.begin(), heads.end());
  result_.facts.rademacher_output = Verdict::holds;
  measure_inputs();
  if (run_.steps.empty() && run_.diverged_at) {
    result_.facts.gradient_descent_text = "no iterate is stored";
    return std::move(result_);
  }
  start();
  judge_training();
  if (heads.empty() || heads.front() != 0)
    measure_head(0);  // loss[0], drift and λ_min at the start are always there
  Index done = 0;
  for (const RecordedStep& recorded : run_.steps) {
    const Index step = recorded.step;
    if (progress && recorded.head) progress(done++, static_cast<Index>(heads.size()));
    recorded.head ? measure_head(step) : judge_step(step);
  }
  result_.records = records_.verdict();
  result_.records_reason = records_.reason();
  result_.call = [](const auto&, const auto&) { return std::optional<Interval>(); };
  if (structure_.network == "two_layer_relu")
    result_.call = near_boundary_of(start_->iterate.forward.z.front());
  return std::move(result_);
}

}  // namespace

MeasuredRun measure(const Run& run, const std::function<void(Index done, Index of)>& progress) {
  return Measurer(run).all(progress);
}

}  // namespace overproof
