#pragma once

#include <optional>
#include <string>
#include <vector>

#include "trainer/run.h"
#include "verify/convergence.h"
#include "verify/lipschitz.h"

namespace overproof {

/// What was proved of one run from one stored iterate on, or why nothing was [docs/certificate.md].
struct Certificate {
  std::string run;  ///< name
  Index step = 0;   ///< w₀ is the iterate of this step
  std::string iterate_sha256, data_sha256;
  Architecture architecture;
  bool normalised = false;
  Premises premises;
  std::vector<double> spectral;  ///< >= ‖W‖₂, one a weight
  double L = 0.0, beta = 0.0, beta_3 = 0.0;
  ConvergenceProof proof;
  /// M on the ball of R_t (refused: of the last radius tried) by each method; the last is the one used.
  std::vector<std::pair<LipschitzMethod, double>> lipschitz;
  /// With the method `jacobians`: how fast the Jacobian turns at w₀ in the direction that a search found
  /// (measured, not proved).
  std::optional<double> searched;

  /// Another theorem at the same iterate, with the same bounds; not of the flow.
  std::optional<OymakSoltanolkotabi> oymak_soltanolkotabi;

  [[nodiscard]] bool certified() const { return proof.certified(); }
  /// The last method with a smaller M than the one before it; the first where there is none.
  [[nodiscard]] std::optional<LipschitzMethod> binding() const;
};

/// Encloses everything at these weights and tries the proof; `run`, `step` and the hashes are left to the
/// caller. `eta` is not used for the flow. The cost of one enclosed forward and backward pass, the spectral
/// norms, O(m³), and about 30 bounds of the Lipschitz constant; with `sharpest` the method `jacobians` its
/// norms and a search of 48 gradients more.
[[nodiscard]] Certificate certify(const Architecture& net, Parameters weights, const Dataset& data,
                                  double eta, bool flow, LipschitzMethod sharpest = LipschitzMethod::batch);

/// The same at a stored iterate of a run. Throws InputError for what load_parameters refuses and for a run
/// with momentum, which is not gradient descent.
[[nodiscard]] Certificate certify(const Run& run, Index step, bool flow,
                                  LipschitzMethod sharpest = LipschitzMethod::batch);

/// The certificate of the earliest stored step that bisection finds: its predecessor among the stored steps,
/// if any, is refused. Where the last stored step is refused, that refusal. log₂ of the number of stored
/// steps times the cost of one; the method `jacobians` is tried where `batch` is refused.
[[nodiscard]] Certificate certify_earliest(const Run& run, bool flow,
                                           const std::function<void(Index step)>& progress = {},
                                           LipschitzMethod sharpest = LipschitzMethod::batch);

}  // namespace overproof
