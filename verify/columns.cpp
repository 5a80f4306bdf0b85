#include "verify/columns.h"

namespace overproof {
namespace {

/// Loops over so many entries at once, a constant that compilers turn into vector instructions.
constexpr Index lanes = 8;

struct Running {
  double squares[lanes] = {}, largest[lanes] = {};
};

template <class F>
__attribute__((always_inline)) inline Running run(Index size, const F& f) {
  Running now;
  Index r = 0;
  for (; r + lanes <= size; r += lanes) {
    for (Index l = 0; l < lanes; ++l) {
      const double at = std::abs(f(r + l));
      now.squares[l] += at * at;
      now.largest[l] = at > now.largest[l] ? at : now.largest[l];
    }
  }
  for (Index l = 0; r < size; ++r, ++l) {
    const double at = std::abs(f(r));
    now.squares[l] += at * at;
    now.largest[l] = at > now.largest[l] ? at : now.largest[l];
  }
  return now;
}

Magnitudes total(const Running& running, Index size) {
  double squares = 0.0, largest = 0.0;
  for (Index l = 0; l < lanes; ++l) {
    squares += running.squares[l];
    largest = std::max(largest, running.largest[l]);
  }
  // A NaN has no largest, but it stays in the sum of the squares, which are never negative. An entry below
  // 2^-500 may vanish in its square, which the underflow term covers; one above 2^512 makes the sum infinite.
  if (std::isnan(squares)) return {Up(squares), Up(squares)};
  return {Up(largest), sqrt(sum_of_squares_above(squares, static_cast<double>(size + lanes)))};
}

/// y[r] = f(r) for every r; f reads entries below y.size only. Within a block the results are held back, so
/// that the compiler need not fear that writing one changes the next argument.
template <class F>
__attribute__((always_inline)) inline void fill(Pairs y, const F& f) {
  Index r = 0;
  for (; r + lanes <= y.size; r += lanes) {
    double high[lanes], low[lanes];
    for (Index l = 0; l < lanes; ++l) {
      const Pair value = f(r + l);
      high[l] = value.high, low[l] = value.low;
    }
    for (Index l = 0; l < lanes; ++l) y.high[r + l] = high[l];
    for (Index l = 0; l < lanes; ++l) y.low[r + l] = low[l];
  }
  for (; r < y.size; ++r) {
    const Pair value = f(r);
    y.high[r] = value.high, y.low[r] = value.low;
  }
}
#define OVERPROOF_ENTRY [&](Index r) __attribute__((always_inline))

OVERPROOF_CLONES Running run_over(const double* x, Index size) {
  return run(
      size, OVERPROOF_ENTRY { return x[r]; });
}

OVERPROOF_CLONES Running run_over(const double* x, const double* w, Index size) {
  return run(
      size, OVERPROOF_ENTRY { return x[r] * std::abs(w[r]); });
}

}  // namespace

OVERPROOF_CLONES void multiply_each(double factor, ConstPairs x, Pairs y) {
  fill(
      y, OVERPROOF_ENTRY { return factor * x[r]; });
}

OVERPROOF_CLONES void multiply_each(double factor, ConstPairs a, ConstPairs b, Pairs y) {
  fill(
      y, OVERPROOF_ENTRY { return factor * (a[r] * b[r]); });
}

OVERPROOF_CLONES void add_each(ConstPairs a, ConstPairs b, Pairs y) {
  fill(
      y, OVERPROOF_ENTRY { return a[r] + b[r]; });
}

OVERPROOF_CLONES void split_each(ConstPairs x, double shift, Pairs halves) {
  if (x.low) {
    fill(
        halves, OVERPROOF_ENTRY {
          const double leading = (x.high[r] + shift) - shift;
          return Pair{leading, (x.high[r] - leading) + x.low[r]};
        });
  } else {
    fill(
        halves, OVERPROOF_ENTRY {
          const double leading = (x.high[r] + shift) - shift;
          return Pair{leading, x.high[r] - leading};
        });
  }
}

OVERPROOF_CLONES void split_each(ConstPairs x, const double* shifts, Pairs halves) {
  if (x.low) {
    fill(
        halves, OVERPROOF_ENTRY {
          const double leading = (x.high[r] + shifts[r]) - shifts[r];
          return Pair{leading, (x.high[r] - leading) + x.low[r]};
        });
  } else {
    fill(
        halves, OVERPROOF_ENTRY {
          const double leading = (x.high[r] + shifts[r]) - shifts[r];
          return Pair{leading, x.high[r] - leading};
        });
  }
}

OVERPROOF_CLONES void accumulate_each(const double* x, const double* small, Pairs sum) {
  fill(
      sum, OVERPROOF_ENTRY {
        const Pair next = two_sum(sum.high[r], x[r]);
        return Pair{next.high, sum.low[r] + (small[r] + next.low)};
      });
}

OVERPROOF_CLONES void accumulate_multiple(double factor, const double* x, Pairs sum) {
  fill(
      sum, OVERPROOF_ENTRY {
        const Pair product = two_product(factor, x[r]), next = two_sum(sum.high[r], product.high);
        return Pair{next.high, sum.low[r] + (product.low + next.low)};
      });
}

OVERPROOF_CLONES void normalise_each(Pairs sum) {
  fill(
      sum, OVERPROOF_ENTRY { return two_sum(sum.high[r], sum.low[r]); });
}

Magnitudes magnitudes_of(const double* x, Index size) { return total(run_over(x, size), size); }

Magnitudes magnitudes_of(const double* x, const double* w, Index size) {
  return total(run_over(x, w, size), size);
}

}  // namespace overproof
