#pragma once

#include <optional>
#include <utility>

#include "bounds/population_gram.h"
#include "trainer/dataset.h"
#include "verify/ball.h"

namespace overproof {

/// The mathematical inputs x_i of a run: the stored doubles, or x/‖x‖ with the norm over the reals.
struct Inputs {
  Ball x;                    ///< d × n
  SymmetricIntervals inner;  ///< ⟨x_i, x_j⟩; exactly 1 on the diagonal for normalised data
  bool unit = false;         ///< every ‖x_i‖ = 1 over the reals
  long parallel_pairs = 0;   ///< pairs i < j with x_i = c x_j for some real c, decided exactly
  Interval separation;       ///< min over i ≠ j of ‖x_i − x_j‖
};
/// The inner products at a precision: their errors are near 2^-min(precision, 106) ‖x_i‖‖x_j‖, in units of
/// ‖x_i‖‖x_j‖ near 2^-precision above 128 bits. O(n² d).
[[nodiscard]] SymmetricIntervals enclose_inner(const Dataset& data, int precision);

[[nodiscard]] Inputs enclose_inputs(const Dataset& data);

/// Two samples whose mathematical inputs are the same, decided exactly: then every population Gram matrix is
/// singular. O(n² d).
[[nodiscard]] std::optional<std::pair<Index, Index>> find_equal_inputs(const Dataset& data);

}  // namespace overproof
