#include "commands/exit_code.h"

#include <array>

namespace auth {
namespace {

constexpr auto table = std::to_array<ErrorName>({
    {ErrorCode::internal, "internal", 1},
    {ErrorCode::usage, "usage", 2},
    {ErrorCode::input_required, "input_required", 2},
    {ErrorCode::bad_credentials, "bad_credentials", 3},
    {ErrorCode::bad_code, "bad_code", 3},
    {ErrorCode::login_required, "login_required", 4},
    {ErrorCode::expired, "expired", 5},
    {ErrorCode::invalid_token, "invalid_token", 6},
    {ErrorCode::not_found, "not_found", 7},
    {ErrorCode::refused, "refused", 8},
    {ErrorCode::exists, "exists", 9},
    {ErrorCode::locked_out, "locked_out", 10},
    {ErrorCode::rate_limited, "rate_limited", 10},
    {ErrorCode::database_missing, "database_missing", 11},
    {ErrorCode::database_busy, "database_busy", 11},
    {ErrorCode::database_corrupt, "database_corrupt", 11},
    {ErrorCode::database_read_only, "database_read_only", 11},
    {ErrorCode::schema_too_new, "schema_too_new", 11},
    {ErrorCode::key_mismatch, "key_mismatch", 11},
    {ErrorCode::io, "io", 12},
    {ErrorCode::unsafe_permissions, "unsafe_permissions", 12},
    {ErrorCode::delivery, "delivery", 13},
    {ErrorCode::partial, "partial", 14},
    {ErrorCode::cancelled, "cancelled", 130},
});

// Ordered as the enumeration, so that a code is its own index.
constexpr bool ordered() {
    for (std::size_t i = 0; i < table.size(); ++i)
        if (static_cast<std::size_t>(table[i].code) != i)
            return false;
    return true;
}
static_assert(ordered() && static_cast<std::size_t>(ErrorCode::cancelled) + 1 == table.size());

} // namespace

std::span<const ErrorName> error_names() {
    return table;
}
std::string_view to_name(ErrorCode code) {
    return table.at(static_cast<std::size_t>(code)).name;
}
int exit_code(ErrorCode code) {
    return table.at(static_cast<std::size_t>(code)).exit;
}

} // namespace auth
