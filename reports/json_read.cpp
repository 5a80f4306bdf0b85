#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

#include "reports/certificate.h"
#include "reports/json.h"
#include "reports/methods.h"

namespace overproof {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Bits of the numbers read. Let e be the lower end that was written, a number of at most this many bits, and
/// lo <= e its decimal. The smallest such number >= lo is then <= e, encloses as well as e does, and rounds
/// down to lo again.
constexpr int precision = 2048;

Interval decimal(Fields& fields, const std::string& name, const Json& text) {
  const Interval x =
      text.is_string() ? Interval::decimal(text.get<std::string>(), precision) : Interval::nan();
  if (x.is_nan()) throw fields.error(name, "a decimal number in quotes is expected");
  return x;
}

Interval number(Fields& fields, const std::string& name) {
  const Json* ends = fields.raw(name);
  if (!ends) throw fields.error(name, "is missing: an enclosure or null is expected");
  if (ends->is_null()) return Interval::nan();
  if (!ends->is_array() || ends->size() != 2)
    throw fields.error(name, "[\"lo\", \"hi\"] or null is expected");
  const Json &lo = (*ends)[0], &hi = (*ends)[1];
  const Interval left =
      lo.is_null() ? Interval::between(-infinity, -infinity) : decimal(fields, name, lo).upper_point();
  const Interval right =
      hi.is_null() ? Interval::between(infinity, infinity) : decimal(fields, name, hi).lower_point();
  return hull(left, right);
}

/// A member that is a whole number or null.
std::optional<long> index(Fields& fields, const std::string& name) {
  const Json* value = fields.raw(name);
  if (value && value->is_null()) return std::nullopt;
  return static_cast<long>(fields.integer(name, 0, INT64_MAX));
}

/// The one of `all` whose text the member is.
template <typename Enum, std::size_t count>
Enum one_of(Fields& fields, const std::string& name, const std::array<Enum, count>& all) {
  std::vector<std::string> allowed;
  for (const Enum one : all) allowed.emplace_back(to_text(one));
  const std::string chosen = fields.choice(name, allowed);
  return all[static_cast<std::size_t>(std::ranges::find(allowed, chosen) - allowed.begin())];
}

Verdict verdict(Fields& fields) {
  return one_of(fields, "verdict", std::array{Verdict::holds, Verdict::fails, Verdict::undecided});
}

Evidence evidence(Fields& fields) {
  return one_of(fields, "evidence",
                std::array{Evidence::proved, Evidence::enclosed, Evidence::statistical, Evidence::measured,
                           Evidence::declared});
}

Outcome outcome(Fields& fields) {
  return one_of(fields, "outcome",
                std::array{Outcome::confirmed, Outcome::vacuous, Outcome::contradicted, Outcome::violated,
                           Outcome::undecided, Outcome::not_applicable, Outcome::informative});
}

std::map<std::string, std::string> dictionary(Fields& fields, const std::string& name) {
  const Json* members = fields.raw(name);
  std::map<std::string, std::string> all;
  if (!members || !members->is_object()) throw fields.error(name, "an object is expected");
  for (const auto& [key, value] : members->items()) {
    if (!value.is_string()) throw fields.error(name, "an object of texts is expected");
    all[key] = value.get<std::string>();
  }
  return all;
}

Instance instance_from(Fields fields) {
  return {index(fields, "step"),  index(fields, "layer"),  verdict(fields),
          number(fields, "left"), number(fields, "right"), fields.text("reason")};
}

std::optional<Margin> margin_from(Fields& finding) {
  const Json* written = finding.raw("margin");
  if (!written || written->is_null()) return std::nullopt;
  Fields fields(*written, finding.file(), finding.where("margin"));
  const bool absolute = fields.choice("unit", {"absolute", "decades"}) == "absolute";
  const Json* value = fields.raw("value");
  if (!value || value->is_null()) return Margin{std::numeric_limits<double>::quiet_NaN(), absolute};
  // The text is the double rounded down to 17 digits, so the double is the next one above it.
  return Margin{decimal(fields, "value", *value).upper(), absolute};
}

Solved solved_from(Fields fields) {
  return {fields.text("name"), fields.text("relation"), number(fields, "bound"), fields.text("current")};
}

Finding finding_from(Fields fields) {
  Finding finding;
  finding.id = fields.text("id");
  finding.hypothesis = fields.choice("kind", {"hypothesis", "conclusion"}) == "hypothesis";
  finding.known_false = fields.boolean("known_false", false);
  finding.formula = fields.text("formula");
  finding.condition = fields.text("condition");
  finding.verdict = verdict(fields);
  finding.assuming = dictionary(fields, "assuming");
  finding.evidence = evidence(fields);
  finding.margin = margin_from(fields);
  if (const auto worst = index(fields, "worst")) finding.worst = static_cast<std::size_t>(*worst);
  for (Fields& one : fields.tables("instances")) finding.instances.push_back(instance_from(one));
  for (Fields& one : fields.tables("solved")) finding.solved.push_back(solved_from(one));
  finding.reason = fields.text("reason");
  finding.note = fields.text("note");
  return finding;
}

StatementReport statement_from(Fields fields) {
  StatementReport statement;
  statement.id = fields.text("id");
  statement.title = fields.text("title");
  statement.source = fields.text("source");
  statement.provenance = fields.text("provenance");
  statement.kind = fields.text("kind");
  statement.outcome = outcome(fields);
  statement.assuming = dictionary(fields, "assuming");
  statement.summary = fields.text("summary");
  statement.failed_assumptions = fields.texts("failed_assumptions");
  statement.declared = fields.texts("declared");
  statement.constants = dictionary(fields, "constants");
  statement.growth = dictionary(fields, "growth");
  for (Fields& definition : fields.tables("definitions")) {
    const std::string name = definition.text("name"), formula = definition.text("formula");
    statement.definitions.emplace_back(name, number(definition, "value"));
    if (!formula.empty()) statement.definition_formulas.emplace_back(name, formula);
  }
  statement.errata = fields.texts("errata");
  for (Fields& finding : fields.tables("findings")) statement.findings.push_back(finding_from(finding));
  return statement;
}

GateReport gate_from(Fields fields) {
  GateReport gate;
  gate.text = fields.text("text");
  gate.verdict = verdict(fields);
  gate.reason = fields.text("reason");
  if (const Json* finding = fields.raw("finding"); finding && !finding->is_null()) {
    gate.finding = finding_from(Fields(*finding, fields.file(), fields.where("finding")));
  }
  return gate;
}

Measurements measurements_from(Fields fields) {
  Measurements all;
  const Json* steps = fields.raw("steps");
  const auto is_step = [](const Json& step) { return step.is_number_integer() && step >= 0; };
  if (!steps || !steps->is_array() || !std::all_of(steps->begin(), steps->end(), is_step)) {
    throw fields.error("steps", "a list of steps is expected");
  }
  all.steps = steps->get<std::vector<long>>();
  all.depth = static_cast<long>(fields.integer("depth", 0, 100'000));
  for (Fields& value : fields.tables("values")) {
    const std::string name = value.text("name");
    const auto step = index(value, "step"), layer = index(value, "layer");
    all.set({name, step, layer}, number(value, "value"), evidence(value));
  }
  return all;
}

RunReport run_from(Fields fields) {
  RunReport run;
  run.name = fields.text("name");
  run.folder = fields.text("folder");
  run.diverged_at = index(fields, "diverged_at");
  for (Fields& fact : fields.tables("facts")) run.facts.emplace_back(fact.text("name"), fact.text("value"));
  for (Fields& gate : fields.tables("gates")) run.gates.push_back(gate_from(gate));
  if (const Json* certificate = fields.raw("certificate"); certificate && !certificate->is_null())
    run.certificate = certificate_from(Fields(*certificate, fields.file(), fields.where("certificate")));
  run.methods = methods_from(fields.tables("methods"));
  for (Fields& statement : fields.tables("statements")) run.statements.push_back(statement_from(statement));
  run.measurements = measurements_from(fields.table("measurements"));
  run.trusted = fields.texts("trusted");
  run.declared = fields.texts("declared");
  return run;
}

}  // namespace

Report report_from(const Json& document, const std::string& file) {
  Fields fields(document, file);
  (void)fields.choice("schema", {"overproof.report/1"});
  Report report{fields.text("title"), fields.text("version"), {}};
  if (!fields.has("runs")) throw fields.error("runs", "is missing: a list of runs is expected");
  for (Fields& run : fields.tables("runs")) report.runs.push_back(run_from(run));
  return report;
}

}  // namespace overproof
