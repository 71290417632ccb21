#include "cli/input/given_token.h"
#include "cli/output/document.h"
#include "commands/registry.h"
#include "core/base/private_file.h"
#include "core/sessions/access.h"
#include "core/sessions/token_session.h"
#include "core/users/users_table.h"

namespace auth {
namespace {

// A token from the environment has no files: only its session can be ended.
Result<Reply> run_for_token(World& world, const GivenToken& token, bool everywhere) {
    AUTH_TRY(auto& realm, world.realm());
    const auto access = check_access(realm, token.text.reveal(), TokenUse::renew);
    if (!access)
        return fail(at_place(access.error(), token.place));
    Transaction transaction(realm.database, Locks::user(access->user.id));
    auto user = users_table::find_by_id(realm.database, access->user.id);
    if (everywhere && user)
        end_all_sessions(realm, *user);
    else
        (void)end_session(realm, access->session.id, "logout");
    transaction.commit();
    return Reply{{{"schema", "auth-cli.logout/1"}, {"changed", true}, {"everywhere", everywhere}},
                 "",
                 everywhere ? "logged out everywhere" : "logged out"};
}

// Ends the session of the stored login, as far as it can still be proved whose it is.
Status end_stored_session(Realm& realm, const StoredLogin& login, bool everywhere) {
    const auto proved = session_of(realm, login);
    const auto session = proved ? *proved : std::nullopt;
    auto user = session ? users_table::find_by_id(realm.database, session->user_id) : std::nullopt;
    const bool live = user && session_state(*session, *user, realm.now()) == SessionState::live;
    if (everywhere && !live)
        return fail(error(ErrorCode::login_required, "the stored login has already ended")
                        .with_hint(NextStep{"login", {"EMAIL"}}));
    if (everywhere)
        end_all_sessions(realm, *user);
    else if (live)
        (void)end_session(realm, session->id, "logout");
    return {};
}

Result<Reply> run(World& world, bool everywhere) {
    if (const auto token = token_of_environment(world))
        return run_for_token(world, *token, everywhere);
    AUTH_TRY(const TokenFiles files, world.places().token_files());
    Reply reply;
    reply.document = {
        {"schema", "auth-cli.logout/1"}, {"changed", false}, {"everywhere", everywhere}};
    AUTH_TRY(const auto login, read_login(files));
    if (!login && everywhere)
        return fail(error(ErrorCode::login_required, "nobody is logged in, so it is not known whose"
                                                     " sessions to end")
                        .with_hint(NextStep{"login", {"EMAIL"}}));
    if (!login) {
        reply.note = "nobody is logged in";
        return reply;
    }
    AUTH_TRY(auto& realm, world.realm());
    {
        const auto before = session_of(realm, *login);
        const bool known = before && *before;
        Transaction transaction(realm.database, Locks::user(known ? (*before)->user_id : ""));
        AUTH_CHECK(end_stored_session(realm, *login, everywhere));
        transaction.commit();
    }
    if (!world.dry_run) {
        AUTH_TRY(const FileLock lock, FileLock::acquire(files.lock));
        AUTH_CHECK(remove_login(files));
    }
    reply.document["changed"] = true;
    reply.note = everywhere ? "logged out everywhere" : "logged out";
    return reply;
}

Action bind(Flags& flags) {
    auto everywhere = std::make_shared<bool>(false);
    flags.flag("--everywhere", *everywhere, "end all sessions of the user");
    return [everywhere](World& world) { return run(world, *everywhere); };
}

} // namespace

const Command logout_command{
    .path = "logout",
    .group = "Sessions",
    .summary = "End the session and remove the token file",
    .examples = "auth-cli logout",
    .mutates = true,
    .bind = bind,
    .fields = fields::logout,
    .for_subjects = true,
    .subject_flags = "--everywhere",
};

} // namespace auth
