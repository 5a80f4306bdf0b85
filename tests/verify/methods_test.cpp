#include "verify/methods.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/catch.h"
#include "trainer/run.h"
#include "verify/population.h"
#include "verify/smallest_width.h"

using namespace overproof;

namespace {

const double not_a_number = std::numeric_limits<double>::quiet_NaN();

Dataset circle(Index n) {
  Dataset data{Matrix(2, n), Vector(n), true};
  for (Index i = 0; i < n; ++i) {
    const double angle = 0.3 + 2.0 * static_cast<double>(i) / static_cast<double>(n);
    data.X.col(i) << std::cos(angle), std::sin(angle);
    data.y[i] = i % 2 == 0 ? 0.5 : -0.25;
  }
  return data;
}

std::vector<MethodRow> compare(const Architecture& net, const Dataset& data, double eta,
                               const Claims& claims = {}, bool with_initial = true) {
  const Parameters weights = initial_parameters(net, 3);
  return compare_methods(certify(net, weights, data, eta, false), data, with_initial ? &weights : nullptr,
                         claims, load_theorems({}));
}

const MethodRow* find(const std::vector<MethodRow>& rows, const std::string& method) {
  const auto at = std::ranges::find(rows, method, &MethodRow::method);
  return at == rows.end() ? nullptr : &*at;
}

const MethodRow& row_of(const std::vector<MethodRow>& rows, const std::string& method) {
  const MethodRow* row = find(rows, method);
  INFO(method);
  REQUIRE(row != nullptr);
  return *row;
}

double relu_lambda_0(const Dataset& data) {
  return enclose_population_ends({"two_layer_relu", &activation_row("relu"), Interval::nan()}, data, {1}, {})
      .front()
      .enclosure.value.mid();
}

}  // namespace

TEST_CASE("widths and step sizes asked for are those of the formulas") {
  const Dataset data = circle(4);
  Claims claims;
  claims.failure_probability = "0.2";
  claims.constants["C_m"] = "3";
  const auto rows = compare(fully_connected(2, 30, 2, Activation::tanh), data, 0.01, claims);
  const double n = 4.0, lambda = relu_lambda_0(data), delta = 0.2;

  const MethodRow& printed = row_of(rows, "du2018.relu2.thm4.1");
  const double width = 3.0 * std::pow(n, 6) / (std::pow(lambda, 4) * std::pow(delta, 3));
  REQUIRE(printed.width);
  CHECK(*printed.width >= width * (1.0 - 1e-9));
  CHECK(*printed.width <= width * 1.0003);
  REQUIRE(printed.eta);
  CHECK(*printed.eta <= lambda / (n * n) * (1.0 + 1e-9));
  CHECK(*printed.eta >= lambda / (n * n) * 0.9997);
  REQUIRE(printed.factor);
  CHECK(std::abs(*printed.factor * 30.0 / *printed.width - 1.0) < 1e-12);
  CHECK(!printed.verdict);
  CHECK(printed.assuming == std::map<std::string, std::string>{{"C_m", "3"}, {"C_eta", "1"}});

  const double explicit_width = 8192.0 / M_PI * std::pow(n, 5) * (data.y.squaredNorm() + n / 2) /
                                (std::pow(lambda, 4) * std::pow(0.6 * delta, 2) * 0.3 * delta);
  const MethodRow& apriori = row_of(rows, "du2018.relu2.apriori");
  REQUIRE(apriori.width);
  CHECK(std::abs(*apriori.width / explicit_width - 1.0) < 3e-4);

  // about the net itself: with its measured start, and judged
  for (const char* id : {"du2019.fc.thm5.1", "du2019.fc.apriori", "du2019.fc.certificate"}) {
    const MethodRow& row = row_of(rows, id);
    CHECK(row.net == "this net");
    CHECK(row.verdict == Verdict::fails);
    CHECK(row.factor.value_or(0.0) > 1.0);
  }
  CHECK(rows.back().method == "certificate");
  CHECK(find(rows, "du2019.res.thm6.1") == nullptr);
  CHECK(find(rows, "du2018.relu2.explicit") == nullptr);  // it measures the start of the ReLU net
}

TEST_CASE("a theorem whose conditions hold is said to hold, and one step beyond is not") {
  const Architecture net = two_layer_relu(2, 50'000);
  const Dataset data = circle(2);
  Claims claims;
  const double lambda = relu_lambda_0(data);
  claims.constants["C_m"] = fmt::format("{:.17g}", 49'000.0 * std::pow(lambda, 4) * 1e-3 / 64.0);
  const auto rows = compare(net, data, lambda / 4.0 * 0.999, claims);
  const MethodRow& holds = row_of(rows, "du2018.relu2.thm4.1");
  CHECK(holds.verdict == Verdict::holds);
  CHECK(holds.factor.value_or(2.0) < 1.0);
  claims.constants["C_m"] = fmt::format("{:.17g}", 51'000.0 * std::pow(lambda, 4) * 1e-3 / 64.0);
  CHECK(row_of(compare(net, data, lambda / 4.0 * 0.999, claims), "du2018.relu2.thm4.1").verdict ==
        Verdict::fails);
  claims.constants.clear();
  CHECK(row_of(compare(net, data, lambda / 4.0 * 1.001, claims), "du2018.relu2.thm4.1").verdict ==
        Verdict::fails);
}

TEST_CASE("step sizes are those at the width that is asked for, whatever the width of the run") {
  const Dataset data = circle(3);
  const auto narrow = compare(fully_connected(2, 1, 2, Activation::tanh), data, 0.01),
             wide = compare(fully_connected(2, 400, 2, Activation::tanh), data, 0.01);
  const MethodRow &a = row_of(narrow, "du2019.fc.apriori"), &b = row_of(wide, "du2019.fc.apriori");
  CHECK(a.width == b.width);
  CHECK(a.eta == b.eta);
  CHECK(a.eta.value_or(0.0) > 0.0);
}

TEST_CASE("equal inputs and a single one are compared too") {
  Dataset equal = circle(3);
  equal.X.col(1) = equal.X.col(0);
  const auto rows = compare(fully_connected(2, 20, 2, Activation::tanh), equal, 0.01);
  const MethodRow& row = row_of(rows, "du2019.fc.thm5.1");
  CHECK(row.verdict == Verdict::fails);  // λ_0 = 0: no width is enough
  CHECK(!row.width);
  CHECK(!row.factor);
  CHECK(rows.back().verdict == Verdict::undecided);
  const auto one = compare(fully_connected(2, 20, 2, Activation::tanh), circle(1), 0.01);
  CHECK(row_of(one, "du2019.fc.thm5.1").width.value_or(0.0) > 1.0);
}

TEST_CASE("what is not known has no row") {
  Dataset data = circle(3);
  const Architecture net = fully_connected(2, 20, 1, Activation::softplus);
  CHECK(find(compare(net, data, 0.01, {}, false), "du2019.fc.certificate") == nullptr);
  CHECK(find(compare(net, data, 0.01, {}, true), "du2019.fc.certificate") != nullptr);

  Architecture signs = net;
  signs.weights.back().trained = false, signs.weights.back().law = InitLaw::rademacher;
  const auto rows = compare(signs, data, 0.01);
  CHECK(row_of(rows, "du2019.fc.thm5.1").net == "output trained");
  CHECK(!row_of(rows, "du2019.fc.thm5.1").verdict);

  // a theorem about analytic activations has nothing to say of a deep ReLU net
  const auto kinked = compare(fully_connected(2, 20, 2, Activation::relu), data, 0.01);
  CHECK(find(kinked, "du2019.fc.thm5.1") == nullptr);
  CHECK(find(kinked, "du2018.relu2.thm4.1") != nullptr);

  data.normalised = false;  // the theorems are about unit inputs
  data.X *= 1.5;
  CHECK(compare(net, data, 0.01).size() == 2);
}

TEST_CASE("Oymak and Soltanolkotabi's conditions are those of their theorem") {
  const auto at = [](double rho, double eta) { return Premises{rho, 1.0, 4.0, eta, false}; };
  const auto M = [](double value) { return [value](double) { return Up(value); }; };
  // there is an α on a ball of radius 4ρ/α exactly while 16Mρ <= σ²
  const auto inside = try_oymak_soltanolkotabi(at(0.999 / 16.0, 1e-3), M(1.0));
  CHECK(inside.verdict == Verdict::holds);
  const auto outside = try_oymak_soltanolkotabi(at(1.001 / 16.0, 1e-3), M(1.0));
  CHECK(outside.verdict == Verdict::fails);
  CHECK(!outside.largest_eta);
  CHECK(std::abs(outside.curvature - 1.001) < 1e-9);
  // M = 0: α = 1, β = 2, η <= 1/8
  REQUIRE(try_oymak_soltanolkotabi(at(1.0, 0.1), M(0.0)).largest_eta);
  CHECK(std::abs(*try_oymak_soltanolkotabi(at(1.0, 0.1), M(0.0)).largest_eta - 0.125) < 1e-12);
  CHECK(try_oymak_soltanolkotabi(at(1.0, 0.1251), M(0.0)).verdict == Verdict::fails);
  CHECK(try_oymak_soltanolkotabi(at(0.0, 0.1), M(1.0)).verdict == Verdict::holds);

  const auto seed = test_seed(95);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  int holding = 0;
  for (int i = 0; i < scaled(300); ++i) {
    const double rho = 0.1 * uniform(random), slope = uniform(random), eta = 0.2 * uniform(random);
    const auto lipschitz = [&](double r) { return Up(slope * (1.0 + r)); };
    const auto other = try_oymak_soltanolkotabi(at(rho, eta), lipschitz);
    if (other.verdict != Verdict::holds) continue;
    ++holding;
    // a radius, by plain search, on which every hypothesis is met
    bool met = false;
    for (double r = 0.0; r < 10.0 && !met; r += 1e-3) {
      const double m = slope * (1.0 + r), alpha = 1.0 - m * r, beta = 2.0 + m * r;
      met = alpha > 0.0 && 4.0 * rho / alpha <= r + 2e-3 &&
            eta <= 0.5 / (beta * beta) * std::min(1.0, alpha * alpha / (m * rho)) * 1.02;
    }
    CHECK(met);
    CHECK(prove_convergence(at(rho, eta), lipschitz).certified());
  }
  CHECK(holding > 10);

  for (const Premises& bad :
       {Premises{not_a_number, 1.0, 4.0, 1e-3, false}, Premises{0.01, not_a_number, 4.0, 1e-3, false},
        Premises{0.01, 1.0, not_a_number, 1e-3, false}, Premises{0.01, 1.0, 4.0, not_a_number, false},
        Premises{0.01, 0.0, 4.0, 1e-3, false}, Premises{0.01, 1.0, 4.0, 0.0, false},
        Premises{0.01, 1.0, 4.0, 1e-3, true}})
    CHECK(try_oymak_soltanolkotabi(bad, M(0.1)).verdict == Verdict::fails);
  CHECK(try_oymak_soltanolkotabi(at(0.01, 1e-3), M(not_a_number)).verdict == Verdict::fails);
}

TEST_CASE("bisection over the width ends within 1% above a width that is refused") {
  const auto threshold = [](Index least) {
    return [least](Index width) {
      Certificate certificate;
      certificate.architecture = fully_connected(2, width, 1, Activation::tanh);
      certificate.proof.obstacle = width >= least ? Obstacle::none : Obstacle::curvature;
      return certificate;
    };
  };
  for (const Index least : {1, 2, 3, 777, 5000, 99'999}) {
    for (const Index start : {1, 10, 777, 4096, 100'000, 400'000}) {
      INFO("least " << least << ", start " << start);
      const SmallestWidth found = smallest_width(threshold(least), start, 100'000);
      REQUIRE(found.certified);
      const Index certified = found.certified->architecture.width();
      CHECK(certified >= least);
      CHECK(certified <= least + std::max<Index>(1, least / 99));
      if (least == 1) {
        CHECK(!found.refused);
      } else {
        REQUIRE(found.refused);
        CHECK(found.refused->architecture.width() < least);
      }
    }
  }
  const SmallestWidth none = smallest_width(threshold(2000), 10, 1000);
  CHECK(!none.certified);
  REQUIRE(none.refused);
  CHECK(none.refused->architecture.width() == 1000);
}
