#pragma once

#include <vector>

#include "bounds/activation.h"
#include "tests/catch.h"
#include "trainer/network.h"
#include "verify/ball.h"

namespace overproof::reference {

/// The same network over 256-bit intervals, entry by entry from the definition: slow and independent of
/// everything in verify/.
inline constexpr int precision = 256;
using Column = std::vector<Interval>;

inline Interval number(double x) { return Interval::exact(x, precision); }

inline Interval number(Pair x) { return number(x.high) + number(x.low); }

inline Column column(const Matrix& A, Index i) {
  Column v;
  for (Index r = 0; r < A.rows(); ++r) v.push_back(number(A(r, i)));
  return v;
}

inline Column midpoint(const Ball& x, Index i) {
  Column v;
  for (Index r = 0; r < x.mid.rows(); ++r) v.push_back(number(x.midpoint(r, i)));
  return v;
}

inline Interval dot(const Column& a, const Column& b) {
  Interval sum = Interval::integer(0, precision);
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

inline Column times(const Matrix& W, const Column& x, bool transposed = false) {
  Column y;
  for (Index r = 0; r < (transposed ? W.cols() : W.rows()); ++r) {
    Interval sum = Interval::integer(0, precision);
    for (Index j = 0; j < (transposed ? W.rows() : W.cols()); ++j) {
      sum += number(transposed ? W(j, r) : W(r, j)) * x[static_cast<std::size_t>(j)];
    }
    y.push_back(sum);
  }
  return y;
}

inline Interval sigma(const Architecture& net, const Interval& z, int order) {
  return taylor(activation_row(to_text(net.activation)), z, order)[static_cast<std::size_t>(order)];
}

/// One sample: x[0..H], z[0..H-1], delta[0..H-1] = ∂f/∂z^h, f.
struct Sample {
  std::vector<Column> x, z, delta;
  Interval f;
};

inline Sample evaluate(const Architecture& net, const Parameters& weights, const Column& input) {
  Sample s;
  s.x.push_back(input);
  for (const Layer& layer : net.layers) {
    Column z = times(weights[layer.weight], s.x.back()), x;
    for (std::size_t r = 0; r < z.size(); ++r) {
      z[r] = number(layer.scale_in) * z[r];
      if (layer.skip_in != 0.0) z[r] += number(layer.skip_in) * s.x.back()[r];
      x.push_back(number(layer.scale) * sigma(net, z[r], 0));
      if (layer.skip_out != 0.0) x[r] += number(layer.skip_out) * s.x.back()[r];
    }
    s.z.push_back(z);
    s.x.push_back(x);
  }
  const Matrix& a = weights[net.readouts.front().weight];
  s.f = times(a, s.x.back()).front();
  Column g = column(a.transpose(), 0);
  s.delta.resize(net.layers.size());
  for (std::size_t h = net.layers.size(); h-- > 0;) {
    const Layer& layer = net.layers[h];
    for (std::size_t r = 0; r < g.size(); ++r)
      s.delta[h].push_back(number(layer.scale) * sigma(net, s.z[h][r], 1) * g[r]);
    Column below = times(weights[layer.weight], s.delta[h], true);
    for (std::size_t r = 0; r < below.size(); ++r) {
      below[r] = number(layer.scale_in) * below[r];
      if (layer.skip_in != 0.0) below[r] += number(layer.skip_in) * s.delta[h][r];
      if (layer.skip_out != 0.0) below[r] += number(layer.skip_out) * g[r];
    }
    g = below;
  }
  return s;
}

/// ‖v‖₂.
inline Interval norm(const Column& v) {
  Interval sum = Interval::integer(0, precision);
  for (const Interval& x : v) sum += square(x);
  return sqrt(sum);
}

/// A symmetric matrix, all entries.
using Square = std::vector<Column>;

/// The number of eigenvalues below s: that of the negative pivots of A − sI = LDLᵀ [Sylvester's law of
/// inertia].
inline Index eigenvalues_below(Square A, const Interval& s) {
  Index below = 0;
  for (std::size_t p = 0; p < A.size(); ++p) A[p][p] -= s;
  for (std::size_t p = 0; p < A.size(); ++p) {
    const Interval pivot = A[p][p];
    REQUIRE((certainly_lt(number(0.0), pivot) || certainly_lt(pivot, number(0.0))));
    if (certainly_lt(pivot, number(0.0))) ++below;
    for (std::size_t r = p + 1; r < A.size(); ++r) {
      const Interval factor = A[r][p] / pivot;
      for (std::size_t c = p + 1; c < A.size(); ++c) A[r][c] -= factor * A[p][c];
    }
  }
  return below;
}

/// The enclosures contain the extreme eigenvalues of A.
inline void require_extremes(const Square& A, const Interval& smallest, const Interval& largest) {
  const auto n = static_cast<Index>(A.size());
  REQUIRE(eigenvalues_below(A, number(smallest.lower())) == 0);
  REQUIRE(eigenvalues_below(A, number(smallest.upper())) >= 1);
  REQUIRE(eigenvalues_below(A, number(largest.lower())) < n);
  REQUIRE(eigenvalues_below(A, number(largest.upper())) == n);
}

/// The enclosure contains ‖A‖₂ of the symmetric matrix.
inline void require_norm(const Square& A, const Interval& norm) {
  const auto n = static_cast<Index>(A.size());
  const Interval low = number(norm.lower()), high = number(norm.upper());
  REQUIRE(eigenvalues_below(A, high) == n);
  REQUIRE(eigenvalues_below(A, -high) == 0);
  REQUIRE((eigenvalues_below(A, low) < n || eigenvalues_below(A, -low) > 0));
}

/// Whether ‖W‖₂ < s for s > 0: all eigenvalues of WᵀW are below s².
inline bool spectral_norm_below(const Square& columns, const Interval& s) {
  Square product;
  for (const Column& a : columns) {
    product.emplace_back();
    for (const Column& b : columns) product.back().push_back(dot(a, b));
  }
  return eigenvalues_below(product, square(s)) == static_cast<Index>(columns.size());
}

inline Square columns(const Matrix& A) {
  Square all;
  for (Index i = 0; i < A.cols(); ++i) all.push_back(column(A, i));
  return all;
}

/// The true column is within the ball in the 2-norm and entrywise, and the ball is no larger than
/// sharpness·(1 + ‖truth‖).
inline void require_inside(const Ball& ball, Index i, const Column& truth, double sharpness) {
  const Column centre = midpoint(ball, i);
  Column difference;
  Interval largest = number(0.0);
  for (std::size_t r = 0; r < centre.size(); ++r) {
    REQUIRE(is_normalised(ball.midpoint(static_cast<Index>(r), i)));
    difference.push_back(truth[r] - centre[r]);
    largest = max(largest, abs(difference.back()));
  }
  REQUIRE(certainly_le(norm(difference), number(ball.two[i].value())));
  REQUIRE(certainly_le(largest, number(ball.entry[i].value())));
  REQUIRE(ball.two[i].value() <= sharpness * (1.0 + norm(truth).upper()));
  // and the midpoint's high part alone is within the wider radii
  REQUIRE(ball.two_around_mid(i).value() >= ball.two[i].value());
}

}  // namespace overproof::reference
