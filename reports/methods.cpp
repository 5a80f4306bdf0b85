#include "reports/methods.h"

#include <fmt/format.h>

#include <cmath>

#include "reports/phrases.h"
#include "reports/table.h"
#include "reports/text.h"

namespace overproof {
namespace {

/// A number or null; infinity, which JSON has not, is left out.
Json number(const std::optional<double>& x) { return x && std::isfinite(*x) ? Json(*x) : Json(); }
bool given(Fields& fields, const char* name) {
  const Json* value = fields.raw(name);
  return value && !value->is_null();
}
std::optional<double> number(Fields& fields, const char* name) {
  return given(fields, name) ? std::optional(fields.number(name)) : std::nullopt;
}

std::string above(const std::optional<double>& x) { return x ? Interval::exact(*x).upper_text(4) : ""; }
std::string below(const std::optional<double>& x) { return x ? Interval::exact(*x).lower_text(4) : ""; }

/// "C_m = 1, C_eta = 1 are assumed.", of all rows.
std::string assumed(const std::vector<MethodRow>& methods) {
  std::map<std::string, std::string> all;
  for (const MethodRow& row : methods) all.insert(row.assuming.begin(), row.assuming.end());
  return all.empty() ? "" : fmt::format("Assumed: {}. ", assumption_list(all));
}

}  // namespace

Json json(const std::vector<MethodRow>& methods) {
  Json rows = Json::array();
  for (const MethodRow& row : methods) {
    rows.push_back({{"method", valid_utf8(row.method)},
                    {"net", valid_utf8(row.net)},
                    {"width", number(row.width)},
                    {"eta", number(row.eta)},
                    {"factor", number(row.factor)},
                    {"verdict", row.verdict ? Json(to_text(*row.verdict)) : Json()},
                    {"assuming", row.assuming}});
  }
  return rows;
}

std::vector<MethodRow> methods_from(std::vector<Fields> rows) {
  std::vector<MethodRow> methods;
  for (Fields& fields : rows) {
    MethodRow row{fields.text("method"),
                  fields.text("net"),
                  number(fields, "width"),
                  number(fields, "eta"),
                  number(fields, "factor"),
                  {},
                  {}};
    if (given(fields, "verdict")) {
      const std::string word = fields.choice("verdict", {"holds", "fails", "undecided"});
      row.verdict = word == "holds" ? Verdict::holds : word == "fails" ? Verdict::fails : Verdict::undecided;
    }
    if (const Json* assuming = fields.raw("assuming"); assuming && assuming->is_object()) {
      for (const auto& [name, value] : assuming->items())
        row.assuming[name] = value.is_string() ? value.get<std::string>() : value.dump();
    }
    methods.push_back(std::move(row));
  }
  return methods;
}

std::string markdown(const std::vector<MethodRow>& methods) {
  Table table{{{"method", Cut::never},
               {"of which net", Cut::words},
               {"m at least", Cut::never},
               {"η at most", Cut::never},
               {"factor", Cut::never},
               {"here", Cut::never}},
              {}};
  for (const MethodRow& row : methods) {
    const bool at_iterate = row.factor && !row.width && row.verdict;
    table.rows.push_back({{row.method},
                          {row.net},
                          {above(row.width)},
                          {below(row.eta)},
                          {at_iterate ? above(row.factor) : below(row.factor)},
                          {row.verdict ? std::string(to_text(*row.verdict)) : ""}});
  }
  return markdown_table(table, 96) + "\nWhat each method asks for on these data. " + assumed(methods) +
         "The factor is what it asks for over what the run has; of oymak2018.thm2.1 η over its bound, or "
         "16Mρ/σ² where it has none, and of the certificate 2Mρ/(κ²σ²): there below 1 is needed. \"Here\" is "
         "whether the conditions on width and step size hold. \"ReLU net\" is the two-layer net of arXiv "
         "1810.02054 on "
         "the same data, \"output trained\" this net with every weight trained; `overproof theorems ID` "
         "shows "
         "a statement; the last row is docs/certificate.md.\n";
}

}  // namespace overproof
