#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "files/error.h"

namespace overproof {

using Json = nlohmann::ordered_json;

/// The TOML text as JSON: tables are objects in the order of the file, an unquoted number is a double or an
/// integer, a quoted number stays a string. Throws InputError "FILE:LINE: ..." for malformed TOML, dates and
/// times included.
[[nodiscard]] Json parse_toml(std::string_view text, const std::string& file);

/// JSON with InputError "FILE: ..." (line and column) for malformed text.
[[nodiscard]] Json parse_json(std::string_view text, const std::string& file);

/// A checked view of one JSON object: every read names its field, and `done()` refuses fields that nobody
/// read. Errors are InputError "FILE: PATH: VALUE: what is allowed". The object must outlive the view.
class Fields {
 public:
  /// `path` is where the object stands in the file, for example "run[0].network"; "" for the whole file.
  Fields(const Json& object, std::string file, std::string path = "");

  [[nodiscard]] bool has(const std::string& name) const;
  /// An optional read returns `fallback` when the field is absent; the forms without one require the field.
  [[nodiscard]] std::string text(const std::string& name);
  [[nodiscard]] std::string text(const std::string& name, const std::string& fallback);
  [[nodiscard]] double number(const std::string& name);  ///< finite; integers count
  [[nodiscard]] double number(const std::string& name, double fallback);
  /// A finite double written as a number or, exactly, as a hexadecimal text ("0x1.8p-4").
  [[nodiscard]] double exact_number(const std::string& name);
  [[nodiscard]] double exact_number(const std::string& name, double fallback);
  [[nodiscard]] std::int64_t integer(const std::string& name, std::int64_t least, std::int64_t most);
  [[nodiscard]] std::int64_t integer(const std::string& name, std::int64_t least, std::int64_t most,
                                     std::int64_t fallback);
  [[nodiscard]] bool boolean(const std::string& name, bool fallback);
  [[nodiscard]] std::vector<std::string> texts(const std::string& name);  ///< absent: empty
  /// One of `allowed`; the error suggests the nearest name.
  [[nodiscard]] std::string choice(const std::string& name, const std::vector<std::string>& allowed);
  [[nodiscard]] std::string choice(const std::string& name, const std::vector<std::string>& allowed,
                                   const std::string& fallback);
  /// The raw value (marks it as read), or nullptr when absent.
  [[nodiscard]] const Json* raw(const std::string& name);
  /// A table (absent: an empty one), and an array of tables (absent: none).
  [[nodiscard]] Fields table(const std::string& name);
  [[nodiscard]] std::vector<Fields> tables(const std::string& name);

  /// Refuses fields that were never read: "FILE: PATH: unknown field "wdth"; did you mean "width"? allowed:
  /// ...".
  void done() const;

  /// The path of a field, and the error for it: throw fields.error("width", "must be at least 1").
  [[nodiscard]] std::string where(const std::string& name) const;
  [[nodiscard]] InputError error(const std::string& name, const std::string& problem) const;
  [[nodiscard]] const std::string& file() const { return file_; }

 private:
  const Json* object_;
  std::string file_, path_;
  std::set<std::string> read_;
};

}  // namespace overproof
