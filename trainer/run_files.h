#pragma once

#include <string>

#include "files/safetensors.h"
#include "trainer/run.h"

namespace overproof {

// How the parts of a run folder are written; docs/run-format.md describes the same for readers.

inline constexpr const char* run_schema = "overproof.run/1";

/// "iterates/step-00000020.safetensors"
[[nodiscard]] std::string iterate_name(Index step);

/// Row-major F64 tensors, one for each weight by its name.
[[nodiscard]] std::string parameters_bytes(const Architecture& architecture, const Parameters& parameters);

/// Tensors X [n, d] (the stored inputs, not divided by their norms) and y [n].
[[nodiscard]] std::string data_bytes(const Dataset& data);

/// One line of steps.jsonl, with its newline. Numbers that are not finite become "nan", "inf" or "-inf".
[[nodiscard]] std::string step_line(const RecordedStep& step);

/// The lines of steps.jsonl. A last line without newline is dropped when `interrupted`, an error otherwise.
[[nodiscard]] std::vector<RecordedStep> parse_steps(std::string_view text, bool interrupted,
                                                    const std::string& file);

/// A row-major tensor [rows, cols] as a matrix and back.
[[nodiscard]] Tensor tensor_of(const Matrix& matrix);
[[nodiscard]] Matrix matrix_of(const Tensor& tensor);

}  // namespace overproof
