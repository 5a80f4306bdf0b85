#include "reports/markdown.h"

#include <algorithm>
#include <sstream>

#include "reports/series.h"
#include "reports/text.h"
#include "tests/catch.h"
#include "tests/reports/sample.h"

using namespace overproof;

namespace {

/// The lines of the text outside of fenced blocks; a fence is closed by one at least as long.
std::vector<std::string> prose(const std::string& text) {
  std::vector<std::string> kept;
  std::istringstream lines(text);
  std::size_t open = 0;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t ticks = std::min(line.find_first_not_of('`'), line.size());
    const bool fence = ticks >= 3;
    if (open == 0 && fence) {
      open = ticks;
    } else if (open > 0) {
      if (fence && ticks >= open && ticks == line.size()) open = 0;
    } else {
      kept.push_back(line);
    }
  }
  CHECK(open == 0);
  return kept;
}

long cells(const std::string& row) {
  long bars = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row[i] == '\\') {
      ++i;
    } else {
      bars += row[i] == '|';
    }
  }
  return bars;
}

/// Rows of one table have equally many cells. Tables of verdicts (before the first run) are at most 80
/// columns wide.
void check_tables(const std::string& text) {
  bool overview = true;
  long expected = 0;
  for (const std::string& line : prose(text)) {
    overview = overview && !line.starts_with("## Run");
    if (!line.starts_with("|")) {
      expected = 0;
      continue;
    }
    if (expected == 0) expected = cells(line);
    CHECK(cells(line) == expected);
    if (overview) CHECK(columns(line) <= 80);
  }
}

}  // namespace

TEST_CASE("the Markdown of the sample report is the approved one") {
  check_approved("sample.md", markdown(sample_report()));
}
TEST_CASE("the Markdown of a passing report is the approved one") {
  check_approved("passing.md", markdown(passing_report()));
}
TEST_CASE("the Markdown of an empty report is the approved one") {
  check_approved("empty.md", markdown(Report{}));
}

TEST_CASE("the tables of the sample fit on GitHub") { check_tables(markdown(sample_report())); }

TEST_CASE("no text of a user breaks a table, opens a tag or closes a block") {
  for (int i = 0; i < scaled(150); ++i) {
    const std::uint64_t seed = test_seed(500) + static_cast<std::uint64_t>(i);
    INFO(seed);
    const std::string text = markdown(random_report(seed));
    check_tables(text);
    CHECK(valid_utf8(text) == text);
    for (const std::string& line : prose(text)) CHECK(line.find('<') == std::string::npos);
  }
}

TEST_CASE("a reconstructed statement carries a warning, a read one does not") {
  Report report = passing_report();
  CHECK(markdown(report).find("Warning") == std::string::npos);
  report.runs[0].statements[0].provenance = "reconstructed";
  CHECK(markdown(report).find("**Warning**: this statement is reconstructed") != std::string::npos);
}

TEST_CASE("a confirmed outcome under assumptions is never plain") {
  const std::string text = markdown(passing_report());
  CHECK(text.find("| confirmed if (a) |") != std::string::npos);
  CHECK(text.find("- (a): assuming C_eta = 1/2") != std::string::npos);
  CHECK(text.find(": confirmed, assuming C_eta = 1/2") != std::string::npos);
}

TEST_CASE("bounds by step are rounded in their direction and mark what is not proved") {
  Measurements all;
  all.steps = {0};
  all.depth = 1;
  all.set({"loss", 0, {}}, Interval::rational(1, 3));
  all.set({"lambda_min_ntk", 0, {}}, Interval::rational(1, 3));
  all.set({"drift_fro", 0, 1}, Interval::rational(2, 3), Evidence::measured);
  all.set({"drift_fro", 0, 2}, Interval::rational(1, 3));
  const Series series = key_series(all, 10);
  REQUIRE(series.table.rows.size() == 1);
  CHECK(series.table.rows[0] == std::vector<Cell>{{"0"}, {"0.334"}, {"0.333"}, {"~0.667"}});
  CHECK(series.unproved);
}

TEST_CASE("a nan among the layers is not dropped from their maximum") {
  for (const long where : {1L, 2L, 3L}) {
    Measurements all;
    all.steps = {0};
    all.depth = 2;
    for (const long h : {1L, 2L, 3L})
      all.set({"drift_fro", 0, h}, h == where ? Interval::nan() : Interval::integer(h));
    CHECK(key_series(all, 10).table.rows[0][1] == Cell{"nan"});
  }
}

TEST_CASE("a long series shows its first and last step") {
  Measurements all;
  for (long k = 0; k < 1000; ++k) {
    all.steps.push_back(k);
    all.set({"loss", k, {}}, Interval::integer(k));
  }
  const Series series = key_series(all, 25);
  REQUIRE(series.table.rows.size() == 25);
  CHECK(series.table.rows.front()[0] == Cell{"0"});
  CHECK(series.table.rows.back()[0] == Cell{"999"});
  CHECK(series.shown == 25);
  CHECK(series.recorded == 1000);
}
