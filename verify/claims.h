#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bounds/interval.h"
#include "bounds/theorem.h"
#include "files/fields.h"

namespace overproof {

/// The gate that holds when a certificate was found.
inline constexpr std::string_view certified_gate = "certified";

/// What a suite claims of a run: its `judge` table. Numbers are decimal texts, so that they reach `Interval`
/// without loss: a quoted "0.1" is 1/10, an unquoted 0.1 is the double, all of its digits written out.
struct Claims {
  std::string failure_probability = "0.1";  ///< δ, in (0, 1)
  std::map<std::string, std::string>
      constants;  ///< assumed values of hidden constants, > 0; "1" where absent
  std::vector<std::string> theorems = {
      "all"};                      ///< ids, "PREFIX*", or "all": every statement about this kind of network
  std::vector<std::string> gates;  ///< empty: the two default gates
  std::string certify;             ///< a step, "earliest", or "" for no certificate
  bool sharp = false;              ///< the certificate by the sharper, slower method

  /// Where a certificate is tried: `certify`, or "earliest" where only the gate "certified" asks for one; ""
  /// for none.
  [[nodiscard]] std::string certified_at() const;
  /// The value assumed for a hidden constant.
  [[nodiscard]] std::string constant(const std::string& name) const;
  bool operator==(const Claims&) const = default;
};

/// Reads and checks the `judge` table; calls `Fields::done`. Throws InputError naming file, field and value
/// for a probability outside (0, 1), a constant that is not a positive number, and unknown fields.
[[nodiscard]] Claims claims_from(Fields fields);
/// claims_from(to_json(c)) is c.
[[nodiscard]] Json to_json(const Claims& claims);

/// The decimal text of exactly this double ("0.1000000000000000055511151231257827021181583404541015625"),
/// which Interval::decimal encloses. `x` is finite.
[[nodiscard]] std::string exact_decimal(double x);

/// "du2019.*" matches every id that begins with "du2019."; without a star only the id itself.
[[nodiscard]] bool matches(std::string_view pattern, std::string_view id);

/// What to say of a pattern that matches none of `ids`, with the nearest id or prefix:
/// `no theorem matches "du2091.*"; did you mean "du2019.*"? allowed: ...`.
[[nodiscard]] std::string unmatched(std::string_view what, std::string_view pattern,
                                    const std::vector<std::string>& ids);

/// The statements the claims ask for, in the order of `theorems`; `network` is the run's ("fc", "resnet",
/// ...). Throws InputError with the nearest id for a pattern that matches none, and with the nearest constant
/// for an assumed constant that no statement has.
[[nodiscard]] std::vector<const Theorem*> chosen_theorems(const Claims& claims,
                                                          const std::vector<Theorem>& theorems,
                                                          const std::string& network);

}  // namespace overproof
