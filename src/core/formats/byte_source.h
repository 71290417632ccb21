// Where readers get their bytes from, and how much of them they hold at once.
#pragma once

#include "core/base/result.h"
#include "core/base/secret.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace auth {

// Fills the span from its start and says how many bytes it wrote; 0 at the end. Fails with io.
using ByteSource = std::function<Result<std::size_t>(std::span<char>)>;

// The most bytes that one user may take in a file.
inline constexpr std::size_t max_record_bytes = 1U << 20U;

// A window that moves over a source. It grows with what the reader leaves in it, to a bound, and is
// wiped: a file of users may hold passwords.
class InputWindow {
  public:
    explicit InputWindow(ByteSource source);
    InputWindow(const InputWindow&) = delete;
    InputWindow& operator=(const InputWindow&) = delete;
    ~InputWindow();

    // Read, but not dropped yet. At least `padding` bytes behind them may be read and mean nothing.
    [[nodiscard]] std::span<char> bytes();
    // Appends to bytes(), which moves them; false at the end of the source. Holds at most
    // max_record_bytes and what one call reads.
    [[nodiscard]] Result<bool> fill();
    void drop(std::size_t count) { begin_ += count; }

    static constexpr std::size_t padding = 64;

  private:
    ByteSource source_;
    std::vector<char> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    bool at_end_ = false;
};

// The first bytes of a source, and a source that gives them again before the rest.
struct Opening {
    std::shared_ptr<const Secret> bytes;
    ByteSource source;
    [[nodiscard]] std::string_view head() const { return bytes->reveal(); }
};
[[nodiscard]] Result<Opening> look_ahead(ByteSource source);

// All of it. Fails with usage where it is more than `most` bytes; `what` names it.
[[nodiscard]] Result<Secret> read_whole(const ByteSource& source, std::string_view what,
                                        std::size_t most);

// Reads so many bytes, or all where there are fewer.
[[nodiscard]] Status skip(ByteSource& source, std::size_t count);

inline constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
// Drops a byte order mark at the very start, which means nothing.
[[nodiscard]] ByteSource without_byte_order_mark(ByteSource source);

} // namespace auth
