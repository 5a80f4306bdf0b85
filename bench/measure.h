#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

namespace overproof {

/// Wall-clock time.
double seconds_of(const auto& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

inline double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

/// The least times of the rigorous and of the plain computation, taken in turns.
struct Least {
  double rigorous = INFINITY, plain = INFINITY;
  void time(const auto& enclose, const auto& compute) {
    plain = std::min(plain, seconds_of(compute));
    rigorous = std::min(rigorous, seconds_of(enclose));
  }
};

/// Linux counts the peak of the resident memory from here on.
inline void restart_peak_memory() { std::ofstream("/proc/self/clear_refs") << "5"; }

/// The peak of the resident memory of this process in bytes, nan where the system does not tell.
inline double peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return 1024.0 * std::stod(line.substr(6));
  }
  return NAN;
}

/// Whether cases that take minutes are asked for.
inline bool large_cases() { return std::getenv("OVERPROOF_BENCH_LARGE") != nullptr; }

}  // namespace overproof
