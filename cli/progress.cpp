#include "cli/progress.h"

#include <unistd.h>

#include <iostream>

namespace overproof {

Progress::Progress(bool quiet) : active_(!quiet && isatty(STDERR_FILENO) != 0) {}

Progress::~Progress() {
  if (active_) std::cerr << "\r\033[K" << std::flush;
}

void Progress::show(const std::string& text) {
  if (!active_ || text == last_) return;
  last_ = text;
  std::cerr << "\r\033[K" << text << std::flush;
}

}  // namespace overproof
