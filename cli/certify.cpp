#include <fmt/format.h>

#include <iostream>

#include "cli/commands.h"
#include "cli/progress.h"
#include "files/file.h"
#include "files/number.h"
#include "reports/certificate.h"
#include "reports/text.h"
#include "trainer/run.h"
#include "verify/structure.h"

namespace overproof {
namespace {

Certificate certificate_of(const Run& run, const Options& options) {
  Progress progress(options.quiet);
  if (options.at == "earliest") {
    return certify_earliest(run, options.flow, [&](Index step) {
      progress.show(fmt::format("{}: trying step {}", run.name, step));
    });
  }
  const std::string where = "certify: --at";
  const std::vector<Index> steps = parse_range(options.at, 0, INT64_MAX - 1, where);
  if (steps.size() != 1)
    throw InputError(fmt::format("{}: {}: allowed: one step, or earliest", where, options.at));
  progress.show(fmt::format("{}: trying step {}", run.name, steps.front()));
  return certify(run, steps.front(), options.flow);
}

}  // namespace

int certify_run(const Options& options) {
  const Run run = load_run(options.runs.front());
  const Certificate certificate = certificate_of(run, options);
  const std::string heading = fmt::format("# {}: certificate at step {}\n\n{}.\n\n", markdown_text(run.name),
                                          certificate.step, markdown_text(describe(run.architecture)));
  const std::string text = heading + markdown(certificate);
  const Json data = certificate.certified() ? json(certificate) : Json();
  const std::string name = fmt::format("certificate-{}{}", certificate.step, options.flow ? "-flow" : "");
  if (certificate.certified()) {
    write_file(run.folder / (name + ".json"), data.dump(2) + "\n");
    write_file(run.folder / (name + ".md"), text);
  }
  if (options.as_json) {
    std::cout << (certificate.certified() ? data
                                          : Json{{"certified", false}, {"reason", summary(certificate)}})
                     .dump(2)
              << "\n";
  } else if (!options.quiet) {
    std::cout << text;
    if (certificate.certified())
      std::cout << "\ncertificate: " << (run.folder / (name + ".json")).string() << "\n";
  }
  return certificate.certified() ? 0 : 3;
}

}  // namespace overproof
