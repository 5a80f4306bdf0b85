#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "bounds/gaussian.h"
#include "bounds/interval.h"

namespace overproof {

/// All that the numbers of an expansion depend on, in clear; the sources that compute them and the versions
/// of the arithmetic below are added.
struct CoefficientKey {
  std::string activation;
  Part part = Part::value;
  Interval variance;
  int precision = Interval::default_precision;
  std::optional<int> accuracy = {};  ///< as in GaussianQuadrature::expand_to; none: a_0 only
  int least = 1, most = usual_most;  ///< terms

  /// Equal for equal keys only: the ends of the variance are exact.
  [[nodiscard]] std::string text() const;
};

/// Hermite expansions in a folder, one file each, named by the sha256 of its key. A file is the key, the
/// numbers with exact ends, and the sha256 of all that. Whatever does not match exactly (truncated, altered,
/// of another key, not a number) is not found and gets replaced; a folder that cannot be written costs only
/// time. A file that was made up consistently is believed. Processes and threads may share a folder.
class CoefficientCache {
 public:
  explicit CoefficientCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

  [[nodiscard]] std::optional<HermiteExpansion> find(const CoefficientKey& key) const;
  /// Nothing that is nan or unbounded is stored.
  void store(const CoefficientKey& key, const HermiteExpansion& expansion) const;
  [[nodiscard]] std::filesystem::path path(const CoefficientKey& key) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace overproof
