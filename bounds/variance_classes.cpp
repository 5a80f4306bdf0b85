#include "bounds/variance_classes.h"

#include <algorithm>
#include <cmath>
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
  const auto known = [&](const Interval& s) {
    return find(previous.variances_, s) < previous.variances_.size();
  };
  if (std::all_of(variances_.begin(), variances_.end(), known)) {
    for (std::size_t& c : which_) c = find(previous.variances_, variances_[c]);
    variances_ = std::move(previous.variances_);
    factors_ = std::move(previous.factors_);
    return;
  }
  // The largest variance takes the most terms; the others get as many.
  const auto largest =
      std::max_element(variances_.begin(), variances_.end(), [](const auto& a, const auto& b) {
        return std::isnan(b.mid()) ? false : std::isnan(a.mid()) || a.mid() < b.mid();
      });
  const auto first = static_cast<std::size_t>(largest - variances_.begin());
  const auto count = static_cast<long>(variances_.size());
  std::vector<GaussianQuadrature> quadratures(static_cast<std::size_t>(worker_count(count, threads)),
                                              GaussianQuadrature(dual.precision()));
  factors_.resize(variances_.size());
  factors_[first] = dual.factor(part, *largest, scale, quadratures.front());
  const int least = factors_[first].terms();
  parallel_for(count, threads, [&](int worker, long i) {
    const auto c = static_cast<std::size_t>(i);
    if (c == first) return;
    factors_[c] =
        dual.factor(part, variances_[c], scale, quadratures[static_cast<std::size_t>(worker)], least);
  });
}

}  // namespace overproof
