#include "trainer/run_files.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace overproof {
namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Json number_or_text(double value) {
  if (std::isfinite(value)) return value;
  return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

double number_or_text(Fields& fields, const std::string& name) {
  const Json* value = fields.raw(name);
  if (!value || !value->is_string()) return fields.number(name);
  const std::string text = fields.choice(name, {"nan", "inf", "-inf"});
  constexpr double inf = std::numeric_limits<double>::infinity();
  return text == "inf" ? inf : text == "-inf" ? -inf : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

std::string iterate_name(Index step) { return fmt::format("iterates/step-{:08}.safetensors", step); }

Tensor tensor_of(const Matrix& matrix) {
  Tensor tensor{{matrix.rows(), matrix.cols()}, std::vector<double>(static_cast<std::size_t>(matrix.size()))};
  Eigen::Map<RowMajor>(tensor.values.data(), matrix.rows(), matrix.cols()) = matrix;
  return tensor;
}

Matrix matrix_of(const Tensor& tensor) {
  return Eigen::Map<const RowMajor>(tensor.values.data(), tensor.shape.at(0), tensor.shape.at(1));
}

std::string parameters_bytes(const Architecture& architecture, const Parameters& parameters) {
  Tensors tensors;
  for (std::size_t w = 0; w < parameters.size(); ++w)
    tensors[architecture.weights[w].name] = tensor_of(parameters[w]);
  return safetensors(tensors);
}

std::string data_bytes(const Dataset& data) {
  Tensor labels{{data.y.size()}, std::vector<double>(data.y.begin(), data.y.end())};
  return safetensors({{"X", tensor_of(data.X.transpose())}, {"y", std::move(labels)}});
}

std::string step_line(const RecordedStep& step) {
  const Json line = {{"step", step.step},
                     {"head", step.head},
                     {"loss", number_or_text(step.loss)},
                     {"residual_norm", number_or_text(step.residual_norm)},
                     {"file", step.file},
                     {"sha256", step.sha256}};
  return line.dump() + "\n";
}

std::vector<RecordedStep> parse_steps(std::string_view text, bool interrupted, const std::string& file) {
  std::vector<RecordedStep> steps;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string where = fmt::format("{}:{}", file, number);
    const auto end = text.find('\n');
    if (end == text.npos && interrupted) break;
    if (end == text.npos) throw InputError(where + ": is truncated: the last line has no newline");
    const Json line = parse_json(text.substr(0, end), where);
    text.remove_prefix(end + 1);
    Fields fields(line, where);
    RecordedStep step;
    step.step = fields.integer("step", 0, 1'000'000'000'000);
    step.head = fields.boolean("head", true);
    step.loss = number_or_text(fields, "loss");
    step.residual_norm = number_or_text(fields, "residual_norm");
    step.file = fields.text("file");
    step.sha256 = fields.text("sha256");
    fields.done();
    const std::filesystem::path path = step.file;
    if (path.empty() || path.is_absolute() || step.file.find("..") != std::string::npos) {
      throw fields.error("file", "a path inside the run's folder is expected");
    }
    if (!steps.empty() && steps.back().step >= step.step)
      throw fields.error("step", "steps must increase from line to line");
    steps.push_back(std::move(step));
  }
  return steps;
}

}  // namespace overproof
