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

  /// Another theorem at the same iterate, with the same bounds; not of the flow.
  std::optional<OymakSoltanolkotabi> oymak_soltanolkotabi;

  [[nodiscard]] bool certified() const { return proof.certified(); }
};

/// Encloses everything at these weights and tries the proof; `run`, `step` and the hashes are left to the
/// caller. `eta` is not used for the flow. The cost of one enclosed forward and backward pass, the spectral
/// norms, O(m³), and about 30 bounds of the Lipschitz constant.
[[nodiscard]] Certificate certify(const Architecture& net, Parameters weights, const Dataset& data,
                                  double eta, bool flow);

/// The same at a stored iterate of a run. Throws InputError for what load_parameters refuses and for a run
/// with momentum, which is not gradient descent.
[[nodiscard]] Certificate certify(const Run& run, Index step, bool flow);

/// The certificate of the earliest stored step that bisection finds: its predecessor among the stored steps,
/// if any, is refused. Where the last stored step is refused, that refusal. log₂ of the number of stored
/// steps times the cost of one.
[[nodiscard]] Certificate certify_earliest(const Run& run, bool flow,
                                           const std::function<void(Index step)>& progress = {});

}  // namespace overproof
