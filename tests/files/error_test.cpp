#include "files/error.h"

#include "tests/catch.h"

using namespace overproof;
using Catch::Matchers::Contains;

TEST_CASE("the nearest name is found within a third of its length or two letters") {
  const std::vector<std::string> names{"relu", "softplus", "tanh"};
  CHECK(nearest_name("softpls", names) == "softplus");
  CHECK(nearest_name("sotfplus", names) == "softplus");
  CHECK(nearest_name("rleu", names) == "relu");
  CHECK(nearest_name("tanh", names) == "tanh");
  CHECK(nearest_name("sigmoid", names).empty());
  CHECK(nearest_name("relu", {}).empty());
  CHECK(nearest_name("", {"abc"}).empty());
  CHECK(nearest_name("", {"ab"}) == "ab");
}

TEST_CASE("an unknown name is reported with a suggestion and all allowed names") {
  const std::vector<std::string> names{"relu", "softplus", "tanh"};
  CHECK(unknown_name("activation", "softpls", names) ==
        "unknown activation \"softpls\"; did you mean \"softplus\"? allowed: relu, softplus, tanh");
  CHECK(unknown_name("activation", "mish-like", names) ==
        "unknown activation \"mish-like\"; allowed: relu, softplus, tanh");
}
