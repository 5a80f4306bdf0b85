#include "verify/setting.h"

#include <fmt/format.h>

#include <algorithm>

#include "bounds/names.h"
#include "files/error.h"

namespace overproof {
namespace {

void check_network(const std::string& required, const SettingFacts& facts, SettingReport& report) {
  if (facts.network == required) return;
  report.failed.push_back(fmt::format("network is {}, not {}", facts.network, required));
  report.other_network = true;
}

void check_activation(const std::string& required, const SettingFacts& facts, SettingReport& report) {
  if (required == "relu") {
    if (facts.activation != "relu")
      report.failed.push_back(fmt::format("activation is {}, not relu", facts.activation));
    return;
  }
  if (!facts.smooth)
    report.failed.push_back(fmt::format("activation {} is not smooth (Condition 3.1)", facts.activation));
  if (required == "smooth analytic" && !facts.analytic) {
    report.failed.push_back(
        fmt::format("activation {} is not analytic, or is a polynomial (Condition 3.2)", facts.activation));
  }
}

void check_inputs(const std::string&, const SettingFacts& facts, SettingReport& report) {
  if (!facts.unit_inputs)
    report.failed.push_back(
        "inputs are not known to have norm 1 (data.normalised = true divides by the norm)");
}

void check_training(const std::string&, const SettingFacts& facts, SettingReport& report) {
  if (facts.gradient_descent == Verdict::holds) {
    report.unseen_steps = !facts.gradient_descent_declared.empty();
    if (report.unseen_steps) report.declared.push_back(facts.gradient_descent_declared);
    return;
  }
  const bool fails = facts.gradient_descent == Verdict::fails;
  std::string text =
      fails ? "iterates are not gradient descent" : "whether the iterates are gradient descent is undecided";
  if (!facts.gradient_descent_text.empty()) text += ": " + facts.gradient_descent_text;
  (fails ? report.failed : report.undecided).push_back(text);
}

void check_initialisation(const std::string& required, const SettingFacts& facts, SettingReport& report) {
  if (required == "rademacher output" && facts.rademacher_output != Verdict::holds) {
    if (facts.rademacher_output == Verdict::fails) {
      report.failed.push_back("an output weight is not +1 or -1");
    } else {
      report.undecided.push_back("whether the output weights are +1 or -1 is undecided");
    }
  }
  if (facts.initialisation.empty()) {
    report.undecided.push_back(
        fmt::format("the run declares no law of its initial weights ({} is required)", required));
  } else if (facts.initialisation != required) {
    report.failed.push_back(fmt::format("initialisation is {}, not {}", facts.initialisation, required));
  } else {
    report.declared.push_back(facts.initialisation_text.empty() ? "initialisation: " + required
                                                                : facts.initialisation_text);
  }
}

using Check = void (*)(const std::string& required, const SettingFacts& facts, SettingReport& report);

constexpr std::pair<std::string_view, Check> checks[] = {
    {"network", check_network},   {"activation", check_activation},         {"inputs", check_inputs},
    {"training", check_training}, {"initialisation", check_initialisation},
};

/// Refuses a key or value that is not in the table of settings.
void check_known(const Theorem& theorem, const std::string& key, const std::string& value) {
  const auto at = std::ranges::find(setting_table, key, &SettingRow::name);
  if (at == std::end(setting_table)) {
    std::vector<std::string> keys;
    for (const SettingRow& row : setting_table) keys.emplace_back(row.name);
    throw InputError(
        fmt::format("{}: {}: setting: {}", theorem.file, theorem.id, unknown_name("assumption", key, keys)));
  }
  if (std::ranges::find(at->allowed, value) == at->allowed.end()) {
    const std::vector<std::string> values(at->allowed.begin(), at->allowed.end());
    throw InputError(fmt::format("{}: {}: setting.{}: {}", theorem.file, theorem.id, key,
                                 unknown_name("value", value, values)));
  }
}

}  // namespace

SettingReport check_setting(const Theorem& theorem, const SettingFacts& facts) {
  for (const auto& [key, value] : theorem.setting) check_known(theorem, key, value);
  SettingReport report;
  for (const auto& [key, check] : checks) {
    const auto at = theorem.setting.find(std::string(key));
    if (at != theorem.setting.end() && at->second != "any") check(at->second, facts, report);
  }
  return report;
}

}  // namespace overproof
