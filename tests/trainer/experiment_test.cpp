#include "trainer/experiment.h"

#include <map>

#include "tests/catch.h"
#include "trainer/run.h"

using namespace overproof;
using Catch::Matchers::Contains;

namespace {

Experiment read(const std::string& toml) {
  const Json json = parse_toml(toml, "suite.toml");
  Fields run(json, "suite.toml", "run[0]");
  Experiment experiment = experiment_from(run);
  run.done();
  return experiment;
}

/// A whole run table, with some lines replaced.
std::string table(const std::map<std::string, std::string>& changed = {}) {
  std::map<std::string, std::string> lines{
      {"name", "\"demo\""},
      {"network", "{ architecture = \"fc\", depth = 2, width = 50, activation = \"softplus\" }"},
      {"data", "{ kind = \"sphere\", n = 4, d = 3 }"},
      {"training", "{ step = 0.01, steps = 100 }"}};
  for (const auto& [name, value] : changed) lines[name] = value;
  std::string text;
  for (const auto& [name, value] : lines) text += name + " = " + value + "\n";
  return text;
}

std::string problem(const std::map<std::string, std::string>& changed) {
  try {
    (void)read(table(changed));
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a run table is read with its defaults") {
  const Experiment e = read(table());
  CHECK(e.name == "demo");
  CHECK(e.network == "fc");
  CHECK(e.depth == 2);
  CHECK(e.width == 50);
  CHECK(e.activation == Activation::softplus);
  CHECK(e.step == 0.01);
  CHECK(e.steps == 100);
  CHECK(e.seed == 0);
  CHECK(e.momentum == 0);
  CHECK(e.recorded.size() == 21);
  CHECK(e.recorded.front() == 0);
  CHECK(e.recorded.back() == 100);
  CHECK(e.spectral_steps == std::vector<Index>{0});
  CHECK(e.pairs);
  CHECK(e.max_gib == 8);
}

TEST_CASE("an experiment read back from its canonical JSON is the same") {
  for (const std::string& toml :
       {table(),
        table({{"network",
                "{ architecture = \"resnet\", depth = 5, width = 9, activation = \"erf\", c_res = 0.1 }"}}),
        table({{"network", "{ architecture = \"two_layer_relu\", width = 9 }"},
               {"training", "{ step_fraction = 0.3, steps = 7, seed = 12, momentum = 0.9 }"},
               {"record", "{ at = \"0..7..3\", spectral = [0, 3], pairs = false, max_gib = 0.5 }"}})}) {
    const Experiment e = read(toml);
    const Json json = parse_json(e.source.dump(), "run.json");
    Fields fields(json, "run.json");
    const Experiment back = experiment_from(fields);
    fields.done();
    CHECK(back.source == e.source);
    CHECK(experiment_hash(back) == experiment_hash(e));
    CHECK(back.recorded == e.recorded);
    CHECK(back.step == e.step);
    CHECK(back.step_fraction == e.step_fraction);
    CHECK(architecture_of(back, 3) == architecture_of(e, 3));
  }
}

TEST_CASE("the hash does not see the order of fields, the spelling of numbers or the space allowed") {
  const std::string hash = experiment_hash(read(table()));
  CHECK(hash == experiment_hash(read(table({{"data", "{ d = 3, n = 4, kind = \"sphere\", seed = 0 }"}}))));
  CHECK(hash == experiment_hash(read(table({{"training", "{ steps = 100, momentum = 0, step = 1.0e-2 }"}}))));
  CHECK(hash == experiment_hash(read(table({{"record", "{ max_gib = 3 }"}}))));
  CHECK(hash == experiment_hash(read(table({{"record", "{ at = \"0..100..5\" }"}}))));
  CHECK(experiment_hash(read(table({{"training", "{ steps = 100, step = 1 }"}}))) ==
        experiment_hash(read(table({{"training", "{ steps = 100, step = 1.0 }"}}))));
}

TEST_CASE("the hash sees everything that changes the run") {
  const std::string hash = experiment_hash(read(table()));
  const std::vector<std::pair<std::string, std::string>> changes{
      {"name", "\"other\""},
      {"network", "{ architecture = \"fc\", depth = 3, width = 50, activation = \"softplus\" }"},
      {"network", "{ architecture = \"fc\", depth = 2, width = 51, activation = \"softplus\" }"},
      {"network", "{ architecture = \"fc\", depth = 2, width = 50, activation = \"tanh\" }"},
      {"data", "{ kind = \"sphere\", n = 4, d = 3, seed = 1 }"},
      {"data", "{ kind = \"sphere\", n = 4, d = 3, normalised = false }"},
      {"training", "{ step = 0.010000000000000002, steps = 100 }"},
      {"training", "{ step = 0.01, steps = 101 }"},
      {"training", "{ step = 0.01, steps = 100, seed = 1 }"},
      {"training", "{ step = 0.01, steps = 100, momentum = 0.5 }"},
      {"training", "{ step_fraction = 0.01, steps = 100 }"},
      {"record", "{ at = \"0..100..10\" }"},
      {"record", "{ spectral = \"0,50\" }"},
      {"record", "{ pairs = false }"}};
  for (const auto& change : changes) {
    INFO(change.first << " = " << change.second);
    CHECK(experiment_hash(read(table({change}))) != hash);
  }
}

TEST_CASE("output weights are trained unless they are to be signs, which is another experiment") {
  const auto with = [](const std::string& output) {
    return read(table({{"network", "{ architecture = \"fc\", width = 5, depth = 2, activation = \"tanh\"" +
                                       output + " }"}}));
  };
  const Experiment usual = with(""), same = with(", output = \"trained\""),
                   signs = with(", output = \"signs\"");
  CHECK(experiment_hash(usual) == experiment_hash(same));
  CHECK(experiment_hash(usual) != experiment_hash(signs));
  const Architecture net = architecture_of(signs, 3);
  CHECK(!net.weights.back().trained);
  CHECK(net.weights.back().law == InitLaw::rademacher);
  CHECK(net.weights[1].trained);
  CHECK(architecture_of(usual, 3) == fully_connected(3, 5, 2, Activation::tanh));
}

TEST_CASE("every field out of its range is refused with its path") {
  CHECK_THAT(problem({{"name", "\"a/b\""}}), Contains("suite.toml: run[0].name: \"a/b\""));
  CHECK_THAT(problem({{"name", "\"..\""}}), Contains("run[0].name"));
  CHECK_THAT(problem({{"name", "\"\""}}), Contains("run[0].name"));
  const auto network = [](const std::string& more) {
    return problem(
        {{"network", "{ architecture = \"fc\", width = 5, depth = 2, activation = \"tanh\"" + more + " }"}});
  };
  CHECK(network("") == "accepted");
  CHECK_THAT(network(", c_res = 0.5"), Contains("network.c_res: unknown field"));
  CHECK(network(", output = \"signs\"") == "accepted");
  CHECK_THAT(network(", output = \"fixed\""), Contains("network.output"));
  CHECK_THAT(network(", dept = 3"), Contains("did you mean \"depth\""));
  CHECK_THAT(problem({{"network", "{ architecture = \"fcc\", width = 5 }"}}),
             Contains("network.architecture: unknown architecture \"fcc\"; did you mean \"fc\""));
  CHECK_THAT(problem({{"network", "{ architecture = \"fc\", depth = 2, activation = \"tanh\" }"}}),
             Contains("network.width: is missing"));
  CHECK_THAT(problem({{"network", "{ architecture = \"fc\", width = 0, depth = 2, activation = \"tanh\" }"}}),
             Contains("network.width: 0"));
  CHECK_THAT(
      problem({{"network", "{ architecture = \"fc\", width = 1000001, depth = 2, activation = \"tanh\" }"}}),
      Contains("network.width"));
  CHECK_THAT(
      problem({{"network", "{ architecture = \"fc\", width = 5, depth = 1001, activation = \"tanh\" }"}}),
      Contains("network.depth"));
  CHECK_THAT(
      problem({{"network", "{ architecture = \"fc\", width = 5.0, depth = 1, activation = \"tanh\" }"}}),
      Contains("network.width: 5.0"));
  CHECK_THAT(problem({{"network", "{ architecture = \"fc\", width = 5, depth = 1 }"}}),
             Contains("network.activation: is missing"));
  const auto resnet_with = [](const std::string& more) {
    return problem(
        {{"network", "{ architecture = \"resnet\", width = 5, activation = \"tanh\", " + more + " }"}});
  };
  CHECK(resnet_with("depth = 2, c_res = 0.5") == "accepted");
  CHECK_THAT(resnet_with("depth = 1, c_res = 0.5"), Contains("network.depth: 1"));
  CHECK_THAT(resnet_with("depth = 2, c_res = 1"), Contains("network.c_res: 1: 0 < c_res < 1"));
  CHECK_THAT(resnet_with("depth = 2, c_res = 0"), Contains("network.c_res"));
  CHECK_THAT(resnet_with("depth = 2"), Contains("network.c_res: is missing"));
  CHECK_THAT(problem({{"network", "{ architecture = \"two_layer_relu\", width = 5, depth = 2 }"}}),
             Contains("network.depth: 2"));
  CHECK_THAT(
      problem({{"network", "{ architecture = \"two_layer_relu\", width = 5, activation = \"tanh\" }"}}),
      Contains("network.activation"));
  const auto training = [](const std::string& text) { return problem({{"training", "{ " + text + " }"}}); };
  CHECK_THAT(training("steps = 5"), Contains("run[0].training.step: give either"));
  CHECK_THAT(training("steps = 5, step = 1, step_fraction = 0.5"), Contains("give either"));
  CHECK_THAT(training("steps = 5, step = 0"), Contains("training.step: 0"));
  CHECK_THAT(training("steps = 5, step = \"0.1\""), Contains("training.step: \"0.1\""));
  CHECK_THAT(training("steps = 5, step_fraction = -1"), Contains("training.step_fraction: -1"));
  CHECK_THAT(training("steps = -5, step = 1"), Contains("training.steps: -5"));
  CHECK_THAT(training("steps = 1000000001, step = 1"), Contains("training.steps"));
  CHECK_THAT(training("step = 1"), Contains("training.steps: is missing"));
  CHECK_THAT(training("steps = 5, step = 1, momentum = 1"), Contains("training.momentum: 1"));
  CHECK_THAT(training("steps = 5, step = 1, seed = -1"), Contains("training.seed: -1"));
  const auto record = [](const std::string& text) { return problem({{"record", "{ " + text + " }"}}); };
  CHECK(record("at = 100") == "accepted");
  CHECK_THAT(record("at = 101"), Contains("record.at: 101"));
  CHECK_THAT(record("at = \"0..101\""), Contains("run[0].record.at: \"0..101\""));
  CHECK_THAT(record("at = [0, -1]"), Contains("record.at: [0,-1]"));
  CHECK_THAT(record("at = []"), Contains("record.at: []"));
  CHECK_THAT(record("at = true"), Contains("record.at: true"));
  CHECK_THAT(record("spectral = 101"), Contains("record.spectral: 101"));
  CHECK_THAT(record("at = \"0..9..3\", spectral = [3, 4]"),
             Contains("record.spectral: [3,4]: step 4 is not among the recorded steps"));
  CHECK_THAT(record("max_gib = 0"), Contains("record.max_gib: 0"));
  CHECK_THAT(record("pairs = 1"), Contains("record.pairs: 1"));
}

TEST_CASE("ranges give their steps sorted and once") {
  const auto range = [](const std::string& text) { return parse_range(text, 0, 1000, "suite.toml: at"); };
  CHECK(range("7") == std::vector<Index>{7});
  CHECK(range("2..5") == std::vector<Index>{2, 3, 4, 5});
  CHECK(range("0..10..4") == std::vector<Index>{0, 4, 8});
  CHECK(range("0..8..4") == std::vector<Index>{0, 4, 8});
  CHECK(range("9, 1..3 ,2") == std::vector<Index>{1, 2, 3, 9});
  CHECK(range("0..1000..1000") == std::vector<Index>{0, 1000});
  CHECK(parse_range("5..9223372036854775807..9223372036854775800", 0, INT64_MAX, "x") ==
        std::vector<Index>{5, 9223372036854775805});
}

TEST_CASE("malformed ranges are refused with the text and what is allowed") {
  for (const char* text : {"", "a", "1..", "..2", "1...2", "5..2", "1..5..0", "1..5..-1", "-1", "1..2..3..4",
                           "1,,2", "1;2", "1001", "0..1001", "1.5", "99999999999999999999", "1 2", "0x3"}) {
    INFO(text);
    CHECK_THROWS_WITH(parse_range(text, 0, 1000, "suite.toml: at"),
                      Contains("suite.toml: at: \"") && Contains("numbers from 0 to 1000"));
  }
  CHECK_THROWS_WITH(parse_range("0..1000000", 0, 1000000, "f: at"), Contains("more than 100000 entries"));
}

TEST_CASE("the recorded steps and their successors are stored once each") {
  const auto stored = [](const std::string& record) {
    return stored_steps(read(table({{"record", record}})));
  };
  CHECK(stored("{ at = \"0..100..50\" }") == std::vector<Index>{0, 1, 50, 51, 100, 101});
  CHECK(stored("{ at = \"0..3\" }") == std::vector<Index>{0, 1, 2, 3, 4});
  CHECK(stored("{ at = \"7,9\", pairs = false }") == std::vector<Index>{0, 7, 9});
  CHECK(stored("{ at = \"1,2\" }") == std::vector<Index>{0, 1, 2, 3});
  CHECK(stored("{ at = \"0..3\", pairs = false }") == std::vector<Index>{0, 1, 2, 3});
  CHECK(read(table({{"training", "{ step = 0.01, steps = 0 }"}})).recorded == std::vector<Index>{0});
}
