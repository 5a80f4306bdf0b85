#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "verify/methods.h"

namespace overproof {

/// What the command line says. Fields that a command does not take stay at their defaults.
struct Options {
  std::optional<std::filesystem::path> suite;
  std::vector<std::filesystem::path> runs;
  std::filesystem::path out = "out";
  std::filesystem::path data = ".";
  std::vector<std::filesystem::path> theorems;
  std::optional<std::filesystem::path> json, junit;  ///< further copies of the report
  std::optional<std::uint64_t> seed;
  std::filesystem::path matrix;  ///< *.npy or *.csv
  int precision = 512;           ///< limit of the escalation, bits
  bool as_json = false;
  // certify
  std::string at = "earliest";  ///< a step, or "earliest"
  bool flow = false;
  std::int64_t train_on = 0;  ///< steps, where no stored iterate is certified
  bool sharp = false;         ///< by the sharper, slower method
  // width
  std::int64_t most = 1'000'000;  ///< the largest width to try
  // recheck
  std::filesystem::path certificate;
  // gram
  std::string network, activation, depth;  ///< depth: a range
  std::optional<double> c_res;
  std::int64_t n = 20, d = 10;
  std::optional<std::filesystem::path> inputs;  ///< *.npy or *.csv, one sample a row
  std::string run;                              ///< of the suite
  int digits = 10;
  std::filesystem::path cache = "out/cache";  ///< of Hermite coefficients; "": none
  std::string theorem;                        ///< an id, or "" for the list
  int threads = 0;                            ///< 0: as many as the machine has
  bool quiet = false;
};

/// Each returns the exit code of docs/rigour.md: 0 every gate holds, 1 a gate fails or a run diverged, 2
/// nothing was checked, 3 something is undecided; and throws InputError (exit code 2) for bad input.
int check(const Options& options);
int train_suite(const Options& options);
int verify_runs(const Options& options);
int render_again(const Options& options);
int list_theorems(const Options& options);
int certify_run(const Options& options);
int find_width(const Options& options);
/// Stores a certificate, and its text beside it, in the folder of its run; the path of the first. A refusal
/// has no path; it removes an earlier certificate of this step that is not about the same iterate and data,
/// and leaves one that is, since a sharper method may have found it.
std::filesystem::path write_certificate(const std::filesystem::path& folder, const Certificate& certificate,
                                        const std::vector<MethodRow>& methods);
/// 0: accepted, 3: rejected.
int recheck_certificate(const Options& options);
int enclose_spectrum(const Options& options);
int enclose_population(const Options& options);

}  // namespace overproof
