#include "core/jose/numeric_date.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace auth {

std::optional<double> numeric_date(const Json& value) {
    if (!value.is_number() || !std::isfinite(value.get<double>()))
        return std::nullopt;
    return value.get<double>();
}

std::optional<Time> second_of(const Json& date) {
    constexpr double most = 9e18; // below 2^63
    const auto seconds = numeric_date(date);
    if (!seconds || std::abs(*seconds) > most)
        return std::nullopt;
    return from_unix_seconds(static_cast<std::int64_t>(std::floor(*seconds)));
}

} // namespace auth
