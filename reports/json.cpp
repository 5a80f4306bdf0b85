#include "reports/json.h"

#include <cmath>

#include "reports/certificate.h"
#include "reports/methods.h"
#include "reports/phrases.h"
#include "reports/text.h"

namespace overproof {
namespace {

Json text(std::string_view raw) { return valid_utf8(raw); }

Json number(const Interval& x) {
  if (x.is_nan()) return nullptr;
  const std::string lo = x.lower_text(17), hi = x.upper_text(17);
  return Json::array({lo.ends_with("inf") ? Json() : Json(lo), hi.ends_with("inf") ? Json() : Json(hi)});
}

Json integer(const std::optional<long>& value) { return value ? Json(*value) : Json(); }

Json texts(const std::vector<std::string>& all) {
  Json array = Json::array();
  for (const std::string& one : all) array.push_back(text(one));
  return array;
}

Json object(const std::map<std::string, std::string>& all) {
  Json members = Json::object();
  for (const auto& [name, value] : all) members[valid_utf8(name)] = text(value);
  return members;
}

Json json_of(const Instance& instance) {
  return {{"step", integer(instance.step)},
          {"layer", integer(instance.layer)},
          {"verdict", text(to_text(instance.verdict))},
          {"left", number(instance.left)},
          {"right", number(instance.right)},
          {"reason", text(instance.reason)}};
}

Json json_of(const Margin& margin) {
  const bool finite = std::isfinite(margin.value);
  return {{"value", finite ? Json(Interval::exact(margin.value).lower_text(17)) : Json()},
          {"unit", margin.absolute ? "absolute" : "decades"}};
}

Json json_of(const Solved& solved) {
  return {{"name", text(solved.name)},
          {"relation", text(solved.relation)},
          {"bound", number(solved.bound)},
          {"current", text(solved.current)}};
}

Json json_of(const Finding& finding) {
  Json instances = Json::array(), solved = Json::array();
  for (const Instance& instance : finding.instances) instances.push_back(json_of(instance));
  for (const Solved& one : finding.solved) solved.push_back(json_of(one));
  return {{"id", text(finding.id)},
          {"kind", finding.hypothesis ? "hypothesis" : "conclusion"},
          {"known_false", finding.known_false},
          {"formula", text(finding.formula)},
          {"condition", text(finding.condition)},
          {"verdict", text(to_text(finding.verdict))},
          {"assuming", object(finding.assuming)},
          {"evidence", text(to_text(finding.evidence))},
          {"margin", finding.margin ? json_of(*finding.margin) : Json()},
          {"worst", finding.worst ? Json(*finding.worst) : Json()},
          {"instances", std::move(instances)},
          {"solved", std::move(solved)},
          {"reason", text(finding.reason)},
          {"note", text(finding.note)}};
}

/// Definitions with their formulas, in order; one without a formula keeps "".
Json definitions(const StatementReport& statement) {
  Json array = Json::array();
  for (const auto& [name, value] : statement.definitions) {
    std::string formula;
    for (const auto& [defined, body] : statement.definition_formulas) {
      if (defined == name) formula = body;
    }
    array.push_back({{"name", text(name)}, {"formula", text(formula)}, {"value", number(value)}});
  }
  return array;
}

Json json_of(const StatementReport& statement) {
  Json findings = Json::array();
  for (const Finding& finding : statement.findings) findings.push_back(json_of(finding));
  return {{"id", text(statement.id)},
          {"title", text(statement.title)},
          {"source", text(statement.source)},
          {"provenance", text(statement.provenance)},
          {"kind", text(statement.kind)},
          {"outcome", text(to_text(statement.outcome))},
          {"assuming", object(statement.assuming)},
          {"summary", text(statement.summary)},
          {"failed_assumptions", texts(statement.failed_assumptions)},
          {"declared", texts(statement.declared)},
          {"constants", object(statement.constants)},
          {"growth", object(statement.growth)},
          {"definitions", definitions(statement)},
          {"errata", texts(statement.errata)},
          {"findings", std::move(findings)}};
}

Json json_of(const GateReport& gate) {
  return {{"text", text(gate.text)},
          {"verdict", text(to_text(gate.verdict))},
          {"assuming", object(gate.finding ? gate.finding->assuming : std::map<std::string, std::string>{})},
          {"reason", text(gate.reason)},
          {"finding", gate.finding ? json_of(*gate.finding) : Json()}};
}

Json json_of(const Measurements& measurements) {
  Json values = Json::array();
  for (const auto& [key, measured] : measurements.all()) {
    values.push_back({{"name", text(key.name)},
                      {"step", integer(key.step)},
                      {"layer", integer(key.layer)},
                      {"value", number(measured.value)},
                      {"evidence", text(to_text(measured.evidence))}});
  }
  return {{"steps", measurements.steps}, {"depth", measurements.depth}, {"values", std::move(values)}};
}

Json json_of(const RunReport& run) {
  Json facts = Json::array(), statements = Json::array(), gates = Json::array();
  for (const auto& [name, value] : run.facts) facts.push_back({{"name", text(name)}, {"value", text(value)}});
  for (const StatementReport& statement : run.statements) statements.push_back(json_of(statement));
  for (const GateReport& gate : run.gates) gates.push_back(json_of(gate));
  return {{"name", text(run.name)},
          {"folder", text(run.folder)},
          {"diverged_at", integer(run.diverged_at)},
          {"facts", std::move(facts)},
          {"gates", std::move(gates)},
          {"certificate", run.certificate ? json(*run.certificate) : Json()},
          {"methods", json(run.methods)},
          {"statements", std::move(statements)},
          {"measurements", json_of(run.measurements)},
          {"trusted", texts(run.trusted)},
          {"declared", texts(run.declared)}};
}

}  // namespace

Json json(const Report& report) {
  Json runs = Json::array();
  for (const RunReport& run : report.runs) runs.push_back(json_of(run));
  return {{"schema", "overproof.report/1"},   {"version", text(report.version)},
          {"title", text(report.title)},      {"exit_code", report.exit_code()},
          {"verdict", headline_word(report)}, {"runs", std::move(runs)}};
}

}  // namespace overproof
