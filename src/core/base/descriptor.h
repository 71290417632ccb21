// A file descriptor that closes itself.
#pragma once

#include <unistd.h>
#include <utility>

namespace auth {

class Descriptor {
  public:
    explicit Descriptor(int value = -1) : value_(value) {}
    Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        if (this != &other)
            set(std::exchange(other.value_, -1));
        return *this;
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { close(); }

    [[nodiscard]] int get() const { return value_; }
    void set(int value) {
        close();
        value_ = value;
    }
    void close() {
        if (value_ >= 0)
            ::close(value_);
        value_ = -1;
    }

  private:
    int value_;
};

} // namespace auth
