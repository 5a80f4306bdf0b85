#include <cmath>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>

#include "bench/matrices.h"
#include "bench/measure.h"
#include "bounds/gaussian.h"
#include "bounds/parallel.h"
#include "files/fields.h"
#include "tests/verify/planted.h"
#include "verify/machine.h"
#include "verify/precise_eigenvalues.h"

// overproof's side of the comparison with other programs (compare.py): holds a problem in memory and solves
// it once for each line of the standard input, answering with a line of JSON.

namespace {

using namespace overproof;

constexpr const char* usage =
    "usage: overproof_ours kernel N FILE.npy | hilbert N DIGITS | hermite K DIGITS\n";

/// Writes a symmetric matrix for NumPy.
void write_npy(const std::string& file, const Matrix& A) {
  std::string header = "{'descr': '<f8', 'fortran_order': True, 'shape': (" + std::to_string(A.rows()) +
                       ", " + std::to_string(A.cols()) + "), }";
  header.resize(128 - 10 - 1, ' ');
  std::ofstream out(file, std::ios::binary);
  out << "\x93NUMPY\x01" << '\0' << static_cast<char>(header.size() + 1) << '\0' << header << '\n';
  out.write(reinterpret_cast<const char*>(A.data()),
            static_cast<std::streamsize>(A.size()) * static_cast<std::streamsize>(sizeof(double)));
  if (!out.flush()) throw InputError(file + ": cannot be written");
}

/// Bits for so many decimal digits.
int bits_for(int digits) { return static_cast<int>(std::ceil(3.33 * digits)); }

/// A problem, and the digits its answer is printed with.
struct Problem {
  std::function<Interval()> solve;
  int digits = 20;
  Index n = 0;  ///< of a matrix of doubles
};

Problem problem(const std::string& kind, int size, const std::string& last) {
  if (kind == "kernel") {
    const auto K = std::make_shared<const Matrix>(image_kernel(size));
    write_npy(last, *K);
    return {[K] { return enclose_end(*K, End::smallest).value; }, 20, size};
  }
  const int digits = std::stoi(last);
  if (kind == "hilbert") {
    const EigenOptions to{.relative_width = std::pow(10.0, -digits), .precision_limit = 4096};
    const auto matrix = [size](int precision) { return hilbert(size, precision); };
    return {[=] { return enclose_end_of(matrix, End::smallest, to).enclosure.value; }, digits + 5};
  }
  if (kind == "hermite") {  // E softplus(z) h_K(z)
    const auto coefficient = [=] {
      GaussianQuadrature quadrature(bits_for(digits) + 28);
      return quadrature
          .expand(activation_row("softplus"), Part::value, Interval::integer(1), {.terms = size + 1})
          .coefficients.back();
    };
    return {coefficient, digits + 5};
  }
  throw InputError(usage);
}

int run(int argc, char** argv) {
  if (argc != 4) throw InputError(usage);
  check_floating_point();
  set_default_threads(1);  // of MPFR numbers, as in the peers; the threads of BLAS are OPENBLAS_NUM_THREADS
  const Problem asked = problem(argv[1], std::stoi(argv[2]), argv[3]);
  for (std::string line; std::getline(std::cin, line);) {
    Interval value;
    restart_peak_memory();
    const double seconds = seconds_of([&] { value = asked.solve(); });
    Json answer{{"seconds", seconds},
                {"lower", value.lower_text(asked.digits)},
                {"upper", value.upper_text(asked.digits)},
                {"width", relative_width(value)}};
    if (asked.n > 0) answer["n2"] = peak_memory() / (8.0 * std::pow(static_cast<double>(asked.n), 2));
    std::cout << answer.dump() << std::endl;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 2;
  }
}
