#include "verify/columns.h"

#include <bit>

#include "bounds/interval.h"
#include "tests/catch.h"
#include "verify/activation_kernel.h"

using namespace overproof;

namespace {

const double not_a_number = std::numeric_limits<double>::quiet_NaN(),
             infinity = std::numeric_limits<double>::infinity();

/// Entries of all sizes, some of them awkward.
Vector entries(Index size, std::mt19937_64& random) {
  const double awkward[] = {0.0,    -0.0,     5e-324,    -1e-310,      1e300,
                            -1e300, infinity, -infinity, not_a_number, 1.0};
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> exponent(-320, 300);
  Vector x(size);
  for (double& entry : x) {
    const auto kind = random() % 8;
    entry = kind == 0 ? awkward[random() % 10]
                      : normal(random) * (kind < 3 ? std::pow(10.0, exponent(random)) : 1.0);
  }
  return x;
}

bool same(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) ||
         (std::isnan(a) && std::isnan(b));
}

struct Column {
  Vector high, low;
  explicit Column(Index size) : high(size), low(size) {}
  Column(Vector h, const Vector& l) : high(std::move(h)), low(l) {}
  operator ConstPairs() const { return {high.data(), low.data(), high.size()}; }
  operator Pairs() { return {high.data(), low.data(), high.size()}; }
};

template <class F>
void require_each(const Column& y, const F& expected) {
  for (Index r = 0; r < y.high.size(); ++r) {
    const Pair one = expected(r);
    INFO(r << ": " << y.high[r] << " + " << y.low[r] << ", not " << one.high << " + " << one.low);
    REQUIRE((same(y.high[r], one.high) && same(y.low[r], one.low)));
  }
}

}  // namespace

TEST_CASE("operations on columns of pairs give the bits of the operations on pairs") {
  const auto seed = test_seed(51);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (int trial = 0; trial < scaled(300); ++trial) {
    const Index size = static_cast<Index>(random() % 20);
    const Column a(entries(size, random), 0x1p-54 * entries(size, random)),
        b(entries(size, random), 0x1p-54 * entries(size, random));
    const ConstPairs x = a, w = b;
    const double factor = entries(1, random)[0];
    Column y(size);
    multiply_each(factor, x, y);
    require_each(y, [&](Index r) { return factor * x[r]; });
    multiply_each(factor, x, w, y);
    require_each(y, [&](Index r) { return factor * (x[r] * w[r]); });
    add_each(x, w, y);
    require_each(y, [&](Index r) { return x[r] + w[r]; });
    const auto halves = [&](Index r, double s, bool low) {
      const double leading = (a.high[r] + s) - s, rest = a.high[r] - leading;
      return Pair{leading, low ? rest + a.low[r] : rest};
    };
    for (const bool low : {false, true}) {
      const ConstPairs given{a.high.data(), low ? a.low.data() : nullptr, size};
      split_each(given, 0x1.8p30, y);
      require_each(y, [&](Index r) { return halves(r, 0x1.8p30, low); });
      split_each(given, b.high.data(), y);
      require_each(y, [&](Index r) { return halves(r, b.high[r], low); });
    }
    Column sum = b;
    accumulate_each(a.high.data(), a.low.data(), sum);
    require_each(sum, [&](Index r) {
      const Pair next = two_sum(b.high[r], a.high[r]);
      return Pair{next.high, b.low[r] + (a.low[r] + next.low)};
    });
    sum = b;
    accumulate_multiple(factor, a.high.data(), sum);
    require_each(sum, [&](Index r) {
      const Pair product = two_product(factor, a.high[r]), next = two_sum(b.high[r], product.high);
      return Pair{next.high, b.low[r] + (product.low + next.low)};
    });
    sum = b;
    normalise_each(sum);
    require_each(sum, [&](Index r) { return two_sum(b.high[r], b.low[r]); });
  }
}

TEST_CASE("a kernel at a column gives the bits of the kernel at each entry") {
  const auto seed = test_seed(52);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> wide(-60, 60), part(-1, 1);
  for (const char* id : {"tanh", "softplus", "erf"}) {
    for (const int order : {0, 1}) {
      const ActivationKernel kernel(activation_row(id), order);
      INFO(id << " order " << order);
      for (int trial = 0; trial < scaled(200); ++trial) {
        const Index size = static_cast<Index>(random() % 13);
        Column z(size);
        for (Index r = 0; r < size; ++r) {
          const auto kind = random() % 32;
          z.high[r] = kind == 0 ? entries(1, random)[0] : kind < 4 ? wide(random) : 4 * part(random);
          if (kind == 5) z.high[r] = std::round(16 * z.high[r]) / 16 + 0.03125;  // between two cells
          z.low[r] = (kind == 1 ? 2.0 : part(random)) * unit_roundoff * z.high[r];
        }
        const ConstPairs at = z;
        Column y(size);
        Vector errors(size);
        kernel.at_each(at, y, errors.data());
        require_each(y, [&](Index r) { return kernel.at(at[r]).value; });
        for (Index r = 0; r < size; ++r) REQUIRE(same(errors[r], kernel.at(at[r]).error));
      }
    }
  }
}

TEST_CASE("magnitudes are above the truth, the largest exactly, and NaN is never lost") {
  const auto seed = test_seed(53);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  for (int trial = 0; trial < scaled(300); ++trial) {
    const Index size = static_cast<Index>(random() % 30);
    const double scale = std::vector<double>{1.0, 1e-170, 1e-300, 1e140, 1e200}[random() % 5];
    Vector x(size), w(size);
    for (Index r = 0; r < size; ++r) x[r] = scale * normal(random), w[r] = normal(random);
    Interval sum = Interval::integer(0, 256);
    double largest = 0.0, weighted = 0.0;
    for (Index r = 0; r < size; ++r) {
      sum += square(Interval::exact(x[r], 256));
      largest = std::max(largest, std::abs(x[r])), weighted = std::max(weighted, std::abs(x[r] * w[r]));
    }
    const Magnitudes sizes = magnitudes_of(x.data(), size);
    REQUIRE(sizes.largest.value() == largest);
    REQUIRE(certainly_le(sqrt(sum), Interval::exact(sizes.two.value(), 256)));
    REQUIRE(magnitudes_of(x.data(), w.data(), size).largest.value() == weighted);
    if (scale == 1.0) REQUIRE(sizes.two.value() <= sqrt(sum).upper() * (1 + 1e-14) + 1e-150);
    for (Index r = 0; r < size; ++r) {
      Vector spoiled = x;
      spoiled[r] = not_a_number;
      REQUIRE(std::isnan(magnitudes_of(spoiled.data(), size).largest.value()));
      REQUIRE(std::isnan(magnitudes_of(spoiled.data(), size).two.value()));
      REQUIRE(std::isnan(magnitudes_of(w.data(), spoiled.data(), size).largest.value()));
      spoiled[r] = -infinity;
      REQUIRE(std::isinf(magnitudes_of(spoiled.data(), size).largest.value()));
    }
  }
}
