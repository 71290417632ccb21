// How much a test does that can do more: a sample, so that the suite stays quick, or the whole
// figure where AUTH_CLI_FULL_FIGURES is set.
#pragma once

#include <cstddef>
#include <cstdlib>

namespace auth::test {

[[nodiscard]] inline std::size_t figure(std::size_t full, std::size_t sample) {
    return std::getenv("AUTH_CLI_FULL_FIGURES") != nullptr ? full : sample;
}

} // namespace auth::test
