#include "files/fields.h"

#include "tests/catch.h"

using namespace overproof;
using Catch::Matchers::Contains;
using Catch::Matchers::Equals;
using Catch::Matchers::StartsWith;

namespace {

const char* const suite = R"([[run]]
name = "first"
network = { width = 500, c_res = 0.5, trained = true, activation = "softplus" }
steps = [1, 2]
tags = ["a", "b"]
)";

}  // namespace

TEST_CASE("every kind of field is read with its value") {
  const Json json = parse_toml(suite, "suite.toml");
  Fields file(json, "suite.toml");
  std::vector<Fields> runs = file.tables("run");
  REQUIRE(runs.size() == 1);
  CHECK(runs[0].text("name") == "first");
  CHECK(runs[0].texts("tags") == std::vector<std::string>{"a", "b"});
  REQUIRE(runs[0].raw("steps") != nullptr);
  Fields network = runs[0].table("network");
  CHECK(network.where("width") == "run[0].network.width");
  CHECK(network.integer("width", 1, 1000) == 500);
  CHECK(network.number("c_res") == 0.5);
  CHECK(network.number("width") == 500.0);
  CHECK(network.boolean("trained", false));
  CHECK(network.choice("activation", {"relu", "softplus"}) == "softplus");
  CHECK(network.has("width"));
  CHECK_FALSE(network.has("depth"));
  network.done();
  runs[0].done();
  file.done();
}

TEST_CASE("an absent field gives the fallback, an absent table an empty one") {
  const Json json = Json::object();
  Fields fields(json, "f");
  CHECK(fields.text("a", "x") == "x");
  CHECK(fields.number("a", 1.5) == 1.5);
  CHECK(fields.exact_number("a", 1.5) == 1.5);
  CHECK(fields.integer("a", 0, 9, 7) == 7);
  CHECK(fields.boolean("a", true));
  CHECK(fields.choice("a", {"x", "y"}, "y") == "y");
  CHECK(fields.texts("a").empty());
  CHECK(fields.tables("a").empty());
  CHECK(fields.raw("a") == nullptr);
  fields.table("a").done();
  CHECK_THROWS_WITH(fields.text("a"), Equals("f: a: is missing: a text is expected"));
  CHECK_THROWS_WITH(fields.number("a"), Contains("is missing"));
  CHECK_THROWS_WITH(fields.integer("a", 1, 9), Contains("is missing: a whole number from 1 to 9"));
}

TEST_CASE("a wrong value is reported with file, field, value and what is allowed") {
  const Json json = parse_json(R"({"n": {"width": -3, "name": 7, "big": 18446744073709551615, "half": 0.5,
                                        "list": [1], "hex": "0x1.8p-4", "word": "wide"}})",
                               "run.json");
  Fields file(json, "run.json");
  Fields n = file.table("n");
  CHECK_THROWS_WITH(n.integer("width", 1, 100),
                    Equals("run.json: n.width: -3: a whole number from 1 to 100 is expected"));
  CHECK_THROWS_WITH(n.integer("big", 0, INT64_MAX), Contains("n.big: 18446744073709551615"));
  CHECK_THROWS_WITH(n.integer("half", 0, 1), Contains("0.5: a whole number"));
  CHECK_THROWS_WITH(n.text("name"), Equals("run.json: n.name: 7: a text in quotes is expected"));
  CHECK_THROWS_WITH(n.number("word"), Equals("run.json: n.word: \"wide\": a finite number is expected"));
  CHECK_THROWS_WITH(n.boolean("width", true), Contains("true or false"));
  CHECK_THROWS_WITH(n.texts("list"), Contains("a list of texts"));
  CHECK_THROWS_WITH(n.texts("name"), Contains("a list of texts"));
  CHECK_THROWS_WITH(n.tables("name"), Contains("a list of tables"));
  CHECK_THROWS_WITH(n.table("width"), Equals("run.json: n.width: -3: expected a table"));
  CHECK_THROWS_WITH(n.choice("word", {"wire", "width"}),
                    Contains("n.word: unknown word \"wide\"; did you mean"));
  CHECK(n.exact_number("hex") == 0.09375);
  CHECK(n.exact_number("half") == 0.5);
  CHECK_THROWS_WITH(n.exact_number("word"),
                    Contains("n.word: \"wide\": a finite number or a hexadecimal text"));
}

TEST_CASE("a field that nobody read is refused with the nearest known name") {
  const Json json = parse_toml("wdth = 3\nname = \"x\"", "s.toml");
  Fields fields(json, "s.toml");
  CHECK(fields.text("name") == "x");
  CHECK(fields.integer("width", 1, 9, 5) == 5);
  CHECK_THROWS_WITH(
      fields.done(),
      Equals("s.toml: wdth: unknown field \"wdth\"; did you mean \"width\"? allowed: name, width"));
}

TEST_CASE("malformed TOML is reported with its line") {
  CHECK_THROWS_WITH(parse_toml("a = 1\nb = = 2\n", "s.toml"), StartsWith("s.toml:2: "));
  CHECK_THROWS_WITH(parse_toml("a = 1\na = 2\n", "s.toml"), StartsWith("s.toml:2: "));
  CHECK_THROWS_WITH(parse_toml("a = 1\n\nd = 2020-01-01\n", "s.toml"),
                    Equals("s.toml:3: dates and times are not used here"));
  CHECK_THROWS_WITH(parse_toml("\nx = nan\n", "s.toml"), StartsWith("s.toml:2: nan: numbers must be finite"));
  CHECK_THROWS_WITH(parse_toml("x = [1.0, -inf]\n", "s.toml"), Contains("numbers must be finite"));
  CHECK_THROWS_AS(parse_toml("a = \"\xff\"", "s.toml"), InputError);
}

TEST_CASE("tables keep the order of the file") {
  const Json json = parse_toml("zeta = 1\nalpha = 2\n[table]\nb = 1\na = 2\n", "s.toml");
  CHECK(json.dump() == R"({"zeta":1,"alpha":2,"table":{"b":1,"a":2}})");
}

TEST_CASE("malformed JSON is an input error of every kind") {
  for (const char* text :
       {"", "{", "[1,", "{\"a\":}", "nan", "1e999", "\"\xff\"", "{} x", "{\"a\": 1e400}"}) {
    INFO(text);
    CHECK_THROWS_AS(parse_json(text, "x.json"), InputError);
  }
  CHECK_THROWS_WITH(parse_json("{\n\"a\": }", "x.json"),
                    StartsWith("x.json: not valid JSON: ") && Contains("line 2"));
  CHECK_THROWS_AS(Fields(parse_json("[1]", "x.json"), "x.json"), InputError);
}

TEST_CASE("JSON that is nested too deeply is refused before anything recurses") {
  const std::string open(200'000, '['), close(200'000, ']');
  CHECK_THROWS_WITH(parse_json(open + close, "deep.json"),
                    Contains("deep.json: nested deeper than 100 levels"));
  CHECK_NOTHROW(parse_json(open.substr(0, 100) + close.substr(0, 100), "flat.json"));
}

TEST_CASE("a long or strange value is shown shortened in the message") {
  Json json = Json::object();
  json["a"] = std::string(500, 'x');
  json["b"] = "bad \xff byte";
  Fields fields(json, "f");
  CHECK_THROWS_WITH(fields.number("a"), Contains("xxx...: a finite number"));
  CHECK_THROWS_WITH(fields.number("b"), Contains("a finite number"));
}
