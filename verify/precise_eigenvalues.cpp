#include "verify/precise_eigenvalues.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "bounds/interval_mpfr.h"
#include "verify/exact_zero.h"

namespace overproof {
namespace {

/// The point in the middle, at the precision of x.
Interval middle(const Interval& x) {
  Interval m = Interval::nan(x.precision());
  mpfr_ptr point = &Interval::Access::of(m)->left;
  mpfi_mid(point, Interval::Access::of(x));
  mpfr_set(&Interval::Access::of(m)->right, point, MPFR_RNDN);
  return m;
}

/// x divided by its largest entry.
void normalise(PreciseMatrix& x) {
  mpfr_srcptr largest = x(0, 0);
  for (Index i = 1; i < x.rows(); ++i) {
    if (mpfr_cmpabs(x(i, 0), largest) > 0) largest = x(i, 0);
  }
  PreciseMatrix scale(1, 1, x.precision());
  mpfr_set(scale(0, 0), largest, MPFR_RNDN);
  for (Index i = 0; i < x.rows(); ++i) mpfr_div(x(i, 0), x(i, 0), scale(0, 0), MPFR_RNDN);
}

/// The search for a vector with a small Rayleigh quotient and for a shift just below it at which the
/// Cholesky factorisation succeeds. All of it is guesswork.
class Search {
 public:
  Search(const PreciseMatrix& A, double relative_width, int threads)
      : A_(A),
        precision_(A.precision()),
        threads_(threads),
        width_(Interval::exact(relative_width, precision_)),
        x_(A.rows(), 1, precision_),
        shift_(number(0)),
        theta_(number(0)),
        residual_(number(0)) {
    Interval trace = number(0);
    for (Index i = 0; i < A.rows(); ++i) trace = trace + abs(A.point(i, i));
    floor_ = middle(trace * number(static_cast<long long>(16 * A.rows())) * pow(number(2), -precision_) +
                    pow(number(2), -4 * precision_));
  }

  /// False when no shift was found.
  [[nodiscard]] bool run() {
    if (!find_first_shift()) return false;
    int restarts = 0;
    for (int round = 0; round < 40; ++round) {
      iterate();
      const Interval gap = theta_ - shift_, aim = width_ * abs(theta_) / number(4);
      if (certainly_le(gap, max(aim, floor_ * number(4)))) break;
      // just below θ where its residual lets us, else some part of the way
      const Interval margin = max(max(aim / number(2), floor_), number(2) * residual_);
      const bool moved = move_to(middle(theta_ - margin)) || move_to(middle(shift_ + gap / number(2))) ||
                         move_to(middle(shift_ + gap / number(4))) ||
                         move_to(middle(shift_ + gap / number(16)));
      if (moved) continue;
      // θ may belong to another eigenvalue: the direction of the failed factorisation is below the shift
      // tried
      if (!failed_direction_ || ++restarts > 2) break;
      x_ = *failed_direction_;
      normalise(x_);
    }
    return true;
  }

  [[nodiscard]] const Interval& shift() const { return shift_; }
  [[nodiscard]] const PreciseMatrix& L() const { return factor_->L; }
  [[nodiscard]] const PreciseMatrix& x() const { return x_; }

 private:
  [[nodiscard]] Interval number(long long value) const { return Interval::integer(value, precision_); }

  /// Only upwards, once a shift has been found.
  [[nodiscard]] bool move_to(const Interval& shift) {
    if (factor_ && !certainly_lt(shift_, shift)) return false;
    PreciseFactor factor = approx_factor(A_, shift, threads_);
    if (!factor.complete) {
      failed_direction_ = std::move(factor.direction);
      return false;
    }
    factor_ = std::move(factor);
    shift_ = shift;
    return true;
  }

  [[nodiscard]] bool find_first_shift() {
    std::mt19937_64 random(20181104);
    std::uniform_real_distribution<double> uniform(-1.0, 1.0);
    for (Index i = 0; i < A_.rows(); ++i) mpfr_set_d(x_(i, 0), uniform(random), MPFR_RNDN);
    Interval shift = number(0);
    for (int attempt = 0; attempt < 2 * precision_ + 64; ++attempt) {
      if (move_to(shift)) return true;
      x_ = *failed_direction_;
      normalise(x_);
      theta_ = rayleigh(approx_product(A_, x_));
      if (!theta_.is_bounded()) return false;
      shift = middle(min(min(number(2) * theta_, number(4) * shift), -floor_));
    }
    return false;
  }

  [[nodiscard]] Interval rayleigh(const PreciseMatrix& image) const {
    return middle(approx_dot(x_, image) / approx_dot(x_, x_));
  }

  /// Inverse iteration with the factor at hand, until it stagnates or is as good as can be used.
  void iterate() {
    for (int step = 0; step < 12; ++step) {
      x_ = approx_solution(factor_->L, std::move(x_));
      normalise(x_);
      const PreciseMatrix image = approx_product(A_, x_);
      theta_ = rayleigh(image);
      PreciseMatrix r = image;
      for (Index i = 0; i < r.rows(); ++i) {
        mpfr_mul(r(i, 0), x_(i, 0), &Interval::Access::of(theta_)->left, MPFR_RNDN);
        mpfr_sub(r(i, 0), image(i, 0), r(i, 0), MPFR_RNDN);
      }
      residual_ = middle(sqrt(approx_dot(r, r) / approx_dot(x_, x_)));
      if (certainly_le(number(16) * residual_, width_ * abs(theta_))) break;
    }
  }

  const PreciseMatrix& A_;
  int precision_, threads_;
  Interval width_, floor_;
  PreciseMatrix x_;
  Interval shift_, theta_, residual_;
  std::optional<PreciseFactor> factor_;
  std::optional<PreciseMatrix> failed_direction_;
};

bool is_decided(const Interval& x, double width) {
  return relative_width(x) <= width || (x.is_point() && x.contains_zero());
}

}  // namespace

Interval bound_lowest_below(const PreciseBall& A, const Interval& shift, const PreciseMatrix& L,
                            int threads) {
  return (shift - bound_residual(A.mid, shift, L, threads) - A.radius).lower_point();
}

Interval bound_lowest_above(const SymmetricIntervals& K, End end, const PreciseMatrix& x) {
  const Index n = K.size();
  Interval quotient = Interval::integer(0, x.precision()), squares = quotient;
  for (Index i = 0; i < n; ++i) {
    const Interval xi = x.point(i, 0);
    Interval row = Interval::integer(0, x.precision());
    for (Index j = 0; j < i; ++j) row += K(i, j) * x.point(j, 0);
    quotient += xi * (row + row + K(i, i) * xi);
    squares += square(xi);
  }
  quotient /= squares;
  return (end == End::smallest ? quotient : -quotient).upper_point();
}

EndEnclosure enclose_end_precisely(const SymmetricIntervals& K, End end, int precision, double width,
                                   int threads) {
  const Index n = K.size();
  EndEnclosure found;
  if (n == 0) return found;
  const PreciseBall ball = precise_ball(K, end, precision);
  if (!ball.radius.is_bounded()) return found;
  Search search(ball.mid, width, threads);
  const bool complete = search.run();
  const Interval upper = bound_lowest_above(K, end, search.x());
  const Interval lower = complete ? bound_lowest_below(ball, search.shift(), search.L(), threads)
                                  : Interval::entire().lower_point();
  if (upper.is_nan() || lower.is_nan()) return found;
  found.value = hull(lower, upper);
  found.method = EigenMethod::precise;
  found.direction = Vector(n);
  for (Index i = 0; i < n; ++i) found.direction[i] = mpfr_get_d(search.x()(i, 0), MPFR_RNDN);
  return found;
}

SymmetricIntervals exact_intervals(const Matrix& A, int precision) {
  SymmetricIntervals K(A.rows());
  for (Index j = 0; j < A.cols(); ++j) {
    for (Index i = 0; i <= j; ++i) K(i, j) = Interval::exact(A(i, j), precision);
  }
  return K;
}

namespace {

/// Takes over what is sharper; both enclose the same number.
void improve(DecidedEnd& best, const EndEnclosure& found, int precision, const EigenOptions& options) {
  const bool better = best.enclosure.method == EigenMethod::none ||
                      certainly_le(found.value.upper_point() - found.value.lower_point(),
                                   best.enclosure.value.upper_point() - best.enclosure.value.lower_point());
  if (better && found.method != EigenMethod::none) best.enclosure = found, best.precision = precision;
  best.tried = precision;
  best.decided = is_decided(best.enclosure.value, options.relative_width);
}

constexpr int doubles = std::numeric_limits<double>::digits, first_precision = 128, precision_step = 64;

}  // namespace

std::optional<int> next_precision(const DecidedEnd& so_far, const EigenOptions& options) {
  if (so_far.decided) return {};
  if (so_far.tried == 0) return first_precision;  // doubles are made from it
  int next = std::max(first_precision, 2 * so_far.tried);
  if (so_far.tried >= first_precision && !so_far.enclosure.value.contains_zero()) {
    const double lacking = std::log2(relative_width(so_far.enclosure.value) / options.relative_width);
    for (next = so_far.tried + precision_step;
         next < 2 * so_far.tried && next < so_far.tried + lacking + 8.0;)
      next += precision_step;
  }
  next = std::min(next, options.precision_limit);
  return next > so_far.tried ? std::optional(next) : std::nullopt;
}

void sharpen(DecidedEnd& so_far, const SymmetricIntervals& K, int precision, End end,
             const EigenOptions& options) {
  if (so_far.tried == 0) {
    const SymmetricBall ball = ball_around(K);
    EndEnclosure found = enclose_end(ball.mid, end);
    const double radius = radius_norm(ball).value();
    found.value += Interval::between(-radius, radius);
    if (found.value.is_nan()) found = {};
    improve(so_far, found, doubles, options);
  }
  if (so_far.decided || precision > options.precision_limit) return;
  improve(so_far, enclose_end_precisely(K, end, precision, options.relative_width, options.threads),
          precision, options);
}

DecidedEnd enclose_end_exactly(const Matrix& A, End end, const EigenOptions& options) {
  DecidedEnd found;
  improve(found, enclose_end(A, end), doubles, options);
  if (found.enclosure.value.contains_zero()) {
    if (const std::optional<EndEnclosure> zero = enclose_zero_end(A, end, found.enclosure.direction))
      improve(found, *zero, doubles, options);
  }
  while (const std::optional<int> precision = next_precision(found, options))
    sharpen(found, exact_intervals(A, *precision), *precision, end, options);
  return found;
}

DecidedEnd enclose_end_of(const MatrixAtPrecision& matrix, End end, const EigenOptions& options) {
  DecidedEnd found;
  while (const std::optional<int> precision = next_precision(found, options))
    sharpen(found, matrix(*precision), *precision, end, options);
  return found;
}

}  // namespace overproof
