#include "recheck/recheck.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "files/error.h"
#include "reports/text.h"

namespace overproof {
namespace {

recheck::Result result_of(const Options& options) {
  try {
    return recheck::recheck(options.certificate, options.runs.front());
  } catch (const recheck::InputError& error) {
    throw InputError(error.what());
  }
}

}  // namespace

int recheck_certificate(const Options& options) {
  const auto start = std::chrono::steady_clock::now();
  const recheck::Result result = result_of(options);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (options.as_json) {
    nlohmann::ordered_json checks = nlohmann::ordered_json::array();
    for (const recheck::Check& check : result.checks)
      checks.push_back({{"name", check.name}, {"passed", check.passed}, {"detail", one_line(check.detail)}});
    const nlohmann::ordered_json out{{"accepted", result.accepted}, {"checks", checks}, {"seconds", seconds}};
    std::cout << out.dump(2) << "\n";
  } else if (!options.quiet) {
    std::size_t width = 0;
    for (const recheck::Check& check : result.checks) width = std::max(width, check.name.size());
    for (const recheck::Check& check : result.checks)
      std::cout << fmt::format("{:<{}}  {:<6}  {}\n", check.name, width, check.passed ? "passed" : "FAILED",
                               one_line(check.detail));
    const auto failed = std::ranges::count(result.checks, false, &recheck::Check::passed);
    std::cout << (result.accepted
                      ? fmt::format("\nAccepted: {} checks", result.checks.size())
                      : fmt::format("\nRejected: {} of {} checks failed", failed, result.checks.size()))
              << fmt::format(", {:.1f} s.\n", seconds);
  }
  return result.accepted ? 0 : 3;
}

}  // namespace overproof
