#include "tests/reports/sample.h"

#include <array>
#include <limits>

#include "files/file.h"
#include "tests/catch.h"

namespace overproof {
namespace {

Interval tenths(long numerator) { return Interval::rational(numerator, 10); }

Certificate certificate(bool certified) {
  Certificate c;
  c.run = "run", c.step = 40, c.iterate_sha256 = "ab", c.data_sha256 = "cd";
  c.architecture = fully_connected(3, 8, 1, Activation::tanh), c.normalised = true;
  c.premises = {0.01, 0.5, 2.0, 0.25, false};
  c.spectral = {1.5, 3.0}, c.L = 1.0, c.beta = 0.77, c.beta_3 = 2.0;
  c.proof.nodes = {{0.0125, 1.0}, {0.025, 1.1}};
  c.lipschitz = {
      {LipschitzMethod::product, 3.0}, {LipschitzMethod::measured, 2.0}, {LipschitzMethod::batch, 1.1}};
  c.proof.jacobian = 1.5, c.proof.b = 0.5, c.proof.h = 0.044;
  if (!certified) {
    c.proof.obstacle = Obstacle::curvature, c.proof.excess = std::numeric_limits<double>::infinity();
    c.premises.lambda_max = std::numeric_limits<double>::infinity();
    return c;
  }
  c.proof.obstacle = Obstacle::none;
  c.proof.sigma_squared = 0.5, c.proof.kappa = 1.0, c.proof.radius = 0.0143, c.proof.alpha = 0.69;
  c.proof.contraction = 0.881;
  return c;
}

Finding width() {
  Finding f{.id = "width", .hypothesis = true};
  f.formula =
      "m >= C_m * 2^(C'*H) * max(n^4/lambda_0^4, n/failure_probability, "
      "n^2*log(H*n/failure_probability)/lambda_0^2)";
  f.verdict = Verdict::fails;
  f.evidence = Evidence::enclosed;
  f.assuming = {{"C_m", "1"}, {"C'", "1"}};
  f.instances = {{.verdict = Verdict::fails,
                  .left = Interval::integer(500),
                  .right = Interval::between(1.8893e18, 1.8894e18)}};
  f.worst = 0;
  f.margin = Margin{-15.5775};
  f.solved = {{"m", ">=", Interval::between(1.8893e18, 1.8894e18), "500"},
              {"C_m", "<=", Interval::between(2.6463e-16, 2.6465e-16), "1"}};
  return f;
}

Finding contraction() {
  Finding f{.id = "contraction"};
  f.formula = "loss[k] <= (1 - eta*lambda_0/2)^k * loss[0]";
  f.condition = "k >= 1";
  f.verdict = Verdict::undecided;
  f.evidence = Evidence::enclosed;
  f.instances = {{.step = 1, .verdict = Verdict::holds, .left = tenths(13), .right = tenths(14)},
                 {.step = 2,
                  .verdict = Verdict::undecided,
                  .left = Interval::between(1.1, 1.3),
                  .right = Interval::between(1.2, 1.4),
                  .reason = "the enclosures overlap"}};
  f.worst = 1;
  f.margin = Margin{-0.0726};
  f.reason = "the enclosures overlap at k = 2";
  return f;
}

Finding positive_gram() {
  Finding f{.id = "positive", .hypothesis = true, .formula = "lambda_0 > 0", .verdict = Verdict::holds};
  f.instances = {{.verdict = Verdict::holds, .left = tenths(2), .right = Interval::integer(0)}};
  f.margin = Margin{0.2, true};
  return f;
}

Finding failing_decrease() {
  Finding f{.id = "decrease", .formula = "loss[k+1] <= loss[k]", .verdict = Verdict::fails};
  f.evidence = Evidence::enclosed;
  f.instances = {{.step = 0, .verdict = Verdict::holds, .left = tenths(13), .right = tenths(20)},
                 {.step = 3, .verdict = Verdict::fails, .left = tenths(21), .right = tenths(20)}};
  f.worst = 1;
  f.margin = Margin{-0.0212};
  f.note = "true of every step size below 2/λmax";
  return f;
}

StatementReport statement(const std::string& id, Outcome outcome, std::vector<Finding> findings) {
  StatementReport s{
      .id = id, .title = "A statement", .source = "arXiv 1811.03804v4", .provenance = "printed"};
  s.kind = "deterministic";
  s.outcome = outcome;
  s.findings = std::move(findings);
  return s;
}

StatementReport theorem() {
  StatementReport s =
      statement("du2019.fc.thm5.1", Outcome::vacuous, {positive_gram(), width(), contraction()});
  s.title = "Fully connected net, gradient descent reaches zero loss (Theorem 5.1)";
  s.source = "arXiv 1811.03804v4, Theorem 5.1, p. 6";
  s.kind = "probability";
  s.assuming = {{"C_m", "1"}, {"C'", "1"}};
  s.summary = "needs m >= 1.9e18, has 500 (assuming C_m = 1)";
  s.declared = {"initial weights are independent N(0, 1)"};
  s.constants = {{"C_m", "the width"}, {"C'", "the exponent of the depth"}};
  s.growth = {{"m in n", "n^4: polynomial"}, {"m in H", "2^(C'*H): exponential"}};
  s.definitions = {{"lambda_0", tenths(2)}, {"eta", Interval::exact(0.1)}};
  s.definition_formulas = {{"lambda_0", "lambda_min(K)"}};
  s.errata = {"the paper prints exp(+t^2/2) for exp(-t^2/2)"};
  return s;
}

GateReport gate(const std::string& text, Verdict verdict, const std::string& reason) {
  return {.text = text, .verdict = verdict, .finding = std::nullopt, .reason = reason};
}

Measurements measurements() {
  Measurements all;
  all.steps = {0, 2, 4};
  all.depth = 2;
  for (const long k : all.steps) {
    all.set({"loss", k, {}}, Interval::rational(1, k + 3));
    all.set({"residual_norm", k, {}}, Interval::rational(2, k + 3));
    all.set({"lambda_min_gram_last", k, {}}, Interval::rational(1, 30 + k));
    for (const long h : {1L, 2L, 3L}) all.set({"drift_fro", k, h}, Interval::rational(k * h, 7));
  }
  all.set({"lambda_min_ntk", 2, {}}, Interval::nan());
  all.set({"loss", 4, {}}, Interval::rational(1, 7), Evidence::measured);
  all.set({"lambda_0", {}, {}}, Interval::rational(1, 5), Evidence::proved);
  all.set({"separation", {}, {}}, Interval::rational(1, 3));
  return all;
}

}  // namespace

Report sample_report() {
  RunReport first{.name = "fc-softplus", .folder = "runs/fc-softplus-0a1b2c3d"};
  first.facts = {{"network", "fc, H = 2, m = 500, softplus"}, {"data", "sphere, n = 20, d = 10"}};
  first.measurements = measurements();
  first.statements = {theorem(),
                      statement("du2019.fc.step", Outcome::confirmed, {positive_gram(), failing_decrease()}),
                      statement("du2018.relu2.thm4.1", Outcome::not_applicable, {}),
                      statement("du2019.fc.lemB.4", Outcome::undecided, {contraction()}),
                      statement("azls.thm1", Outcome::informative, {})};
  first.statements[1].findings.back() = positive_gram();
  first.statements[1].findings.back().hypothesis = false;
  first.statements[2].failed_assumptions = {"network: fc is not two_layer_relu",
                                            "activation: softplus is not relu"};
  first.statements[4].provenance = "reconstructed";
  GateReport loss = gate("loss[k+1] <= loss[k]", Verdict::fails, "");
  loss.finding = failing_decrease();
  first.gates = {loss, gate("not contradicted: du2019.fc.thm5.1", Verdict::holds, "the theorem is vacuous"),
                 gate("lambda_min_ntk[k] >= lambda_min_ntk[0]/2", Verdict::undecided,
                      "lambda_min_ntk[0] was not measured")};
  first.certificate = certificate(true);
  first.methods = {{"du2018.relu2.thm4.1",
                    "ReLU net",
                    3.6629e14,
                    2.874e-4,
                    2.4412e10,
                    {},
                    {{"C_m", "1"}, {"C_eta", "1/2"}}},
                   {"du2019.fc.certificate", "this net", 3e22, 1e-12, 6e19, Verdict::fails, {}},
                   {"oymak2018.thm2.1", "this net", {}, {}, 7.5621, Verdict::fails, {}},
                   {"certificate", "this net", {}, {}, 0.9452, Verdict::holds, {}}};
  first.trusted = {"IEEE doubles in round-to-nearest", "MPFR and MPFI"};
  first.declared = {"initial weights are independent N(0, 1)"};

  RunReport second{.name = "a run | with <marks> & a very long name, number 1234567890", .diverged_at = 7};
  second.statements = {
      statement("du2019.fc.step", Outcome::contradicted, {positive_gram(), failing_decrease()}),
      statement("du2018.relu2.lem3.1", Outcome::violated, {failing_decrease()})};
  Finding wrong = failing_decrease();
  wrong.id = "printed";
  wrong.known_false = true;
  second.statements[0].findings.push_back(wrong);
  second.gates = {gate("not contradicted: du2019.fc.step", Verdict::fails, "du2019.fc.step is contradicted")};
  second.certificate = certificate(false);
  second.trusted = {"IEEE doubles in round-to-nearest"};
  return {.title = "sample", .version = "0.0.0", .runs = {first, second}};
}

Report passing_report() {
  RunReport run{.name = "only"};
  StatementReport held = statement("du2019.fc.step", Outcome::confirmed, {positive_gram()});
  held.findings.front().hypothesis = false;
  held.assuming = {{"C_eta", "1/2"}};
  run.statements = {held};
  run.gates = {gate("not contradicted: du2019.fc.step", Verdict::holds, "")};
  return {.title = "passing", .version = "0.0.0", .runs = {run}};
}

namespace {

/// Draws for random reports.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  long below(long n) { return std::uniform_int_distribution<long>(0, n - 1)(engine_); }
  bool coin() { return below(2) == 0; }

  std::string text() {
    static const std::array<std::string, 24> pieces = {
        "|",  "<", ">",   "&",        "`",    "``",       "*", "_",      "\\",     "]]>",    "\"", "'",
        "\n", "#", "$x$", "\x01\x1b", "\xC3", "\xED\xA0", "λ", "\uFFFE", "日本語", "\u202E", "\r", "\0x"};
    std::string all;
    for (long i = below(40); i > 0; --i) {
      const long kind = below(4);
      if (kind == 0) all += pieces[static_cast<std::size_t>(below(24))];
      if (kind == 1) all += static_cast<char>(below(256));
      if (kind >= 2)
        all += std::string(static_cast<std::size_t>(below(12)), static_cast<char>('a' + below(26))) + " ";
    }
    return all;
  }
  double real() {
    static constexpr double inf = std::numeric_limits<double>::infinity();
    const std::array<double, 10> values = {
        0.0, 1.0, -1.0, 1e-320, 1.7e308, inf, -inf, 0.1, std::numeric_limits<double>::quiet_NaN(), -2.5e-7};
    return values[static_cast<std::size_t>(below(10))];
  }
  Interval interval() {
    const Interval x = Interval::between(real(), real());
    return coin() ? x : x * Interval::rational(below(1000) - 500, below(1000) + 1);
  }
  std::optional<long> index() { return coin() ? std::optional(below(1000)) : std::nullopt; }
  Verdict verdict() { return static_cast<Verdict>(below(3)); }
  std::map<std::string, std::string> dictionary() {
    std::map<std::string, std::string> all;
    for (long i = below(3); i > 0; --i) all[text()] = text();
    return all;
  }
  std::vector<std::string> list() {
    std::vector<std::string> all;
    for (long i = below(3); i > 0; --i) all.push_back(text());
    return all;
  }

  Finding finding() {
    Finding f{.id = text(), .hypothesis = coin(), .formula = text(), .condition = coin() ? text() : ""};
    f.known_false = below(4) == 0;
    f.verdict = verdict();
    f.evidence = static_cast<Evidence>(below(5));
    f.assuming = dictionary();
    for (long i = below(4); i > 0; --i)
      f.instances.push_back({index(), index(), verdict(), interval(), interval(), text()});
    if (coin()) f.worst = static_cast<std::size_t>(below(5));
    if (coin()) f.margin = Margin{real(), coin()};
    for (long i = below(3); i > 0; --i)
      f.solved.push_back({text(), coin() ? "<=" : ">=", interval(), coin() ? text() : ""});
    f.reason = coin() ? text() : "";
    f.note = coin() ? text() : "";
    return f;
  }
  StatementReport statement() {
    StatementReport s{
        .id = text(), .title = text(), .source = text(), .provenance = coin() ? "reconstructed" : text()};
    s.kind = coin() ? "probability" : text();
    s.outcome = static_cast<Outcome>(below(7));
    s.assuming = dictionary(), s.constants = dictionary(), s.growth = dictionary();
    s.summary = text();
    s.failed_assumptions = list(), s.declared = list(), s.errata = list();
    for (long i = below(3); i > 0; --i) s.definitions.emplace_back(text(), interval());
    if (!s.definitions.empty()) s.definition_formulas = {{s.definitions.front().first, text()}};
    for (long i = below(4); i > 0; --i) s.findings.push_back(finding());
    return s;
  }
  GateReport gate() {
    GateReport g{
        .text = text(), .verdict = verdict(), .finding = std::nullopt, .reason = coin() ? text() : ""};
    if (coin()) g.finding = finding();
    return g;
  }
  RunReport run() {
    RunReport r{.name = text(), .folder = text()};
    for (long i = below(3); i > 0; --i) r.facts.emplace_back(text(), text());
    if (below(4) == 0) r.diverged_at = below(100);
    r.measurements.depth = below(3);
    for (long k = 0; k < below(40); ++k) r.measurements.steps.push_back(k);
    for (const char* name : {"loss", "lambda_min_ntk", "drift_fro", "lambda_0", "x|y"}) {
      for (long i = below(5); i > 0; --i) {
        r.measurements.set({name, index(), index()}, interval(), static_cast<Evidence>(below(5)));
      }
    }
    for (long i = below(4); i > 0; --i) r.statements.push_back(statement());
    for (long i = below(4); i > 0; --i) r.gates.push_back(gate());
    r.trusted = list(), r.declared = list();
    return r;
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace

Report random_report(std::uint64_t seed) {
  Dice dice(seed);
  Report report{.title = dice.text(), .version = dice.text(), .runs = {}};
  for (long i = dice.below(4); i > 0; --i) report.runs.push_back(dice.run());
  return report;
}

std::string random_text(std::uint64_t seed) { return Dice(seed).text(); }

void check_approved(const std::string& file, const std::string& text) {
  const std::filesystem::path path =
      std::filesystem::path(OVERPROOF_SOURCE_DIR) / "tests/reports/approved" / file;
  const char* approve = std::getenv("OVERPROOF_APPROVE");
  if (approve != nullptr && std::string(approve) == "1") {
    write_file(path, text);
    WARN("approved " << path);
    return;
  }
  INFO("OVERPROOF_APPROVE=1 writes " << path << "; read the difference before you keep it");
  CHECK(read_file(path) == text);
}

}  // namespace overproof
