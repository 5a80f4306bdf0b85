#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bounds/interval.h"

namespace overproof {

/// How a number is known, strongest first: by proof or exactly; by a rigorous enclosure from the stored
/// doubles; by a family of seeds; in plain floating point; by the run's own word. A `measured` or weaker
/// number never decides a verdict.
enum class Evidence { proved, enclosed, statistical, measured, declared };

[[nodiscard]] std::string_view to_text(Evidence evidence);
[[nodiscard]] constexpr Evidence weaker(Evidence a, Evidence b) { return a < b ? b : a; }

struct Measured {
  Interval value;
  Evidence evidence = Evidence::enclosed;
};

/// Where a measurement was taken: name, name[k] or name[k,h].
struct Key {
  std::string name;
  std::optional<long> step;
  std::optional<long> layer;
  auto operator<=>(const Key&) const = default;
  [[nodiscard]] std::string text() const;  ///< "drift_fro[20,1]"
};

/// The numbers of one run, by key. The names are API: gates, theorem files and JSON use them
/// (docs/notation.md).
class Measurements {
 public:
  void set(Key key, Interval value, Evidence evidence = Evidence::enclosed);
  [[nodiscard]] const Measured* find(const Key& key) const;
  [[nodiscard]] const std::map<Key, Measured>& all() const { return values_; }
  [[nodiscard]] bool has_name(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> names() const;

  std::vector<long> steps;  ///< the recorded steps k that series range over, sorted
  long depth =
      0;  ///< H: layers h of name[k,h] range over 1..H and, where it exists, H+1 (the output weights)

 private:
  std::map<Key, Measured> values_;
};

}  // namespace overproof
