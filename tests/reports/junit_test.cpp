#include "reports/junit.h"

#include <algorithm>
#include <regex>
#include <vector>

#include "reports/text.h"
#include "tests/catch.h"
#include "tests/reports/sample.h"

using namespace overproof;

namespace {

/// "" for a well-formed document of elements, quoted attributes and escaped text, else what is wrong.
std::string xml_problem(const std::string& document) {
  if (valid_utf8(document) != document) return "not UTF-8";
  for (const char c : document) {
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n') return "control character";
  }
  static const std::regex tag(R"(</?[A-Za-z][A-Za-z-]*(\s+[A-Za-z]+="[^"<]*")*\s*/?>)");
  static const std::regex loose_entity("&(?!(amp|lt|gt|quot|apos);)");
  if (std::regex_search(document, loose_entity)) return "a loose &";
  std::size_t at = document.find("?>");
  if (!document.starts_with("<?xml ") || at == std::string::npos) return "no declaration";
  at += 2;
  std::vector<std::string> open;
  long roots = 0;
  for (std::size_t begin; (begin = document.find('<', at)) != std::string::npos;) {
    const std::string between = document.substr(at, begin - at);
    if (between.find('>') != std::string::npos) return "a loose >";
    if (open.empty() && between.find_first_not_of('\n') != std::string::npos) return "text outside the root";
    const std::size_t end = document.find('>', begin);
    if (end == std::string::npos) return "an open tag";
    const std::string element = document.substr(begin, end + 1 - begin);
    if (!std::regex_match(element, tag)) return "malformed " + element;
    const std::size_t start = element[1] == '/' ? 2 : 1;
    const std::string name = element.substr(start, element.find_first_of(" />", start) - start);
    roots += open.empty();
    if (start == 2) {
      if (open.empty() || open.back() != name) return "unbalanced " + name;
      open.pop_back();
    } else if (!element.ends_with("/>")) {
      open.push_back(name);
    }
    at = end + 1;
  }
  if (!open.empty()) return "unclosed " + open.back();
  return roots == 1 ? "" : "not one root";
}

long count(const std::string& text, const std::string& part) {
  long found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++found;
  return found;
}

}  // namespace

TEST_CASE("the test's own check of XML sees what is malformed") {
  const std::string head = "<?xml version=\"1.0\"?>\n";
  CHECK(xml_problem(head + "<a b=\"c\"><d/>&lt;</a>\n").empty());
  CHECK_FALSE(xml_problem(head + "<a><b></a></b>").empty());
  CHECK_FALSE(xml_problem(head + "<a>&nbsp;</a>").empty());
  CHECK_FALSE(xml_problem(head + "<a b=\"<\"/>").empty());
  CHECK_FALSE(xml_problem(head + "<a>\x01</a>").empty());
  CHECK_FALSE(xml_problem(head + "<a>\xFF</a>").empty());
  CHECK_FALSE(xml_problem(head + "<a>").empty());
  CHECK_FALSE(xml_problem(head + "<a/><b/>").empty());
}

TEST_CASE("the JUnit of the sample report is the approved one") {
  check_approved("sample.xml", junit(sample_report()));
}
TEST_CASE("the JUnit of an empty report is the approved one") {
  check_approved("empty.xml", junit(Report{}));
}

TEST_CASE("JUnit is well-formed for any text, and its counts are those of its cases") {
  for (int i = 0; i < scaled(100); ++i) {
    const std::uint64_t seed = test_seed(1100) + static_cast<std::uint64_t>(i);
    INFO(seed);
    const std::string text = junit(random_report(seed));
    CHECK(xml_problem(text) == "");
    const std::string totals =
        text.substr(text.find("<testsuites"), text.find("<testsuite ") - text.find("<testsuites"));
    CHECK(totals.find("tests=\"" + std::to_string(count(text, "<testcase ")) + "\"") != std::string::npos);
    CHECK(totals.find("failures=\"" + std::to_string(count(text, "<failure ")) + "\"") != std::string::npos);
    CHECK(totals.find("errors=\"" + std::to_string(count(text, "<error ")) + "\"") != std::string::npos);
    CHECK(totals.find("skipped=\"" + std::to_string(count(text, "<skipped ")) + "\"") != std::string::npos);
  }
}

TEST_CASE(
    "JUnit is green only for exit code 0: whatever makes the exit code something else is a failure or an "
    "error") {
  for (int i = 0; i < scaled(300); ++i) {
    const std::uint64_t seed = test_seed(1300) + static_cast<std::uint64_t>(i);
    INFO(seed);
    const Report report = random_report(seed);
    const std::string text = junit(report);
    if (report.exit_code() != 0) CHECK(count(text, "<failure ") + count(text, "<error ") > 0);
    if (report.exit_code() == 1) CHECK(count(text, "<failure ") > 0);
  }
}

TEST_CASE("a statement that says nothing is skipped, a contradicted one fails, a confirmed one passes") {
  const auto outcome = [](Outcome o) {
    Report report = passing_report();
    report.runs[0].statements[0].outcome = o;
    return junit(report);
  };
  CHECK(count(outcome(Outcome::confirmed), "<skipped ") == 0);
  CHECK(count(outcome(Outcome::contradicted), "<failure type=\"contradicted\"") == 1);
  for (const Outcome o : {Outcome::vacuous, Outcome::violated, Outcome::undecided, Outcome::not_applicable,
                          Outcome::informative}) {
    CHECK(count(outcome(o), "<skipped ") == 1);
    CHECK(count(outcome(o), "<failure ") == 0);
  }
}
