#include "reports/table.h"

#include <sstream>

#include "reports/text.h"
#include "tests/catch.h"
#include "tests/reports/sample.h"

using namespace overproof;

namespace {

const Table small{{{"run", Cut::middle}, {"verdict"}, {"gap", Cut::words, 10}},
                  {{{"a"}, {"holds"}, {"needs m ≥ 12, has 5", "needs m ≥ 12"}}, {{"b|c"}, {"fails"}, {""}}}};

}  // namespace

TEST_CASE("tables are aligned, in Markdown and in plain text") {
  CHECK(markdown_table(small) ==
        "| run  | verdict | gap                 |\n"
        "| ---- | ------- | ------------------- |\n"
        "| a    | holds   | needs m ≥ 12, has 5 |\n"
        "| b\\|c | fails   |                     |\n");
  CHECK(plain_table(small) ==
        "run  verdict  gap\n"
        "---  -------  -------------------\n"
        "a    holds    needs m ≥ 12, has 5\n"
        "b|c  fails\n");
}

TEST_CASE("a cell that does not fit takes its next shorter way to say it") {
  const std::string narrow = plain_table(small, 30);
  CHECK(narrow.find("needs m ≥ 12\n") != std::string::npos);
  CHECK(narrow.find("has 5") == std::string::npos);
}

TEST_CASE("an escaped cell is cut by what is written, not by what is meant") {
  const Table marks{{{"run", Cut::middle}, {"verdict"}}, {{{std::string(60, '<')}, {"holds"}}}};
  std::istringstream lines(markdown_table(marks, 40));
  for (std::string line; std::getline(lines, line);) CHECK(columns(line) == 40);
}

TEST_CASE("no line of a table of random texts is wider than asked, and each has all cells") {
  for (int i = 0; i < scaled(100); ++i) {
    const std::uint64_t seed = test_seed(300) + 3 * static_cast<std::uint64_t>(i);
    INFO(seed);
    const Table table{{{"name", Cut::middle}, {"verdict"}, {"text", Cut::words, 10}},
                      {{{random_text(seed)}, {"undecided"}, {random_text(seed + 1), random_text(seed + 2)}}}};
    for (const std::string& text : {markdown_table(table, 60), plain_table(table, 60)}) {
      std::istringstream lines(text);
      for (std::string line; std::getline(lines, line);) CHECK(columns(line) <= 60);
    }
  }
}
