#include <iostream>

#include "bounds/theorem.h"
#include "recheck/recheck.h"
#include "verify/eigenvalues.h"
#include "verify/machine.h"

// Uses a statement of the embedded theorem files, an enclosure and the second opinion; exit code 0 when all
// are what they should be.
int main() {
  using namespace overproof;
  check_floating_point();
  const Theorem& theorem = find_theorem(load_theorems({}), "du2019.fc.thm5.1");
  Matrix A(2, 2);
  A << 2.0, 1.0, 1.0, 2.0;
  const Interval smallest = enclose_eigenvalues(SymmetricBall{A, Matrix::Zero(2, 2)}).smallest;
  std::cout << theorem.source << "; least eigenvalue in " << smallest.text(6) << "\n";
  try {
    (void)recheck::recheck("none.json", "none");
    return 1;
  } catch (const recheck::InputError&) {
  }
  return smallest.contains(1.0) && smallest.width() < 1e-12 ? 0 : 1;
}
