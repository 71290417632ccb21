// A user as JSON and as text, and what a change of one answers.
#pragma once

#include "cli/output/document.h"
#include "core/accounts/accounts.h"
#include "core/users/user.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

// The members of auth-cli.user/1 without the schema, as they stand in lists.
[[nodiscard]] Json user_record(Realm& realm, const User& user);
[[nodiscard]] Json user_record(const User& user, const std::optional<Time>& locked_until);
// auth-cli.user/1.
[[nodiscard]] Json user_document(const User& user, const std::optional<Time>& locked_until);
[[nodiscard]] Lines user_lines(World& world, const User& user,
                               const std::optional<Time>& locked_until);

// What a mutation of one user answers: the user, `changed`, `generated_password` and `next`.
struct Mutation {
    bool changed = true;
    std::optional<std::string> generated_password{};
    std::vector<NextStep> next{};
    std::string note{}; // what was done, for stderr
};
[[nodiscard]] Reply user_reply(Realm& realm, const User& user, Mutation mutation);
// The same for several users: auth-cli.users/1 with `changed`; one user answers as user_reply.
[[nodiscard]] Reply users_reply(Realm& realm, const std::vector<Updated>& users,
                                std::string_view done, std::string_view already);

// auth-cli.request/1: a code was asked for; the same whether or not there is such a user.
[[nodiscard]] Reply request_reply(const UserRef& ref, std::string_view kind, std::string note);

} // namespace auth
