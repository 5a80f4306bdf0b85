#include "reports/text.h"

#include "tests/catch.h"
#include "tests/reports/sample.h"

using namespace overproof;

TEST_CASE("valid UTF-8 is kept and every stray byte becomes one replacement character") {
  CHECK(valid_utf8("λ ≤ 1\n") == "λ ≤ 1\n");
  CHECK(valid_utf8("\uFFFD") == "\uFFFD");
  CHECK(valid_utf8("a\xFFz") == "a\uFFFDz");
  CHECK(valid_utf8("\xCE") == "\uFFFD");                      // cut short
  CHECK(valid_utf8("\xC0\xAF") == "\uFFFD\uFFFD");            // overlong
  CHECK(valid_utf8("\xED\xA0\x80") == "\uFFFD\uFFFD\uFFFD");  // a surrogate
  CHECK(valid_utf8("\xF4\x90\x80\x80").size() == 4 * 3);      // above U+10FFFF
  CHECK(valid_utf8("\xF0\x9F\x98\x80") == "\xF0\x9F\x98\x80");
}

TEST_CASE("one line has no line break, control character or mark of direction") {
  CHECK(one_line("a\nb\r\tc") == "a b  c");
  CHECK(one_line(std::string("a\0b\x1b\x7f", 5)) == "ab");
  CHECK(one_line("a\u202Eb\u2028c\uFFFE\u0085d") == "ab c d");
}

TEST_CASE("columns count what a terminal shows") {
  CHECK(columns("") == 0);
  CHECK(columns("λ ≤ 1") == 5);
  CHECK(columns("日本") == 4);
  CHECK(columns("e\u0301") == 1);
}

TEST_CASE("a shortened name keeps its head and tail, a shortened text never cuts a word") {
  CHECK(shorten_name("fc-softplus-seed12", 30) == "fc-softplus-seed12");
  CHECK(shorten_name("fc-softplus-seed12", 9) == "fc-s…ed12");
  CHECK(shorten_name("日本語日本語", 5) == "日…語");
  CHECK(shorten_words("needs m ≥ 1.9e18, has 500", 20) == "needs m ≥ 1.9e18, …");
  CHECK(shorten_words("needs m ≥ 1.9e18, has 500", 16) == "needs m ≥ …");
  CHECK(shorten_words("unbreakable", 5) == "…");
}

TEST_CASE("shortened texts and wrapped lines are never wider than asked") {
  for (int i = 0; i < scaled(200); ++i) {
    const std::uint64_t seed = test_seed(100) + static_cast<std::uint64_t>(i);
    INFO(seed);
    const std::string line = one_line(random_text(seed));
    const long width = 2 + i % 40;
    CHECK(columns(shorten_name(line, width)) <= width);
    CHECK(columns(shorten_words(line, width)) <= width);
    std::string letters, wrapped;
    for (const std::string& piece : wrap(line, width)) {
      CHECK(columns(piece) <= width);
      wrapped += piece;
    }
    std::erase(wrapped, ' ');
    letters = line;
    std::erase(letters, ' ');
    CHECK(wrapped == letters);  // wrapping loses no character
  }
}

TEST_CASE("Markdown text is literal") {
  CHECK(markdown_text("a|b <c> & `d` *e* [f](g) $h$ ~i~ \\ #") ==
        "a\\|b &lt;c&gt; &amp; \\`d\\` \\*e\\* \\[f](g) \\$h\\$ \\~i\\~ \\\\ \\#");
  CHECK(markdown_text("C_m _emphasis_ λ_0") == "C_m \\_emphasis\\_ λ_0");
}

TEST_CASE("code spans and blocks cannot be closed from inside") {
  CHECK(markdown_code("a") == "`a`");
  CHECK(markdown_code("a ``b` c") == "```a ``b` c```");
  CHECK(markdown_code("`a") == "`` `a ``");
  CHECK(markdown_block({"a"}) == "```text\na\n```\n");
  CHECK(markdown_block({"````", "b\nc"}) == "`````text\n````\nb c\n`````\n");
}

TEST_CASE("XML text is escaped for elements and attributes alike") {
  CHECK(xml_text("<a href=\"b\">'&'\x01]]>") == "&lt;a href=&quot;b&quot;&gt;&apos;&amp;&apos;]]&gt;");
}
