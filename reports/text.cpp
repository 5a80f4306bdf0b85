#include "reports/text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>

namespace overproof {
namespace {

/// A code point, how it is written, and how many bytes of the text it stands for.
struct Symbol {
  char32_t code;
  std::string_view bytes;
  std::size_t length;
};

unsigned byte_at(std::string_view text, std::size_t i) { return static_cast<unsigned char>(text[i]); }

/// The symbol at `at`; a byte that begins no well-formed one (Unicode, Table 3-7) is U+FFFD.
Symbol symbol_at(std::string_view text, std::size_t at) {
  const Symbol broken{0xFFFD, "\uFFFD", 1};
  const unsigned first = byte_at(text, at);
  if (first < 0x80) return {first, text.substr(at, 1), 1};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || at + length > text.size()) return broken;
  char32_t code = first & (0xFFu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const unsigned next = byte_at(text, at + i);
    if ((next & 0xC0u) != 0x80u) return broken;
    code = code << 6 | (next & 0x3Fu);
  }
  const std::array<char32_t, 5> least = {0, 0, 0x80, 0x800, 0x10000};
  if (code < least[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return broken;
  return {code, text.substr(at, length), length};
}

std::vector<Symbol> symbols(std::string_view text) {
  std::vector<Symbol> all;
  for (std::size_t at = 0; at < text.size();) {
    all.push_back(symbol_at(text, at));
    at += all.back().length;
  }
  return all;
}

bool within(char32_t code, char32_t first, char32_t last) { return code >= first && code <= last; }

bool is_break(char32_t c) { return within(c, 0x09, 0x0D) || c == 0x85 || c == 0x2028 || c == 0x2029; }

bool is_hidden(char32_t c) {
  return c < 0x20 || within(c, 0x7F, 0x9F) || within(c, 0x200E, 0x200F) || within(c, 0x202A, 0x202E) ||
         within(c, 0x2066, 0x2069) || c == 0xFEFF || (c & 0xFFFE) == 0xFFFE;
}

long columns_of(char32_t c) {
  if (within(c, 0x300, 0x36F) || within(c, 0x200B, 0x200F) || within(c, 0xFE00, 0xFE0F)) return 0;
  const bool wide = within(c, 0x1100, 0x115F) || within(c, 0x2E80, 0xA4CF) || within(c, 0xAC00, 0xD7A3) ||
                    within(c, 0xF900, 0xFAFF) || within(c, 0xFE30, 0xFE6F) || within(c, 0xFF00, 0xFF60) ||
                    within(c, 0xFFE0, 0xFFE6) || within(c, 0x1F300, 0x1FAFF) || within(c, 0x20000, 0x3FFFD);
  return wide ? 2 : 1;
}

/// The longest head of the text within `width` columns.
std::string head(std::string_view text, long width) {
  std::string kept;
  long used = 0;
  for (const Symbol& s : symbols(text)) {
    if ((used += columns_of(s.code)) > width) break;
    kept += s.bytes;
  }
  return kept;
}

std::string tail(std::string_view text, long width) {
  std::string kept;
  long used = 0;
  const std::vector<Symbol> all = symbols(text);
  for (auto s = all.rbegin(); s != all.rend(); ++s) {
    if ((used += columns_of(s->code)) > width) break;
    kept.insert(0, s->bytes);
  }
  return kept;
}

std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> found;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) found.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return found;
}

/// The length of the longest run of backticks.
std::size_t longest_fence(std::string_view text) {
  std::size_t longest = 0, now = 0;
  for (const char c : text) longest = std::max(longest, now = c == '`' ? now + 1 : 0);
  return longest;
}

bool is_word(std::string_view text, std::size_t i) {
  return i < text.size() && (byte_at(text, i) >= 0x80 || std::isalnum(static_cast<unsigned char>(text[i])));
}

}  // namespace

std::string valid_utf8(std::string_view text) {
  std::string valid;
  for (const Symbol& s : symbols(text)) valid += s.bytes;
  return valid;
}

std::string one_line(std::string_view text) {
  std::string line;
  for (const Symbol& s : symbols(text)) {
    if (is_break(s.code)) {
      line += ' ';
    } else if (!is_hidden(s.code)) {
      line += s.bytes;
    }
  }
  return line;
}

long columns(std::string_view text) {
  long sum = 0;
  for (const Symbol& s : symbols(text)) sum += columns_of(s.code);
  return sum;
}

std::string shorten_name(const std::string& text, long width) {
  if (columns(text) <= width) return text;
  if (width < 1) return "";
  return head(text, width / 2) + "…" + tail(text, width - 1 - width / 2);
}

std::string shorten_words(const std::string& text, long width) {
  if (columns(text) <= width) return text;
  if (width < 1) return "";
  std::string kept;
  for (const std::string& word : words(text)) {
    if (columns(kept) + columns(word) + 2 > width) break;
    kept += word + " ";
  }
  return kept + "…";
}

std::vector<std::string> wrap(const std::string& text, long width) {
  std::vector<std::string> lines;
  std::string line;
  const auto flush = [&] {
    if (!line.empty()) lines.push_back(line);
    line.clear();
  };
  for (std::string word : words(text)) {
    if (!line.empty() && columns(line) + 1 + columns(word) > width) flush();
    while (columns(word) > width) {
      lines.push_back(head(word, width));
      word.erase(0, lines.back().size());
    }
    if (!word.empty()) line += (line.empty() ? "" : " ") + word;
  }
  flush();
  return lines;
}

std::string markdown_text(std::string_view text) {
  const std::string line = one_line(text);
  std::string escaped;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '_':  // inside a word it is literal
        escaped += i > 0 && is_word(line, i - 1) && is_word(line, i + 1) ? "_" : "\\_";
        break;
      case '|':
      case '\\':
      case '`':
      case '*':
      case '[':
      case '$':
      case '~':
      case '#':
        escaped += '\\';
        [[fallthrough]];
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string markdown_code(std::string_view text) {
  const std::string line = one_line(text);
  const std::string fence(longest_fence(line) + 1, '`');
  const bool padded = line.empty() || line.front() == '`' || line.back() == '`';
  const std::string space = padded ? " " : "";
  return fence + space + line + space + fence;
}

std::string markdown_block(const std::vector<std::string>& lines) {
  std::size_t longest = 2;
  for (const std::string& line : lines) longest = std::max(longest, longest_fence(line));
  const std::string fence(longest + 1, '`');
  std::string block = fence + "text\n";
  for (const std::string& line : lines) block += one_line(line) + "\n";
  return block + fence + "\n";
}

std::string xml_text(std::string_view text) {
  std::string escaped;
  for (const char c : one_line(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&apos;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string join(const std::vector<std::string>& texts, std::string_view separator) {
  std::string all;
  for (const std::string& text : texts) all += (&text == &texts.front() ? "" : std::string(separator)) + text;
  return all;
}

}  // namespace overproof
