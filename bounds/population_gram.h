#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "bounds/activation.h"
#include "bounds/coefficient_cache.h"
#include "bounds/interval.h"

namespace overproof {

/// A symmetric n × n matrix of enclosures, the upper triangle stored.
class SymmetricIntervals {
 public:
  explicit SymmetricIntervals(long n) : n_(n), entries_(static_cast<std::size_t>(n * (n + 1) / 2)) {}
  [[nodiscard]] long size() const { return n_; }
  [[nodiscard]] Interval& operator()(long i, long j) { return entries_[index(i, j)]; }
  [[nodiscard]] const Interval& operator()(long i, long j) const { return entries_[index(i, j)]; }

 private:
  [[nodiscard]] static std::size_t index(long i, long j) {
    if (i > j) std::swap(i, j);
    return static_cast<std::size_t>(j * (j + 1) / 2 + i);
  }
  long n_;
  std::vector<Interval> entries_;
};

/// How a population Gram matrix is computed.
struct GramOptions {
  /// Bits carried. Entries come out with absolute widths near 2^-accuracy_of(precision) (dual_activation.h)
  /// where the inner products are known as well: 1e-21 for 128 bits, 1e-72 for 300; the square root of that
  /// where closed forms meet ρ = ±1 (relu).
  int precision = Interval::default_precision;
  int threads = 0;  ///< 0: the default of parallel.h; the numbers are the same for any
  const CoefficientCache* cache = nullptr;  ///< of Hermite coefficients, if wanted
};

// All of these enclose the matrix for every choice of inner products in `inner` that a set of inputs can have
// (negative squared norms and correlations outside [-1, 1] are cut away). A nan makes its entries nan. Cost:
// O(n² H N) operations, N the Hermite terms (30 to 250 at 128 bits, growing like the square of the
// precision), plus one expansion for each layer and distinct squared norm (where three or more share an
// eighth of an octave: for each such piece). Error analysis: docs/rigour.md.

/// K^(H) of the fully connected net [1811.03804, Definition 5.1; its last line is read with the covariance of
/// K^(H-1), as H = 1 and Lemma E.1 force]. `inner` encloses the inner products K^(0) of the inputs; a
/// diagonal entry that is exactly 1 stays exactly 1 up to layer H-1. H >= 1 (InputError).
[[nodiscard]] SymmetricIntervals population_gram_fc(const SymmetricIntervals& inner, int depth,
                                                    const ActivationRow& row,
                                                    const GramOptions& options = {});
/// The same for several depths, in their order, at the cost of the largest.
[[nodiscard]] std::vector<SymmetricIntervals> population_grams_fc(const SymmetricIntervals& inner,
                                                                  const std::vector<int>& depths,
                                                                  const ActivationRow& row,
                                                                  const GramOptions& options = {});

/// K^(H) of the ResNet [1811.03804, Definition 6.1 with b_i paired with σ(v), v of input j, as in (16), and
/// the last line read as for fully connected nets]. H >= 2, c_res > 0 (InputError).
[[nodiscard]] SymmetricIntervals population_gram_resnet(const SymmetricIntervals& inner, int depth,
                                                        const Interval& c_res, const ActivationRow& row,
                                                        const GramOptions& options = {});

/// Patches of a convolution with stride 1 and zero padding on height × width pixels. Pixel (y, x) is number
/// y·width + x; height = patch_height = 1 is the one-dimensional case.
struct PixelPatches {
  long height = 1, width = 1, patch_height = 1, patch_width = 1;
};

/// K^(H) of the convolutional ResNet [1811.03804, Definition 7.1 with H^(h) built on the previous pixel Gram
/// matrix, the patch map applied to it in every layer, b paired as in (16), and the factor (c_res/H)² of
/// (15)]. pixels[l](i, j) encloses the inner product x_{i,l}·x_{j,l} of pixel l of samples i and j: the other
/// pixel pairs have no part in K^(H), as the patch map and the activation keep l − r. H >= 2, c_res > 0, odd
/// patches (InputError). Cost: O(n² p H N), plus the expansions and n p H N² products at worst.
[[nodiscard]] SymmetricIntervals population_gram_conv_resnet(const std::vector<SymmetricIntervals>& pixels,
                                                             const PixelPatches& patches, int depth,
                                                             const Interval& c_res, const ActivationRow& row,
                                                             const GramOptions& options = {});

/// H^∞ of the two-layer ReLU net [1901.08584, (3)]: x_i·x_j (π − arccos ρ_ij)/(2π), ρ the cosine.
[[nodiscard]] SymmetricIntervals population_gram_two_layer_relu(const SymmetricIntervals& inner,
                                                                int threads = 0);

}  // namespace overproof
