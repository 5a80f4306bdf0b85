#include <benchmark/benchmark.h>

#include "verify/eigenvalues.h"
#include "verify/norms.h"
#include "verify/pass.h"

// What a recorded step costs, as a multiple of the trainer's forward-backward pass at the same size (counter
// `passes`), and how sharp λ_min of the full NTK comes out (counter `relative_width`).

namespace {

using namespace overproof;

struct Setup {
  Architecture net;
  Parameters weights;
  WeightNorms norms;
  Inputs inputs;
  Matrix X;
  Kernels kernels;
};

/// Sizes m, H, n.
Setup make(const benchmark::State& state) {
  const Index m = state.range(0), H = state.range(1), n = state.range(2), d = 20;
  Setup setup{fully_connected(d, m, H, Activation::tanh),    {}, {},
              {Ball{}, SymmetricIntervals(0), false, 0, {}}, {}, {}};
  setup.weights = initial_parameters(setup.net, 1);
  for (const Matrix& W : setup.weights)
    setup.norms.push_back(factor_norms(W, Up(enclose_spectral_norm(W).upper())));
  const Dataset data{Matrix::Random(d, n), Vector::Zero(n), true};
  setup.inputs = enclose_inputs(data);
  setup.X = network_inputs(data);
  setup.kernels = kernels_of(setup.net.activation);
  return setup;
}

void trainer_pass(const Setup& s) {
  const Forward pass = forward(s.net, s.weights, s.X);
  benchmark::DoNotOptimize(gradient(s.net, s.weights, pass, Vector::Ones(s.X.cols())));
}

double seconds_of(const auto& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void recorded_step(benchmark::State& state) {
  const Setup s = make(state);
  double passes = 0, width = 0;
  for (auto _ : state) {
    const double reference = seconds_of([&] { trainer_pass(s); });
    const double enclosed = seconds_of([&] {
      const ForwardBalls pass = enclose_forward(s.net, s.kernels, s.weights, s.norms, s.inputs.x);
      const std::vector<Ball> backward = enclose_backward(s.net, s.kernels, s.weights, s.norms, pass);
      std::vector<SymmetricBall> grams = enclose_grams(s.net, pass, backward);
      SymmetricBall ntk = zero_ball(s.X.cols());
      for (const SymmetricBall& G : grams) ntk = ntk + G;
      const Interval smallest = enclose_eigenvalues(ntk).smallest;
      width = smallest.width() / smallest.mid();
      const Vector residual = Vector::Ones(s.X.cols());
      const std::vector<Up> exact(static_cast<std::size_t>(s.X.cols()));
      for (Index h = 1; h <= s.net.depth() + 1; ++h) {
        benchmark::DoNotOptimize(enclose_gradient(s.net, pass, backward, residual, exact, h));
      }
      benchmark::DoNotOptimize(enclose_forward(s.net, s.kernels, s.weights, s.norms, s.inputs.x));
    });
    passes = enclosed / reference;
  }
  state.counters["passes"] = passes;
  state.counters["relative_width"] = width;
}

void spectral_norm(benchmark::State& state) {
  const Matrix W = initial_parameters(fully_connected(4, state.range(0), 2, Activation::tanh), 1)[1];
  for (auto _ : state) benchmark::DoNotOptimize(enclose_spectral_norm(W));
}

BENCHMARK(recorded_step)
    ->Args({512, 3, 50})
    ->Args({1000, 12, 50})
    ->Args({2048, 4, 200})
    ->Unit(benchmark::kMillisecond)
    ->Iterations(3);
BENCHMARK(spectral_norm)->Arg(512)->Arg(1024)->Arg(2048)->Unit(benchmark::kMillisecond)->Iterations(1);

}  // namespace
