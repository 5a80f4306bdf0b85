#include "recheck/reader.h"

#include <cmath>
#include <limits>

#include "tests/catch.h"

namespace overproof::recheck {
namespace {

TEST_CASE("numbers are JSON numbers or hexadecimal texts, exactly") {
  CHECK(number(0.1) == 0.1);
  CHECK(number(3) == 3.0);
  CHECK(number("0x1.8p-4") == 0x1.8p-4);
  CHECK(number("-0x1p+2") == -4.0);
  const Json wrong[] = {"0.1",
                        "0x",
                        "0x1p-4 ",
                        " 0x1p-4",
                        "nan",
                        "inf",
                        "0x-1p2",
                        std::string("0x1\0", 4),
                        nullptr,
                        true,
                        (std::int64_t{1} << 53) + 1};
  for (const Json& value : wrong) {
    INFO(value.dump());
    CHECK(std::isnan(number(value)));
  }
}

TEST_CASE("safetensors that do not hold what they say are refused") {
  const auto file = [](const std::string& header, std::size_t bytes) {
    const std::uint64_t length = header.size();
    return std::string(reinterpret_cast<const char*>(&length), 8) + header + std::string(bytes, '\0');
  };
  const auto tensor = [](const std::string& shape, const std::string& offsets) {
    return R"({"dtype":"F64","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}";
  };
  CHECK(read_safetensors(file("{\"a\":" + tensor("[2]", "[0,16]") + "}", 16)).at("a").rows() == 2);
  CHECK(read_safetensors(file("{\"a\":" + tensor("[2,1]", "[0,16]") + ",\"__metadata__\":{}}", 16)).size() ==
        1);
  for (const std::string& bad :
       {std::string("short"), file("{\"a\":" + tensor("[2]", "[0,16]") + "}", 17),
        file("{\"a\":" + tensor("[2]", "[0,16]") + "}", 15),
        file("{\"a\":" + tensor("[2]", "[8,24]") + "}", 24),
        file("{\"a\":" + tensor("[3]", "[0,16]") + "}", 16),
        file("{\"a\":" + tensor("[-2]", "[0,16]") + "}", 16),
        file("{\"a\":" + tensor("[2]", "[16,0]") + "}", 16),
        file("{\"a\":" + tensor("[0]", "[0,0]") + "}", 0),
        file("{\"a\":" + tensor("[1]", "[0,8]") + ",\"b\":" + tensor("[1]", "[0,8]") + "}", 8),
        file("{\"a\":" + tensor("[4294967296,4294967296]", "[0,0]") + "}", 0), file("[]", 8),
        file(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8)}) {
    INFO(bad);
    CHECK_THROWS(read_safetensors(bad));
  }
}

TEST_CASE("networks that are not served are refused") {
  const Json good = Json::parse(R"({
    "name": "net", "input_dimension": 3, "activation": "tanh",
    "weights": [{"name": "W1", "law": "gaussian", "rows": 4, "cols": 3, "scale": 1, "trained": true},
                {"name": "a", "law": "gaussian", "rows": 1, "cols": 4, "scale": 1, "trained": false}],
    "layers": [{"weight": 0, "scale": "0x1p-1"}], "readouts": [{"after_layer": 1, "weight": 1}]})");
  const Network net = read_network(good);
  REQUIRE(net.size() == 2);
  CHECK(net[0].scale == 0.5);
  CHECK(net[0].scale_in == 1.0);
  CHECK(net[1].activation == "identity");
  const std::pair<const char*, Json> changes[] = {{"/inputs", 2},
                                                  {"/input_dimension", 4},
                                                  {"/input_dimension", -3},
                                                  {"/input_dimension", 3.5},
                                                  {"/layers/0/patches", 1},
                                                  {"/layers/0/weight", 1},
                                                  {"/layers/0/weight", 2},
                                                  {"/layers/0/skip_out", 1.0},
                                                  {"/layers/0/scale", "x"},
                                                  {"/readouts/0/after_layer", 0},
                                                  {"/readouts/0/target", 1},
                                                  {"/readouts/1", {{"after_layer", 1}, {"weight", 1}}},
                                                  {"/weights/1/rows", 2},
                                                  {"/weights/1/name", "W1"},
                                                  {"/weights/0/trained", 1},
                                                  {"/weights/2", good["weights"][0]}};
  for (const auto& [place, value] : changes) {
    Json bad = good;
    bad[Json::json_pointer(place)] = value;
    INFO(place << " " << value.dump());
    CHECK_THROWS(read_network(bad));
  }
}

TEST_CASE("the hash is SHA-256") {
  CHECK(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace overproof::recheck
