#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "files/file.h"
#include "files/number.h"
#include "trainer/descent.h"
#include "trainer/run.h"
#include "trainer/run_files.h"

namespace overproof {
namespace {

namespace fs = std::filesystem;

/// What run.json says besides how far training came.
struct Plan {
  const Experiment& experiment;
  const Json& claims;
  Architecture architecture;
  Dataset data;
  std::string data_bytes;
  double eta = 0.0;
};

bool same_data(const Dataset& a, const Dataset& b) {
  return a.normalised == b.normalised && a.X.cols() == b.X.cols() && a.X.rows() == b.X.rows() && a.X == b.X &&
         a.y == b.y;
}

/// The run in the folder if it is readable and of this experiment on this data.
std::optional<Run> earlier_run(const fs::path& folder, const std::string& hash, const Dataset& data) {
  std::error_code ignored;
  if (!fs::exists(folder / "run.json", ignored)) return std::nullopt;
  try {
    Run run = load_run(folder);
    const bool same = run.experiment && experiment_hash(*run.experiment) == hash && same_data(run.data, data);
    return same ? std::optional(std::move(run)) : std::nullopt;
  } catch (const InputError&) {
    return std::nullopt;
  }
}

/// How many of the iterates to be stored are there, in order and without a gap (their contents are not read).
std::size_t stored_count(const Run& run, const std::vector<Index>& planned) {
  std::size_t count = 0;
  std::error_code ignored;
  while (count < run.steps.size() && count < planned.size() && run.steps[count].step == planned[count] &&
         fs::exists(run.folder / run.steps[count].file, ignored)) {
    ++count;
  }
  return count;
}

bool nothing_left(const Run& run, const std::vector<Index>& planned) {
  const auto wanted =
      std::ranges::count_if(planned, [&](Index k) { return !run.diverged_at || k < *run.diverged_at; });
  return run.complete && stored_count(run, planned) == static_cast<std::size_t>(wanted);
}

void write_run(const fs::path& folder, const Plan& plan, const std::string& state,
               std::optional<Index> diverged_at) {
  Json json = {{"schema", run_schema},
               {"name", plan.experiment.name},
               {"version", OVERPROOF_VERSION},
               {"state", state},
               {"eta", hex_text(plan.eta)},
               {"seed", plan.experiment.seed},
               {"data",
                {{"file", "data.safetensors"},
                 {"sha256", sha256(plan.data_bytes)},
                 {"normalised", plan.data.normalised}}},
               {"architecture", to_json(plan.architecture)},
               {"experiment", plan.experiment.source},
               {"experiment_sha256", experiment_hash(plan.experiment)},
               {"claims", plan.claims}};
  if (diverged_at) json["diverged_at"] = *diverged_at;
  write_file(folder / "run.json", json.dump(2) + "\n");
}

void refresh_claims(const fs::path& folder, const Json& claims) {
  const fs::path path = folder / "run.json";
  Json json = parse_json(read_file(path), path.string());
  json["claims"] = claims;
  write_file(path, json.dump(2) + "\n");
}

void append(const fs::path& path, const std::string& line) {
  std::ofstream out(path, std::ios::binary | std::ios::app);
  if (!(out << line << std::flush)) throw InputError(fmt::format("{}: cannot be written", path.string()));
}

/// Where training goes on: the weights at `step`, and the lines of steps.jsonl before it.
struct Start {
  Index step = 0;
  Parameters parameters;
  double eta = 0.0;
  std::vector<RecordedStep> kept;
};

/// The last stored iterate that can be read, with those before it.
std::optional<Start> resumed(const Run& run, const std::vector<Index>& planned,
                             const Architecture& architecture) {
  // With momentum the state is more than the weights; with other scales (another libm) it is another network.
  if (run.experiment->momentum != 0 || run.architecture != architecture) return std::nullopt;
  for (std::size_t count = stored_count(run, planned); count > 0; --count) {
    const Index step = run.steps[count - 1].step;
    try {
      return Start{step,
                   load_parameters(run, step),
                   run.eta,
                   {run.steps.begin(), run.steps.begin() + static_cast<std::ptrdiff_t>(count) - 1}};
    } catch (const InputError&) {
      continue;
    }
  }
  return std::nullopt;
}

/// Removes what an earlier run left, and what was proved of it.
void clear(const fs::path& folder) {
  std::error_code error;
  for (const fs::directory_entry& file : fs::directory_iterator(folder, error)) {
    if (file.path().filename().string().starts_with("certificate-")) fs::remove(file.path(), error);
    if (error)
      throw InputError(fmt::format("{}: cannot be removed: {}", file.path().string(), error.message()));
  }
  for (const char* name : {"run.json", "steps.jsonl", "data.safetensors", "iterates"}) {
    fs::remove_all(folder / name, error);
    if (error)
      throw InputError(fmt::format("{}: cannot be replaced: {}", (folder / name).string(), error.message()));
  }
}

void refuse_if_too_large(const Experiment& experiment, double bytes) {
  constexpr double gib = 1024.0 * 1024.0 * 1024.0;
  if (bytes <= experiment.max_gib * gib) return;
  throw InputError(fmt::format(
      "run \"{}\": the iterates would take {:.3g} GiB, record.max_gib allows {:.3g}; record fewer steps "
      "(record.at) or raise it",
      experiment.name, bytes / gib, experiment.max_gib));
}

fs::path folder_of(const Experiment& experiment, const TrainOptions& options) {
  return options.runs_folder /
         fmt::format("{}-{}", experiment.name, experiment_hash(experiment).substr(0, 8));
}

TrainResult train_on_data(const Experiment& experiment, const Json& claims, Dataset data,
                          const TrainOptions& options) {
  const std::string hash = experiment_hash(experiment);
  const fs::path folder = folder_of(experiment, options);
  const std::vector<Index> planned = stored_steps(experiment);
  Plan plan{experiment, claims, {}, std::move(data), {}};
  const std::optional<Run> earlier = earlier_run(folder, hash, plan.data);
  if (earlier && nothing_left(*earlier, planned)) {
    if (earlier->claims != claims) refresh_claims(folder, claims);
    return {folder, false};
  }
  refuse_if_too_large(experiment, estimated_bytes(experiment, plan.data.X.rows()));
  plan.architecture = architecture_of(experiment, plan.data.X.rows());
  plan.data_bytes = data_bytes(plan.data);

  std::optional<Start> start = earlier ? resumed(*earlier, planned, plan.architecture) : std::nullopt;
  const bool fresh = !start;
  if (fresh) {
    Initialisation at = initialise(experiment, plan.data);
    start = Start{0, std::move(at.parameters), at.eta, {}};
  }
  plan.eta = start->eta;
  const FolderLock lock(folder);
  if (const auto other = earlier_run(folder, hash, plan.data); other && nothing_left(*other, planned))
    return {folder, false};  // another process finished it meanwhile
  if (fresh) {
    clear(folder);
    write_file(folder / "data.safetensors", plan.data_bytes);
  }
  write_run(folder, plan, "running", std::nullopt);
  std::string lines;
  for (const RecordedStep& step : start->kept) lines += step_line(step);
  write_file(folder / "steps.jsonl", lines);

  const auto observe = [&](const DescentStep& at) {
    if (options.progress) options.progress(at.step, experiment.steps, at.loss);
    if (!std::ranges::binary_search(planned, at.step)) return;
    const std::string bytes = parameters_bytes(plan.architecture, at.parameters);
    const RecordedStep recorded{at.step,
                                std::ranges::binary_search(experiment.recorded, at.step),
                                at.loss,
                                at.residual_norm,
                                iterate_name(at.step),
                                sha256(bytes)};
    write_file(folder / recorded.file, bytes);
    append(folder / "steps.jsonl", step_line(recorded));
  };
  const Index last = std::max(experiment.steps, planned.back());
  const std::optional<Index> diverged_at =
      descend(plan.architecture, network_inputs(plan.data), plan.data.y, {plan.eta, experiment.momentum},
              std::move(start->parameters), start->step, last, observe);
  write_run(folder, plan, diverged_at ? "diverged" : "finished", diverged_at);
  return {folder, true};
}

}  // namespace

Initialisation initialise(const Experiment& experiment, const Dataset& data) {
  Initialisation at{architecture_of(experiment, data.X.rows()), {}, 0.0};
  at.parameters = initial_parameters(at.architecture, experiment.seed);
  if (experiment.step) {
    at.eta = *experiment.step;
    return at;
  }
  const double largest = approx_lambda_max_ntk(at.architecture, at.parameters, network_inputs(data));
  at.eta = experiment.step_fraction * 2 / largest;
  if (!(largest > 0 && std::isfinite(at.eta) && at.eta > 0)) {
    throw InputError(fmt::format(
        "run \"{}\": training.step_fraction: the initial NTK has lambda_max = {}; give training.step "
        "instead",
        experiment.name, largest));
  }
  return at;
}

std::vector<Index> stored_steps(const Experiment& experiment) {
  std::vector<Index> steps = {0};
  for (const Index k : experiment.recorded) {
    if (steps.back() != k) steps.push_back(k);
    if (experiment.pairs) steps.push_back(k + 1);
  }
  return steps;
}

double estimated_bytes(const Experiment& experiment, Index d) {
  // Every weight takes 8 bytes an entry and below 128 bytes in the header.
  const auto m = static_cast<double>(experiment.width), layers = static_cast<double>(experiment.depth);
  const double numbers = m * static_cast<double>(d) + (layers - 1) * m * m + m;
  const double file = 8 * numbers + 128 * (layers + 1);
  return file * static_cast<double>(stored_steps(experiment).size());
}

TrainResult train(const Experiment& experiment, const Json& claims, const TrainOptions& options) {
  return train_on_data(experiment, claims, load_dataset(experiment.data, options.data_folder), options);
}

TrainResult train_on(const Run& run, Index steps,
                     const std::function<void(Index step, Index steps, double loss)>& progress) {
  const std::string name = run.folder.string();
  // "." and a slash at the end have no parent by name
  const TrainOptions options{.runs_folder = fs::canonical(run.folder).parent_path(), .progress = progress};
  if (!run.experiment) throw InputError(name + ": has no experiment, so that training cannot go on");
  if (run.experiment->momentum != 0.0)
    throw InputError(name + ": has momentum: weights alone are not its state");
  if (run.diverged_at || run.steps.empty()) throw InputError(name + ": has no iterate to go on from");
  const RecordedStep last = run.steps.back();
  Json longer = run.experiment->source;
  longer["training"]["steps"] = last.step + steps;
  Json at = Json::array({0, last.step});
  for (Index part = 1; part <= 8; ++part) at.push_back(last.step + steps * part / 8);
  longer["record"]["at"] = at, longer["record"]["spectral"] = Json::array({0}),
  longer["record"]["pairs"] = false;
  Fields fields(longer, name);
  const Experiment experiment = experiment_from(fields);

  const fs::path folder = folder_of(experiment, options);
  if (!earlier_run(folder, experiment_hash(experiment), run.data)) {
    const FolderLock lock(folder);
    clear(folder);
    std::string lines;
    for (RecordedStep step : last.step == 0 ? std::vector{last} : std::vector{run.at(0), last}) {
      step.head = true;
      write_file(folder / step.file, read_file(run.folder / step.file));
      lines += step_line(step);
    }
    Plan plan{experiment, run.claims, run.architecture, run.data, data_bytes(run.data), run.eta};
    write_file(folder / "data.safetensors", plan.data_bytes);
    write_file(folder / "steps.jsonl", lines);
    write_run(folder, plan, "running", std::nullopt);
  }
  return train_on_data(experiment, run.claims, run.data, options);
}

}  // namespace overproof
