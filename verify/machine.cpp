#include "verify/machine.h"

#include <Eigen/Core>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace overproof {
namespace {

/// Every entry of a product is a₁b₁ + a₂b₂ in some order; true if all of them are `expected`.
bool products_are(double a1, double b1, double a2, double b2, double expected) {
  constexpr Eigen::Index size = 384;
  Eigen::MatrixXd A = Eigen::MatrixXd::Zero(size, size), B = Eigen::MatrixXd::Zero(size, size);
  A.col(0).setConstant(a1), B.row(0).setConstant(b1);
  A.col(size - 1).setConstant(a2), B.row(size - 1).setConstant(b2);
  const Eigen::MatrixXd C = A * B;
  return (C.array() == expected).all();
}

}  // namespace

void check_floating_point() {
  const double half = std::ldexp(1.0, -537), denormal = std::numeric_limits<double>::denorm_min();
  const volatile double tiny = denormal;
  if (!(tiny * 1.0 > 0.0) || !products_are(half, half, 0.0, 0.0, denormal) ||
      !products_are(1.0, 2 * denormal, 1.0, denormal, 3 * denormal)) {
    throw std::runtime_error(
        "denormal numbers are flushed to zero on this machine: no bound of overproof holds");
  }
  const double quarter = std::ldexp(1.0, -53), three = 3 * std::ldexp(1.0, -54),
               next = 1.0 + std::ldexp(1.0, -52);
  const bool nearest =
      products_are(1.0, 1.0, 1.0, quarter, 1.0) && products_are(1.0, 1.0, 1.0, three, next) &&
      products_are(-1.0, 1.0, -1.0, quarter, -1.0) && products_are(-1.0, 1.0, -1.0, three, -next);
  const volatile double one = 1.0;
  // (1 + 2^-52)(1 − 2^-53) − 1 = 2^-53 − 2^-105 exactly
  if (std::fma(one + 2 * quarter, one - quarter, -one) != quarter - std::ldexp(1.0, -105)) {
    throw std::runtime_error("fma rounds twice on this machine: no bound of overproof holds");
  }
  if (!nearest || one + quarter != 1.0 || one + three != next || -one - quarter != -1.0) {
    throw std::runtime_error(
        "arithmetic does not round to nearest on this machine: no bound of overproof holds");
  }
}

}  // namespace overproof
