// Several at the same work at the same moment, as processes would be.
#pragma once

#include <exception>
#include <latch>
#include <string>
#include <thread>
#include <vector>

namespace auth::test {

// Runs act(0) to act(count - 1), each in a thread of its own, let go together. Returns the words of
// what they threw.
template <class Act> [[nodiscard]] std::vector<std::string> at_once(unsigned count, Act act) {
    std::latch start(count);
    std::vector<std::string> thrown(count);
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < count; ++i)
        threads.emplace_back([&, i] {
            start.arrive_and_wait();
            try {
                act(i);
            } catch (const std::exception& failure) {
                thrown[i] = failure.what();
            }
        });
    for (std::thread& thread : threads)
        thread.join();
    std::erase(thrown, std::string());
    return thrown;
}

} // namespace auth::test
