#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "verify/iterate.h"
#include "verify/measurement.h"
#include "verify/setting.h"
#include "verify/structure.h"

namespace overproof {

/// The symbols of a net and its data: n d m H eta c_res c_sigma L_sigma beta beta3 sigma_0
/// [docs/notation.md].
[[nodiscard]] std::map<std::string, Interval> symbols_of(const Architecture& net, Index samples, double eta);

/// What a net and its inputs say of themselves, with the law that its weights are meant to have; whether it
/// was trained by gradient descent, and whether its output weights are signs, is left undecided.
[[nodiscard]] SettingFacts facts_of(const Architecture& net, bool unit_inputs);

/// Sets init_c_w0, init_a_20, init_a_40, init_c_x0 and init_U [docs/notation.md]. Costs the spectral norms of
/// the square weights, O(m³) each.
void measure_initial(const Architecture& net, const Iterate& first, Measurements& measurements);

/// A measured function of docs/notation.md by its name; nullopt for one that was not measured.
using MeasuredFunctions =
    std::function<std::optional<Interval>(const std::string& name, const std::vector<Interval>& arguments)>;

/// near_boundary(R) = (Σ_i s_i²)^½, s_i = #{r : |w_r(0)·x_i| <= R}, of a two-layer net with these
/// pre-activations at step 0.
[[nodiscard]] MeasuredFunctions near_boundary_of(const Ball& z);

}  // namespace overproof
