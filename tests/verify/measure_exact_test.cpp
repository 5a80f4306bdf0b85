#include <algorithm>

#include "files/file.h"
#include "tests/verify/reference.h"
#include "tests/verify/trained_run.h"

using namespace overproof;
using reference::Column;
using reference::number;
using reference::Square;

namespace {

/// One iterate over 256-bit intervals.
struct Exact {
  Parameters weights;
  std::vector<reference::Sample> samples;
  Column residual;
};

std::vector<Column> inputs_of(const Run& run) {
  std::vector<Column> inputs;
  for (Index i = 0; i < run.data.X.cols(); ++i) {
    Column x = reference::column(run.data.X, i);
    const Interval length = reference::norm(x);
    for (Interval& entry : x) entry = run.data.normalised ? entry / length : entry;
    inputs.push_back(std::move(x));
  }
  return inputs;
}

Exact evaluate(const Run& run, Index step) {
  Exact exact{load_parameters(run, step), {}, {}};
  for (const Column& x : inputs_of(run)) {
    exact.samples.push_back(reference::evaluate(run.architecture, exact.weights, x));
    exact.residual.push_back(number(run.data.y[static_cast<Index>(exact.residual.size())]) -
                             exact.samples.back().f);
  }
  return exact;
}

Square matrix(const Run& run, const std::function<Interval(std::size_t, std::size_t)>& entry) {
  const auto n = static_cast<std::size_t>(run.data.y.size());
  Square A(n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) A[i].push_back(entry(i, j));
  }
  return A;
}

/// G^(h) for h = 1..H+1, of networks whose layers have scale_in = 1.
Square gram(const Run& run, const Exact& exact, Index h) {
  return matrix(run, [&](std::size_t i, std::size_t j) {
    const auto at = static_cast<std::size_t>(h - 1);
    const auto &s = exact.samples[i], &t = exact.samples[j];
    const Interval features = reference::dot(s.x[at], t.x[at]);
    return h > run.architecture.depth() ? features : features * reference::dot(s.delta[at], t.delta[at]);
  });
}

std::size_t weight_of(const Run& run, Index h) {
  return h > run.architecture.depth() ? run.architecture.readouts.front().weight
                                      : run.architecture.layers[static_cast<std::size_t>(h - 1)].weight;
}

Square ntk(const Run& run, const Exact& exact) {
  Square sum = matrix(run, [](auto, auto) { return number(0.0); });
  for (Index h = 1; h <= run.architecture.depth() + 1; ++h) {
    if (!run.architecture.weights[weight_of(run, h)].trained) continue;
    const Square G = gram(run, exact, h);
    for (std::size_t i = 0; i < sum.size(); ++i) {
      for (std::size_t j = 0; j < sum.size(); ++j) sum[i][j] += G[i][j];
    }
  }
  return sum;
}

/// A − B, entry by entry, the columns of it.
Square difference(const Matrix& A, const Matrix& B) {
  Square columns = reference::columns(A);
  for (Index c = 0; c < A.cols(); ++c) {
    for (Index r = 0; r < A.rows(); ++r)
      columns[static_cast<std::size_t>(c)][static_cast<std::size_t>(r)] -= number(B(r, c));
  }
  return columns;
}

Interval frobenius(const Square& A) {
  Interval sum = number(0.0);
  for (const Column& column : A) sum += reference::dot(column, column);
  return sqrt(sum);
}

Interval largest_row(const Matrix& A, const Matrix& B) {
  const Square rows = difference(A.transpose(), B.transpose());
  Interval largest = number(0.0);
  for (const Column& row : rows) largest = max(largest, reference::norm(row));
  return largest;
}

/// ∂L/∂W of layer h = −Σ r_i Δ_i x_iᵀ, its columns.
Square gradient(const Run& run, const Exact& exact, Index h) {
  const Matrix& W = exact.weights[weight_of(run, h)];
  const auto at = static_cast<std::size_t>(h - 1);
  Square columns(static_cast<std::size_t>(W.cols()), Column(static_cast<std::size_t>(W.rows()), number(0.0)));
  for (std::size_t i = 0; i < exact.samples.size(); ++i) {
    const reference::Sample& s = exact.samples[i];
    for (std::size_t c = 0; c < columns.size(); ++c) {
      for (std::size_t r = 0; r < columns[c].size(); ++r) {
        const Interval signal = h > run.architecture.depth() ? number(1.0) : s.delta[at][r];
        columns[c][r] -= exact.residual[i] * signal * s.x[at][c];
      }
    }
  }
  return columns;
}

void check_descent(const Run& run, const MeasuredRun& measured, Index k, const Exact& exact,
                   const Exact& after) {
  Interval squares = number(0.0), gradients = number(0.0);
  for (Index h = 1; h <= run.architecture.depth() + 1; ++h) {
    INFO("h = " << h);
    const std::size_t w = weight_of(run, h);
    Square moved = difference(after.weights[w], exact.weights[w]);
    CHECK(at(measured, "step_fro", k, h).contains(frobenius(moved)));
    if (run.architecture.weights[w].trained) {
      const Square slope = gradient(run, exact, h);
      CHECK(at(measured, "grad_norm", k, h).contains(frobenius(slope)));
      gradients += square(frobenius(slope));
      for (std::size_t c = 0; c < moved.size(); ++c) {
        for (std::size_t r = 0; r < moved[c].size(); ++r) moved[c][r] += number(run.eta) * slope[c][r];
      }
    }
    squares += square(frobenius(moved));
  }
  CHECK(at(measured, "grad_norm", k).contains(sqrt(gradients)));
  CHECK(at(measured, "descent_residual", k).contains(sqrt(squares)));
}

void check_pair(const Run& run, const MeasuredRun& measured, Index k, const Exact& exact) {
  const Exact after = evaluate(run, k + 1);
  check_descent(run, measured, k, exact, after);
  const std::size_t first = weight_of(run, 1);
  CHECK(at(measured, "step_row", k).contains(largest_row(after.weights[first], exact.weights[first])));
  const Square G = ntk(run, exact);
  Column change, second;
  for (std::size_t i = 0; i < exact.residual.size(); ++i) {
    change.push_back(exact.residual[i] - after.residual[i]);
    second.push_back(change.back() - number(run.eta) * reference::dot(G[i], exact.residual));
  }
  CHECK(at(measured, "prediction_change", k).contains(reference::norm(change)));
  CHECK(at(measured, "second_order_term", k).contains(reference::norm(second)));
}

void check_grams(const Run& run, const MeasuredRun& measured, Index k, const Exact& exact,
                 const Exact& start) {
  const Index H = run.architecture.depth();
  const Square last = gram(run, exact, H), first = gram(run, start, H);
  reference::require_extremes(last, at(measured, "lambda_min_gram_last", k),
                              at(measured, "lambda_max_gram_last", k));
  reference::require_extremes(ntk(run, exact), at(measured, "lambda_min_ntk", k),
                              at(measured, "lambda_max_ntk", k));
  CHECK(at(measured, "lambda_min_ntk", k).width() < 1e-12);
  if (k == 0) {
    CHECK(same_ends(at(measured, "gram_change", 0), Interval::integer(0)));
    CHECK(same_ends(at(measured, "gram_change_fro", 0), Interval::integer(0)));
    return;
  }
  const Square change = matrix(run, [&](std::size_t i, std::size_t j) { return last[i][j] - first[i][j]; });
  reference::require_norm(change, at(measured, "gram_change", k));
  CHECK(at(measured, "gram_change", k).width() < 1e-12);
  CHECK(at(measured, "gram_change_fro", k).contains(frobenius(change)));
}

void check_drift(const Run& run, const MeasuredRun& measured, Index k, const Exact& exact,
                 const Exact& start) {
  for (Index h = 1; h <= run.architecture.depth() + 1; ++h) {
    const std::size_t w = weight_of(run, h);
    const Square moved = difference(exact.weights[w], start.weights[w]);
    CHECK(at(measured, "drift_fro", k, h).contains(frobenius(moved)));
    if (k == 0 || k == 3) continue;  // spectral norms are recorded at 0 and 6
    const Interval& spectral = at(measured, "drift_spec", k, h);
    if (!run.architecture.weights[w].trained) {
      CHECK(spectral.contains(number(0.0)));
      continue;
    }
    CHECK(reference::spectral_norm_below(moved, number(spectral.upper())));
    CHECK_FALSE(reference::spectral_norm_below(moved, number(spectral.lower())));
    CHECK(spectral.width() < 1e-12);
  }
  const std::size_t first = weight_of(run, 1);
  CHECK(at(measured, "drift_row", k).contains(largest_row(exact.weights[first], start.weights[first])));
}

void check_features(const Run& run, const MeasuredRun& measured, Index k, const Exact& exact,
                    const Exact& start) {
  long flips = 0;
  for (Index h = 1; h <= run.architecture.depth(); ++h) {
    const auto layer = static_cast<std::size_t>(h);
    Interval largest = number(0.0), drift = number(0.0), smallest = number(1000.0);
    for (std::size_t i = 0; i < exact.samples.size(); ++i) {
      const Column &x = exact.samples[i].x[layer], &x0 = start.samples[i].x[layer];
      const Column &z = exact.samples[i].z[layer - 1], &z0 = start.samples[i].z[layer - 1];
      const Interval norm = reference::norm(x);
      largest = max(largest, norm), smallest = min(smallest, norm);
      Column moved;
      for (std::size_t r = 0; r < x.size(); ++r) {
        moved.push_back(x[r] - x0[r]);
        if (certainly_lt(number(0.0), z[r]) != certainly_lt(number(0.0), z0[r])) ++flips;
      }
      drift = max(drift, reference::norm(moved));
    }
    CHECK(at(measured, "feature_norm", k, h).contains(largest));
    CHECK(at(measured, "feature_norm_min", k, h).contains(smallest));
    const Interval& found = at(measured, "feature_drift", k, h);
    CHECK((k == 0 ? same_ends(found, Interval::integer(0)) : found.contains(drift)));
  }
  if (run.architecture.activation == Activation::relu) {
    CHECK(same_ends(at(measured, "pattern_changes", k), Interval::integer(flips)));
    CHECK((k == 0 || flips > 0));
  }
}

void check_start(const Run& run, const MeasuredRun& measured, const Exact& start) {
  const Index H = run.architecture.depth();
  const Interval m = Interval::integer(run.architecture.width(), 256), half = number(0.5);
  CHECK(at(measured, "init_U").contains(reference::norm(start.residual)));
  CHECK(at(measured, "label_norm").contains(reference::norm(reference::column(run.data.y, 0))));
  const Column a = reference::column(start.weights[weight_of(run, H + 1)].transpose(), 0);
  CHECK(at(measured, "init_a_20").contains(max(half, reference::norm(a) / sqrt(m))));
  Interval fourth = number(0.0), c_x0 = number(1.0);
  for (const Interval& entry : a) fourth += square(square(entry));
  CHECK(at(measured, "init_a_40").contains(sqrt(sqrt(fourth / m))));
  for (const reference::Sample& s : start.samples) {
    for (std::size_t h = 1; h < s.x.size(); ++h) {
      const Interval norm = reference::norm(s.x[h]);
      c_x0 = max(c_x0, max(norm, number(1.0) / norm));
    }
  }
  CHECK(at(measured, "init_c_x0").contains(c_x0));
  const Interval& c_w0 = at(measured, "init_c_w0");
  bool reached = c_w0.lower() <= 0.5;
  for (Index h = 2; h <= H; ++h) {
    const Square W = reference::columns(start.weights[weight_of(run, h)]);
    CHECK(reference::spectral_norm_below(W, number(c_w0.upper()) * sqrt(m)));
    reached = reached || !reference::spectral_norm_below(W, number(c_w0.lower()) * sqrt(m));
  }
  CHECK(reached);
}

}  // namespace

TEST_CASE("every measurement of a run contains its 256-bit value") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"architecture = \"fc\", depth = 2, width = 9, activation = \"tanh\"", "fc"},
      {"architecture = \"resnet\", depth = 3, width = 8, activation = \"softplus\", c_res = 0.5", "resnet"},
      {"architecture = \"two_layer_relu\", width = 25", "two_layer_relu"}};
  for (const auto& [network, name] : cases) {
    INFO(network);
    const TemporaryFolder folder;
    const Run run = trained(folder, network, "step_fraction = 0.9, steps = 6, seed = 3");
    const MeasuredRun measured = measure(run);
    CHECK(measured.facts.network == name);
    CHECK(measured.facts.gradient_descent == Verdict::holds);
    CHECK(measured.records == Verdict::holds);
    const Exact start = evaluate(run, 0);
    check_start(run, measured, start);
    for (const Index k : {Index{0}, Index{3}, Index{6}}) {
      INFO("k = " << k);
      const Exact exact = evaluate(run, k);
      const Interval squares = reference::dot(exact.residual, exact.residual);
      CHECK(at(measured, "loss", k).contains(squares / Interval::integer(2)));
      CHECK(at(measured, "residual_norm", k).contains(sqrt(squares)));
      CHECK(at(measured, "loss", k).width() < 1e-13);
      check_pair(run, measured, k, exact);
      CHECK(at(measured, "descent_residual", k).upper() < 1e-13);
      CHECK(at(measured, "grad_norm", k).width() < 1e-12);
      check_grams(run, measured, k, exact, start);
      check_drift(run, measured, k, exact, start);
      check_features(run, measured, k, exact, start);
    }
    CHECK(certainly_lt(Interval::integer(0), at(measured, "lambda_0")));
  }
}

TEST_CASE("the residual of descent stays enclosed where the gradient is a small difference of large terms") {
  for (const std::string network : {"architecture = \"fc\", depth = 2, width = 9, activation = \"tanh\"",
                                    "architecture = \"two_layer_relu\", width = 25"}) {
    INFO(network);
    const TemporaryFolder folder;
    Run run = trained(folder, network, "step_fraction = 0.2, steps = 6, seed = 3");
    run.data.X.col(1) = run.data.X.col(0);
    run.data.X(0, 1) += 1e-9;
    run.data.y << 1e10, -1e10, 1.0, -1.0;
    const MeasuredRun measured = measure(run);
    for (const Index k : {Index{0}, Index{3}})
      check_descent(run, measured, k, evaluate(run, k), evaluate(run, k + 1));
  }
}

TEST_CASE("a unit exactly on its boundary is a possible change of pattern, and near the boundary") {
  const TemporaryFolder folder;
  Run run = trained(folder, "architecture = \"two_layer_relu\", width = 25",
                    "step_fraction = 0.2, steps = 6, seed = 3");
  std::mt19937_64 random(test_seed(51));
  std::normal_distribution<double> normal;
  for (const bool at_start : {false, true}) {
    const Index step = at_start ? 0 : 3;
    Parameters weights = load_parameters(run, step);
    const Parameters before = weights;
    for (Index r = 0; r < 10; ++r) {  // orthogonal to input 0 over the reals
      run.data.X(2, 0) = 0.0;
      weights[0].row(r) << run.data.X(1, 0), -run.data.X(0, 0), normal(random);
      weights[0].row(r) *= static_cast<double>(r + 1);
    }
    // multiples by r + 1 may round: take exact ones
    for (Index r = 0; r < 10; ++r)
      weights[0].row(r).head(2) =
          std::ldexp(1.0, static_cast<int>(r)) * Eigen::RowVector2d(run.data.X(1, 0), -run.data.X(0, 0));
    store(run, step, weights);
    const MeasuredRun measured = measure(run);
    const Interval& changes = at(measured, "pattern_changes", 3);
    CHECK(changes.upper() - changes.lower() >= 10.0);
    if (at_start) {
      const auto near = measured.call("near_boundary", {Interval::exact(0x1p-1000)});
      REQUIRE(near);
      CHECK(near->upper() >= 10.0);
      CHECK(near->lower() <= 10.0);
    }
    store(run, step, before);
  }
}

TEST_CASE("near_boundary counts the units within R of their boundary") {
  const TemporaryFolder folder;
  const Run run = trained(folder, "architecture = \"two_layer_relu\", width = 25",
                          "step_fraction = 0.2, steps = 6, seed = 3");
  const MeasuredRun measured = measure(run);
  const Exact start = evaluate(run, 0);
  for (const double R : {0.0, 0.1, 0.5, 2.0, start.samples[1].z[0][3].mid()}) {
    Interval sum = number(0.0);
    for (const reference::Sample& s : start.samples) {
      const auto count = std::ranges::count_if(
          s.z[0], [&](const Interval& z) { return certainly_le(abs(z), number(std::abs(R))); });
      sum += square(Interval::integer(count));
    }
    const auto found = measured.call("near_boundary", {Interval::exact(std::abs(R))});
    REQUIRE(found);
    CHECK(found->contains(sqrt(sum)));
    CHECK(found->width() < 2.0);
  }
  CHECK_FALSE(measured.call("near_boundary", {Interval::nan()}));
  CHECK_FALSE(measured.call("far", {Interval::exact(1.0)}));
}
