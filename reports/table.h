#pragma once

#include <string>
#include <vector>

namespace overproof {

/// What may happen to a cell that does not fit: nothing (short words of our own), a name loses its middle, a
/// text its last words.
enum class Cut { never, middle, words };

struct Column {
  std::string heading;
  Cut cut = Cut::never;
  long least = 8;  ///< the narrowest a column that may be cut becomes
};

/// Several ways to say one thing, the longest first. The first that fits is written; if none does, the last
/// is cut.
using Cell = std::vector<std::string>;

/// A table of raw texts; escaping is the business of the functions that write it.
struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;  ///< as many cells as columns
};

/// The table for GitHub and, by the same characters, for a terminal: no line is wider than `width` as long as
/// the columns that are never cut leave room for the least of the others.
[[nodiscard]] std::string markdown_table(const Table& table, long width = 80);

/// The same for a terminal, without marks; lines carry no spaces at their ends.
[[nodiscard]] std::string plain_table(const Table& table, long width = 80);

}  // namespace overproof
