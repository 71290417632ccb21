#include "cli/output/table.h"

#include "core/base/text.h"

#include <algorithm>

namespace auth {
namespace {

constexpr std::size_t page_rows = 1000;

std::string line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
    std::string out;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        out += cells[i];
        if (i + 1 < cells.size())
            out.append(widths[i] - display_width(cells[i]) + 2, ' ');
    }
    while (out.ends_with(' '))
        out.pop_back();
    return out + "\n";
}

} // namespace

Table::Table(std::vector<std::string> titles, bool bold_titles)
    : titles_(std::move(titles)), bold_titles_(bold_titles) {
    for (const std::string& title : titles_)
        widths_.push_back(display_width(title));
}

std::string Table::add(std::vector<std::string> row) {
    rows_.push_back(std::move(row));
    return rows_.size() >= page_rows ? flush() : "";
}

std::string Table::finish() {
    return rows_.empty() ? "" : flush();
}

std::string Table::flush() {
    // Columns only grow, so that later pages stay in line with earlier ones where they can.
    for (const auto& row : rows_)
        for (std::size_t i = 0; i < row.size(); ++i)
            widths_[i] = std::max(widths_[i], display_width(row[i]));
    std::string out;
    if (!titled_) {
        const std::string head = line(titles_, widths_);
        out = bold_titles_ ? "\x1b[1m" + head.substr(0, head.size() - 1) + "\x1b[0m\n" : head;
        titled_ = true;
    }
    for (const auto& row : rows_)
        out += line(row, widths_);
    rows_.clear();
    return out;
}

} // namespace auth
