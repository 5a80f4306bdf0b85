#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trainer/dataset.h"

namespace overproof {

/// Everything that determines a run: network, data, training, what is recorded. Made from one [[run]] table
/// of a suite (tables network, data, training, record) or from run.json.
struct Experiment {
  std::string name;

  std::string network;  ///< "fc", "resnet", "two_layer_relu"
  Index depth = 1, width = 0;
  double c_res = 0.0;         ///< resnet only
  bool output_signs = false;  ///< output weights ±1, not trained; always so for two_layer_relu
  Activation activation = Activation::relu;

  DataSpec data;

  /// The step size η: a number, or a fraction of 2/λ_max(G(0)) computed by the trainer, G(0) the initial NTK.
  std::optional<double> step;
  double step_fraction = 0.0;
  Index steps = 0;
  double momentum = 0.0;  ///< not gradient descent unless zero; for negative controls
  std::uint64_t seed = 0;

  std::vector<Index> recorded;  ///< sorted, within 0..steps; "a..b..step" in TOML
  std::vector<Index>
      spectral_steps;  ///< where spectral norms of every weight are enclosed; 0 is always among them
  bool pairs = true;   ///< store (k, k+1) for every recorded k
  double max_gib = 8.0;

  Json source;  ///< canonical JSON of all of the above, for run.json and for the hash
};

/// Reads the fields name, network, data, training, record of `run` (not `judge`; the caller reads that and
/// calls done()). Throws InputError naming file and field for anything missing, unknown or out of range
/// (docs/run-format.md has the tables).
[[nodiscard]] Experiment experiment_from(Fields& run);

/// sha256 of the canonical JSON: equal experiments have equal hashes, however the fields are ordered and
/// numbers are spelled; threads, paths of folders and record.max_gib do not enter.
[[nodiscard]] std::string experiment_hash(const Experiment& experiment);

/// Ranges "a..b" and "a..b..step" (both ends included when hit), single numbers, and comma-separated lists of
/// them; sorted without repetition. Throws InputError "FILE: FIELD: VALUE: ..." when malformed or outside
/// [least, most].
[[nodiscard]] std::vector<Index> parse_range(const std::string& text, Index least, Index most,
                                             const std::string& where);

/// The network of the experiment for inputs of dimension d, with its scales as doubles.
[[nodiscard]] Architecture architecture_of(const Experiment& experiment, Index input_dimension);

}  // namespace overproof
