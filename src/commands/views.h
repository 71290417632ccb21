// What values look like, as JSON and as text. Only views choose words for data.
#pragma once

#include "commands/command.h"
#include "core/accounts/accounts.h"
#include "core/accounts/roles.h"
#include "core/accounts/user.h"
#include "core/audit/audit.h"
#include "core/mail/mailer.h"
#include "core/tokens/session.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace auth {

// The members of auth-cli.user/1 without the schema, as they stand in lists.
[[nodiscard]] Json user_record(Realm& realm, const User& user);
[[nodiscard]] Json user_record(const User& user, const std::optional<Time>& locked_until);
// auth-cli.user/1.
[[nodiscard]] Json user_document(Realm& realm, const User& user);
// Names and values of text output; empty values are left out.
using Lines = std::vector<std::pair<std::string, std::string>>;
[[nodiscard]] Lines user_lines(World& world, const Json& user);

// What a mutation of one user answers: the user, `changed`, `generated_password` and `next`.
struct Mutation {
    bool changed = true;
    std::optional<std::string> generated_password{};
    std::vector<std::string> next{};
    std::string note{}; // what was done, for stderr
};
[[nodiscard]] Reply user_reply(World& world, const User& user, Mutation mutation);
// The same for several users: auth-cli.users/1 with `changed`; one user answers as user_reply.
[[nodiscard]] Reply users_reply(World& world, const std::vector<Updated>& users,
                                std::string_view done, std::string_view already);

// auth-cli.login/1 without its tokens, and what the notes about it say of the stored token.
[[nodiscard]] Json login_document(World& world, const User& user, const Session& session,
                                  Time expires, bool stored);
[[nodiscard]] std::string token_expires(World& world, Time expires, bool stored);
// auth-cli.login/1 and its notes; with `tokens` also the access and refresh token.
[[nodiscard]] Reply login_reply(World& world, const Grant& grant, bool stored, bool tokens);

// auth-cli.request/1: a code was asked for; the same whether or not there is such a user.
[[nodiscard]] Reply request_reply(const UserRef& ref, std::string_view kind, std::string note);

[[nodiscard]] Json role_record(const Role& role);
[[nodiscard]] Json mail_record(const Mail& mail, bool with_content);
[[nodiscard]] Json audit_record(const AuditRow& row);

[[nodiscard]] Json problem_records(const std::vector<Problem>& problems);

// null for an empty text, and for nothing.
[[nodiscard]] Json or_null(std::string_view text);
template <class T> [[nodiscard]] Json or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json();
}
[[nodiscard]] Json time_or_null(const std::optional<Time>& time);
// A time in text output: --time-format, else relative on terminals and RFC 3339 elsewhere.
[[nodiscard]] std::string show_time(World& world, Time time);

// Aligned "name  value" lines.
[[nodiscard]] std::string name_value_lines(const Lines& lines);

// A list whose records are all at hand.
[[nodiscard]] Reply list_reply(std::string schema, std::string key, std::vector<Column> columns,
                               std::vector<Json> records);

} // namespace auth
