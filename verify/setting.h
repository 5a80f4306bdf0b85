#pragma once

#include <string>
#include <vector>

#include "bounds/theorem.h"
#include "bounds/verdict.h"

namespace overproof {

/// What is known of a run about the assumptions that are no inequalities.
struct SettingFacts {
  std::string network = "other";  ///< decided from the layers: "fc", "resnet", "two_layer_relu" or "other"
  std::string activation;         ///< id in the table of activations
  bool smooth = false;            ///< Condition 3.1 of 1811.03804
  bool analytic = false;          ///< Condition 3.2 of 1811.03804
  bool unit_inputs = false;       ///< ‖x_i‖ = 1 exactly, all i
  Verdict gradient_descent =
      Verdict::undecided;             ///< from descent_residual and the trained weights, all recorded pairs
  std::string gradient_descent_text;  ///< why it fails or is undecided
  std::string gradient_descent_declared;  ///< what no stored pair shows of it; "" when every step up to the
                                          ///< last is a pair
  std::string
      initialisation;  ///< the law the run declares: "gaussian", "rademacher output" or "other"; "" = none
  std::string initialisation_text;  ///< the same in words: "weights N(0,1) i.i.d. at step 0"
  Verdict rademacher_output =
      Verdict::undecided;  ///< every output weight is exactly +1 or −1 at every stored step
};

/// The assumptions of a theorem that fail, that are undecided, and that are taken on the run's word, in
/// words.
struct SettingReport {
  std::vector<std::string> failed, undecided, declared;
  bool other_network = false;  ///< the network differs: the theorem's quantities mean nothing here
  bool unseen_steps = false;   ///< gradient descent is required of steps that are not stored
};

/// Holds a theorem's `setting` against a run. A law of random numbers is never decided, only declared. Throws
/// InputError naming file, theorem and key for a key or value outside the closed list of bounds/theorem.h.
[[nodiscard]] SettingReport check_setting(const Theorem& theorem, const SettingFacts& facts);

}  // namespace overproof
