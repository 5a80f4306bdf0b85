#include <cmath>

#include "recheck/bounds.h"
#include "tests/catch.h"

namespace overproof::recheck {
namespace {

using Weights = std::vector<std::vector<double>>;  // of each layer, row-major

/// A network with samples, in doubles.
struct Example {
  Network net;
  Weights weights;
  std::vector<std::vector<double>> X;
  std::vector<double> y;
  bool normalised = false;

  [[nodiscard]] Run run() const {
    Run out{"example", 0.1, normalised, net};
    const auto matrix = [](slong rows, slong cols, const auto& entry) {
      Mat A(rows, cols);
      for (slong i = 0; i < rows; ++i)
        for (slong j = 0; j < cols; ++j) A.set(i, j, entry(i, j));
      return A;
    };
    const slong n = static_cast<slong>(X.size());
    out.data["X"] = matrix(n, net[0].cols, [&](slong i, slong j) { return X[i][j]; });
    out.data["y"] = matrix(n, 1, [&](slong i, slong) { return y[i]; });
    for (std::size_t h = 0; h < net.size(); ++h) {
      out.weights[net[h].weight] =
          matrix(net[h].rows, net[h].cols, [&](slong i, slong j) { return weights[h][i * net[h].cols + j]; });
    }
    return out;
  }
};

double approx_activation(const std::string& id, double z) {
  if (id == "softplus") return std::log1p(std::exp(z));
  if (id == "tanh") return std::tanh(z);
  if (id == "sigmoid") return 1 / (1 + std::exp(-z));
  if (id == "erf") return std::erf(z);
  if (id == "gelu") return z * std::erfc(-z / std::sqrt(2.0)) / 2;
  if (id == "silu") return z / (1 + std::exp(-z));
  if (id == "relu") return std::max(z, 0.0);
  return z;
}

double approx_output(const Example& of, const Weights& w, std::size_t i) {
  std::vector<double> x = of.X[i];
  double squares = 0;
  for (const double e : x) squares += e * e;
  if (of.normalised)
    for (double& e : x) e /= std::sqrt(squares);
  for (std::size_t h = 0; h < of.net.size(); ++h) {
    const Layer& layer = of.net[h];
    std::vector<double> next(layer.rows);
    for (long r = 0; r < layer.rows; ++r) {
      double z = layer.skip_in == 0 ? 0 : layer.skip_in * x[r];
      for (long c = 0; c < layer.cols; ++c) z += layer.scale_in * w[h][r * layer.cols + c] * x[c];
      next[r] = layer.scale * approx_activation(layer.activation, z);
      if (layer.skip_out != 0) next[r] += layer.skip_out * x[r];
    }
    x = next;
  }
  return x[0];
}

/// Layers of width m: "fc", "resnet" (x + sσ(Wx) from the second on), "inside" (σ(x + τWx)), or "mixed".
Example make_example(const std::string& kind, const std::string& activation, long H, long m, long n,
                     std::uint64_t seed) {
  const long d = 4;
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  Example e;
  for (long h = 1; h <= H; ++h) {
    Layer layer{activation, "W" + std::to_string(h), "gaussian", 1.0, true, m, h == 1 ? d : m};
    layer.scale = 1.0 / std::sqrt(static_cast<double>(m));
    if (h > 1 && kind == "resnet") layer.skip_out = 1.0, layer.scale *= 0.4;
    if (h > 1 && kind == "inside") layer.skip_in = 1.0, layer.scale_in = 0.3, layer.scale = 0.9;
    if (h > 1 && kind == "mixed")
      layer.skip_in = -0.5, layer.scale_in = 0.4, layer.skip_out = 0.7, layer.scale = -0.3;
    e.net.push_back(layer);
  }
  e.net.push_back({"identity", "a", "gaussian", 1.0, true, 1, m});
  for (const Layer& layer : e.net) {
    e.weights.emplace_back(layer.rows * layer.cols);
    for (double& entry : e.weights.back()) entry = normal(random);
  }
  for (long i = 0; i < n; ++i) {
    e.X.emplace_back(d);
    for (double& entry : e.X.back()) entry = normal(random) / 2;
    e.y.push_back(approx_output(e, e.weights, i) + 0.1);
  }
  return e;
}

std::map<std::string, Ball> norms_of(const Run& run) {
  std::map<std::string, Ball> norms;
  for (const auto& [name, W] : run.weights) norms[name] = root(bound_norm(gram(W)));
  return norms;
}

Lipschitz bound(const Example& e, const Center& center, const Ball& r) {
  return bound_lipschitz(e.net, center, enclose_suprema(e.net[0].activation), norms_of(e.run()), r);
}

/// Rows: samples; columns: entries of the trained weights. Central differences.
Mat approx_jacobian(const Example& of, Weights w) {
  const double step = 1e-4;
  long columns = 0, at = 0;
  for (std::size_t j = 0; j < w.size(); ++j)
    columns += of.net[j].trained ? static_cast<long>(w[j].size()) : 0;
  const long n = static_cast<long>(of.y.size());
  Mat J(n, columns);
  for (std::size_t j = 0; j < w.size(); ++j) {
    if (!of.net[j].trained) continue;
    for (double& entry : w[j]) {
      const double middle = entry;
      for (long i = 0; i < n; ++i) {
        const auto f = [&](double shift) { return entry = middle + shift, approx_output(of, w, i); };
        J.set(i, at, (8 * (f(step) - f(-step)) - (f(2 * step) - f(-2 * step))) / (12 * step));
      }
      entry = middle;
      ++at;
    }
  }
  return J;
}

/// A random direction of length 1 in the trained weights, now of one weight, now of another.
Weights direction(const Example& of, std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  std::uniform_int_distribution<int> coin(0, 2);
  Weights v = of.weights;
  double squares = 0;
  for (std::size_t j = 0; j < v.size(); ++j) {
    const double size = of.net[j].trained ? (coin(random) ? 1.0 : 0.1) : 0.0;
    for (double& entry : v[j]) squares += std::pow(entry = size * normal(random), 2);
  }
  for (auto& part : v)
    for (double& entry : part) entry /= std::sqrt(squares);
  return v;
}

Weights moved(const Weights& w, double by, const Weights& v) {
  Weights out = w;
  for (std::size_t j = 0; j < w.size(); ++j)
    for (std::size_t i = 0; i < w[j].size(); ++i) out[j][i] += by * v[j][i];
  return out;
}

struct Setting {
  const char *kind, *activation;
  long H;
  int untrained;  // number of a weight, or -1
};

const Setting settings[] = {{"fc", "softplus", 2, -1}, {"fc", "gelu", 3, 1},
                            {"fc", "silu", 1, -1},     {"resnet", "tanh", 3, -1},
                            {"inside", "erf", 3, 2},   {"mixed", "sigmoid", 3, -1},
                            {"mixed", "tanh", 2, 0},   {"resnet", "softplus", 2, 2}};

Example example_of(const Setting& setting, std::uint64_t seed) {
  Example e = make_example(setting.kind, setting.activation, setting.H, 6, 3, seed);
  if (setting.untrained >= 0) e.net[setting.untrained].trained = false;
  return e;
}

TEST_CASE("the Gram matrix is that of the Jacobian, the residual that of the outputs") {
  for (const Setting& setting : settings) {
    INFO(setting.kind << " " << setting.activation << " " << setting.H);
    Example e = example_of(setting, 3);
    e.normalised = setting.untrained >= 0;
    const Center center = enclose_center(e.run());
    const Mat G = gram(transpose(approx_jacobian(e, e.weights)));
    double loss = 0;
    for (long i = 0; i < 3; ++i) {
      loss += std::pow(approx_output(e, e.weights, i) - e.y[i], 2);
      for (long j = 0; j < 3; ++j) CHECK(center.G(i, j).approx() == Approx(G(i, j).approx()).epsilon(1e-7));
    }
    CHECK(center.residual.approx() == Approx(std::sqrt(loss)));
    CHECK(arb_rel_accuracy_bits(center.residual.get()) > 150);
  }
}

TEST_CASE("no pair of points in the ball has Jacobians farther apart than M times their distance") {
  const std::uint64_t seed = test_seed(5);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> unit(0.0, 1.0);
  for (const Setting& setting : settings) {
    const Example e = example_of(setting, random());
    const Center center = enclose_center(e.run());
    for (const double r : {0.01, 0.5, 4.0}) {
      const Lipschitz M = bound(e, center, r);
      double largest = 0;
      for (int trial = 0; trial < scaled(12); ++trial) {
        const Weights v = direction(e, random);
        const double from = trial == 0 ? 0.0 : r * unit(random),
                     length = (r - from) * (0.2 + 0.8 * unit(random));
        const Weights w = moved(e.weights, from, trial % 2 ? direction(e, random) : v);
        const Mat D = approx_jacobian(e, w) + -1.0 * approx_jacobian(e, moved(w, length, v));
        largest = std::max(largest, root(bound_norm(gram(transpose(D)))).approx() / length);
      }
      INFO(setting.kind << " " << setting.activation << " " << setting.H << ", r = " << r << ": " << largest
                        << " of " << M.batch.approx());
      CHECK(largest <= M.batch.approx() * (1 + 1e-6) + 1e-7 / r);
      CHECK(largest > 0);
      CHECK(certainly_le(M.batch, M.product));
    }
  }
}

TEST_CASE("one layer with only its weight trained has M of the Hadamard square") {
  Example e = make_example("fc", "softplus", 1, 5, 3, 8);
  e.net[1].trained = false;
  for (double& entry : e.weights[0]) entry = 0.0;  // σ''(0) is the supremum
  for (double& entry : e.weights[1]) entry = 1.0;
  const Center center = enclose_center(e.run());
  const Mat& K = center.x_gram[0];
  const double expected = 0.25 / std::sqrt(5.0) * root(bound_norm(entrywise(K, K))).approx();
  for (const double r : {0.0, 1.0})
    CHECK(bound(e, center, r).batch.approx() == Approx(expected).epsilon(1e-10));
}

TEST_CASE("ReLU has M = 0 in a layer of its own while no sign can change, and none beyond") {
  Example e = make_example("fc", "relu", 1, 5, 3, 8);
  e.net[1].trained = false;
  const Center center = enclose_center(e.run());
  Ball reach = 1e9;
  for (std::size_t i = 0; i < 3; ++i) reach = min(reach, center.clearance[1][i] / center.x[0][i]);
  const Lipschitz within = bound(e, center, reach * (1.0 - Ball(0x1p-100)));
  CHECK(certainly_le(within.batch, 0.0));
  CHECK(certainly_le(within.product, 0.0));
  const Lipschitz beyond = bound(e, center, reach);
  CHECK_FALSE(certainly_le(beyond.batch, 1e300));
  CHECK_FALSE(certainly_le(beyond.product, 1e300));
}

TEST_CASE("bounds of eigenvalues are those of known matrices") {
  Mat A(3, 3);  // eigenvalues 1, 4, 4
  for (slong i = 0; i < 3; ++i)
    for (slong j = 0; j < 3; ++j) A.set(i, j, i == j ? 3.0 : -1.0);
  const Ball largest = bound_norm(A);
  CHECK(certainly_le(4.0, largest * (1.0 + Ball(0x1p-60))));
  CHECK(certainly_lt(largest, 4.0 + Ball(0x1p-60)));
  CHECK(certainly_below(A, 4.0 + 1e-14));
  CHECK_FALSE(certainly_below(A, 4.0));
  CHECK(certainly_above(A, 1.0 - 1e-14));
  CHECK_FALSE(certainly_above(A, 1.0));
  CHECK_FALSE(certainly_above(A, not_a_number()));
  Mat wide = A;
  wide.set(0, 0, hull(2.0, 4.0));
  CHECK(certainly_above(wide, 0.1));
  CHECK_FALSE(certainly_above(wide, 0.8));
  CHECK_FALSE(certainly_below(wide, 4.1));
  CHECK(certainly_le(bound_norm(Mat(2, 2)), 0.0));
  Mat S(2, 2);  // eigenvalues ±1
  S.set(0, 1, 1.0), S.set(1, 0, 1.0);
  CHECK(certainly_le(1.0, bound_norm(S) * (1.0 + Ball(0x1p-60))));
  CHECK(certainly_le(bound_norm(S), 1.0 + 0x1p-50));
  CHECK_FALSE(certainly_le(min(not_a_number(), 1.0), 1.0));
  CHECK_FALSE(certainly_le(max(not_a_number(), 1.0), 2.0));
}

}  // namespace
}  // namespace overproof::recheck
