#include "verify/lipschitz.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "bounds/activation.h"
#include "verify/curvature.h"
#include "verify/eigenvalues.h"

namespace overproof {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// The layers, h = 0..H-1 for layer h + 1, and the readout.
struct LayerNumbers {
  Up in, skip_in;      ///< e = |scale_in|, k = |skip_in|
  Up scale, skip_out;  ///< s and P
  Up spectral;         ///< ‖Ŵ‖
  bool trained;
};
struct NetNumbers {
  std::vector<LayerNumbers> layers;
  Up readout;
  bool readout_trained;
  Up L, beta, beta_3;
};

/// Of one sample at w₀, with index h as above; x[h] is ‖x̂^h‖ for h = 0..H.
struct SampleNumbers {
  std::vector<Up> x, g, g_largest, delta, bent;
  std::vector<double> clearance;  ///< relu: the least |ẑ|, from below
};

/// The lower triangle of coefficients (h, j), 0 for j > h.
class Triangle {
 public:
  explicit Triangle(std::size_t n) : n_(n), numbers_(n * n) {}
  Up& operator()(std::size_t h, std::size_t j) { return numbers_[h * n_ + j]; }
  const Up& operator()(std::size_t h, std::size_t j) const { return numbers_[h * n_ + j]; }

 private:
  std::size_t n_;
  std::vector<Up> numbers_;
};

/// Bounds on the ball of radius r for one sample [docs/certificate.md, "The recursion"].
struct SampleBounds {
  Triangle alpha, chi;  ///< ‖∂x^h/∂W^j‖ <= α_hj ‖x^(j−1)‖, ‖∂z^h/∂W^j‖ <= χ_hj ‖x^(j−1)‖
  std::vector<Up> X, A;    ///< ‖x^h‖ and ‖∂x^h/∂w‖, h = 0..H
  std::vector<Up> D, C;    ///< ‖Δ^h‖ and ‖s g∘σ''‖_∞
  std::vector<Up> change;  ///< ‖Δ^h − Δ̂^h‖
  bool smooth = true;      ///< false: relu may change a sign
};

Up root_of_squares(const std::vector<Up>& numbers) {
  Up sum;
  for (const Up& x : numbers) sum += square(x);
  return sqrt(sum);
}

SampleBounds bounds_of(const NetNumbers& net, const SampleNumbers& at, Up r, bool measured) {
  const std::size_t depth = net.layers.size();
  SampleBounds on{Triangle(depth),        Triangle(depth),       {at.x[0]}, {Up()}, std::vector<Up>(depth),
                  std::vector<Up>(depth), std::vector<Up>(depth)};
  std::vector<Up> Z(depth), Omega(depth);
  for (std::size_t h = 0; h < depth; ++h) {
    const LayerNumbers& layer = net.layers[h];
    Omega[h] = layer.skip_in + layer.in * (layer.trained ? layer.spectral + r : layer.spectral);
    std::vector<Up> a, zeta;
    for (std::size_t j = 0; j <= h; ++j) {
      const Up before = j < h ? on.alpha(h - 1, j) : Up();
      on.chi(h, j) = j < h ? Omega[h] * before : layer.trained ? layer.in : Up();
      on.alpha(h, j) = layer.skip_out * before + layer.scale * net.L * on.chi(h, j);
      zeta.push_back(on.chi(h, j) * on.X[j]);
      a.push_back(on.alpha(h, j) * on.X[j]);
    }
    Z[h] = root_of_squares(zeta);
    on.A.push_back(root_of_squares(a));
    on.X.push_back(at.x[h + 1] + on.A.back() * r);
    if (!at.clearance.empty() && !((Z[h] * r).value() < at.clearance[h])) on.smooth = false;
  }
  // ν_hj <= ‖∂g^h/∂W^j‖, the last for the readout
  std::vector<Up> nu(depth + 1);
  nu[depth] = Up(net.readout_trained ? 1.0 : 0.0);
  Up product = net.readout_trained ? net.readout + r : net.readout;
  for (std::size_t h = depth; h-- > 0;) {
    const LayerNumbers& layer = net.layers[h];
    const Up N = root_of_squares(nu), s = layer.scale;
    const Up gamma = measured ? min(product, at.g[h] + N * r) : product;
    const Up largest = min(gamma, at.g_largest[h] + N * r);
    const Up turn = net.beta * largest * Z[h];  // of σ' by z
    on.change[h] = s * (net.L * N + turn) * r;
    on.D[h] = s * net.L * gamma;
    on.C[h] = s * net.beta * largest;
    if (measured) {
      on.D[h] = min(on.D[h], at.delta[h] + on.change[h]);
      on.C[h] = min(on.C[h], s * (at.bent[h] + (net.beta * N + net.beta_3 * largest * Z[h]) * r));
    }
    const Up back = layer.skip_out + s * net.L * Omega[h];
    for (std::size_t j = 0; j <= depth; ++j) {
      nu[j] = back * nu[j];
      if (j == h && layer.trained) nu[j] += layer.in * on.D[h];
      if (j <= h) nu[j] += Omega[h] * on.C[h] * on.chi(h, j) * on.X[j];
    }
    product = product * back;
  }
  return on;
}

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

/// Σ_h C_h χ_hj χ_hk.
Up second_order(const SampleBounds& on, std::size_t j, std::size_t k) {
  Up sum;
  for (std::size_t h = std::max(j, k); h < on.C.size(); ++h) sum += on.C[h] * on.chi(h, j) * on.chi(h, k);
  return sum;
}

/// |f̈| <= vᵀBv for a unit direction with the norms v_j of its parts: B_jk of one sample for j <= k, where k =
/// H is the readout.
Up entry_of(const NetNumbers& net, const SampleBounds& on, std::size_t j, std::size_t k) {
  const std::size_t depth = net.layers.size();
  if (k == depth) return j < depth && net.readout_trained ? on.alpha(depth - 1, j) * on.X[j] : Up();
  Up value = second_order(on, j, k) * on.X[j] * on.X[k];
  if (j < k && net.layers[k].trained) value += net.layers[k].in * on.D[k] * on.alpha(k - 1, j) * on.X[j];
  return value;
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
      break;
  }
  return "batch";
}

struct LipschitzBounds::State {
  NetNumbers net;
  std::vector<SampleNumbers> samples;
  /// Hadamard products of Gram matrices at w₀: of x̂^(j-1) and x̂^(k-1) at (j, k), j <= k; of Δ̂^k and x̂^(j-1),
  /// j < k; and the Gram matrices of x̂^(j-1).
  std::map<std::pair<std::size_t, std::size_t>, SymmetricBall> input_input, gradient_input;
  std::vector<SymmetricBall> inputs;

  [[nodiscard]] Up batch_entry(const std::vector<SampleBounds>& on, Up r, std::size_t j, std::size_t k) const;
};

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

LipschitzBounds::LipschitzBounds(const Architecture& net, const Iterate& at, const BackwardBalls& backward) {
  auto state = std::make_unique<State>();
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

Up LipschitzBounds::at(double radius, LipschitzMethod method) const {
  const Up r(radius);
  const NetNumbers& net = state_->net;
  const std::size_t size = net.layers.size() + 1;
  Up squares, measured_squares;
  std::vector<SampleBounds> on;
  for (const SampleNumbers& sample : state_->samples) {
    const SampleBounds product = bounds_of(net, sample, r, false);
    if (!product.smooth) return Up(infinity);
    const auto norm = [&](const SampleBounds& bounds) {
      return norm_above(symmetric(size, [&](auto j, auto k) { return entry_of(net, bounds, j, k); }));
    };
    squares += square(norm(product));
    if (method == LipschitzMethod::product) continue;
    on.push_back(bounds_of(net, sample, r, true));
    measured_squares += square(norm(on.back()));
  }
  Up best = sqrt(squares);
  if (method == LipschitzMethod::product) return best;
  best = min(best, sqrt(measured_squares));
  if (method == LipschitzMethod::measured) return best;
  const auto entry = [&](std::size_t j, std::size_t k) {
    Up sum;
    for (const SampleBounds& sample : on) sum += square(entry_of(net, sample, j, k));
    return min(sqrt(sum), state_->batch_entry(on, r, j, k));
  };
  return min(best, norm_above(symmetric(size, entry)));
}

}  // namespace overproof
