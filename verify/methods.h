#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bounds/theorem.h"
#include "verify/certificate.h"
#include "verify/claims.h"

namespace overproof {

/// What one method asks for to prove convergence on the data of a run, beside what the run has.
struct MethodRow {
  std::string method;            ///< id of the statement, or "certificate"
  std::string net;               ///< of which net it speaks: "this net", or another one on the same data
  std::optional<double> width;   ///< it asks for no more than this width
  std::optional<double> eta;     ///< and for no smaller step size than this, at that width
  std::optional<double> factor;  ///< width asked / width, or η / η asked, from below; of those at w₀ what
                                 ///< must be below 1, from above
  std::optional<Verdict> verdict;  ///< of its conditions on width and step size, of those at w₀ of all
                                   ///< conditions; none where it speaks of another net
  std::map<std::string, std::string> assuming;  ///< values of hidden constants
  bool operator==(const MethodRow&) const = default;
};

/// The methods side by side: every theorem on gradient descent about this net, with what it measures at step
/// 0
/// (`initial`, its weights there, if they are known), the theorems on the two-layer ReLU net of 1810.02054 on
/// the same data, Theorem 2.1 of 1812.10004 at w₀, and the certificate. Widths and step sizes asked for are
/// found by bisection, everything else measured held fixed: a theorem's conditions hold at the width that is
/// given and are not shown to hold at a smaller one. Theorems about unit inputs have no rows where the inputs
/// are not. Costs the population Gram matrices and one enclosed forward pass at step 0.
[[nodiscard]] std::vector<MethodRow> compare_methods(const Certificate& certificate, const Dataset& data,
                                                     const Parameters* initial, const Claims& claims,
                                                     const std::vector<Theorem>& theorems);
/// The same for a certificate of a stored run.
[[nodiscard]] std::vector<MethodRow> compare_methods(const Certificate& certificate, const Run& run,
                                                     const Claims& claims,
                                                     const std::vector<Theorem>& theorems);

}  // namespace overproof
