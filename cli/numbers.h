#pragma once

#include <filesystem>
#include <string>

#include "files/fields.h"
#include "verify/precise_eigenvalues.h"

namespace overproof {

/// The matrix in a file *.npy, exactly, or *.csv, where a decimal stands for the double nearest to it;
/// InputError naming the file for anything else and for an empty one.
[[nodiscard]] Matrix load_matrix(const std::filesystem::path& path);

/// How an end of a spectrum was enclosed: "Cholesky factor, 256 bits".
[[nodiscard]] std::string method_text(const DecidedEnd& end);

/// How many leading digits an enclosure of this relative width settles; 0 if none.
[[nodiscard]] int settled_digits(const Interval& x);

/// Both ends as decimals rounded outward.
[[nodiscard]] Json ends_json(const Interval& x);

}  // namespace overproof
