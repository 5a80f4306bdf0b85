#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "bounds/dual_activation.h"
#include "bounds/parallel.h"

namespace overproof {

/// Series that lists of variances share, one list after the other; of one dual.
class SharedSeries {
 public:
  struct Piece {
    std::size_t variances = 0;  ///< that fell into it
    std::optional<VarianceSeries> series = {};
  };
  /// The piece of variances that ends with this number.
  [[nodiscard]] Piece& ending_with(double top, Part part) { return pieces_[{part, top}]; }

 private:
  std::map<std::pair<Part, double>, Piece> pieces_;
};

/// One factor of the dual activation for each distinct variance of a list (equal ends; what is enclosed may
/// differ), made in parallel. From the third variance of one eighth of an octave on they share a
/// VarianceSeries, unless it is not sharp or a closed form serves.
class VarianceClasses {
 public:
  VarianceClasses() = default;
  /// If `previous`, of the same dual, part and scale, has all these variances, its factors are taken.
  /// `shared`, if any, counts and keeps what earlier lists of the dual have used.
  VarianceClasses(const DualActivation& dual, Part part, const Interval& scale,
                  const std::vector<Interval>& variances, int threads, VarianceClasses previous = {},
                  SharedSeries* shared = nullptr);

  [[nodiscard]] const MehlerFactor& operator[](std::size_t i) const { return factors_[which_[i]]; }
  /// Which factor number i has, 0..classes()-1.
  [[nodiscard]] std::size_t which(std::size_t i) const { return which_[i]; }
  [[nodiscard]] std::size_t classes() const { return factors_.size(); }

 private:
  std::vector<MehlerFactor> factors_;
  std::vector<Interval> variances_;  ///< of the classes, as they were given
  std::vector<std::size_t> which_;
};

}  // namespace overproof
