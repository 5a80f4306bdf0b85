#include "tests/known/known.h"
#include "verify/precise_eigenvalues.h"

using namespace overproof;
using namespace overproof::known;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN(),
                 inf = std::numeric_limits<double>::infinity();

/// All that is said of an end of the spectrum, whatever the way.
std::vector<Interval> all_enclosures(const Matrix& A, End end) {
  const Index n = A.rows();
  Matrix workspace(n, n);
  const EigenvalueRange range = enclose_eigenvalues({A, Matrix::Zero(n, n)});
  const ApproxEigen guess{Vector::Ones(n), Matrix::Identity(n, std::min<Index>(n, 2))};
  return {end == End::smallest ? range.smallest : -range.largest,
          enclose_end(A, end).value,
          enclose_end(A, end, {}, workspace).value,
          enclose_end(A, end, guess, workspace).value,
          enclose_end_exactly(A, end, {1e-8, 53, 1}).enclosure.value,
          enclose_end_exactly(A, end, {1e-8, 256, 1}).enclosure.value,
          enclose_end_precisely(exact_intervals(A, 128), end, 128, 1e-8, 1).value};
}

}  // namespace

TEST_CASE("matrices with NaN or infinite entries, and empty ones, are never decided nor bounded") {
  std::mt19937_64 random(test_seed(89));
  for (const double bad : {not_a_number, inf, -inf}) {
    for (const Index n : {1, 2, 5, 16}) {
      for (int trial = 0; trial < scaled(5); ++trial) {
        Matrix A = Matrix::Identity(n, n);
        const auto i = static_cast<Index>(random() % static_cast<std::uint64_t>(n)),
                   j = static_cast<Index>(random() % static_cast<std::uint64_t>(n));
        A(i, j) = A(j, i) = bad;
        for (const End end : {End::smallest, End::largest}) {
          for (const Interval& value : all_enclosures(A, end)) {
            INFO("n = " << n << ", " << bad << ": " << value.text());
            REQUIRE_FALSE(value.is_bounded());
            REQUIRE_FALSE((value.lower() > -inf || value.upper() < inf));
          }
          REQUIRE_FALSE(enclose_end_exactly(A, end, {1e-8, 256, 1}).decided);
          REQUIRE_FALSE(enclose_end_of([&](int precision) { return exact_intervals(A, precision); }, end,
                                       {1e-8, 256, 1})
                            .decided);
        }
        REQUIRE_FALSE(enclose_norm({A, Matrix::Zero(n, n)}).is_bounded());
        REQUIRE_FALSE(enclose_spectral_norm(A).is_bounded());
      }
    }
  }
  for (const End end : {End::smallest, End::largest}) {
    CHECK_FALSE(enclose_end(Matrix(0, 0), end).value.is_bounded());
    CHECK_FALSE(enclose_end_exactly(Matrix(0, 0), end, {1e-8, 256, 1}).decided);
    CHECK_FALSE(enclose_end_precisely(SymmetricIntervals(0), end, 128, 1e-8, 1).value.is_bounded());
  }
}

TEST_CASE("denormal entries and entries near overflow") {
  std::mt19937_64 random(test_seed(90));
  for (int trial = 0; trial < scaled(300); ++trial) {
    const Index n = Index{1} << (random() % 5);
    std::vector<long> spectrum = random_integers(random, n, -100, 201);
    for (long& value : spectrum) value *= n;  // integer entries
    const auto [least, greatest] = std::minmax_element(spectrum.begin(), spectrum.end());
    // entries below 2^11: from single units of the least double up to the edge of overflow
    const int exponents[] = {-1074, -1060, -1022, -540, 510, 1000, 1012};
    const double unit = std::ldexp(1.0, exponents[random() % 7]);
    const Known matrix = {unit * conjugate_of(spectrum), number(unit) * integer(*least),
                          number(unit) * integer(*greatest)};
    REQUIRE(matrix.A.allFinite());
    for (const End end : {End::smallest, End::largest}) {
      for (const Interval& value : all_enclosures(matrix.A, end)) {
        INFO("n = " << n << ", unit " << unit << ": " << value.text(20) << " against "
                    << lowest(matrix, end).text(20));
        REQUIRE(agrees(value, lowest(matrix, end)));
      }
      const DecidedEnd more = enclose_end_exactly(matrix.A, end, {1e-8, 8192, 1});
      REQUIRE(agrees(more.enclosure.value, lowest(matrix, end)));
      REQUIRE((more.decided || lowest(matrix, end).contains_zero()));
    }
  }
}
