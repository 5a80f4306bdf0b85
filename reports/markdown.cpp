#include "reports/markdown.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "reports/certificate.h"
#include "reports/methods.h"
#include "reports/overview.h"
#include "reports/phrases.h"
#include "reports/series.h"
#include "reports/text.h"

namespace overproof {
namespace {

constexpr std::size_t most_steps = 25;

std::string heading(int level, const std::string& text) {
  return std::string(static_cast<std::size_t>(level), '#') + " " + text + "\n\n";
}

/// "- label: text", nothing when the text is empty.
std::string item(const std::string& label, const std::string& text) {
  return text.empty() ? "" : "- " + label + ": " + markdown_text(text) + "\n";
}

std::string overview_text(const Overview& all) {
  std::string text;
  if (!all.outcomes.empty()) text += heading(2, "Outcomes");
  for (const auto& [run, outcomes] : all.outcomes) {
    text += "Run " + markdown_text(run) + ":\n\n" + markdown_table(outcomes) + "\n";
  }
  if (!all.gates.rows.empty()) {
    std::vector<std::string> lines;
    for (const auto& [label, gate] : all.gate_texts) lines.push_back(label + "  " + gate);
    text += heading(2, "Gates") + markdown_table(all.gates) + "\n" + markdown_block(lines) + "\n";
  }
  for (const auto& [label, assumed] : all.assumptions) {
    text += fmt::format("- {}: assuming {}\n", label, markdown_text(assumed));
  }
  return text + (all.assumptions.empty() ? "" : "\n");
}

/// "left 500, right [1.89e18, 1.9e18], at k = 20": the sides of an inequality at its worst place.
std::string sides_text(const Instance& instance) {
  const std::string at = place(instance);
  return fmt::format("left {}, right {}{}", instance.left.text(6), instance.right.text(6),
                     at.empty() ? "" : ", at " + at);
}

/// "margin +1.73 decades; judged at 10 places: 10 hold; enclosed".
std::string facts_text(const Finding& finding) {
  std::vector<std::string> parts;
  if (finding.margin) parts.push_back("margin " + margin_text(*finding.margin));
  parts.push_back(places_text(finding));
  parts.emplace_back(to_text(finding.evidence));
  std::erase(parts, "");
  return join(parts, "; ");
}

std::string finding_text(const Finding& finding, const std::string& label) {
  std::vector<std::string> lines = {finding.formula};
  if (!finding.condition.empty()) lines.back() += "   for " + finding.condition;
  if (const Instance* instance = shown_instance(finding)) lines.push_back(sides_text(*instance));
  const std::string verdict = with_assumptions(to_text(finding.verdict), finding.assuming);
  std::string text = fmt::format("**{}: {}**\n\n", label, markdown_text(verdict));
  text += markdown_block(lines) + "\n";
  text += "- " + markdown_text(facts_text(finding)) + "\n";
  if (finding.known_false) text += "- known to be wrong as printed: shown, not held against the statement\n";
  for (const Solved& solved : finding.solved) text += item("implied", solved_text(solved, finding));
  text += item("undecided because", finding.verdict == Verdict::undecided ? finding.reason : "");
  return text + item("note", finding.note) + "\n";
}

/// "lambda_0 = lambda_min(K)" above "         = [0.199, 0.201]".
std::string definitions_text(const StatementReport& statement) {
  std::vector<std::string> lines;
  for (const auto& [name, value] : statement.definitions) {
    std::string start = one_line(name) + " = ";
    for (const auto& [defined, formula] : statement.definition_formulas) {
      if (defined != name) continue;
      lines.push_back(start + formula);
      start = std::string(static_cast<std::size_t>(columns(start) - 2), ' ') + "= ";
    }
    lines.push_back(start + value.text(6));
  }
  return lines.empty() ? ""
                       : "Definitions, with their values on this run:\n\n" + markdown_block(lines) + "\n";
}

std::string kind_text(const StatementReport& statement) {
  if (statement.kind != "probability") return statement.kind;
  return "probability: one run can violate it without contradicting it";
}

std::string statement_text(const StatementReport& statement) {
  const std::string outcome = with_assumptions(to_text(statement.outcome), statement.assuming);
  std::string text = heading(3, markdown_text(statement.id) + ": " + markdown_text(outcome));
  if (statement.provenance == "reconstructed") {
    text += "> **Warning**: this statement is reconstructed, not read in its source. It gates nothing.\n\n";
  }
  text += item("statement", statement.title) + item("result", statement.summary) +
          item("source", statement.source) + item("provenance", statement.provenance) +
          item("kind", kind_text(statement));
  for (const std::string& assumption : statement.failed_assumptions)
    text += item("setting differs", assumption);
  for (const std::string& assumption : statement.declared) text += item("on the run's word", assumption);
  for (const auto& [name, where] : statement.constants)
    text += item("hidden constant " + markdown_text(name), where);
  for (const auto& [name, growth] : statement.growth)
    text += item("growth of " + markdown_text(name), growth);
  for (const std::string& erratum : statement.errata) text += item("erratum", erratum);
  text += "\n" + definitions_text(statement);
  for (const Finding& finding : statement.findings) {
    text += finding_text(finding,
                         (finding.hypothesis ? "Hypothesis " : "Conclusion ") + markdown_text(finding.id));
  }
  return text;
}

std::string gates_text(const RunReport& run, const Overview& all) {
  std::string text;
  for (const GateReport& gate : run.gates) {
    std::string label = "Gate";
    for (const auto& [number, shown] : all.gate_texts) {
      if (shown == gate.text) label += " " + number;
    }
    if (gate.finding) {
      text += finding_text(*gate.finding, label);
    } else {
      text +=
          fmt::format("**{}: {}**\n\n", label, to_text(gate.verdict)) + markdown_block({gate.text}) + "\n";
    }
    if (!gate.reason.empty()) text += item("reason", gate.reason) + "\n";
  }
  return text.empty() ? "" : heading(3, "Gates of this run") + text;
}

std::string measurements_text(const RunReport& run) {
  std::string text;
  if (const Series series = key_series(run.measurements, most_steps); !series.table.rows.empty()) {
    text += heading(3, "Measurements by step") + markdown_table(series.table) + "\n";
    text += "Bounds, rounded in their direction; drift_F is the largest over the layers.";
    if (series.unproved) text += " ~ marks a number without proof.";
    if (series.shown < series.recorded) {
      text +=
          fmt::format(" Shown: {} of {} recorded steps; report.json has all.", series.shown, series.recorded);
    }
    text += "\n\n";
  }
  if (const Table scalars = scalar_table(run.measurements); !scalars.rows.empty()) {
    text += heading(3, "Measurements of the run") + markdown_table(scalars) + "\n";
  }
  return text;
}

std::string run_text(const RunReport& run, const Overview& all) {
  std::string text = heading(2, "Run " + markdown_text(run.name));
  if (run.diverged_at) text += fmt::format("- **diverged at step {}**\n", *run.diverged_at);
  text += item("folder", run.folder);
  for (const auto& [name, value] : run.facts) text += item(markdown_text(name), value);
  text += "\n";
  if (run.certificate) text += heading(3, "Certificate") + markdown(*run.certificate) + "\n";
  if (!run.methods.empty()) text += heading(3, "Methods compared") + markdown(run.methods) + "\n";
  for (const StatementReport& statement : run.statements) text += statement_text(statement);
  return text + gates_text(run, all) + measurements_text(run);
}

/// The lines of all runs without repetition; one that not every run has names its runs.
std::string footer(const Report& report, const std::string& title,
                   std::vector<std::string> RunReport::*lines) {
  std::vector<std::pair<std::string, std::vector<std::string>>> all;
  for (const RunReport& run : report.runs) {
    for (const std::string& line : run.*lines) {
      auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.first == line; });
      if (found == all.end()) found = all.insert(all.end(), {line, {}});
      if (found->second.empty() || found->second.back() != run.name) found->second.push_back(run.name);
    }
  }
  std::string text;
  for (const auto& [line, runs] : all) {
    const std::string who = runs.size() == report.runs.size() ? "" : " (run " + join(runs, ", ") + ")";
    text += "- " + markdown_text(line + who) + "\n";
  }
  return text.empty() ? "" : heading(2, title) + text + "\n";
}

std::string how_to_read() {
  return heading(2, "How to read this") +
         "A verdict (holds, fails) is proved from enclosures of the stored numbers and is about the recorded "
         "steps\n"
         "only; undecided means that the enclosures overlap or a number is missing. A verdict with "
         "assumptions\n"
         "takes the named hidden constants at the values given. A margin is the slack of an inequality at "
         "its worst\n"
         "place, positive when it holds, rounded down; decades are log10 of the ratio of the two sides.\n";
}

}  // namespace

std::string markdown(const Report& report) {
  std::string word = headline_word(report);
  word.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(word.front())));
  std::string text =
      heading(1, report.title.empty() ? "overproof" : "overproof: " + markdown_text(report.title));
  text += fmt::format("**{}** (exit code {}): {}.\n\n", word, report.exit_code(),
                      markdown_text(headline_sentence(report)));
  const Overview all = overview(report);
  text += overview_text(all);
  for (const RunReport& run : report.runs) text += run_text(run, all);
  text += footer(report, "What is trusted", &RunReport::trusted);
  text += footer(report, "What is only declared", &RunReport::declared);
  text += how_to_read();
  if (!report.version.empty()) text += "\nWritten by overproof " + markdown_text(report.version) + ".\n";
  return text;
}

}  // namespace overproof
