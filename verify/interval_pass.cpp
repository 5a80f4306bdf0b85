#include "verify/interval_pass.h"

#include <limits>
#include <vector>

#include "bounds/activation.h"

namespace overproof {
namespace {

constexpr int precision = 256;

using Column = std::vector<Interval>;

Interval number(double x) { return Interval::exact(x, precision); }

Column input(const Dataset& data, Index sample) {
  Column x;
  Interval squares = Interval::integer(0, precision);
  for (const double entry : data.X.col(sample)) {
    x.push_back(number(entry));
    squares += square(x.back());
  }
  const Interval length = sqrt(squares);
  for (Interval& entry : x) entry = data.normalised ? entry / length : entry;
  return x;
}

Column times(const Matrix& W, const Column& x) {
  Column y(static_cast<std::size_t>(W.rows()), Interval::integer(0, precision));
  for (Index c = 0; c < W.cols(); ++c) {
    for (Index r = 0; r < W.rows(); ++r)
      y[static_cast<std::size_t>(r)] += number(W(r, c)) * x[static_cast<std::size_t>(c)];
  }
  return y;
}

Interval prediction(const Architecture& net, const Parameters& weights, Column x) {
  const ActivationRow& row = activation_row(to_text(net.activation));
  for (const Layer& layer : net.layers) {
    Column next = times(weights[layer.weight], x);
    for (std::size_t r = 0; r < next.size(); ++r) {
      Interval z = number(layer.scale_in) * next[r];
      if (layer.skip_in != 0.0) z += number(layer.skip_in) * x[r];
      next[r] = number(layer.scale) * taylor(row, z, 0).front();
      if (layer.skip_out != 0.0) next[r] += number(layer.skip_out) * x[r];
    }
    x = std::move(next);
  }
  return times(weights[net.readouts.front().weight], x).front();
}

}  // namespace

Interval enclose_residual_norm_slowly(const Architecture& architecture, const Parameters& weights,
                                      const Dataset& data, double most_products) {
  double products = 0.0;  // a sample's
  for (const Matrix& W : weights) products += static_cast<double>(W.size());
  const Index n = data.y.size();
  Interval squares = Interval::integer(0, precision);
  for (Index i = 0; i < n; ++i) {
    if (static_cast<double>(i + 1) * products > most_products) {
      return hull(sqrt(squares), Interval::exact(std::numeric_limits<double>::infinity(), precision));
    }
    squares += square(number(data.y[i]) - prediction(architecture, weights, input(data, i)));
  }
  return sqrt(squares);
}

}  // namespace overproof
