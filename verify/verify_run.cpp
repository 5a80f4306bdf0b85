#include "verify/verify_run.h"

#include <fmt/format.h>

#include "verify/judge.h"
#include "verify/measure.h"
#include "verify/structure.h"

namespace overproof {
namespace {

std::string recorded_text(const Measurements& measurements) {
  const auto& steps = measurements.steps;
  return steps.empty() ? "none" : fmt::format("{} of {}..{}", steps.size(), steps.front(), steps.back());
}

std::vector<std::pair<std::string, std::string>> facts_of(const Run& run, const MeasuredRun& measured,
                                                          const Claims& claims) {
  std::vector<std::pair<std::string, std::string>> facts = {
      {"network", describe(run.architecture)},
      {"setting",
       measured.facts.network == "other" ? "none of the papers'" : "that of " + measured.facts.network},
      {"data", fmt::format("n = {}, {}", run.data.X.cols(),
                           run.data.normalised ? "inputs divided by their norms" : "inputs as stored")},
      {"step size", fmt::format("{}", run.eta)},
      {"recorded steps",
       recorded_text(measured.measurements) + (run.complete ? "" : ", training was interrupted")}};
  std::string constants;
  for (const auto& [name, value] : measured.symbols) {
    if (name != "n" && name != "d" && name != "m" && name != "H" && name != "eta" && !value.is_nan())
      constants += fmt::format("{} = {}, ", name, value.text(10));
  }
  facts.emplace_back("constants", constants + "failure_probability = " + claims.failure_probability);
  if (run.experiment) {
    facts.emplace_back("seed", fmt::format("{}", run.experiment->seed));
    facts.emplace_back("experiment", "sha256 " + experiment_hash(*run.experiment).substr(0, 16));
  }
  return facts;
}

std::optional<Certificate> certificate_of(const Run& run, const Claims& claims) {
  const std::string at = claims.certified_at();
  const LipschitzMethod sharpest = claims.sharp ? LipschitzMethod::jacobians : LipschitzMethod::batch;
  if (at.empty() || run.steps.empty()) return {};
  return at == "earliest" ? certify_earliest(run, false, {}, sharpest)
                          : certify(run, std::stoll(at), false, sharpest);
}

}  // namespace

RunReport verify_run(const Run& run, const Claims& claims, const std::vector<Theorem>& theorems,
                     const std::function<void(Index done, Index of)>& progress) {
  const MeasuredRun measured = measure(run, progress);
  const std::optional<long> diverged_at =
      run.diverged_at ? std::optional<long>(*run.diverged_at) : std::nullopt;
  const std::optional<long> interrupted_at =
      run.complete || run.steps.empty() ? std::nullopt : std::optional<long>(run.steps.back().step);
  RunReport report =
      judge_run({measured.measurements, measured.facts, measured.symbols, claims, diverged_at, interrupted_at,
                 measured.call, measured.records, measured.records_reason, certificate_of(run, claims)},
                theorems);
  if (report.certificate) report.methods = compare_methods(*report.certificate, run, claims, theorems);
  report.name = run.name;
  report.folder = run.folder.string();
  report.facts = facts_of(run, measured, claims);
  report.trusted = {
      "the compiler, IEEE 754 doubles rounded to nearest (checked at start-up), MPFR and MPFI",
      "BLAS computes each inner product as rounded products summed in some order, with or without FMA",
      "nothing of the trainer: every number is recomputed from the stored weights, which are exact doubles",
      "verdicts are about the recorded steps, not about steps in between or later ones, of which only a "
      "certificate speaks"};
  return report;
}

}  // namespace overproof
