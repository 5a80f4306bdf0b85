# Writes ${OUTPUT}.h and ${OUTPUT}.cpp with the text of every file of ${FILES}.
file(WRITE ${OUTPUT}.h "#pragma once
#include <span>
#include <string_view>
namespace overproof {
struct EmbeddedFile_${NAME} { std::string_view name, text; };
std::span<const EmbeddedFile_${NAME}> embedded_${NAME}();
}  // namespace overproof
")
set(rows "")
foreach(path IN LISTS FILES)
  file(READ ${path} text)
  get_filename_component(base ${path} NAME)
  # A string literal has a length limit: cut the text into pieces that the compiler joins.
  set(pieces "")
  string(LENGTH "${text}" length)
  set(at 0)
  while(at LESS length)
    string(SUBSTRING "${text}" ${at} 4000 piece)
    string(APPEND pieces "R\"~~~(${piece})~~~\"\n")
    math(EXPR at "${at} + 4000")
  endwhile()
  string(APPEND rows "    {\"${base}\", ${pieces}},\n")
endforeach()
file(WRITE ${OUTPUT}.cpp "#include \"embedded_${NAME}.h\"
namespace overproof {
static constexpr EmbeddedFile_${NAME} rows[] = {
${rows}};
std::span<const EmbeddedFile_${NAME}> embedded_${NAME}() { return rows; }
}  // namespace overproof
")
