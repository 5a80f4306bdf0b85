#include <fmt/format.h>
#include <boost/spirit/home/x3.hpp>

#include <algorithm>
#include <utility>

#include "bounds/formula_tree.h"
#include "files/error.h"

namespace overproof {
namespace {

namespace x3 = boost::spirit::x3;

constexpr std::size_t longest_text = 4000;
constexpr int deepest_nesting = 100;

/// A fault found by an action: where, and what is wrong.
struct Fault {
  const char* where;
  std::string problem;
};

/// Text between two iterators.
std::string to_string(const boost::iterator_range<const char*>& range) {
  return {range.begin(), range.end()};
}

NodePtr binary(char sign, NodePtr left, NodePtr right) {
  const NodeKind kind = sign == '+'   ? NodeKind::add
                        : sign == '-' ? NodeKind::subtract
                        : sign == '*' ? NodeKind::multiply
                                      : NodeKind::divide;
  return make_node(kind, "", {std::move(left), std::move(right)});
}

NodePtr negated(NodePtr node, std::size_t times) {
  for (; times > 0; --times) node = make_node(NodeKind::negate, "", {std::move(node)});
  return node;
}

/// The node of `name(arguments)`, or the fault.
NodePtr call(const char* where, std::string name, std::vector<NodePtr> arguments) {
  const long count = static_cast<long>(arguments.size());
  if (name == "sum" || name == "max_over") {
    const NodeKind kind = name == "sum" ? NodeKind::sum : NodeKind::max_over;
    const bool variable =
        count == 4 && arguments[0]->kind == NodeKind::name && arguments[0]->children.empty();
    if (!variable) throw Fault{where, name + " is written " + name + "(h, first, last, expression)"};
    return make_node(kind, arguments[0]->text, {arguments[1], arguments[2], arguments[3]});
  }
  const FunctionRow* row = find_function(name);
  if (row == nullptr) {
    std::vector<std::string> allowed{"sum", "max_over"};
    for (const FunctionRow& each : function_table) allowed.emplace_back(each.name);
    throw Fault{where, unknown_name("function", name, allowed)};
  }
  if (count < row->least || (row->most >= 0 && count > row->most)) {
    throw Fault{where, fmt::format("{} takes {} argument{}, not {}", name,
                                   row->most < 0 ? "at least " + std::to_string(row->least)
                                                 : std::to_string(row->least),
                                   row->least == 1 ? "" : "s", count)};
  }
  return make_node(NodeKind::call, std::move(name), std::move(arguments));
}

/// A power tower a ^ -b ^ c read from left to right: the operands, each with the number of minus signs before
/// it.
using Tower = std::vector<std::pair<std::size_t, NodePtr>>;

NodePtr folded(const Tower& tower) {
  NodePtr node = tower.back().second;
  for (std::size_t i = tower.size() - 1; i > 0; --i) {
    node = make_node(NodeKind::power, "", {tower[i - 1].second, negated(node, tower[i].first)});
  }
  return node;
}

// The grammar. Every expectation (>) names a rule or a literal, so that messages read well.
struct Suffix {
  char opening = 0;  // '(' or '[' or nothing
  std::vector<NodePtr> parts;
};

const x3::rule<class expression_rule, NodePtr> expression = "an expression";
const x3::rule<class term_rule, NodePtr> term = "a number, a name, a function or '('";
const x3::rule<class unary_rule, NodePtr> unary = "a number, a name, a function or '('";
const x3::rule<class tower_rule, Tower> tower = "a number, a name, a function or '('";
const x3::rule<class exponent_rule, Tower::value_type> exponent = "an exponent";
const x3::rule<class primary_rule, NodePtr> primary = "a number, a name, a function or '('";
const x3::rule<class list_rule, std::vector<NodePtr>> list = "an expression";
const x3::rule<class suffix_rule, Suffix> suffix = "arguments or indices";
const x3::rule<class formula_rule, NodePtr> formula = "a formula";

using Range = boost::iterator_range<const char*>;
const x3::rule<class number_rule, Range> number_text = "a number";
const x3::rule<class name_rule, Range> name_text = "a name";
const x3::rule<class relation_rule, std::string> relation = "< <= > or >=";

const auto digits = +x3::ascii::digit;
const auto number_text_def =
    x3::raw[x3::lexeme[digits >> -('.' >> digits) >> -(x3::char_("eE") >> -x3::char_("+-") >> digits)]];
const auto name_text_def =
    x3::raw[x3::lexeme[x3::ascii::alpha >> *(x3::ascii::alnum | x3::char_('_')) >> *x3::char_('\'')]];
const auto relation_def = x3::string("<=") | x3::string("<") | x3::string(">=") | x3::string(">");

const auto set = [](auto& ctx) { x3::_val(ctx) = x3::_attr(ctx); };
const auto combine = [](auto& ctx) {
  using boost::fusion::at_c;
  x3::_val(ctx) = binary(at_c<0>(x3::_attr(ctx)), x3::_val(ctx), at_c<1>(x3::_attr(ctx)));
};

const auto expression_def = term[set] >> *((x3::char_("+-") > term)[combine]);
const auto term_def = unary[set] >> *((x3::char_("*/") > unary)[combine]);

const auto unary_def = (*x3::char_('-') >> tower)[([](auto& ctx) {
  using boost::fusion::at_c;
  x3::_val(ctx) = negated(folded(at_c<1>(x3::_attr(ctx))), at_c<0>(x3::_attr(ctx)).size());
})];
const auto push_operand = [](auto& ctx) { x3::_val(ctx).push_back(x3::_attr(ctx)); };
const auto tower_def = primary[([](auto& ctx) { x3::_val(ctx).emplace_back(0, x3::_attr(ctx)); })] >>
                       *(('^' > exponent)[push_operand]);
const auto exponent_def = (*x3::char_('-') >> primary)[([](auto& ctx) {
  using boost::fusion::at_c;
  x3::_val(ctx) = {at_c<0>(x3::_attr(ctx)).size(), at_c<1>(x3::_attr(ctx))};
})];

const auto list_def = expression >> *(',' > expression);
const auto set_suffix = [](auto& ctx) {
  using boost::fusion::at_c;
  x3::_val(ctx) = Suffix{at_c<0>(x3::_attr(ctx)), at_c<1>(x3::_attr(ctx))};
};
const auto suffix_def =
    (x3::char_('(') > list > ')')[set_suffix] | (x3::char_('[') > list > ']')[set_suffix] | x3::eps;

const auto make_number = [](auto& ctx) {
  x3::_val(ctx) = make_node(NodeKind::number, to_string(x3::_attr(ctx)), {});
};
const auto make_named = [](auto& ctx) {
  using boost::fusion::at_c;
  const auto& range = at_c<0>(x3::_attr(ctx));
  Suffix tail = at_c<1>(x3::_attr(ctx));
  const char* where = &*range.begin();
  std::string name = to_string(range);
  if (tail.opening == '(') {
    x3::_val(ctx) = call(where, std::move(name), std::move(tail.parts));
    return;
  }
  const bool function = find_function(name) != nullptr || name == "sum" || name == "max_over";
  if (function) throw Fault{where, name + " is a function: its arguments are expected in ( )"};
  if (name == "pi" && !tail.parts.empty()) throw Fault{where, "pi has no indices"};
  x3::_val(ctx) = make_node(NodeKind::name, std::move(name), std::move(tail.parts));
};
const auto primary_def =
    number_text[make_number] | (name_text >> suffix)[make_named] | ('(' > expression[set] > ')');

const auto formula_def =
    expression[set] >> -((relation > expression)[([](auto& ctx) {
      using boost::fusion::at_c;
      const auto& parts = x3::_attr(ctx);
      x3::_val(ctx) = make_node(NodeKind::compare, at_c<0>(parts), {x3::_val(ctx), at_c<1>(parts)});
    })]);

BOOST_SPIRIT_DEFINE(number_text, name_text, relation, expression, term, unary, tower, exponent, primary, list,
                    suffix, formula)

InputError error_at(std::string_view text, const char* where, const std::string& problem) {
  while (where != text.data() + text.size() && *where == ' ') ++where;
  const auto column = where - text.data() + 1;
  return InputError(fmt::format("formula \"{}\", column {}: {}", text, column, problem));
}

/// What an expectation point wanted, in words: X3 names a rule that carries an action by its mangled type.
std::string expected(const std::string& which) {
  for (const auto& [rule, words] : {std::pair{"expression", "an expression"},
                                    {"exponent", "an exponent"},
                                    {"term", "a term"},
                                    {"unary", "a factor"}}) {
    if (which.find(rule) != std::string::npos) return words;
  }
  return which;
}

/// Long or deeply nested texts are refused before the recursive parser sees them.
void check_extent(std::string_view text) {
  if (text.size() > longest_text) {
    throw InputError(
        fmt::format("a formula of {} characters: at most {} are allowed", text.size(), longest_text));
  }
  int depth = 0;
  for (const char& c : text) {
    if (c == '(' || c == '[') ++depth;
    if (c == ')' || c == ']') --depth;
    if (depth > deepest_nesting) {
      throw error_at(text, &c, fmt::format("more than {} nested parentheses", deepest_nesting));
    }
  }
}

}  // namespace

NodePtr parse_tree(std::string_view text) {
  check_extent(text);
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  NodePtr root;
  try {
    const bool parsed = x3::phrase_parse(at, end, formula, x3::ascii::space, root);
    if (!parsed) throw error_at(text, at, "a number, a name, a function or '(' expected");
  } catch (const x3::expectation_failure<const char*>& failure) {
    const char* where = std::find_if_not(
        failure.where(), end, [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; });
    throw error_at(text, where, expected(failure.which()) + " expected");
  } catch (const Fault& fault) {
    throw error_at(text, fault.where, fault.problem);
  }
  if (at == end) return root;
  const bool chain = root->kind == NodeKind::compare && (*at == '<' || *at == '>');
  throw error_at(
      text, at,
      chain ? "only one comparison is allowed: write two inequalities" : "an operator or the end expected");
}

}  // namespace overproof
