#include "core/formats/lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace auth {

Error record_too_long() {
    return error(ErrorCode::usage,
                 fmt::format("the user takes more than {} bytes", max_record_bytes));
}

Result<bool> Lines::next(Line& line) {
    window_.drop(std::exchange(given_, 0));
    line = {number_ + 1, {}, false};
    for (std::size_t searched = 0;;) {
        const std::span<char> held = window_.bytes();
        const auto from = held.begin() + static_cast<std::ptrdiff_t>(searched);
        const auto found = std::find(from, held.end(), '\n');
        const auto size = static_cast<std::size_t>(found - held.begin());
        line.too_long = line.too_long || size > max_record_bytes;
        if (found != held.end()) {
            given_ = size + 1;
            line.text = held.first(size);
            break;
        }
        searched = size;
        if (line.too_long)
            window_.drop(std::exchange(searched, 0));
        AUTH_TRY(const bool more, window_.fill());
        if (more)
            continue;
        line.text = window_.bytes();
        given_ = line.text.size();
        if (line.text.empty() && !line.too_long)
            return false;
        break;
    }
    ++number_;
    if (!line.text.empty() && line.text.back() == '\r')
        line.text = line.text.first(line.text.size() - 1);
    if (line.too_long)
        line.text = {};
    return true;
}

} // namespace auth
