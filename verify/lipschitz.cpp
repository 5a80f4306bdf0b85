#include "verify/lipschitz.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "bounds/activation.h"
#include "verify/curvature.h"
#include "verify/eigenvalues.h"
#include "verify/lipschitz_recursion.h"

namespace overproof {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// ‖B‖ <= max_j (Bv)_j/v_j for a symmetric B >= 0 entry by entry and any v > 0 [Perron, Frobenius].
Up norm_above(const std::vector<std::vector<Up>>& B) {
  const std::size_t n = B.size();
  Eigen::VectorXd v = Eigen::VectorXd::Ones(static_cast<Index>(n));
  Up best(infinity);
  for (int step = 0; step < 60; ++step) {
    Eigen::VectorXd next(v.size());
    Up largest;
    for (std::size_t j = 0; j < n; ++j) {
      Up sum;
      for (std::size_t k = 0; k < n; ++k) sum += B[j][k] * Up(v[static_cast<Index>(k)]);
      largest = max(largest, divide(sum, v[static_cast<Index>(j)]));
      next[static_cast<Index>(j)] = sum.value();
    }
    if (std::isnan(largest.value())) return largest;
    best = min(best, largest);
    const double size = next.maxCoeff();
    if (!(size > 0.0 && std::isfinite(size))) break;
    // half of the old direction, so that it settles for a bipartite B too; no entry may become 0
    v = (next / size + v / v.maxCoeff()).cwiseMax(1e-12);
  }
  return best;
}

/// λ_max(diag(u) K diag(u)) from above for K known to a ball and exact u >= 0.
Up weighted_largest_above(const SymmetricBall& K, const Vector& u) {
  const Index n = K.size();
  SymmetricBall scaled{Matrix(n, n), Matrix(n, n)};
  const Up rounding(4.0 * unit_roundoff), underflow(4.0 * smallest_double);
  for (Index j = 0; j < n; ++j) {
    for (Index i = 0; i <= j; ++i) {
      const double weight = u[i] * u[j], mid = weight * K.mid(i, j);
      const Up size = Up(u[i]) * Up(u[j]);
      const Up error = size * Up(K.rad(i, j)) + rounding * size * Up(std::abs(K.mid(i, j))) +
                       underflow * (Up(1.0) + Up(std::abs(K.mid(i, j))));
      scaled.mid(i, j) = scaled.mid(j, i) = mid;
      scaled.rad(i, j) = scaled.rad(j, i) = error.value();
    }
  }
  const double largest = enclose_largest(scaled).upper();
  return Up(largest <= 0.0 ? 0.0 : largest);
}

/// ‖x_i‖₂, ‖x_i‖_∞ and, from below, the least |entry| of column i.
Up norm_above(const Ball& x, Index i) { return frobenius_above(x.mid.col(i)) + x.two_around_mid(i); }
Up largest_above(const Ball& x, Index i) {
  return magnitudes_of(x.mid.col(i).data(), x.mid.rows()).largest + x.entry_around_mid(i);
}
double clearance_below(const Ball& x, Index i) {
  const double least = x.mid.col(i).cwiseAbs().minCoeff<Eigen::PropagateNaN>();
  return (Interval::exact(least) - Interval::exact(x.entry_around_mid(i).value())).lower();
}

/// ‖[u_i p_i ⊗ q_i]_i‖ on the ball, from the Hadamard product of the Gram matrices of p̂ and q̂ and what the
/// p_i ⊗ q_i change by.
Up tensor_norm(const SymmetricBall& products, const std::vector<Up>& u, const std::vector<Up>& change) {
  Vector weights(static_cast<Index>(u.size()));
  Up moved;
  for (std::size_t i = 0; i < u.size(); ++i) {
    weights[static_cast<Index>(i)] = u[i].value();
    moved += square(u[i] * change[i]);
  }
  if (!weights.allFinite()) return Up(infinity);
  return sqrt(weighted_largest_above(products, weights)) + sqrt(moved);
}

/// The symmetric matrix of entry(j, k), j <= k.
template <class Entry>
std::vector<std::vector<Up>> symmetric(std::size_t size, Entry entry) {
  std::vector<std::vector<Up>> B(size, std::vector<Up>(size));
  for (std::size_t k = 0; k < size; ++k) {
    for (std::size_t j = 0; j <= k; ++j) B[j][k] = B[k][j] = entry(j, k);
  }
  return B;
}

}  // namespace

std::string_view to_text(LipschitzMethod method) {
  switch (method) {
    case LipschitzMethod::product:
      return "product";
    case LipschitzMethod::measured:
      return "measured";
    case LipschitzMethod::batch:
      return "batch";
    case LipschitzMethod::jacobians:
      break;
  }
  return "jacobians";
}

struct LipschitzBounds::State {
  NetNumbers net;
  std::vector<SampleNumbers> samples;
  /// Hadamard products of Gram matrices at w₀: of x̂^(j-1) and x̂^(k-1) at (j, k), j <= k; of Δ̂^k and x̂^(j-1),
  /// j < k; and the Gram matrices of x̂^(j-1).
  std::map<std::pair<std::size_t, std::size_t>, SymmetricBall> input_input, gradient_input;
  std::vector<SymmetricBall> inputs;
  LipschitzMethod sharpest;

  [[nodiscard]] Up each_by_itself(const std::vector<SampleBounds>& on) const;
  [[nodiscard]] Up all_together(const std::vector<SampleBounds>& on, Up r) const;
  [[nodiscard]] Up batch_entry(const std::vector<SampleBounds>& on, Up r, std::size_t j, std::size_t k) const;
};

/// √Σ_i ‖B_i‖².
Up LipschitzBounds::State::each_by_itself(const std::vector<SampleBounds>& on) const {
  Up squares;
  for (const SampleBounds& sample : on) {
    squares += square(norm_above(
        symmetric(net.layers.size() + 1, [&](auto j, auto k) { return entry_of(net, sample, j, k); })));
  }
  return sqrt(squares);
}

Up LipschitzBounds::State::all_together(const std::vector<SampleBounds>& on, Up r) const {
  return norm_above(symmetric(net.layers.size() + 1, [&](auto j, auto k) {
    Up sum;
    for (const SampleBounds& sample : on) sum += square(entry_of(net, sample, j, k));
    return min(sqrt(sum), batch_entry(on, r, j, k));
  }));
}

/// The bound of entry (j, k) for all samples together.
Up LipschitzBounds::State::batch_entry(const std::vector<SampleBounds>& on, Up r, std::size_t j,
                                       std::size_t k) const {
  const std::size_t depth = net.layers.size(), n = samples.size();
  if (j == depth || !net.layers[j].trained) return Up();
  std::vector<Up> u(n), change(n);
  const auto moved = [&](std::size_t i, std::size_t layer) { return on[i].A[layer] * r; };
  if (k == depth) {
    if (!net.readout_trained) return Up();
    for (std::size_t i = 0; i < n; ++i) u[i] = on[i].alpha(depth - 1, j), change[i] = moved(i, j);
    return tensor_norm(inputs[j], u, change);
  }
  if (!net.layers[k].trained) return Up();
  for (std::size_t i = 0; i < n; ++i) {
    u[i] = second_order(on[i], j, k);
    change[i] = moved(i, j) * on[i].X[k] + samples[i].x[j] * moved(i, k);
  }
  Up value = tensor_norm(input_input.at({j, k}), u, change);
  if (j == k) return value;
  for (std::size_t i = 0; i < n; ++i) {
    u[i] = net.layers[k].in * on[i].alpha(k - 1, j);
    change[i] = on[i].change[k] * on[i].X[j] + samples[i].delta[k] * moved(i, j);
  }
  return value + tensor_norm(gradient_input.at({j, k}), u, change);
}

LipschitzBounds::LipschitzBounds(const Architecture& net, const Iterate& at, const BackwardBalls& backward,
                                 LipschitzMethod sharpest) {
  auto state = std::make_unique<State>();
  state->sharpest = sharpest;
  const ActivationRow& row = activation_row(to_text(net.activation));
  const bool smooth = net.activation != Activation::relu;
  state->net.L = Up(lipschitz_constant(row).upper());
  if (smooth) {
    state->net.beta = Up(second_derivative_bound(row).upper());
    state->net.beta_3 = Up(third_derivative_bound(row).upper());
  }
  for (const Layer& layer : net.layers) {
    state->net.layers.push_back({Up(std::abs(layer.scale_in)), Up(std::abs(layer.skip_in)),
                                 Up(std::abs(layer.scale)), Up(std::abs(layer.skip_out)),
                                 at.norms[layer.weight].spectral, net.weights[layer.weight].trained});
  }
  const std::size_t readout = net.readouts.front().weight, depth = net.layers.size();
  state->net.readout = at.norms[readout].frobenius;
  state->net.readout_trained = net.weights[readout].trained;

  const auto n = static_cast<std::size_t>(at.forward.f.columns());
  state->samples.resize(n);
  const auto each = [&](auto value) {
    for (std::size_t i = 0; i < n; ++i) value(state->samples[i], static_cast<Index>(i));
  };
  for (const Ball& x : at.forward.x)
    each([&](SampleNumbers& sample, Index i) { sample.x.push_back(norm_above(x, i)); });
  for (std::size_t h = 0; h < depth; ++h) {
    const Ball &g = backward.g[h], &delta = backward.delta[h], &z = at.forward.z[h];
    const std::vector<Up> bent = smooth ? bent_above(curvature_of(net.activation), z, g) : std::vector<Up>(n);
    each([&](SampleNumbers& sample, Index i) {
      sample.g.push_back(norm_above(g, i));
      sample.g_largest.push_back(largest_above(g, i));
      sample.delta.push_back(norm_above(delta, i));
      sample.bent.push_back(bent[static_cast<std::size_t>(i)]);
      if (!smooth) sample.clearance.push_back(clearance_below(z, i));
    });
  }
  if (sharpest == LipschitzMethod::jacobians) {
    std::vector<JacobianNorms> jacobians = bound_layer_jacobians(net, at);
    for (std::size_t i = 0; i < n; ++i) state->samples[i].jacobians = std::move(jacobians[i]);
  }
  std::vector<SymmetricBall> gradients;
  for (std::size_t h = 0; h < depth; ++h) {
    state->inputs.push_back(gram(at.forward.x[h]));
    gradients.push_back(gram(backward.delta[h]));
  }
  for (std::size_t k = 0; k < depth; ++k) {
    for (std::size_t j = 0; j <= k; ++j) {
      state->input_input.emplace(std::pair{j, k}, hadamard(state->inputs[j], state->inputs[k]));
      if (j < k) state->gradient_input.emplace(std::pair{j, k}, hadamard(gradients[k], state->inputs[j]));
    }
  }
  state_ = std::move(state);
}

LipschitzBounds::~LipschitzBounds() = default;
LipschitzBounds::LipschitzBounds(LipschitzBounds&&) noexcept = default;
LipschitzBounds& LipschitzBounds::operator=(LipschitzBounds&&) noexcept = default;

Up LipschitzBounds::at(double radius) const { return at(radius, state_->sharpest); }

Up LipschitzBounds::at(double radius, LipschitzMethod method) const {
  const Up r(radius);
  const auto on_ball = [&](Known known) {
    std::vector<SampleBounds> on;
    for (const SampleNumbers& sample : state_->samples)
      on.push_back(bounds_on_ball(state_->net, sample, r, known));
    return on;
  };
  const std::vector<SampleBounds> product = on_ball(Known::norms);
  if (!std::ranges::all_of(product, &SampleBounds::smooth)) return Up(infinity);
  Up best = state_->each_by_itself(product);
  if (method == LipschitzMethod::product) return best;
  const std::vector<SampleBounds> measured = on_ball(Known::backward);
  best = min(best, state_->each_by_itself(measured));
  if (method == LipschitzMethod::measured) return best;
  best = min(best, state_->all_together(measured, r));
  if (method == LipschitzMethod::batch || state_->sharpest != LipschitzMethod::jacobians) return best;
  const std::vector<SampleBounds> sharp = on_ball(Known::jacobians);
  return min(best, min(state_->each_by_itself(sharp), state_->all_together(sharp, r)));
}

}  // namespace overproof
