#include "tests/known/known.h"
#include "verify/precise_eigenvalues.h"

using namespace overproof;
using namespace overproof::known;

namespace {

/// Encloses both ends every way there is, and sharply.
void require_enclosed(const Known& matrix) {
  const Index n = matrix.A.rows();
  const double size = std::max(abs(matrix.smallest).upper(), abs(matrix.largest).upper());
  const EigenvalueRange range = enclose_eigenvalues({matrix.A, Matrix::Zero(n, n)});
  const double floor = 1e-13 * static_cast<double>(n) * size;
  Matrix workspace(n, n);
  for (const End end : {End::smallest, End::largest}) {
    const Interval truth = lowest(matrix, end);
    const Interval both = end == End::smallest ? range.smallest : -range.largest;
    const DecidedEnd more = enclose_end_exactly(matrix.A, end, {1e-15, 512, 1});
    INFO("n = " << n << ": " << both.text(20) << ", " << more.enclosure.value.text(20) << " against "
                << truth.text(20));
    REQUIRE(agrees(both, truth));
    REQUIRE(agrees(enclose_end(matrix.A, end).value, truth));
    REQUIRE(agrees(enclose_end(matrix.A, end, {}, workspace).value, truth));
    REQUIRE(agrees(enclose_end_exactly(matrix.A, end, {1e-15, 53, 1}).enclosure.value, truth));
    REQUIRE(agrees(more.enclosure.value, truth));
    REQUIRE(both.width() <= floor);
    REQUIRE(more.enclosure.value.width() <= std::max(2e-15 * abs(truth).upper(), 1e-40 * size));
    REQUIRE((more.decided || truth.contains_zero()));
  }
}

}  // namespace

TEST_CASE("graph Laplacians: exactly singular, their largest eigenvalue in closed form") {
  const Interval zero = integer(0), two = integer(2);
  for (const Index n : {2, 3, 4, 9, 20, 33}) {
    std::vector<std::pair<Index, Index>> path, complete, star;
    for (Index i = 0; i < n; ++i) {
      if (i > 0) path.emplace_back(i - 1, i), star.emplace_back(0, i);
      for (Index j = 0; j < i; ++j) complete.emplace_back(j, i);
    }
    const Interval cosine = cos_pi(1, n);
    require_enclosed(Known{laplacian(n, path), zero, two + two * cosine});
    require_enclosed(Known{laplacian(n, complete), zero, integer(n)});
    require_enclosed(Known{laplacian(n, star), zero, integer(n)});
    if (n < 3) continue;
    std::vector<std::pair<Index, Index>> cycle = path;
    cycle.emplace_back(0, n - 1);
    require_enclosed(Known{laplacian(n, cycle), zero, n % 2 == 0 ? integer(4) : two + two * cosine});
  }
  for (const Index dimension : {1, 3, 5}) {
    const Index n = Index{1} << dimension;
    std::vector<std::pair<Index, Index>> cube;
    for (Index i = 0; i < n; ++i) {
      for (Index bit = 1; bit < n; bit *= 2) {
        if (!(i & bit)) cube.emplace_back(i, i | bit);
      }
    }
    require_enclosed(Known{laplacian(n, cube), zero, integer(2 * dimension)});
  }
  for (const auto& [a, b] : std::vector<std::pair<Index, Index>>{{1, 1}, {2, 5}, {10, 10}, {3, 21}}) {
    std::vector<std::pair<Index, Index>> bipartite;
    for (Index i = 0; i < a; ++i) {
      for (Index j = 0; j < b; ++j) bipartite.emplace_back(i, a + j);
    }
    require_enclosed(Known{laplacian(a + b, bipartite), zero, integer(a + b)});
  }
}

TEST_CASE("tridiagonal Toeplitz matrices: a ± 2b cos(π/(n + 1))") {
  for (const Index n : {2, 3, 10, 31}) {
    for (const auto& [a, b] : std::vector<std::pair<long, long>>{{2, -1}, {0, 1}, {-5, 3}, {1L << 40, 1}}) {
      Matrix A = static_cast<double>(a) * Matrix::Identity(n, n);
      for (Index i = 0; i + 1 < n; ++i) A(i, i + 1) = A(i + 1, i) = static_cast<double>(b);
      const Interval reach = integer(2 * std::abs(b)) * cos_pi(1, n + 1);
      require_enclosed(Known{A, integer(a) - reach, integer(a) + reach});
    }
  }
}

TEST_CASE("arrow matrices whose secular equation has integer roots") {
  std::mt19937_64 random(test_seed(85));
  for (int trial = 0; trial < scaled(60); ++trial) {
    const Index n = 2 + static_cast<Index>(random() % 24);
    const long d = static_cast<long>(random() % 2001) - 1000, m = static_cast<long>(random() % 101) - 50;
    Known matrix = arrow(n, d, m);
    matrix.A = shuffled(matrix.A, random);
    require_enclosed(matrix);
  }
}

TEST_CASE("multiples of the identity, zero matrices and single numbers") {
  for (const Index n : {1, 2, 17}) {
    for (const double c : {1.0, -3.0, 0.1, 1e100, -1e-100})
      require_enclosed(exactly(c * Matrix::Identity(n, n), c, c));
    for (const int precision_limit : {53, 512}) {
      for (const End end : {End::smallest, End::largest}) {
        const DecidedEnd zero = enclose_end_exactly(Matrix::Zero(n, n), end, {1e-8, precision_limit, 1});
        CHECK(zero.enclosure.value.contains(0.0));
        CHECK(zero.enclosure.value.width() < 1e-150);
      }
    }
  }
}

TEST_CASE("graded matrices over three hundred orders of magnitude") {
  std::mt19937_64 random(test_seed(86));
  for (int trial = 0; trial < scaled(40); ++trial) {
    // 2^-e [[a, b], [b, a]] along the diagonal: the least and the greatest of 2^-e (a ± b)
    std::vector<Matrix> parts;
    double least = std::numeric_limits<double>::infinity(), greatest = -least;
    const Index count = 2 + static_cast<Index>(random() % 6);
    for (Index part = 0; part < count; ++part) {
      const double unit = std::ldexp(1.0, -static_cast<int>(1000 * part / (count - 1)));
      const auto a = static_cast<double>(20 + random() % 100), b = static_cast<double>(random() % 20);
      const double sign = trial % 3 == 0 && random() % 2 ? -1.0 : 1.0;
      parts.push_back(sign * unit * pair(a, b));
      for (const double value : {sign * unit * (a - b), sign * unit * (a + b)})
        least = std::min(least, value), greatest = std::max(greatest, value);
    }
    const Known matrix = exactly(shuffled(blocks(parts), random), least, greatest);
    for (const End end : {End::smallest, End::largest}) {
      for (const int precision_limit : {53, 512, 2048}) {
        const DecidedEnd found = enclose_end_exactly(matrix.A, end, {1e-8, precision_limit, 1});
        INFO("trial " << trial << ", " << precision_limit << " bits: " << found.enclosure.value.text(20)
                      << " against " << lowest(matrix, end).text(20));
        REQUIRE(agrees(found.enclosure.value, lowest(matrix, end)));
        if (precision_limit == 2048) REQUIRE(found.decided);
      }
    }
  }
}

TEST_CASE("a graded congruence keeps the planted signs: no sign is claimed that is not there") {
  std::mt19937_64 random(test_seed(87));
  for (int trial = 0; trial < scaled(150); ++trial) {
    // D L Σ Lᵀ D with unit triangular L of small integers, Σ = diag(±1), D = 2^e [Sylvester's law of inertia]
    const Index n = 2 + static_cast<Index>(random() % 9);
    Matrix L = Matrix::Identity(n, n);
    for (Index j = 0; j < n; ++j) {
      for (Index i = j + 1; i < n; ++i) L(i, j) = static_cast<double>(static_cast<long>(random() % 5) - 2);
    }
    Vector signs = Vector::Ones(n);
    const auto negative = static_cast<Index>(random() % static_cast<std::uint64_t>(n + 1));
    for (Index i = 0; i < negative; ++i) signs[i] = -1.0;
    std::shuffle(signs.begin(), signs.end(), random);
    const Matrix S = L * signs.asDiagonal() * L.transpose();
    Vector D(n);
    const int reach = trial % 2 ? 8 : 480;
    for (double& scale : D)
      scale = std::ldexp(1.0, -static_cast<int>(random() % static_cast<std::uint64_t>(reach)));
    const Matrix A = D.asDiagonal() * S * D.asDiagonal();
    for (const int precision_limit : {53, 4096}) {
      const EigenOptions options{1e-8, precision_limit, 1};
      const DecidedEnd low = enclose_end_exactly(A, End::smallest, options),
                       high = enclose_end_exactly(A, End::largest, options);
      INFO("trial " << trial << ": " << low.enclosure.value.text(20) << ", "
                    << high.enclosure.value.text(20));
      const bool some_negative = negative > 0, some_positive = negative < n;
      REQUIRE_FALSE((some_negative && low.enclosure.value.lower() >= 0.0));
      REQUIRE_FALSE((!some_negative && low.enclosure.value.upper() <= 0.0));
      REQUIRE_FALSE((some_positive && high.enclosure.value.lower() >= 0.0));
      REQUIRE_FALSE((!some_positive && high.enclosure.value.upper() <= 0.0));
      if (precision_limit > 53) REQUIRE((low.decided && high.decided));
    }
  }
}

TEST_CASE("an indefinite matrix has a witness: the direction's Rayleigh quotient is negative") {
  std::mt19937_64 random(test_seed(88));
  for (int trial = 0; trial < scaled(100); ++trial) {
    std::vector<long> spectrum = random_integers(random, Index{1} << (1 + random() % 4), 1, 1000);
    spectrum[0] = -1;
    const Matrix A = conjugate_of(spectrum);
    const DecidedEnd found = enclose_end_exactly(A, End::smallest, {1e-8, 512, 1});
    REQUIRE(found.decided);
    REQUIRE(found.enclosure.value.contains(-1.0));
    REQUIRE(found.enclosure.value.upper() < 0.0);
    const Vector& x = found.enclosure.direction;
    Interval quotient = integer(0);
    for (Index j = 0; j < A.cols(); ++j) {
      for (Index i = 0; i < A.rows(); ++i) quotient += number(x[i]) * number(A(i, j)) * number(x[j]);
    }
    REQUIRE(certainly_lt(quotient, integer(0)));
  }
}
