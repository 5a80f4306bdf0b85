#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "trainer/architecture.h"

namespace overproof {

/// Numbers separated by commas, one sample a line.
struct CsvTable {
  std::vector<std::string> names;  ///< of the columns; empty without a header
  Matrix values;                   ///< lines × columns
};

/// Reads decimal numbers; blanks around them, blank lines and a carriage return at the end of a line are
/// ignored. Throws InputError "FILE:LINE: column C: ..." for a field that is not a finite number and for
/// lines of different lengths.
[[nodiscard]] CsvTable parse_csv(std::string_view text, bool header, const std::string& file);

}  // namespace overproof
