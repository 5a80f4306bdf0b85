#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>

#include "files/file.h"
#include "trainer/idx.h"
#include "trainer/network.h"
#include "trainer/random.h"

namespace overproof {

// The matrices that the benchmarks share, the same in every run.

/// Entries N(0, 1).
inline Matrix gaussian(Index rows, Index columns, std::uint64_t seed) {
  return initial_parameters(fully_connected(columns, rows, 1, Activation::tanh), seed).front();
}

inline constexpr Index image_side = 28, pixels = image_side * image_side;

/// The distance of the point p to the segment from a to b.
inline double distance(Eigen::Vector2d p, Eigen::Vector2d a, Eigen::Vector2d b) {
  const double t = std::clamp((p - a).dot(b - a) / (b - a).squaredNorm(), 0.0, 1.0);
  return (p - a - t * (b - a)).norm();
}

/// Images (784 × n) of the kind of MNIST: a stroke through five points, ten shapes in turn, each image with
/// points and width of its own; bytes 0..255.
inline Matrix stroke_images(Index n) {
  constexpr Index points = 5, shapes = 10;
  Matrix images(pixels, n);
  for (Index i = 0; i < n; ++i) {
    const std::vector<double> noise = gaussians({1, static_cast<std::uint32_t>(i)}, 2 * points + 1);
    Matrix stroke(2, points);
    for (Index e = 0; e < 2 * points; ++e) {
      const double centre =
          6.0 + 16.0 * uniform({2}, static_cast<std::uint64_t>(i % shapes * 2 * points + e));
      stroke.data()[e] = centre + 1.2 * noise[static_cast<std::size_t>(e)];
    }
    const double width = std::max(0.2, 1.0 + 0.2 * noise.back());
    for (Index e = 0; e < pixels; ++e) {
      const Eigen::Vector2d pixel(e / image_side, e % image_side);
      double near = INFINITY;
      for (Index k = 0; k + 1 < points; ++k)
        near = std::min(near, distance(pixel, stroke.col(k), stroke.col(k + 1)));
      images(e, i) = std::round(255.0 * std::exp(-0.5 * near * near / (width * width)));
    }
  }
  return images;
}

/// The first n images of the IDX file that OVERPROOF_MNIST names, else n images of strokes.
inline Matrix images(Index n) {
  const char* file = std::getenv("OVERPROOF_MNIST");
  if (!file) return stroke_images(n);
  const IdxArray all = parse_idx(read_file_or_gzip(file), 3, file);
  if (all.shape[0] < n) throw InputError(std::string(file) + ": has fewer images than asked for");
  using Bytes = Eigen::Matrix<std::uint8_t, Eigen::Dynamic, Eigen::Dynamic>;
  return Eigen::Map<const Bytes>(all.values.data(), all.shape[1] * all.shape[2], n).cast<double>();
}

/// H^∞ of the two-layer ReLU net [1901.08584, (3)] on n normalised images, rounded to doubles: x_i·x_j (π −
/// arccos x_i·x_j)/(2π).
inline Matrix image_kernel(Index n) {
  Matrix X = images(n);
  X.colwise().normalize();
  Matrix K = Matrix::Zero(n, n);
  K.selfadjointView<Eigen::Upper>().rankUpdate(X.transpose());
  for (Index j = 0; j < n; ++j) {
    for (Index i = 0; i <= j; ++i) {
      const double c = i == j ? 1.0 : std::clamp(K(i, j), -1.0, 1.0);
      K(i, j) = K(j, i) = c * (std::numbers::pi - std::acos(c)) / (2.0 * std::numbers::pi);
    }
  }
  return K;
}

}  // namespace overproof
