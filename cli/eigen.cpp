#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <iostream>

#include "cli/commands.h"
#include "cli/numbers.h"
#include "verify/precise_eigenvalues.h"

namespace overproof {
namespace {

/// The symmetric matrix in a file; InputError naming file, entry and what is allowed.
Matrix load_symmetric(const std::filesystem::path& path) {
  const std::string file = path.string();
  Matrix A = load_matrix(path);
  if (A.rows() != A.cols())
    throw InputError(fmt::format("{}: the matrix is {} x {}, allowed: square", file, A.rows(), A.cols()));
  for (Index j = 0; j < A.cols(); ++j) {
    for (Index i = 0; i <= j; ++i) {
      if (!std::isfinite(A(i, j)) || !std::isfinite(A(j, i)))
        throw InputError(fmt::format("{}: entry ({}, {}) is not finite", file, i, j));
      if (A(i, j) != A(j, i)) {
        throw InputError(fmt::format("{}: entry ({}, {}) is {}, entry ({}, {}) is {}, allowed: symmetric",
                                     file, i, j, A(i, j), j, i, A(j, i)));
      }
    }
  }
  return A;
}

/// A vector of doubles whose Rayleigh quotient is certainly negative, when the one found is still so after
/// rounding.
std::optional<Vector> witness(const Matrix& A, const Vector& direction) {
  if (direction.size() != A.rows()) return {};
  const Interval quotient = enclose_lowest(enclose_residuals(A, End::smallest, direction),
                                           -std::numeric_limits<double>::infinity());
  return quotient.upper() < 0.0 ? std::optional(direction) : std::nullopt;
}

std::string sign_text(const Interval& smallest, bool has_witness) {
  const Interval zero = Interval::integer(0);
  if (certainly_lt(zero, smallest)) return "positive definite";
  if (certainly_le(zero, smallest)) return "positive semidefinite";
  if (certainly_lt(smallest, zero))
    return fmt::format("lambda_min <= {}{}", smallest.upper_text(6),
                       has_witness ? ", with a witness (--json)" : "");
  return certainly_le(smallest.upper_point(), zero) ? "singular or indefinite: lambda_min <= 0"
                                                    : "undecided: lambda_min is not told apart from 0";
}

}  // namespace

int enclose_spectrum(const Options& options) {
  const Matrix A = load_symmetric(options.matrix);
  const auto start = std::chrono::steady_clock::now();
  EigenOptions to;
  to.precision_limit = options.precision;
  const DecidedEnd smallest = enclose_end_exactly(A, End::smallest, to);
  DecidedEnd largest = enclose_end_exactly(A, End::largest, to);
  largest.enclosure.value = -largest.enclosure.value;
  const Interval norm = max(abs(smallest.enclosure.value), abs(largest.enclosure.value));
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const std::optional<Vector> vector = witness(A, smallest.enclosure.direction);
  const bool decided = smallest.decided && largest.decided;
  constexpr int digits = 20;
  if (options.as_json) {
    Json out{{"n", A.rows()},
             {"lambda_min", ends_json(smallest.enclosure.value)},
             {"lambda_max", ends_json(largest.enclosure.value)},
             {"norm2", ends_json(norm)},
             {"method", method_text(smallest)},
             {"method_lambda_max", method_text(largest)},
             {"precision", smallest.precision},
             {"precision_lambda_max", largest.precision},
             {"decided", decided},
             {"seconds", seconds}};
    if (vector) out["witness"] = std::vector<double>(vector->begin(), vector->end());
    std::cout << out.dump(2) << "\n";
  } else if (!options.quiet) {
    const auto line = [](const char* name, const DecidedEnd& end) {
      return fmt::format("{:<12}{}\n{:<12}{}{}\n", name, end.enclosure.value.text(digits), "",
                         method_text(end), end.decided ? "" : "; undecided: wider than 1e-8 of its size");
    };
    std::cout << fmt::format("{:<12}{}\n", "n", A.rows()) << line("lambda_min", smallest)
              << line("lambda_max", largest) << fmt::format("{:<12}{}\n", "norm2", norm.text(digits))
              << fmt::format("{:<12}{}\n", "sign", sign_text(smallest.enclosure.value, vector.has_value()))
              << fmt::format("{:<12}{:.3f}\n", "seconds", seconds);
  }
  return decided ? 0 : 3;
}

}  // namespace overproof
