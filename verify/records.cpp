#include "verify/records.h"

#include <fmt/format.h>

#include <cmath>

namespace overproof {
namespace {

const Interval one = Interval::integer(1), two = Interval::integer(2),
               tolerance = Interval::rational(1, 1'000'000);

Verdict between(const Interval& least, const Interval& x, const Interval& most) {
  if (certainly_lt(x, least) || certainly_lt(most, x)) return Verdict::fails;
  return certainly_le(least, x) && certainly_le(x, most) ? Verdict::holds : Verdict::undecided;
}

/// |recorded − norm| <= 1e-6(norm + labels), solved for the norm.
Verdict agreement(const Interval& recorded, const Interval& norm, const Interval& labels) {
  if (!recorded.is_bounded()) return Verdict::fails;  // finite weights have a finite norm
  return between((recorded - tolerance * labels) / (one + tolerance), norm,
                 (recorded + tolerance * labels) / (one - tolerance));
}

}  // namespace

void Records::add(Verdict verdict, const std::string& reason) {
  if (verdict != Verdict::holds && verdict_ != Verdict::fails) reason_ = reason;
  verdict_ = both(verdict_.value_or(Verdict::holds), verdict);
}

void Records::check_loss(const RecordedStep& recorded, bool may_be_absent, Interval norm,
                         const Interval& labels, const std::function<Interval()>& sharper) {
  const auto check = [&](const char* name, double value, const Interval& as_norm, const auto& given) {
    if (may_be_absent && std::isnan(value)) return;
    Verdict verdict = agreement(as_norm, norm, labels);
    if (verdict == Verdict::undecided && verdict_ != Verdict::fails) {
      norm = intersect(norm, sharper());
      verdict = agreement(as_norm, norm, labels);
    }
    add(verdict, fmt::format("step {}: the record says {} = {:.8g}, the stored weights give {}",
                             recorded.step, name, value, given().text(8)));
  };
  check("‖y - u‖", recorded.residual_norm, Interval::exact(recorded.residual_norm), [&] { return norm; });
  check("the loss", recorded.loss, sqrt(two * Interval::exact(recorded.loss)),
        [&] { return square(norm) / two; });
}

void Records::check_step_size(double eta, double fraction, const Interval& lambda_max) {
  const Interval asked = Interval::exact(fraction), found = Interval::exact(eta) * lambda_max / two;
  add(between(asked * (one - tolerance), found, asked * (one + tolerance)),
      fmt::format("eta = {} is {} of 2/lambda_max at step 0, the experiment asks for {}", eta, found.text(8),
                  fraction));
}

}  // namespace overproof
