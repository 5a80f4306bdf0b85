#include "verify/approx_curvature.h"

#include <cmath>
#include <random>

namespace overproof {
namespace {

double norm_of(const Parameters& v) {
  double squares = 0.0;
  for (const Matrix& part : v) squares += part.squaredNorm();
  return std::sqrt(squares);
}

/// a + t b; an empty matrix stands for a weight that is not trained.
Parameters moved(const Parameters& a, double t, const Parameters& b) {
  Parameters sum = a;
  for (std::size_t w = 0; w < sum.size(); ++w)
    if (b[w].size() > 0) sum[w] += t * b[w];
  return sum;
}

}  // namespace

double approx_curvature(const Architecture& net, const Parameters& weights, const Matrix& X) {
  constexpr double step = 1e-3;
  constexpr int rounds = 12, starts = 2;
  const Forward middle = forward(net, weights, X);
  std::minstd_rand random(1);
  const auto any = [&](double) { return static_cast<double>(random()) - 0x1p30; };
  double best = 0.0;
  for (int start = 0; start < starts; ++start) {
    // at first the direction in which the outputs move together, then any
    Parameters v = gradient(net, weights, middle, Vector(middle.f.array() - 1.0));
    if (start > 0)
      for (Matrix& part : v) part = part.unaryExpr(any);
    for (int round = 0; round < rounds; ++round) {
      const double size = norm_of(v);
      if (!(size > 0.0) || !std::isfinite(size)) break;
      for (Matrix& part : v) part /= size;
      const Parameters ahead = moved(weights, step, v), behind = moved(weights, -step, v);
      const Forward there = forward(net, ahead, X), back = forward(net, behind, X);
      Vector y = there.f - 2.0 * middle.f + back.f;
      if (!(y.norm() > 0.0)) y.setOnes();
      y.normalize();
      // Jᵀy is the gradient for the residual y
      v = moved(gradient(net, ahead, there, there.f - y), -1.0, gradient(net, behind, back, back.f - y));
      const double found = norm_of(v) / (2.0 * step);
      if (found > best) best = found;
    }
  }
  return best;
}

}  // namespace overproof
