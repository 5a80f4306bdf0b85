#include "recheck/reader.h"

#include <openssl/sha.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>

namespace overproof::recheck {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  require(in && std::filesystem::is_regular_file(path), "cannot be read");
  return bytes;
}

/// JSON in which no field is given twice.
Json parse(const std::string& text) {
  std::vector<std::set<std::string>> names;
  return Json::parse(text, [&](int, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::object_start) names.emplace_back();
    if (event == Json::parse_event_t::object_end) names.pop_back();
    if (event == Json::parse_event_t::key)
      require(names.back().insert(value.get<std::string>()).second, value.dump() + " is given twice");
    return true;
  });
}

double finite(const Json& value) {
  require(std::isfinite(number(value)), value.dump() + ", allowed: a finite number");
  return number(value);
}

long natural(const Json& value) {
  require(value.is_number_unsigned() && number(value) < 0x1p53, value.dump() + ", allowed: an integer");
  return value;
}

/// An object that has no fields but these.
const Json& only(const Json& object, const std::set<std::string>& fields) {
  for (const auto& [name, value] : object.items()) require(fields.contains(name), name + ": is no field");
  return object;
}

}  // namespace

double number(const Json& value) {
  if (value.is_number_integer() && std::fabs(value.get<double>()) >= 0x1p53) return NAN;  // may be rounded
  if (value.is_number()) return value;
  if (!value.is_string()) return NAN;
  const std::string text = value;
  char* end = nullptr;
  const double hexadecimal = std::strtod(text.c_str(), &end);
  const bool all = end == text.c_str() + text.size() && (text.starts_with("0x") || text.starts_with("-0x"));
  return all ? hexadecimal : NAN;
}

std::string sha256(const std::string& bytes) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  std::string text;
  for (const int byte : digest) (text += "0123456789abcdef"[byte / 16]) += "0123456789abcdef"[byte % 16];
  return text;
}

Json read_json(const std::filesystem::path& path) {
  return about(path, [&] { return parse(read_file(path)); });
}

Network read_network(const Json& json) {
  only(json, {"name", "input_dimension", "inputs", "activation", "weights", "layers", "readouts"});
  const Json &weights = json.at("weights"), &readout = json.at("readouts").at(0);
  std::vector<Json> rows = json.at("layers");
  for (Json& row : rows) {
    only(row, {"weight", "skip_in", "scale_in", "skip_out", "scale"});
    row["activation"] = json.at("activation");
  }
  only(readout, {"weight", "after_layer", "target"});
  require(json.at("readouts").size() == 1 && json.value("inputs", Json(1)) == 1 &&
              readout.at("after_layer") == rows.size() && readout.value("target", Json(0)) == 0,
          "architecture: allowed: one input and one output after the last layer");
  rows.push_back({{"weight", readout.at("weight")}, {"activation", "identity"}});

  Network net;
  std::set<std::string> used;
  long width = natural(json.at("input_dimension"));
  for (const Json& row : rows) {
    const Json& W =
        only(weights.at(natural(row.at("weight"))), {"name", "law", "rows", "cols", "scale", "trained"});
    const auto scale = [&](const char* name, double usual) { return finite(row.value(name, Json(usual))); };
    Layer layer{row.at("activation"), W.at("name"), W.at("law"), finite(W.at("scale")), W.at("trained")};
    layer.rows = natural(W.at("rows")), layer.cols = natural(W.at("cols"));
    layer.skip_in = scale("skip_in", 0), layer.scale_in = scale("scale_in", 1);
    layer.skip_out = scale("skip_out", 0), layer.scale = scale("scale", 1);
    const bool skips = layer.skip_in != 0 || layer.skip_out != 0;
    require(layer.cols == width && (!skips || layer.rows == width) && used.insert(layer.weight).second,
            "architecture: " + layer.weight + ": allowed: used once, of a shape that fits the layer before");
    width = layer.rows;
    net.push_back(layer);
  }
  require(width == 1 && weights.size() == used.size(),
          "architecture: allowed: one output, no weight without use");
  return net;
}

Run read_run(const std::filesystem::path& folder, const Json& step) {
  const std::filesystem::path steps = folder / "steps.jsonl";
  const Json json = read_json(folder / "run.json");
  const auto read_tensors = [&](const std::string& file, std::string& hash) {
    return about(folder / file, [&] {
      const std::string bytes = read_file(folder / file);
      hash = sha256(bytes);
      return read_safetensors(bytes);
    });
  };
  const std::string file = about(steps, [&] {
    const std::string lines = read_file(steps);
    for (std::size_t at = 0, end; (end = lines.find('\n', at)) != std::string::npos; at = end + 1) {
      const Json line = parse(lines.substr(at, end - at));
      if (line.at("step") == step) return line.at("file").get<std::string>();
    }
    throw InputError("step " + step.dump() + " is not stored");
  });
  return about(folder / "run.json", [&] {
    require(json.at("schema") == "overproof.run/1", "schema: allowed: overproof.run/1");
    const Json& data = json.at("data");
    Run run{json.at("name"), finite(json.at("eta")), data.value("normalised", false)};
    run.network = read_network(json.at("architecture"));
    run.data = read_tensors(data.at("file"), run.data_sha256);
    run.weights = read_tensors(file, run.iterate_sha256);
    const Mat &X = run.data["X"], &y = run.data["y"];
    require(X.rows() == y.rows() && X.cols() == run.network[0].cols && y.cols() == 1,
            "data: allowed: X [n, input_dimension] and y [n]");
    for (const Layer& layer : run.network) {
      const Mat& W = run.weights[layer.weight];
      require(W.rows() == layer.rows && W.cols() == layer.cols,
              layer.weight + ": is missing or of another shape in " + file);
    }
    return run;
  });
}

std::map<std::string, Mat> read_safetensors(const std::string& bytes) {
  static_assert(std::endian::native == std::endian::little && sizeof(double) == 8);
  std::uint64_t length = 0;
  if (bytes.size() >= 8) std::memcpy(&length, bytes.data(), 8);
  require(bytes.size() >= 8 && length <= bytes.size() - 8, "is shorter than its header");
  const std::string values = bytes.substr(8 + length);
  const long size = static_cast<long>(values.size());
  const Json header = parse(bytes.substr(8, length));
  std::map<std::string, Mat> tensors;
  long held = 0;
  for (const auto& [name, row] : header.items()) {
    if (name == "__metadata__") continue;
    const Json &shape = row.at("shape"), &place = row.at("data_offsets");
    const long rows = natural(shape.at(0)), cols = shape.size() > 1 ? natural(shape[1]) : 1,
               begin = natural(place.at(0)), length_here = natural(place.at(1)) - begin;
    const bool fits = begin <= size && length_here <= size - begin && rows > 0 && cols > 0 &&
                      rows <= size / cols && length_here == 8 * rows * cols;
    require(row.at("dtype") == "F64" && shape.size() <= 2 && place.size() == 2 && fits,
            name + ": allowed: F64 of one or two dimensions, 8 bytes an entry, within the file");
    held += length_here;
    Mat A(rows, cols);
    for (long i = 0; i < rows * cols; ++i) {
      double entry = 0.0;
      std::memcpy(&entry, values.data() + begin + 8 * i, 8);
      require(std::isfinite(entry), name + ": holds an entry that is not finite");
      A.set(i / cols, i % cols, entry);
    }
    tensors[name] = A;
  }
  require(held == size, "has more bytes than its tensors, or they overlap");
  return tensors;
}

}  // namespace overproof::recheck
