#include "cli/help/prose.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace auth {
namespace {

constexpr std::size_t widest = 100;
constexpr std::size_t narrowest = 40;

std::string without_ticks(std::string_view text) {
    std::string out(text);
    std::erase(out, '`');
    return out;
}

// "| a | b |" as its cells; a bar after a backslash is one of the text.
std::vector<std::string> cells_of(std::string_view row) {
    std::vector<std::string> cells;
    std::string cell;
    row.remove_prefix(1);
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (row[i] == '\\' && i + 1 < row.size() && row[i + 1] == '|')
            cell += row[++i];
        else if (row[i] == '|')
            cells.emplace_back(trimmed(without_ticks(std::exchange(cell, {}))));
        else
            cell += row[i];
    }
    return cells;
}

bool is_ruler(std::string_view row) {
    return row.find_first_not_of("|- ") == std::string_view::npos;
}

// Lines that belong together, and what they are.
struct Block {
    enum class Kind { paragraph, heading, item, table, verbatim };
    Kind kind = Kind::paragraph;
    std::string text;
    std::vector<std::vector<std::string>> rows; // of a table
};

Block::Kind kind_of(std::string_view line) {
    if (line.starts_with("# "))
        return Block::Kind::heading;
    if (line.starts_with("- "))
        return Block::Kind::item;
    if (line.starts_with("|"))
        return Block::Kind::table;
    return line.starts_with("    ") ? Block::Kind::verbatim : Block::Kind::paragraph;
}

std::vector<Block> blocks_of(std::string_view markdown) {
    std::vector<Block> blocks;
    bool fresh = true; // after an empty line
    while (!markdown.empty()) {
        const std::size_t end = std::min(markdown.find('\n'), markdown.size());
        const std::string_view line = markdown.substr(0, end);
        markdown.remove_prefix(std::min(end + 1, markdown.size()));
        if (line.empty()) {
            fresh = true;
            continue;
        }
        Block::Kind kind = kind_of(line);
        // The lines after the first of an item are indented by two.
        const bool goes_on = !fresh && kind == Block::Kind::paragraph && !blocks.empty() &&
                             blocks.back().kind == Block::Kind::item;
        if (goes_on)
            kind = Block::Kind::item;
        const bool joins = !fresh && !blocks.empty() && blocks.back().kind == kind &&
                           (goes_on || kind != Block::Kind::item) && kind != Block::Kind::heading;
        if (!joins)
            blocks.push_back({kind, {}, {}});
        Block& block = blocks.back();
        if (kind == Block::Kind::table) {
            if (!is_ruler(line))
                block.rows.push_back(cells_of(line));
        } else if (kind == Block::Kind::verbatim) {
            block.text += fmt::format("  {}\n", line.substr(4));
        } else {
            const std::size_t mark = kind == Block::Kind::paragraph || goes_on ? 0 : 2;
            block.text += (block.text.empty() ? "" : " ") + without_ticks(line.substr(mark));
        }
        fresh = false;
    }
    return blocks;
}

} // namespace

std::size_t text_width(const Streams& streams) {
    return streams.columns == 0 ? widest : std::clamp(streams.columns, narrowest, widest);
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
    std::string out;
    std::size_t column = indent;
    bool first = true; // in its line
    for (const std::string& word : split(text, ' ')) {
        if (word.empty())
            continue;
        const std::size_t wide = display_width(word);
        if (!first && column + 1 + wide > width) {
            out += "\n" + std::string(indent, ' ');
            column = indent;
            first = true;
        }
        out += (first ? "" : " ") + word;
        column += wide + (first ? 0U : 1U);
        first = false;
    }
    return out;
}

std::string aligned(const std::vector<std::vector<std::string>>& rows, std::size_t width) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows)
        for (std::size_t i = 0; i + 1 < row.size(); ++i) {
            widths.resize(std::max(widths.size(), i + 1));
            widths[i] = std::max(widths[i], display_width(row[i]));
        }
    std::string out;
    for (const auto& row : rows) {
        std::string line = "  ";
        for (std::size_t i = 0; i + 1 < row.size(); ++i)
            line += row[i] + std::string(widths[i] - display_width(row[i]) + 2, ' ');
        const std::size_t indent = display_width(line);
        // Where next to nothing is left beside the names, the rest goes below them.
        if (indent + 20 > width)
            line = fmt::format("{}\n      {}", line.substr(0, line.find_last_not_of(' ') + 1),
                               wrapped(row.back(), 6, width));
        else
            line += wrapped(row.back(), indent, width);
        out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
    return out;
}

std::string prose_text(std::string_view markdown, std::size_t width) {
    std::string out;
    Block::Kind last = Block::Kind::heading;
    for (const Block& block : blocks_of(markdown)) {
        const bool items = block.kind == Block::Kind::item && last == Block::Kind::item;
        if (!out.empty() && !items)
            out += "\n";
        last = block.kind;
        switch (block.kind) {
        case Block::Kind::item:
            out += fmt::format("- {}\n", wrapped(block.text, 2, width));
            break;
        case Block::Kind::table:
            out += aligned(block.rows, width);
            break;
        case Block::Kind::verbatim:
            out += block.text;
            break;
        case Block::Kind::heading:
            out += fmt::format("{}:\n", block.text);
            break;
        case Block::Kind::paragraph:
            out += wrapped(block.text, 0, width) + "\n";
            break;
        }
    }
    return out;
}

} // namespace auth
