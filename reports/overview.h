#pragma once

#include <string>
#include <utility>
#include <vector>

#include "reports/table.h"
#include "verify/outcome.h"

namespace overproof {

/// What stands first in every report: all outcomes and all gates, one line each. Outcomes that rest on hidden
/// constants say so in their cell: "vacuous if (a)", with (a) explained below the table.
struct Overview {
  std::vector<std::pair<std::string, Table>> outcomes;           ///< a run's name; statement, outcome, gap
  Table gates;                                                   ///< gate, run, verdict, at the worst place
  std::vector<std::pair<std::string, std::string>> assumptions;  ///< "(a)" -> "C_m = 1, C_eta = 1"
  std::vector<std::pair<std::string, std::string>> gate_texts;   ///< "G1" -> "loss[k+1] <= loss[k]"
};

[[nodiscard]] Overview overview(const Report& report);

}  // namespace overproof
