#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bounds/verdict.h"
#include "trainer/run.h"
#include "verify/initial.h"
#include "verify/setting.h"

namespace overproof {

/// A run as judged: every number enclosed from the stored doubles, nothing taken from the trainer's
/// arithmetic.
struct MeasuredRun {
  Measurements measurements;
  SettingFacts facts;
  std::map<std::string, Interval> symbols;  ///< n d m H eta c_res c_sigma L_sigma beta beta3 sigma_0
  std::optional<Verdict> records;           ///< do the recorded losses agree with the weights; nullopt where
                                            ///< none is recorded
  std::string records_reason;
  MeasuredFunctions call;
};

/// Measures every recorded step of the run (docs/notation.md lists the names). Cost a recorded step with its
/// pair: 10 products with each weight matrix (a forward-backward pass is 3), O(H n² m) for the Gram matrices
/// and O(n³) for their eigenvalues; spectral norms O(m³) at step 0 and at the run's spectral steps only.
/// Memory: three iterates. A run that diverged before its first iterate has
/// its symbols and data only. Throws InputError for another run without step 0 and for what load_parameters
/// refuses.
[[nodiscard]] MeasuredRun measure(const Run& run,
                                  const std::function<void(Index done, Index of)>& progress = {});

}  // namespace overproof
