#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace overproof {

struct Node;
using NodePtr = std::shared_ptr<const Node>;

/// What a node of a formula is, and what its `text` and `children` mean.
enum class NodeKind {
  number,    ///< text: the decimal as written
  name,      ///< text: the name; children: its indices
  negate,    ///< -a
  add,       ///< a + b
  subtract,  ///< a - b
  multiply,  ///< a*b
  divide,    ///< a/b
  power,     ///< a^b
  call,      ///< text: the function; children: its arguments
  sum,       ///< text: the bound variable; children: first, last, body
  max_over,  ///< like sum
  compare,   ///< text: the relation; children: left, right
};

/// A node of the immutable tree of a formula. `size` and `depth` count the tree it is the root of.
struct Node {
  NodeKind kind = NodeKind::number;
  std::string text;
  std::vector<NodePtr> children;
  std::size_t size = 1, depth = 1;
};

/// A function a formula may call. `measured`: it has no closed form, FormulaScope::call gives its value.
struct FunctionRow {
  std::string_view name;
  int least, most;  ///< number of arguments; most = -1: any
  bool measured;
};

inline constexpr FunctionRow function_table[] = {
    {"log", 1, 1, false},  {"exp", 1, 1, false},  {"sqrt", 1, 1, false},      {"abs", 1, 1, false},
    {"max", 1, -1, false}, {"min", 1, -1, false}, {"geometric", 2, 2, false}, {"near_boundary", 1, 1, true},
};

/// The row of a function, or nullptr.
[[nodiscard]] const FunctionRow* find_function(std::string_view name);

/// A node from its parts. Throws InputError when the tree would have more than 100000 nodes or a depth above
/// 1000.
[[nodiscard]] NodePtr make_node(NodeKind kind, std::string text, std::vector<NodePtr> children);

/// The tree of a formula. Throws InputError with the column and what was expected there.
[[nodiscard]] NodePtr parse_tree(std::string_view text);

/// The text of a tree in the grammar: spaces around + - and relations, parentheses only where needed.
[[nodiscard]] std::string tree_text(const Node& node);
[[nodiscard]] std::string tree_markdown(const Node& node);
[[nodiscard]] std::string tree_latex(const Node& node);

/// Equal kind, text and children.
[[nodiscard]] bool same_tree(const Node& a, const Node& b);
/// True if the plain name (no index) or free variable occurs; a variable bound by sum or max_over is not free
/// in its body.
[[nodiscard]] bool occurs_free(const Node& node, std::string_view name);

}  // namespace overproof
