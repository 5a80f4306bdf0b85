#include "bounds/population_gram.h"

#include "bounds/dual_activation.h"
#include "bounds/parallel.h"
#include "bounds/variance_classes.h"
#include "files/error.h"

namespace overproof {

namespace {

/// entry(i, j) for all i <= j, the columns shared out to the threads.
template <class Entry>
SymmetricIntervals symmetric(long n, int threads, Entry entry) {
  SymmetricIntervals out(n);
  parallel_for(n, threads, [&](int, long k) {
    const long j = n - 1 - k;  // long columns first
    for (long i = 0; i <= j; ++i) out(i, j) = entry(i, j);
  });
  return out;
}

std::vector<Interval> diagonal(const SymmetricIntervals& K) {
  std::vector<Interval> out;
  for (long i = 0; i < K.size(); ++i) out.push_back(K(i, i));
  return out;
}

/// The matrices scale E_K[f(u_i) f(u_j)] of one net, layer by layer.
class Layers {
 public:
  Layers(const ActivationRow& row, const GramOptions& options)
      : dual_(row, options.precision, options.cache), threads_(options.threads) {}

  SymmetricIntervals at_precision(const SymmetricIntervals& inner) const {
    return symmetric(inner.size(), threads_,
                     [&](long i, long j) { return inner(i, j).with_precision(dual_.precision()); });
  }
  VarianceClasses factors(Part part, const Interval& scale, const SymmetricIntervals& K,
                          VarianceClasses previous = {}) const {
    return {dual_, part, scale, diagonal(K), threads_, std::move(previous)};
  }
  /// scale E[f(u_i) f(u_j)], and combine(i, j, that).
  template <class Combine>
  SymmetricIntervals products(Part part, const VarianceClasses& at, const SymmetricIntervals& K,
                              Combine combine) const {
    return symmetric(K.size(), threads_, [&](long i, long j) {
      const MehlerFactor &u = at[static_cast<std::size_t>(i)], &v = at[static_cast<std::size_t>(j)];
      return combine(i, j, i == j ? u.mean_square() : dual_.product(part, u, v, K(i, j)));
    });
  }
  /// K^(H)_ij = scale K^(H−1)_ij E_{K^(H−1)}[σ'(u) σ'(v)].
  SymmetricIntervals last(const SymmetricIntervals& K, const Interval& scale) const {
    return products(Part::derivative, factors(Part::derivative, scale, K), K,
                    [&](long i, long j, Interval product) { return std::move(product *= K(i, j)); });
  }

 private:
  DualActivation dual_;
  int threads_;
};

bool is_one(const Interval& x) { return x.is_integer_point() && x.to_integer() == 1; }

void require_depth(const char* net, int depth, int least) {
  if (depth >= least) return;
  throw InputError(std::string("population Gram matrix, ") + net + ": depth " + std::to_string(depth) +
                   ", allowed: " + std::to_string(least) + " or more");
}

}  // namespace

SymmetricIntervals population_gram_fc(const SymmetricIntervals& inner, int depth, const ActivationRow& row,
                                      const GramOptions& options) {
  require_depth("fully connected", depth, 1);
  const Interval c = c_sigma(row, options.precision);
  const Layers layers(row, options);
  SymmetricIntervals K = layers.at_precision(inner);
  VarianceClasses at;
  for (int h = 1; h < depth; ++h) {
    at = layers.factors(Part::value, c, K, std::move(at));
    K = layers.products(Part::value, at, K, [&](long i, long j, Interval product) {
      return i == j && is_one(K(j, j)) ? K(j, j) : std::move(product);  // c_σ E σ(z)² = 1
    });
  }
  return layers.last(K, c);
}

SymmetricIntervals population_gram_resnet(const SymmetricIntervals& inner, int depth, const Interval& c_res,
                                          const ActivationRow& row, const GramOptions& options) {
  require_depth("ResNet", depth, 2);
  if (!(c_res.lower() > 0)) {
    throw InputError("population Gram matrix, ResNet: c_res = " + c_res.text() + ", allowed: positive");
  }
  const Interval c = c_sigma(row, options.precision),
                 ratio = c_res.with_precision(options.precision) / Interval::integer(depth);
  const auto n = static_cast<std::size_t>(inner.size());
  const Layers layers(row, options);
  SymmetricIntervals K = layers.at_precision(inner);
  VarianceClasses at = layers.factors(Part::value, c, K);
  K = layers.products(Part::value, at, K, [&](long i, long j, Interval product) {
    return i == j && is_one(K(j, j)) ? K(j, j) : std::move(product);
  });
  std::vector<Interval> b(n), cross(n);
  for (std::size_t i = 0; i < n; ++i) b[i] = at[i].mean();
  for (int h = 2; h < depth; ++h) {
    at = layers.factors(Part::value, square(ratio), K);  // its mean is (c_res/H) μ
    for (std::size_t i = 0; i < n; ++i) cross[i] = Interval::integer(2) * b[i] * at[i].mean();
    // K_ij + (c_res/H)(b_i μ_j + b_j μ_i) + (c_res/H)² E σ(u) σ(v)
    K = layers.products(Part::value, at, K, [&](long row_index, long column, Interval product) {
      const auto i = static_cast<std::size_t>(row_index), j = static_cast<std::size_t>(column);
      product += K(row_index, column);
      if (at.which(i) == at.which(j) && same_ends(b[i], b[j])) return std::move(product += cross[i]);
      return std::move(product += b[i] * at[j].mean() + b[j] * at[i].mean());
    });
    for (std::size_t i = 0; i < n; ++i) b[i] += at[i].mean();
  }
  return layers.last(K, square(ratio));
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
