#include "cli/commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "bounds/theorem.h"
#include "cli/progress.h"
#include "cli/suite.h"
#include "files/file.h"
#include "reports/json.h"
#include "reports/junit.h"
#include "reports/markdown.h"
#include "reports/statement.h"
#include "reports/summary.h"
#include "trainer/run.h"
#include "verify/expected.h"
#include "verify/verify_run.h"

namespace overproof {
namespace {

std::filesystem::path train_one(const SuiteRun& run, const Options& options) {
  Progress progress(options.quiet);
  const std::string& name = run.experiment.name;
  TrainOptions to{options.data, options.out / "runs", {}};
  to.progress = [&](Index step, Index steps, double loss) {
    progress.show(fmt::format("{}: training, step {} of {}, loss {:.3g}", name, step, steps, loss));
  };
  return train(run.experiment, to_json(run.claims), to).folder;
}

RunReport verify_one(const std::filesystem::path& folder, const std::optional<Claims>& claims,
                     const std::vector<Theorem>& theorems, const Options& options) {
  Progress progress(options.quiet);
  const Run run = load_run(folder);
  const std::string file = (folder / "run.json").string();
  RunReport report = verify_run(
      run, claims ? *claims : claims_from(Fields(run.claims, file, "claims")), theorems,
      [&](Index done, Index of) {
        progress.show(fmt::format("{}: enclosing, recorded step {} of {}", run.name, done + 1, of));
      });
  if (report.certificate) write_certificate(folder, *report.certificate, report.methods);
  return report;
}

/// Writes the report in every format, prints its summary, and gives its exit code.
int publish(const Report& report, const Options& options) {
  const std::string data = json(report).dump(2) + "\n";
  write_file(options.out / "report.json", data);
  write_file(options.out / "report.md", markdown(report));
  write_file(options.out / "junit.xml", junit(report));
  if (options.json) write_file(*options.json, data);
  if (options.junit) write_file(*options.junit, junit(report));
  if (!options.quiet) {
    std::cout << summary_table(report) << "\nreport: " << (options.out / "report.md").string() << "\n";
  }
  return report.exit_code();
}

/// Refuses claims that could not be judged, before anything is trained.
void check_all(const Suite& suite, const std::vector<Theorem>& theorems) {
  for (const SuiteRun& run : suite.runs) {
    try {
      check_claims(run.claims, run.experiment, theorems);
    } catch (const InputError& error) {
      throw InputError(fmt::format("run \"{}\": {}", run.experiment.name, error.what()));
    }
  }
}

Report empty_report(std::string title) { return {std::move(title), OVERPROOF_VERSION, {}}; }

}  // namespace

int check(const Options& options) {
  const std::vector<Theorem> theorems = load_theorems(options.theorems);
  const Suite suite = load_suite(options.suite, options.seed);
  check_all(suite, theorems);
  Report report = empty_report(suite.title);
  for (const SuiteRun& run : suite.runs)
    report.runs.push_back(verify_one(train_one(run, options), run.claims, theorems, options));
  return publish(report, options);
}

int train_suite(const Options& options) {
  const Suite suite = load_suite(options.suite, options.seed);
  check_all(suite, load_theorems(options.theorems));
  bool diverged = false;
  for (const SuiteRun& run : suite.runs) {
    const std::filesystem::path folder = train_one(run, options);
    const std::optional<Index> at = load_run(folder).diverged_at;
    diverged = diverged || at.has_value();
    if (!options.quiet)
      std::cout << folder.string() << (at ? fmt::format(": diverged at step {}", *at) : "") << "\n";
  }
  return diverged ? 1 : 0;
}

int verify_runs(const Options& options) {
  const std::vector<Theorem> theorems = load_theorems(options.theorems);
  std::optional<Suite> suite;
  if (options.suite) suite = load_suite(options.suite);
  Report report = empty_report(suite ? suite->title : "verify");
  std::vector<std::string> names;
  for (const std::filesystem::path& folder : options.runs) {
    std::optional<Claims> claims;
    if (suite) {
      const std::string name = load_run(folder).name;
      const auto match =
          std::ranges::find(suite->runs, name, [](const SuiteRun& run) { return run.experiment.name; });
      if (match == suite->runs.end()) {
        std::vector<std::string> known;
        for (const SuiteRun& run : suite->runs) known.push_back(run.experiment.name);
        throw InputError(fmt::format("{}: {}", options.suite->string(), unknown_name("run", name, known)));
      }
      claims = match->claims;
    }
    report.runs.push_back(verify_one(folder, claims, theorems, options));
    RunReport& added = report.runs.back();
    const auto same = std::ranges::count(names, added.name);
    names.push_back(added.name);
    if (same > 0) added.name += fmt::format(" ({})", same + 1);
  }
  return publish(report, options);
}

int render_again(const Options& options) {
  const std::filesystem::path file = options.out / "report.json";
  return publish(report_from(parse_json(read_file(file), file.string()), file.string()), options);
}

int list_theorems(const Options& options) {
  const std::vector<Theorem> theorems = load_theorems(options.theorems);
  std::cout << (options.theorem.empty() ? statement_list(theorems)
                                        : statement_text(find_theorem(theorems, options.theorem)));
  return 0;
}

}  // namespace overproof
