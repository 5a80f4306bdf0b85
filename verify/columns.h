#pragma once

#include "trainer/architecture.h"
#include "verify/pair.h"

// A loop over a column, compiled twice: for every x86-64 processor, where std::fma is a call to the C
// library, and for those with FMA, chosen when the program starts. Both round alike, so the results are the
// same bits.
#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__FMA__) && !defined(__SANITIZE_ADDRESS__)
#if defined(__has_attribute)
#if __has_attribute(target_clones)
#define OVERPROOF_CLONES __attribute__((target_clones("fma", "default")))
#endif
#endif
#endif
#ifndef OVERPROOF_CLONES
#define OVERPROOF_CLONES
#endif

namespace overproof {

/// `size` pairs, high and low parts apart, as the columns of a ball hold them.
struct ConstPairs {
  const double *high, *low;
  Index size;
  [[nodiscard]] Pair operator[](Index r) const { return {high[r], low[r]}; }
};
struct Pairs {
  double *high, *low;
  Index size;
};

/// y = factor · x;  factor · (a · b);  a + b, entry by entry with the operations of Pair. y overlaps no
/// argument.
void multiply_each(double factor, ConstPairs x, Pairs y);
void multiply_each(double factor, ConstPairs a, ConstPairs b, Pairs y);
void add_each(ConstPairs a, ConstPairs b, Pairs y);

/// halves.high = fl(fl(x.high + s) − s), halves.low = fl(fl(x.high − halves.high) + x.low) for a shift s, one
/// for all or one an entry; without x.low (null) where there is none.
void split_each(ConstPairs x, double shift, Pairs halves);
void split_each(ConstPairs x, const double* shifts, Pairs halves);
/// sum.high += x by two-sums, whose low parts and `small` are added to sum.low in doubles.
void accumulate_each(const double* x, const double* small, Pairs sum);
/// sum += factor · x, by two-products and two-sums whose low parts are added to sum.low in doubles.
void accumulate_multiple(double factor, const double* x, Pairs sum);
/// sum = two_sum(sum.high, sum.low).
void normalise_each(Pairs sum);

/// The largest |x_r| exactly, and the root of Σx_r² from above; both are NaN if an x_r is.
struct Magnitudes {
  Up largest, two;
};
[[nodiscard]] Magnitudes magnitudes_of(const double* x, Index size);
/// The same of the products fl(x_r |w_r|).
[[nodiscard]] Magnitudes magnitudes_of(const double* x, const double* w, Index size);

}  // namespace overproof
