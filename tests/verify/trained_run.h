#pragma once

#include "tests/catch.h"
#include "trainer/run_files.h"
#include "verify/measure.h"

namespace overproof {

/// A trained run on 4 samples of the sphere in dimension 3, steps 0, 3, 6 recorded with their successors.
inline Run trained(const TemporaryFolder& folder, const std::string& network, const std::string& training) {
  const std::string text = "name = \"r\"\nnetwork = { " + network +
                           " }\ndata = { kind = \"sphere\", n = 4, d = 3, seed = 2 }\ntraining = { " +
                           training + " }\nrecord = { at = \"0..6..3\", spectral = \"0,6\" }\n";
  const Json document = parse_toml(text, "s.toml");
  Fields fields(document, "s.toml");
  TrainOptions options;
  options.runs_folder = folder.path();
  return load_run(train(experiment_from(fields), Json::object(), options).folder);
}

inline const Interval& at(const MeasuredRun& run, const std::string& name, std::optional<long> k = {},
                          std::optional<long> h = {}) {
  const Measured* found = run.measurements.find({name, k, h});
  INFO(name);
  REQUIRE(found != nullptr);
  return found->value;
}

/// Replaces the stored iterate of a step, with its hash.
inline void store(Run& run, Index step, const Parameters& weights) {
  const std::string bytes = parameters_bytes(run.architecture, weights);
  RecordedStep& recorded = *std::ranges::find(run.steps, step, &RecordedStep::step);
  recorded.sha256 = sha256(bytes);
  write_file(run.folder / recorded.file, bytes);
}

}  // namespace overproof
