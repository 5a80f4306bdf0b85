#include "cli/numbers.h"

#include <fmt/format.h>

#include <cmath>

#include "files/file.h"
#include "files/npy.h"
#include "trainer/csv.h"
#include "trainer/run_files.h"

namespace overproof {

Matrix load_matrix(const std::filesystem::path& path) {
  const std::string file = path.string(), bytes = read_file(path);
  Matrix A;
  if (path.extension() == ".npy") {
    const Tensor tensor = parse_npy(bytes, file);
    if (tensor.shape.size() != 2)
      throw InputError(
          fmt::format("{}: an array with {} axes, allowed: a matrix", file, tensor.shape.size()));
    A = matrix_of(tensor);
  } else if (path.extension() == ".csv") {
    A = parse_csv(bytes, false, file).values;
  } else {
    throw InputError(fmt::format("{}: allowed: a file *.npy or *.csv", file));
  }
  if (A.size() == 0) throw InputError(file + ": the matrix is empty");
  return A;
}

std::string method_text(const DecidedEnd& end) {
  switch (end.enclosure.method) {
    case EigenMethod::none:
      return "none";
    case EigenMethod::factor:
      return "Cholesky factor, double precision";
    case EigenMethod::deflation:
      return fmt::format("deflation of {} vector{}, double precision", end.enclosure.deflated,
                         end.enclosure.deflated == 1 ? "" : "s");
    case EigenMethod::null_vector:
      return "null vector, exactly";
    case EigenMethod::precise:
      break;
  }
  return fmt::format("Cholesky factor, {} bits", end.precision);
}

int settled_digits(const Interval& x) {
  const double width = relative_width(x) * (1.0 + 1e-12);  // log10 is rounded
  return width < 1.0 ? static_cast<int>(-std::log10(std::max(width, 1e-300))) : 0;
}

Json ends_json(const Interval& x) {
  const int digits = std::max(20, settled_digits(x) + 3);
  return {x.lower_text(digits), x.upper_text(digits)};
}

}  // namespace overproof
