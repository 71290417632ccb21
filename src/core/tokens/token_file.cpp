#include "core/tokens/token_file.h"

#include "core/base/json.h"
#include "core/base/private_file.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace auth {
namespace {

namespace fs = std::filesystem;

Error login_required(const fs::path& token) {
    return error(ErrorCode::login_required,
                 fmt::format("nobody is logged in: there is no token '{}'", token.string()))
        .with_hint("auth-cli login EMAIL");
}

Error damaged(const fs::path& session) {
    return error(ErrorCode::invalid_token,
                 fmt::format("'{}' is not a session file", session.string()))
        .with_reason("malformed")
        .with_hint("auth-cli login");
}

Status read_session_file(const fs::path& path, StoredLogin& login) {
    AUTH_TRY(const auto text, read_private_file("session file", path));
    if (!text)
        return {};
    const auto document = parse_json(text->reveal());
    if (!document || !document->is_object())
        return fail(damaged(path));
    const auto member = [&](const char* name) -> std::string {
        const auto found = document->find(name);
        return found != document->end() && found->is_string() ? found->get<std::string>() : "";
    };
    login.session_id = member("session_id");
    if (const std::string refresh = member("refresh_token"); !refresh.empty())
        login.refresh_token = Secret(refresh);
    if (const std::string next = member("next_refresh_token"); !next.empty())
        login.next_refresh_token = Secret(next);
    return {};
}

Status write_session_file(const fs::path& path, const Json& document, Random& random) {
    std::string text = document.dump(2) + "\n";
    const Status written = replace_private_file(path, text, random);
    wipe(text);
    return written;
}

// Every use is a renewal, but uses within a sixtieth of the idle limit count as one: a loop of
// commands does not write to the disk each time.
bool renewal_due(const Access& access, Time now) {
    return now >= access.session.used_at + access.session.idle / 60 || now >= access.expires_at;
}

Result<StoredAccess> renew_login(Realm& realm, const TokenFiles& files) {
    AUTH_TRY(const FileLock lock, FileLock::acquire(files.lock));
    AUTH_TRY(auto login, read_login(files));
    if (!login)
        return fail(login_required(files.token));
    // Another process may have renewed it while this one waited.
    AUTH_TRY(Access access, check_access(realm, login->access_token.reveal(), Expiry::grace));
    // A session file of another login would turn this one into that.
    if (login->session_id != access.session.id)
        login->refresh_token.reset();
    if (!renewal_due(access, realm.now()) || !login->refresh_token)
        return StoredAccess{std::move(access), std::move(login->access_token)};
    // A renewal that was cut short may have made the noted token the current one.
    if (login->next_refresh_token && is_current(realm, *login->next_refresh_token))
        login->refresh_token = std::move(login->next_refresh_token);
    AUTH_TRY(const Secret next, next_refresh_token(realm, *login->refresh_token));
    AUTH_CHECK(write_next(files, *login, next, realm.random));
    AUTH_TRY(Grant grant, renew(realm, *login->refresh_token, next));
    AUTH_CHECK(write_login(files, grant, realm.random));
    access.user = std::move(grant.user);
    access.session = std::move(grant.session);
    access.expires_at = grant.access_expires_at;
    AUTH_TRY(access.token, parse_token(grant.access_token.reveal()));
    return StoredAccess{std::move(access), std::move(grant.access_token)};
}

} // namespace

TokenFiles TokenFiles::beside(const fs::path& token) {
    fs::path stem = token;
    if (stem.extension() == ".token")
        stem.replace_extension();
    return {token, fs::path(stem.string() + ".session.json"), fs::path(stem.string() + ".lock")};
}

Result<std::optional<StoredLogin>> read_login(const TokenFiles& files) {
    AUTH_TRY(auto token, read_private_file("token file", files.token));
    if (!token)
        return std::nullopt;
    if (!token->empty() && token->reveal().back() == '\n')
        token->drop_back(1);
    StoredLogin login;
    login.access_token = std::move(*token);
    AUTH_CHECK(read_session_file(files.session, login));
    return std::optional(std::move(login));
}

Status write_login(const TokenFiles& files, const Grant& grant, Random& random) {
    const Session& session = grant.session;
    sweep_leftovers(files.token);
    sweep_leftovers(files.session);
    AUTH_CHECK(write_session_file(files.session,
                                  {{"schema", "auth-cli.session/1"},
                                   {"session_id", session.id},
                                   {"user_id", session.user_id},
                                   {"refresh_token", grant.refresh_token.reveal()},
                                   {"expires_at", to_rfc3339(session.expires_at)},
                                   {"idle_expires_at", to_rfc3339(session.idle_expires_at())},
                                   {"access_expires_at", to_rfc3339(grant.access_expires_at)}},
                                  random));
    Secret line = grant.access_token.copy();
    line.append("\n");
    return replace_private_file(files.token, line.reveal(), random);
}

Status write_next(const TokenFiles& files, const StoredLogin& login, const Secret& next,
                  Random& random) {
    return write_session_file(files.session,
                              {{"schema", "auth-cli.session/1"},
                               {"session_id", login.session_id},
                               {"refresh_token", login.refresh_token->reveal()},
                               {"next_refresh_token", next.reveal()}},
                              random);
}

Status remove_login(const TokenFiles& files) {
    AUTH_CHECK(remove_private_file(files.token));
    return remove_private_file(files.session);
}

Result<StoredAccess> use_login(Realm& realm, const TokenFiles& files, Use use) {
    AUTH_TRY(auto login, read_login(files));
    if (!login)
        return fail(login_required(files.token));
    const bool renews = use == Use::renew && login->refresh_token && !realm.dry_run;
    AUTH_TRY(Access access, check_access(realm, login->access_token.reveal(),
                                         renews ? Expiry::grace : Expiry::strict));
    if (renews && renewal_due(access, realm.now()))
        return renew_login(realm, files);
    return StoredAccess{std::move(access), std::move(login->access_token)};
}

} // namespace auth
