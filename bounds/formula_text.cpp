#include <algorithm>
#include <array>

#include "bounds/formula_tree.h"

namespace overproof {
namespace {

/// How tightly a node binds: a child that binds more loosely than its place asks for gets parentheses.
int binding(const Node& node) {
  switch (node.kind) {
    case NodeKind::compare:
      return 0;
    case NodeKind::add:
    case NodeKind::subtract:
      return 1;
    case NodeKind::multiply:
    case NodeKind::divide:
      return 2;
    case NodeKind::negate:
      return 3;
    case NodeKind::power:
      return 4;
    default:
      return 5;
  }
}

/// The signs of one plain-text style.
struct Signs {
  std::string_view times, le, ge, root, pi;
};
constexpr Signs plain{"*", "<=", ">=", "sqrt", "pi"};
constexpr Signs pretty{"·", "≤", "≥", "√", "π"};

std::string write(const Node& node, const Signs& signs);

std::string place(const Node& child, int least, const Signs& signs) {
  const std::string text = write(child, signs);
  return binding(child) < least ? "(" + text + ")" : text;
}

std::string list(const std::vector<NodePtr>& nodes, const Signs& signs, std::string_view separator) {
  std::string text;
  for (const NodePtr& node : nodes) {
    if (!text.empty()) text += separator;
    text += write(*node, signs);
  }
  return text;
}

std::string write(const Node& node, const Signs& signs) {
  const auto both = [&](int left, std::string_view sign, int right) {
    return place(*node.children[0], left, signs) + std::string(sign) + place(*node.children[1], right, signs);
  };
  switch (node.kind) {
    case NodeKind::number:
      return node.text;
    case NodeKind::name:
      if (node.children.empty()) return node.text == "pi" ? std::string(signs.pi) : node.text;
      return node.text + "[" + list(node.children, signs, ",") + "]";
    case NodeKind::negate:
      return "-" + place(*node.children[0], 3, signs);
    case NodeKind::add:
      return both(1, " + ", 2);
    case NodeKind::subtract:
      return both(1, " - ", 2);
    case NodeKind::multiply:
      return both(2, signs.times, 3);
    case NodeKind::divide:
      return both(2, "/", 3);
    case NodeKind::power: {
      // The exponent may be a power or a minus sign before one: a^b^c, a^-b.
      const Node& exponent = *node.children[1];
      return place(*node.children[0], 5, signs) + "^" + place(exponent, 3, signs);
    }
    case NodeKind::call:
      return (node.text == "sqrt" ? std::string(signs.root) : node.text) + "(" +
             list(node.children, signs, ", ") + ")";
    case NodeKind::sum:
    case NodeKind::max_over:
      return std::string(node.kind == NodeKind::sum ? "sum(" : "max_over(") + node.text + ", " +
             list(node.children, signs, ", ") + ")";
    case NodeKind::compare: {
      const std::string_view relation = node.text == "<="   ? signs.le
                                        : node.text == ">=" ? signs.ge
                                                            : node.text;
      return both(1, " " + std::string(relation) + " ", 1);
    }
  }
  return {};
}

constexpr std::array greek{"alpha", "beta",  "gamma", "delta", "epsilon", "eta", "kappa",  "lambda", "mu",
                           "pi",    "rho",   "sigma", "tau",   "theta",   "xi",  "psi",    "phi",    "nu",
                           "Gamma", "Delta", "Theta", "Xi",    "Psi",     "Phi", "Lambda", "Sigma",  "Pi"};

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '_' ? std::string("\\_") : std::string(1, c);
  return out;
}

/// One part of a name: a Greek letter, a single letter, or upright text.
std::string latex_part(std::string_view part) {
  if (std::find(greek.begin(), greek.end(), part) != greek.end()) return "\\" + std::string(part);
  const bool number = part.find_first_not_of("0123456789") == std::string_view::npos;
  if (part.size() <= 1 || number) return std::string(part);
  return "\\mathrm{" + escaped(part) + "}";
}

/// lambda_0 is \lambda_{0}, C_m is C_{m}, loss is \mathrm{loss}; longer names with several parts stay upright
/// text.
std::string latex_name(std::string_view name) {
  const std::size_t body_end = name.find_last_not_of('\'');
  const std::string primes(name.substr(body_end + 1));
  const std::string_view body = name.substr(0, body_end + 1);
  const std::size_t bar = body.find('_');
  if (bar == std::string_view::npos) return latex_part(body) + primes;
  const std::string_view head = body.substr(0, bar), tail = body.substr(bar + 1);
  const std::string letter = latex_part(head);
  const bool symbol = head.size() == 1 || (letter.starts_with("\\") && !letter.starts_with("\\mathrm"));
  if (!symbol || tail.empty()) return "\\mathrm{" + escaped(body) + "}" + primes;
  return letter + primes + "_{" + latex_part(tail) + "}";
}

std::string latex(const Node& node);

std::string latex_place(const Node& child, int least) {
  const std::string text = latex(child);
  return binding(child) < least ? "\\left(" + text + "\\right)" : text;
}

std::string latex_list(const std::vector<NodePtr>& nodes) {
  std::string text;
  for (const NodePtr& node : nodes) {
    if (!text.empty()) text += ", ";
    text += latex(*node);
  }
  return text;
}

std::string latex_call(const Node& node) {
  const std::string arguments = latex_list(node.children);
  if (node.text == "sqrt") return "\\sqrt{" + arguments + "}";
  if (node.text == "abs") return "\\left|" + arguments + "\\right|";
  if (node.text == "geometric") {
    return "\\sum_{i<" + latex(*node.children[1]) + "}" + latex_place(*node.children[0], 5) + "^{i}";
  }
  const bool known = node.text == "log" || node.text == "exp" || node.text == "max" || node.text == "min";
  const std::string name = known ? "\\" + node.text : "\\mathrm{" + escaped(node.text) + "}";
  const bool braces = node.text == "max" || node.text == "min";
  return name + (braces ? "\\left\\{" : "\\left(") + arguments + (braces ? "\\right\\}" : "\\right)");
}

std::string latex(const Node& node) {
  const auto child = [&](std::size_t i, int least) { return latex_place(*node.children[i], least); };
  switch (node.kind) {
    case NodeKind::number: {
      const std::size_t e = node.text.find_first_of("eE");
      if (e == std::string::npos) return node.text;
      return node.text.substr(0, e) + "\\cdot 10^{" + node.text.substr(e + 1) + "}";
    }
    case NodeKind::name:
      if (node.children.empty()) return latex_name(node.text);
      return latex_name(node.text) + "\\left[" + latex_list(node.children) + "\\right]";
    case NodeKind::negate:
      return "-" + child(0, 3);
    case NodeKind::add:
      return child(0, 1) + " + " + child(1, 2);
    case NodeKind::subtract:
      return child(0, 1) + " - " + child(1, 2);
    case NodeKind::multiply:
      return child(0, 2) + " \\cdot " + child(1, 3);
    case NodeKind::divide:
      return "\\frac{" + child(0, 0) + "}{" + child(1, 0) + "}";
    case NodeKind::power:
      return child(0, 5) + "^{" + child(1, 0) + "}";
    case NodeKind::call:
      return latex_call(node);
    case NodeKind::sum:
      return "\\left(\\sum_{" + node.text + "=" + child(0, 0) + "}^{" + child(1, 0) + "} " + child(2, 2) +
             "\\right)";
    case NodeKind::max_over:
      return "\\max_{" + child(0, 0) + " \\le " + node.text + " \\le " + child(1, 0) + "} " +
             latex_place(*node.children[2], 5);
    case NodeKind::compare: {
      const std::string relation = node.text == "<=" ? "\\le" : node.text == ">=" ? "\\ge" : node.text;
      return child(0, 1) + " " + relation + " " + child(1, 1);
    }
  }
  return {};
}

}  // namespace

std::string tree_text(const Node& node) { return write(node, plain); }
std::string tree_markdown(const Node& node) { return "`" + write(node, pretty) + "`"; }
std::string tree_latex(const Node& node) { return latex(node); }

}  // namespace overproof
