#pragma once

// The inside of an Interval, for the files that work on MPFR numbers themselves.

#include <mpfi.h>

#include <new>

#include "bounds/interval.h"

namespace overproof {

// mpfi is used through its C interface: there the precision is an argument of each value. Boost's mpfi_float
// takes it from a process-wide default that other threads see.
struct Interval::Access {
  static mpfi_ptr of(Interval& x) { return std::launder(reinterpret_cast<mpfi_ptr>(x.storage_)); }
  static mpfi_srcptr of(const Interval& x) { return std::launder(reinterpret_cast<mpfi_srcptr>(x.storage_)); }
  static mpfr_ptr left(Interval& x) { return &of(x)->left; }
  static mpfr_ptr right(Interval& x) { return &of(x)->right; }
  static mpfr_srcptr left(const Interval& x) { return &of(x)->left; }
  static mpfr_srcptr right(const Interval& x) { return &of(x)->right; }
};

/// An mpfr number with an end.
struct Number {
  explicit Number(int precision) { mpfr_init2(value, precision); }
  Number(const Number&) = delete;
  Number& operator=(const Number&) = delete;
  ~Number() { mpfr_clear(value); }
  mpfr_t value;
};

}  // namespace overproof
