#include "bounds/population_gram.h"

#include "bounds/gaussian.h"
#include "files/error.h"

namespace overproof {

namespace {

/// The expansions at the diagonal of K: one for each distinct variance.
class DiagonalExpansions {
 public:
  DiagonalExpansions(DualActivation& dual, Part part, const SymmetricIntervals& K) {
    for (long i = 0; i < K.size(); ++i) {
      std::size_t e = 0;
      while (e < distinct_.size() && !same_ends(distinct_[e].variance, K(i, i))) ++e;
      if (e == distinct_.size()) distinct_.push_back(dual.expand(part, K(i, i)));
      which_.push_back(e);
    }
  }
  const HermiteExpansion& operator[](long i) const { return distinct_[which_[static_cast<std::size_t>(i)]]; }

 private:
  std::vector<HermiteExpansion> distinct_;
  std::vector<std::size_t> which_;
};

/// E_{K}[f(u_i) f(u_j)] for all pairs.
SymmetricIntervals products(const DualActivation& dual, Part part, const DiagonalExpansions& at,
                            const SymmetricIntervals& K) {
  SymmetricIntervals out(K.size());
  for (long j = 0; j < K.size(); ++j) {
    for (long i = 0; i < j; ++i) out(i, j) = dual.product(part, at[i], at[j], K(i, j));
    out(j, j) = at[j].mean_square;
  }
  return out;
}

SymmetricIntervals at_precision(const SymmetricIntervals& inner, int precision) {
  SymmetricIntervals out(inner.size());
  for (long j = 0; j < inner.size(); ++j) {
    for (long i = 0; i <= j; ++i) out(i, j) = inner(i, j).with_precision(precision);
  }
  return out;
}

/// K^(H)_ij = scale K^(H−1)_ij E_{K^(H−1)}[σ'(u) σ'(v)].
SymmetricIntervals last_layer(DualActivation& dual, const SymmetricIntervals& K, const Interval& scale) {
  SymmetricIntervals out = products(dual, Part::derivative, DiagonalExpansions(dual, Part::derivative, K), K);
  for (long j = 0; j < K.size(); ++j) {
    for (long i = 0; i <= j; ++i) out(i, j) *= scale * K(i, j);
  }
  return out;
}

bool is_one(const Interval& x) { return x.is_integer_point() && x.to_integer() == 1; }

void require_depth(const char* net, int depth, int least) {
  if (depth >= least) return;
  throw InputError(std::string("population Gram matrix, ") + net + ": depth " + std::to_string(depth) +
                   ", allowed: " + std::to_string(least) + " or more");
}

}  // namespace

SymmetricIntervals population_gram_fc(const SymmetricIntervals& inner, int depth, const ActivationRow& row,
                                      int precision) {
  require_depth("fully connected", depth, 1);
  const Interval c = c_sigma(row, precision);
  DualActivation dual(row, precision);
  SymmetricIntervals K = at_precision(inner, precision);
  for (int h = 1; h < depth; ++h) {
    SymmetricIntervals next = products(dual, Part::value, DiagonalExpansions(dual, Part::value, K), K);
    for (long j = 0; j < K.size(); ++j) {
      for (long i = 0; i < j; ++i) next(i, j) *= c;
      next(j, j) = is_one(K(j, j)) ? K(j, j) : c * next(j, j);  // c_σ E σ(z)² = 1
    }
    K = std::move(next);
  }
  return last_layer(dual, K, c);
}

SymmetricIntervals population_gram_resnet(const SymmetricIntervals& inner, int depth, const Interval& c_res,
                                          const ActivationRow& row, int precision) {
  require_depth("ResNet", depth, 2);
  if (!(c_res.lower() > 0)) {
    throw InputError("population Gram matrix, ResNet: c_res = " + c_res.text() + ", allowed: positive");
  }
  const Interval c = c_sigma(row, precision),
                 ratio = c_res.with_precision(precision) / Interval::integer(depth);
  const Interval root = sqrt(c);
  const long n = inner.size();
  DualActivation dual(row, precision);
  SymmetricIntervals K = at_precision(inner, precision);
  std::vector<Interval> b(static_cast<std::size_t>(n));
  for (int h = 1; h < depth; ++h) {
    const DiagonalExpansions at(dual, Part::value, K);
    SymmetricIntervals next = products(dual, Part::value, at, K);
    for (long j = 0; j < n; ++j) {
      for (long i = 0; i <= j; ++i) {
        if (h == 1) {
          next(i, j) = i == j && is_one(K(j, j)) ? K(j, j) : c * next(i, j);
        } else {
          // K_ij + (c_res/H)(b_i μ_j + b_j μ_i) + (c_res/H)² E σ(u) σ(v)
          next(i, j) =
              K(i, j) + ratio * (b[i] * at[j].mean() + b[j] * at[i].mean()) + square(ratio) * next(i, j);
        }
      }
    }
    for (long i = 0; i < n; ++i) b[i] = h == 1 ? root * at[i].mean() : b[i] + ratio * at[i].mean();
    K = std::move(next);
  }
  return last_layer(dual, K, square(ratio));
}

SymmetricIntervals population_gram_two_layer_relu(const SymmetricIntervals& inner) {
  SymmetricIntervals out(inner.size());
  for (long j = 0; j < inner.size(); ++j) {
    for (long i = 0; i <= j; ++i) {
      const int p = inner(i, j).precision();
      const Interval pi = Interval::pi(p), two = Interval::integer(2, p);
      if (i == j) {
        out(i, j) = inner(i, j) / two;  // ρ = 1
      } else {
        const Interval rho = correlation(inner(i, i), inner(i, j), inner(j, j));
        out(i, j) = inner(i, j) * (pi - acos(rho)) / (two * pi);
      }
    }
  }
  return out;
}

}  // namespace overproof
