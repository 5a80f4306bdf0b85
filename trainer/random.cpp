#include "trainer/random.h"

#include <cmath>
#include <numeric>
#include <utility>

namespace overproof {
namespace {

constexpr std::uint32_t uniform_tag =
    0x80000000u;  // last counter word; Gaussians count their attempts there, from 0

constexpr std::uint32_t low(std::uint64_t x) { return static_cast<std::uint32_t>(x); }
constexpr std::uint32_t high(std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); }

/// 128 random bits as two words.
std::array<std::uint64_t, 2> random_bits(const RandomStream& random, std::uint64_t i, std::uint32_t tag) {
  const auto block = philox4x32({low(i), high(i), random.stream, tag}, {low(random.seed), high(random.seed)});
  return {std::uint64_t{block[1]} << 32 | block[0], std::uint64_t{block[3]} << 32 | block[2]};
}

/// (2k + 1 − 2^52)/2^52 for the upper 52 bits k: uniform on the odd multiples of 2^-52 in (−1, 1), exact,
/// never 0.
double symmetric(std::uint64_t bits) {
  const auto odd = static_cast<std::int64_t>(2 * (bits >> 12) + 1) - (std::int64_t{1} << 52);
  return static_cast<double>(odd) * 0x1p-52;
}

}  // namespace

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53} * counter[0],
                        b = std::uint64_t{0xCD9E8D57} * counter[2];
    counter = {high(b) ^ counter[1] ^ key[0], low(b), high(a) ^ counter[3] ^ key[1], low(a)};
    key = {key[0] + 0x9E3779B9u, key[1] + 0xBB67AE85u};
  }
  return counter;
}

double portable_log(double s) {
  // s = f·2^e with √½ ≤ f < √2; log f = 2 artanh t, t = (f−1)/(f+1), |t| ≤ 0.1716; the first omitted term of
  // the series Σ t^(2k+1)/(2k+1) is below 3e-21 relative.
  int e = 0;
  double f = std::frexp(s, &e);
  if (f < 0x1.6a09e667f3bcdp-1) f *= 2, e -= 1;
  const double t = (f - 1) / (f + 1), t2 = t * t;
  double series = 0.0;
  for (int k = 13; k >= 1; --k) series = t2 * (series + 1.0 / (2 * k + 1));
  constexpr double log2_high = 0x1.62e42fefa38p-1,
                   log2_low = 0x1.ef35793c7673p-45;  // e times the high part is exact for |e| < 512
  return e * log2_high + (e * log2_low + (2 * t + 2 * t * series));
}

double uniform(const RandomStream& random, std::uint64_t i) {
  return static_cast<double>(random_bits(random, i, uniform_tag)[0] >> 11) * 0x1p-53;
}

double random_sign(const RandomStream& random, std::uint64_t i) {
  return uniform(random, i) < 0.5 ? -1.0 : 1.0;
}

std::array<double, 2> gaussian_pair(const RandomStream& random, std::uint64_t pair) {
  for (std::uint32_t attempt = 0;; ++attempt) {
    const auto bits = random_bits(random, pair, attempt);
    const double u = symmetric(bits[0]), v = symmetric(bits[1]), s = u * u + v * v;
    if (s >= 1) continue;
    const double factor = std::sqrt(-2 * portable_log(s) / s);
    return {u * factor, v * factor};
  }
}

std::vector<double> gaussians(const RandomStream& random, std::size_t count) {
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; i += 2) {
    const auto pair = gaussian_pair(random, i / 2);
    values[i] = pair[0];
    if (i + 1 < count) values[i + 1] = pair[1];
  }
  return values;
}

std::vector<std::size_t> random_permutation(const RandomStream& random, std::size_t n) {
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = n; i > 1; --i) {
    // uniform < 1 − 2^-54, so the rounded product stays below i for i < 2^53.
    const auto j = static_cast<std::size_t>(uniform(random, i) * static_cast<double>(i));
    std::swap(order[i - 1], order[j]);
  }
  return order;
}

}  // namespace overproof
