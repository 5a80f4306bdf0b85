#include "trainer/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "files/file.h"
#include "trainer/run_files.h"

namespace overproof {
namespace {

std::string checked_bytes(const std::filesystem::path& path, const std::string& expected) {
  std::string bytes = read_file(path);
  if (const std::string found = sha256(bytes); found != expected) {
    throw InputError(
        fmt::format("{}: sha256 is {}..., the run records {}...: the file was changed or damaged",
                    path.string(), found.substr(0, 12), expected.substr(0, 12)));
  }
  return bytes;
}

std::string shape_text(const std::vector<std::int64_t>& shape) { return Json(shape).dump(); }

/// The tensors of a file, which must be exactly those named, of the shapes given.
Tensors expect(Tensors tensors,
               const std::vector<std::pair<std::string, std::vector<std::int64_t>>>& expected,
               const std::string& file) {
  for (const auto& [name, shape] : expected) {
    const auto at = tensors.find(name);
    if (at == tensors.end()) throw InputError(fmt::format("{}: has no tensor \"{}\"", file, name));
    if (at->second.shape != shape) {
      throw InputError(fmt::format("{}: {}: has shape {}, {} is expected", file, name,
                                   shape_text(at->second.shape), shape_text(shape)));
    }
  }
  if (tensors.size() != expected.size()) {
    const auto extra = std::ranges::find_if(tensors, [&](const auto& tensor) {
      return std::ranges::none_of(expected, [&](const auto& row) { return row.first == tensor.first; });
    });
    throw InputError(fmt::format("{}: has a tensor \"{}\" that belongs to nothing", file, extra->first));
  }
  return tensors;
}

Dataset load_data(Fields fields, const std::filesystem::path& folder, Index features) {
  const std::filesystem::path path = folder / fields.text("file");
  const std::string file = path.string();
  Tensors tensors = parse_safetensors(checked_bytes(path, fields.text("sha256")), file);
  const auto y = tensors.find("y");
  if (y == tensors.end() || y->second.shape.size() != 1)
    throw InputError(file + ": a tensor \"y\" of shape [n] is expected");
  const std::int64_t n = y->second.shape[0];
  tensors = expect(std::move(tensors), {{"X", {n, features}}, {"y", {n}}}, file);
  Dataset data{matrix_of(tensors["X"]).transpose(), Eigen::Map<const Vector>(tensors["y"].values.data(), n)};
  data.normalised = fields.boolean("normalised", false);
  fields.done();
  check(data, file);
  return data;
}

Experiment load_experiment(Fields& run, const std::string& name) {
  Fields fields = run.table("experiment");
  Experiment experiment = experiment_from(fields);
  fields.done();
  if (experiment.name != name)
    throw run.error("name", fmt::format("the experiment is named \"{}\"", experiment.name));
  if (const std::string hash = experiment_hash(experiment); hash != run.text("experiment_sha256")) {
    throw run.error("experiment_sha256",
                    fmt::format("the experiment has {}...: it was changed", hash.substr(0, 12)));
  }
  return experiment;
}

/// The same network up to a few units in the last place of the scales, which another libm may round
/// otherwise.
bool same_network(const Architecture& found, Architecture expected) {
  if (found.layers.size() != expected.layers.size()) return false;
  for (std::size_t h = 0; h < found.layers.size(); ++h) {
    const double scale = found.layers[h].scale;
    double& wanted = expected.layers[h].scale;
    if (std::abs(scale - wanted) <= 1e-15 * std::abs(wanted)) wanted = scale;
  }
  return found == expected;
}

/// What run.json says of the run is what its experiment asks for.
void check_experiment(const Run& run, Index seed, const Fields& fields) {
  if (!run.experiment) return;
  const Experiment& experiment = *run.experiment;
  if (!same_network(run.architecture, architecture_of(experiment, run.architecture.input_dimension)))
    throw InputError(fields.file() + ": architecture: is not that of the experiment");
  if (experiment.step && run.eta != *experiment.step)
    throw fields.error("eta", fmt::format("the experiment has step = {}", *experiment.step));
  if (static_cast<std::uint64_t>(seed) != experiment.seed)
    throw fields.error("seed", fmt::format("the experiment has seed = {}", experiment.seed));
  if (run.data.normalised != experiment.data.fields.at("normalised").get<bool>())
    throw InputError(fields.file() + ": data.normalised: is not that of the experiment");
}

/// A run that came to its end has every iterate of its experiment: none can be taken out unseen.
void check_steps(const Run& run, const std::string& file) {
  if (!run.experiment || !run.complete) return;
  const std::vector<Index> stored = stored_steps(*run.experiment);
  for (const Index step : stored) {
    if (run.diverged_at && step >= *run.diverged_at) break;
    if (!run.has_step(step)) {
      throw InputError(fmt::format("{}: step {} is missing, which the experiment stores", file, step));
    }
  }
  for (const RecordedStep& step : run.steps) {
    if (!std::ranges::binary_search(stored, step.step)) {
      throw InputError(fmt::format("{}: step {}: the experiment does not store this step", file, step.step));
    }
    if (step.head != std::ranges::binary_search(run.experiment->recorded, step.step)) {
      throw InputError(fmt::format("{}: step {}: head: {} is expected, as the experiment says", file,
                                   step.step, !step.head));
    }
  }
}

}  // namespace

std::vector<Index> Run::heads() const {
  std::vector<Index> list;
  for (const RecordedStep& step : steps) {
    if (step.head) list.push_back(step.step);
  }
  return list;
}

bool Run::has_step(Index step) const {
  return std::ranges::binary_search(steps, step, {}, &RecordedStep::step);
}

const RecordedStep& Run::at(Index step) const {
  const auto found = std::ranges::lower_bound(steps, step, {}, &RecordedStep::step);
  if (found == steps.end() || found->step != step) {
    throw InputError(fmt::format("{}: step {} is not stored", folder.string(), step));
  }
  return *found;
}

Run load_run(const std::filesystem::path& folder) {
  const std::string file = (folder / "run.json").string();
  const Json json = parse_json(read_file(file), file);
  Fields fields(json, file);
  if (fields.text("schema") != run_schema)
    throw fields.error("schema", fmt::format("\"{}\" is expected", run_schema));
  Run run;
  run.folder = folder;
  run.name = fields.text("name");
  if (fields.has("experiment")) run.experiment = load_experiment(fields, run.name);
  const Json* claims = fields.raw("claims");
  run.claims = claims ? *claims : Json::object();
  (void)fields.text("version", "");
  run.architecture = architecture_from(fields.table("architecture"));
  run.eta = fields.exact_number("eta");
  if (run.eta <= 0) throw fields.error("eta", "a number > 0 is expected");
  const Index seed = fields.integer("seed", 0, INT64_MAX, 0);
  run.data =
      load_data(fields.table("data"), folder, run.architecture.inputs * run.architecture.input_dimension);
  run.data_sha256 = json["data"]["sha256"];
  check_experiment(run, seed, fields);

  const std::string state = fields.choice("state", {"running", "finished", "diverged"}, "finished");
  run.complete = state != "running";
  if (fields.has("diverged_at") != (state == "diverged")) {
    throw fields.error("diverged_at", "is given exactly when state is \"diverged\"");
  }
  const std::string steps_file = (folder / "steps.jsonl").string();
  run.steps = parse_steps(read_file(steps_file), !run.complete, steps_file);
  if (state == "diverged") {
    run.diverged_at = fields.integer("diverged_at", 0, 1'000'000'000'000);
    if (!run.steps.empty() && run.steps.back().step >= *run.diverged_at) {
      throw fields.error("diverged_at", fmt::format("step {} is stored", run.steps.back().step));
    }
  } else if (run.steps.empty()) {
    throw InputError(steps_file + ": has no stored iterate");
  }
  fields.done();
  check_steps(run, steps_file);

  const std::vector<Index> wanted = run.experiment ? run.experiment->spectral_steps : std::vector<Index>{0};
  std::ranges::copy_if(wanted, std::back_inserter(run.spectral_steps),
                       [&](Index k) { return run.has_step(k); });
  return run;
}

Parameters load_parameters(const Run& run, Index step) {
  const RecordedStep& recorded = run.at(step);
  const std::filesystem::path path = run.folder / recorded.file;
  const std::string file = path.string();
  std::vector<std::pair<std::string, std::vector<std::int64_t>>> expected;
  for (const Weight& weight : run.architecture.weights)
    expected.push_back({weight.name, {weight.rows, weight.cols}});
  const Tensors tensors =
      expect(parse_safetensors(checked_bytes(path, recorded.sha256), file), expected, file);
  Parameters parameters;
  for (const Weight& weight : run.architecture.weights) {
    parameters.push_back(matrix_of(tensors.find(weight.name)->second));
    if (!parameters.back().allFinite()) {
      throw InputError(fmt::format("{}: {}: has an entry that is not finite", file, weight.name));
    }
  }
  return parameters;
}

}  // namespace overproof
