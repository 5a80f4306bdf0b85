#pragma once

#include <optional>
#include <vector>

#include "bounds/activation.h"
#include "bounds/interval.h"

namespace overproof {

// Expectations over z ~ N(0, 1) of an activation, enclosed. h_k = He_k/√k! are the normalised Hermite
// polynomials, E h_j h_k = [j = k].

/// Which function is meant: σ or σ'.
enum class Part { value, derivative };

/// What f(u), u ~ N(0, s), f = σ or σ', is in the Hermite basis: f(√s z) = Σ a_k h_k(z) in mean square.
struct HermiteExpansion {
  Interval variance;
  Interval mean_square;                ///< E f(u)²
  std::vector<Interval> coefficients;  ///< a_k = E f(√s z) h_k(z), k = 0..N-1; a_0 = E f(u)
  std::vector<Interval> squares;       ///< a_k²
  std::vector<double> tails;  ///< tails[k] >= Σ_{i>=k} a_i², k = 0..N [Parseval: E f² minus the partial sum]

  [[nodiscard]] const Interval& mean() const { return coefficients.front(); }
};

/// Where an expansion ends: after `terms` terms, or as soon as its tail is at most `tail` or all enclosure
/// width.
struct ExpansionEnd {
  int terms = 1;
  double tail = 0;
};

/// The nodes j·step, |j| <= nodes.
struct QuadratureGrid {
  double step = 0;
  long nodes = 0;
};

/// Trapezoidal sums on the real line with proved error terms (gaussian.cpp has the proof); relu by closed
/// forms. Keeps the Hermite polynomials at the nodes, so that a further variance costs terms × nodes
/// products. Not for sharing between threads.
class GaussianQuadrature {
 public:
  /// Aims at absolute errors below 2^-precision, which variances up to about 50 reach; larger ones only
  /// widen.
  explicit GaussianQuadrature(int precision = Interval::default_precision) : precision_(precision) {}

  /// Encloses the expansion for every s in `variance` (its negative part is ignored; nan if all of it is
  /// negative or it is unbounded). A `forced` grid, coarse or short, costs sharpness, never soundness; it
  /// must reach 1.5 (InputError).
  [[nodiscard]] HermiteExpansion expand(const ActivationRow& row, Part part, const Interval& variance,
                                        ExpansionEnd end, std::optional<QuadratureGrid> forced = {});

 private:
  /// step·φ(x_j) h_k(x_j) at the nodes x_j = j·step, j >= 0, for as many k as were asked for.
  struct Basis {
    QuadratureGrid grid;
    int most_terms = 0;
    std::vector<std::vector<Interval>> psi;   ///< psi[k][j], rounded
    std::vector<Interval> previous, current;  ///< the last two k, at the precision of the recurrence
  };
  [[nodiscard]] Basis& basis(const QuadratureGrid& grid, int most_terms);
  [[nodiscard]] const std::vector<Interval>& psi(Basis& basis, int k) const;

  int precision_;
  std::vector<Basis> bases_;
};

/// E f(√s z) and E f(√s z)² for f = σ or σ'.
[[nodiscard]] Interval gaussian_mean(const ActivationRow& row, Part part, const Interval& variance,
                                     int precision = Interval::default_precision);
[[nodiscard]] Interval gaussian_mean_square(const ActivationRow& row, Part part, const Interval& variance,
                                            int precision = Interval::default_precision);

/// The correlation c/√(s1 s2) ∩ [-1, 1]; all of [-1, 1] when a variance may be 0, nan when nothing is left.
[[nodiscard]] Interval correlation(const Interval& s1, const Interval& covariance, const Interval& s2);

/// E f(u) f(v) for a centred Gaussian pair of correlation in `rho` ∩ [-1, 1]: Σ_{k<n} a_k b_k ρ^k ± |ρ|^n
/// √(tails), by Mehler and Cauchy–Schwarz, with the first n that brings the tail below `tolerance` (all terms
/// if none does).
[[nodiscard]] Interval hermite_product(const HermiteExpansion& u, const HermiteExpansion& v,
                                       const Interval& rho, double tolerance);

/// The dual activation of one σ: (s1, c, s2) ↦ E f(u) f(v), where (u, v) is a centred Gaussian pair with
/// variances s1, s2 and covariance c, f = σ or σ'. erf and relu by closed forms, the others by Hermite
/// expansions with as many terms (at most 400) as bring the tail below 2^-(precision/2 + 6).
class DualActivation {
 public:
  explicit DualActivation(const ActivationRow& row, int precision = Interval::default_precision)
      : row_(&row), precision_(precision), quadrature_(precision) {}

  /// The expansion at one variance, as far as product() needs it.
  [[nodiscard]] HermiteExpansion expand(Part part, const Interval& variance);
  /// E f(u) f(v) from two expansions of the same part. A covariance outside ±√(s1 s2) is cut; nan if nothing
  /// is left.
  [[nodiscard]] Interval product(Part part, const HermiteExpansion& u, const HermiteExpansion& v,
                                 const Interval& covariance) const;

 private:
  [[nodiscard]] bool has_closed_form() const { return row_->id == "erf" || row_->id == "relu"; }
  [[nodiscard]] double tolerance() const;

  const ActivationRow* row_;
  int precision_;
  GaussianQuadrature quadrature_;
};

}  // namespace overproof
