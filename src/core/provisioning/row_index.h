// Which line of a file names an address: two rows of one address are two people, or one mistake.
#pragma once

#include "core/base/random.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace auth {

// Takes 14 to 18 bytes a row: of an address only a keyed digest of 64 bits is kept.
class RowIndex {
  public:
    explicit RowIndex(Random& random);

    // The line that named it first, if one did; else it is on this line from here on.
    [[nodiscard]] std::optional<std::int64_t> put(std::string_view email_key, std::int64_t line);
    [[nodiscard]] std::optional<std::int64_t> find(std::string_view email_key) const;

  private:
    [[nodiscard]] std::uint64_t digest(std::string_view email_key) const; // never 0
    // One of many small tables, so that growing takes no more than a part of all at once.
    struct Shard {
        std::vector<std::uint64_t> digests; // 0: free
        std::vector<std::uint32_t> lines;
        std::size_t rows = 0;

        // Where it is, or the free place where it belongs.
        [[nodiscard]] std::size_t place(std::uint64_t digest) const;
        void grow();
    };
    static constexpr std::size_t shard_count = 256;

    std::array<unsigned char, 16> key_{};
    std::vector<Shard> shards_;
};

} // namespace auth
