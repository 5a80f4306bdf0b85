#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

/// The second opinion on a convergence certificate: every number of the file is computed again from the bytes
/// of the run, in Arb's ball arithmetic, by code that shares nothing with the code that wrote it but the text
/// of docs/certificate.md, which both follow.
namespace overproof::recheck {

/// A file that cannot be read, is malformed, or has a network that is not served; in one line.
struct InputError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// One claim of the certificate, by its JSON pointer, held against what follows from the run.
struct Check {
  std::string name;
  bool passed;
  std::string detail;  ///< what is claimed, and what it must be
};

/// Accepted exactly when every check passed.
struct Result {
  bool accepted;
  std::vector<Check> checks;
};

/// Checks a certificate against the folder of its run. Accepted proves, for the bytes in the folder, the
/// conclusion of the theorem of docs/certificate.md with the numbers of the certificate. Throws InputError.
[[nodiscard]] Result recheck(const std::filesystem::path& certificate, const std::filesystem::path& run);

}  // namespace overproof::recheck
