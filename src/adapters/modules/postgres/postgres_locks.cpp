#include "adapters/modules/postgres/postgres_locks.h"

#include "core/base/digest.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

// Others may use advisory locks in the same database: 64 bits of a digest keep clear of theirs.
std::int64_t lock_number(const std::string& key) {
    const std::string digest = sha256("auth-cli lock " + key);
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < sizeof number; ++i)
        number = number << 8U | static_cast<unsigned char>(digest[i]);
    return static_cast<std::int64_t>(number);
}

} // namespace

std::vector<std::int64_t> lock_numbers(const Locks& locks) {
    std::vector<std::int64_t> numbers;
    for (const std::string& key : locks.keys())
        numbers.push_back(lock_number(key));
    std::ranges::sort(numbers);
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    return numbers;
}

std::string lock_command(const std::vector<std::int64_t>& numbers) {
    std::string out;
    for (const std::int64_t number : numbers)
        out += fmt::format("{} pg_advisory_xact_lock({})", out.empty() ? "SELECT" : ",", number);
    return out;
}

} // namespace auth
