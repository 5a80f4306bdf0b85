#include "bounds/formula.h"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <utility>

#include "bounds/formula_evaluate.h"
#include "bounds/formula_tree.h"
#include "files/error.h"

namespace overproof {
namespace {

bool binds(const Node& node) { return node.kind == NodeKind::sum || node.kind == NodeKind::max_over; }

/// The names of a tree that are not bound by a sum or max_over, with their number of indices.
void collect(const Node& node, std::vector<std::string>& bound,
             std::set<std::pair<std::string, int>>& found) {
  if (node.kind == NodeKind::name) {
    const bool free =
        !node.children.empty() || std::find(bound.begin(), bound.end(), node.text) == bound.end();
    if (free) found.emplace(node.text, static_cast<int>(node.children.size()));
  }
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    const bool inside = binds(node) && i == 2;
    if (inside) bound.push_back(node.text);
    collect(*node.children[i], bound, found);
    if (inside) bound.pop_back();
  }
}

std::set<std::pair<std::string, int>> free_names(const Node& node) {
  std::vector<std::string> bound;
  std::set<std::pair<std::string, int>> found;
  collect(node, bound, found);
  return found;
}

/// Replaces plain names that no sum or max_over binds.
class Substitution {
 public:
  explicit Substitution(const std::map<std::string, NodePtr>& definitions) : definitions_(definitions) {}

  NodePtr apply(const NodePtr& node) {
    if (node->kind == NodeKind::name && node->children.empty()) {
      if (std::find(bound_.begin(), bound_.end(), node->text) != bound_.end()) return node;
      const auto found = definitions_.find(node->text);
      if (found == definitions_.end()) return node;
      for (const std::string& variable : bound_) {
        if (occurs_free(*found->second, variable)) {
          throw InputError("the definition " + found->first + " uses " + variable +
                           ", which a sum or max_over around it binds: rename that variable");
        }
      }
      return found->second;
    }
    std::vector<NodePtr> children;
    for (std::size_t i = 0; i < node->children.size(); ++i) {
      const bool inside = binds(*node) && i == 2;
      if (inside) bound_.push_back(node->text);
      children.push_back(apply(node->children[i]));
      if (inside) bound_.pop_back();
    }
    return children == node->children ? node : make_node(node->kind, node->text, std::move(children));
  }

 private:
  const std::map<std::string, NodePtr>& definitions_;
  std::vector<std::string> bound_;
};

/// The verdict on left relation right from the enclosures alone.
Verdict compare(const std::string& relation, const Interval& left, const Interval& right) {
  const bool at_most = relation[0] == '<';
  const Interval& small = at_most ? left : right;
  const Interval& large = at_most ? right : left;
  if (relation.size() == 2) {  // small <= large
    if (certainly_le(small, large)) return Verdict::holds;
    if (certainly_lt(large, small)) return Verdict::fails;
  } else {  // small < large
    if (certainly_lt(small, large)) return Verdict::holds;
    if (certainly_le(large, small)) return Verdict::fails;
  }
  return Verdict::undecided;
}

}  // namespace

Formula::Formula(std::shared_ptr<const Node> root) : text_(tree_text(*root)), root_(std::move(root)) {}

Formula Formula::parse(std::string_view text) { return Formula(parse_tree(text)); }

std::string Formula::markdown() const { return tree_markdown(*root_); }
std::string Formula::latex() const { return tree_latex(*root_); }
bool Formula::is_comparison() const { return root_->kind == NodeKind::compare; }
std::string Formula::relation() const { return is_comparison() ? root_->text : ""; }
bool Formula::operator==(const Formula& other) const { return same_tree(*root_, *other.root_); }
bool Formula::uses_index(std::string_view variable) const { return occurs_free(*root_, variable); }

std::vector<std::string> Formula::names() const {
  std::set<std::string> names;
  for (const auto& [name, indices] : free_names(*root_)) {
    const bool variable = indices == 0 && (name == "k" || name == "h" || name == "pi");
    if (!variable) names.insert(name);
  }
  return {names.begin(), names.end()};
}

std::vector<std::pair<std::string, int>> Formula::series() const {
  std::vector<std::pair<std::string, int>> series;
  for (const auto& each : free_names(*root_)) {
    if (each.second > 0) series.push_back(each);
  }
  return series;
}

Formula Formula::substitute(const std::map<std::string, Formula>& definitions) const {
  std::map<std::string, NodePtr> roots;
  for (const auto& [name, formula] : definitions) roots.emplace(name, formula.root_);
  return Formula(Substitution(roots).apply(root_));
}

FormulaValue Formula::evaluate(const FormulaScope& scope) const {
  if (is_comparison()) throw std::logic_error("evaluate() of the comparison " + text_);
  return Evaluator(scope).value(*root_);
}

Judgement Formula::judge(const FormulaScope& scope) const {
  if (!is_comparison()) throw std::logic_error("judge() of the expression " + text_);
  Evaluator evaluator(scope);
  const FormulaValue left = evaluator.value(*root_->children[0]);
  const FormulaValue right = evaluator.value(*root_->children[1]);
  Judgement judgement{Verdict::undecided, left.interval, right.interval, evaluator.missing()};
  if (left.interval.is_nan() || right.interval.is_nan()) return judgement;
  // Both sides are one and the same number: the enclosures must agree as well, or the identity is not to be
  // trusted.
  const bool same =
      !left.identity.empty() && left.identity == right.identity && same_ends(left.interval, right.interval);
  if (same) {
    judgement.verdict = root_->text.size() == 2 ? Verdict::holds : Verdict::fails;
  } else {
    judgement.verdict = compare(root_->text, left.interval, right.interval);
  }
  return judgement;
}

}  // namespace overproof
