#pragma once

#include <string>
#include <vector>

#include "reports/table.h"
#include "verify/measurement.h"

namespace overproof {

/// The measurements people look at first, one row a recorded step: upper bounds of loss, residual and drift,
/// lower bounds of the smallest eigenvalues, each rounded in its direction. "~" marks a number without proof.
/// At most `rows` steps (the first and the last among them); no rows when none of them was measured.
struct Series {
  Table table;
  std::size_t shown = 0, recorded = 0;  ///< steps
  bool unproved = false;                ///< a "~" occurs
};
[[nodiscard]] Series key_series(const Measurements& measurements, std::size_t rows);

/// The measurements that belong to no step: name, enclosure, evidence.
[[nodiscard]] Table scalar_table(const Measurements& measurements);

}  // namespace overproof
