#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "recheck/ball.h"
#include "recheck/recheck.h"

namespace overproof::recheck {

using Json = nlohmann::json;

/// x^h = skip_out x^(h-1) + scale σ(z), z = skip_in x^(h-1) + scale_in W x^(h-1), with a weight of its own.
struct Layer {
  std::string activation, weight, law;
  double law_scale;
  bool trained;
  long rows = 0, cols = 0;
  double skip_in = 0, scale_in = 1, skip_out = 0, scale = 1;
  bool operator==(const Layer&) const = default;
};

/// A network that is served: dense layers, of which the last, the readout, has the activation "identity" and
/// one output.
using Network = std::vector<Layer>;

/// One iterate of a run, and its data.
struct Run {
  std::string name;
  double eta;
  bool normalised;
  Network network = {};
  std::string data_sha256 = {}, iterate_sha256 = {};  ///< of the bytes of the two files
  std::map<std::string, Mat> data = {};               ///< X [n, d] and y [n, 1]
  std::map<std::string, Mat> weights = {};            ///< by name, [rows, cols]
};

/// InputError with this message unless the condition holds.
inline void require(bool condition, const std::string& message) {
  if (!condition) throw InputError(message);
}

/// What `read` makes of a file; what it throws is said of that file.
template <class Read>
auto about(const std::filesystem::path& path, const Read& read) {
  try {
    return read();
  } catch (const std::exception& error) {
    throw InputError(path.string() + ": " + error.what());
  }
}

/// A number of a certificate or a run: a JSON number, or a text such as "0x1.8p-4". NaN for anything else.
[[nodiscard]] double number(const Json& value);

[[nodiscard]] std::string sha256(const std::string& bytes);

/// A JSON file in which no field is given twice. This and what follows throw InputError.
[[nodiscard]] Json read_json(const std::filesystem::path& path);

[[nodiscard]] Network read_network(const Json& architecture);

/// Reads run.json, the data, the line of the step in steps.jsonl and the iterate; all of it is finite.
[[nodiscard]] Run read_run(const std::filesystem::path& folder, const Json& step);

/// The tensors of a safetensors file, given its bytes: F64, finite, of two dimensions, or of one (a column).
[[nodiscard]] std::map<std::string, Mat> read_safetensors(const std::string& bytes);

}  // namespace overproof::recheck
