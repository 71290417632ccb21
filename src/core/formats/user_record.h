// One user as a file of some format gives it. Nothing about it has been checked but its syntax.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/profile/profile.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace auth {

// Who the user is elsewhere.
struct IdentityRecord {
    std::string issuer;
    std::string provider; // where there is no issuer: the name of one that is known here
    std::string subject;
    std::optional<Time> linked_at;
    std::optional<Time> last_login_at;

    bool operator==(const IdentityRecord&) const = default;
};

// What a record says and cannot be kept here: how many of each name. A name is one of the words
// that the import command has a noun for, or what the other system calls it.
using LeftBehind = std::map<std::string, std::int64_t, std::less<>>;

struct UserRecord : Profile {
    std::int64_t line = 0; // where it starts in the file, from 1
    // Why it cannot be read; then nothing but the line, and the address if it was found, is good.
    std::optional<Error> error;

    std::string email;
    std::optional<std::string> id;         // the UUID it had
    std::optional<std::string> attributes; // the text of a JSON object
    std::optional<std::vector<std::string>> roles;
    std::optional<bool> verified;
    std::optional<bool> disabled;
    std::optional<std::string> disabled_reason;
    std::optional<bool> must_change_password;
    // At most one of the two. The hash is in a form that inspect_hash knows.
    std::optional<Secret> password;
    std::optional<std::string> password_hash;
    std::optional<Error>
        hash_error; // of a hash that is given in no usable form; then there is none
    std::optional<std::string> password_set_by;
    std::optional<Secret> totp; // an otpauth URI
    std::optional<std::vector<IdentityRecord>> identities;
    std::optional<Time> verified_at;
    std::optional<Time> disabled_at;
    std::optional<Time> password_changed_at;
    std::optional<Time> created_at;
    std::optional<Time> updated_at;
    std::optional<Time> last_login_at;

    LeftBehind left_behind;
    bool is_user = true; // else an entry of another kind, which left_behind names
};

// Reads a file of one format record by record, in memory that does not grow with it.
class UserReader {
  public:
    virtual ~UserReader() = default;
    // False at the end. Fails with usage or io only where nothing after it can be read either; a
    // record that is bad by itself comes with its error.
    [[nodiscard]] virtual Result<bool> next(UserRecord& record) = 0;
};

} // namespace auth
