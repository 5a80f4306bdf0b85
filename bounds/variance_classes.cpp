#include "bounds/variance_classes.h"

#include <algorithm>
#include <utility>

namespace overproof {

namespace {

std::size_t find(const std::vector<Interval>& list, const Interval& x) {
  const auto same = [&](const Interval& other) {
    return same_ends(other, x) && other.precision() == x.precision();
  };
  return static_cast<std::size_t>(std::find_if(list.begin(), list.end(), same) - list.begin());
}

}  // namespace

VarianceClasses::VarianceClasses(const DualActivation& dual, Part part, const Interval& scale,
                                 const std::vector<Interval>& variances, int threads,
                                 VarianceClasses previous) {
  for (const Interval& s : variances) {
    which_.push_back(find(variances_, s));
    if (which_.back() == variances_.size()) variances_.push_back(s);
  }
  factors_.resize(variances_.size());
  std::vector<std::size_t> missing;
  for (std::size_t c = 0; c < variances_.size(); ++c) {
    const std::size_t known = find(previous.variances_, variances_[c]);
    if (known < previous.factors_.size()) {
      factors_[c] = std::move(previous.factors_[known]);
    } else {
      missing.push_back(c);
    }
  }
  const auto count = static_cast<long>(missing.size());
  std::vector<GaussianQuadrature> quadratures(static_cast<std::size_t>(worker_count(count, threads)),
                                              GaussianQuadrature(dual.precision()));
  parallel_for(count, threads, [&](int worker, long i) {
    const std::size_t c = missing[static_cast<std::size_t>(i)];
    factors_[c] = dual.factor(part, variances_[c], scale, quadratures[static_cast<std::size_t>(worker)]);
  });
}

}  // namespace overproof
