#include "cli/suite.h"

#include <fmt/format.h>

#include <set>

#include "embedded_quickstart.h"
#include "files/file.h"
#include "reports/text.h"

namespace overproof {

Suite load_suite(const std::optional<std::filesystem::path>& path, std::optional<std::uint64_t> seed) {
  const std::string file = path ? path->string() : "the embedded quickstart";
  const std::string text = path ? read_file(*path) : std::string(embedded_quickstart().front().text);
  Json document = parse_toml(text, file);
  if (seed && document.contains("run") && document["run"].is_array()) {
    for (Json& run : document["run"]) {
      if (run.is_object() && run.contains("training") && run["training"].is_object())
        run["training"]["seed"] = *seed;
    }
  }
  Fields fields(document, file);
  Suite suite{fields.text("title", path ? path->stem().string() : "quickstart"), {}};
  const bool has_default = fields.has("judge");
  const Claims shared = has_default ? claims_from(fields.table("judge")) : Claims{};
  std::set<std::string> names;
  for (Fields& run : fields.tables("run")) {
    Experiment experiment = experiment_from(run);
    Claims claims = run.has("judge") ? claims_from(run.table("judge")) : shared;
    run.done();
    if (!names.insert(experiment.name).second)
      throw run.error("name", "another run of this suite has the same name");
    suite.runs.push_back({std::move(experiment), std::move(claims)});
  }
  fields.done();
  if (suite.runs.empty())
    throw InputError(fmt::format("{}: run: is missing: at least one [[run]] table is expected", file));
  return suite;
}

const SuiteRun& find_run(const Suite& suite, const std::string& file, const std::string& name) {
  if (name.empty() && suite.runs.size() == 1) return suite.runs.front();
  std::vector<std::string> known;
  for (const SuiteRun& run : suite.runs) {
    if (run.experiment.name == name) return run;
    known.push_back(run.experiment.name);
  }
  throw InputError(name.empty() ? fmt::format("{}: --run is needed, allowed: {}", file, join(known, ", "))
                                : fmt::format("{}: {}", file, unknown_name("run", name, known)));
}

}  // namespace overproof
