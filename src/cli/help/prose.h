// Text for a terminal: wrapped, aligned, and made from the little of Markdown that the topics of
// the help are written in.
#pragma once

#include "cli/output/document.h"

#include <string>
#include <string_view>

namespace auth {

// How wide text for people may be: the terminal, but at most 100 columns and at least 40; 100 where
// there is none.
[[nodiscard]] std::size_t text_width(const Streams& streams);

// The words of the text in lines of at most `width` columns where they fit, without a last newline.
// `indent` columns of the first line are taken; every other line begins with as many spaces.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t indent, std::size_t width);

// Rows of cells, aligned, each row indented by two; the last cell is wrapped.
[[nodiscard]] std::string aligned(const std::vector<std::vector<std::string>>& rows,
                                  std::size_t width);

// Paragraphs, "# " headings, "- " items, tables, and lines that four spaces keep as they are, with
// `code` in between.
[[nodiscard]] std::string prose_text(std::string_view markdown, std::size_t width);

} // namespace auth
