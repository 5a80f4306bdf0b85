#include "tests/known/known.h"
#include "verify/precise_eigenvalues.h"

using namespace overproof;
using namespace overproof::known;

namespace {

SymmetricIntervals hilbert(Index n, int bits) {
  SymmetricIntervals K(n);
  for (Index j = 0; j < n; ++j) {
    for (Index i = 0; i <= j; ++i) K(i, j) = Interval::rational(1, i + j + 1, bits);
  }
  return K;
}

/// A reference rounded to so many digits after the leading one.
Interval reference(const char* text, int digits) {
  const Interval unit = pow(integer(10), -digits), one = integer(1);
  return Interval::decimal(text, precision) * hull(one - unit, one + unit);
}

}  // namespace

TEST_CASE("Hilbert matrices beyond double precision meet their 50-digit references") {
  // mpmath at 150 digits
  const std::vector<std::pair<Index, const char*>> references{
      {3, "0.0026873403557735292310430212761820164245421338630987"},
      {8, "0.0000000001111538966372442427068269060372313499783624290288"},
      {12, "1.0479463979622266919259947617966685123440722289321e-16"},
      {20, "7.777377396856412644280327105051509099962109041201e-29"},
      {30, "4.698636565191321335547303636703418977249371240686e-44"},
      {50, "1.4591577972480018787572461186006903932678827066682e-74"}};
  for (const auto& [n, digits] : references) {
    const Index size = n;
    const Interval truth = reference(digits, 49);
    std::optional<Interval> first;
    for (const int threads : {1, 2, 8}) {
      const DecidedEnd end = enclose_end_of([&](int bits) { return hilbert(size, bits); }, End::smallest,
                                            {1e-12, 1024, threads});
      const Interval value = end.enclosure.value;
      INFO("n = " << n << ", " << threads << " threads: " << value.text(20));
      CHECK(end.decided);
      CHECK(agrees(value, truth));
      CHECK((value.upper_point() - value.lower_point()).upper() <= 1.1e-12 * truth.upper());
      CHECK(same_ends(value, first.value_or(value)));
      first = value;
    }
  }
  // in doubles alone the eigenvalue is out of reach, and nothing false is said of it
  for (const auto& [n, digits] : references) {
    const Index size = n;
    const DecidedEnd end =
        enclose_end_of([&](int bits) { return hilbert(size, bits); }, End::smallest, {1e-12, 53, 1});
    CHECK(agrees(end.enclosure.value, reference(digits, 49)));
    if (n >= 12) CHECK_FALSE(end.decided);
  }
}

TEST_CASE("Wilkinson matrices: the two largest eigenvalues are told apart") {
  // mpmath at 70 digits: smallest, second largest, largest
  struct Row {
    Index n;
    const char *smallest, *second, *largest;
  };
  const Row rows[] = {{21, "-1.1254415221199842222987744028553569828741114466447",
                       "10.746194182903321832289909231600396306333683368482",
                       "10.746194182903393431857461257322335299663594645496"},
                      {31, "-1.1254415221199843088095507232297212348943301064941",
                       "15.746194182903357570586883723977759971746680269466",
                       "15.746194182903357570586884211623472744416311630472"},
                      {41, "-1.1254415221199843088095507234437470780709869140269",
                       "20.74619418290335757058688396767205574024766867907",
                       "20.746194182903357570586883967672055740374875891119"}};
  for (const auto& [n, smallest, second, largest] : rows) {
    Matrix W = Matrix::Zero(n, n);
    for (Index i = 0; i < n; ++i) W(i, i) = static_cast<double>(std::abs(i - n / 2));
    for (Index i = 0; i + 1 < n; ++i) W(i, i + 1) = W(i + 1, i) = 1.0;
    const EigenvalueRange range = enclose_eigenvalues({W, Matrix::Zero(n, n)});
    CHECK(agrees(range.smallest, reference(smallest, 48)));
    CHECK(agrees(range.largest, reference(largest, 48)));
    CHECK(range.smallest.width() <= 1e-14);
    CHECK(range.largest.width() <= 1e-13);
    for (const int bits : {53, 512}) {
      const double width = bits == 53 ? 1e-8 : 1e-45;
      const DecidedEnd low = enclose_end_exactly(W, End::smallest, {width, bits, 1}),
                       high = enclose_end_exactly(W, End::largest, {width, bits, 1});
      INFO(n << ": " << low.enclosure.value.text(50) << ", " << high.enclosure.value.text(50));
      CHECK((low.decided && high.decided));
      CHECK(agrees(low.enclosure.value, reference(smallest, 48)));
      CHECK(agrees(-high.enclosure.value, reference(largest, 48)));
      if (bits > 53) CHECK(certainly_lt(reference(second, 48), -high.enclosure.value));
    }
  }
}
