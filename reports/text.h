#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace overproof {

/// The text as valid UTF-8: every byte that is no part of a character becomes U+FFFD. Everything else is
/// kept.
[[nodiscard]] std::string valid_utf8(std::string_view text);

/// The text as one printable line: valid UTF-8; line breaks and tabs become spaces; other control characters,
/// marks that change the direction of writing, and code points that XML forbids are removed.
[[nodiscard]] std::string one_line(std::string_view text);

/// Columns the text takes in a terminal: combining marks take none, wide East Asian characters and pictures
/// two.
[[nodiscard]] long columns(std::string_view text);

/// At most `width` columns: a longer name keeps its head and its tail around "…".
[[nodiscard]] std::string shorten_name(const std::string& text, long width);

/// At most `width` columns: a longer text loses whole words at its end, so that no number is ever cut.
[[nodiscard]] std::string shorten_words(const std::string& text, long width);

/// The words of the text on lines of at most `width` columns; a word that is longer by itself is broken.
/// width >= 2.
[[nodiscard]] std::vector<std::string> wrap(const std::string& text, long width);

/// Any text as literal Markdown (GitHub's): one line, with |, <, >, & and every mark of emphasis, code, link
/// and formula escaped.
[[nodiscard]] std::string markdown_text(std::string_view text);

/// Any text as an inline code span, outside of tables.
[[nodiscard]] std::string markdown_code(std::string_view text);

/// Lines as a fenced block that no line of its own can end.
[[nodiscard]] std::string markdown_block(const std::vector<std::string>& lines);

/// Any text as XML character data or as an attribute's value: one line, & < > " ' escaped.
[[nodiscard]] std::string xml_text(std::string_view text);

/// The texts with `separator` between them.
[[nodiscard]] std::string join(const std::vector<std::string>& texts, std::string_view separator);

}  // namespace overproof
