#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bounds/population_gram.h"
#include "trainer/dataset.h"
#include "verify/precise_eigenvalues.h"

namespace overproof {

/// The net of a population Gram matrix, in the words of a suite.
struct PopulationNet {
  std::string network;  ///< "fc", "resnet" or "two_layer_relu"
  const ActivationRow* activation = nullptr;
  Interval c_res;  ///< of "resnet"
};

/// K^(H) for each depth H [1811.03804, Definitions 5.1 and 6.1], and H^∞ of the two-layer ReLU net, whose
/// only depth is 1. "fc": the cost of the largest depth; "resnet": the sum, since the scale c_res/H makes
/// other layers for each H. Throws InputError for a depth that the net has not.
[[nodiscard]] std::vector<SymmetricIntervals> population_grams(const PopulationNet& net,
                                                               const SymmetricIntervals& inner,
                                                               const std::vector<int>& depths,
                                                               const GramOptions& options = {});

/// λ_min(K^(H)) for each depth. Inner products, Gram matrices and eigenvalues are enclosed at more and more
/// bits until the width is what was asked for; exactly 0 where two inputs are the same. `progress` hears what
/// is done next.
[[nodiscard]] std::vector<DecidedEnd> enclose_population_ends(
    const PopulationNet& net, const Dataset& data, const std::vector<int>& depths,
    const EigenOptions& options, const CoefficientCache* cache = nullptr,
    const std::function<void(int precision, const std::vector<int>& depths)>& progress = {});

}  // namespace overproof
