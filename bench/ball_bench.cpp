#include <benchmark/benchmark.h>

#include <cmath>

#include "bench/matrices.h"
#include "bench/measure.h"
#include "verify/ball.h"

// What rigour costs beside plain floating point, both timed in turns in the same run (the least time of each
// counts). `ratio` of a product: to one dgemm of the same size; of an activation: to the function of the C
// library, `ns` an entry.

namespace {

using namespace overproof;

void with_radius(Ball& x, double relative) {
  for (Index i = 0; i < x.columns(); ++i) x.set_radii(i, Up(relative * x.mid.col(i).norm()), Up(relative));
}

enum class Factors { exact, wide, two_balls };

/// W x with an exact W and x of radius 0 (three products), x of relative radius 1e-8 (one product), or balls
/// on both sides (three products).
void product(benchmark::State& state, Side side, Factors factors) {
  const Index m = state.range(0), n = state.range(1);
  const Matrix W = gaussian(m, m, 1);
  const FactorNorms norms = factor_norms(W, Up(2.0 * std::sqrt(static_cast<double>(m)) + 10.0));
  Ball x = Ball::exactly(gaussian(m, n, 2)), A = Ball::exactly(factors == Factors::two_balls ? W : Matrix());
  if (factors == Factors::wide) with_radius(x, 1e-8);
  with_radius(A, 1e-25);
  Matrix plain(m, n);
  Least least;
  const auto enclose = [&](const auto& left) {
    benchmark::DoNotOptimize(side == Side::plain ? multiply(left, norms, x)
                                                 : multiply_transposed(left, norms, x));
  };
  for (auto _ : state) {
    least.time([&] { factors == Factors::two_balls ? enclose(A) : enclose(W); },
               [&] {
                 if (side == Side::plain)
                   plain.noalias() = W * x.mid;
                 else
                   plain.noalias() = W.transpose() * x.mid;
                 benchmark::DoNotOptimize(plain.data());
               });
  }
  state.counters["ratio"] = least.rigorous / least.plain;
  state.counters["gflops"] = 2e-9 * static_cast<double>(m * m * n) / least.plain;
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"m", "n"})->Unit(benchmark::kMillisecond);
  benchmark->Args({1024, 256})->Args({4096, 256})->Args({4096, 4096})->MinTime(3.0);
}

BENCHMARK_CAPTURE(product, exact, Side::plain, Factors::exact)->Apply(sizes);
BENCHMARK_CAPTURE(product, exact_transposed, Side::transposed, Factors::exact)->Apply(sizes);
BENCHMARK_CAPTURE(product, wide, Side::plain, Factors::wide)->Apply(sizes);
BENCHMARK_CAPTURE(product, two_balls, Side::plain, Factors::two_balls)->Apply(sizes);

enum class Work { value, derivative };

void activation(benchmark::State& state, const char* id, Work work, double (*plain)(double)) {
  constexpr Index m = 1024, n = 64;
  const ActivationKernel kernel(activation_row(id), work == Work::value ? 0 : 1);
  const Ball z = Ball::exactly(gaussian(m, n, 3)), g = Ball::exactly(gaussian(m, n, 4));
  Matrix values(m, n);
  Least least;
  for (auto _ : state) {
    least.time(
        [&] {
          benchmark::DoNotOptimize(work == Work::value ? activate(kernel, 0.5, z)
                                                       : multiply_derivative(kernel, 0.5, z, g));
        },
        [&] {
          for (Index e = 0; e < values.size(); ++e) values.data()[e] = 0.5 * plain(z.mid.data()[e]);
          benchmark::DoNotOptimize(values.data());
        });
  }
  state.counters["ratio"] = least.rigorous / least.plain;
  state.counters["ns"] = 1e9 * least.rigorous / static_cast<double>(m * n);
  state.counters["plain_ns"] = 1e9 * least.plain / static_cast<double>(m * n);
}

double sigmoid(double z) { return 1.0 / (1.0 + std::exp(-z)); }
double tanh_slope(double z) { return 1.0 - std::tanh(z) * std::tanh(z); }
double gelu(double z) { return 0.5 * z * std::erfc(-z * std::sqrt(0.5)); }

BENCHMARK_CAPTURE(activation, tanh, "tanh", Work::value, [](double z) { return std::tanh(z); });
BENCHMARK_CAPTURE(activation, sigmoid, "sigmoid", Work::value, sigmoid);
BENCHMARK_CAPTURE(activation, softplus, "softplus", Work::value,
                  [](double z) { return std::log1p(std::exp(z)); });
BENCHMARK_CAPTURE(activation, gelu, "gelu", Work::value, gelu);
BENCHMARK_CAPTURE(activation, tanh_derivative, "tanh", Work::derivative, tanh_slope);

}  // namespace
