#pragma once

#include <string>

#include "bounds/interval.h"
#include "trainer/architecture.h"

namespace overproof {

/// Which of the papers' networks an architecture is, decided from its layers and not from its name.
struct Structure {
  std::string network = "other";  ///< "fc", "resnet", "two_layer_relu" or "other"
  Interval c_res;  ///< resnet: H √m times its layer scale (a double, so not exactly the suite's number)
};

/// Scales are compared with √(c_σ/m), 1/√m up to 2^-48: the network is the one with the doubles it stores,
/// and those round the irrational scale of the paper.
[[nodiscard]] Structure recognise(const Architecture& architecture);

/// "fc, H = 2, m = 500, d = 10, softplus"
[[nodiscard]] std::string describe(const Architecture& architecture);

}  // namespace overproof
