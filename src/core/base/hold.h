// What is kept up while somebody needs it, such as that no terminal stops the process.
#pragma once

#include <functional>
#include <memory>

namespace auth {

// Keeps something up for as long as what it returns lives. Holds nest, and end in any order.
using Hold = std::function<std::shared_ptr<void>()>;

// Nothing where there is nothing to hold.
[[nodiscard]] inline std::shared_ptr<void> take(const Hold& hold) {
    return hold ? hold() : nullptr;
}

} // namespace auth
