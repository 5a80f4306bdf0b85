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
  std::vector<Interval>
      tails;  ///< points, tails[k] >= Σ_{i>=k} a_i², k = 0..N [Parseval: E f² minus the sum]

  [[nodiscard]] const Interval& mean() const { return coefficients.front(); }
};

/// The expansion with these numbers and the tails that follow from them.
[[nodiscard]] HermiteExpansion hermite_expansion(const Interval& variance, const Interval& mean_square,
                                                 const std::vector<Interval>& coefficients);

/// Whether the odd (parity 1) or even (0) coefficients of σ or σ' from a_2 on are 0 for every variance, as
/// the symmetry of the row has it.
[[nodiscard]] bool parity_vanishes(const ActivationRow& row, Part part, int parity);

constexpr int usual_most = 512;  ///< of an expansion, unless its accuracy or the caller wants more

/// Where an expansion ends: after `terms` terms, or, from `least` terms on, as soon as its tail is at most
/// 2^-accuracy or all enclosure width.
struct ExpansionEnd {
  int terms = 1;
  std::optional<int> accuracy = {};
  int least = 1;
};

/// The nodes j·step, |j| <= nodes.
struct QuadratureGrid {
  double step = 0;
  long nodes = 0;
};

/// Trapezoidal sums on the real line with proved error terms (gaussian.cpp has the proof); relu by closed
/// forms. Keeps the Hermite polynomials at the nodes where they fit the memory, so that a further variance
/// costs terms × nodes products. What expand() returns depends on its arguments only. Not for sharing between
/// threads.
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

  /// The expansion up to a tail of 2^-accuracy, with as few terms as that takes, but `least` (or all that the
  /// precision is good for, or `most`, where that is more than the accuracy takes at variance 1): some 100
  /// for 64 bits, 1000 for 300, growing like accuracy² for σ with a pole.
  [[nodiscard]] HermiteExpansion expand_to(const ActivationRow& row, Part part, const Interval& variance,
                                           int accuracy, int least = 1, int most = usual_most);

 private:
  /// step·φ(x_j) He_k(x_j) at the nodes x_j = j·step, j >= 0, k going up.
  struct Basis {
    QuadratureGrid grid;
    std::vector<Interval> nodes;  ///< x_j
    int most_terms = 0;
    long long order = 0;
    std::vector<Interval> previous, current;  ///< orders order − 1 and order
    Interval factorial;                       ///< order!
    std::vector<std::vector<Interval>> psi;   ///< step·φ h_k, rounded; all k or the last
    [[nodiscard]] bool keeps_all() const;
  };
  [[nodiscard]] Basis& basis(const QuadratureGrid& grid, int most_terms);
  static void advance(Basis& basis);
  /// Ascending k where the basis does not keep all.
  [[nodiscard]] const std::vector<Interval>& psi(Basis& basis, int k) const;

  int precision_;
  std::vector<Basis> bases_;
};

/// E f(√s z) and E f(√s z)² for f = σ or σ'.
[[nodiscard]] Interval gaussian_mean(const ActivationRow& row, Part part, const Interval& variance,
                                     int precision = Interval::default_precision);
[[nodiscard]] Interval gaussian_mean_square(const ActivationRow& row, Part part, const Interval& variance,
                                            int precision = Interval::default_precision);

}  // namespace overproof
