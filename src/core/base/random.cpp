#include "core/base/random.h"

#include "core/base/encoding.h"

#include <array>
#include <limits>

namespace auth {

Secret random_bytes(Random& random, std::size_t count) {
    Secret out(count);
    random.fill(out.writable());
    return out;
}

std::uint64_t random_below(Random& random, std::uint64_t bound) {
    const std::uint64_t limit = std::numeric_limits<std::uint64_t>::max() / bound * bound;
    while (true) {
        std::array<unsigned char, 8> raw{};
        random.fill(raw);
        std::uint64_t value = 0;
        for (const unsigned char byte : raw)
            value = value << 8U | byte;
        if (value < limit)
            return value % bound;
    }
}

Secret random_token(Random& random, std::size_t bytes) {
    return Secret(to_base64url(random_bytes(random, bytes).reveal()));
}

} // namespace auth
