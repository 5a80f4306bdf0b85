#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "trainer/experiment.h"
#include "verify/claims.h"

namespace overproof {

struct SuiteRun {
  Experiment experiment;
  Claims claims;
};

/// A suite file: a title and [[run]] tables, each an experiment and its `judge` table; a `judge` table at the
/// top is the default of runs without one.
struct Suite {
  std::string title;
  std::vector<SuiteRun> runs;
};

/// Reads a suite; nullopt: the quickstart embedded in the binary. `seed` replaces the training seed of every
/// run. Throws InputError naming file, field and value for malformed files, unknown fields, repeated run
/// names, and no run at all.
[[nodiscard]] Suite load_suite(const std::optional<std::filesystem::path>& path,
                               std::optional<std::uint64_t> seed = {});

/// The run of this name; "" for the only one. Throws InputError naming `file` and the runs that there are.
[[nodiscard]] const SuiteRun& find_run(const Suite& suite, const std::string& file, const std::string& name);

}  // namespace overproof
