#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace overproof {

/// A caller's or an input's mistake. The message is one line that names the file, the field, the value and
/// what is allowed. It is caught once, in main, and ends the program with exit code 2.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The candidate with the smallest edit distance to `name`, or "" when nothing is near (distance above a
/// third of the length of `name`, at least 2).
[[nodiscard]] std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates);

/// `unknown activation "softpls"; did you mean "softplus"? allowed: relu, softplus, tanh`: the text for a
/// name that is not in a table.
[[nodiscard]] std::string unknown_name(std::string_view what, std::string_view name,
                                       const std::vector<std::string>& allowed);

}  // namespace overproof
