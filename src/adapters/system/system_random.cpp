#include "adapters/system/system_random.h"

#include <cerrno>
#include <sys/random.h>
#include <system_error>

namespace auth {

void SystemRandom::fill(std::span<unsigned char> out) {
    while (!out.empty()) {
        const ssize_t count = ::getrandom(out.data(), out.size(), 0);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            throw std::system_error(errno, std::generic_category(), "getrandom");
        out = out.subspan(static_cast<std::size_t>(count));
    }
}

} // namespace auth
