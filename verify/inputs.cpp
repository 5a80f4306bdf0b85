#include "verify/inputs.h"

namespace overproof {
namespace {

/// Encloses ⟨a, b⟩ of two columns of length d, accumulated in long double: the error is at most γ_d ⟨|a|,
/// |b|⟩ in the unit roundoff of long double, plus underflow.
Interval enclose_dot(const Matrix& X, Index i, Index j) {
  long double sum = 0, absolute = 0;
  for (Index r = 0; r < X.rows(); ++r) {
    const long double product = static_cast<long double>(X(r, i)) * static_cast<long double>(X(r, j));
    sum += product;
    absolute += std::abs(product);
  }
  const double leading = static_cast<double>(sum),
               rest = static_cast<double>(sum - static_cast<long double>(leading));
  const double unit =
      static_cast<double>(std::numeric_limits<long double>::epsilon());  // twice the unit roundoff
  // 2(d + 2)u covers γ_{d+1} and the rounding of `absolute` and of `rest`
  const Up error =
      Up(static_cast<double>(X.rows() + 2)) * Up(unit) * Up(next_up(static_cast<double>(absolute))) +
      Up(static_cast<double>(X.rows() + 2)) * Up(smallest_double);
  return Interval::exact(leading) + Interval::exact(rest) + Interval::between(-error.value(), error.value());
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

/// ‖x‖₂ at the precision of Interval: a relative error here is one of every entry of x/‖x‖.
Interval enclose_length(const Matrix& X, Index i) {
  Interval sum = Interval::integer(0);
  for (const double entry : X.col(i)) sum += square(Interval::exact(entry));
  return sqrt(sum);
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

Inputs enclose_inputs(const Dataset& data) {
  const Index n = data.X.cols();
  Inputs inputs{Ball::exactly(data.X), SymmetricIntervals(n), false, 0, Interval::nan()};
  std::vector<Interval> norms;
  for (Index i = 0; i < n; ++i) norms.push_back(enclose_length(data.X, i));

  if (data.normalised) {
    for (Index i = 0; i < n; ++i) set_normalised(inputs.x, i, data.X, norms[static_cast<std::size_t>(i)]);
  }
  inputs.unit = data.normalised;
  for (Index j = 0; j < n; ++j) {
    for (Index i = 0; i <= j; ++i) {
      const Interval dot = i == j ? square(norms[j]) : enclose_dot(data.X, i, j);
      const bool normalised = data.normalised;
      inputs.inner(i, j) = !normalised ? dot : i == j ? Interval::integer(1) : dot / (norms[i] * norms[j]);
      if (i < j && certainly_parallel(data.X, i, j)) ++inputs.parallel_pairs;
    }
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
      inputs.separation = inputs.separation.is_nan() ? distance : min(inputs.separation, distance);
    }
  }
  return inputs;
}

}  // namespace overproof
