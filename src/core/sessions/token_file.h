// The stored login of a profile: the raw access token in PROFILE.token, what renews it beside it.
#pragma once

#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/sessions/session.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace auth {

struct TokenFiles {
    std::filesystem::path token;   // the access token and a newline
    std::filesystem::path session; // JSON
    std::filesystem::path lock;
    bool own = false; // in the program's own directory, where nothing else has a place

    // "x.token" has "x.session.json" and "x.lock" beside it; any other name gets them appended.
    [[nodiscard]] static TokenFiles beside(const std::filesystem::path& token);
};

// invalid_token, for the reason given: what that place holds, a file or a variable, is not a token.
[[nodiscard]] Error holds_no_token(std::string_view place, const Error& why);
// "the token file 'PATH'".
[[nodiscard]] std::string name_of_token_file(const TokenFiles& files);
// The same of the token file, with what to do about it.
[[nodiscard]] Error not_a_token(const TokenFiles& files, const Error& why);

struct StoredLogin {
    Secret access_token;
    std::optional<Secret> refresh_token;      // nothing where only the token was kept
    std::optional<Secret> next_refresh_token; // a renewal that may or may not have happened
    std::string session_id;
};

// Nothing where nobody is logged in: there is no token file, or an empty one without a session.
// Fails with unsafe_permissions, io, or invalid_token for a
// session file that is not one.
[[nodiscard]] Result<std::optional<StoredLogin>> read_login(const TokenFiles& files);

// Whether a login may be put there: the files are our own, not there, empty, or those of a login.
// Fails with io (reason not_a_login) for anything else, which somebody may miss, or
// unsafe_permissions.
[[nodiscard]] Status check_replaceable(const TokenFiles& files);

// Writes both files, each whole or not at all, or fails as check_replaceable; both are as they were
// where it fails. `access_token` comes last, so that a token file never stands without its session.
// Files that cannot be replaced are written in place (StagedFile). Call under the lock.
[[nodiscard]] Status write_login(const TokenFiles& files, const Grant& grant, Random& random);
// Notes the refresh token that a renewal is about to make current.
[[nodiscard]] Status write_next(const TokenFiles& files, const StoredLogin& login,
                                const Secret& next, Random& random);
// A file that cannot be removed is emptied. Fails as check_replaceable.
[[nodiscard]] Status remove_login(const TokenFiles& files);

} // namespace auth
