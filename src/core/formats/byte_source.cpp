#include "core/formats/byte_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace auth {
namespace {

constexpr std::size_t one_read = 1U << 17U;
constexpr std::size_t one_fill_of_whole = 1U << 16U;

} // namespace

InputWindow::InputWindow(ByteSource source)
    : source_(std::move(source)), buffer_(2 * one_read + padding) {}

InputWindow::~InputWindow() {
    wipe(buffer_);
}

std::span<char> InputWindow::bytes() {
    return std::span(buffer_).subspan(begin_, end_ - begin_);
}

Result<bool> InputWindow::fill() {
    if (at_end_)
        return false;
    if (begin_ > 0) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    if (buffer_.size() - padding - end_ < one_read) {
        std::vector<char> larger(2 * buffer_.size());
        std::copy_n(buffer_.begin(), end_, larger.begin());
        wipe(buffer_);
        buffer_ = std::move(larger);
    }
    AUTH_TRY(const std::size_t count, source_(std::span(buffer_).subspan(end_, one_read)));
    end_ += count;
    at_end_ = count == 0;
    return !at_end_;
}

Result<Opening> look_ahead(ByteSource source) {
    auto head = std::make_shared<Secret>(std::size_t{1U << 16U});
    std::size_t held = 0;
    while (held < head->size()) {
        const auto room = head->writable().subspan(held);
        AUTH_TRY(const std::size_t count,
                 source({reinterpret_cast<char*>(room.data()), room.size()}));
        if (count == 0)
            break;
        held += count;
    }
    head->drop_back(head->size() - held);
    auto again = [head, given = std::size_t{0},
                  rest = std::move(source)](std::span<char> room) mutable -> Result<std::size_t> {
        const std::string_view left = head->reveal().substr(given);
        if (left.empty())
            return rest(room);
        const std::size_t count = left.copy(room.data(), room.size());
        given += count;
        return count;
    };
    return Opening{head, std::move(again)};
}

Result<Secret> read_whole(const ByteSource& source, std::string_view what, std::size_t most) {
    Secret text;
    std::vector<char> room(one_fill_of_whole);
    for (;;) {
        AUTH_TRY(const std::size_t count, source(room));
        if (count == 0)
            break;
        text.append({room.data(), count});
        if (text.size() > most)
            return fail(error(ErrorCode::usage,
                              fmt::format("the {} is larger than {} MiB", what, most >> 20U)));
    }
    wipe(room);
    return text;
}

Status skip(ByteSource& source, std::size_t count) {
    std::vector<char> room(count);
    while (count > 0) {
        AUTH_TRY(const std::size_t read, source(std::span(room).first(count)));
        if (read == 0)
            break;
        count -= read;
    }
    return {};
}

ByteSource without_byte_order_mark(ByteSource source) {
    return [source = std::move(source),
            started = false](std::span<char> room) mutable -> Result<std::size_t> {
        if (std::exchange(started, true))
            return source(room);
        std::size_t held = 0;
        while (held < byte_order_mark.size()) {
            AUTH_TRY(const std::size_t count, source(room.subspan(held)));
            if (count == 0)
                break;
            held += count;
        }
        if (!std::string_view(room.data(), held).starts_with(byte_order_mark))
            return held;
        held -= byte_order_mark.size();
        std::memmove(room.data(), room.data() + byte_order_mark.size(), held);
        // Nothing would be taken for the end.
        return held > 0 ? Result<std::size_t>(held) : source(room);
    };
}

} // namespace auth
