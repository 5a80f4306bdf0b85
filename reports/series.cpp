#include "reports/series.h"

#include <array>
#include <cmath>
#include <optional>
#include <string_view>

namespace overproof {
namespace {

/// A column of the table of key measurements. Lower bounds for what should be large, upper bounds for what
/// should be small.
struct SeriesColumn {
  std::string_view name, heading;
  bool lower;
  bool layers;  ///< name[k,h]: the largest over h is shown
};

constexpr std::array<SeriesColumn, 5> series_columns = {{
    {"loss", "loss ≤", false, false},
    {"residual_norm", "‖r‖ ≤", false, false},
    {"lambda_min_gram_last", "λmin(G^H) ≥", true, false},
    {"lambda_min_ntk", "λmin(G) ≥", true, false},
    {"drift_fro", "drift_F ≤", false, true},
}};

struct Bound {
  double value;
  bool proved;
};

Bound bound_of(const Measured& measured, bool lower) {
  return {lower ? measured.value.lower() : measured.value.upper(), measured.evidence <= Evidence::enclosed};
}

std::optional<Bound> bound_at(const Measurements& measurements, const SeriesColumn& column, long step) {
  const std::string name(column.name);
  if (!column.layers) {
    const Measured* found = measurements.find({name, step, {}});
    return found ? std::optional(bound_of(*found, column.lower)) : std::nullopt;
  }
  // max over h = 1..H+1; a nan makes the maximum nan.
  std::optional<Bound> largest;
  for (long h = 1; h <= measurements.depth + 1; ++h) {
    const Measured* found = measurements.find({name, step, h});
    if (!found) continue;
    const Bound bound = bound_of(*found, column.lower);
    if (!largest) {
      largest = bound;
    } else {
      const bool larger = std::isnan(bound.value) || bound.value > largest->value;
      largest = Bound{larger ? bound.value : largest->value, largest->proved && bound.proved};
    }
  }
  return largest;
}

std::string bound_text(const Bound& bound, bool lower) {
  const Interval point = Interval::exact(bound.value);
  return (bound.proved ? "" : "~") + (lower ? point.lower_text(3) : point.upper_text(3));
}

/// All steps, or `rows` of them spread evenly with both ends.
std::vector<long> spread(const std::vector<long>& steps, std::size_t rows) {
  if (steps.size() <= rows || rows < 2) return steps;
  std::vector<long> chosen;
  for (std::size_t i = 0; i < rows; ++i) chosen.push_back(steps[i * (steps.size() - 1) / (rows - 1)]);
  return chosen;
}

}  // namespace

Series key_series(const Measurements& measurements, std::size_t rows) {
  Series series;
  series.table.columns = {{"k"}};
  std::vector<SeriesColumn> columns;
  for (const SeriesColumn& column : series_columns) {
    if (!measurements.has_name(column.name)) continue;
    columns.push_back(column);
    series.table.columns.push_back({std::string(column.heading)});
  }
  if (columns.empty()) return series;
  series.recorded = measurements.steps.size();
  for (const long step : spread(measurements.steps, rows)) {
    std::vector<Cell> row = {{std::to_string(step)}};
    for (const SeriesColumn& column : columns) {
      const std::optional<Bound> bound = bound_at(measurements, column, step);
      row.push_back({bound ? bound_text(*bound, column.lower) : "–"});
      series.unproved |= bound && !bound->proved;
    }
    series.table.rows.push_back(row);
    ++series.shown;
  }
  return series;
}

Table scalar_table(const Measurements& measurements) {
  Table table{{{"measurement", Cut::middle, 16}, {"value"}, {"evidence"}}, {}};
  for (const auto& [key, measured] : measurements.all()) {
    if (key.step) continue;
    table.rows.push_back({{key.text()}, {measured.value.text(6)}, {std::string(to_text(measured.evidence))}});
  }
  return table;
}

}  // namespace overproof
