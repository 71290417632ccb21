// Work on all cores, answers in the order of the questions, in bounded memory.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace auth {

// Each of `threads` threads takes the next item from `read` (called by one thread at a time, until
// it gives nothing), works on it, and leaves the answer for next(). At most four items a thread are
// under way. What `read` or `work` throws comes out of next().
template <class Item, class Answer> class OrderedWorkers {
  public:
    using Read = std::function<std::optional<Item>()>;
    using Work = std::function<Answer(Item, unsigned thread)>; // threads count from 0

    OrderedWorkers(unsigned threads, Read read, Work work)
        : read_(std::move(read)), work_(std::move(work)),
          slots_(std::size_t{4} * std::max(threads, 1U)) {
        for (unsigned i = 0; i < std::max(threads, 1U); ++i)
            threads_.emplace_back([this, i] { run(i); });
    }
    OrderedWorkers(const OrderedWorkers&) = delete;
    OrderedWorkers& operator=(const OrderedWorkers&) = delete;
    ~OrderedWorkers() {
        {
            const std::lock_guard lock(mutex_);
            ended_ = true;
        }
        room_.notify_all();
        for (std::thread& thread : threads_)
            thread.join();
    }

    // The next answer in order; nothing after the last one.
    std::optional<Answer> next() {
        std::unique_lock lock(mutex_);
        answered_.wait(lock, [&] {
            return slots_[shown_ % slots_.size()].has_value() || failure_ ||
                   (ended_ && shown_ == taken_);
        });
        auto& slot = slots_[shown_ % slots_.size()];
        if (!slot) {
            if (failure_)
                std::rethrow_exception(failure_);
            return std::nullopt;
        }
        std::optional<Answer> answer = std::exchange(slot, std::nullopt);
        ++shown_;
        lock.unlock();
        room_.notify_one();
        return answer;
    }

  private:
    void run(unsigned thread) {
        try {
            while (auto taken = take())
                give(taken->first, work_(std::move(taken->second), thread));
        } catch (...) {
            const std::lock_guard lock(mutex_);
            failure_ = std::current_exception();
            ended_ = true;
            answered_.notify_all();
            room_.notify_all();
        }
    }

    std::optional<std::pair<std::size_t, Item>> take() {
        std::unique_lock lock(mutex_);
        room_.wait(lock, [&] { return ended_ || (!reading_ && taken_ < shown_ + slots_.size()); });
        if (ended_)
            return std::nullopt;
        // Reading may block; those who wait for answers are not to wait for it.
        reading_ = true;
        lock.unlock();
        std::optional<Item> item;
        try {
            item = read_();
        } catch (...) {
            lock.lock();
            reading_ = false;
            throw;
        }
        lock.lock();
        reading_ = false;
        if (!item) {
            ended_ = true;
            answered_.notify_all();
            room_.notify_all();
            return std::nullopt;
        }
        room_.notify_one();
        return std::pair(taken_++, *std::move(item));
    }

    void give(std::size_t number, Answer answer) {
        const std::lock_guard lock(mutex_);
        slots_[number % slots_.size()] = std::move(answer);
        answered_.notify_one();
    }

    Read read_;
    Work work_;
    std::mutex mutex_;
    std::condition_variable answered_;
    std::condition_variable room_;
    std::vector<std::optional<Answer>> slots_;
    std::size_t taken_ = 0; // items read so far
    std::size_t shown_ = 0; // answers given so far
    bool reading_ = false;
    bool ended_ = false;
    std::exception_ptr failure_;
    std::vector<std::thread> threads_; // last, as they use the rest
};

} // namespace auth
