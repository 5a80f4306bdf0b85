#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace overproof {

/// The block cipher Philox4x32 with 10 rounds [Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as
/// easy as 1, 2, 3"].
[[nodiscard]] std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                                      std::array<std::uint32_t, 2> key);

/// A sequence of random numbers. Entry i is a function of (seed, stream, i) alone, so the order of evaluation
/// does not matter, and different streams of one seed are independent. Gaussian and uniform entries of a
/// stream do not share random bits.
struct RandomStream {
  std::uint64_t seed = 0;
  std::uint32_t stream = 0;
};

/// Entry i uniform on the multiples of 2^-53 in [0, 1).
[[nodiscard]] double uniform(const RandomStream& random, std::uint64_t i);

/// Entry i uniform on {−1, 1}.
[[nodiscard]] double random_sign(const RandomStream& random, std::uint64_t i);

/// Entries 2·pair and 2·pair + 1 of a sequence of independent N(0, 1) numbers, by Marsaglia's polar method.
/// Uses + − × ÷ √ on doubles only, so the bits are the same on every IEEE machine.
[[nodiscard]] std::array<double, 2> gaussian_pair(const RandomStream& random, std::uint64_t pair);

/// The first `count` entries N(0, 1).
[[nodiscard]] std::vector<double> gaussians(const RandomStream& random, std::size_t count);

/// A uniformly random permutation of 0..n−1 (Fisher–Yates).
[[nodiscard]] std::vector<std::size_t> random_permutation(const RandomStream& random, std::size_t n);

/// log s for s > 0 to a few units in the last place, the same bits on every IEEE machine.
[[nodiscard]] double portable_log(double s);

}  // namespace overproof
