#pragma once

// The one place that knows which Catch2 is installed: version 2 on Debian 12, version 3 elsewhere.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>

namespace overproof {

/// A loop count of a randomised test, scaled by the environment variable OVERPROOF_TEST_MULTIPLIER.
inline int scaled(int count) {
  const char* text = std::getenv("OVERPROOF_TEST_MULTIPLIER");
  const double factor = text ? std::atof(text) : 1.0;
  return static_cast<int>(count * (factor > 0 ? factor : 1.0)) + 1;
}

/// A generator whose seed is the test's own unless OVERPROOF_TEST_SEED is set; use with INFO(seed).
inline std::uint64_t test_seed(std::uint64_t seed) {
  const char* text = std::getenv("OVERPROOF_TEST_SEED");
  return text ? std::strtoull(text, nullptr, 10) : seed;
}

/// A folder of its own that goes with the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "overproof-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace overproof
