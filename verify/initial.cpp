#include "verify/initial.h"

#include <cmath>
#include <memory>

#include "bounds/activation.h"
#include "verify/eigenvalues.h"
#include "verify/norms.h"

namespace overproof {

std::map<std::string, Interval> symbols_of(const Architecture& net, Index samples, double eta) {
  const ActivationRow& row = activation_row(to_text(net.activation));
  std::map<std::string, Interval> symbols{
      {"n", Interval::integer(samples)},      {"d", Interval::integer(net.input_dimension)},
      {"m", Interval::integer(net.width())},  {"H", Interval::integer(net.depth())},
      {"eta", Interval::exact(eta)},          {"c_sigma", c_sigma(row)},
      {"L_sigma", lipschitz_constant(row)},   {"beta", second_derivative_bound(row)},
      {"beta3", third_derivative_bound(row)}, {"sigma_0", value_at_zero(row)}};
  const Structure structure = recognise(net);
  if (structure.network == "resnet") symbols["c_res"] = structure.c_res;
  return symbols;
}

SettingFacts facts_of(const Architecture& net, bool unit_inputs) {
  const ActivationRow& row = activation_row(to_text(net.activation));
  SettingFacts facts;
  facts.network = recognise(net).network;
  facts.activation = row.id;
  facts.smooth = row.smooth;
  facts.analytic = row.analytic;
  facts.unit_inputs = unit_inputs;
  if (facts.network == "two_layer_relu") {
    facts.initialisation = "rademacher output";
    facts.initialisation_text =
        "at step 0 the w_r are independent N(0, I) and the a_r independent fair signs";
  } else if (facts.network != "other") {
    facts.initialisation = "gaussian";
    facts.initialisation_text = "at step 0 all weights are independent N(0, 1)";
  }
  return facts;
}

void measure_initial(const Architecture& net, const Iterate& first, Measurements& measurements) {
  const Interval m = Interval::integer(net.width()), half = Interval::exact(0.5);
  const auto set = [&](const char* name, const Interval& value) { measurements.set({name, {}, {}}, value); };
  Interval largest = half;
  for (Index h = 2; h <= net.depth(); ++h)
    largest = max(largest, enclose_spectral_norm(first.weights[weight_of(net, h)]) / sqrt(m));
  set("init_c_w0", largest);

  const Matrix& a = first.weights[weight_of(net, net.depth() + 1)];
  set("init_a_20", max(half, enclose_norm(a, Up()) / sqrt(m)));
  Interval fourth = Interval::integer(0);
  for (const double entry : a.reshaped()) fourth += square(square(Interval::exact(entry)));
  set("init_a_40", sqrt(sqrt(fourth / m)));

  Interval c_x0 = Interval::integer(1);
  for (Index h = 1; h <= net.depth(); ++h) {
    const Ball& x = first.forward.x[static_cast<std::size_t>(h)];
    c_x0 = max(c_x0, max(enclose_largest_column(x), Interval::integer(1) / enclose_smallest_column(x)));
  }
  set("init_c_x0", c_x0);
  set("init_U", enclose_norm(first.residual));
}

MeasuredFunctions near_boundary_of(const Ball& pre_activations) {
  const auto z = std::make_shared<const Ball>(pre_activations);
  return [z](const std::string& name, const std::vector<Interval>& arguments) -> std::optional<Interval> {
    if (name != "near_boundary" || arguments.size() != 1 || !arguments.front().is_bounded())
      return std::nullopt;
    const double lower = arguments.front().lower(), upper = arguments.front().upper();
    Interval sum = Interval::integer(0);
    for (Index i = 0; i < z->columns(); ++i) {
      const Up radius = z->entry_around_mid(i);
      long certain = 0, possible = 0;
      for (const double point : z->mid.col(i)) {
        // |z| <= |point| + radius, |z| >= |point| − radius
        if ((Up(std::abs(point)) + radius).value() <= lower) ++certain;
        if (!(std::abs(point) > (Up(upper) + radius).value())) ++possible;
      }
      sum += square(Interval::between(static_cast<double>(certain), static_cast<double>(possible)));
    }
    return sqrt(sum);
  };
}

}  // namespace overproof
