#include "reports/summary.h"

#include <sstream>

#include "reports/text.h"
#include "tests/catch.h"
#include "tests/reports/sample.h"

using namespace overproof;

TEST_CASE("the summary of the sample report is the approved one") {
  check_approved("sample.txt", summary_table(sample_report()));
}
TEST_CASE("the summary of a passing report is the approved one") {
  check_approved("passing.txt", summary_table(passing_report()));
}
TEST_CASE("the summary of an empty report is the approved one") {
  check_approved("empty.txt", summary_table(Report{}));
}

TEST_CASE("no line of the summary is wider than 80 columns, whatever the texts") {
  for (int i = 0; i < scaled(200); ++i) {
    const std::uint64_t seed = test_seed(1500) + static_cast<std::uint64_t>(i);
    INFO(seed);
    const std::string text = summary_table(random_report(seed));
    CHECK(valid_utf8(text) == text);
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      INFO(line);
      CHECK(columns(line) <= 80);
    }
  }
}

TEST_CASE("the summary ends with the verdict and its exit code") {
  CHECK(summary_table(passing_report()).find("passed (exit code 0): every gate holds") != std::string::npos);
  CHECK(summary_table(sample_report()).find("failed (exit code 1)") != std::string::npos);
  CHECK(summary_table(Report{}).find("nothing checked (exit code 2)") != std::string::npos);
}
