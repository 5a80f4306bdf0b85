#include <benchmark/benchmark.h>
#include <lapacke.h>

#include "bench/matrices.h"
#include "bench/measure.h"
#include "tests/verify/planted.h"
#include "verify/inputs.h"
#include "verify/precise_eigenvalues.h"

// What an enclosure of λ_min costs. Times are those of the enclosure alone, medians over turns.
// OVERPROOF_BENCH_LARGE=1 adds the cases that take minutes.

namespace {

using namespace overproof;

/// The relative width that every enclosure here must have.
constexpr double wanted = 1e-8;

void report_width(benchmark::State& state, const Interval& value) {
  const double width = relative_width(value);
  state.counters["width"] = width;
  if (!(width <= wanted)) state.SkipWithError("the enclosure is wider than 1e-8 of lambda_min");
}

/// λ_min of the kernel of n images in doubles, in turns with LAPACK's dpotrf and dsyevd (values only) on the
/// same matrix. `peak_n2`: the peak of the memory of the whole process, in units of n² doubles.
void lambda_min(benchmark::State& state) {
  const auto n = static_cast<lapack_int>(state.range(0));
  const Matrix K = image_kernel(n);
  std::vector<double> ours, dpotrf, dsyevd;
  Interval value;
  double peak = 0.0;
  for (auto _ : state) {
    restart_peak_memory();
    ours.push_back(seconds_of([&] { value = enclose_end(K, End::smallest).value; }));
    state.SetIterationTime(ours.back());
    peak = std::max(peak, peak_memory());
    Matrix copy = K;
    dpotrf.push_back(seconds_of([&] { LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'U', n, copy.data(), n); }));
    copy = K;
    Vector values(n);
    dsyevd.push_back(
        seconds_of([&] { LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'N', 'U', n, copy.data(), n, values.data()); }));
  }
  const double seconds = median(ours);
  state.counters["dpotrf_s"] = median(dpotrf);
  state.counters["dsyevd_s"] = median(dsyevd);
  state.counters["to_dpotrf"] = seconds / median(dpotrf);
  state.counters["to_dsyevd"] = seconds / median(dsyevd);
  state.counters["peak_n2"] = peak / (8.0 * static_cast<double>(n) * static_cast<double>(n));
  report_width(state, value);
}

void kernel_sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("n")->Unit(benchmark::kMillisecond)->UseManualTime()->Iterations(5);
  for (const std::int64_t n : {250, 500, 1000, 2000}) benchmark->Arg(n);
}
void large_kernel_sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("n")->Unit(benchmark::kMillisecond)->UseManualTime()->Iterations(1);
  benchmark->Arg(4000);
  if (large_cases()) benchmark->Arg(10000);
}

BENCHMARK(lambda_min)->Apply(kernel_sizes);
BENCHMARK(lambda_min)->Apply(large_kernel_sizes);

/// λ_min of a matrix known to any precision, up to the bits it takes: `bits`. `matrix` and `eigenvalue` are
/// the seconds that go into its entries and into its spectrum.
void precise(benchmark::State& state, const MatrixAtPrecision& matrix) {
  DecidedEnd end;
  double of_matrix = 0.0, all = 0.0;
  for (auto _ : state) {
    const auto timed = [&](int precision) {
      SymmetricIntervals K(0);
      of_matrix += seconds_of([&] { K = matrix(precision); });
      return K;
    };
    all += seconds_of([&] { end = enclose_end_of(timed, End::smallest, {.relative_width = wanted}); });
  }
  const auto turns = static_cast<double>(state.iterations());
  state.counters["matrix_s"] = of_matrix / turns;
  state.counters["eigenvalue_s"] = (all - of_matrix) / turns;
  state.counters["bits"] = end.precision;
  report_width(state, end.enclosure.value);
}

void hilbert_matrix(benchmark::State& state) {
  precise(state, [n = state.range(0)](int precision) { return hilbert(n, precision); });
}
BENCHMARK(hilbert_matrix)->ArgName("n")->Arg(30)->Arg(100)->Unit(benchmark::kMillisecond)->UseRealTime();

/// The Hilbert matrix rounded to doubles, which is indefinite: an exact matrix beyond double precision.
void rounded_hilbert_matrix(benchmark::State& state) {
  const Index n = state.range(0);
  const Matrix A =
      Matrix::NullaryExpr(n, n, [](Index i, Index j) { return 1.0 / static_cast<double>(i + j + 1); });
  DecidedEnd end;
  for (auto _ : state) end = enclose_end_exactly(A, End::smallest, {.relative_width = wanted});
  state.counters["bits"] = end.precision;
  report_width(state, end.enclosure.value);
}
BENCHMARK(rounded_hilbert_matrix)
    ->ArgName("n")
    ->Arg(30)
    ->Arg(100)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

/// λ_min(K^(H)) of n random inputs on the sphere in R^50, softplus.
enum class Net { fc, resnet };
void population_gram(benchmark::State& state, Net net) {
  const Index n = state.range(0);
  const auto depth = static_cast<int>(state.range(1));
  const Dataset data{gaussian(50, n, 1), Vector::Zero(n), true};
  const ActivationRow& row = activation_row("softplus");
  precise(state, [&](int precision) {
    const SymmetricIntervals inner = enclose_inner(data, precision);
    const GramOptions options{.precision = precision};
    return net == Net::fc ? population_gram_fc(inner, depth, row, options)
                          : population_gram_resnet(inner, depth, Interval::rational(1, 2), row, options);
  });
}

void gram_sizes(benchmark::internal::Benchmark* benchmark, const std::vector<std::int64_t>& large) {
  benchmark->ArgNames({"n", "H"})->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);
  benchmark->Args({100, 100});
  if (large_cases()) benchmark->Args(large);
}
BENCHMARK_CAPTURE(population_gram, fc, Net::fc)->Apply([](auto* benchmark) {
  gram_sizes(benchmark, {300, 100});
});
BENCHMARK_CAPTURE(population_gram, resnet, Net::resnet)->Apply([](auto* benchmark) {
  gram_sizes(benchmark, {1000, 200});
});

}  // namespace
