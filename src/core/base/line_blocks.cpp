#include "core/base/line_blocks.h"

#include "core/base/broken.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>

namespace auth {

// Appends what is there to read, and cuts the last line where it has become too long.
void LineBlocks::fill() {
    std::array<char, 32768> chunk; // NOLINT(cppcoreguidelines-pro-type-member-init)
    auto count = read_(chunk);
    if (!count)
        broken_machine(std::move(count).error());
    ended_ = *count == 0;
    std::string_view rest(chunk.data(), *count);
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        const std::size_t held = pending_.size() - line_start_;
        pending_.append(
            rest.substr(0, std::min(end, longest_line + 1 - std::min(held, longest_line + 1))));
        if (end < rest.size()) {
            pending_ += '\n';
            line_start_ = pending_.size();
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
}

std::optional<std::string> LineBlocks::only_line() {
    constexpr std::size_t most = 2 * longest_line; // blank lines may never end
    while (true) {
        const std::string_view text = trimmed(pending_, white_space);
        if (text.find('\n') != std::string_view::npos || pending_.size() > most)
            return std::nullopt;
        if (ended_ && text.empty())
            return "";
        if (ended_) {
            const auto at = static_cast<std::size_t>(text.data() - pending_.data());
            const std::size_t start = pending_.rfind('\n', at) + 1; // npos + 1 is 0
            return pending_.substr(start, pending_.find('\n', at) - start);
        }
        fill();
    }
}

std::optional<LineBlock> LineBlocks::next() {
    while (!ended_ && line_start_ == 0)
        fill();
    if (pending_.empty())
        return std::nullopt;
    LineBlock block;
    block.first = number_;
    // A last line may lack its newline.
    const std::size_t whole = ended_ ? pending_.size() : line_start_;
    std::string rest = pending_.substr(whole);
    pending_.resize(whole);
    block.text = std::make_shared<const std::string>(std::exchange(pending_, std::move(rest)));
    line_start_ = 0;
    for (std::string_view text = *block.text; !text.empty();) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        block.lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    number_ += static_cast<std::int64_t>(block.lines.size());
    return block;
}

} // namespace auth
