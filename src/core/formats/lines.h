// The lines of a file of any size.
#pragma once

#include "core/formats/byte_source.h"

#include <cstdint>

namespace auth {

struct Line {
    std::int64_t number = 0; // from 1
    // Without its end (LF or CR LF). Good until the next call; InputWindow::padding bytes behind it
    // may be read.
    std::span<char> text;
    bool too_long = false; // over max_record_bytes: the text is not given
    [[nodiscard]] std::string_view view() const { return {text.data(), text.size()}; }
};

class Lines {
  public:
    // A byte order mark at the start is dropped.
    explicit Lines(ByteSource source) : window_(without_byte_order_mark(std::move(source))) {}

    // False at the end. Fails with io.
    [[nodiscard]] Result<bool> next(Line& line);

  private:
    InputWindow window_;
    std::size_t given_ = 0; // bytes that the line before takes in the window
    std::int64_t number_ = 0;
};

// What is said of a user that takes more than max_record_bytes.
[[nodiscard]] Error record_too_long();

} // namespace auth
