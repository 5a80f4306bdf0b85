#include "verify/descent.h"

#include <cmath>

#include "verify/norms.h"

namespace overproof {
namespace {

/// ‖next − now + η∇‖_F for a gradient known up to its radius.
Interval enclose_residual(const Matrix& now, const Matrix& next, double eta, const MatrixBall& gradient) {
  // fl(fl(W(k+1) − W(k)) + fl(η∇)): one rounding each
  const Matrix moved = next - now, scaled = eta * gradient.mid, sum = moved + scaled;
  const Up u(unit_roundoff), entries = sqrt(Up(static_cast<double>(sum.size())));
  const Up rounding = u * (frobenius_above(moved) + frobenius_above(scaled) + frobenius_above(sum)) +
                      entries * Up(smallest_double);
  return enclose_norm(sum, Up(std::abs(eta)) * gradient.radius + rounding);
}

}  // namespace

Verdict Descent::verdict() const {
  if (certainly_le(residual, allowance)) return Verdict::holds;
  return certainly_lt(allowance, residual) ? Verdict::fails : Verdict::undecided;
}

Descent enclose_descent(const Architecture& architecture, double eta, const Iterate& now,
                        const std::vector<Ball>& backward, const Iterate* next) {
  Vector residual(static_cast<Index>(now.residual.size()));
  std::vector<Up> radius;
  for (Index i = 0; i < residual.size(); ++i) {
    const Interval& r = now.residual[static_cast<std::size_t>(i)];
    residual[i] = r.mid();
    radius.push_back(Up(abs(r - Interval::exact(residual[i])).upper()));
  }
  Descent descent;
  std::vector<Interval> gradients, residuals, sizes;  // per weight: ‖∂L/∂W‖, the residual, ‖W(k+1)‖
  for (Index h = 1; h <= architecture.depth() + 1; ++h) {
    const std::size_t w = weight_of(architecture, h);
    const bool trained = architecture.weights[w].trained;
    descent.gradients.emplace_back();
    MatrixBall gradient{Matrix(), Up()};
    if (trained) {
      gradient = enclose_gradient(architecture, now.forward, backward, residual, radius, h);
      gradients.push_back(enclose_norm(gradient.mid, gradient.radius));
      descent.gradients.back() = gradients.back();
    }
    if (!next) continue;
    sizes.push_back(enclose_norm(next->weights[w], Up()));
    residuals.push_back(trained ? enclose_residual(now.weights[w], next->weights[w], eta, gradient)
                                : enclose_distance(next->weights[w], now.weights[w]));
  }
  descent.gradient = enclose_norm(gradients);
  if (!next) return descent;
  descent.residual = enclose_norm(residuals);
  descent.allowance = Interval::exact(0x1p-50) * enclose_norm(sizes) +
                      Interval::rational(1, 1'000'000) * Interval::exact(std::abs(eta)) * descent.gradient;
  return descent;
}

}  // namespace overproof
