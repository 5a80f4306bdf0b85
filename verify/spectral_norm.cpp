#include "verify/spectral_norm.h"

#include <cblas.h>

#include <cmath>

#include "verify/eigenvalues.h"

namespace overproof {
namespace {

const Up underflow(4.0 * smallest_double);

/// ‖X‖₂ from above for XᵀX within `error` of the symmetric matrix S and ‖X‖_F <= frobenius.
Up norm_from(const Matrix& S, Up error, Up frobenius) {
  const double guess = approx_largest_eigenvalue(S);
  const double enough = guess * (1.0 + 0x1p-8);
  if (!(guess > 0.0) || !std::isfinite(enough) || !(square(frobenius).value() > enough)) return frobenius;
  Matrix R(S.rows(), S.rows());
  for (const double margin : {0x1p-8, 0x1p-5, 0x1p-2, 1.0}) {
    // −S >= ν: λ_max(S) <= −ν
    const double nu = factor_below(S, End::largest, -guess * (1.0 + margin), R);
    if (std::isfinite(nu)) return min(frobenius, sqrt(Up(std::max(0.0, -nu)) + error));
  }
  return frobenius;
}

}  // namespace

ScaledGram scaled_gram(const Matrix& A) {
  const Index n = A.cols();
  ScaledGram gram{Matrix::Zero(n, n), {}, {}, {}, 1.0, A.allFinite()};
  if (!gram.finite || A.size() == 0) return gram;
  int exponent = 0;
  std::frexp(A.cwiseAbs().maxCoeff(), &exponent);
  exponent = std::clamp(exponent, -1000, 1000);
  gram.unit = std::ldexp(1.0, exponent);
  const Matrix X = A * std::ldexp(1.0, -exponent);  // exact but for underflow
  gram.lost = sqrt(Up(static_cast<double>(A.size()))) * Up(smallest_double);
  gram.frobenius = frobenius_above(X);
  cblas_dsyrk(CblasColMajor, CblasUpper, CblasTrans, static_cast<int>(n), static_cast<int>(X.rows()), 1.0,
              X.data(), static_cast<int>(X.rows()), 0.0, gram.upper.data(), static_cast<int>(n));
  // |S − XᵀX| <= γ|X|ᵀ|X| + rows·η, entry by entry [Higham 2002, section 3.1]
  const auto rows = static_cast<double>(X.rows()), columns = static_cast<double>(n);
  gram.error = gamma_factor(rows + 1.0) * square(gram.frobenius) + rows * columns * underflow;
  return gram;
}

Up bound_norm(const ScaledGram& gram) {
  if (!gram.finite) return Up(std::nan(""));
  return gram.unit * (norm_from(gram.upper, gram.error, gram.frobenius) + gram.lost);
}

Up bound_norm(const ScaledGram& gram, const Vector& d) {
  if (!gram.finite || !d.allFinite()) return Up(std::nan(""));
  const Index n = gram.upper.cols();
  const Up largest = d.size() > 0 ? Up(d.cwiseAbs().maxCoeff()) : Up();
  Matrix S = Matrix::Zero(n, n);
  for (Index j = 0; j < n; ++j)
    S.col(j).head(j + 1) = gram.upper.col(j).head(j + 1).cwiseProduct(d[j] * d.head(j + 1));
  // two roundings an entry, and underflow of either
  const Up squared = square(largest);
  const Up rounding = Up(2.0) * gamma_factor(4.0) * squared * frobenius_above(gram.upper) +
                      static_cast<double>(n) * underflow * (Up(1.0) + frobenius_above(gram.upper));
  const Up norm = norm_from(S, squared * gram.error + rounding, gram.frobenius * largest);
  return gram.unit * (norm + gram.lost * largest);
}

}  // namespace overproof
