#pragma once

#include <filesystem>
#include <string>

#include "trainer/architecture.h"

namespace overproof {

/// Stored inputs (d × n, one sample a column) and labels. With `normalised` the mathematical input is x/‖x‖,
/// otherwise the stored doubles themselves.
struct Dataset {
  Matrix X;
  Vector y;
  bool normalised = false;
};

/// The inputs the trainer feeds: columns divided by their norms (plain floating point) when normalised.
[[nodiscard]] Matrix network_inputs(const Dataset& data);

/// Throws InputError naming `file` for data without samples, labels of another number than inputs, entries
/// that are not finite, and a zero input that is to be normalised.
void check(const Dataset& data, const std::string& file);

/// What a suite says of its data. `fields` is the whole table, checked, defaults filled in, relative paths
/// kept; reading it again gives the same.
struct DataSpec {
  std::string kind;  ///< "sphere", "idx", "csv"
  Json fields;
};

/// Reads and checks the table `data` (docs/run-format.md lists its fields); `Fields::done` is called.
[[nodiscard]] DataSpec data_spec(Fields fields);

/// Makes or reads the data. `data_folder` is where relative file names are looked up (the command line's
/// --data); a file that is missing is looked for with ".gz" added. Throws InputError naming the file for
/// missing or damaged files, non-finite values, fewer samples than asked for, a zero input to be normalised.
[[nodiscard]] Dataset load_dataset(const DataSpec& spec, const std::filesystem::path& data_folder);

}  // namespace overproof
