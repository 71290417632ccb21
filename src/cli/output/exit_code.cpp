#include "cli/output/exit_code.h"

#include <array>

namespace auth {
namespace {

constexpr auto error_table = std::to_array<ErrorName>({
    {ErrorCode::internal, "internal", 1, "a bug or a broken machine"},
    {ErrorCode::usage, "usage", 2, "a wrong flag, value or combination"},
    {ErrorCode::input_required, "input_required", 2, "an input is missing and nobody can be asked"},
    {ErrorCode::bad_credentials, "bad_credentials", 3,
     "wrong address or password; never says which"},
    {ErrorCode::bad_code, "bad_code", 3, "wrong, used, replaced or burnt code"},
    {ErrorCode::login_required, "login_required", 4, "nobody is logged in"},
    {ErrorCode::expired, "expired", 5, "the token, code or session is too old"},
    {ErrorCode::invalid_token, "invalid_token", 6, "malformed, wrongly signed, foreign or revoked"},
    {ErrorCode::not_found, "not_found", 7, "no such user, role, setting, field or mail"},
    {ErrorCode::refused, "refused", 8, "state or policy says no; the reason tells which"},
    {ErrorCode::exists, "exists", 9, "it already exists"},
    {ErrorCode::locked_out, "locked_out", 10, "too many failures; until an unlock or a reset"},
    {ErrorCode::rate_limited, "rate_limited", 10,
     "too many attempts; try again after retry_after seconds"},
    {ErrorCode::database_missing, "database_missing", 11, "there is no database"},
    {ErrorCode::database_busy, "database_busy", 11, "another process held it for too long"},
    {ErrorCode::database_corrupt, "database_corrupt", 11, "damaged, or not one of ours"},
    {ErrorCode::database_read_only, "database_read_only", 11, "it cannot be written"},
    {ErrorCode::database_unavailable, "database_unavailable", 11,
     "its server cannot be reached or refuses the login"},
    {ErrorCode::schema_too_new, "schema_too_new", 11, "made by a newer version"},
    {ErrorCode::key_mismatch, "key_mismatch", 11, "the key file is missing or belongs elsewhere"},
    {ErrorCode::io, "io", 12, "a file cannot be read or written"},
    {ErrorCode::unsafe_permissions, "unsafe_permissions", 12,
     "a file or its directory is open to others or not ours, or a file is a link"},
    {ErrorCode::delivery, "delivery", 13,
     "a mail could not be handed over, or an identity provider failed"},
    {ErrorCode::partial, "partial", 14, "some rows of a batch failed"},
    {ErrorCode::cannot_execute, "cannot_execute", 126, "the command of exec cannot be run"},
    {ErrorCode::command_not_found, "command_not_found", 127, "there is no such command for exec"},
    {ErrorCode::cancelled, "cancelled", 130, "Ctrl-C, or no at a question"},
});

// Ordered as the enumeration, so that a code is its own index.
constexpr bool ordered() {
    for (std::size_t i = 0; i < error_table.size(); ++i)
        if (static_cast<std::size_t>(error_table[i].code) != i)
            return false;
    return true;
}
static_assert(ordered() &&
              static_cast<std::size_t>(ErrorCode::cancelled) + 1 == error_table.size());

} // namespace

std::span<const ErrorName> error_names() {
    return error_table;
}
std::string_view to_name(ErrorCode code) {
    return error_table.at(static_cast<std::size_t>(code)).name;
}
int exit_code(ErrorCode code) {
    return error_table.at(static_cast<std::size_t>(code)).exit;
}

} // namespace auth
