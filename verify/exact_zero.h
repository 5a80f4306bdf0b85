#pragma once

#include <optional>

#include "verify/eigenvalues.h"

namespace overproof {

/// A nonzero vector of small integers near a multiple of `direction` with A y = 0 exactly, if one is found.
/// O(n²) operations on numbers that hold every sum of products exactly.
[[nodiscard]] std::optional<Vector> exact_null_vector(const Matrix& A, const Vector& direction);

/// An end that is known to be 0.
[[nodiscard]] EndEnclosure zero_end(Vector null_vector);

/// [0, 0] when it is proved that the least eigenvalue of sign·A is 0, for A an exact symmetric matrix: A = 0,
/// or its kernel has one dimension: A y = 0 exactly, and sign·A is positive on the complement of y
/// (bound_complement_below). `direction` is a guess of y. O(n³).
[[nodiscard]] std::optional<EndEnclosure> enclose_zero_end(const Matrix& A, End end, const Vector& direction);

}  // namespace overproof
