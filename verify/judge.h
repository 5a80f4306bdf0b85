#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bounds/interval.h"
#include "bounds/theorem.h"
#include "bounds/verdict.h"
#include "verify/claims.h"
#include "verify/initial.h"
#include "verify/outcome.h"
#include "verify/setting.h"

namespace overproof {

/// Everything a verdict on one run may use.
struct JudgedRun {
  const Measurements& measurements;
  SettingFacts facts;
  /// n, d, m, H, eta, c_res, c_sigma, L_sigma, beta, beta3, sigma_0: exact or proved enclosures.
  std::map<std::string, Interval> symbols;
  Claims claims;
  std::optional<long> diverged_at;
  std::optional<long> interrupted_at;  ///< the last stored step of a run whose training was interrupted
  MeasuredFunctions call;
  std::optional<Verdict> records = Verdict::undecided;  ///< do the recorded losses agree with the stored
                                                        ///< weights; nullopt where none is recorded
  std::string records_reason;
  std::optional<Certificate> certificate = {};  ///< if one was tried
  int precision = Interval::default_precision;
};

/// One statement on one run. `all` is where the statements whose hypotheses it inherits are looked up.
///
/// Outcome, in this order. Reconstructed source: informative. The setting differs: not applicable; is
/// undecided: undecided. A hypothesis fails: vacuous (the conclusions are judged all the same). A hypothesis
/// is undecided: undecided. All hypotheses and conclusions hold: confirmed. A conclusion fails: violated, if
/// the statement holds with a probability only or the finding rests on the value assumed for a hidden
/// constant; else contradicted. Else undecided. A printed claim known to be wrong never leads to contradicted
/// or violated; while it does not hold, the outcome is not confirmed.
[[nodiscard]] StatementReport judge(const Theorem& theorem, const JudgedRun& run,
                                    const std::vector<Theorem>& all = {});

/// The statements the claims choose and the gates of the claims; also `diverged_at`, `measurements` and
/// `declared`. Name, folder, facts and the footer are left to the caller. Throws InputError for claims that
/// match nothing.
[[nodiscard]] RunReport judge_run(const JudgedRun& run, const std::vector<Theorem>& theorems);

}  // namespace overproof
