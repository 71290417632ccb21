#include "core/sessions/token_file.h"

#include "core/base/json.h"
#include "core/base/private_file.h"
#include "core/base/staged_file.h"
#include "core/jose/verifier.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace auth {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view session_schema = "auth-cli.session/1";

Error damaged(const fs::path& session) {
    return error(ErrorCode::invalid_token,
                 fmt::format("'{}' is not a session file", session.string()))
        .with_reason("malformed")
        .with_hint({"remove it, and log in again", NextStep{"login"}});
}

tl::unexpected<Error> holds_something_else(const fs::path& path) {
    return fail(
        error(
            ErrorCode::io,
            fmt::format("'{}' holds something else than a login, and is left alone", path.string()))
            .with_reason("not_a_login")
            .with_hint(
                "name another file with --token-file; where nobody needs this one, remove it"));
}

// Whether there is one; fails where it holds something else.
Result<bool> has_session_file(const fs::path& path) {
    AUTH_TRY(const auto text, read_private_file("session file", path));
    if (!text || text->empty())
        return false;
    const auto document = parse_json(text->reveal());
    if (!document || !document->is_object() ||
        document->value("schema", Json()) != Json(session_schema))
        return holds_something_else(path);
    return true;
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

Secret session_text(const Json& document) {
    std::string text = document.dump(2) + "\n";
    Secret out(text);
    wipe(text);
    return out;
}

Secret text_of_session(const Grant& grant) {
    const Session& session = grant.session;
    return session_text({{"schema", session_schema},
                         {"session_id", session.id},
                         {"user_id", session.user_id},
                         {"refresh_token", grant.refresh_token.reveal()},
                         {"expires_at", to_rfc3339(session.expires_at)},
                         {"idle_expires_at", to_rfc3339(session.idle_expires_at())},
                         {"access_expires_at", to_rfc3339(grant.access_expires_at)}});
}

// In this order; where the second cannot be, the first is taken back.
Status put_both(StagedFile& session, StagedFile& token, Random& random) {
    Status put = session.put();
    if (put)
        put = token.put();
    if (put)
        return {};
    token.take_back(random);
    session.take_back(random);
    return put;
}

} // namespace

TokenFiles TokenFiles::beside(const fs::path& token) {
    fs::path stem = token;
    if (stem.extension() == ".token")
        stem.replace_extension();
    return {token, fs::path(stem.string() + ".session.json"), fs::path(stem.string() + ".lock")};
}

Error holds_no_token(std::string_view place, const Error& why) {
    const std::string& detail = why.problems.empty() ? why.message : why.problems.front().detail;
    Error failure =
        error(ErrorCode::invalid_token, fmt::format("{} does not hold a token: {}", place, detail))
            .with_reason(why.reason)
            .with_hint(why.hint);
    failure.problems = why.problems;
    if (failure.problems.empty())
        failure.problems.push_back(to_problem(why));
    return failure;
}

std::string name_of_token_file(const TokenFiles& files) {
    return fmt::format("the token file '{}'", files.token.string());
}

Error not_a_token(const TokenFiles& files, const Error& why) {
    return holds_no_token(name_of_token_file(files), why)
        .with_hint(check_replaceable(files) ? Hint(NextStep{"login"})
                                            : Hint("name another file with --token-file"));
}

Result<std::optional<StoredLogin>> read_login(const TokenFiles& files) {
    AUTH_TRY(auto token, read_private_file("token file", files.token));
    if (!token)
        return std::nullopt;
    if (token->empty()) {
        AUTH_TRY(const auto session, read_private_file("session file", files.session));
        if (!session || session->empty())
            return std::nullopt;
    }
    StoredLogin login;
    login.access_token = without_newline(*std::move(token));
    AUTH_CHECK(read_session_file(files.session, login));
    return std::optional(std::move(login));
}

Status check_replaceable(const TokenFiles& files) {
    if (files.own)
        return {};
    AUTH_TRY(const bool ours, has_session_file(files.session));
    AUTH_TRY(auto token, read_private_file("token file", files.token));
    // Beside a session of ours a token file is ours as well, damaged or not.
    if (ours || !token || token->empty() ||
        parse_token(without_newline(*std::move(token)).reveal()))
        return {};
    return holds_something_else(files.token);
}

Status write_login(const TokenFiles& files, const Grant& grant, Random& random) {
    AUTH_CHECK(check_replaceable(files));
    sweep_leftovers(files.token);
    sweep_leftovers(files.session);
    const Secret text = text_of_session(grant);
    Secret line = grant.access_token.copy();
    line.append("\n");
    // Both are on disk, or in memory, before either file changes.
    AUTH_TRY(StagedFile session, StagedFile::prepare(files.session, text.reveal(), random));
    AUTH_TRY(StagedFile token, StagedFile::prepare(files.token, line.reveal(), random));
    return put_both(session, token, random);
}

Status write_next(const TokenFiles& files, const StoredLogin& login, const Secret& next,
                  Random& random) {
    const Secret text = session_text({{"schema", session_schema},
                                      {"session_id", login.session_id},
                                      {"refresh_token", login.refresh_token->reveal()},
                                      {"next_refresh_token", next.reveal()}});
    return store_private_file(files.session, text.reveal(), random);
}

Status remove_login(const TokenFiles& files) {
    AUTH_CHECK(check_replaceable(files));
    AUTH_CHECK(clear_private_file(files.token));
    return clear_private_file(files.session);
}

} // namespace auth
