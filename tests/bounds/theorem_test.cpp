#include "bounds/theorem.h"

#include <algorithm>
#include <set>

#include "bounds/names.h"
#include "files/error.h"
#include "files/file.h"
#include "tests/catch.h"

using namespace overproof;
using Catch::Matchers::Contains;

namespace {

/// A small statement with holes for faults.
std::string statement(const std::string& inside, const std::string& conclusion = "loss[k] <= loss[0]") {
  return R"([[theorem]]
id = "mine"
title = "t"
source = "s"
provenance = "derived"
kind = "deterministic"
setting = { network = "any", activation = "any", inputs = "any", training = "any", initialisation = "any" }
conclusions = [{ id = "c", formula = ")" +
         conclusion + "\" }]\n" + inside;
}

const Theorem& theorem(const std::string& id) {
  static const std::vector<Theorem> all = load_theorems();
  return find_theorem(all, id);
}

std::string growth(const std::string& id, const std::string& inequality, const std::string& variable) {
  const Theorem& found = theorem(id);
  for (const Inequality& each : found.hypotheses) {
    if (each.id == inequality) return inline_definitions(found, each.formula, variable).growth(variable).text;
  }
  return "no such hypothesis";
}

}  // namespace

TEST_CASE("every embedded theorem loads, and every example is met") {
  const std::vector<Theorem> all = load_theorems();
  CHECK(all.size() >= 35);
  std::size_t examples = 0;
  for (const Theorem& each : all) {
    INFO(each.id);
    CHECK_FALSE(each.conclusions.empty());
    CHECK(each.setting.size() == std::size(setting_table));
    CHECK_FALSE(each.source.empty());
    CHECK_NOTHROW(check_examples(each));
    examples += each.examples.size();
    for (const auto* list : {&each.hypotheses, &each.conclusions}) {
      for (const Inequality& inequality : *list) {
        CHECK(Formula::parse(inequality.formula.text()) == inequality.formula);
        CHECK_FALSE(inequality.formula.latex().empty());
      }
    }
    for (const auto& [name, formula] : each.definitions) {
      INFO(name);
      CHECK(Formula::parse(formula.text()) == formula);
      CHECK_FALSE(formula.uses_index("k"));
      CHECK_FALSE(formula.uses_index("h"));
    }
  }
  CHECK(examples >= 30);
}

TEST_CASE("the embedded statements are those of the files") {
  std::size_t count = 0;
  for (const char* name : {"du2018.toml", "du2019.toml"}) {
    const std::string path = std::string(OVERPROOF_SOURCE_DIR) + "/bounds/theorems/" + name;
    for (const Theorem& read : parse_theorems(read_file(path), name)) {
      ++count;
      const Theorem& embedded = theorem(read.id);
      INFO(read.id);
      CHECK(embedded.file == name);
      CHECK(embedded.title == read.title);
      REQUIRE(embedded.conclusions.size() == read.conclusions.size());
      for (std::size_t i = 0; i < read.conclusions.size(); ++i) {
        CHECK(embedded.conclusions[i].formula == read.conclusions[i].formula);
      }
    }
  }
  CHECK(count == load_theorems().size());
}

TEST_CASE("the printed theorems have the growth of the papers") {
  CHECK(growth("du2018.relu2.thm4.1", "width", "n") == "n^6: polynomial");
  CHECK(growth("du2018.relu2.explicit", "width", "n") == "n^5: polynomial");
  CHECK(growth("du2019.fc.thm5.1", "width", "H") == "2^(C_p*H)·log(H): exponential");
  CHECK(growth("du2019.fc.thm5.1", "width", "n") == "n^4: polynomial");
  CHECK(growth("du2019.res.thm6.1", "width", "H") == "log(H): logarithmic");
  CHECK(growth("du2019.res.thm6.1", "step", "H") == "H^2: polynomial");
}

TEST_CASE("growth sees through definitions: the certificate of the fully connected net is exponential in H") {
  CHECK(growth("du2019.fc.certificate", "width", "H") == "c_bar^(4*H): exponential for c_bar > 1");
  CHECK(growth("du2019.fc.certificate", "width", "n") == "n^3: polynomial");
  CHECK(growth("du2019.res.certificate", "width", "n") == "n^3: polynomial");
  CHECK(theorem("du2019.fc.certificate").definitions.size() > 10);
}

TEST_CASE("definitions that depend on a variable are written out, the others stay names") {
  const Theorem& found = theorem("du2018.relu2.certificate");
  const Formula formula = Formula::parse("R <= m");
  CHECK(inline_definitions(found, formula, "m").text() ==
        "(1 + tau)*4*sqrt(n)*init_U/(sqrt(m)*target_rate) <= m");
  CHECK(inline_definitions(found, formula, "H") == formula);
}

TEST_CASE("the printed claim of Lemma C.5 for the first and the output layer is marked as false") {
  std::set<std::string> wrong;
  for (const Theorem& each : load_theorems()) {
    for (const Inequality& inequality : each.conclusions) {
      if (inequality.known_false) wrong.insert(each.id + " " + inequality.id);
    }
  }
  CHECK(wrong == std::set<std::string>{"du2019.res.lemC.5 step_first", "du2019.res.lemC.5 step_output"});
}

TEST_CASE("definitions are evaluated in order and seen by the inequalities") {
  const auto theorems = parse_theorems(
      statement("let = [[\"a\", \"2*n\"], [\"b\", \"a + 1\"], [\"gone\", \"d\"]]", "a*b <= 42"), "f");
  FormulaScope scope;
  scope.lookup = [](const Reference& reference) -> std::optional<FormulaValue> {
    if (reference.name == "n") return FormulaValue{Interval::integer(3), "n"};
    return std::nullopt;
  };
  const auto values = evaluate_definitions(theorems[0], scope);
  REQUIRE(values.size() == 3);
  CHECK(values[1].second.interval.contains(7.0));
  CHECK(values[2].second.interval.is_nan());
  const FormulaScope wider = with_definitions(scope, values);
  CHECK(theorems[0].conclusions[0].formula.judge(wider).verdict == Verdict::holds);
  CHECK(Formula::parse("gone <= 1").judge(wider).missing == "gone");
}

TEST_CASE("a definition that uses k or h is a shorthand") {
  const auto theorems = parse_theorems(
      statement("let = [[\"R\", \"max_over(j, 1, H, drift_fro[k,j])/sqrt(m)\"], [\"S\", \"2*R\"]]",
                "feature_drift[k,h] <= S"),
      "f");
  CHECK(theorems[0].definitions.empty());
  CHECK(theorems[0].conclusions[0].formula.text() ==
        "feature_drift[k,h] <= 2*(max_over(j, 1, H, drift_fro[k,j])/sqrt(m))");
}

TEST_CASE("faults of a theorem file are named with file, statement and field") {
  const auto fault = [](const std::string& text, const std::string& expected) {
    INFO(text);
    CHECK_THROWS_AS(parse_theorems(text, "my.toml"), InputError);
    CHECK_THROWS_WITH(parse_theorems(text, "my.toml"), Contains("my.toml") && Contains(expected));
  };
  fault("[[theorem", "my.toml");
  fault("", "at least one [[theorem]]");
  fault("[[theorem]]\ntitle = \"x\"", "id");
  fault("[[theorems]]\nid = \"x\"", "theorems");
  fault(statement("hypothesis = []"), "hypothesis");
  fault(statement("", "loss[k] <= "), "theorem mine: conclusions.c: formula \"loss[k] <= \", column 12");
  fault(statement("", "loss[k] + 1"), "conclusions.c: a comparison");
  fault(statement("", "0 <= loss[k] <= 1"), "only one comparison");
  fault(statement("", "lss[k] <= 1"), "unknown name \"lss\"; did you mean \"loss\"");
  fault(statement("", "loss <= 1"), "loss is written loss[k]");
  fault(statement("", "loss[k,h] <= 1"), "loss is written");
  fault(statement("", "n[k] <= 1"), "n is written n");
  fault(statement("hypotheses = [{ id = \"c\", formula = \"n <= 1\" }]"), "used twice");
  fault(statement("hypotheses = [{ id = \"x\", formula = \"n <= 1\", when = \"k >= 1\" }]"), "when");
  fault(statement("hypotheses = [{ id = \"x\", formula = \"n <= 1\", for = \"k\" }]"), "hypotheses.x.for");
  fault(statement("let = [[\"a\", \"b\"], [\"b\", \"n\"]]"), "b is defined later");
  fault(statement("let = [[\"a\", \"a + 1\"]]"), "a is defined later");
  fault(statement("let = [[\"a\", \"n < 1\"]]"), "an expression is expected");
  fault(statement("let = [[\"lambda_0\", \"n\"]]"), "the name lambda_0 has a meaning already");
  fault(statement("let = [[\"h\", \"n\"]]"), "the name h has a meaning");
  fault(statement("let = [[\"log\", \"n\"]]"), "is not a name");
  fault(statement("let = [[\"a b\", \"n\"]]"), "is not a name");
  fault(statement("let = [[\"a\"]]"), "a list of pairs");
  fault(statement("constants = { C_m = \"x\" }"), "C_m is not used");
  fault(statement("constants = { C_m = 0.5 }"), "a text is expected");
  fault(statement("[[theorem.example]]\nname = \"e\"\ninputs = { n = \"x\" }\noutputs = { c = \"holds\" }"),
        "not a decimal");
  fault(statement("[[theorem.example]]\nname = \"e\"\ninputs = { q = \"1\" }\noutputs = { c = \"holds\" }"),
        "unknown name \"q\"");
  fault(statement("") + statement(""), "used twice");
  std::string other = statement("");
  other.replace(other.find("network = \"any\""), 15, "network = \"rnn\"");
  fault(other, "rnn");
  other = statement("");
  other.replace(other.find("inputs = \"any\", "), 16, "");
  fault(other, "inputs");
  other = statement("");
  other.replace(other.find("derived"), 7, "guessed");
  fault(other, "guessed");
}

TEST_CASE("a false example is refused, a true one is not") {
  const auto example = [](const std::string& output) {
    const std::string text = statement(
        "let = [[\"a\", \"n/3\"], [\"bad\", \"d\"]]\n[[theorem.example]]\nname = \"e\"\ninputs = { n = "
        "\"2\", \"loss[0]\" = \"1\", "
        "\"loss[4]\" = \"0.5\", k = \"4\" }\noutputs = { " +
        output + " }\n");
    for (const Theorem& each : parse_theorems(text, "my.toml")) check_examples(each);
  };
  CHECK_NOTHROW(example("a = \"0.667\", c = \"holds\", \"c.left\" = \"0.5\", \"c.right\" = \"1\""));
  CHECK_NOTHROW(example("a = \"0.666\""));  // one unit of the last digit
  CHECK_THROWS_WITH(example("a = \"0.665\""),
                    Contains("my.toml: theorem mine: example e: a: 0.665 is quoted"));
  CHECK_THROWS_AS(example("a = \"0.668\""), InputError);
  CHECK_THROWS_AS(example("c = \"fails\""), InputError);
  CHECK_THROWS_AS(example("\"c.left\" = \"0.7\""), InputError);
  CHECK_THROWS_AS(example("bad = \"1\""), InputError);  // nan meets nothing
  CHECK_THROWS_WITH(example("z = \"1\""), Contains("is expected"));
}

TEST_CASE("theorem files of a folder are added, and a taken id is refused") {
  const TemporaryFolder folder;
  write_file(folder.path() / "mine.toml", statement(""));
  write_file(folder.path() / "notes.txt", "not a theorem");
  const auto all = load_theorems({folder.path()});
  CHECK(find_theorem(all, "mine").file == (folder.path() / "mine.toml").string());
  CHECK(all.size() == load_theorems().size() + 1);
  CHECK_THROWS_WITH(find_theorem(all, "du2019.fc.thm5.2"), Contains("did you mean \"du2019.fc.thm5.1\""));
  write_file(folder.path() / "other.toml", statement(""));
  CHECK_THROWS_WITH(load_theorems({folder.path()}), Contains("taken"));
  CHECK_THROWS_AS(load_theorems({folder.path() / "nowhere"}), InputError);
}
