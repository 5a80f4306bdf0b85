#include "reports/overview.h"

#include <algorithm>

#include "reports/phrases.h"

namespace overproof {
namespace {

/// (a), (b), ..., (z), (aa), ...
std::string letters(std::size_t index) {
  std::string name;
  for (std::size_t i = index + 1; i > 0; i = (i - 1) / 26)
    name.insert(name.begin(), static_cast<char>('a' + (i - 1) % 26));
  return "(" + name + ")";
}

std::string number(std::size_t index) { return "G" + std::to_string(index + 1); }

using Labels = std::vector<std::pair<std::string, std::string>>;

/// The label of `text`, which gets the next one if it has none.
std::string label_of(Labels& labels, const std::string& text, std::string (*next)(std::size_t)) {
  const auto found =
      std::find_if(labels.begin(), labels.end(), [&](const auto& l) { return l.second == text; });
  if (found != labels.end()) return found->first;
  labels.emplace_back(next(labels.size()), text);
  return labels.back().first;
}

}  // namespace

Overview overview(const Report& report) {
  Overview all;
  all.gates.columns = {
      {"gate"}, {"run", Cut::middle, 12}, {"verdict"}, {"at the worst place", Cut::words, 24}};

  const auto judged = [&](std::string_view word, const std::map<std::string, std::string>& assuming) {
    if (assuming.empty()) return std::string(word);
    return std::string(word) + " if " + label_of(all.assumptions, assumption_list(assuming), letters);
  };
  for (const RunReport& run : report.runs) {
    Table outcomes{{{"statement", Cut::middle, 28}, {"outcome"}, {"gap", Cut::words, 16}}, {}};
    for (const StatementReport& s : run.statements) {
      outcomes.rows.push_back({{s.id}, {judged(to_text(s.outcome), s.assuming)}, gap(s)});
    }
    if (!outcomes.rows.empty()) all.outcomes.emplace_back(run.name, std::move(outcomes));
    for (const GateReport& gate : run.gates) {
      const auto assuming = gate.finding ? gate.finding->assuming : std::map<std::string, std::string>{};
      all.gates.rows.push_back({{label_of(all.gate_texts, gate.text, number)},
                                {run.name},
                                {judged(to_text(gate.verdict), assuming)},
                                gap(gate)});
    }
  }
  return all;
}

}  // namespace overproof
