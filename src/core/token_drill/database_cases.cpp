#include "core/token_drill/drill_case.h"
#include "core/token_drill/forge.h"
#include "core/token_drill/known_keys.h"

#include <vector>

namespace auth {
namespace {

constexpr std::string_view ask_the_database =
    "Ask the database about each token, as 'token verify' does, or keep tokens short-lived:\n"
    "without it they are good until they expire.";
constexpr std::string_view fetch_keys_again =
    "Fetch the key set again from time to time, and drop keys that are no longer in it.\n"
    "'key export' leaves out keys that verify no more.";

Forged for_dead_session(const Forge& forge, const std::optional<DeadSession>& session) {
    return session ? std::optional(forge.for_session(*session)) : std::nullopt;
}

Forged by_dead_key(const Forge& forge, const SigningKey& key) {
    if (forge.kit)
        return std::nullopt;
    Forge other = forge;
    other.key = key;
    other.header["alg"] = to_name(key.algorithm());
    other.header["kid"] = key.kid();
    return other.control();
}

} // namespace

std::span<const DrillCase> database_cases() {
    static const std::string_view source = "RFC 9068 section 5, RFC 7009 section 2";
    constexpr auto level = DrillLevel::database;
    static const std::vector<DrillCase> cases{
        {.name = "revoked_session",
         .level = level,
         .source = source,
         .why = "A login that was ended still opens the service.",
         .mend = ask_the_database,
         .make = [](const Forge& forge) { return for_dead_session(forge, forge.revoked); }},
        {.name = "password_changed",
         .level = level,
         .source = source,
         .why = "A thief stays in after the user has changed the password.",
         .mend = ask_the_database,
         .make = [](const Forge& forge) { return for_dead_session(forge, forge.superseded); }},
        {.name = "deleted_user",
         .level = level,
         .source = source,
         .why = "A user who was deleted still gets in.",
         .mend = ask_the_database,
         .make = [](const Forge& forge) { return for_dead_session(forge, forge.deleted); }},
        {.name = "disabled_user",
         .level = level,
         .source = source,
         .why = "A user who was disabled still gets in.",
         .mend = ask_the_database,
         .make = [](const Forge& forge) { return for_dead_session(forge, forge.disabled); }},
        {.name = "revoked_key",
         .level = level,
         .source = "RFC 7517 section 4.5, NIST SP 800-57 part 1 section 8.2.6",
         .why = "A key that was stolen and revoked still signs for this service.",
         .mend = fetch_keys_again,
         .make = [](const Forge& forge) { return by_dead_key(forge, known_revoked_key()); }},
        {.name = "retired_key",
         .level = level,
         .source = "NIST SP 800-57 part 1 section 8.2.5",
         .why = "A key that was retired long ago still signs for this service.",
         .mend = fetch_keys_again,
         .make = [](const Forge& forge) { return by_dead_key(forge, known_retired_key()); }},
    };
    return cases;
}

} // namespace auth
