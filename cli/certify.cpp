#include <fmt/format.h>

#include <iostream>

#include "cli/commands.h"
#include "cli/progress.h"
#include "files/file.h"
#include "files/number.h"
#include "reports/certificate.h"
#include "reports/methods.h"
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

std::vector<MethodRow> methods_of(const Run& run, const Certificate& certificate) {
  std::optional<Parameters> initial;
  if (run.has_step(0)) initial = load_parameters(run, 0);
  const Claims claims = claims_from(Fields(run.claims, (run.folder / "run.json").string(), "claims"));
  return compare_methods(certificate, run.data, initial ? &*initial : nullptr, claims, load_theorems({}));
}

std::string text_of(const Certificate& certificate, const std::vector<MethodRow>& methods) {
  return markdown(certificate) + "\n## Methods compared\n\n" + markdown(methods);
}

}  // namespace

std::filesystem::path write_certificate(const std::filesystem::path& folder, const Certificate& certificate,
                                        const std::vector<MethodRow>& methods) {
  const std::string name =
      fmt::format("certificate-{}{}", certificate.step, certificate.premises.flow ? "-flow" : "");
  const std::string heading =
      fmt::format("# {}: certificate at step {}\n\n{}.\n\n", markdown_text(certificate.run), certificate.step,
                  markdown_text(describe(certificate.architecture)));
  write_file(folder / (name + ".json"), json(certificate).dump(2) + "\n");
  write_file(folder / (name + ".md"), heading + text_of(certificate, methods));
  return folder / (name + ".json");
}

int certify_run(const Options& options) {
  const Run run = load_run(options.runs.front());
  const Certificate certificate = certificate_of(run, options);
  const bool certified = certificate.certified();
  const std::vector<MethodRow> methods =
      certified || !options.as_json ? methods_of(run, certificate) : std::vector<MethodRow>();
  const std::string path = certified ? write_certificate(run.folder, certificate, methods).string() : "";
  if (options.as_json) {
    std::cout << json(certificate).dump(2) << "\n";
  } else if (!options.quiet) {
    std::cout << describe(run.architecture) << "\n\n" << text_of(certificate, methods);
    if (certified) std::cout << "\ncertificate: " << path << "\n";
  }
  return certified ? 0 : 3;
}

}  // namespace overproof
