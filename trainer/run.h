#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "trainer/experiment.h"
#include "trainer/network.h"

namespace overproof {

/// One stored iterate: what the trainer wrote down beside it. `loss` and `residual_norm` are plain floating
/// point; an imported run may give "nan".
struct RecordedStep {
  Index step = 0;
  bool head = true;  ///< a recorded step k; false for the k+1 of a pair
  double loss = 0.0;
  double residual_norm = 0.0;
  std::string file, sha256;  ///< relative to the run's folder
};

/// A run folder, loaded: run.json, steps.jsonl, data.safetensors. Iterates are read one at a time by
/// load_parameters. The hashes of data and experiment are checked on loading, that of an iterate when it is
/// read.
struct Run {
  std::filesystem::path folder;
  std::string name;
  std::optional<Experiment> experiment;  ///< absent for an imported run
  Architecture architecture;
  Dataset data;
  std::string data_sha256;  ///< of the data file
  double eta = 0.0;
  Json claims;                        ///< the suite's judge table, verbatim
  std::vector<RecordedStep> steps;    ///< sorted by step
  std::optional<Index> diverged_at;   ///< first step with a non-finite loss or weight; not stored itself
  std::vector<Index> spectral_steps;  ///< stored steps; always contains 0 when step 0 is stored
  bool complete = true;               ///< false for a run whose training was interrupted

  [[nodiscard]] std::vector<Index> heads() const;
  [[nodiscard]] bool has_step(Index step) const;
  [[nodiscard]] const RecordedStep& at(Index step) const;
};

/// Throws InputError for a missing or malformed file, a hash that does not match, NaN or infinite data, no
/// stored iterate, or something else than the run's experiment asks for: network, step size, seed, or (when
/// it came to its end) stored iterates.
[[nodiscard]] Run load_run(const std::filesystem::path& folder);

/// The stored weights, exactly. Throws InputError naming the file for a truncated file, a shape that differs
/// from the architecture, NaN or infinite entries, a wrong dtype, a sha256 that differs from steps.jsonl, or
/// a step not stored.
[[nodiscard]] Parameters load_parameters(const Run& run, Index step);

/// Where training starts: the network, its initial weights and the step size.
struct Initialisation {
  Architecture architecture;
  Parameters parameters;
  double eta = 0.0;
};

/// Throws InputError where step_fraction gives no positive step size.
[[nodiscard]] Initialisation initialise(const Experiment& experiment, const Dataset& data);

struct TrainOptions {
  std::filesystem::path data_folder = ".";
  std::filesystem::path runs_folder = "runs";  ///< the run goes to runs_folder/<name>-<first 8 of its hash>
  std::function<void(Index step, Index steps, double loss)> progress = {};
};

struct TrainResult {
  std::filesystem::path folder;
  bool trained = false;  ///< false: a finished run of this experiment was there already
};

/// `claims` is a JSON value kept verbatim. Trains (full-batch gradient descent on ½ Σ (f − y)²) and stores
/// the run; does nothing but refresh the claims if a finished run with this experiment's hash is there;
/// resumes an interrupted one from its last complete iterate, giving the same iterates as an uninterrupted
/// run. A non-finite loss ends the run as "diverged at k". A run in the same folder that is of other data or
/// another experiment is replaced. Throws InputError when the estimated bytes exceed record.max_gib, before
/// anything is written, and when another process trains in that folder.
TrainResult train(const Experiment& experiment, const Json& claims, const TrainOptions& options);

/// Goes on from the last stored iterate of a run for `steps` more steps, eight of which are recorded beside
/// step 0 and that iterate. The longer run is an experiment, and gets a folder, of its own, next to that of
/// the run, which is left as it is; its data and step size are those of the run. Throws InputError for a run
/// without experiment, with momentum (weights alone are not its state), without an iterate, or that diverged,
/// and what train() throws.
TrainResult train_on(const Run& run, Index steps,
                     const std::function<void(Index step, Index steps, double loss)>& progress = {});

/// The steps whose iterates the experiment stores, sorted: 0, from which drift is measured, the recorded k,
/// and with pairs every k + 1.
[[nodiscard]] std::vector<Index> stored_steps(const Experiment& experiment);

/// Bytes the iterates of the experiment will take on disk.
[[nodiscard]] double estimated_bytes(const Experiment& experiment, Index input_dimension);

}  // namespace overproof
