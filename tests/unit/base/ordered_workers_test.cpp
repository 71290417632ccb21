#include "core/base/ordered_workers.h"
#include "support/catch.h"

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

using namespace auth;

namespace {

using Workers = OrderedWorkers<int, int>;

// The numbers from 0 to count - 1.
Workers::Read numbers(int count) {
    return [count, next = 0]() mutable -> std::optional<int> {
        return next < count ? std::optional(next++) : std::nullopt;
    };
}

std::vector<int> all(Workers& workers) {
    std::vector<int> answers;
    while (const auto answer = workers.next())
        answers.push_back(*answer);
    return answers;
}

std::vector<int> squares(int count) {
    std::vector<int> out;
    for (int i = 0; i < count; ++i)
        out.push_back(i * i);
    return out;
}

void wait(int milliseconds) {
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

// Waits until it holds, or for so long that it never will.
template <class Condition> bool comes_true(Condition condition) {
    for (int i = 0; i < 2000 && !condition(); ++i)
        wait(5);
    return condition();
}

} // namespace

TEST_CASE("answers come in the order of the questions") {
    for (const unsigned threads : {0U, 1U, 2U, 3U, 8U})
        for (const int count : {0, 1, 2, 7, 500}) {
            Workers workers(threads, numbers(count), [](int item, unsigned) {
                if (item % 7 == 0)
                    wait(1); // some take longer
                return item * item;
            });
            CHECK(all(workers) == squares(count));
            CHECK_FALSE(workers.next());
        }
}

TEST_CASE("every thread has a number of its own, and nobody else's work") {
    constexpr unsigned threads = 4;
    std::array<std::atomic<int>, threads> busy{};
    std::atomic<bool> clash = false;
    Workers workers(threads, numbers(400), [&](int item, unsigned thread) {
        if (busy.at(thread)++ != 0)
            clash = true;
        if (item % 50 == 0)
            wait(1);
        --busy.at(thread);
        return item * item;
    });
    CHECK(all(workers) == squares(400));
    CHECK_FALSE(clash);
}

TEST_CASE("one thread at a time reads") {
    std::atomic<int> reading = 0;
    std::atomic<bool> clash = false;
    Workers workers(
        4,
        [&, next = 0]() mutable -> std::optional<int> {
            if (reading++ != 0)
                clash = true;
            std::this_thread::yield();
            --reading;
            return next < 300 ? std::optional(next++) : std::nullopt;
        },
        [](int item, unsigned) { return item * item; });
    CHECK(all(workers) == squares(300));
    CHECK_FALSE(clash);
}

TEST_CASE("no more is read ahead than four items a thread") {
    std::atomic<int> read = 0;
    Workers workers(
        2, [&, source = numbers(1000)]() mutable { return ++read, source(); },
        [](int item, unsigned) { return item; });
    CHECK(comes_true([&] { return read == 8; }));
    wait(50);
    CHECK(read == 8);
    CHECK(workers.next() == 0);
    CHECK(comes_true([&] { return read == 9; }));
    wait(50);
    CHECK(read == 9);
}

TEST_CASE("a slow item keeps the answers behind it waiting, not the work") {
    std::atomic<int> done = 0;
    std::atomic<bool> go = false;
    Workers workers(2, numbers(8), [&](int item, unsigned) {
        while (item == 0 && !go)
            std::this_thread::yield();
        ++done;
        return item * item;
    });
    CHECK(comes_true([&] { return done == 7; }));
    go = true;
    CHECK(all(workers) == squares(8));
}

TEST_CASE("an answer need not wait for the next question") {
    std::atomic<bool> more = false;
    OrderedWorkers<int, int> workers(
        2,
        [&, next = 0]() mutable -> std::optional<int> {
            while (next == 1 && !more) // as a person at a keyboard
                std::this_thread::yield();
            return next < 2 ? std::optional(next++) : std::nullopt;
        },
        [](int item, unsigned) { return item; });
    CHECK(workers.next() == 0);
    more = true;
    CHECK(workers.next() == 1);
    CHECK_FALSE(workers.next());
}

TEST_CASE("what reading or working throws comes out, and ends it") {
    for (const unsigned threads : {1U, 4U}) {
        Workers bad_work(threads, numbers(100), [](int item, unsigned) {
            if (item == 20)
                throw std::runtime_error("no twenty");
            return item;
        });
        CHECK_THROWS_WITH(all(bad_work), "no twenty");
        CHECK_THROWS_WITH(all(bad_work), "no twenty");

        Workers bad_input(
            threads,
            [next = 0]() mutable -> std::optional<int> {
                if (next == 20)
                    throw std::runtime_error("no input");
                return next++;
            },
            [](int item, unsigned) { return item; });
        CHECK_THROWS_WITH(all(bad_input), "no input");
    }
}

TEST_CASE("what was answered before a failure is not lost") {
    for (int round = 0; round < 20; ++round) {
        Workers workers(
            4,
            [next = 0]() mutable -> std::optional<int> {
                if (next == 6)
                    throw std::runtime_error("no input");
                return next++;
            },
            [](int item, unsigned) {
                wait(item == 0 ? 5 : 0);
                return item * item;
            });
        std::vector<int> answers;
        CHECK_THROWS_WITH(
            [&] {
                while (const auto answer = workers.next())
                    answers.push_back(*answer);
            }(),
            "no input");
        CHECK(answers == squares(6));
    }
}

TEST_CASE("of several failures the first in order comes out") {
    for (int round = 0; round < 20; ++round) {
        std::atomic<bool> later = false;
        Workers workers(2, numbers(4), [&](int item, unsigned) {
            if (item == 3) {
                later = true;
                throw std::runtime_error("three");
            }
            while (item == 1 && !later)
                std::this_thread::yield();
            if (item == 1)
                throw std::runtime_error("one");
            return item;
        });
        CHECK(workers.next() == 0);
        CHECK_THROWS_WITH(workers.next(), "one");
    }
}

TEST_CASE("it may be left in the middle of the work") {
    for (int taken = 0; taken < 5; ++taken) {
        Workers workers(3, numbers(100'000), [](int item, unsigned) { return item; });
        for (int i = 0; i < taken; ++i)
            CHECK(workers.next() == i);
    }
}

TEST_CASE("items and answers are moved, never copied") {
    OrderedWorkers<std::unique_ptr<int>, std::unique_ptr<std::string>> workers(
        2,
        [next = 0]() mutable -> std::optional<std::unique_ptr<int>> {
            if (next == 20)
                return std::nullopt;
            return std::make_unique<int>(next++);
        },
        [](std::unique_ptr<int> item, unsigned) {
            return std::make_unique<std::string>(std::to_string(*item));
        });
    for (int i = 0; i < 20; ++i)
        CHECK(**workers.next() == std::to_string(i));
    CHECK_FALSE(workers.next());
}
