#pragma once

#include <span>
#include <string_view>

namespace overproof {

/// A name that a run gives a value to. `plain`, `series`, `layers`: whether it is written name, name[k],
/// name[k,h].
struct NameRow {
  std::string_view name;
  bool plain, series, layers;
  std::string_view meaning;
};

/// The names formulas of theorem files may use besides their constants and definitions. h = 1..H are the
/// layers, h = H+1 the output weights a; G^(H) is H(k) for the two-layer net.
inline constexpr NameRow name_table[] = {
    {"n", true, false, false, "samples"},
    {"d", true, false, false, "input dimension"},
    {"m", true, false, false, "width"},
    {"H", true, false, false, "depth"},
    {"eta", true, false, false, "step size"},
    {"c_res", true, false, false, "factor of the residual branches"},
    {"failure_probability", true, false, false, "the δ of statements with probability 1 − δ"},
    {"c_sigma", true, false, false, "1 / E σ(z)²"},
    {"L_sigma", true, false, false, "sup |σ'|"},
    {"beta", true, false, false, "sup |σ''|"},
    {"beta3", true, false, false, "sup |σ'''|"},
    {"sigma_0", true, false, false, "|σ(0)|"},
    {"lambda_0", true, false, false, "least eigenvalue of the population Gram matrix K^(H)"},
    {"loss", false, true, false, "½ ‖y − u(k)‖²"},
    {"residual_norm", false, true, false, "‖y − u(k)‖"},
    {"prediction_change", false, true, false, "‖u(k+1) − u(k)‖"},
    {"second_order_term", false, true, false,
     "‖u(k+1) − u(k) − η G(k) (y − u(k))‖, G of all trained weights"},
    {"descent_residual", false, true, false, "‖θ(k+1) − θ(k) + η ∇L(θ(k))‖, all trained weights together"},
    {"grad_norm", false, true, true, "‖∇L‖, of all weights or of one layer"},
    {"lambda_min_gram_last", false, true, false, "least eigenvalue of G^(H)(k)"},
    {"lambda_max_gram_last", false, true, false, "largest eigenvalue of G^(H)(k)"},
    {"lambda_min_ntk", false, true, false, "least eigenvalue of G(k)"},
    {"lambda_max_ntk", false, true, false, "largest eigenvalue of G(k)"},
    {"gram_change", false, true, false, "‖G^(H)(k) − G^(H)(0)‖₂"},
    {"gram_change_fro", false, true, false, "‖G^(H)(k) − G^(H)(0)‖_F"},
    {"gram_to_population", true, false, false, "‖G^(H)(0) − K^(H)‖₂"},
    {"gram_to_population_max", true, false, false, "largest |entry| of G^(H)(0) − K^(H)"},
    {"drift_fro", false, false, true, "‖W^(h)(k) − W^(h)(0)‖_F"},
    {"drift_spec", false, false, true, "‖W^(h)(k) − W^(h)(0)‖₂"},
    {"drift_row", false, true, false, "max over neurons r of layer 1 of ‖w_r(k) − w_r(0)‖"},
    {"step_fro", false, false, true, "‖W^(h)(k+1) − W^(h)(k)‖_F"},
    {"step_row", false, true, false, "max over neurons r of layer 1 of ‖w_r(k+1) − w_r(k)‖"},
    {"feature_drift", false, false, true, "max over samples of ‖x^(h)(k) − x^(h)(0)‖"},
    {"feature_norm", false, false, true, "max over samples of ‖x^(h)(k)‖"},
    {"feature_norm_min", false, false, true, "min over samples of ‖x^(h)(k)‖"},
    {"pattern_changes", false, true, false, "number of (sample, neuron) whose ReLU sign differs from step 0"},
    {"parallel_pairs", true, false, false, "pairs of parallel inputs"},
    {"separation", true, false, false, "min over pairs of ‖x_i − x_j‖"},
    {"label_norm", true, false, false, "‖y‖"},
    {"init_c_w0", true, false, false, "max(1/2, max_{h≥2} ‖W^(h)(0)‖₂ / √m)"},
    {"init_c_x0", true, false, false, "max(1, max ‖x_i^(h)(0)‖, 1 / min ‖x_i^(h)(0)‖)"},
    {"init_a_20", true, false, false, "max(1/2, ‖a(0)‖₂ / √m)"},
    {"init_a_40", true, false, false, "‖a(0)‖₄ / m^(1/4)"},
    {"init_U", true, false, false, "‖y − u(0)‖"},
};

/// One assumption of a setting and the values a theorem file may require.
struct SettingRow {
  std::string_view name;
  std::span<const std::string_view> allowed;
};

inline constexpr std::string_view network_values[] = {"fc", "resnet", "two_layer_relu", "any"};
inline constexpr std::string_view activation_values[] = {"smooth", "smooth analytic", "relu", "any"};
inline constexpr std::string_view inputs_values[] = {"unit", "any"};
inline constexpr std::string_view training_values[] = {"gradient descent", "any"};
inline constexpr std::string_view initialisation_values[] = {"gaussian", "rademacher output", "any"};

/// Every theorem states all five. "rademacher output": W Gaussian, a_r = ±1.
inline constexpr SettingRow setting_table[] = {
    {"network", network_values},   {"activation", activation_values},         {"inputs", inputs_values},
    {"training", training_values}, {"initialisation", initialisation_values},
};

}  // namespace overproof
