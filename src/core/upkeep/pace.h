// How far long work on keyed rows has come, and whether it is to go on.
#pragma once

#include "core/store/vault.h"

#include <cstdint>
#include <functional>
#include <utility>

namespace auth {

// What was under one key comes under another.
struct VaultChange {
    const Vault& from;
    const Vault& to;
};

class Pace {
  public:
    // `ask` gets the rows so far; false stops the work.
    explicit Pace(std::function<bool(std::int64_t)> ask) : ask_(std::move(ask)) {}
    void note(std::int64_t rows) {
        done_ += rows;
        stopped_ = stopped_ || !ask_(done_);
    }
    [[nodiscard]] bool stopped() const { return stopped_; }

  private:
    std::function<bool(std::int64_t)> ask_;
    std::int64_t done_ = 0;
    bool stopped_ = false;
};

} // namespace auth
