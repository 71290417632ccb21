// Which line of a file names an address: two rows of one address are two people, or one mistake.
#pragma once

#include "core/base/random.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace auth {

// Takes 12 bytes a place, and at most 24 a row: of an address only a keyed digest of 64 bits is
// kept.
class RowIndex {
  public:
    explicit RowIndex(Random& random);

    // The line that named it first, if one did; else it is on this line from here on.
    [[nodiscard]] std::optional<std::int64_t> put(std::string_view email_key, std::int64_t line);
    [[nodiscard]] std::optional<std::int64_t> find(std::string_view email_key) const;

  private:
    [[nodiscard]] std::uint64_t digest(std::string_view email_key) const; // never 0
    // Where it is, or the free place where it belongs.
    [[nodiscard]] std::size_t place(std::uint64_t digest) const;
    void grow();

    std::array<unsigned char, 16> key_{};
    std::vector<std::uint64_t> digests_; // 0: free
    std::vector<std::uint32_t> lines_;
    std::size_t rows_ = 0;
};

} // namespace auth
