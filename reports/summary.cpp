#include "reports/summary.h"

#include <fmt/format.h>

#include "reports/overview.h"
#include "reports/phrases.h"
#include "reports/text.h"

namespace overproof {
namespace {

constexpr long width = 80;

/// The text, wrapped, its first line after `label` and the others below it.
std::string labelled(const std::string& label, const std::string& text) {
  const std::string indent(static_cast<std::size_t>(columns(label)), ' ');
  std::string block;
  for (const std::string& line : wrap(one_line(text), width - columns(label))) {
    block += (block.empty() ? label : indent) + line + "\n";
  }
  return block.empty() ? label + "\n" : block;
}

}  // namespace

std::string summary_table(const Report& report) {
  const Overview all = overview(report);
  std::string text = labelled("", report.title.empty() ? "overproof" : "overproof: " + report.title) + "\n";
  for (const auto& [run, outcomes] : all.outcomes) {
    text += labelled("run ", run) + "\n" + plain_table(outcomes, width) + "\n";
  }
  if (!all.gates.rows.empty()) text += plain_table(all.gates, width) + "\n";
  for (const auto& [label, gate] : all.gate_texts) text += labelled("  " + label + " ", gate);
  for (const auto& [label, assumed] : all.assumptions)
    text += labelled("  " + label + " ", "assuming " + assumed);
  if (!all.gate_texts.empty() || !all.assumptions.empty()) text += "\n";
  return text + labelled("", fmt::format("{} (exit code {}): {}", headline_word(report), report.exit_code(),
                                         headline_sentence(report)));
}

}  // namespace overproof
