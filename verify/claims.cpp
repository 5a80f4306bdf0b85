#include "verify/claims.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace overproof {
namespace {

/// A number of a suite as decimal text: quoted texts as they are, unquoted numbers exactly.
std::string decimal_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer()) return value.dump();
  return value.is_number() ? exact_decimal(value.get<double>()) : "";
}

Interval positive_number(const std::string& text) {
  const Interval x = Interval::decimal(text);
  return x.is_bounded() && certainly_lt(Interval::integer(0), x) ? x : Interval::nan();
}

std::vector<std::string> theorem_patterns(Fields& fields) {
  const Json* value = fields.raw("theorems");
  if (!value) return {"all"};
  return value->is_string() ? std::vector{fields.text("theorems")} : fields.texts("theorems");
}

std::map<std::string, std::string> assumed_constants(Fields& fields) {
  std::map<std::string, std::string> constants;
  const Json* table = fields.raw("constants");
  if (!table) return constants;
  if (!table->is_object())
    throw fields.error("constants", "a table of constants and their values is expected");
  for (const auto& [name, value] : table->items()) {
    const std::string text = decimal_text(value);
    if (positive_number(text).is_nan()) {
      throw InputError(fmt::format("{}: {}.{}: {}: a number above 0 is expected", fields.file(),
                                   fields.where("constants"), name, value.dump()));
    }
    constants[name] = text;
  }
  return constants;
}

std::string certify_at(Fields& fields) {
  const Json* value = fields.raw("certify");
  if (!value) return "";
  if (*value == "earliest") return "earliest";
  if (value->is_number_integer()) return std::to_string(fields.integer("certify", 0, INT64_MAX));
  throw fields.error("certify", "a step or \"earliest\" is expected");
}

std::string network_of(const Theorem& theorem) {
  const auto at = theorem.setting.find("network");
  return at == theorem.setting.end() ? "any" : at->second;
}

}  // namespace

std::string Claims::constant(const std::string& name) const {
  const auto at = constants.find(name);
  return at == constants.end() ? "1" : at->second;
}

std::string Claims::certified_at() const {
  const bool gated = std::ranges::find(gates, certified_gate) != gates.end();
  return certify.empty() && gated ? "earliest" : certify;
}

Claims claims_from(Fields fields) {
  Claims claims;
  if (const Json* value = fields.raw("failure_probability")) {
    claims.failure_probability = decimal_text(*value);
    if (!certainly_lt(positive_number(claims.failure_probability), Interval::integer(1))) {
      throw fields.error("failure_probability", "a number above 0 and below 1 is expected");
    }
  }
  claims.constants = assumed_constants(fields);
  claims.theorems = theorem_patterns(fields);
  claims.gates = fields.texts("gates");
  claims.certify = certify_at(fields);
  claims.sharp = fields.boolean("sharp", false);
  if (claims.sharp && claims.certified_at().empty())
    throw fields.error("sharp", "a certificate is expected: certify or the gate \"certified\"");
  fields.done();
  return claims;
}

Json to_json(const Claims& claims) {
  Json constants = Json::object();
  for (const auto& [name, value] : claims.constants) constants[name] = value;
  Json json{{"failure_probability", claims.failure_probability},
            {"constants", constants},
            {"theorems", claims.theorems},
            {"gates", claims.gates}};
  if (claims.certify == "earliest")
    json["certify"] = claims.certify;
  else if (!claims.certify.empty())
    json["certify"] = std::stoll(claims.certify);
  if (claims.sharp) json["sharp"] = true;
  return json;
}

std::string exact_decimal(double x) {
  // No double has more than 767 significant digits; zeros at the end are dropped by the g format.
  return fmt::format("{:.770g}", x);
}

bool matches(std::string_view pattern, std::string_view id) {
  if (!pattern.ends_with('*')) return pattern == id;
  return id.starts_with(pattern.substr(0, pattern.size() - 1));
}

std::string unmatched(std::string_view what, std::string_view pattern, const std::vector<std::string>& ids) {
  if (!pattern.ends_with('*')) return unknown_name(what, pattern, ids);
  std::vector<std::string> prefixes;
  for (const std::string& id : ids) prefixes.push_back(id.substr(0, pattern.size() - 1) + "*");
  const std::string near = nearest_name(pattern, prefixes);
  return fmt::format("no {} matches \"{}\"{}; allowed: {}", what, pattern,
                     near.empty() ? "" : fmt::format("; did you mean \"{}\"?", near), fmt::join(ids, ", "));
}

std::vector<const Theorem*> chosen_theorems(const Claims& claims, const std::vector<Theorem>& theorems,
                                            const std::string& network) {
  std::vector<std::string> ids;
  std::set<std::string> constants;
  for (const Theorem& theorem : theorems) {
    ids.push_back(theorem.id);
    for (const auto& [name, where] : theorem.constants) constants.insert(name);
  }
  for (const std::string& pattern : claims.theorems) {
    const auto fits = [&](const std::string& id) { return matches(pattern, id); };
    if (pattern != "all" && std::ranges::none_of(ids, fits))
      throw InputError(unmatched("theorem", pattern, ids));
  }
  for (const auto& [name, value] : claims.constants) {
    if (!constants.contains(name)) {
      throw InputError(unknown_name("constant", name, std::vector(constants.begin(), constants.end())));
    }
  }
  std::vector<const Theorem*> chosen;
  for (const Theorem& theorem : theorems) {
    const std::string of = network_of(theorem);
    const bool fitting = of == "any" || of == network;
    const auto asks = [&](const std::string& pattern) {
      return pattern == "all" ? fitting : matches(pattern, theorem.id);
    };
    if (std::ranges::any_of(claims.theorems, asks)) chosen.push_back(&theorem);
  }
  return chosen;
}

}  // namespace overproof
