#include "bounds/coefficient_cache.h"

#include <sys/stat.h>

#include <filesystem>

#include "bounds/dual_activation.h"
#include "bounds/population_gram.h"
#include "files/file.h"
#include "tests/catch.h"

using namespace overproof;

namespace {

const CoefficientKey key{"softplus", Part::value, Interval::integer(1), 128, 70};

HermiteExpansion computed() {
  return GaussianQuadrature(128).expand_to(activation_row("softplus"), Part::value, Interval::integer(1), 70);
}

bool same(const HermiteExpansion& a, const HermiteExpansion& b) {
  if (a.coefficients.size() != b.coefficients.size() || a.tails.size() != b.tails.size()) return false;
  bool equal = same_ends(a.variance, b.variance) && same_ends(a.mean_square, b.mean_square);
  for (std::size_t k = 0; k < a.coefficients.size(); ++k)
    equal = equal && same_ends(a.coefficients[k], b.coefficients[k]) && same_ends(a.tails[k], b.tails[k]);
  return equal && same_ends(a.tails.back(), b.tails.back());
}

std::size_t files_in(const std::filesystem::path& folder) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder)) ++count;
  return count;
}

}  // namespace

TEST_CASE("an expansion comes back from the cache bit by bit") {
  const TemporaryFolder folder;
  const CoefficientCache cache(folder.path() / "cache");
  REQUIRE_FALSE(cache.find(key));
  const HermiteExpansion expansion = computed();
  cache.store(key, expansion);
  const auto found = cache.find(key);
  REQUIRE(found);
  REQUIRE(same(*found, expansion));
  REQUIRE(files_in(folder.path() / "cache") == 1);
}

TEST_CASE("a cached file that is altered anywhere is not found") {
  const TemporaryFolder folder;
  const CoefficientCache cache(folder.path());
  cache.store(key, computed());
  const std::filesystem::path path = cache.path(key);
  const std::string good = read_file(path);
  const auto rejected = [&](const std::string& text) {
    write_file(path, text);
    return !cache.find(key);
  };
  for (std::size_t i = 0; i < good.size(); i += 1 + good.size() / 150) {
    std::string flipped = good;
    flipped[i] = flipped[i] == '7' ? '8' : '7';
    INFO("byte " << i);
    REQUIRE(rejected(flipped));
    REQUIRE(rejected(good.substr(0, i)));
  }
  REQUIRE(rejected(good.substr(0, good.size() - 1)));
  REQUIRE(rejected(good + "\n"));
  REQUIRE(rejected(good + good));
  REQUIRE_FALSE(rejected(good));
}

TEST_CASE(
    "a consistent file with other contents is not found: numbers that are missing, of another precision or "
    "key") {
  const TemporaryFolder folder;
  const CoefficientCache cache(folder.path());
  const auto accepted = [&](const std::string& head, const std::string& body) {
    const std::string text = head + body;
    write_file(cache.path(key), text + "sha256 " + sha256(text) + "\n");
    return cache.find(key).has_value();
  };
  const std::string number = Interval::rational(1, 3).exact_text() + "\n";
  REQUIRE(accepted(key.text(), number + number));
  REQUIRE_FALSE(accepted(key.text(), number));
  REQUIRE_FALSE(accepted(key.text(), ""));
  REQUIRE_FALSE(accepted(key.text(), number + "\n"));
  REQUIRE_FALSE(accepted(key.text(), number + Interval::nan().exact_text() + "\n"));
  REQUIRE_FALSE(accepted(key.text(), number + Interval::entire().exact_text() + "\n"));
  REQUIRE_FALSE(accepted(key.text(), number + Interval::rational(1, 3, 120).exact_text() + "\n"));
  REQUIRE_FALSE(accepted(key.text(), number + "128 0.5 0.5\n"));
  CoefficientKey other = key;
  other.activation = "tanh";
  REQUIRE_FALSE(accepted(other.text(), number + number));
  CoefficientKey as_long = key;
  as_long.accuracy = 71;
  REQUIRE_FALSE(accepted(as_long.text(), number + number));
}

TEST_CASE("the name of a cached file depends on everything the numbers depend on") {
  const CoefficientCache cache("nowhere");
  std::vector<CoefficientKey> keys(8, key);
  keys[0].activation = "tanh";
  keys[1].part = Part::derivative;
  keys[2].variance = hull(Interval::integer(1), Interval::integer(1) + pow(Interval::rational(1, 2), 127));
  keys[3].precision = 129;
  keys[4].accuracy = 71;
  keys[5].accuracy.reset();
  keys[7].most = 2048;
  keys[6].least = 2;
  for (const CoefficientKey& other : keys) REQUIRE(cache.path(other) != cache.path(key));
  REQUIRE_FALSE(cache.find(key));
}

TEST_CASE("nan is not cached, and a cache that cannot be written is no error") {
  const TemporaryFolder folder;
  const CoefficientCache cache(folder.path());
  HermiteExpansion spoiled = computed();
  spoiled.coefficients[3] = Interval::nan();
  cache.store(key, spoiled);
  REQUIRE_FALSE(cache.find(key));
  write_file(folder.path() / "file", "");
  const CoefficientCache blocked(folder.path() / "file");
  blocked.store(key, computed());
  REQUIRE_FALSE(blocked.find(key));
}

TEST_CASE("a Gram matrix is the same without a cache, with an empty, a full and a spoiled one") {
  const TemporaryFolder folder;
  const CoefficientCache cache(folder.path());
  SymmetricIntervals inner(2);
  inner(0, 0) = inner(1, 1) = Interval::integer(1), inner(0, 1) = Interval::rational(1, 3);
  const ActivationRow& row = activation_row("tanh");
  const auto gram = [&](const CoefficientCache* used) {
    return population_gram_resnet(inner, 3, Interval::rational(1, 2), row, {.cache = used});
  };
  const SymmetricIntervals plain = gram(nullptr);
  const auto equal = [&](const SymmetricIntervals& K) {
    return same_ends(K(0, 0), plain(0, 0)) && same_ends(K(0, 1), plain(0, 1)) &&
           same_ends(K(1, 1), plain(1, 1));
  };
  REQUIRE(equal(gram(&cache)));
  REQUIRE(files_in(folder.path()) == 2);  // σ at K^(0) and K^(1), of diagonal 1, and σ' at K^(2)
  REQUIRE(equal(gram(&cache)));
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    std::string text = read_file(entry.path());
    text[text.size() / 2] = text[text.size() / 2] == '1' ? '2' : '1';
    write_file(entry.path(), text);
  }
  REQUIRE(equal(gram(&cache)));
  REQUIRE(files_in(folder.path()) == 2);
}

TEST_CASE("what is no regular file of a sensible size is not read") {
  const TemporaryFolder folder;
  const CoefficientCache cache(folder.path());
  REQUIRE(::mkfifo(cache.path(key).c_str(), 0600) == 0);
  CHECK_FALSE(cache.find(key));
  std::filesystem::remove(cache.path(key));
  write_file(cache.path(key), "x");
  std::filesystem::resize_file(cache.path(key), std::uintmax_t{1} << 36);  // sparse
  CHECK_FALSE(cache.find(key));
}
