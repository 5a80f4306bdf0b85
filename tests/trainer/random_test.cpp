#include "trainer/random.h"

#include <algorithm>
#include <cmath>

#include "files/file.h"
#include "tests/catch.h"

using namespace overproof;

TEST_CASE("Philox gives the known answers of its authors") {
  using Block = std::array<std::uint32_t, 4>;
  CHECK(philox4x32({0, 0, 0, 0}, {0, 0}) == Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  constexpr std::uint32_t ones = 0xffffffff;
  CHECK(philox4x32({ones, ones, ones, ones}, {ones, ones}) ==
        Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("the first thousand Gaussians of seed 1 are the same bits on every machine") {
  // The digest was computed by a separate implementation in Python.
  CHECK(sha256(gaussians({1, 0}, 1000)) ==
        "abbd6bc271b78ef177cc44d1098a57dd60d50bf941d53a94bb97bffcd998f434");
}

TEST_CASE("an entry depends on seed, stream and number alone") {
  const std::vector<double> all = gaussians({42, 3}, 101);
  CHECK(all[100] == gaussian_pair({42, 3}, 50)[0]);
  CHECK(all[7] == gaussian_pair({42, 3}, 3)[1]);
  CHECK(gaussians({42, 3}, 7) == std::vector(all.begin(), all.begin() + 7));
  CHECK(gaussians({42, 4}, 1) != gaussians({42, 3}, 1));
  CHECK(gaussians({42 + (std::uint64_t{1} << 32), 3}, 1) != gaussians({42, 3}, 1));
  CHECK(gaussian_pair({0, 0}, 1) != gaussian_pair({0, 0}, 1 + (std::uint64_t{1} << 32)));
  CHECK(gaussians({1, 0}, 0).empty());
}

TEST_CASE("the portable logarithm is within four units in the last place") {
  std::mt19937_64 random(test_seed(8));
  std::uniform_real_distribution<double> exponents(-100, 100), near_one(0.6, 1.5);
  for (int i = 0; i < scaled(20000); ++i) {
    const double s = i % 2 == 0 ? std::exp2(exponents(random)) : near_one(random);
    const long double truth = std::log(static_cast<long double>(s));
    INFO(s);
    CHECK(std::abs(portable_log(s) - truth) <= 4 * 0x1p-53L * std::abs(truth));
  }
  CHECK(portable_log(1.0) == 0.0);
}

TEST_CASE("Gaussians have the moments and tails of N(0, 1)") {
  const std::size_t count = 200'000;
  const std::vector<double> g = gaussians({test_seed(3), 1}, count);
  double moments[5] = {};
  double beyond_two = 0, product = 0;
  for (std::size_t i = 0; i < count; ++i) {
    for (int p = 1; p <= 4; ++p) moments[p] += std::pow(g[i], p) / count;
    beyond_two += std::abs(g[i]) > 2 ? 1.0 / count : 0.0;
    product += i % 2 == 1 ? g[i] * g[i - 1] / (count / 2.0) : 0.0;
  }
  // Six standard deviations of each mean: variances 1, 2, 15, 96, p(1−p), 1.
  const double root = 6 / std::sqrt(static_cast<double>(count));
  CHECK(std::abs(moments[1]) < root);
  CHECK(std::abs(moments[2] - 1) < root * std::sqrt(2.0));
  CHECK(std::abs(moments[3]) < root * std::sqrt(15.0));
  CHECK(std::abs(moments[4] - 3) < root * std::sqrt(96.0));
  CHECK(std::abs(beyond_two - std::erfc(std::sqrt(2.0))) < root * 0.21);
  CHECK(std::abs(product) < root * std::sqrt(2.0));
}

TEST_CASE("uniform numbers fill [0, 1) and signs are balanced") {
  const RandomStream random{test_seed(9), 2};
  const int count = 20000;
  double mean = 0, signs = 0, least = 1, most = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const double u = uniform(random, i);
    CHECK((u >= 0 && u < 1));
    mean += u / count;
    least = std::min(least, u), most = std::max(most, u);
    const double sign = random_sign(random, i);
    CHECK(std::abs(sign) == 1);
    signs += sign / count;
  }
  CHECK(std::abs(mean - 0.5) < 6 * std::sqrt(1 / 12.0 / count));
  CHECK(std::abs(signs) < 6 / std::sqrt(static_cast<double>(count)));
  CHECK(least < 0.01);
  CHECK(most > 0.99);
}

TEST_CASE("a permutation holds every number once and every image is as likely") {
  int images[5][5] = {};
  const int count = 10000;
  for (std::uint64_t seed = 0; seed < count; ++seed) {
    std::vector<std::size_t> order = random_permutation({seed, 0}, 5);
    for (std::size_t i = 0; i < 5; ++i) ++images[i][order[i]];
    std::ranges::sort(order);
    REQUIRE(order == std::vector<std::size_t>{0, 1, 2, 3, 4});
  }
  for (const auto& row : images) {
    for (const int hits : row) CHECK(std::abs(hits - count / 5) < 6 * std::sqrt(count * 0.2 * 0.8));
  }
  CHECK(random_permutation({1, 0}, 0).empty());
}
