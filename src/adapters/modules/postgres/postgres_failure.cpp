#include "adapters/modules/postgres/postgres_failure.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <utility>

namespace auth {
namespace {

ErrorCode code_of(std::string_view state) {
    const std::string_view kind = state.substr(0, 2);
    if (state.empty() || kind == "08" || kind == "28" || state == "57P01" || state == "57P02" ||
        state == "57P03")
        return ErrorCode::database_unavailable;
    if (state == state_missing_database)
        return ErrorCode::database_missing;
    if (state == "42501")
        return ErrorCode::refused;
    if (kind == "40" || state == "55P03" || state == "57014" || state == "53300")
        return ErrorCode::database_busy;
    if (state == "23505")
        return ErrorCode::exists;
    if (state == "25006")
        return ErrorCode::database_read_only;
    if (kind == "53" || kind == "58")
        return ErrorCode::io;
    // Our own statements fail so only where the schema is not what its version says.
    if (kind == "42" || kind == "XX" || state == "3F000")
        return ErrorCode::database_corrupt;
    return ErrorCode::internal;
}

} // namespace

bool is_connection_lost(std::string_view state) {
    return state.empty() || state.starts_with("08") || state == "57P01" || state == "57P02" ||
           state == "57P03";
}

Failure postgres_failure(std::string_view location, std::string_view state,
                         std::string_view message) {
    const ErrorCode code = code_of(state);
    const std::string shown = one_line(message);
    const auto say = [&](std::string_view text, Hint hint = {}) {
        return Failure(error(code, fmt::format("the database '{}' {}", location, text))
                           .with_hint(std::move(hint)));
    };
    switch (code) {
    case ErrorCode::database_unavailable:
        return say(fmt::format("cannot be reached: {}", shown),
                   "check the server, the URL and the password file (passfile or PGPASSFILE)");
    case ErrorCode::database_missing:
        return say("does not exist on its server", {"createdb it, then run", NextStep{"db init"}});
    case ErrorCode::refused: {
        Error refusal =
            error(code, fmt::format("this role may not do that in '{}': {}", location, shown));
        return Failure(std::move(refusal)
                           .with_reason("database_privileges")
                           .with_hint("use a database role that may"));
    }
    case ErrorCode::database_busy:
        if (state == "55P03")
            return say("is busy: another process has held it for 5 seconds", "try again");
        return say(fmt::format("is busy: {}", shown), "try again");
    case ErrorCode::database_read_only:
        return say("cannot be written: its server is a standby, or read-only",
                   "name the primary server with --db");
    case ErrorCode::database_corrupt:
        return say(fmt::format("is damaged or not one of ours: {}", shown),
                   "restore it from a backup");
    default:
        return say(fmt::format("failed: {}", shown));
    }
}

} // namespace auth
