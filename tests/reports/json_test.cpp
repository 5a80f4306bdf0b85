#include "reports/json.h"

#include "tests/catch.h"
#include "tests/reports/sample.h"

using namespace overproof;

namespace {

/// ["lo", "hi"] encloses x; null ends are unbounded; nan is null.
void check_encloses(const Json& number, const Interval& x) {
  if (x.is_nan()) {
    CHECK(number.is_null());
    return;
  }
  REQUIRE(number.size() == 2);
  if (!number[0].is_null()) {
    CHECK(certainly_le(Interval::decimal(number[0].get<std::string>(), 300).upper_point(), x.lower_point()));
  }
  if (!number[1].is_null()) {
    CHECK(certainly_le(x.upper_point(), Interval::decimal(number[1].get<std::string>(), 300).lower_point()));
  }
}

}  // namespace

TEST_CASE("the JSON of the sample report is the approved one") {
  check_approved("sample.json", json(sample_report()).dump(2) + "\n");
}
TEST_CASE("the JSON of an empty report is the approved one") {
  check_approved("empty.json", json(Report{}).dump(2) + "\n");
}

TEST_CASE("the JSON of any report can be written and read back") {
  for (int i = 0; i < scaled(100); ++i) {
    const std::uint64_t seed = test_seed(700) + static_cast<std::uint64_t>(i);
    INFO(seed);
    const Report report = random_report(seed);
    const Json written = json(report);
    CHECK(Json::parse(written.dump()) == written);
    CHECK(written.at("schema") == "overproof.report/1");
    CHECK(written.at("exit_code") == report.exit_code());
    REQUIRE(written.at("runs").size() == report.runs.size());
    for (std::size_t r = 0; r < report.runs.size(); ++r) {
      CHECK(written["runs"][r].at("statements").size() == report.runs[r].statements.size());
      CHECK(written["runs"][r].at("gates").size() == report.runs[r].gates.size());
      CHECK(written["runs"][r].at("measurements").at("values").size() ==
            report.runs[r].measurements.all().size());
    }
  }
}

TEST_CASE("decimals in JSON enclose the numbers they stand for") {
  std::mt19937_64 engine(test_seed(900));
  std::uniform_real_distribution<double> mantissa(-1, 1);
  std::uniform_int_distribution<int> exponent(-1000, 1000);
  for (int i = 0; i < scaled(500); ++i) {
    const double a = std::ldexp(mantissa(engine), exponent(engine));
    Interval x = Interval::exact(a) / Interval::integer(3);
    if (i % 7 == 0) x = hull(x, Interval::exact(std::ldexp(a, 60)));
    if (i % 31 == 0) x = Interval::between(a, std::numeric_limits<double>::infinity());
    if (i % 37 == 0) x = Interval::nan();
    Report report{.runs = {RunReport{}}};
    report.runs[0].measurements.set({"x", {}, {}}, x);
    INFO(x.text(20));
    check_encloses(json(report)["runs"][0]["measurements"]["values"][0]["value"], x);
  }
}

TEST_CASE("what is not a number is null, and an unbounded end is null") {
  Report report{.runs = {RunReport{}}};
  const auto written = [&](const Interval& x) {
    report.runs[0].measurements.set({"x", {}, {}}, x);
    return json(report)["runs"][0]["measurements"]["values"][0]["value"];
  };
  CHECK(written(Interval::nan()).is_null());
  CHECK(written(Interval::entire()) == Json::array({nullptr, nullptr}));
  CHECK(written(Interval::between(0, std::numeric_limits<double>::infinity())) ==
        Json::array({"0", nullptr}));
  CHECK(written(Interval::exact(0.5)) == Json::array({"0.5", "0.5"}));
}

TEST_CASE("assumptions are part of every verdict in JSON") {
  const Json written = json(sample_report());
  const Json& theorem = written["runs"][0]["statements"][0];
  CHECK(theorem["assuming"] == Json({{"C'", "1"}, {"C_m", "1"}}));
  CHECK(theorem["findings"][1]["assuming"] == Json({{"C'", "1"}, {"C_m", "1"}}));
  CHECK(theorem["findings"][0]["assuming"] == Json::object());
}

TEST_CASE("a report that was written and read back is written the same") {
  CHECK(json(report_from(json(sample_report()), "sample")) == json(sample_report()));
  for (int i = 0; i < scaled(100); ++i) {
    const std::uint64_t seed = test_seed(1700) + static_cast<std::uint64_t>(i);
    INFO(seed);
    const Report report = random_report(seed);
    const Json written = json(report);
    const Report read = report_from(written, "report.json");
    // Bytes that are not UTF-8 are replaced, which may change the order of names, never the members.
    CHECK(nlohmann::json::parse(json(read).dump()) == nlohmann::json::parse(written.dump()));
    CHECK(read.exit_code() == report.exit_code());
  }
}

TEST_CASE("an enclosure that was read contains the one that was written") {
  std::mt19937_64 engine(test_seed(1900));
  std::uniform_real_distribution<double> mantissa(-1, 1);
  std::uniform_int_distribution<int> exponent(-1000, 1000), bits(53, 1000);
  for (int i = 0; i < scaled(300); ++i) {
    const double a = std::ldexp(mantissa(engine), exponent(engine));
    Interval x = Interval::exact(a, bits(engine)) / Interval::integer(3);
    if (i % 7 == 0) x = hull(x, Interval::exact(std::ldexp(a, 60)));
    if (i % 31 == 0) x = Interval::between(a, std::numeric_limits<double>::infinity());
    Report report{.runs = {RunReport{}}};
    report.runs[0].measurements.set({"x", {}, {}}, x);
    const Report read = report_from(json(report), "report.json");
    INFO(x.text(20));
    CHECK(read.runs[0].measurements.find({"x", {}, {}})->value.contains(x));
  }
}

TEST_CASE("an end that is just above the decimal that was written stays inside when it is read") {
  for (const int bits : {53, 100, 128, 500, 2000}) {
    const Interval tenth = Interval::decimal("0.1", bits);
    Report report{.runs = {RunReport{}}};
    for (const Interval& x : {tenth.upper_point(), tenth.lower_point()}) {
      report.runs[0].measurements.set({"x", {}, {}}, x);
      const Report read = report_from(json(report), "report.json");
      INFO(bits);
      CHECK(read.runs[0].measurements.find({"x", {}, {}})->value.contains(x));
    }
  }
}

TEST_CASE("a margin that was read is the double that was written") {
  std::mt19937_64 engine(test_seed(2100));
  std::uniform_real_distribution<double> mantissa(-1, 1);
  std::uniform_int_distribution<int> exponent(-60, 60);
  for (int i = 0; i < scaled(500); ++i) {
    const double value = std::ldexp(mantissa(engine), exponent(engine));
    Report report = passing_report();
    report.runs[0].statements[0].findings[0].margin = Margin{value};
    CHECK(report_from(json(report), "report.json").runs[0].statements[0].findings[0].margin->value == value);
  }
}

TEST_CASE("a damaged report is refused by file and field") {
  const Json good = json(sample_report());
  const auto message = [](const Json& document) -> std::string {
    try {
      (void)report_from(document, "r.json");
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  CHECK(message(good).empty());
  const auto damaged = [&](const char* pointer, const Json& value) {
    Json bad = good;
    bad[Json::json_pointer(pointer)] = value;
    return message(bad);
  };
  CHECK(damaged("/schema", "overproof.report/2").starts_with("r.json: schema"));
  CHECK(damaged("/runs", 5).starts_with("r.json: runs"));
  CHECK(damaged("/runs/0/gates/0/verdict", "hold").find("runs[0].gates[0].verdict") != std::string::npos);
  CHECK(damaged("/runs/0/statements/0/outcome", "fine").find("statements[0].outcome") != std::string::npos);
  CHECK(damaged("/runs/0/measurements/values/0/value", "1").find("values[0].value") != std::string::npos);
  CHECK(damaged("/runs/0/measurements/values/0/value/0", "x").find("values[0].value") != std::string::npos);
  CHECK(damaged("/runs/0/measurements/values/0/value/0", 0.5).find("values[0].value") != std::string::npos);
  CHECK(damaged("/runs/0/measurements/steps/0", -1).find("measurements.steps") != std::string::npos);
  CHECK(damaged("/runs/0/statements/0/assuming", nullptr).find("assuming") != std::string::npos);
  CHECK(damaged("/runs/0/statements/0/findings/1/margin/value", 1).find("margin.value") != std::string::npos);
  CHECK_FALSE(message(Json::object()).empty());
  CHECK_FALSE(message(Json::array()).empty());
}
