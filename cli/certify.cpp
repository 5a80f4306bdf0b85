#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iostream>

#include "cli/commands.h"
#include "cli/progress.h"
#include "files/error.h"
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
  const LipschitzMethod sharpest = options.sharp ? LipschitzMethod::jacobians : LipschitzMethod::batch;
  if (options.at == "earliest") {
    const auto show = [&](Index step) { progress.show(fmt::format("{}: trying step {}", run.name, step)); };
    return certify_earliest(run, options.flow, show, sharpest);
  }
  const std::string where = "certify: --at";
  const std::vector<Index> steps = parse_range(options.at, 0, INT64_MAX - 1, where);
  if (steps.size() != 1)
    throw InputError(fmt::format("{}: {}: allowed: one step, or earliest", where, options.at));
  progress.show(fmt::format("{}: trying step {}", run.name, steps.front()));
  return certify(run, steps.front(), options.flow, sharpest);
}

Run longer_run(const Run& run, const Options& options) {
  Progress progress(options.quiet);
  const auto show = [&](Index step, Index steps, double loss) {
    progress.show(fmt::format("{}: training on, step {} of {}, loss {:.3g}", run.name, step, steps, loss));
  };
  return load_run(train_on(run, options.train_on, show).folder);
}

std::vector<MethodRow> methods_of(const Run& run, const Certificate& certificate) {
  const Claims claims = claims_from(Fields(run.claims, (run.folder / "run.json").string(), "claims"));
  return compare_methods(certificate, run, claims, load_theorems({}));
}

/// Whether a stored certificate is about the same net, iterate, data and step size.
bool same_subject(const std::filesystem::path& file, const Certificate& certificate) {
  try {
    const Json old = parse_json(read_file(file), file.string()), now = json(certificate);
    const auto field = [](const Json& json, const char* name) { return json.value(name, Json()); };
    return std::ranges::all_of(
        std::array{"iterate_sha256", "data_sha256", "architecture", "normalised", "eta"},
        [&](const char* name) { return field(old, name) == field(now, name); });
  } catch (const InputError&) {
    return false;
  } catch (const Json::exception&) {
    return false;
  }
}

std::string certificate_name(const Certificate& certificate) {
  return fmt::format("certificate-{}{}", certificate.step, certificate.premises.flow ? "-flow" : "");
}

std::string text_of(const Certificate& certificate, const std::vector<MethodRow>& methods) {
  return markdown(certificate) + "\n## Methods compared\n\n" + markdown(methods);
}

}  // namespace

std::filesystem::path write_certificate(const std::filesystem::path& folder, const Certificate& certificate,
                                        const std::vector<MethodRow>& methods) {
  const std::filesystem::path path = folder / certificate_name(certificate);
  const auto with = [&](const char* extension) { return std::filesystem::path(path).concat(extension); };
  if (!certificate.certified()) {
    std::error_code error;
    for (const char* extension : {".md", ".json"}) {
      if (!same_subject(with(".json"), certificate)) std::filesystem::remove(with(extension), error);
      if (error)
        throw InputError(fmt::format("{}: cannot be removed: {}", with(extension).string(), error.message()));
    }
    return {};
  }
  const std::string heading = fmt::format(
      "# {}: certificate at step {}\n\n{}. Iterate {}, data {} (sha256).\n\n", markdown_text(certificate.run),
      certificate.step, markdown_text(describe(certificate.architecture)), certificate.iterate_sha256,
      certificate.data_sha256);
  write_file(with(".json"), json(certificate).dump(2) + "\n");
  write_file(with(".md"), heading + text_of(certificate, methods));
  return with(".json");
}

int certify_run(const Options& options) {
  if (options.train_on > 0 && options.at != "earliest")
    throw InputError(fmt::format("certify: --train-on: allowed with --at earliest, not with {}", options.at));
  Run run = load_run(options.runs.front());
  Certificate certificate = certificate_of(run, options);
  if (options.train_on > 0 && !certificate.certified()) {
    run = longer_run(run, options);
    certificate = certificate_of(run, options);
  }
  const bool certified = certificate.certified();
  const std::vector<MethodRow> methods =
      certified || !options.as_json ? methods_of(run, certificate) : std::vector<MethodRow>();
  if (options.as_json) {
    std::cout << json(certificate).dump(2) << "\n";
  } else if (!options.quiet) {
    std::cout << describe(run.architecture) << "\n\n" << text_of(certificate, methods);
  }
  const std::filesystem::path path = write_certificate(run.folder, certificate, methods);
  if (certified && !options.as_json && !options.quiet)
    std::cout << "\ncertificate: " << path.string() << "\n";
  return certified ? 0 : 3;
}

}  // namespace overproof
