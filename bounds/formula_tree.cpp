#include "bounds/formula_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "files/error.h"

namespace overproof {

const FunctionRow* find_function(std::string_view name) {
  const auto* row = std::find_if(std::begin(function_table), std::end(function_table),
                                 [&](const FunctionRow& each) { return each.name == name; });
  return row == std::end(function_table) ? nullptr : row;
}

NodePtr make_node(NodeKind kind, std::string text, std::vector<NodePtr> children) {
  constexpr std::size_t most_nodes = 100000, deepest = 1000;
  Node node{kind, std::move(text), std::move(children)};
  for (const NodePtr& child : node.children) {
    node.size += child->size;
    node.depth = std::max(node.depth, child->depth + 1);
  }
  if (node.size > most_nodes || node.depth > deepest) {
    throw InputError(fmt::format("a formula with {} parts, {} deep: at most {} parts, {} deep, are allowed",
                                 node.size, node.depth, most_nodes, deepest));
  }
  return std::make_shared<const Node>(std::move(node));
}

bool same_tree(const Node& a, const Node& b) {
  if (&a == &b) return true;
  return a.kind == b.kind && a.text == b.text &&
         std::equal(a.children.begin(), a.children.end(), b.children.begin(), b.children.end(),
                    [](const NodePtr& x, const NodePtr& y) { return same_tree(*x, *y); });
}

bool occurs_free(const Node& node, std::string_view name) {
  const auto in = [&](const NodePtr& child) { return occurs_free(*child, name); };
  if (node.kind == NodeKind::name && node.children.empty()) return node.text == name;
  if ((node.kind == NodeKind::sum || node.kind == NodeKind::max_over) && node.text == name) {
    return in(node.children[0]) || in(node.children[1]);
  }
  return std::any_of(node.children.begin(), node.children.end(), in);
}

}  // namespace overproof
