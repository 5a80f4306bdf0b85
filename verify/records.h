#pragma once

#include <functional>
#include <optional>
#include <string>

#include "bounds/interval.h"
#include "bounds/verdict.h"
#include "trainer/run.h"

namespace overproof {

/// What the trainer wrote down beside the weights, held against them. It is plain floating point, so it
/// agrees up to a relative 1e-6 [docs/rigour.md].
class Records {
 public:
  /// ‖y − u‖ and the loss of one step, unless an import leaves them out. `norm` encloses ‖y − u‖ of the
  /// stored weights, `sharper` does so again where `norm` cannot tell; `labels` is ‖y‖.
  void check_loss(const RecordedStep& recorded, bool may_be_absent, Interval norm, const Interval& labels,
                  const std::function<Interval()>& sharper);
  /// η = fraction · 2/λ_max of the NTK at step 0.
  void check_step_size(double eta, double fraction, const Interval& lambda_max);

  /// nullopt when nothing was recorded.
  [[nodiscard]] const std::optional<Verdict>& verdict() const { return verdict_; }
  [[nodiscard]] const std::string& reason() const { return reason_; }

 private:
  void add(Verdict verdict, const std::string& reason);
  std::optional<Verdict> verdict_;
  std::string reason_;
};

}  // namespace overproof
