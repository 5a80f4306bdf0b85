#include "files/file.h"

#include <sys/stat.h>
#include <zlib.h>

#include <array>

#include "files/error.h"
#include "tests/catch.h"

using namespace overproof;
using Catch::Matchers::Contains;

namespace {

std::size_t entries(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

void write_gzip(const std::filesystem::path& path, const std::string& bytes) {
  const gzFile file = gzopen(path.c_str(), "wb");
  REQUIRE(file != nullptr);
  REQUIRE(gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size())) == static_cast<int>(bytes.size()));
  REQUIRE(gzclose(file) == Z_OK);
}

std::string random_bytes(std::size_t size, std::uint64_t seed) {
  std::mt19937_64 random(test_seed(seed));
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

}  // namespace

TEST_CASE("a written file is read back byte for byte and nothing else is left") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "deep" / "er" / "file.bin";
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{300'001}}) {
    const std::string bytes = random_bytes(size, size);
    write_file(path, bytes);
    CHECK(read_file(path) == bytes);
    CHECK(entries(path.parent_path()) == 1);
  }
}

TEST_CASE("a write that fails names the path and leaves nothing behind") {
  const TemporaryFolder folder;
  const auto taken = folder.path() / "taken";
  write_file(taken / "child", "x");
  CHECK_THROWS_WITH(write_file(taken, "new"), Contains(taken.string() + ": cannot be written"));
  CHECK(entries(folder.path()) == 1);
  CHECK(read_file(taken / "child") == "x");
  CHECK_THROWS_AS(write_file(taken / "child" / "below", "x"), InputError);
  CHECK(entries(taken) == 1);
}

TEST_CASE("a missing file and a folder are input errors that name the path") {
  const TemporaryFolder folder;
  CHECK_THROWS_WITH(read_file(folder.path() / "absent.json"),
                    Contains("absent.json: cannot be read: No such file"));
  CHECK_THROWS_WITH(read_file(folder.path()), Contains("is a folder"));
  CHECK_THROWS_AS(read_file_or_gzip(folder.path() / "absent.gz"), InputError);
}

TEST_CASE("gzip data are inflated and other data are left alone") {
  const TemporaryFolder folder;
  for (const std::size_t size : {std::size_t{0}, std::size_t{5}, std::size_t{65536}, std::size_t{200'000}}) {
    const std::string bytes = random_bytes(size, size + 7);
    write_gzip(folder.path() / "a.gz", bytes);
    CHECK(read_file_or_gzip(folder.path() / "a.gz") == bytes);
    CHECK(read_file(folder.path() / "a.gz") != bytes);
  }
  // several members, one after the other, are one file; anything else after a member is not
  const std::string whole = read_file(folder.path() / "a.gz"), inflated = random_bytes(200'000, 200'007);
  write_file(folder.path() / "two.gz", whole + whole);
  CHECK(read_file_or_gzip(folder.path() / "two.gz") == inflated + inflated);
  write_file(folder.path() / "more.gz", whole + "more");
  CHECK_THROWS_WITH(read_file_or_gzip(folder.path() / "more.gz"), Contains("truncated or damaged"));
  write_file(folder.path() / "plain", "\x1fplain");
  CHECK(read_file_or_gzip(folder.path() / "plain") == "\x1fplain");
}

TEST_CASE("truncated or damaged gzip data are an input error, never a shorter file") {
  const TemporaryFolder folder;
  const std::string bytes = random_bytes(5000, 3);
  write_gzip(folder.path() / "a.gz", bytes);
  const std::string packed = read_file(folder.path() / "a.gz");
  std::mt19937_64 random(test_seed(4));
  int refused = 0;
  for (int i = 0; i < scaled(60); ++i) {
    const std::size_t kept = 2 + random() % (packed.size() - 2);
    write_file(folder.path() / "b.gz", std::string_view(packed).substr(0, kept));
    CHECK_THROWS_WITH(read_file_or_gzip(folder.path() / "b.gz"),
                      Contains("b.gz: the gzip data is truncated or damaged"));
    std::string flipped = packed;
    flipped[12 + random() % (packed.size() - 12)] ^= static_cast<char>(1 << random() % 8);
    write_file(folder.path() / "c.gz", flipped);
    try {  // a flip in the few padding bits changes nothing
      const std::string read = read_file_or_gzip(folder.path() / "c.gz");
      CHECK(read == bytes);
    } catch (const InputError&) {
      ++refused;
    }
  }
  CHECK(refused > 0);
}

TEST_CASE("a folder is kept to one process, and what a killed write left in it is removed") {
  const TemporaryFolder folder;
  const auto runs = folder.path() / "runs" / "a";
  write_file(runs / "iterates" / "kept", "1");
  write_file(runs / "iterates" / "kept.77.tmp", "half");
  {
    const FolderLock lock(runs);
    CHECK(entries(runs / "iterates") == 1);
    CHECK_THROWS_WITH(FolderLock(runs), Contains("a: another overproof is writing there"));
  }
  CHECK_NOTHROW(FolderLock(runs));
  CHECK_THROWS_AS(FolderLock(runs / "iterates" / "kept"), InputError);
}

TEST_CASE("sha256 gives the published digests") {
  CHECK(sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const std::array<double, 2> values{1.0, -0.0};
  const std::string bytes("\0\0\0\0\0\0\xf0\x3f\0\0\0\0\0\0\0\x80", 16);
  CHECK(sha256(values) == sha256(bytes));
}
