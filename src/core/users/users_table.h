// Tables users and user_roles: the users with their roles.
#pragma once

#include "core/store/database.h"
#include "core/users/user.h"
#include "core/users/user_filter.h"

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace auth::users_table {

// Insert and rename fail with exists, with the field, where an address, user name or id is taken;
// then nothing is written.
[[nodiscard]] Status insert(Database& database, const User& user);
// Many users, each of them by add().
[[nodiscard]] std::unique_ptr<BulkInsert> bulk_insert(Database& database, WhenTaken when_taken);
void add(BulkInsert& rows, const User& user);
// Which of them cannot be inserted, as somebody has the address, user name or id: in the database,
// or among the users before.
[[nodiscard]] std::vector<bool> taken(Database& database, std::span<const User* const> users);
// The whole row, address and user name with it.
[[nodiscard]] Status rename(Database& database, const User& user);
// The same where nobody else can have them: they are as they were, or somebody looked.
void update(Database& database, const User& user);
// With all that is theirs; passwords_table::remove comes first, which keeps the census.
void remove(Database& database, std::string_view id);

[[nodiscard]] std::optional<User> find(Database& database, const UserRef& ref);
[[nodiscard]] std::optional<User> find_by_id(Database& database, std::string_view id);
[[nodiscard]] std::optional<User> find_by_email_key(Database& database, std::string_view key);
// As Statement::expect, for find() and find_by_id().
void expect(Database& database, const UserRef& ref);
void expect_by_id(Database& database, std::string_view id);
void note_login(Database& database, std::string_view id, Time now);
// Raises session_epoch by one.
void end_sessions(Database& database, std::string_view id, Time now);

// What a list can be in order of.
enum class Sort { email, username, name, created_at, updated_at, last_login_at };
inline constexpr std::array every_sort{Sort::email,      Sort::username,   Sort::name,
                                       Sort::created_at, Sort::updated_at, Sort::last_login_at};
// The name of the user's member.
[[nodiscard]] std::string_view to_name(Sort sort);
// Then a sort value is a number of seconds.
[[nodiscard]] bool is_time(Sort sort);

// One page, in order of `sort` then id.
struct Page {
    Sort sort = Sort::email;
    bool descending = false;
    std::int64_t limit = 1000;
    UserFilter filter{};
    // Without roles and without telling who has a second factor: whoever reads many asks for them
    // together.
    bool own_columns = false;
    // The sort value and id of the last row of the page before; no id for the first page.
    std::string after_value{};
    std::string after_id{};
};
struct Listed {
    User user;
    std::string sort_value;
};
// Whoever may only log users in is refused the list and the count, by a Failure.
[[nodiscard]] std::vector<Listed> list(Database& database, const Page& page);
[[nodiscard]] std::int64_t count(Database& database, const UserFilter& filter = {});

// Users whose canonical address, user name or id begins so, at most `limit`, in its order: as quick
// among a million as among ten.
enum class Name { email, username, id };
struct Named {
    std::string key; // the whole of it
    std::string name;
};
[[nodiscard]] std::vector<Named> starting_with(Database& database, Name what,
                                               const std::string& prefix, std::int64_t limit);

} // namespace auth::users_table
