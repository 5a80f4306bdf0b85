#include "verify/eigenvalues.h"

#include <cblas.h>
#include <lapacke.h>

#include <Eigen/Eigenvalues>
#include <cmath>

#include "bounds/parallel.h"
#include "verify/columns.h"

namespace overproof {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
/// Blocks of the residual: rows at a time, and terms of an inner product summed by BLAS. Rows at a time in
/// A V.
constexpr Index rows_at_once = 64, terms_at_once = 256, summed_at_once = 512;

/// Next double below any finite x.
double next_down(double x) { return std::nextafter(x, -infinity); }

/// The rows `at`.. of the upper triangle of sign·A − shift·I + weight·VVᵀ − RᵀR, in plain floating point,
/// with the first `terms` rows of R.
Matrix residual_rows(const Matrix& A, End end, double shift, const Matrix& V, double weight, const Matrix& R,
                     Index at, Index terms) {
  const Index n = A.rows(), rows = std::min(rows_at_once, n - at), rest = n - at;
  Matrix C = sign_of(end) * A.block(at, at, rows, rest);
  C.leftCols(rows).triangularView<Eigen::StrictlyLower>() = C.leftCols(rows).transpose();
  C.diagonal().array() -= shift;
  Matrix part(rows, rest);
  if (V.cols() > 0) {
    part.noalias() = V.middleRows(at, rows) * V.bottomRows(rest).transpose();
    C += weight * part;
  }
  for (Index k = 0; k < terms; k += terms_at_once) {
    const Index depth = std::min(terms_at_once, terms - k);
    part.noalias() = R.block(k, at, depth, rows).transpose() * R.block(k, at, depth, rest);
    C -= part;
  }
  return C;
}

/// The sum of the squares of a symmetric matrix, from the rows of its upper triangle that begin with a
/// diagonal block.
Up squares_of(const Matrix& C) {
  const Index rows = C.rows();
  const Up block = square(frobenius_above(C.leftCols(rows)));
  if (C.cols() == rows) return block;
  return block + Up(2.0) * square(frobenius_above(C.rightCols(C.cols() - rows)));
}

/// shift − ‖E‖ for the residual E of R, `squares` the sum of the squares of the computed C. |C − E| <= γ(|C|
/// + weight |V||V|ᵀ + |R|ᵀ|R|) + underflow, entry by entry [Higham 2002, Lemma 8.4]: the first difference a −
/// s counts as a rounding of C, and a term goes through at most max(256, k) products and sums, one multiple,
/// and one sum for each block, one more where a block is apart, and the shift. NaN for a negative weight.
double below_shift(double shift, Up squares, const Matrix& V, double weight, const Matrix& R) {
  const auto size = static_cast<double>(R.rows()), vectors = static_cast<double>(V.cols());
  const double blocks = std::ceil(size / static_cast<double>(terms_at_once));
  const Up gamma = gamma_factor(std::max(static_cast<double>(terms_at_once), vectors) + blocks + 5.0);
  const Up residual = sqrt(squares),
           terms = residual + weight * square(frobenius_above(V)) + square(frobenius_above(R));
  const Up underflow = size * Up(2.0 * smallest_double) * (Up(size + 2.0) + vectors * Up(1.0 + weight));
  const Up error = residual + gamma * terms + underflow;
  return std::isfinite(error.value()) ? next_down(shift - error.value()) : -infinity;
}

/// Interval matrices k × k, k small.
using Intervals = std::vector<std::vector<Interval>>;

/// CᵀMC.
Intervals congruence(const Intervals& M, const Matrix& C) {
  const auto k = static_cast<std::size_t>(C.cols());
  const auto transform = [&](const Intervals& X) {  // (XC)ᵀ
    Intervals product(k, std::vector<Interval>(k, Interval::integer(0)));
    for (std::size_t i = 0; i < k; ++i) {
      for (std::size_t j = 0; j < k; ++j) {
        for (std::size_t l = 0; l < k; ++l)
          product[j][i] += X[i][l] * Interval::exact(C(static_cast<Index>(l), static_cast<Index>(j)));
      }
    }
    return product;
  };
  return transform(transform(M));
}

/// Ends of an interval that holds all eigenvalues of a symmetric matrix [Gershgorin 1931].
Interval gershgorin(const Intervals& M) {
  Interval all = Interval::nan();
  for (std::size_t i = 0; i < M.size(); ++i) {
    Interval radius = Interval::integer(0);
    for (std::size_t j = 0; j < M.size(); ++j) {
      if (j != i) radius += abs(M[i][j]);
    }
    const Interval disc = hull(M[i][i] - radius, M[i][i] + radius);
    all = i == 0 ? disc : hull(all, disc);
    if (all.is_nan()) break;
  }
  return all;
}

/// A X for an exact symmetric A. Each entry is a sum of n products; they and the n sums are exact with their
/// low parts, which are added up in doubles: |error| <= γ_{n+1}² (|A||X|)_ij but for underflow [Ogita, Rump,
/// Oishi 2005, Proposition 5.5].
Ball precise_product(const Matrix& A, const Matrix& X) {
  const Index n = A.rows(), count = X.cols();
  Ball image{Matrix::Zero(n, count), Matrix::Zero(n, count), {}, {}};
  parallel_for((n + summed_at_once - 1) / summed_at_once, 0, [&](int, long block) {
    const Index at = block * summed_at_once, rows = std::min(summed_at_once, n - at);
    const auto sum = [&](Index j) { return Pairs{&image.mid(at, j), &image.low(at, j), rows}; };
    for (Index k = 0; k < n; ++k) {
      for (Index j = 0; j < count; ++j) accumulate_multiple(X(k, j), &A(at, k), sum(j));
    }
    for (Index j = 0; j < count; ++j) normalise_each(sum(j));
  });
  const auto terms = static_cast<double>(n);
  const Up relative = square(gamma_factor(terms + 1.0)) * frobenius_above(A),
           underflow = sqrt(Up(terms)) * Up(2.0 * terms) * Up(smallest_double);
  for (const Up norm : column_norms_above(X)) {
    image.two.push_back(relative * norm + underflow);
    image.entry.push_back(image.two.back());
  }
  return image;
}

}  // namespace

double bound_complement_below(const Matrix& A, End end, double shift, const Matrix& V, double weight,
                              const Matrix& R) {
  const Index n = A.rows();
  Up squares;
  for (Index at = 0; at < n; at += rows_at_once)
    squares += squares_of(residual_rows(A, end, shift, V, weight, R, at, std::min(at + rows_at_once, n)));
  return below_shift(shift, squares, V, weight, R);
}

double factor_below(const Matrix& A, End end, double shift, Matrix& R) {
  const Index n = A.rows();
  const auto leading = static_cast<lapack_int>(n);
  const Matrix none(n, 0);
  Up squares;
  R.setZero();
  for (Index at = 0; at < n; at += rows_at_once) {
    Matrix C = residual_rows(A, end, shift, none, 0.0, R, at, at);
    const Index rows = C.rows(), rest = C.cols();
    auto lines = R.block(at, at, rows, rest);
    lines = C;
    lines.leftCols(rows).triangularView<Eigen::StrictlyLower>().setZero();
    double* corner = &R(at, at);
    if (LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'U', static_cast<lapack_int>(rows), corner, leading) != 0)
      return -infinity;
    if (rest > rows) {
      cblas_dtrsm(CblasColMajor, CblasLeft, CblasUpper, CblasTrans, CblasNonUnit, static_cast<int>(rows),
                  static_cast<int>(rest - rows), 1.0, corner, leading, &R(at, at + rows), leading);
    }
    const Matrix own = lines.leftCols(rows).transpose() * lines;
    C -= own;
    squares += squares_of(C);
  }
  return below_shift(shift, squares, none, 0.0, R);
}

Subspace Subspace::first(Index k) const {
  return {V.leftCols(k), theta.head(k), {residuals.begin(), residuals.begin() + k}};
}

Subspace enclose_residuals(const Matrix& A, End end, Matrix V) {
  const Index count = V.cols();
  const Ball image = precise_product(A, V);
  Subspace subspace{std::move(V), Vector(count), {}};
  const double sign = sign_of(end);
  for (Index j = 0; j < count; ++j) {
    const auto i = static_cast<std::size_t>(j);
    const Ball v = Ball::exactly(subspace.V.col(j)),
               Av{image.mid.col(j), image.low.col(j), {image.two[i]}, {image.entry[i]}};
    const double theta = sign * v.mid.col(0).dot(Av.mid.col(0)) / v.mid.squaredNorm();
    subspace.theta[j] = theta;
    subspace.residuals.push_back(add_scaled(-theta, v, scaled(sign, Av)));
  }
  return subspace;
}

Interval enclose_lowest(const Subspace& subspace, double complement) {
  const Index k = subspace.V.cols();
  const auto count = static_cast<std::size_t>(k);
  if (k == 0 || !subspace.theta.allFinite()) return Interval::entire();
  const SymmetricBall gram_ball = gram(Ball::exactly(subspace.V));
  const std::vector<Up> norms = column_norms_above(subspace.V);
  const Up relative = block_factor(subspace.V.rows());
  const Interval reference = Interval::exact(subspace.theta.minCoeff());
  // N = VᵀBV − θVᵀV, θ the least θ_j:  n_ij = (θ_j − θ) g_ij + ⟨v_i, r_j⟩
  Intervals G(count, std::vector<Interval>(count)), N = G;
  Matrix middle(k, k);
  Up residual_squares;
  for (Index j = 0; j < k; ++j) {
    const Ball& r = subspace.residuals[static_cast<std::size_t>(j)];
    const Up around = r.two_around_mid(0), size = frobenius_above(r.mid);
    residual_squares += square(size + around);
    const Matrix products = blocked_product(subspace.V, Side::transposed, r.mid);
    for (Index i = 0; i < k; ++i) {
      const auto a = static_cast<std::size_t>(i), b = static_cast<std::size_t>(j);
      const Up error = norms[a] * (relative * size + around) +
                       static_cast<double>(subspace.V.rows()) * Up(smallest_double);
      G[a][b] = entry(gram_ball, i, j);
      N[a][b] = (Interval::exact(subspace.theta[j]) - reference) * G[a][b] + Interval::exact(products(i, 0)) +
                Interval::between(-error.value(), error.value());
    }
  }
  for (std::size_t a = 0; a < count; ++a) {
    for (std::size_t b = 0; b <= a; ++b) {
      N[a][b] = N[b][a] = intersect(N[a][b], N[b][a]);  // N is symmetric
      const auto i = static_cast<Index>(a), j = static_cast<Index>(b);
      middle(i, j) = middle(j, i) = N[a][b].mid();
    }
  }
  if (!middle.allFinite()) return Interval::entire();
  const Matrix C = Eigen::SelfAdjointEigenSolver<Matrix>(middle).eigenvectors();
  const Intervals T = congruence(N, C), S = congruence(G, C);
  const Interval on_subspace = gershgorin(T), metric = gershgorin(S), independent = gershgorin(G),
                 zero = Interval::integer(0);
  if (!certainly_lt(zero, metric) || !certainly_lt(zero, independent)) return Interval::entire();
  const Interval upper = reference + T[0][0] / S[0][0];
  // ρ >= θ + λ_min(T)/λ(S);  λ_min(B) >= ρ − ‖R‖²/(complement − ρ), and ρ itself on the whole space
  const Interval rho = (reference + on_subspace.lower_point() / metric).lower_point();
  const Interval squared = Interval::exact(residual_squares.value()) / independent;
  const Interval gap = Interval::exact(complement) - rho;
  const Interval lower = k == subspace.V.rows()    ? rho
                         : certainly_lt(zero, gap) ? rho - squared / gap
                                                   : Interval::entire();
  return hull(lower.lower_point(), upper.upper_point());
}

namespace {

/// The enclosure by a deflation with as few vectors as do, if any number does.
EndEnclosure by_deflation(const Matrix& A, End end, const ApproxEigen& guess, Matrix& workspace) {
  Subspace all = enclose_residuals(A, end, guess.vectors);
  EndEnclosure best;
  best.direction = guess.vectors.col(0);
  Vector norms(guess.vectors.cols());
  for (Index j = 0; j < norms.size(); ++j) norms[j] = all.residuals[static_cast<std::size_t>(j)].mid.norm();
  const auto n = static_cast<double>(A.rows());
  const double rounding = unit_roundoff * (n + 256.0) * A.diagonal().cwiseAbs().sum();
  const double lowest = all.theta[0], target = 1e-10 * std::abs(lowest);
  const Index k = approx_deflation(guess.values, norms, target, 4.0 * rounding);
  const bool whole = k == 0 && all.V.cols() == A.rows();
  const Subspace subspace = whole ? all : all.first(std::max<Index>(k, 1));
  best.value = enclose_lowest(subspace, -infinity);
  if (whole) best.deflated = A.rows(), best.method = EigenMethod::deflation;
  for (double part = 0.5; k > 0 && part > 0.02; part /= 4.0) {
    const double gap = part * (guess.values[k] - lowest), shift = lowest + gap, weight = 2.0 * gap;
    if (!approx_cholesky(A, end, shift, subspace.V, weight, workspace)) continue;
    const double complement = bound_complement_below(A, end, shift, subspace.V, weight, workspace);
    best.value = enclose_lowest(subspace, complement);
    best.deflated = k, best.method = EigenMethod::deflation;
    break;
  }
  return best;
}

/// A lower bound of λ_min(sign·A) from a factor near the guess; −inf when there is none.
double by_factor(const Matrix& A, End end, double guess, Matrix& workspace) {
  const auto n = static_cast<double>(A.rows());
  const double size = A.diagonal().cwiseAbs().sum() + std::abs(guess);
  double step = 4.0 * std::min(n, 256.0 + n / 256.0) * unit_roundoff * size + smallest_double;
  const Matrix none(A.rows(), 0);
  for (int attempt = 0; attempt < 60; ++attempt, step *= 4.0) {
    if (!std::isfinite(guess - step)) break;
    if (approx_cholesky(A, end, guess - step, none, 0.0, workspace))
      return bound_complement_below(A, end, guess - step, none, 0.0, workspace);
  }
  return -infinity;
}

}  // namespace

double relative_width(const Interval& x) {
  const Interval least = min(abs(x.lower_point()), abs(x.upper_point()));
  return ((x.upper_point() - x.lower_point()) / least).upper();
}

EndEnclosure enclose_end(const Matrix& A, End end, const ApproxEigen& guess, Matrix& workspace) {
  if (A.rows() == 0 || guess.vectors.cols() == 0 || !A.allFinite()) return {};
  EndEnclosure found = by_deflation(A, end, guess, workspace);
  if (!(relative_width(found.value) <= 1e-8)) {
    const double lower = by_factor(A, end, guess.values[0], workspace);
    if (!(found.value.lower() >= lower)) {
      found.value = hull(Interval::exact(lower), found.value.upper_point());
      found.method = EigenMethod::factor, found.deflated = 0;
    }
  }
  if (found.value.is_nan()) return {};
  return found;
}

EndEnclosure enclose_end(const Matrix& A, End end) {
  EndEnclosure best;
  if (A.rows() == 0 || !A.allFinite()) return best;
  Matrix workspace(A.rows(), A.rows());
  for (const Effort effort : {Effort::usual, Effort::crowded}) {
    const EndEnclosure found = enclose_end(A, end, approx_lowest(A, end, effort, workspace), workspace);
    if (effort == Effort::usual || found.value.width() < best.value.width()) best = found;
    if (best.method == EigenMethod::deflation || A.rows() <= dense_size) break;
  }
  return best;
}

namespace {

/// What it is for every matrix of the ball, from what it is in the middle.
Interval over_ball(const Interval& at_mid, Up radius) {
  const Interval value = at_mid + Interval::between(-radius.value(), radius.value());
  return value.is_nan() ? Interval::entire() : value;
}

}  // namespace

EigenvalueRange enclose_eigenvalues(const SymmetricBall& A) {
  const Up radius = radius_norm(A);
  if (A.size() > dense_size) {
    return {over_ball(enclose_end(A.mid, End::smallest).value, radius),
            -over_ball(enclose_end(A.mid, End::largest).value, radius)};
  }
  const ApproxEigen all = approx_eigen(A.mid);  // one decomposition gives both guesses
  Matrix workspace(A.size(), A.size());
  const auto at = [&](End end) {
    return over_ball(enclose_end(A.mid, end, lowest_of(all, end), workspace).value, radius);
  };
  return {at(End::smallest), -at(End::largest)};
}

Interval enclose_largest(const SymmetricBall& A) {
  return -over_ball(enclose_end(A.mid, End::largest).value, radius_norm(A));
}

Interval enclose_norm(const SymmetricBall& A) {
  const EigenvalueRange range = enclose_eigenvalues(A);
  return max(abs(range.smallest), abs(range.largest));
}

Interval enclose_spectral_norm(const Matrix& W) {
  if ((W.array() == 0.0).all()) return Interval::integer(0);
  const bool tall = W.rows() >= W.cols();
  const SymmetricBall S = gram(Ball::exactly(tall ? W : Matrix(W.transpose())));
  return sqrt(max(enclose_largest(S), Interval::integer(0)));
}

}  // namespace overproof
