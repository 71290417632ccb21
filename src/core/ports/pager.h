// The program that a person reads long text with, as a port.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

// Destruction waits until the reader has left.
class Pager {
  public:
    virtual ~Pager() = default;
    // False where the text cannot be handed over. Throws ReaderGone.
    [[nodiscard]] virtual bool write(std::string_view text) = 0;
};

struct Pagers {
    // Lines that the terminal on stdout shows at a time; 0, or no function, where nobody knows.
    std::function<std::size_t()> terminal_rows{};
    // Starts the program, found as a shell finds it; nullptr where it cannot be started.
    std::function<std::unique_ptr<Pager>(const std::vector<std::string>& command)> start{};
};

} // namespace auth
