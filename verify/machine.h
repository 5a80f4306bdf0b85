#pragma once

namespace overproof {

/// Every bound of verify/ counts roundings to nearest and relies on gradual underflow. Checks both, here and
/// inside a BLAS product large enough to use its worker threads. Throws std::runtime_error saying what is
/// wrong.
void check_floating_point();

}  // namespace overproof
