#include "trainer/dataset.h"

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "files/file.h"
#include "tests/catch.h"
#include "tests/trainer/idx_bytes.h"
#include "trainer/csv.h"

using namespace overproof;
using Catch::Matchers::Contains;

namespace {

DataSpec spec(const std::string& toml) {
  const Json json = parse_toml(toml, "suite.toml");
  return data_spec(Fields(json, "suite.toml", "run[0].data"));
}

Dataset load(const std::string& toml, const std::filesystem::path& folder = ".") {
  return load_dataset(spec(toml), folder);
}

bool same(const Dataset& a, const Dataset& b) {
  return a.X == b.X && a.y == b.y && a.normalised == b.normalised;
}

/// 12 images of 2 × 2 pixels: image i is filled with i, its label is i mod 3.
void write_images(const std::filesystem::path& folder) {
  std::vector<std::uint8_t> pixels, labels;
  for (std::uint8_t i = 0; i < 12; ++i) {
    pixels.insert(pixels.end(), 4, i);
    labels.push_back(i % 3);
  }
  write_file(folder / "images", idx_bytes({12, 2, 2}, pixels));
  write_file(folder / "labels", idx_bytes({12}, labels));
}

const std::string idx_toml = "kind = \"idx\"\nimages = \"images\"\nlabels = \"labels\"\n";

}  // namespace

TEST_CASE("sphere data lie on the unit sphere and labels follow their kind") {
  for (const std::string labels : {"teacher", "signs", "gaussian"}) {
    const Dataset data = load("kind = \"sphere\"\nn = 50\nd = 7\nseed = 3\nlabels = \"" + labels + "\"");
    CHECK(data.X.rows() == 7);
    CHECK(data.X.cols() == 50);
    CHECK(data.normalised);
    for (Index i = 0; i < 50; ++i) CHECK(data.X.col(i).norm() == Approx(1).epsilon(1e-15));
    if (labels == "teacher") CHECK(data.y.cwiseAbs().maxCoeff() == 1.0);
    if (labels == "signs") CHECK(data.y.cwiseAbs() == Vector::Ones(50));
    CHECK(data.y.minCoeff() < 0);
    CHECK(data.y.maxCoeff() > 0);
  }
}

TEST_CASE("equal specifications give equal data and another seed gives other data") {
  const std::string toml = "kind = \"sphere\"\nn = 20\nd = 5\nseed = 3";
  CHECK(same(load(toml), load(toml)));
  CHECK_FALSE(same(load(toml), load("kind = \"sphere\"\nn = 20\nd = 5\nseed = 4")));
  const Matrix more = load("kind = \"sphere\"\nn = 21\nd = 5\nseed = 3").X;
  CHECK(more.leftCols(20) == load(toml).X);
}

TEST_CASE("shuffling the labels permutes them and leaves the inputs alone") {
  const std::string toml = "kind = \"sphere\"\nn = 40\nd = 5\nseed = 3\nlabels = \"gaussian\"";
  const Dataset plain = load(toml), shuffled = load(toml + "\nshuffle_labels = 1");
  CHECK(shuffled.X == plain.X);
  CHECK(shuffled.y != plain.y);
  CHECK(std::multiset<double>(plain.y.begin(), plain.y.end()) ==
        std::multiset<double>(shuffled.y.begin(), shuffled.y.end()));
  CHECK(load(toml + "\nshuffle_labels = 2").y != shuffled.y);
}

TEST_CASE("a planted duplicate has equal inputs and different labels") {
  for (const std::string labels : {"teacher", "signs", "gaussian"}) {
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
      const Dataset data = load("kind = \"sphere\"\nn = 9\nd = 4\nduplicate = [2, 7]\nlabels = \"" + labels +
                                "\"\nseed = " + std::to_string(seed));
      CHECK(data.X.col(2) == data.X.col(7));
      CHECK(data.y[2] != data.y[7]);
      CHECK(data.X.col(2) != data.X.col(3));
    }
  }
}

TEST_CASE("network inputs are the stored ones, divided by their norms when normalised") {
  Dataset data{(Matrix(2, 2) << 3, 0, 4, 2).finished(), Vector::Ones(2), false};
  CHECK(network_inputs(data) == data.X);
  data.normalised = true;
  CHECK(network_inputs(data) == (Matrix(2, 2) << 3.0 / 5, 0, 4.0 / 5, 1).finished());
}

TEST_CASE("IDX data give the two classes in turn with labels 1 and -1") {
  const TemporaryFolder folder;
  write_images(folder.path());
  const Dataset data = load(idx_toml + "classes = [2, 1]\nn = 5\nnormalised = false", folder.path());
  CHECK(data.y == (Vector(5) << 1, -1, 1, -1, 1).finished());
  CHECK(data.X.row(0) == Eigen::RowVectorXd((Eigen::RowVectorXd(5) << 2, 1, 5, 4, 8).finished() / 255));
  CHECK(data.X.row(3) == data.X.row(0));
  CHECK_FALSE(data.normalised);
  const Dataset drawn =
      load(idx_toml + "classes = [2, 1]\nn = 8\nsubsample = 5\nnormalised = false", folder.path());
  std::multiset<double> pixels;
  for (Index i = 0; i < 8; ++i) pixels.insert(std::round(drawn.X(0, i) * 255));
  CHECK(pixels == std::multiset<double>{1, 2, 4, 5, 7, 8, 10, 11});
  CHECK(drawn.X != load(idx_toml + "classes = [2, 1]\nn = 8\nnormalised = false", folder.path()).X);
}

TEST_CASE("an IDX file is found with .gz added to its name") {
  const TemporaryFolder folder;
  write_images(folder.path());
  const Dataset plain = load(idx_toml + "classes = [2, 1]\nn = 6", folder.path());
  const std::string bytes = read_file(folder.path() / "images");
  const gzFile file = gzopen((folder.path() / "images.gz").c_str(), "wb");
  REQUIRE(gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size())) > 0);
  REQUIRE(gzclose(file) == Z_OK);
  std::filesystem::remove(folder.path() / "images");
  CHECK(same(load(idx_toml + "classes = [2, 1]\nn = 6", folder.path()), plain));
}

TEST_CASE("IDX data that do not give what is asked for are refused with the file") {
  const TemporaryFolder folder;
  write_images(folder.path());
  CHECK_THROWS_WITH(load(idx_toml + "classes = [0, 1]\nn = 9", folder.path()),
                    Contains("labels: has 4 samples of class 0, 5 are asked for"));
  CHECK_THROWS_WITH(load(idx_toml + "classes = [1, 9]\nn = 2", folder.path()),
                    Contains("has 0 samples of class 9, 1 are asked for"));
  CHECK_THROWS_WITH(load(idx_toml + "classes = [0, 1]\nn = 2", folder.path()),
                    Contains("images: input 0 has norm 0"));  // the black image
  CHECK_THROWS_WITH(load(idx_toml + "classes = [0, 1]\nn = 2", folder.path() / "absent"),
                    Contains("cannot be read"));
  write_file(folder.path() / "labels", idx_bytes({2}, {1, 2}));
  CHECK_THROWS_WITH(load(idx_toml + "classes = [1, 2]\nn = 2", folder.path()),
                    Contains("has 2 labels") && Contains("12 images"));
}

TEST_CASE("CSV data are read with the label column by number or by name") {
  const TemporaryFolder folder;
  write_file(folder.path() / "a.csv", "x,\"y\",z\r\n1, 2 ,3\r\n\r\n-4e-1,+5,6\r\n");
  const std::string toml = "kind = \"csv\"\nfile = \"a.csv\"\nheader = true\nnormalised = false\n";
  const Dataset last = load(toml, folder.path());
  CHECK(last.X == (Matrix(2, 2) << 1, -0.4, 2, 5).finished());
  CHECK(last.y == (Vector(2) << 3, 6).finished());
  const Dataset named = load(toml + "label = \"y\"", folder.path());
  CHECK(named.X == (Matrix(2, 2) << 1, -0.4, 3, 6).finished());
  CHECK(named.y == (Vector(2) << 2, 5).finished());
  CHECK(same(load(toml + "label = 1", folder.path()), named));
  CHECK(load(toml + "n = 1", folder.path()).X.cols() == 1);
  std::string rows;
  for (int i = 1; i <= 30; ++i) rows += std::to_string(i) + "," + std::to_string(i) + "\n";
  write_file(folder.path() / "b.csv", rows);
  const Dataset drawn =
      load("kind = \"csv\"\nfile = \"b.csv\"\nn = 12\nsubsample = 4\nnormalised = false", folder.path());
  CHECK(drawn.X.row(0).transpose() == drawn.y);
  CHECK(std::set<double>(drawn.y.begin(), drawn.y.end()).size() == 12);
  CHECK(drawn.y.maxCoeff() > 12);
}

TEST_CASE("malformed CSV data are refused with file and line") {
  const TemporaryFolder folder;
  const auto problem = [&](const std::string& text, const std::string& more = "") -> std::string {
    write_file(folder.path() / "a.csv", text);
    try {
      (void)load("kind = \"csv\"\nfile = \"a.csv\"\n" + more, folder.path());
    } catch (const InputError& error) {
      return error.what();
    }
    return "accepted";
  };
  CHECK(problem("1,2\n3,4\n") == "accepted");
  CHECK_THAT(problem("1,2\n3,x\n"), Contains("a.csv:2: column 1: \"x\": a finite number is expected"));
  CHECK_THAT(problem("1,2\n3,nan\n"), Contains("a.csv:2: column 1: \"nan\""));
  CHECK_THAT(problem("1,2\n3,1e999\n"), Contains("a.csv:2"));
  CHECK_THAT(problem("1,2\n\n3,4,5\n"), Contains("a.csv:3: has 3 columns, the first line has 2"));
  CHECK_THAT(problem("1,\n"), Contains("column 1: \"\""));
  CHECK_THAT(problem(""), Contains("a.csv: has no samples"));
  CHECK_THAT(problem("x,y\n", "header = true"), Contains("a.csv: has no samples"));
  CHECK_THAT(problem("x,y\n1,2\n", "header = true\nlabel = \"z\""), Contains("unknown column \"z\""));
  CHECK_THAT(problem("1,2\n", "label = 2"), Contains("a.csv: has 2 columns"));
  CHECK_THAT(problem("1\n2\n"), Contains("a.csv: has 1 columns"));
  CHECK_THAT(problem("1,2\n", "n = 2"), Contains("a.csv: has 1 samples, 2 are asked for"));
  CHECK_THAT(problem("0,2\n"), Contains("a.csv: input 0 has norm 0"));
  CHECK(problem("0,2\n", "normalised = false") == "accepted");
}

TEST_CASE("a data table is checked and its defaults are filled in") {
  const DataSpec filled = spec("d = 4\nkind = \"sphere\"\nn = 3");
  CHECK(filled.kind == "sphere");
  CHECK(filled.fields.dump() ==
        R"({"kind":"sphere","n":3,"d":4,"seed":0,"labels":"teacher","normalised":true})");
  CHECK(data_spec(Fields(filled.fields, "run.json")).fields == filled.fields);
  const DataSpec file = spec(
      "kind = \"csv\"\nfile = \"a\"\nheader = true\nlabel = \"y\"\nn = 3\nsubsample = 1\nshuffle_labels = 2");
  CHECK(data_spec(Fields(file.fields, "run.json")).fields == file.fields);
  const DataSpec images = spec(idx_toml + "classes = [3, 8]\nn = 4\nsubsample = 0");
  CHECK(data_spec(Fields(images.fields, "run.json")).fields == images.fields);

  CHECK_THROWS_WITH(spec("kind = \"sphre\""),
                    Contains("run[0].data.kind") && Contains("did you mean \"sphere\""));
  CHECK_THROWS_WITH(spec("kind = \"sphere\"\nd = 2"), Contains("data.n: is missing"));
  CHECK_THROWS_WITH(spec("kind = \"sphere\"\nn = 0\nd = 2"), Contains("data.n: 0"));
  CHECK_THROWS_WITH(spec("kind = \"sphere\"\nn = 20000\nd = 1000000"), Contains("data.d: 1000000"));
  CHECK_THROWS_WITH(spec("kind = \"sphere\"\nn = 2\nd = 2\nlabel = \"signs\""),
                    Contains("data.label: unknown field") && Contains("labels"));
  CHECK_THROWS_WITH(spec("kind = \"sphere\"\nn = 2\nd = 2\nduplicate = [0, 2]"),
                    Contains("data.duplicate: [0,2]"));
  CHECK_THROWS_WITH(spec("kind = \"sphere\"\nn = 2\nd = 2\nduplicate = [1, 1]"), Contains("data.duplicate"));
  CHECK_THROWS_WITH(spec("kind = \"sphere\"\nn = 2\nd = 2\nseed = -1"), Contains("data.seed: -1"));
  CHECK_THROWS_WITH(spec(idx_toml + "classes = [1, 256]\nn = 2"), Contains("data.classes: [1,256]"));
  CHECK_THROWS_WITH(spec(idx_toml + "classes = [1]\nn = 2"), Contains("data.classes"));
  CHECK_THROWS_WITH(spec("kind = \"csv\"\nfile = \"a\"\nlabel = \"y\""),
                    Contains("data.label: \"y\": a column can be named only"));
}
