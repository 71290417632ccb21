#include "adapters/postgres/copy_buffers.h"

#include "core/base/encoding.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace auth {

std::optional<CopyTarget> CopyTarget::parse(std::string_view sql) {
    constexpr std::string_view start = "INSERT INTO ";
    constexpr std::string_view middle = ") VALUES (";
    if (!sql.starts_with(start))
        return std::nullopt;
    sql.remove_prefix(start.size());
    const std::size_t open = sql.find(" (");
    const std::size_t close = sql.find(middle);
    if (open == std::string_view::npos || close == std::string_view::npos || close < open)
        return std::nullopt;
    CopyTarget target{std::string(sql.substr(0, open)),
                      std::string(sql.substr(open + 2, close - open - 2))};
    // The values are the parameters in order, one for each column, and nothing follows them.
    std::string values;
    for (auto columns = 1 + std::count(target.columns.begin(), target.columns.end(), ','),
              column = 1L;
         column <= columns; ++column)
        values += fmt::format("{}?{}", column > 1 ? ", " : "", column);
    if (sql.substr(close + middle.size()) != values + ")")
        return std::nullopt;
    return target;
}

void CopyBuffers::begin_row(const CopyTarget& target) {
    for (Buffer& buffer : buffers_)
        if (buffer.target == &target)
            row_ = &buffer.rows;
    if (buffers_.empty() || row_ == nullptr)
        row_ = &buffers_.emplace_back(Buffer{&target, {}}).rows;
    before_ = row_->size();
    first_ = true;
}

void CopyBuffers::separate() {
    if (!std::exchange(first_, false))
        *row_ += '\t';
}

void CopyBuffers::add_null() {
    separate();
    *row_ += "\\N";
}

void CopyBuffers::add(std::int64_t value) {
    separate();
    char digits[24];
    *row_ += std::string_view(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

void CopyBuffers::add_text(std::string_view text) {
    separate();
    while (true) {
        const std::size_t special = text.find_first_of("\\\t\n\r");
        *row_ += text.substr(0, special);
        if (special == std::string_view::npos)
            return;
        const char c = text[special];
        *row_ += '\\';
        *row_ += c == '\t' ? 't' : c == '\n' ? 'n' : c == '\r' ? 'r' : c;
        text.remove_prefix(special + 1);
    }
}

void CopyBuffers::add_bytes(std::string_view bytes) {
    separate();
    *row_ += "\\\\x";
    *row_ += to_hex(bytes);
}

void CopyBuffers::end_row() {
    *row_ += '\n';
    size_ += row_->size() - before_;
    row_ = nullptr;
    ++rows_;
}

std::vector<CopyBuffers::Buffer> CopyBuffers::take() {
    size_ = 0;
    row_ = nullptr;
    return std::exchange(buffers_, {});
}

} // namespace auth
