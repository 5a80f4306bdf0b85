#include "trainer/csv.h"

#include <fmt/format.h>

#include "files/number.h"

namespace overproof {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  const auto first = text.find_first_not_of(blanks);
  return first == text.npos ? "" : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto at = text.find(separator);
    parts.push_back(trimmed(text.substr(0, at)));
    if (at == text.npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::string_view unquoted(std::string_view text) {
  const bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
  return quoted ? text.substr(1, text.size() - 2) : text;
}

}  // namespace

CsvTable parse_csv(std::string_view text, bool header, const std::string& file) {
  CsvTable table;
  std::vector<double> values;
  std::size_t columns = 0, number = 0;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // the byte order mark of UTF-8
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    if (line.empty()) continue;
    const auto fail = [&](const std::string& problem) {
      return InputError(fmt::format("{}:{}: {}", file, number, problem));
    };
    const std::vector<std::string_view> cells = split(line, ',');
    if (columns == 0) columns = cells.size();
    if (cells.size() != columns)
      throw fail(fmt::format("has {} columns, the first line has {}", cells.size(), columns));
    if (header && table.names.empty()) {
      for (const std::string_view cell : cells) table.names.emplace_back(unquoted(cell));
      continue;
    }
    for (std::size_t c = 0; c < columns; ++c) {
      const auto value = parse_double(cells[c]);
      if (!value)
        throw fail(fmt::format("column {}: \"{}\": a finite number is expected", c, cells[c].substr(0, 40)));
      values.push_back(*value);
    }
  }
  if (values.empty()) throw InputError(fmt::format("{}: has no samples", file));
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto width = static_cast<Index>(columns);
  table.values = Eigen::Map<const RowMajor>(values.data(), static_cast<Index>(values.size()) / width, width);
  return table;
}

}  // namespace overproof
