// stdin in blocks of whole lines, however long it is.
#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

struct LineBlock {
    std::int64_t first = 1; // number of its first line
    std::shared_ptr<const std::string> text;
    std::vector<std::string_view> lines; // of the text, without their newlines
};

// A line over `longest_line` bytes is cut one byte after that, so that it shows.
class LineBlocks {
  public:
    static constexpr std::size_t longest_line = 64UL * 1024;
    using Read = std::function<Result<std::size_t>(std::span<char>)>;

    explicit LineBlocks(Read read) : read_(std::move(read)) {}

    // The input, if it is at most one line but for white space; nothing where next() has more to
    // give. Throws Failure.
    [[nodiscard]] std::optional<std::string> only_line();
    // The lines that are there by now, at least one; nothing at the end. Throws Failure.
    [[nodiscard]] std::optional<LineBlock> next();

  private:
    void fill();

    Read read_;
    std::string pending_;
    std::size_t line_start_ = 0; // of the line in `pending_` that is not complete
    std::int64_t number_ = 1;
    bool ended_ = false;
};

} // namespace auth
