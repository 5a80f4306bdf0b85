#include <fmt/format.h>

#include <iostream>

#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/suite.h"
#include "reports/certificate.h"
#include "reports/methods.h"
#include "reports/text.h"
#include "trainer/run.h"
#include "verify/smallest_width.h"
#include "verify/structure.h"

namespace overproof {
namespace {

Experiment with_width(Experiment experiment, Index width) {
  experiment.width = width;
  return experiment;
}

Certificate certify_initialisation(const Experiment& experiment, const Dataset& data, bool flow) {
  Initialisation at = initialise(experiment, data);
  Certificate certificate = certify(at.architecture, std::move(at.parameters), data, at.eta, flow);
  certificate.run = experiment.name;
  return certificate;
}

std::string verdict_text(const SmallestWidth& found, const Options& options) {
  if (!found.certified)
    return fmt::format("**Not certified** at initialisation at any width up to {}.\n\n", options.most);
  const std::string below =
      found.refused ? fmt::format("; m = {} is refused", found.refused->architecture.width()) : "";
  return fmt::format("Smallest width found: **m = {}** is certified at initialisation{}.\n\n",
                     found.certified->architecture.width(), below);
}

Json json_of(const SmallestWidth& found, const std::vector<MethodRow>& methods) {
  return {{"certified", found.certified ? json(*found.certified) : Json()},
          {"refused", found.refused ? json(*found.refused) : Json()},
          {"methods", json(methods)}};
}

}  // namespace

int find_width(const Options& options) {
  const std::vector<Theorem> theorems = load_theorems(options.theorems);
  const Suite suite = load_suite(options.suite, options.seed);
  const SuiteRun& run = find_run(suite, options.suite->string(), options.run);
  if (run.experiment.momentum != 0.0 && !options.flow)
    throw InputError(
        fmt::format("{}: run \"{}\": training.momentum {}: a certificate is about gradient descent",
                    options.suite->string(), run.experiment.name, run.experiment.momentum));
  const Dataset data = load_dataset(run.experiment.data, options.data);
  SmallestWidth found;
  {
    Progress progress(options.quiet);
    found = smallest_width(
        [&](Index width) {
          progress.show(fmt::format("{}: trying width {}", run.experiment.name, width));
          return certify_initialisation(with_width(run.experiment, width), data, options.flow);
        },
        run.experiment.width, options.most);
  }
  const Certificate& shown = found.certified ? *found.certified : *found.refused;
  const Initialisation at = initialise(with_width(run.experiment, shown.architecture.width()), data);
  const std::vector<MethodRow> methods = compare_methods(shown, data, &at.parameters, run.claims, theorems);
  if (options.as_json) {
    std::cout << json_of(found, methods).dump(2) << "\n";
  } else if (!options.quiet) {
    std::cout << fmt::format("# {}: smallest width certified at step 0, seed {}\n\n", run.experiment.name,
                             run.experiment.seed)
              << verdict_text(found, options) << markdown(shown) << "\n"
              << markdown(methods);
  }
  return found.certified ? 0 : 3;
}

}  // namespace overproof
