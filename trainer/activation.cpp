#include "trainer/activation.h"

#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "files/error.h"

namespace overproof {
namespace {

constexpr std::array<std::pair<Activation, const char*>, 7> table{{{Activation::softplus, "softplus"},
                                                                   {Activation::tanh, "tanh"},
                                                                   {Activation::sigmoid, "sigmoid"},
                                                                   {Activation::erf, "erf"},
                                                                   {Activation::gelu, "gelu"},
                                                                   {Activation::silu, "silu"},
                                                                   {Activation::relu, "relu"}}};

template <class Real>
Real sigmoid(Real z) {
  return 1 / (1 + std::exp(-z));
}

template <class Real>
Real value_of(Activation activation, Real z) {
  switch (activation) {
    case Activation::softplus:
      return (z < 0 ? Real(0) : z) + std::log1p(std::exp(-std::abs(z)));
    case Activation::tanh:
      return std::tanh(z);
    case Activation::sigmoid:
      return sigmoid(z);
    case Activation::erf:
      return std::erf(z);
    case Activation::gelu:
      return z / 2 * std::erfc(-z / std::numbers::sqrt2_v<Real>);
    case Activation::silu:
      return z * sigmoid(z);
    case Activation::relu:
      break;
  }
  return z < 0 ? Real(0) : z;  // NaN stays NaN
}

}  // namespace

std::string to_text(Activation activation) { return table[static_cast<std::size_t>(activation)].second; }

Activation activation_from(const std::string& name) {
  for (const auto& [activation, id] : table) {
    if (name == id) return activation;
  }
  throw InputError(unknown_name("activation", name, activation_names()));
}

const std::vector<std::string>& activation_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const auto& [activation, id] : table) list.emplace_back(id);
    return list;
  }();
  return names;
}

double value(Activation activation, double z) { return value_of(activation, z); }

double derivative(Activation activation, double z) {
  switch (activation) {
    case Activation::softplus:
      return sigmoid(z);
    case Activation::tanh: {
      const double t = std::tanh(z);
      return (1 - t) * (1 + t);
    }
    case Activation::sigmoid:
      return sigmoid(z) * sigmoid(-z);
    case Activation::erf:
      return 2 * std::numbers::inv_sqrtpi * std::exp(-z * z);
    case Activation::gelu: {  // Φ(z) + z φ(z)
      const double density = std::numbers::inv_sqrtpi / std::numbers::sqrt2 * std::exp(-z * z / 2);
      return std::erfc(-z / std::numbers::sqrt2) / 2 + z * density;
    }
    case Activation::silu:
      return sigmoid(z) * (1 + z * sigmoid(-z));
    case Activation::relu:
      break;
  }
  if (std::isnan(z)) return z;
  return z >= 0 ? 1.0 : 0.0;
}

double approx_c_sigma(Activation activation) {
  if (activation == Activation::relu) return 2.0;
  // Trapezoidal rule for E σ(z)²: the integrand is analytic in a strip of half-width a ≥ π/2 (the poles of
  // tanh), so the error is about e^(−2πa/step) < 1e-100; beyond |z| = 14 the Gaussian weight is below 1e-42.
  constexpr int per_unit = 32, reach = 14 * per_unit;
  long double sum = 0.0L, weights = 0.0L;
  for (int i = -reach; i <= reach; ++i) {
    const long double z = static_cast<long double>(i) / per_unit;
    const long double weight = std::exp(-z * z / 2), sigma = value_of(activation, z);
    sum += weight * sigma * sigma;
    weights += weight;
  }
  return static_cast<double>(weights / sum);
}

}  // namespace overproof
