#include "cli/input/one_argument.h"
#include "cli/input/stored_login.h"
#include "cli/output/document.h"
#include "commands/registry.h"
#include "commands/tokens/token_argument.h"
#include "core/base/private_file.h"
#include "core/base/text.h"
#include "core/sessions/token_session.h"

#include <fmt/format.h>

namespace auth {
namespace {

// auth-cli.revocation/1; `file` is the token file that went with the session.
Reply reply_of(const std::optional<Session>& session, bool changed, const std::string& file) {
    Reply reply;
    reply.document = {{"schema", "auth-cli.revocation/1"},
                      {"session_id", session ? Json(session->id) : Json()},
                      {"user_id", session ? Json(session->user_id) : Json()},
                      {"changed", changed},
                      {"token_file", or_null(file)}};
    reply.note = changed ? "ended the token's session" : "the token's session had already ended";
    if (!file.empty())
        reply.note += fmt::format("; removed {}", printable(file));
    return reply;
}

Locks locks_of(const std::optional<Session>& session) {
    return Locks::user(session ? session->user_id : "");
}

Result<Reply> run_for_token(World& world, const GivenToken& token) {
    AUTH_TRY(auto& realm, world.realm());
    auto session = session_of(realm, token.text);
    if (!session)
        return fail(at_place(std::move(session).error(), token.place));
    Transaction transaction(realm.database, locks_of(*session));
    const bool changed = *session && end_live_session(realm, **session, "token_revoked");
    transaction.commit();
    return reply_of(*session, changed, "");
}

// Under the lock, so that no renewal puts files where these were.
Result<Reply> run_for_stored(World& world) {
    AUTH_TRY(const TokenFiles files, world.places().token_files());
    AUTH_TRY(const bool present, check_private_file("token file", files.token));
    if (!present) {
        Reply nobody = reply_of(std::nullopt, false, "");
        nobody.note = "nobody is logged in";
        return nobody;
    }
    AUTH_TRY(auto& realm, world.realm());
    std::optional<FileLock> lock;
    if (!world.dry_run) {
        AUTH_TRY(lock, FileLock::acquire(files.lock));
    }
    AUTH_TRY(const auto login, read_login(files));
    AUTH_TRY(const auto session,
             login ? session_of(realm, *login) : Result<std::optional<Session>>());
    Transaction transaction(realm.database, locks_of(session));
    const bool ended = session && end_live_session(realm, *session, "token_revoked");
    transaction.commit();
    if (!world.dry_run)
        AUTH_CHECK(remove_login(files));
    Reply reply = reply_of(session, ended, files.token.string());
    reply.document["changed"] = true;
    return reply;
}

Result<Reply> run(World& world, const std::string& typed) {
    if (typed.empty() && world.surroundings.variable(token_variable).empty())
        return run_for_stored(world);
    AUTH_TRY(const GivenToken token, token_argument(world, typed));
    return run_for_token(world, token);
}

Action bind(Flags& flags) {
    return bind_optional_argument(
        flags, "TOKEN",
        "an access or refresh token, @FILE, or - for stdin; default: the stored"
        " login",
        run);
}

} // namespace

const Command token_revoke_command{
    .path = "token revoke",
    .group = "Tokens",
    .summary = "End the session of a token, or of the stored login",
    .examples = "auth-cli create ann@example.org --verified --password-file password.txt --login\n"
                "auth-cli token revoke",
    .mutates = true,
    .bind = bind,
    .fields = fields::revocation,
    .for_subjects = true,
};

} // namespace auth
