#include "bounds/population_gram.h"

#include <algorithm>

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

/// One Gram matrix of the samples for each pixel.
using PixelGrams = std::vector<SymmetricIntervals>;

/// The matrices scale E_K[f(u_i) f(u_j)] of one net, layer by layer.
class Layers {
 public:
  Layers(const ActivationRow& row, const GramOptions& options)
      : dual_(row, options.precision, options.cache), threads_(options.threads) {}

  [[nodiscard]] SymmetricIntervals at_precision(const SymmetricIntervals& inner) const {
    return symmetric(inner.size(), threads_,
                     [&](long i, long j) { return inner(i, j).with_precision(dual_.precision()); });
  }
  /// Of sample i at pixel l: number l n + i.
  [[nodiscard]] VarianceClasses factors(Part part, const Interval& scale, const PixelGrams& K,
                                        VarianceClasses previous = {}) {
    std::vector<Interval> variances;
    for (const SymmetricIntervals& pixel : K) {
      for (long i = 0; i < pixel.size(); ++i) variances.push_back(pixel(i, i));
    }
    return {dual_, part, scale, variances, threads_, std::move(previous), &series_};
  }
  /// combine(number of i, number of j, K_ij, scale E[f(u_i) f(u_j)]) at pixel l.
  template <class Combine>
  [[nodiscard]] SymmetricIntervals products(Part part, const VarianceClasses& at, const PixelGrams& K,
                                            std::size_t l, Combine combine) const {
    const SymmetricIntervals& pixel = K[l];
    const std::size_t first = l * static_cast<std::size_t>(pixel.size());
    return symmetric(pixel.size(), threads_, [&](long i, long j) {
      const std::size_t a = first + static_cast<std::size_t>(i), b = first + static_cast<std::size_t>(j);
      return combine(a, b, pixel(i, j),
                     i == j ? at[a].mean_square() : dual_.product(part, at[a], at[b], pixel(i, j)));
    });
  }
  /// P_l = Σ_t H_{l+t} over the shifts t of a patch that stay inside.
  [[nodiscard]] PixelGrams patch_grams(PixelGrams H, const PixelPatches& patches) const {
    if (patches.patch_height == 1 && patches.patch_width == 1) return H;
    const long up = patches.patch_height / 2, left = patches.patch_width / 2;
    PixelGrams P;
    for (long y = 0; y < patches.height; ++y) {
      for (long x = 0; x < patches.width; ++x) {
        P.push_back(symmetric(H.front().size(), threads_, [&](long i, long j) {
          Interval sum = Interval::integer(0, dual_.precision());
          for (long v = std::max(0L, y - up); v <= std::min(patches.height - 1, y + up); ++v) {
            for (long u = std::max(0L, x - left); u <= std::min(patches.width - 1, x + left); ++u)
              sum += H[static_cast<std::size_t>(v * patches.width + u)](i, j);
          }
          return sum;
        }));
      }
    }
    return P;
  }
  /// Σ_l scale P_l,ij E_{P_l}[σ'(u) σ'(v)].
  [[nodiscard]] SymmetricIntervals last(const PixelGrams& P, const Interval& scale) {
    const VarianceClasses at = factors(Part::derivative, scale, P);
    const auto entry = [](std::size_t, std::size_t, const Interval& covariance, Interval product) {
      return std::move(product *= covariance);
    };
    SymmetricIntervals sum = products(Part::derivative, at, P, 0, entry);
    for (std::size_t l = 1; l < P.size(); ++l) {
      const SymmetricIntervals more = products(Part::derivative, at, P, l, entry);
      sum = symmetric(sum.size(), threads_, [&](long i, long j) { return sum(i, j) + more(i, j); });
    }
    return sum;
  }

 private:
  DualActivation dual_;
  SharedSeries series_;
  int threads_;
};

bool is_one(const Interval& x) { return x.is_integer_point() && x.to_integer() == 1; }

void require_depth(const char* net, int depth, int least) {
  if (depth >= least) return;
  throw InputError(std::string("population Gram matrix, ") + net + ": depth " + std::to_string(depth) +
                   ", allowed: " + std::to_string(least) + " or more");
}

void require_pixels(const std::vector<SymmetricIntervals>& pixels, const PixelPatches& patches) {
  const auto is_odd = [](long size) { return size >= 1 && size % 2 == 1; };
  bool fits = patches.height >= 1 && patches.width >= 1 && is_odd(patches.patch_height) &&
              is_odd(patches.patch_width) &&
              pixels.size() == static_cast<std::size_t>(patches.height * patches.width);
  for (const SymmetricIntervals& pixel : pixels) fits = fits && pixel.size() == pixels.front().size();
  if (fits) return;
  throw InputError("population Gram matrix, convolutions: " + std::to_string(pixels.size()) + " pixels for " +
                   std::to_string(patches.height) + " x " + std::to_string(patches.width) + ", patches of " +
                   std::to_string(patches.patch_height) + " x " + std::to_string(patches.patch_width) +
                   ", allowed: a matrix of one size for each pixel, patches of odd sizes");
}

}  // namespace

std::vector<SymmetricIntervals> population_grams_fc(const SymmetricIntervals& inner,
                                                    const std::vector<int>& depths, const ActivationRow& row,
                                                    const GramOptions& options) {
  for (const int depth : depths) require_depth("fully connected", depth, 1);
  const Interval c = c_sigma(row, options.precision);
  Layers layers(row, options);
  PixelGrams K{layers.at_precision(inner)};
  VarianceClasses at;
  std::vector<SymmetricIntervals> grams(depths.size(), SymmetricIntervals(0));
  const int deepest = depths.empty() ? 0 : std::ranges::max(depths);
  for (int h = 1; h <= deepest; ++h) {
    SymmetricIntervals last(0);
    for (std::size_t i = 0; i < depths.size(); ++i) {
      if (depths[i] != h) continue;
      if (last.size() != inner.size()) last = layers.last(K, c);
      grams[i] = last;
    }
    if (h == deepest) break;
    at = layers.factors(Part::value, c, K, std::move(at));
    K[0] = layers.products(Part::value, at, K, 0,
                           [](std::size_t i, std::size_t j, const Interval& covariance, Interval product) {
                             // c_σ E σ(z)² = 1
                             return i == j && is_one(covariance) ? covariance : std::move(product);
                           });
  }
  return grams;
}

SymmetricIntervals population_gram_fc(const SymmetricIntervals& inner, int depth, const ActivationRow& row,
                                      const GramOptions& options) {
  return std::move(population_grams_fc(inner, {depth}, row, options).front());
}

SymmetricIntervals population_gram_resnet(const SymmetricIntervals& inner, int depth, const Interval& c_res,
                                          const ActivationRow& row, const GramOptions& options) {
  return population_gram_conv_resnet({inner}, {}, depth, c_res, row, options);
}

SymmetricIntervals population_gram_conv_resnet(const std::vector<SymmetricIntervals>& pixels,
                                               const PixelPatches& patches, int depth, const Interval& c_res,
                                               const ActivationRow& row, const GramOptions& options) {
  require_depth("ResNet", depth, 2);
  require_pixels(pixels, patches);
  if (!(c_res.lower() > 0)) {
    throw InputError("population Gram matrix, ResNet: c_res = " + c_res.text() + ", allowed: positive");
  }
  const Interval c = c_sigma(row, options.precision),
                 ratio = c_res.with_precision(options.precision) / Interval::integer(depth);
  Layers layers(row, options);
  PixelGrams H;
  for (const SymmetricIntervals& pixel : pixels) H.push_back(layers.at_precision(pixel));
  PixelGrams P = layers.patch_grams(H, patches);
  VarianceClasses at = layers.factors(Part::value, c, P);
  for (std::size_t l = 0; l < H.size(); ++l) {
    H[l] = layers.products(Part::value, at, P, l,
                           [](std::size_t i, std::size_t j, const Interval& covariance, Interval product) {
                             return i == j && is_one(covariance) ? covariance : std::move(product);
                           });
  }
  std::vector<Interval> b, cross;
  for (std::size_t i = 0; i < H.size() * static_cast<std::size_t>(H.front().size()); ++i)
    b.push_back(at[i].mean());
  for (int h = 2; h < depth; ++h) {
    P = layers.patch_grams(H, patches);
    at = layers.factors(Part::value, square(ratio), P);  // its mean is (c_res/H) μ
    cross.clear();
    for (std::size_t i = 0; i < b.size(); ++i) cross.push_back(Interval::integer(2) * b[i] * at[i].mean());
    for (std::size_t l = 0; l < H.size(); ++l) {
      const long first = static_cast<long>(l) * H[l].size();
      // H_ij + (c_res/H)(b_i μ_j + b_j μ_i) + (c_res/H)² E σ(u) σ(v)
      H[l] = layers.products(Part::value, at, P, l,
                             [&](std::size_t i, std::size_t j, const Interval&, Interval product) {
                               product += H[l](static_cast<long>(i) - first, static_cast<long>(j) - first);
                               if (at.which(i) == at.which(j) && same_ends(b[i], b[j])) {
                                 product += cross[i];
                               } else {
                                 product += b[i] * at[j].mean() + b[j] * at[i].mean();
                               }
                               return product;
                             });
    }
    for (std::size_t i = 0; i < b.size(); ++i) b[i] += at[i].mean();
  }
  return layers.last(layers.patch_grams(std::move(H), patches), square(ratio));
}

SymmetricIntervals population_gram_two_layer_relu(const SymmetricIntervals& inner, int threads) {
  return symmetric(inner.size(), threads, [&](long i, long j) {
    const int p = inner(i, j).precision();
    const Interval pi = Interval::pi(p), two = Interval::integer(2, p);
    if (i == j) return inner(i, j) / two;  // ρ = 1
    const Interval rho = correlation(inner(i, i), inner(i, j), inner(j, j));
    return inner(i, j) * (pi - acos(rho)) / (two * pi);
  });
}

}  // namespace overproof
