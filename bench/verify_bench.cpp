#include <benchmark/benchmark.h>

#include "bench/measure.h"
#include "verify/eigenvalues.h"
#include "verify/norms.h"
#include "verify/pass.h"

// What a recorded step costs beside the trainer: its forward-backward pass at the same size is the unit.
// `passes` is the median cost of enclosing both iterates of a pair forward, and one of them backward, with
// all Gram matrices and gradients; `eigenvalues` that of the two ends of the full Gram matrix, O(n³);
// `relative_width` is the width of its least eigenvalue.

namespace {

using namespace overproof;

struct Setup {
  Architecture net;
  Parameters weights;
  WeightNorms norms;
  Inputs inputs;
  Matrix X;
  const Kernels& kernels;
};

/// Gaussian inputs on the sphere in R^20, weights at initialisation.
Setup make(Index m, Index H, Index n, Activation activation) {
  constexpr Index d = 20;
  Setup setup{fully_connected(d, m, H, activation),          {}, {},
              {Ball{}, SymmetricIntervals(0), false, 0, {}}, {}, kernels_of(activation)};
  setup.weights = initial_parameters(setup.net, 1);
  for (const Matrix& W : setup.weights)
    setup.norms.push_back(factor_norms(W, Up(enclose_spectral_norm(W).upper())));
  const Dataset data{initial_parameters(fully_connected(n, d, 1, activation), 2).front(), Vector::Zero(n),
                     true};
  setup.inputs = enclose_inputs(data);
  setup.X = network_inputs(data);
  return setup;
}

void trainer_pass(const Setup& s) {
  const Forward pass = forward(s.net, s.weights, s.X);
  benchmark::DoNotOptimize(gradient(s.net, s.weights, pass, Vector::Ones(s.X.cols())));
}

void recorded_step(benchmark::State& state, Activation activation) {
  const Setup s = make(state.range(0), state.range(1), state.range(2), activation);
  const Vector residual = Vector::Ones(s.X.cols());
  const std::vector<Up> exact(static_cast<std::size_t>(s.X.cols()));
  std::vector<double> passes, eigenvalues;
  Interval smallest;
  for (auto _ : state) {
    const double unit = seconds_of([&] { trainer_pass(s); });
    SymmetricBall ntk = zero_ball(s.X.cols());
    passes.push_back(
        seconds_of([&] {
          const ForwardBalls pass = enclose_forward(s.net, s.kernels, s.weights, s.norms, s.inputs.x);
          const std::vector<Ball> backward =
              enclose_backward(s.net, s.kernels, s.weights, s.norms, pass).delta;
          for (const SymmetricBall& G : enclose_grams(s.net, pass, backward)) ntk = ntk + G;
          for (Index h = 1; h <= s.net.depth() + 1; ++h)
            benchmark::DoNotOptimize(enclose_gradient(s.net, pass, backward, residual, exact, h));
          benchmark::DoNotOptimize(enclose_forward(s.net, s.kernels, s.weights, s.norms, s.inputs.x));
        }) /
        unit);
    eigenvalues.push_back(seconds_of([&] { smallest = enclose_eigenvalues(ntk).smallest; }) / unit);
  }
  state.counters["passes"] = median(passes);
  state.counters["eigenvalues"] = median(eigenvalues);
  state.counters["relative_width"] = smallest.width() / smallest.mid();
}

void spectral_norm(benchmark::State& state) {
  const Matrix W = initial_parameters(fully_connected(4, state.range(0), 2, Activation::tanh), 1)[1];
  for (auto _ : state) benchmark::DoNotOptimize(enclose_spectral_norm(W));
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"m", "H", "n"})->Unit(benchmark::kMillisecond)->Iterations(5);
  for (const auto& size : {std::vector<std::int64_t>{512, 3, 50}, {1000, 12, 50}, {2048, 4, 200}})
    benchmark->Args(size);
}

BENCHMARK_CAPTURE(recorded_step, tanh, Activation::tanh)->Apply(sizes);
BENCHMARK_CAPTURE(recorded_step, softplus, Activation::softplus)->Apply(sizes);
BENCHMARK_CAPTURE(recorded_step, gelu, Activation::gelu)->Apply(sizes);
BENCHMARK(spectral_norm)->Arg(512)->Arg(1024)->Arg(2048)->Unit(benchmark::kMillisecond)->Iterations(1);

}  // namespace
