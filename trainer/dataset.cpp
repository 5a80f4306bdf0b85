#include "trainer/dataset.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "files/file.h"
#include "trainer/csv.h"
#include "trainer/idx.h"
#include "trainer/random.h"

namespace overproof {
namespace {

constexpr Index most_samples = 20'000, most_features = 1'000'000, most_numbers = 200'000'000;
const std::vector<std::string> kinds{"sphere", "idx", "csv"};

/// Streams of the random numbers behind data, far from those of the weights (0, 1, 2, ...).
enum DataStream : std::uint32_t {
  inputs_stream = 0x44000000,
  labels_stream,
  teacher_stream,
  shuffle_stream,
  subsample_stream
};

/// Makes a list of whole numbers of a fixed length, each within [least, most].
std::vector<std::int64_t> whole_numbers(Fields& fields, const std::string& name, std::size_t count,
                                        std::int64_t most) {
  const Json* list = fields.raw(name);
  const InputError error = fields.error(
      name, fmt::format("a list of {} different whole numbers from 0 to {} is expected", count, most));
  if (!list || !list->is_array() || list->size() != count) throw error;
  std::vector<std::int64_t> numbers;
  for (const Json& entry : *list) {
    if (!entry.is_number_integer() || entry < 0 || entry > most) throw error;
    numbers.push_back(entry.get<std::int64_t>());
    if (std::ranges::count(numbers, numbers.back()) > 1) throw error;
  }
  return numbers;
}

/// A seed that may be absent: then nothing is shuffled.
void copy_seed(Fields& from, Json& to, const std::string& name) {
  if (from.has(name)) to[name] = from.integer(name, 0, INT64_MAX);
}

std::optional<std::uint64_t> seed_of(const Json& fields, const std::string& name) {
  return fields.contains(name) ? std::optional(fields[name].get<std::uint64_t>()) : std::nullopt;
}

/// A random permutation of 0..n−1, or the identity without a seed.
std::vector<std::size_t> order(std::optional<std::uint64_t> seed, DataStream stream, std::size_t n) {
  if (seed) return random_permutation({*seed, stream}, n);
  std::vector<std::size_t> identity(n);
  for (std::size_t i = 0; i < n; ++i) identity[i] = i;
  return identity;
}

/// ‖x‖ with a fixed order of summation, the same on every machine.
double norm(const Matrix& X, Index i) {
  double square = 0.0;
  for (Index j = 0; j < X.rows(); ++j) square += X(j, i) * X(j, i);
  return std::sqrt(square);
}

std::filesystem::path find_file(const std::filesystem::path& folder, const std::string& name) {
  const std::filesystem::path path = folder / name;
  const std::filesystem::path zipped = path.string() + ".gz";
  std::error_code ignored;
  return !std::filesystem::exists(path, ignored) && std::filesystem::exists(zipped, ignored) ? zipped : path;
}

/// y_i = t(x_i)/max_j |t(x_j)| with t(x) = Σ_{r ≤ 8} s_r tanh(2 w_r·x), w_r ~ N(0, I), s_r = ±1.
Vector teacher_labels(const Matrix& X, std::uint64_t seed) {
  constexpr std::size_t units = 8;
  const auto d = static_cast<std::size_t>(X.rows());
  const std::vector<double> w = gaussians({seed, teacher_stream}, units * d);
  Vector y = Vector::Zero(X.cols());
  for (Index i = 0; i < X.cols(); ++i) {
    for (std::size_t r = 0; r < units; ++r) {
      double z = 0.0;
      for (std::size_t j = 0; j < d; ++j) z += w[r * d + j] * X(static_cast<Index>(j), i);
      y[i] += random_sign({seed, teacher_stream}, r) * std::tanh(2 * z);
    }
  }
  const double largest = y.cwiseAbs().maxCoeff();
  return largest > 0 ? Vector(y / largest) : y;
}

Dataset sphere(const Json& fields) {
  const auto n = fields["n"].get<Index>(), d = fields["d"].get<Index>();
  const auto seed = fields["seed"].get<std::uint64_t>();
  const std::vector<double> g = gaussians({seed, inputs_stream}, static_cast<std::size_t>(n * d));
  Dataset data{Eigen::Map<const Matrix>(g.data(), d, n), Vector::Zero(n)};
  for (Index i = 0; i < n; ++i) data.X.col(i) /= norm(data.X, i);
  const std::string labels = fields["labels"];
  if (labels == "teacher") {
    data.y = teacher_labels(data.X, seed);
  } else if (labels == "signs") {
    for (Index i = 0; i < n; ++i)
      data.y[i] = random_sign({seed, labels_stream}, static_cast<std::uint64_t>(i));
  } else {
    const std::vector<double> draws = gaussians({seed, labels_stream}, static_cast<std::size_t>(n));
    data.y = Eigen::Map<const Vector>(draws.data(), n);
  }
  return data;
}

/// Copies input i over input j; their labels stay or are made different.
void plant_duplicate(Dataset& data, Index i, Index j) {
  data.X.col(j) = data.X.col(i).eval();
  if (data.y[i] == data.y[j]) data.y[j] = data.y[i] == 0 ? 1.0 : -data.y[i];
}

Dataset idx(const Json& fields, const std::filesystem::path& folder) {
  const auto read = [&](const char* name, int dimensions) {
    const std::filesystem::path path = find_file(folder, fields[name]);
    return std::pair(parse_idx(read_file_or_gzip(path), dimensions, path.string()), path.string());
  };
  const auto [labels, labels_file] = read("labels", 1);
  const auto [images, images_file] = read("images", 3);
  if (labels.shape[0] != images.shape[0]) {
    throw InputError(fmt::format("{}: has {} labels, {} has {} images", labels_file, labels.shape[0],
                                 images_file, images.shape[0]));
  }
  const auto n = fields["n"].get<std::size_t>();
  const auto pixels = static_cast<std::size_t>(images.shape[1] * images.shape[2]);
  Dataset data{Matrix(static_cast<Index>(pixels), static_cast<Index>(n)), Vector(static_cast<Index>(n))};
  const std::vector<std::size_t> shuffled =
      order(seed_of(fields, "subsample"), subsample_stream, labels.values.size());
  for (std::size_t c = 0; c < 2;
       ++c) {  // samples 0, 2, 4, ... are of the first class, 1, 3, 5, ... of the second
    const auto label = fields["classes"][c].get<std::uint8_t>();
    std::size_t column = c;
    for (std::size_t at = 0; at < shuffled.size() && column < n; ++at) {
      if (labels.values[shuffled[at]] != label) continue;
      const auto i = static_cast<Index>(column);
      for (std::size_t p = 0; p < pixels; ++p) {
        data.X(static_cast<Index>(p), i) = images.values[shuffled[at] * pixels + p] / 255.0;
      }
      data.y[i] = c == 0 ? 1.0 : -1.0;
      column += 2;
    }
    if (column < n) {
      throw InputError(fmt::format("{}: has {} samples of class {}, {} are asked for", labels_file,
                                   column / 2, label, (n - c + 1) / 2));
    }
  }
  return data;
}

Dataset csv(const Json& fields, const std::filesystem::path& folder) {
  const std::filesystem::path path = find_file(folder, fields["file"]);
  const std::string file = path.string();
  const CsvTable table = parse_csv(read_file_or_gzip(path), fields["header"], file);
  Index label = table.values.cols() - 1;
  if (fields.contains("label") && fields["label"].is_string()) {
    const std::string name = fields["label"];
    const auto at = std::ranges::find(table.names, name);
    if (at == table.names.end())
      throw InputError(fmt::format("{}: {}", file, unknown_name("column", name, table.names)));
    label = at - table.names.begin();
  } else if (fields.contains("label")) {
    label = fields["label"];
  }
  if (table.values.cols() < 2 || label >= table.values.cols()) {
    throw InputError(
        fmt::format("{}: has {} columns; a label column (here {}) and a column of inputs are expected", file,
                    table.values.cols(), label));
  }
  const Index n = fields.value("n", table.values.rows());
  if (n > table.values.rows())
    throw InputError(fmt::format("{}: has {} samples, {} are asked for", file, table.values.rows(), n));
  const auto rows =
      order(seed_of(fields, "subsample"), subsample_stream, static_cast<std::size_t>(table.values.rows()));
  Dataset data{Matrix(table.values.cols() - 1, n), Vector(n)};
  for (Index i = 0; i < n; ++i) {
    const auto row = table.values.row(static_cast<Index>(rows[static_cast<std::size_t>(i)]));
    data.X.col(i) << row.head(label).transpose(), row.tail(row.size() - label - 1).transpose();
    data.y[i] = row[label];
  }
  return data;
}

}  // namespace

Matrix network_inputs(const Dataset& data) {
  Matrix X = data.X;
  if (data.normalised) {
    for (Index i = 0; i < X.cols(); ++i) X.col(i) /= norm(data.X, i);
  }
  return X;
}

void check(const Dataset& data, const std::string& file) {
  if (data.X.cols() < 1 || data.X.rows() < 1) throw InputError(fmt::format("{}: has no samples", file));
  if (data.X.cols() > most_samples) {
    throw InputError(fmt::format("{}: has {} samples, at most {} are allowed: Gram matrices have n² entries",
                                 file, data.X.cols(), most_samples));
  }
  if (data.y.size() != data.X.cols()) {
    throw InputError(fmt::format("{}: has {} labels for {} inputs", file, data.y.size(), data.X.cols()));
  }
  for (Index i = 0; i < data.X.cols(); ++i) {
    if (!data.X.col(i).allFinite())
      throw InputError(fmt::format("{}: input {} has an entry that is not finite", file, i));
    if (!std::isfinite(data.y[i])) throw InputError(fmt::format("{}: label {} is not finite", file, i));
    if (data.normalised && !(norm(data.X, i) > 0 && std::isfinite(norm(data.X, i)))) {
      throw InputError(
          fmt::format("{}: input {} has norm {} in doubles, allowed for normalised inputs: finite and not 0",
                      file, i, norm(data.X, i)));
    }
  }
}

DataSpec data_spec(Fields fields) {
  DataSpec spec{fields.choice("kind", kinds), Json::object()};
  Json& out = spec.fields;
  out["kind"] = spec.kind;
  if (spec.kind == "sphere") {
    const Index n = fields.integer("n", 1, most_samples);
    out["n"] = n;
    out["d"] = fields.integer("d", 1, std::min(most_features, most_numbers / n));
    out["seed"] = fields.integer("seed", 0, INT64_MAX, 0);
    out["labels"] = fields.choice("labels", {"teacher", "signs", "gaussian"}, "teacher");
    if (fields.has("duplicate")) out["duplicate"] = whole_numbers(fields, "duplicate", 2, n - 1);
  } else if (spec.kind == "idx") {
    out["images"] = fields.text("images");
    out["labels"] = fields.text("labels");
    out["classes"] = whole_numbers(fields, "classes", 2, 255);
    out["n"] = fields.integer("n", 2, most_samples);
    copy_seed(fields, out, "subsample");
  } else {
    out["file"] = fields.text("file");
    out["header"] = fields.boolean("header", false);
    const Json* label = fields.raw("label");
    if (label && label->is_string()) {
      out["label"] = fields.text("label");
      if (!out["header"].get<bool>())
        throw fields.error("label", "a column can be named only with header = true");
    } else if (label) {
      out["label"] = fields.integer("label", 0, most_features);
    }
    if (fields.has("n")) out["n"] = fields.integer("n", 1, most_samples);
    copy_seed(fields, out, "subsample");
  }
  out["normalised"] = fields.boolean("normalised", true);
  copy_seed(fields, out, "shuffle_labels");
  fields.done();
  return spec;
}

Dataset load_dataset(const DataSpec& spec, const std::filesystem::path& data_folder) {
  const Json& fields = spec.fields;
  Dataset data = spec.kind == "sphere" ? sphere(fields)
                 : spec.kind == "idx"  ? idx(fields, data_folder)
                                       : csv(fields, data_folder);
  data.normalised = fields["normalised"];
  if (const auto seed = seed_of(fields, "shuffle_labels")) {
    const auto shuffled =
        random_permutation({*seed, shuffle_stream}, static_cast<std::size_t>(data.y.size()));
    const Vector labels = data.y;
    for (Index i = 0; i < labels.size(); ++i)
      data.y[i] = labels[static_cast<Index>(shuffled[static_cast<std::size_t>(i)])];
  }
  if (fields.contains("duplicate")) plant_duplicate(data, fields["duplicate"][0], fields["duplicate"][1]);
  const char* source = spec.kind == "idx" ? "images" : spec.kind == "csv" ? "file" : "kind";
  check(data, fields[source].get<std::string>());
  return data;
}

}  // namespace overproof
