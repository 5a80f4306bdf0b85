#include "verify/expected.h"

#include <algorithm>

#include "trainer/run.h"
#include "verify/gate.h"
#include "verify/structure.h"

namespace overproof {
namespace {

constexpr Index any_dimension = 1;  // which measurements there are does not depend on d

/// Sets the names of one run to nan.
class Names {
 public:
  explicit Names(Measurements& measurements) : measurements_(measurements) {}
  void plain(std::initializer_list<const char*> names) { each(names, {}, {}); }
  void at(long k, std::initializer_list<const char*> names) { each(names, k, {}); }
  void at(long k, long h, std::initializer_list<const char*> names) { each(names, k, h); }

 private:
  void each(std::initializer_list<const char*> names, std::optional<long> k, std::optional<long> h) {
    for (const char* name : names) measurements_.set({name, k, h}, Interval::nan());
  }
  Measurements& measurements_;
};

void expect_step(Names& names, const Experiment& experiment, const Architecture& net, long k) {
  const long H = net.depth();
  names.at(k, {"loss", "residual_norm", "drift_row", "lambda_min_gram_last", "lambda_max_gram_last",
               "lambda_min_ntk", "lambda_max_ntk", "gram_change", "gram_change_fro", "grad_norm"});
  if (net.activation == Activation::relu) names.at(k, {"pattern_changes"});
  const bool spectral = std::ranges::find(experiment.spectral_steps, k) != experiment.spectral_steps.end();
  for (long h = 1; h <= H; ++h) names.at(k, h, {"feature_norm", "feature_norm_min", "feature_drift"});
  const std::vector<Index> stored = stored_steps(experiment);
  const bool paired = std::ranges::binary_search(stored, k + 1);
  if (paired) {
    names.at(k + 1, {"loss", "residual_norm"});
    names.at(k, {"step_row", "descent_residual", "prediction_change", "second_order_term"});
  }
  for (long h = 1; h <= H + 1; ++h) {
    names.at(k, h, {"drift_fro"});
    if (spectral) names.at(k, h, {"drift_spec"});
    if (paired) names.at(k, h, {"step_fro"});
    const std::size_t weight =
        h == H + 1 ? net.readouts.front().weight : net.layers[static_cast<std::size_t>(h - 1)].weight;
    if (net.weights[weight].trained) names.at(k, h, {"grad_norm"});
  }
}

}  // namespace

Measurements expected_measurements(const Experiment& experiment) {
  const Architecture net = architecture_of(experiment, any_dimension);
  Measurements expected;
  expected.depth = net.depth();
  expected.steps.assign(experiment.recorded.begin(), experiment.recorded.end());
  Names names(expected);
  names.plain({"parallel_pairs", "separation", "label_norm", "init_c_w0", "init_c_x0", "init_a_20",
               "init_a_40", "init_U"});
  if (experiment.data.fields.at("normalised").get<bool>() && recognise(net).network != "other")
    names.plain({"lambda_0", "gram_to_population", "gram_to_population_max"});
  expect_step(names, experiment, net, 0);
  for (const Index k : experiment.recorded) expect_step(names, experiment, net, k);
  return expected;
}

void check_claims(const Claims& claims, const Experiment& experiment, const std::vector<Theorem>& theorems) {
  const Structure structure = recognise(architecture_of(experiment, any_dimension));
  std::vector<StatementReport> statements;
  for (const Theorem* theorem : chosen_theorems(claims, theorems, structure.network)) {
    statements.emplace_back();
    statements.back().id = theorem->id;
    statements.back().constants = theorem->constants;
  }
  std::map<std::string, Interval> symbols;
  for (const char* name : {"n", "d", "m", "H", "eta", "c_sigma", "L_sigma", "beta", "beta3", "sigma_0"})
    symbols.emplace(name, Interval::nan());
  if (structure.network == "resnet") symbols.emplace("c_res", Interval::nan());
  symbols["m"] =
      Interval::integer(experiment.width);  // what an index may be made of is known before training
  symbols["H"] = Interval::integer(experiment.depth);
  for (const char* name : {"n", "d"}) {
    const Json& fields = experiment.data.fields;
    if (fields.contains(name)) symbols[name] = Interval::integer(fields[name].get<long long>());
  }
  const Measurements expected = expected_measurements(experiment);
  const auto nothing = [](const std::string&, const std::vector<Interval>&) {
    return std::optional(Interval::nan());
  };
  const auto unmeasured = [](const std::string&, const std::vector<Interval>&) {
    return std::optional<Interval>();
  };
  JudgedRun run{expected,           {}, symbols, claims, std::nullopt, std::nullopt, unmeasured,
                Verdict::undecided, ""};
  if (structure.network == "two_layer_relu") run.call = nothing;
  (void)judge_gates(run, statements);
  const std::string at = claims.certified_at();
  if (at.empty()) return;
  if (experiment.momentum != 0.0)
    throw InputError("judge.certify: a run with momentum is not gradient descent and gets no certificate");
  if (at == "earliest") return;
  if (!std::ranges::binary_search(stored_steps(experiment), std::stoll(at)))
    throw InputError("judge.certify: " + at + ": a step that is stored is expected (record.at)");
}

}  // namespace overproof
