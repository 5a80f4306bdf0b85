#include "trainer/experiment.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "files/file.h"

namespace overproof {
namespace {

constexpr Index most_depth = 1000, most_width = 1'000'000, most_steps = 1'000'000'000;
constexpr std::size_t most_recorded = 100'000;
const std::vector<std::string> networks{"fc", "resnet", "two_layer_relu"};

std::optional<Index> whole_number(std::string_view text) {
  Index value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.starts_with('-')) return std::nullopt;
  return value;
}

void sort_unique(std::vector<Index>& steps) {
  std::ranges::sort(steps);
  steps.erase(std::ranges::unique(steps).begin(), steps.end());
}

/// A field holding a range text, one step, or a list of steps.
std::vector<Index> steps_from(Fields& fields, const std::string& name, Index most) {
  const Json* value = fields.raw(name);
  if (value->is_string())
    return parse_range(value->get<std::string>(), 0, most, fields.file() + ": " + fields.where(name));
  const Json list = value->is_array() ? *value : Json::array({*value});
  std::vector<Index> steps;
  for (const Json& entry : list) {
    if (!entry.is_number_integer() || entry < 0 || entry > most) {
      throw fields.error(
          name, fmt::format("steps from 0 to {}, as \"a..b\", \"a..b..step\" or a list, are expected", most));
    }
    steps.push_back(entry.get<Index>());
  }
  if (steps.empty() || steps.size() > most_recorded) {
    throw fields.error(name, fmt::format("1 to {} steps are expected", most_recorded));
  }
  sort_unique(steps);
  return steps;
}

/// 0, steps and 19 steps evenly between.
std::vector<Index> default_recorded(Index steps) {
  constexpr Index parts = 20;
  std::vector<Index> recorded;
  for (Index i = 0; i <= parts; ++i) recorded.push_back(steps * i / parts);
  sort_unique(recorded);
  return recorded;
}

Json read_network(Experiment& experiment, Fields fields) {
  experiment.network = fields.choice("architecture", networks);
  experiment.width = fields.integer("width", 1, most_width);
  Json out = {{"architecture", experiment.network}};
  if (experiment.network == "two_layer_relu") {
    experiment.depth = fields.integer("depth", 1, 1, 1);
    experiment.activation = activation_from(fields.choice("activation", {"relu"}, "relu"));
  } else {
    experiment.depth = fields.integer("depth", experiment.network == "resnet" ? 2 : 1, most_depth);
    experiment.activation = activation_from(fields.choice("activation", activation_names()));
  }
  out["depth"] = experiment.depth;
  out["width"] = experiment.width;
  out["activation"] = to_text(experiment.activation);
  if (experiment.network == "resnet") {
    experiment.c_res = fields.number("c_res");
    if (!(experiment.c_res > 0 && experiment.c_res < 1))
      throw fields.error("c_res", "0 < c_res < 1 is expected");
    out["c_res"] = experiment.c_res;
  }
  if (experiment.network != "two_layer_relu") {
    experiment.output_signs = fields.choice("output", {"trained", "signs"}, "trained") == "signs";
    if (experiment.output_signs) out["output"] = "signs";
  }
  fields.done();
  return out;
}

Json read_training(Experiment& experiment, Fields fields) {
  Json out = Json::object();
  if (fields.has("step") == fields.has("step_fraction")) {
    throw fields.error(
        "step",
        "give either step (a number) or step_fraction (a fraction of 2/lambda_max of the initial NTK)");
  }
  if (fields.has("step")) {
    experiment.step = fields.number("step");
    if (*experiment.step <= 0) throw fields.error("step", "a number > 0 is expected");
    out["step"] = *experiment.step;
  } else {
    experiment.step_fraction = fields.number("step_fraction");
    if (!(experiment.step_fraction > 0 && experiment.step_fraction <= 1000)) {
      throw fields.error("step_fraction", "a number > 0 and <= 1000 is expected");
    }
    out["step_fraction"] = experiment.step_fraction;
  }
  out["steps"] = experiment.steps = fields.integer("steps", 0, most_steps);
  out["seed"] = experiment.seed = static_cast<std::uint64_t>(fields.integer("seed", 0, INT64_MAX, 0));
  experiment.momentum = fields.number("momentum", 0.0);
  if (!(experiment.momentum >= 0 && experiment.momentum < 1))
    throw fields.error("momentum", "0 <= momentum < 1 is expected");
  out["momentum"] = experiment.momentum + 0.0;  // −0 becomes 0
  fields.done();
  return out;
}

Json read_record(Experiment& experiment, Fields fields) {
  experiment.recorded =
      fields.has("at") ? steps_from(fields, "at", experiment.steps) : default_recorded(experiment.steps);
  experiment.spectral_steps = {0};
  if (fields.has("spectral")) {
    experiment.spectral_steps = steps_from(fields, "spectral", experiment.steps);
    for (const Index step : experiment.spectral_steps) {
      if (step != 0 && !std::ranges::binary_search(experiment.recorded, step))
        throw fields.error("spectral", fmt::format("step {} is not among the recorded steps", step));
    }
    experiment.spectral_steps.push_back(0);
    sort_unique(experiment.spectral_steps);
  }
  experiment.pairs = fields.boolean("pairs", true);
  experiment.max_gib = fields.number("max_gib", 8.0);
  if (experiment.max_gib <= 0) throw fields.error("max_gib", "a number > 0 is expected");
  fields.done();
  return {{"at", experiment.recorded},
          {"spectral", experiment.spectral_steps},
          {"pairs", experiment.pairs},
          {"max_gib", experiment.max_gib}};
}

}  // namespace

std::vector<Index> parse_range(const std::string& text, Index least, Index most, const std::string& where) {
  const auto fail = [&](const std::string& problem) {
    return InputError(fmt::format("{}: \"{}\": {}", where, text, problem));
  };
  const std::string form = fmt::format(
      "numbers from {} to {} are expected, as a, a..b or a..b..step, separated by commas", least, most);
  std::vector<Index> steps;
  std::string_view rest = text;
  for (bool more = true; more;) {
    const auto comma = rest.find(',');
    more = comma != rest.npos;
    std::string_view part = rest.substr(0, comma);
    if (more) rest.remove_prefix(comma + 1);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    std::vector<Index> bounds;
    for (bool dots = true; dots;) {
      const auto at = part.find("..");
      dots = at != part.npos;
      const auto number = whole_number(part.substr(0, at));
      if (!number) throw fail(form);
      bounds.push_back(*number);
      if (dots) part.remove_prefix(at + 2);
    }
    const Index first = bounds[0], last = bounds.size() > 1 ? bounds[1] : first,
                step = bounds.size() > 2 ? bounds[2] : 1;
    if (bounds.size() > 3 || first > last || step < 1 || first < least || last > most) throw fail(form);
    if (static_cast<std::size_t>((last - first) / step) + steps.size() >= most_recorded) {
      throw fail(fmt::format("more than {} entries", most_recorded));
    }
    for (Index at = first; at <= last; at += step) {
      steps.push_back(at);
      if (step > last - at) break;
    }
  }
  sort_unique(steps);
  return steps;
}

Experiment experiment_from(Fields& run) {
  Experiment experiment;
  experiment.name = run.text("name");
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  if (experiment.name.empty() || experiment.name.size() > 100 || experiment.name.front() == '.' ||
      experiment.name.find_first_not_of(allowed) != std::string::npos) {
    throw run.error("name", "1 to 100 letters, digits, '-', '_' and '.' are expected, not starting with '.'");
  }
  // In this order: what is recorded depends on the number of steps.
  Json network = read_network(experiment, run.table("network"));
  experiment.data = data_spec(run.table("data"));
  Json training = read_training(experiment, run.table("training"));
  Json record = read_record(experiment, run.table("record"));
  experiment.source = {{"name", experiment.name},
                       {"network", std::move(network)},
                       {"data", experiment.data.fields},
                       {"training", std::move(training)},
                       {"record", std::move(record)}};
  return experiment;
}

std::string experiment_hash(const Experiment& experiment) {
  Json determining = experiment.source;
  determining["record"].erase("max_gib");  // a limit, without influence on what happens
  return sha256(determining.dump());
}

Architecture architecture_of(const Experiment& experiment, Index d) {
  if (experiment.network == "two_layer_relu") return two_layer_relu(d, experiment.width);
  Architecture net =
      experiment.network == "fc"
          ? fully_connected(d, experiment.width, experiment.depth, experiment.activation)
          : resnet(d, experiment.width, experiment.depth, experiment.c_res, experiment.activation);
  if (experiment.output_signs) {
    Weight& output = net.weights[net.readouts.front().weight];
    output.law = InitLaw::rademacher, output.trained = false;
  }
  return net;
}

}  // namespace overproof
