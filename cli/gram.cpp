#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>

#include "cli/commands.h"
#include "cli/numbers.h"
#include "cli/progress.h"
#include "cli/suite.h"
#include "reports/text.h"
#include "verify/inputs.h"
#include "verify/population.h"

namespace overproof {
namespace {

constexpr Index most_depth = 1000;

/// Whose K^(H), on what.
struct Subject {
  PopulationNet net;
  Dataset data;
  std::string inputs;  ///< in words
};

void set_net(PopulationNet& net, const Options& options) {
  if (!options.network.empty()) net.network = options.network;
  if (!options.activation.empty()) net.activation = &activation_row(options.activation);
  if (options.c_res) {
    if (!(*options.c_res > 0.0 && std::isfinite(*options.c_res)))
      throw InputError(fmt::format("gram: --c-res {}: allowed: positive and finite", *options.c_res));
    net.c_res = Interval::exact(*options.c_res);
  }
  if (net.network.empty()) throw InputError("gram: --arch is needed, allowed: fc, resnet, two_layer_relu");
  if (options.c_res && net.network != "resnet")
    throw InputError(fmt::format("gram: --c-res: allowed for resnet only, not for {}", net.network));
  if (net.network == "two_layer_relu") {
    if (!options.activation.empty() && options.activation != "relu")
      throw InputError(
          fmt::format("gram: --activation {}: allowed for two_layer_relu: relu", options.activation));
    net.activation = &activation_row("relu");
  } else if (!net.activation) {
    throw InputError(
        fmt::format("gram: --activation is needed, allowed: {}", join(activation_names(), ", ")));
  }
  if (net.network != "resnet") return;
  if (net.c_res.is_nan()) net.c_res = Interval::exact(0.5);
}

Subject subject_of(const Options& options) {
  Subject subject;
  if (options.suite) {
    const Suite suite = load_suite(options.suite);
    const Experiment& run = find_run(suite, options.suite->string(), options.run).experiment;
    subject.net.network = run.network;
    subject.net.activation = &activation_row(to_text(run.activation));
    if (run.network == "resnet") subject.net.c_res = Interval::exact(run.c_res);
    subject.data = load_dataset(run.data, options.data);
    subject.inputs = fmt::format("{} inputs of the run {}", subject.data.X.cols(), run.name);
  } else if (options.inputs) {
    const std::string file = options.inputs->string();
    const Matrix X = load_matrix(*options.inputs).transpose();
    subject.data = {X, Vector::Zero(X.cols()), true};
    check(subject.data, file);
    subject.inputs = fmt::format("{} normalised inputs of {}", X.cols(), file);
  } else {
    const Json sphere{
        {"kind", "sphere"}, {"n", options.n}, {"d", options.d}, {"seed", options.seed.value_or(0)}};
    subject.data = load_dataset(data_spec(Fields(sphere, "gram")), options.data);
    subject.inputs = fmt::format("{} inputs on the unit sphere of R^{}, seed {}", options.n, options.d,
                                 options.seed.value_or(0));
  }
  set_net(subject.net, options);
  return subject;
}

/// The depths of a range or list; for a single H a table of ten that ends with it.
std::vector<int> depths_of(const std::string& text, const std::string& network) {
  if (network == "two_layer_relu") {
    if (text.empty() || text == "1") return {1};
    throw InputError(fmt::format("gram: --depth {}: allowed for two_layer_relu: 1", text));
  }
  const Index least = network == "resnet" ? 2 : 1;
  if (text.empty()) throw InputError("gram: --depth is needed: H, a..b, a..b..step, or a list of them");
  std::vector<Index> depths = parse_range(text, least, most_depth, "gram: --depth");
  if (text.find_first_of(".,") == std::string::npos) {
    constexpr Index lines = 10;
    const Index last = depths.front(), step = (last + lines - 1) / lines;
    for (Index h = last - step; h >= least; h -= step) depths.insert(depths.begin(), h);
  }
  return {depths.begin(), depths.end()};
}

std::string network_text(const PopulationNet& net) {
  if (net.network == "fc") return fmt::format("fully connected, {}", net.activation->id);
  if (net.network == "resnet")
    return fmt::format("ResNet, {}, c_res = {}", net.activation->id, net.c_res.text(6));
  return "two layers, relu";
}

/// What the numbers say about growth: both columns are enclosures.
struct Growth {
  Interval scaled;               ///< H² λ_min
  std::optional<Interval> rate;  ///< (log λ_min at the depth before − log λ_min)/(H − the depth before)
};

std::vector<Growth> growth_of(const std::vector<int>& depths, const std::vector<DecidedEnd>& ends) {
  std::vector<Growth> growth;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const Interval& value = ends[i].enclosure.value;
    growth.push_back({square(Interval::integer(depths[i])) * value, {}});
    if (i == 0) continue;
    const Interval& before = ends[i - 1].enclosure.value;
    if (value.lower_point().contains_zero() || !certainly_lt(Interval::integer(0), min(value, before)))
      continue;
    growth.back().rate = (log(before) - log(value)) / Interval::integer(depths[i] - depths[i - 1]);
  }
  return growth;
}

std::string digits_text(const Interval& x) {
  return x.is_point() ? "exact" : std::to_string(settled_digits(x));
}

std::string table(const std::vector<int>& depths, const std::vector<DecidedEnd>& ends, int digits) {
  const std::vector<Growth> growth = growth_of(depths, ends);
  std::vector<std::string> values;
  for (const DecidedEnd& end : ends) values.push_back(end.enclosure.value.text(digits + 3));
  const std::size_t width =
      std::max<std::size_t>(10, std::ranges::max(values, {}, &std::string::size).size());
  std::string out = fmt::format("{:>5}  {:<{}}  {:>6}  {:>5}  {:<24}  {}\n", "H", "lambda_min", width,
                                "digits", "bits", "H^2 lambda_min", "-log lambda_min, per layer");
  for (std::size_t i = 0; i < ends.size(); ++i) {
    out += fmt::format("{:>5}  {:<{}}  {:>6}  {:>5}  {:<24}  {}\n", depths[i], values[i], width,
                       digits_text(ends[i].enclosure.value), ends[i].precision, growth[i].scaled.text(6),
                       growth[i].rate ? growth[i].rate->text(6) : "-");
  }
  return out;
}

Json json(const Subject& subject, const std::vector<int>& depths, const std::vector<DecidedEnd>& ends,
          double seconds) {
  const std::vector<Growth> growth = growth_of(depths, ends);
  Json out{{"architecture", subject.net.network}, {"activation", subject.net.activation->id}};
  if (subject.net.network == "resnet") out["c_res"] = ends_json(subject.net.c_res);
  out["n"] = subject.data.X.cols();
  out["d"] = subject.data.X.rows();
  out["depths"] = Json::array();
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const DecidedEnd& end = ends[i];
    Json line{{"H", depths[i]},
              {"lambda_min", ends_json(end.enclosure.value)},
              {"digits", settled_digits(end.enclosure.value)},
              {"precision", end.precision},
              {"method", method_text(end)},
              {"decided", end.decided},
              {"lambda_min_H2", ends_json(growth[i].scaled)}};
    if (growth[i].rate) line["rate"] = ends_json(*growth[i].rate);
    out["depths"].push_back(std::move(line));
  }
  out["seconds"] = seconds;
  return out;
}

}  // namespace

int enclose_population(const Options& options) {
  const Subject subject = subject_of(options);
  const std::vector<int> depths = depths_of(options.depth, subject.net.network);
  const auto start = std::chrono::steady_clock::now();
  const CoefficientCache cache(options.cache);
  Progress progress(options.quiet);
  const std::vector<DecidedEnd> ends = enclose_population_ends(
      subject.net, subject.data, depths,
      {.relative_width = std::pow(10.0, -options.digits), .precision_limit = options.precision},
      options.cache.empty() ? nullptr : &cache, [&](int precision, const std::vector<int>& open) {
        progress.show(fmt::format("{} bits: {} of {} depths, up to H = {}", precision, open.size(),
                                  depths.size(), open.back()));
      });
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const bool decided = std::ranges::all_of(ends, &DecidedEnd::decided);
  if (options.as_json) {
    std::cout << json(subject, depths, ends, seconds).dump(2) << "\n";
  } else if (!options.quiet) {
    std::cout << fmt::format("lambda_min(K^(H)): {}; {}\n\n", network_text(subject.net), subject.inputs)
              << table(depths, ends, options.digits) << fmt::format("\nseconds {:.1f}", seconds)
              << (decided
                      ? "\n"
                      : fmt::format("; undecided lines have fewer than {} digits at {} bits (--precision)\n",
                                    options.digits, options.precision));
  }
  return decided ? 0 : 3;
}

}  // namespace overproof
