// What a transaction keeps other writers out of. An engine may keep out more than was asked.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace auth {

// A set of lock keys. Transactions whose sets share a key take turns; others do not wait for each
// other. Without a key it is everything: the transaction takes turns with every other one.
class Locks {
  public:
    Locks() = default;

    // A user's rows, sessions, credentials and codes.
    [[nodiscard]] static Locks user(std::string_view id) { return one("user:", id); }
    // Failed attempts for an address, whether it belongs to a user or not; `mac` is its MAC.
    [[nodiscard]] static Locks address(std::string_view mac) { return one("address:", mac); }
    // The limit on mails of the whole database.
    [[nodiscard]] static Locks mails() { return one("mails", ""); }
    // One mail on its way out.
    [[nodiscard]] static Locks mail(std::string_view id) { return one("mail:", id); }
    // What no other act shares.
    [[nodiscard]] static Locks named(std::string_view name) { return one("named:", name); }

    [[nodiscard]] bool is_everything() const { return keys_.empty(); }
    // Sorted, each once: the order in which they are taken.
    [[nodiscard]] const std::vector<std::string>& keys() const { return keys_; }

    // Both; everything where one of them is everything.
    [[nodiscard]] friend Locks operator+(Locks left, const Locks& right) {
        if (left.is_everything() || right.is_everything())
            return {};
        left.keys_.insert(left.keys_.end(), right.keys_.begin(), right.keys_.end());
        std::ranges::sort(left.keys_);
        left.keys_.erase(std::unique(left.keys_.begin(), left.keys_.end()), left.keys_.end());
        return left;
    }

  private:
    [[nodiscard]] static Locks one(std::string_view kind, std::string_view name) {
        Locks locks;
        locks.keys_.push_back(std::string(kind) + std::string(name));
        return locks;
    }

    std::vector<std::string> keys_;
};

} // namespace auth
