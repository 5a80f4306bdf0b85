#include "reports/table.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include "reports/text.h"

namespace overproof {
namespace {

using Escape = std::function<std::string(const std::string&)>;

std::string cut(const std::string& text, long width, Cut how) {
  if (how == Cut::never) return text;
  return how == Cut::middle ? shorten_name(text, width) : shorten_words(text, width);
}

/// Escaping lengthens a text, so a cut one is tried at smaller and smaller widths.
std::string fit(const Cell& cell, long width, Cut how, const Escape& escape) {
  for (const std::string& text : cell) {
    if (columns(escape(text)) <= width) return escape(text);
  }
  if (cell.empty()) return "";
  const std::string last = one_line(cell.back());
  for (long room = width; room > 0; --room) {
    const std::string written = escape(cut(last, room, how));
    if (how == Cut::never || columns(written) <= width) return written;
  }
  return "";
}

/// Natural widths; while the table does not fit, the column that is furthest above its least gives up one.
std::vector<long> widths(const Table& table, long room, const Escape& escape) {
  std::vector<long> all;
  for (std::size_t j = 0; j < table.columns.size(); ++j) {
    long widest = std::max(3L, columns(table.columns[j].heading));
    for (const auto& row : table.rows) {
      for (const std::string& text : row[j]) widest = std::max(widest, columns(escape(text)));
    }
    all.push_back(widest);
  }
  const auto excess = [&](std::size_t j) {
    const Column& column = table.columns[j];
    return column.cut == Cut::never ? 0 : all[j] - std::max(column.least, columns(column.heading));
  };
  while (std::accumulate(all.begin(), all.end(), 0L) > room) {
    std::size_t widest = 0;
    for (std::size_t j = 1; j < all.size(); ++j) {
      if (excess(j) > excess(widest)) widest = j;
    }
    if (excess(widest) <= 0) break;
    --all[widest];
  }
  return all;
}

std::string padded(const std::string& text, long width) {
  return text + std::string(static_cast<std::size_t>(std::max(0L, width - columns(text))), ' ');
}

/// Every line is written by `line` from its padded cells.
std::string write(const Table& table, long room, const Escape& escape,
                  const std::function<std::string(const std::vector<std::string>&)>& line) {
  const std::vector<long> width = widths(table, room, escape);
  std::vector<std::string> heading, rule;
  for (std::size_t j = 0; j < width.size(); ++j) {
    heading.push_back(padded(table.columns[j].heading, width[j]));
    rule.push_back(std::string(static_cast<std::size_t>(width[j]), '-'));
  }
  std::string text = line(heading) + line(rule);
  for (const auto& row : table.rows) {
    std::vector<std::string> cells;
    for (std::size_t j = 0; j < width.size(); ++j) {
      cells.push_back(padded(fit(row[j], width[j], table.columns[j].cut, escape), width[j]));
    }
    text += line(cells);
  }
  return text;
}

}  // namespace

std::string markdown_table(const Table& table, long width) {
  const long marks = 3 * static_cast<long>(table.columns.size()) + 1;
  return write(
      table, width - marks, [](const std::string& text) { return markdown_text(text); },
      [](const auto& cells) { return "| " + join(cells, " | ") + " |\n"; });
}

std::string plain_table(const Table& table, long width) {
  const long gaps = 2 * (static_cast<long>(table.columns.size()) - 1);
  return write(
      table, width - gaps, [](const std::string& text) { return one_line(text); },
      [](const auto& cells) {
        const std::string line = join(cells, "  ");
        return line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
      });
}

}  // namespace overproof
