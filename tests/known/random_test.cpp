#include <algorithm>
#include <array>

#include "tests/known/known.h"
#include "verify/precise_eigenvalues.h"

using namespace overproof;
using namespace overproof::known;

namespace {

constexpr long huge = 1L << 40;  // neighbouring integers of this size differ by 1e-12 of it

/// All eigenvalues planted, ascending, and the matrix.
struct Planted {
  std::vector<long> spectrum;
  Matrix A;
};

Planted conjugate(std::vector<long> spectrum, std::mt19937_64& random) {
  std::shuffle(spectrum.begin(), spectrum.end(), random);
  Matrix A = conjugate_of(spectrum);
  std::sort(spectrum.begin(), spectrum.end());
  return {std::move(spectrum), std::move(A)};
}

Planted sum_of(const std::vector<Planted>& parts, std::mt19937_64& random) {
  Planted sum;
  std::vector<Matrix> matrices;
  for (const Planted& part : parts) {
    sum.spectrum.insert(sum.spectrum.end(), part.spectrum.begin(), part.spectrum.end());
    matrices.push_back(part.A);
  }
  std::sort(sum.spectrum.begin(), sum.spectrum.end());
  sum.A = shuffled(blocks(matrices), random);
  return sum;
}

Planted negated(Planted planted) {
  std::reverse(planted.spectrum.begin(), planted.spectrum.end());
  for (long& value : planted.spectrum) value = -value;
  planted.A = -planted.A;
  return planted;
}

/// n >= 50, the two lowest eigenvalues less than 1e-10 of themselves apart.
Planted with_close_pair(std::mt19937_64& random) {
  const auto far_from = [&](Index n) { return random_integers(random, n, huge + (1L << 30), 31 * huge); };
  const long gap = 1 + static_cast<long>(random() % 50);
  if (random() % 2) {
    std::vector<long> spectrum = far_from(64);
    spectrum[0] = huge, spectrum[1] = huge + gap;
    return conjugate(spectrum, random);
  }
  // one in each of two blocks, a few single numbers to make n odd or even
  std::vector<long> first = far_from(32), second = far_from(16);
  first[0] = huge, second[0] = huge + gap;
  std::vector<Planted> parts{conjugate(first, random), conjugate(second, random)};
  for (std::uint64_t more = 2 + random() % 6; more > 0; --more)
    parts.push_back(conjugate(far_from(1), random));
  return sum_of(parts, random);
}

Planted of_any_size(std::mt19937_64& random) {
  const Index n = Index{1} << (random() % 6);
  switch (random() % 5) {
    case 0:
      return conjugate(random_integers(random, n, -100, 201), random);
    case 1:
      return conjugate(random_integers(random, n, 1000000, 3), random);  // few and close
    case 2:
      return conjugate(random_integers(random, n, 0, 2), random);  // a projection
    case 3:
      return conjugate(random_integers(random, n, -huge, 2 * huge), random);
    default: {
      std::vector<Planted> parts;
      for (Index part = 0; part < 1 + n / 2; ++part) {
        const std::vector<long> both = random_integers(random, 2, -1000, 2001);
        parts.push_back(conjugate({both[0] + both[1], both[0] - both[1]}, random));
      }
      return sum_of(parts, random);
    }
  }
}

double relative_gap(double a, double b) { return std::abs(b - a) / std::max(std::abs(a), std::abs(b)); }

/// A guess that is off in its values, its vectors, or both.
ApproxEigen spoiled(ApproxEigen guess, std::mt19937_64& random) {
  const Index n = guess.vectors.rows();
  std::uniform_real_distribution<double> uniform(-1.0, 1.0);
  const double size = guess.values.cwiseAbs().maxCoeff();
  const double amount = std::ldexp(1.0, -static_cast<int>(random() % 60));
  if (random() % 2) {
    for (double& value : guess.values) value += amount * size * uniform(random);
  }
  switch (random() % 4) {
    case 0:
      guess.vectors = Matrix::NullaryExpr(n, n, [&] { return uniform(random); });
      break;
    case 1:
      guess.vectors += amount * Matrix::NullaryExpr(n, n, [&] { return uniform(random); });
      break;
    case 2:
      guess.vectors.col(n / 2) = guess.vectors.col(0);
      break;
    default:
      guess.values = guess.values.reverse().eval();
      break;
  }
  return guess;
}

}  // namespace

TEST_CASE("ten thousand planted matrices are enclosed, clusters and close pairs included") {
  const auto seed = test_seed(81);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  const int cases = scaled(10000), close = scaled(1200);
  int close_pairs = 0;
  std::vector<double> widths;
  for (int trial = 0; trial < cases; ++trial) {
    Planted planted = trial < close ? with_close_pair(random) : of_any_size(random);
    if (trial % 2) planted = negated(std::move(planted));
    const int exponent = trial % 7 == 6 ? static_cast<int>(random() % 600) - 300 : 0;
    const double unit = std::ldexp(1.0, exponent);
    const Known matrix = exactly(unit * planted.A, unit * static_cast<double>(planted.spectrum.front()),
                                 unit * static_cast<double>(planted.spectrum.back()));
    const auto n = static_cast<Index>(planted.spectrum.size());
    const auto value = [&](std::size_t i) { return static_cast<double>(planted.spectrum[i]); };
    const auto last = planted.spectrum.size() - 1;
    if (n >= 50 &&
        std::min(relative_gap(value(0), value(1)), relative_gap(value(last - 1), value(last))) < 1e-10)
      ++close_pairs;
    const EigenvalueRange range = enclose_eigenvalues({matrix.A, Matrix::Zero(n, n)});
    INFO("case " << trial << ", n = " << n << ": " << range.smallest.text(20) << ", "
                 << range.largest.text(20) << " against " << matrix.smallest.text(20) << ", "
                 << matrix.largest.text(20));
    REQUIRE(agrees(range.smallest, matrix.smallest));
    REQUIRE(agrees(range.largest, matrix.largest));
    // a change of the entries by half a unit in the last place moves an eigenvalue by up to u‖A‖
    const double floor = unit_roundoff * std::max(abs(matrix.smallest).upper(), abs(matrix.largest).upper());
    for (const Interval& end : {range.smallest, range.largest}) {
      if (floor > 0.0) widths.push_back(end.width() / floor);
    }
    if (trial % 4 != 0) continue;
    Matrix workspace(n, n);
    const ApproxEigen guess = spoiled(approx_eigen(matrix.A), random);
    for (const End end : {End::smallest, End::largest}) {
      const Interval truth = lowest(matrix, end);
      const Interval of_spoiled = enclose_end(matrix.A, end, lowest_of(guess, end), workspace).value;
      INFO("spoiled: " << of_spoiled.text(20));
      REQUIRE(agrees(of_spoiled, truth));
      REQUIRE(agrees(enclose_end(matrix.A, end, {}, workspace).value, truth));
      const DecidedEnd in_doubles = enclose_end_exactly(matrix.A, end, {1e-8, 53, 1});
      REQUIRE(agrees(in_doubles.enclosure.value, truth));
      REQUIRE(in_doubles.precision == 53);
    }
  }
  CHECK(close_pairs >= std::min(1000, close));
  std::sort(widths.begin(), widths.end());
  const auto quantile = [&](double part) {
    return widths[static_cast<std::size_t>(part * static_cast<double>(widths.size() - 1))];
  };
  INFO("widths over u‖A‖: median " << quantile(0.5) << ", 90% " << quantile(0.9) << ", 99% " << quantile(0.99)
                                   << ", worst " << widths.back());
  CHECK(quantile(0.5) <= 10.0);
  CHECK(quantile(0.9) <= 10.0);
}

TEST_CASE("large planted matrices, whose guesses come from Lanczos, are enclosed at both ends") {
  const auto seed = test_seed(91);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (int trial = 0; trial < scaled(24); ++trial) {
    const auto block = [&](Index n, long least) {
      std::vector<long> spectrum = random_integers(random, n, huge + (1L << 30), 31 * huge);
      spectrum[0] = least;
      if (trial % 3 == 1) std::fill_n(spectrum.begin() + 1, 11, least);  // more than are looked for
      return conjugate(spectrum, random);
    };
    Planted planted = trial % 2 ? block(256, huge) : sum_of({block(128, huge), block(16, huge + 1)}, random);
    if (trial % 4 >= 2) planted = negated(std::move(planted));
    const Known matrix = exactly(planted.A, static_cast<double>(planted.spectrum.front()),
                                 static_cast<double>(planted.spectrum.back()));
    const Index n = matrix.A.rows();
    for (const End end : {End::smallest, End::largest}) {
      const Interval truth = lowest(matrix, end);
      const EndEnclosure found = enclose_end(matrix.A, end);
      INFO("trial " << trial << ", n = " << n << ": " << found.value.text(20) << " against "
                    << truth.text(20));
      REQUIRE(agrees(found.value, truth));
      REQUIRE(found.value.width() <= 1e-8 * abs(truth).upper());
      Matrix workspace(n, n);
      const ApproxEigen guess = spoiled(approx_eigen(matrix.A), random);
      REQUIRE(agrees(enclose_end(matrix.A, end, lowest_of(guess, end), workspace).value, truth));
    }
  }
}

TEST_CASE("planted matrices are enclosed at more bits, and every number of threads gives the same numbers") {
  const auto seed = test_seed(82);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (int trial = 0; trial < scaled(300); ++trial) {
    Planted planted;
    do planted = of_any_size(random);
    while (planted.spectrum.size() > 16);
    const Known matrix = exactly(planted.A, static_cast<double>(planted.spectrum.front()),
                                 static_cast<double>(planted.spectrum.back()));
    for (const End end : {End::smallest, End::largest}) {
      const Interval truth = lowest(matrix, end);
      const DecidedEnd one = enclose_end_exactly(matrix.A, end, {1e-25, 512, 1});
      INFO("case " << trial << ": " << one.enclosure.value.text(30) << " against " << truth.text(30));
      REQUIRE(agrees(one.enclosure.value, truth));
      REQUIRE((one.decided || truth.contains_zero()));
      REQUIRE(one.enclosure.value.width() <= 1e-24 * std::max(1.0, abs(truth).upper()));
      for (const int threads : {2, 8}) {
        const DecidedEnd other = enclose_end_exactly(matrix.A, end, {1e-25, 512, threads});
        REQUIRE(same_ends(other.enclosure.value, one.enclosure.value));
        REQUIRE(other.precision == one.precision);
      }
    }
  }
}

TEST_CASE("every planted member of a ball is covered, in doubles and at more bits") {
  const auto seed = test_seed(83);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (int trial = 0; trial < scaled(500); ++trial) {
    const Planted planted = conjugate(random_integers(random, Index{1} << (random() % 5), -100, 201), random);
    const Matrix& A = planted.A;
    const Index n = A.rows();
    const auto least = static_cast<double>(planted.spectrum.front()),
               greatest = static_cast<double>(planted.spectrum.back());
    // The member is at the edge of every entry's interval, or inside. The all-ones direction, and minus it,
    // move an eigenvalue by n·radius.
    const double radius = std::ldexp(1.0, static_cast<int>(random() % 30) - 25);
    const int pattern = static_cast<int>(random() % 4);
    SymmetricBall ball{A, Matrix::Constant(n, n, radius)};
    SymmetricIntervals K(n);
    for (Index j = 0; j < n; ++j) {
      for (Index i = 0; i <= j; ++i) {
        const double sixteenths = static_cast<double>(random() % 33) / 16.0 - 1.0;
        const double away[] = {radius, -radius, random() % 2 ? radius : -radius, radius * sixteenths};
        ball.mid(i, j) = ball.mid(j, i) = A(i, j) + away[pattern];
        K(i, j) = Interval::between(ball.mid(i, j) - radius, ball.mid(i, j) + radius, 128);
      }
    }
    const EigenvalueRange range = enclose_eigenvalues(ball);
    REQUIRE(range.smallest.contains(least));
    REQUIRE(range.largest.contains(greatest));
    REQUIRE(enclose_norm(ball).contains(std::max(std::abs(least), std::abs(greatest))));
    REQUIRE(range.smallest.width() <= 4.0 * static_cast<double>(n) * radius + 1e-9);
    const EigenOptions in_doubles{1e-8, 53, 1};
    const auto at_precision = [&](int) { return K; };
    for (const End end : {End::smallest, End::largest}) {
      const double truth = end == End::smallest ? least : -greatest;
      REQUIRE(enclose_end_of(at_precision, end, in_doubles).enclosure.value.contains(truth));
      if (trial % 4 == 0) REQUIRE(enclose_end_precisely(K, end, 128, 1e-8, 1).value.contains(truth));
    }
  }
}

TEST_CASE("planted singular values: the spectral norm is enclosed, square, tall and wide") {
  const auto seed = test_seed(84);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  const std::array<std::array<double, 3>, 3> triples{{{3, 4, 5}, {5, 12, 13}, {8, 15, 17}}};
  for (int trial = 0; trial < scaled(600); ++trial) {
    // M = P QDQᵀ/n has the singular values |d|; [aM; bM] has c|d| for a² + b² = c²
    const Planted planted =
        conjugate(random_integers(random, Index{1} << (random() % 6), -3000, 6001), random);
    const Index n = planted.A.rows();
    const auto top = static_cast<double>(std::max(-planted.spectrum.front(), planted.spectrum.back()));
    Matrix M = planted.A;
    for (Index i = n - 1; i > 0; --i)
      M.row(i).swap(M.row(static_cast<Index>(random() % static_cast<std::uint64_t>(i + 1))));
    const auto& [a, b, c] = triples[random() % 3];
    Matrix tall(2 * n, n);
    tall << a * M, b * M;
    const Matrix wide = tall.transpose();
    for (const auto& [W, norm] :
         std::vector<std::pair<const Matrix*, double>>{{&M, top}, {&tall, c * top}, {&wide, c * top}}) {
      const Interval value = enclose_spectral_norm(*W);
      INFO("case " << trial << ", n = " << n << ": " << value.text(20) << " against " << norm);
      REQUIRE(value.contains(norm));
      REQUIRE(value.width() <= 1e-8 * norm);
    }
  }
}
