#include <array>
#include <vector>

#include "bounds/dual_activation.h"
#include "bounds/population_gram.h"
#include "files/error.h"
#include "tests/catch.h"

using namespace overproof;

namespace {

bool meets(const Interval& a, const Interval& b) { return possibly_le(a, b) && possibly_le(b, a); }

/// x[i][l] is pixel l of sample i, a vector of channels.
using Images = std::vector<std::vector<std::vector<long long>>>;

/// Definition 7.1 word for word, with all p × p blocks: entries (i, l), (j, r), patches by padding with
/// zeros.
class WholeDefinition {
 public:
  WholeDefinition(const Images& x, const PixelPatches& patches, const ActivationRow& row)
      : n_(x.size()), p_(x.front().size()), patches_(patches), row_(row), dual_(row) {
    H_.assign(n_ * p_, std::vector<Interval>(n_ * p_));
    for (std::size_t a = 0; a < n_ * p_; ++a) {
      for (std::size_t b = 0; b < n_ * p_; ++b) {
        long long sum = 0;
        for (std::size_t c = 0; c < x[0][0].size(); ++c) sum += x[a / p_][a % p_][c] * x[b / p_][b % p_][c];
        H_[a][b] = Interval::rational(sum, 10);
      }
    }
  }
  SymmetricIntervals gram(int depth, const Interval& c_res) {
    const Interval c = c_sigma(row_), ratio = c_res / Interval::integer(depth);
    std::vector<std::vector<Interval>> P = patch_gram(), E = expectations(Part::value, P);
    std::vector<Interval> b;
    for (std::size_t u = 0; u < n_ * p_; ++u) {
      for (std::size_t v = 0; v < n_ * p_; ++v) H_[u][v] = c * E[u][v];
      b.push_back(sqrt(c) * gaussian_mean(row_, Part::value, P[u][u]));
    }
    for (int h = 2; h < depth; ++h) {
      P = patch_gram(), E = expectations(Part::value, P);
      std::vector<Interval> mean;
      for (std::size_t u = 0; u < n_ * p_; ++u) mean.push_back(gaussian_mean(row_, Part::value, P[u][u]));
      for (std::size_t u = 0; u < n_ * p_; ++u) {
        for (std::size_t v = 0; v < n_ * p_; ++v)
          H_[u][v] += ratio * (b[u] * mean[v] + mean[u] * b[v]) + square(ratio) * E[u][v];
      }
      for (std::size_t u = 0; u < n_ * p_; ++u) b[u] += ratio * mean[u];
    }
    P = patch_gram(), E = expectations(Part::derivative, P);
    SymmetricIntervals K(static_cast<long>(n_));
    for (std::size_t i = 0; i < n_; ++i) {
      for (std::size_t j = i; j < n_; ++j) {
        Interval trace = Interval::integer(0);
        for (std::size_t l = 0; l < p_; ++l) trace += P[i * p_ + l][j * p_ + l] * E[i * p_ + l][j * p_ + l];
        K(static_cast<long>(i), static_cast<long>(j)) = square(ratio) * trace;
      }
    }
    return K;
  }

 private:
  /// The pixel l + t, p for the padding.
  std::size_t shifted(std::size_t l, long down, long right) const {
    const long y = static_cast<long>(l) / patches_.width + down,
               x = static_cast<long>(l) % patches_.width + right;
    if (y < 0 || x < 0 || y >= patches_.height || x >= patches_.width) return p_;
    return static_cast<std::size_t>(y * patches_.width + x);
  }
  std::vector<std::vector<Interval>> patch_gram() const {
    std::vector<std::vector<Interval>> P(n_ * p_, std::vector<Interval>(n_ * p_, Interval::integer(0)));
    for (std::size_t a = 0; a < n_ * p_; ++a) {
      for (std::size_t b = 0; b < n_ * p_; ++b) {
        for (long down = -(patches_.patch_height / 2); down <= patches_.patch_height / 2; ++down) {
          for (long right = -(patches_.patch_width / 2); right <= patches_.patch_width / 2; ++right) {
            const std::size_t l = shifted(a % p_, down, right), r = shifted(b % p_, down, right);
            if (l < p_ && r < p_) P[a][b] += H_[a / p_ * p_ + l][b / p_ * p_ + r];
          }
        }
      }
    }
    return P;
  }
  std::vector<std::vector<Interval>> expectations(Part part,
                                                  const std::vector<std::vector<Interval>>& P) const {
    std::vector<MehlerFactor> factors;
    for (std::size_t a = 0; a < n_ * p_; ++a) factors.push_back(dual_.factor(part, P[a][a]));
    std::vector<std::vector<Interval>> E(n_ * p_, std::vector<Interval>(n_ * p_));
    for (std::size_t a = 0; a < n_ * p_; ++a) {
      for (std::size_t b = 0; b < n_ * p_; ++b)
        E[a][b] = a == b ? factors[a].mean_square() : dual_.product(part, factors[a], factors[b], P[a][b]);
    }
    return E;
  }

  std::size_t n_, p_;
  PixelPatches patches_;
  const ActivationRow& row_;
  DualActivation dual_;
  std::vector<std::vector<Interval>> H_;
};

std::vector<SymmetricIntervals> pixel_grams(const Images& x) {
  std::vector<SymmetricIntervals> out;
  for (std::size_t l = 0; l < x.front().size(); ++l) {
    SymmetricIntervals& pixel = out.emplace_back(static_cast<long>(x.size()));
    for (std::size_t i = 0; i < x.size(); ++i) {
      for (std::size_t j = i; j < x.size(); ++j) {
        long long sum = 0;
        for (std::size_t c = 0; c < x[0][0].size(); ++c) sum += x[i][l][c] * x[j][l][c];
        pixel(static_cast<long>(i), static_cast<long>(j)) = Interval::rational(sum, 10);
      }
    }
  }
  return out;
}

const Interval half = Interval::rational(1, 2);

}  // namespace

TEST_CASE("convolutional ResNets follow the definition with all pixel pairs, in one dimension and in two") {
  const Images row_of_three = {{{1, 0}, {2, 1}, {0, 1}}, {{1, 1}, {-1, 2}, {1, 0}}};
  const Images square_of_four = {{{1, 2}, {2, 1}, {0, 1}, {1, 0}}, {{2, 0}, {1, -1}, {1, 1}, {0, 2}}};
  struct Case {
    const char* id;
    const Images* images;
    PixelPatches patches;
    int depth;
  };
  const Case cases[] = {
      {"softplus", &row_of_three, {1, 3, 1, 3}, 3}, {"erf", &row_of_three, {1, 3, 1, 3}, 4},
      {"erf", &row_of_three, {3, 1, 3, 1}, 3},      {"erf", &row_of_three, {1, 3, 1, 1}, 3},
      {"erf", &square_of_four, {2, 2, 3, 3}, 4},    {"relu", &square_of_four, {2, 2, 3, 1}, 3},
      {"erf", &square_of_four, {1, 4, 1, 3}, 2}};
  for (const Case& c : cases) {
    INFO(c.id << " " << c.patches.height << "x" << c.patches.width << " H " << c.depth);
    const ActivationRow& row = activation_row(c.id);
    const SymmetricIntervals whole = WholeDefinition(*c.images, c.patches, row).gram(c.depth, half);
    const SymmetricIntervals K =
        population_gram_conv_resnet(pixel_grams(*c.images), c.patches, c.depth, half, row);
    for (long j = 0; j < 2; ++j) {
      for (long i = 0; i <= j; ++i) {
        INFO(K(i, j).text(20) << " " << whole(i, j).text(20));
        REQUIRE(meets(K(i, j), whole(i, j)));
        REQUIRE(K(i, j).width() < 1e-18);
      }
    }
  }
}

TEST_CASE("one pixel is the fully connected ResNet, and a patch wider than the image sees it all") {
  SymmetricIntervals inner(2);
  inner(0, 0) = Interval::integer(1), inner(0, 1) = half, inner(1, 1) = Interval::rational(3, 2);
  const ActivationRow& row = activation_row("erf");
  const SymmetricIntervals dense = population_gram_resnet(inner, 4, half, row),
                           conv = population_gram_conv_resnet({inner}, {1, 1, 5, 3}, 4, half, row);
  for (long j = 0; j < 2; ++j) {
    for (long i = 0; i <= j; ++i) REQUIRE(meets(dense(i, j), conv(i, j)));
  }
  // Two equal pixels and patches over both: every patch Gram matrix is twice the pixel's.
  SymmetricIntervals twice(2);
  for (long j = 0; j < 2; ++j) {
    for (long i = 0; i <= j; ++i) twice(i, j) = Interval::integer(2) * inner(i, j);
  }
  const SymmetricIntervals both = population_gram_conv_resnet({inner, inner}, {1, 2, 1, 3}, 2, half, row),
                           alone = population_gram_conv_resnet({twice, twice}, {1, 2, 1, 1}, 2, half, row);
  // H = 2: K^(2) takes P^(1) = 2 H^(1) in one and H^(1) in the other.
  REQUIRE(certainly_lt(alone(0, 1), both(0, 1)));
}

TEST_CASE("wide pixels contain narrow ones, a nan spoils its own samples only") {
  const Images images = {{{1, 0}, {2, 1}}, {{1, 1}, {-1, 2}}, {{2, 2}, {0, 1}}};
  const ActivationRow& row = activation_row("erf");
  const PixelPatches patches{1, 2, 1, 3};
  std::vector<SymmetricIntervals> pixels = pixel_grams(images);
  const SymmetricIntervals sharp = population_gram_conv_resnet(pixels, patches, 3, half, row);
  const Interval blur = Interval::between(-1e-12, 1e-12);
  for (SymmetricIntervals& pixel : pixels) {
    for (long j = 0; j < 3; ++j) {
      for (long i = 0; i <= j; ++i) pixel(i, j) += blur;
    }
  }
  const SymmetricIntervals wide = population_gram_conv_resnet(pixels, patches, 3, half, row);
  for (long j = 0; j < 3; ++j) {
    for (long i = 0; i <= j; ++i) {
      REQUIRE(wide(i, j).contains(sharp(i, j)));
      REQUIRE(wide(i, j).width() < 1e-10);
    }
  }
  pixels[1](0, 2) = Interval::nan();
  const SymmetricIntervals spoiled = population_gram_conv_resnet(pixels, patches, 3, half, row);
  REQUIRE(spoiled(0, 2).is_nan());
  REQUIRE((spoiled(0, 1).is_bounded() && spoiled(2, 2).is_bounded()));
}

TEST_CASE("images that do not fit are refused") {
  const SymmetricIntervals two(2), three(3);
  const ActivationRow& row = activation_row("erf");
  const auto gram = [&](const std::vector<SymmetricIntervals>& pixels, const PixelPatches& patches,
                        int depth) { return population_gram_conv_resnet(pixels, patches, depth, half, row); };
  REQUIRE_THROWS_AS(gram({}, {}, 2), InputError);
  REQUIRE_THROWS_AS(gram({two, two}, {}, 2), InputError);
  REQUIRE_THROWS_AS(gram({two, three}, {1, 2, 1, 3}, 2), InputError);
  REQUIRE_THROWS_AS(gram({two, two}, {1, 2, 1, 2}, 2), InputError);
  REQUIRE_THROWS_AS(gram({two, two}, {1, 2, 1, -1}, 2), InputError);
  REQUIRE_THROWS_AS(gram({two, two}, {-1, -2, 1, 1}, 2), InputError);
  REQUIRE_THROWS_AS(gram({two, two}, {1, 2, 1, 3}, 1), InputError);
}

TEST_CASE("images with many different patches follow the definition, with the same numbers for any threads") {
  Images images(3, std::vector<std::vector<long long>>(9));
  for (long long i = 0; i < 3; ++i) {
    for (long long l = 0; l < 9; ++l)
      images[static_cast<std::size_t>(i)][static_cast<std::size_t>(l)] = {1 + (5 * i + 7 * l) % 3,
                                                                          (i + 2 * l) % 2};
  }
  const PixelPatches patches{3, 3, 1, 3};
  const ActivationRow& row = activation_row("softplus");
  std::vector<SymmetricIntervals> pixels = pixel_grams(images);
  const Interval tenth = Interval::rational(1, 10);
  for (SymmetricIntervals& pixel : pixels) {
    for (long j = 0; j < 3; ++j) {
      for (long i = 0; i <= j; ++i) pixel(i, j) *= tenth;
    }
  }
  const SymmetricIntervals K = population_gram_conv_resnet(pixels, patches, 3, half, row, {.threads = 1}),
                           finer =
                               population_gram_conv_resnet(pixels, patches, 3, half, row, {.precision = 160});
  for (const int threads : {2, 8}) {
    const SymmetricIntervals again =
        population_gram_conv_resnet(pixels, patches, 3, half, row, {.threads = threads});
    for (long j = 0; j < 3; ++j) {
      for (long i = 0; i <= j; ++i) REQUIRE(same_ends(K(i, j), again(i, j)));
    }
  }
  for (long j = 0; j < 3; ++j) {
    for (long i = 0; i <= j; ++i) {
      INFO(K(i, j).text(20) << " " << finer(i, j).text(30));
      REQUIRE(K(i, j).contains(finer(i, j)));
      REQUIRE(K(i, j).width() < 1e-17);
      REQUIRE(finer(i, j).width() < 1e-26);
    }
  }
}
