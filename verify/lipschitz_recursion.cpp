#include "verify/lipschitz_recursion.h"

#include <algorithm>

namespace overproof {
namespace {

Up root_of_squares(const std::vector<Up>& numbers) {
  Up sum;
  for (const Up& x : numbers) sum += square(x);
  return sqrt(sum);
}

/// ‖Ψ̂^h‖, what Ψ^h differs from it by on the ball, and their sum Ω_h.
struct Turn {
  Up at, moves, on_ball;
};
Turn turn_of(const LayerNumbers& layer, Up r) {
  const Up moves = layer.trained ? layer.in * r : Up();
  return {layer.skip_in + layer.in * layer.spectral, moves,
          layer.skip_in + layer.in * (layer.trained ? layer.spectral + r : layer.spectral)};
}
Up back(const NetNumbers& net, std::size_t h, Up Omega) {
  return net.layers[h].skip_out + net.layers[h].scale * net.L * Omega;
}

/// Layer to layer: T^(j→h) on the ball, from its norms at w₀.
class LayerToLayer {
 public:
  LayerToLayer(const NetNumbers& net, const JacobianNorms& at, Up r)
      : net_(net), at_(at), r_(r), t_(net.layers.size()), tau_(t_), du_(t_) {}

  /// ‖T^(j→h)‖.
  [[nodiscard]] Up t(std::size_t h, std::size_t j) const { return t_(h, j); }
  /// ‖∂z^h/∂W^j‖ / ‖x^(j−1)‖, j < h, after `add` of the layers before h.
  [[nodiscard]] Up chi(std::size_t h, std::size_t j, const Turn& turn) const {
    const Up moved = turn.moves * tau_(h - 1, j) + turn.at * du_(h - 1, j);
    return weight(j) * (at_.z_to_z(h, j) + moved);
  }
  /// ‖∂x^h/∂W^j‖ / ‖x^(j−1)‖, after `add` of layer h.
  [[nodiscard]] Up alpha(std::size_t h, std::size_t j) const { return weight(j) * tau_(h, j); }

  void add(std::size_t h, const Turn& turn, Up Z) {
    const Up bend = net_.beta * Z * r_;  // σ' moves by
    // the factor P + sDΨ of layer h moves by
    delta_.push_back(net_.layers[h].scale * (net_.L * turn.moves + bend * turn.at));
    bend_.push_back(bend);
    t_(h, h) = Up(1.0), du_(h, h) = bend, tau_(h, h) = min(net_.L, at_.slope[h] + bend);
    const Up further = back(net_, h, turn.on_ball);
    for (std::size_t j = 0; j < h; ++j) {
      Up through, from_z = at_.through(h, j) * bend_[j];
      for (std::size_t k = j + 1; k <= h; ++k) {
        const Up moved = at_.through(h, k) * delta_[k];
        through += moved * t_(k - 1, j), from_z += moved * tau_(k - 1, j);
      }
      t_(h, j) = min(further * t_(h - 1, j), at_.through(h, j) + through);
      du_(h, j) = from_z;
      tau_(h, j) = min(further * tau_(h - 1, j), at_.from_z(h, j) + from_z);
    }
  }

 private:
  [[nodiscard]] Up weight(std::size_t j) const { return net_.layers[j].scale * net_.layers[j].in; }

  const NetNumbers& net_;
  const JacobianNorms& at_;
  Up r_;
  Triangle t_, tau_;  ///< ‖T^(j→h)‖ and ‖T^(j→h) D_j‖
  Triangle du_;  ///< ‖T^(j→h) D_j − T̂^(j→h) D̂_j‖, which is not what τ is above its value at w₀
  std::vector<Up> delta_, bend_;
};

}  // namespace

SampleBounds bounds_on_ball(const NetNumbers& net, const SampleNumbers& at, Up r, Known known) {
  const std::size_t depth = net.layers.size();
  const bool measured = known != Known::norms;
  std::optional<LayerToLayer> jacobians;
  if (known == Known::jacobians && at.jacobians) jacobians.emplace(net, *at.jacobians, r);
  SampleBounds on{Triangle(depth),        Triangle(depth),       {at.x[0]}, {Up()}, std::vector<Up>(depth),
                  std::vector<Up>(depth), std::vector<Up>(depth)};
  std::vector<Up> Z(depth), Omega(depth);
  for (std::size_t h = 0; h < depth; ++h) {
    const LayerNumbers& layer = net.layers[h];
    const Turn turn = turn_of(layer, r);
    Omega[h] = turn.on_ball;
    std::vector<Up> a, zeta;
    for (std::size_t j = 0; j <= h; ++j) {
      const bool moves = net.layers[j].trained;
      on.chi(h, j) = j < h ? Omega[h] * on.alpha(h - 1, j) : moves ? layer.in : Up();
      if (jacobians && j < h && moves) on.chi(h, j) = min(on.chi(h, j), jacobians->chi(h, j, turn));
      zeta.push_back(on.chi(h, j) * on.X[j]);
    }
    Z[h] = root_of_squares(zeta);
    if (jacobians) jacobians->add(h, turn, Z[h]);
    for (std::size_t j = 0; j <= h; ++j) {
      const Up before = j < h ? on.alpha(h - 1, j) : Up();
      on.alpha(h, j) = layer.skip_out * before + layer.scale * net.L * on.chi(h, j);
      if (jacobians && net.layers[j].trained) on.alpha(h, j) = min(on.alpha(h, j), jacobians->alpha(h, j));
      a.push_back(on.alpha(h, j) * on.X[j]);
    }
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
    const Up factor = back(net, h, Omega[h]);
    for (std::size_t j = 0; j <= depth; ++j) {
      nu[j] = factor * nu[j];
      if (j == h && layer.trained) nu[j] += layer.in * on.D[h];
      if (j <= h) nu[j] += Omega[h] * on.C[h] * on.chi(h, j) * on.X[j];
    }
    product = product * factor;
    if (!jacobians || h == 0) continue;
    // g^h moves through every layer above it
    const std::size_t l = h - 1;
    for (std::size_t j = 0; j < depth; ++j) {
      Up sum;
      if (j > l && net.layers[j].trained) sum += jacobians->t(j - 1, l) * net.layers[j].in * on.D[j];
      for (std::size_t k = std::max(l + 1, j); k < depth; ++k)
        sum += Omega[k] * jacobians->t(k - 1, l) * on.C[k] * on.chi(k, j) * on.X[j];
      nu[j] = min(nu[j], sum);
    }
    if (net.readout_trained) nu[depth] = min(nu[depth], jacobians->t(depth - 1, l));
  }
  return on;
}

Up second_order(const SampleBounds& on, std::size_t j, std::size_t k) {
  Up sum;
  for (std::size_t h = std::max(j, k); h < on.C.size(); ++h) sum += on.C[h] * on.chi(h, j) * on.chi(h, k);
  return sum;
}

Up entry_of(const NetNumbers& net, const SampleBounds& on, std::size_t j, std::size_t k) {
  const std::size_t depth = net.layers.size();
  if (k == depth) return j < depth && net.readout_trained ? on.alpha(depth - 1, j) * on.X[j] : Up();
  Up value = second_order(on, j, k) * on.X[j] * on.X[k];
  if (j < k && net.layers[k].trained) value += net.layers[k].in * on.D[k] * on.alpha(k - 1, j) * on.X[j];
  return value;
}

}  // namespace overproof
