#include "verify/inputs.h"

#include <algorithm>

#include "bounds/parallel.h"
#include "verify/norms.h"

namespace overproof {
namespace {

/// Encloses ⟨a, b⟩ of two columns of length d: products and sums are taken with their errors, which are exact
/// but for η in each of the d products, and only the sum of the 2d errors is rounded.
Interval enclose_dot(const Matrix& X, Index i, Index j) {
  double sum = 0.0, errors = 0.0, sizes = 0.0;
  for (Index r = 0; r < X.rows(); ++r) {
    const Pair product = two_product(X(r, i), X(r, j)), next = two_sum(sum, product.high);
    sum = next.high;
    const double error = product.low + next.low;
    errors += error;
    sizes += std::abs(product.low) + std::abs(next.low);
  }
  // |fl(Σe) − Σe| <= γ Σ|e| over 2d terms, and Σ|e| <= fl(Σ|e|)/(1 − γ), which one more term covers
  const auto d = static_cast<double>(X.rows());
  const Up error = gamma_factor(2 * d + 2) * Up(2.0) * Up(sizes) + d * Up(smallest_double);
  return Interval::exact(sum) + Interval::exact(errors) + within(0.0, error);
}

/// x_i and x_j are parallel iff every product with the pivot entry of x_i agrees: x_i[a] x_j[b] = x_i[b]
/// x_j[a], over the reals. A product of two doubles is exact at 106 bits. Zero columns are parallel to
/// everything.
bool certainly_parallel(const Matrix& X, Index i, Index j) {
  Index pivot = 0;
  if (X.col(i).cwiseAbs().maxCoeff(&pivot) == 0.0) return true;
  const auto product = [](double a, double b) { return Interval::exact(a) * Interval::exact(b); };
  for (Index r = 0; r < X.rows(); ++r) {
    if (X(r, i) == 0.0 && X(r, j) == 0.0) continue;
    if (!same_ends(product(X(pivot, i), X(r, j)), product(X(r, i), X(pivot, j)))) return false;
  }
  return true;
}

/// The same in intervals.
Interval enclose_dot(const Matrix& X, Index i, Index j, int precision) {
  Interval sum = Interval::integer(0, precision);
  for (Index r = 0; r < X.rows(); ++r)
    sum += Interval::exact(X(r, i), precision) * Interval::exact(X(r, j), precision);
  return sum;
}

/// ‖x‖₂: a relative error here is one of every entry of x/‖x‖.
Interval enclose_length(const Matrix& X, Index i, int precision) {
  Interval sum = Interval::integer(0, precision);
  for (const double entry : X.col(i)) sum += square(Interval::exact(entry, precision));
  return sqrt(sum);
}

std::vector<Interval> enclose_lengths(const Matrix& X, int precision) {
  std::vector<Interval> lengths;
  for (Index i = 0; i < X.cols(); ++i) lengths.push_back(enclose_length(X, i, precision));
  return lengths;
}

SymmetricIntervals enclose_inner(const Dataset& data, const std::vector<Interval>& norms, int precision) {
  const Index n = data.X.cols();
  SymmetricIntervals inner(n);
  parallel_for(n, 0, [&](int, long j) {
    for (Index i = 0; i <= j; ++i) {
      const Interval &a = norms[static_cast<std::size_t>(i)], &b = norms[static_cast<std::size_t>(j)];
      if (i == j) {
        inner(i, j) = data.normalised ? Interval::integer(1, precision) : square(a);
        continue;
      }
      const Interval dot = precision > Interval::default_precision ? enclose_dot(data.X, i, j, precision)
                                                                   : enclose_dot(data.X, i, j);
      inner(i, j) = data.normalised ? dot / (a * b) : dot;
    }
  });
  return inner;
}

/// Column i of the ball becomes x/‖x‖, each entry a pair of doubles around its enclosure.
void set_normalised(Ball& ball, Index i, const Matrix& X, const Interval& length) {
  Up squares, largest;
  for (Index r = 0; r < X.rows(); ++r) {
    const Interval entry = Interval::exact(X(r, i)) / length;
    const Interval rest = entry - Interval::exact(entry.mid());
    const Pair midpoint = two_sum(entry.mid(), rest.mid());
    ball.mid(r, i) = midpoint.high;
    ball.low(r, i) = midpoint.low;
    const Up error(abs(rest - Interval::exact(rest.mid())).upper());
    squares += square(error);
    largest = max(largest, error);
  }
  ball.two[i] = sqrt(squares);
  ball.entry[i] = min(largest, ball.two[i]);
}

}  // namespace

std::optional<std::pair<Index, Index>> find_equal_inputs(const Dataset& data) {
  const Matrix& X = data.X;
  for (Index j = 0; j < X.cols(); ++j) {
    for (Index i = 0; i < j; ++i) {
      if (X.col(i) == X.col(j)) return std::pair{i, j};
      if (!data.normalised || !certainly_parallel(X, i, j)) continue;
      // x_j = c x_i, and c has the sign of any entry that is not 0
      Index pivot = 0;
      X.col(i).cwiseAbs().maxCoeff(&pivot);
      if ((X(pivot, i) > 0.0) == (X(pivot, j) > 0.0)) return std::pair{i, j};
    }
  }
  return {};
}

SymmetricIntervals enclose_inner(const Dataset& data, int precision) {
  return enclose_inner(data, enclose_lengths(data.X, precision), precision);
}

Inputs enclose_inputs(const Dataset& data) {
  const Index n = data.X.cols();
  const std::vector<Interval> norms = enclose_lengths(data.X, Interval::default_precision);
  Inputs inputs{Ball::exactly(data.X), enclose_inner(data, norms, Interval::default_precision), false, 0,
                Interval::nan()};

  if (data.normalised) {
    for (Index i = 0; i < n; ++i) set_normalised(inputs.x, i, data.X, norms[static_cast<std::size_t>(i)]);
  }
  const auto is_one = [](const Interval& norm) { return same_ends(norm, Interval::integer(1)); };
  inputs.unit = data.normalised || std::ranges::all_of(norms, is_one);
  for (Index j = 0; j < n; ++j) {
    for (Index i = 0; i < j; ++i) inputs.parallel_pairs += certainly_parallel(data.X, i, j) ? 1 : 0;
  }
  for (Index j = 0; j < n; ++j) {
    for (Index i = 0; i < j; ++i) {
      // ‖x_i − x_j‖² = ‖x_i‖² − 2⟨x_i, x_j⟩ + ‖x_j‖²; exact copies are at distance 0
      const bool copies = data.X.col(i) == data.X.col(j);
      const Interval squared =
          copies ? Interval::integer(0)
                 : max(inputs.inner(i, i) - Interval::integer(2) * inputs.inner(i, j) + inputs.inner(j, j),
                       Interval::integer(0));
      const Interval distance = sqrt(squared);
      inputs.separation = j == 1 ? distance : min(inputs.separation, distance);
    }
  }
  return inputs;
}

}  // namespace overproof
