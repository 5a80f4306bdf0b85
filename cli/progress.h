#pragma once

#include <string>

namespace overproof {

/// Progress on stderr, one line rewritten in place, only when stderr is a terminal and `quiet` is not set.
/// The line goes with the object.
class Progress {
 public:
  explicit Progress(bool quiet);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(const std::string& text);

 private:
  bool active_;
  std::string last_;
};

}  // namespace overproof
