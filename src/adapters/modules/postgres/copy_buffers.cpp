#include "adapters/modules/postgres/copy_buffers.h"

#include "core/base/encoding.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace auth {

void CopyBuffers::begin_row(const PlainInsert& insert) {
    for (Buffer& buffer : buffers_)
        if (buffer.insert == &insert)
            row_ = &buffer.rows;
    if (buffers_.empty() || row_ == nullptr)
        row_ = &buffers_.emplace_back(Buffer{&insert, {}}).rows;
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

void CopyBuffers::forget(const PlainInsert& insert) {
    const auto its = std::ranges::find(buffers_, &insert, &Buffer::insert);
    if (its == buffers_.end())
        return;
    size_ -= its->rows.size();
    lost_ = true;
    buffers_.erase(its);
}

std::vector<CopyBuffers::Buffer> CopyBuffers::take() {
    size_ = 0;
    row_ = nullptr;
    std::ranges::sort(buffers_, {}, [](const Buffer& buffer) { return buffer.insert->rank; });
    return std::exchange(buffers_, {});
}

} // namespace auth
