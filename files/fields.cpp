#include "files/fields.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>

#include "files/number.h"

namespace overproof {
namespace {

Json from_toml(const toml::node& node, const std::string& file) {
  if (const auto* table = node.as_table()) {
    // toml++ keeps tables sorted; the order of the file is restored from the positions.
    std::vector<std::pair<std::string, const toml::node*>> rows;
    for (const auto& [key, value] : *table) rows.emplace_back(std::string(key.str()), &value);
    std::ranges::stable_sort(rows, [](const auto& a, const auto& b) {
      const auto at = [](const toml::node* n) {
        return std::pair(n->source().begin.line, n->source().begin.column);
      };
      return at(a.second) < at(b.second);
    });
    Json object = Json::object();
    for (const auto& [key, value] : rows) object[key] = from_toml(*value, file);
    return object;
  }
  if (const auto* array = node.as_array()) {
    Json list = Json::array();
    for (const auto& value : *array) list.push_back(from_toml(value, file));
    return list;
  }
  if (const auto value = node.value_exact<std::string>()) return *value;
  if (const auto value = node.value_exact<std::int64_t>()) return *value;
  if (const auto value = node.value_exact<bool>()) return *value;
  if (const auto value = node.value_exact<double>()) {
    if (!std::isfinite(*value)) {
      throw InputError(
          fmt::format("{}:{}: {}: numbers must be finite", file, node.source().begin.line, *value));
    }
    return *value;
  }
  throw InputError(fmt::format("{}:{}: dates and times are not used here", file, node.source().begin.line));
}

std::string shown(const Json& value) {
  // Bytes that are not UTF-8 are shown as replacement characters instead of ending in another error.
  std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
  return text.size() > 60 ? text.substr(0, 57) + "..." : text;
}

}  // namespace

Json parse_toml(std::string_view text, const std::string& file) {
  try {
    return from_toml(toml::parse(text), file);
  } catch (const toml::parse_error& error) {
    throw InputError(fmt::format("{}:{}: {}", file, error.source().begin.line, error.description()));
  }
}

Json parse_json(std::string_view text, const std::string& file) {
  constexpr int deepest = 100;  // reading, copying and writing recurse
  const auto watch = [&](int depth, Json::parse_event_t, const Json&) {
    if (depth > deepest) throw InputError(fmt::format("{}: nested deeper than {} levels", file, deepest));
    return true;
  };
  try {
    return Json::parse(text, watch);
  } catch (const Json::exception& error) {
    throw InputError(fmt::format("{}: not valid JSON: {}", file, error.what()));
  }
}

Fields::Fields(const Json& object, std::string file, std::string path)
    : object_(&object), file_(std::move(file)), path_(std::move(path)) {
  if (!object.is_object()) {
    throw InputError(fmt::format("{}: {}: {}: expected a table", file_, path_.empty() ? "top level" : path_,
                                 shown(object)));
  }
}

std::string Fields::where(const std::string& name) const { return path_.empty() ? name : path_ + "." + name; }

InputError Fields::error(const std::string& name, const std::string& problem) const {
  const auto at = object_->find(name);
  const std::string value = at == object_->end() ? "" : shown(*at) + ": ";
  return InputError(fmt::format("{}: {}: {}{}", file_, where(name), value, problem));
}

bool Fields::has(const std::string& name) const { return object_->contains(name); }

const Json* Fields::raw(const std::string& name) {
  read_.insert(name);
  const auto at = object_->find(name);
  return at == object_->end() ? nullptr : &*at;
}

std::string Fields::text(const std::string& name) {
  const Json* value = raw(name);
  if (!value) throw error(name, "is missing: a text is expected");
  if (!value->is_string()) throw error(name, "a text in quotes is expected");
  return value->get<std::string>();
}

std::string Fields::text(const std::string& name, const std::string& fallback) {
  return raw(name) ? text(name) : fallback;
}

double Fields::number(const std::string& name) {
  const Json* value = raw(name);
  if (!value) throw error(name, "is missing: a number is expected");
  if (!value->is_number() || !std::isfinite(value->get<double>()))
    throw error(name, "a finite number is expected");
  return value->get<double>();
}

double Fields::number(const std::string& name, double fallback) {
  return raw(name) ? number(name) : fallback;
}

double Fields::exact_number(const std::string& name) {
  const Json* value = raw(name);
  if (!value || !value->is_string()) return number(name);
  const auto parsed = parse_double(value->get<std::string>());
  if (!parsed) throw error(name, "a finite number or a hexadecimal text such as \"0x1.8p-4\" is expected");
  return *parsed;
}

double Fields::exact_number(const std::string& name, double fallback) {
  return raw(name) ? exact_number(name) : fallback;
}

std::int64_t Fields::integer(const std::string& name, std::int64_t least, std::int64_t most) {
  const Json* value = raw(name);
  const std::string allowed = fmt::format("a whole number from {} to {} is expected", least, most);
  if (!value) throw error(name, "is missing: " + allowed);
  if (!value->is_number_integer()) throw error(name, allowed);
  if (value->is_number_unsigned() && value->get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX)) {
    throw error(name, allowed);
  }
  const auto number = value->get<std::int64_t>();
  if (number < least || number > most) throw error(name, allowed);
  return number;
}

std::int64_t Fields::integer(const std::string& name, std::int64_t least, std::int64_t most,
                             std::int64_t fallback) {
  return raw(name) ? integer(name, least, most) : fallback;
}

bool Fields::boolean(const std::string& name, bool fallback) {
  const Json* value = raw(name);
  if (!value) return fallback;
  if (!value->is_boolean()) throw error(name, "true or false is expected");
  return value->get<bool>();
}

std::vector<std::string> Fields::texts(const std::string& name) {
  const Json* value = raw(name);
  if (!value) return {};
  if (!value->is_array()) throw error(name, "a list of texts is expected");
  std::vector<std::string> list;
  for (const Json& entry : *value) {
    if (!entry.is_string()) throw error(name, "a list of texts is expected");
    list.push_back(entry.get<std::string>());
  }
  return list;
}

std::string Fields::choice(const std::string& name, const std::vector<std::string>& allowed) {
  const std::string chosen = text(name);
  if (std::ranges::find(allowed, chosen) == allowed.end()) {
    throw InputError(fmt::format("{}: {}: {}", file_, where(name), unknown_name(name, chosen, allowed)));
  }
  return chosen;
}

std::string Fields::choice(const std::string& name, const std::vector<std::string>& allowed,
                           const std::string& fallback) {
  return raw(name) ? choice(name, allowed) : fallback;
}

Fields Fields::table(const std::string& name) {
  static const Json empty = Json::object();
  const Json* value = raw(name);
  return Fields(value ? *value : empty, file_, where(name));
}

std::vector<Fields> Fields::tables(const std::string& name) {
  const Json* value = raw(name);
  if (!value) return {};
  if (!value->is_array()) throw error(name, "a list of tables is expected");
  std::vector<Fields> list;
  for (std::size_t i = 0; i < value->size(); ++i)
    list.emplace_back((*value)[i], file_, fmt::format("{}[{}]", where(name), i));
  return list;
}

void Fields::done() const {
  for (const auto& [name, value] : object_->items()) {
    if (!read_.contains(name)) {
      throw InputError(fmt::format("{}: {}: {}", file_, where(name),
                                   unknown_name("field", name, std::vector(read_.begin(), read_.end()))));
    }
  }
}

}  // namespace overproof
