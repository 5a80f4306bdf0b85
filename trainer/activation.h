#pragma once

#include <string>
#include <vector>

namespace overproof {

/// The activations of the papers. The names ("softplus", "tanh", ...) are the ones of suites, runs and
/// theorem files.
enum class Activation { softplus, tanh, sigmoid, erf, gelu, silu, relu };

[[nodiscard]] std::string to_text(Activation activation);
/// Throws InputError (with the nearest name) for a name that is not in the table.
[[nodiscard]] Activation activation_from(const std::string& name);
[[nodiscard]] const std::vector<std::string>& activation_names();

/// σ(z) and σ'(z) in plain floating point; relu'(0) = 1 (the convention of Du et al.).
[[nodiscard]] double value(Activation activation, double z);
[[nodiscard]] double derivative(Activation activation, double z);

/// c_σ = 1/E σ(z)², z ~ N(0, 1), as the nearest double to about one unit in the last place (no guarantee: the
/// scales a run uses are whatever doubles it stores).
[[nodiscard]] double approx_c_sigma(Activation activation);

}  // namespace overproof
