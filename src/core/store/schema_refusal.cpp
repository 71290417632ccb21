#include "core/store/schema_refusal.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

// For a message, which need not be longer than a screen.
std::string first_few(std::span<const std::string> differences) {
    constexpr std::size_t most = 5;
    const std::size_t shown = std::min(differences.size(), most);
    std::string out = fmt::format("{}", fmt::join(differences.first(shown), ", "));
    if (differences.size() > shown)
        out += fmt::format(" and {} more", differences.size() - shown);
    return out;
}

} // namespace

Error schema_refusal(std::string_view location, std::span<const std::string> differences) {
    return error(ErrorCode::database_corrupt,
                 fmt::format("'{}' has a schema that no migration made: {}", location,
                             first_few(differences)))
        .with_hint("find out who changed the database, and restore it from a backup");
}

} // namespace auth
