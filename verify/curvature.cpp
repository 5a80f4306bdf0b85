#include "verify/curvature.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>

namespace overproof {

Curvature::Curvature(const ActivationRow& row) {
  // Beyond 4 the absolute value of every σ'' of the table falls [softplus, sigmoid, tanh: of the form
  // e^-|z| times what varies slower; erf: |z|e^(−z²); GELU: (z² − 2)e^(−z²/2); SiLU: |z tanh(z/2) − 2|/(4
  // cosh²(z/2)), see docs/certificate.md].
  range_ = 24.0;
  most_ = second_derivative_bound(row).upper();
  const auto cells = static_cast<long>(2.0 * range_ * cells_per_unit);
  for (long c = 0; c < cells; ++c) {
    const double left = -range_ + static_cast<double>(c) / cells_per_unit,
                 right = left + 1.0 / cells_per_unit;
    const Interval half = taylor(row, Interval::between(left, right, 64), 2)[2];
    const double over_cell = (Interval::integer(2) * abs(half)).upper();
    cells_.push_back(over_cell <= most_ ? over_cell : most_);  // NaN too
  }
}

double Curvature::over(double z, double reach) const {
  if (std::isnan(z) || !(reach >= 0.0)) return std::numeric_limits<double>::quiet_NaN();
  // one cell to each side makes up for the rounding of z ± reach; beyond the table the last cell counts
  const auto last = static_cast<double>(cells_.size() - 1);
  const auto cell = [&](double at) {
    return std::clamp(std::floor((at + range_) * cells_per_unit), -2.0, last + 2.0);
  };
  const double from = cell(z - reach) - 1.0, to = cell(z + reach) + 1.0;
  if (!(to - from < 16.0)) return most_;
  double largest = 0.0;
  for (double c = from; c <= to; ++c)
    largest = std::max(largest, cells_[static_cast<std::size_t>(std::clamp(c, 0.0, last))]);
  return largest;
}

const Curvature& curvature_of(Activation activation) {
  static std::map<Activation, Curvature> built;
  static std::mutex access;
  const std::scoped_lock lock(access);
  const auto at = built.find(activation);
  if (at != built.end()) return at->second;
  return built.emplace(activation, Curvature(activation_row(to_text(activation)))).first->second;
}

std::vector<Up> bent_above(const Curvature& curvature, const Ball& z, const Ball& g) {
  std::vector<Up> bent;
  for (Index i = 0; i < z.columns(); ++i) {
    const double reach = z.entry_around_mid(i).value();
    const Up error = g.entry_around_mid(i);
    Up largest;
    for (Index r = 0; r < z.mid.rows(); ++r)
      largest = max(largest, (Up(std::abs(g.mid(r, i))) + error) * Up(curvature.over(z.mid(r, i), reach)));
    bent.push_back(largest);
  }
  return bent;
}

}  // namespace overproof
