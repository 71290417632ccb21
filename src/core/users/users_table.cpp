#include "core/users/users_table.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/store/broken_database.h"
#include "core/store/text_list.h"
#include "core/users/user_filter_table.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <deque>
#include <unordered_set>

namespace auth::users_table {
namespace {

// Of a user's own row, in the order in which read() takes and bind() gives the values.
constexpr auto columns = joined(
    std::to_array<std::string_view>({"id", "email", "email_key"}), profile_names,
    std::to_array<std::string_view>({"attributes", "verified_at", "disabled_at", "disabled_reason",
                                     "must_change_password", "session_epoch", "created_at",
                                     "updated_at", "last_login_at"}));
// What read() takes: with the roles and whether there is a second factor.
constexpr int columns_read = columns.size() + 2;

const std::string& own_columns() {
    static const std::string own = fmt::format("{}", fmt::join(columns, ", "));
    return own;
}

std::string columns_for(const Database& database) {
    return fmt::format(
        "{},"
        " (SELECT {} FROM"
        "  (SELECT role FROM user_roles WHERE user_id = users.id ORDER BY role) AS granted),"
        " (SELECT count(*) FROM totp WHERE user_id = users.id AND state = 'confirmed')",
        own_columns(), fmt::format(fmt::runtime(database.dialect().text_array), "role"));
}

const std::string& insertion() {
    static const std::string sql = [] {
        std::string values;
        for (std::size_t i = 1; i <= columns.size() + 1; ++i)
            values += fmt::format("{}?{}", i == 1 ? "" : ", ", i);
        return fmt::format("INSERT INTO users ({}, username_key) VALUES ({})",
                           fmt::join(columns, ", "), values);
    }();
    return sql;
}

const std::string& insertion_if_free() {
    static const std::string sql = insertion() + " ON CONFLICT DO NOTHING";
    return sql;
}

const std::string& replacement() {
    static const std::string sql = [] {
        std::string values;
        for (std::size_t i = 1; i < columns.size(); ++i)
            values += fmt::format("{} = ?{}, ", columns.at(i), i + 1);
        return fmt::format("UPDATE users SET {}username_key = ?{} WHERE id = ?1", values,
                           columns.size() + 1);
    }();
    return sql;
}

const std::string& replacement_if_free() {
    static const std::string sql =
        fmt::format("{} AND NOT EXISTS (SELECT 1 FROM users AS other WHERE other.id <> ?1"
                    " AND (other.email_key = ?3 OR other.username_key = ?{}))",
                    replacement(), columns.size() + 1);
    return sql;
}

Attributes parse_attributes(const std::string& json) {
    Attributes attributes;
    if (json == "{}")
        return attributes;
    const Json object = Json::parse(json);
    for (const auto& [key, value] : object.items())
        attributes[key] = value.get<std::string>();
    return attributes;
}

std::string write_attributes(const Attributes& attributes) {
    return attributes.empty() ? "{}" : Json(attributes).dump();
}

std::vector<std::string> parse_roles(const std::string& json) {
    if (json == "[]")
        return {};
    return Json::parse(json).get<std::vector<std::string>>();
}

User read_own(const Statement& row) {
    User user;
    int at = 0;
    user.id = row.text(at++);
    user.email = row.text(at++);
    user.email_key = row.text(at++);
    for (const ProfileField& field : profile_fields)
        user.*field.place = row.optional_text(at++);
    user.attributes = parse_attributes(row.text(at++));
    user.verified_at = row.optional_time(at++);
    user.disabled_at = row.optional_time(at++);
    user.disabled_reason = row.optional_text(at++).value_or("");
    user.must_change_password = row.integer(at++) != 0;
    user.session_epoch = row.integer(at++);
    user.created_at = row.time(at++);
    user.updated_at = row.time(at++);
    user.last_login_at = row.optional_time(at++);
    return user;
}

User read(const Statement& row) {
    User user = read_own(row);
    user.roles = parse_roles(row.text(columns.size()));
    user.mfa = row.integer(columns.size() + 1) > 0;
    return user;
}

std::optional<std::string> username_key(const User& user) {
    return user.username ? std::optional(lower_ascii(*user.username)) : std::nullopt;
}

// Why the row was not written: which of the user's values another one has.
Status find_clash(Database& database, const User& user) {
    const auto taken = [&](std::string_view column, const std::string& key) {
        Statement& row =
            database.prepare(fmt::format("SELECT 1 FROM users WHERE {} = ?1 AND id <> ?2", column));
        row.with(key, user.id);
        return row.any();
    };
    if (taken("email_key", user.email_key))
        return fail(error(ErrorCode::exists, fmt::format("'{}' already exists", user.email))
                        .with_field("email")
                        .with_hint(NextStep{"show", {user.email_key}}));
    const auto key = username_key(user);
    if (key && taken("username_key", *key))
        return fail(error(ErrorCode::exists,
                          fmt::format("the username '{}' is already taken", *user.username))
                        .with_field("username")
                        .with_hint(NextStep{"show", {"@" + *key}}));
    return {};
}

template <class Row> void bind(Row& row, const User& user) {
    int at = 0;
    const auto give = [&](const auto&... values) { (row.bind(++at, values), ...); };
    give(user.id, user.email, user.email_key);
    for (const ProfileField& field : profile_fields)
        give(user.*field.place);
    give(write_attributes(user.attributes), user.verified_at, user.disabled_at,
         user.disabled_reason.empty() ? std::nullopt : std::optional(user.disabled_reason),
         user.must_change_password, user.session_epoch, user.created_at, user.updated_at,
         user.last_login_at, username_key(user));
}

struct Key {
    std::string_view column;
    std::string_view value;
};

Key key_of(const UserRef& ref) {
    if (const auto* email = std::get_if<Email>(&ref))
        return {"email_key", email->canonical()};
    if (const auto* id = std::get_if<UserId>(&ref))
        return {"id", id->text()};
    return {"username_key", std::get<Username>(ref).canonical()};
}

Statement& ask(Database& database, const Key& key) {
    database.approach(key.column, key.value);
    return database
        .prepare(
            fmt::format("SELECT {} FROM users WHERE {} = ?1", columns_for(database), key.column))
        .with(key.value);
}

// SQL and NULL order differ between engines, so absent values sort as "" or 0.
std::string_view sort_expression(Sort sort) {
    switch (sort) {
    case Sort::email:
        return "email_key";
    case Sort::username:
        return "coalesce(username_key, '')";
    case Sort::name:
        return "coalesce(name, '')";
    case Sort::created_at:
        return "coalesce(created_at, 0)";
    case Sort::updated_at:
        return "coalesce(updated_at, 0)";
    case Sort::last_login_at:
        return "coalesce(last_login_at, 0)";
    }
    return {};
}

// Who sees one user at a time would take the rest for nobody.
void require_all(const Database& database) {
    if (database.restricted())
        broken_database(
            error(ErrorCode::refused, fmt::format("whoever is connected to '{}' may only"
                                                  " log users in, and sees no list of them",
                                                  database.location()))
                .with_reason("database_privileges")
                .with_hint("connect as a member of auth_operator"));
}

} // namespace

Status insert(Database& database, const User& user) {
    Statement& row = database.prepare(insertion_if_free());
    bind(row, user);
    row.run();
    if (database.changes() > 0)
        return {};
    AUTH_CHECK(find_clash(database, user));
    return fail(error(ErrorCode::exists, fmt::format("the id '{}' is already taken", user.id))
                    .with_field("id"));
}

std::unique_ptr<BulkInsert> bulk_insert(Database& database, WhenTaken when_taken) {
    return database.bulk_insert(insertion(), when_taken);
}

void add(BulkInsert& rows, const User& user) {
    bind(rows, user);
    rows.add();
}

std::vector<bool> taken(Database& database, std::span<const User* const> users) {
    std::vector<std::string_view> ids;
    std::vector<std::string_view> emails;
    std::vector<std::string_view> names;
    std::deque<std::string> folded;
    for (const User* user : users) {
        if (!user->id.empty())
            ids.emplace_back(user->id);
        emails.emplace_back(user->email_key);
        if (auto key = username_key(*user))
            names.emplace_back(folded.emplace_back(*std::move(key)));
    }
    // One column is compared at a time, so that each is looked up in its own index.
    Statement& rows = database.prepare(
        fmt::format("SELECT 'i' || id FROM users WHERE id IN ({}) UNION ALL"
                    " SELECT 'e' || email_key FROM users WHERE email_key IN ({}) UNION ALL"
                    " SELECT 'n' || username_key FROM users WHERE username_key IN ({})",
                    texts_at(database, "?1"), texts_at(database, "?2"), texts_at(database, "?3")));
    rows.with(text_list(ids), text_list(emails), text_list(names));
    std::unordered_set<std::string> keys;
    while (rows.step())
        keys.insert(rows.text(0));
    std::vector<bool> out;
    for (const User* user : users) {
        bool free = user->id.empty() || !keys.contains("i" + user->id);
        free = free && !keys.contains("e" + user->email_key);
        const auto name = username_key(*user);
        free = free && !(name && keys.contains("n" + *name));
        out.push_back(!free);
        if (!free)
            continue;
        keys.insert("i" + user->id);
        keys.insert("e" + user->email_key);
        if (name)
            keys.insert("n" + *name);
    }
    return out;
}

Status rename(Database& database, const User& user) {
    Statement& row = database.prepare(replacement_if_free());
    bind(row, user);
    row.run();
    return database.changes() > 0 ? Status() : find_clash(database, user);
}

void update(Database& database, const User& user) {
    Statement& row = database.prepare(replacement());
    bind(row, user);
    row.run();
}

void remove(Database& database, std::string_view id) {
    database.prepare("DELETE FROM users WHERE id = ?1").with(id).run();
}

std::optional<User> find(Database& database, const UserRef& ref) {
    return ask(database, key_of(ref)).first(read);
}

std::optional<User> find_by_id(Database& database, std::string_view id) {
    return ask(database, {"id", id}).first(read);
}

std::optional<User> find_by_email_key(Database& database, std::string_view key) {
    return ask(database, {"email_key", key}).first(read);
}

void expect(Database& database, const UserRef& ref) {
    ask(database, key_of(ref)).expect();
}

void expect_by_id(Database& database, std::string_view id) {
    ask(database, {"id", id}).expect();
}

void note_login(Database& database, std::string_view id, Time now) {
    database.prepare("UPDATE users SET last_login_at = ?2 WHERE id = ?1").with(id, now).run();
}

void end_sessions(Database& database, std::string_view id, Time now) {
    database
        .prepare("UPDATE users SET session_epoch = session_epoch + 1, updated_at = ?2"
                 " WHERE id = ?1")
        .with(id, now)
        .run();
}

std::string_view to_name(Sort sort) {
    switch (sort) {
    case Sort::email:
        return "email";
    case Sort::username:
        return "username";
    case Sort::name:
        return "name";
    case Sort::created_at:
        return "created_at";
    case Sort::updated_at:
        return "updated_at";
    case Sort::last_login_at:
        return "last_login_at";
    }
    return {};
}

bool is_time(Sort sort) {
    return sort == Sort::created_at || sort == Sort::updated_at || sort == Sort::last_login_at;
}

std::vector<Listed> list(Database& database, const Page& page) {
    require_all(database);
    const std::string_view key = sort_expression(page.sort);
    const char compare = page.descending ? '<' : '>';
    const std::string_view direction = page.descending ? "DESC" : "ASC";
    // ?1 is the limit, then come the filter's values and the cursor's.
    const auto filter = user_filter_table::condition(database, page.filter, 2);
    const int cursor = 2 + static_cast<int>(filter.values.size());
    std::string condition = filter.sql;
    if (!page.after_id.empty())
        condition = fmt::format("({}) AND ({}, id) {} (?{}, ?{})", condition, key, compare, cursor,
                                cursor + 1);
    Statement& rows = database.prepare(fmt::format(
        "SELECT {0}, {1} FROM users WHERE {2} ORDER BY {1} {3}, id {3} LIMIT ?1",
        page.own_columns ? own_columns() : columns_for(database), key, condition, direction));
    rows.bind(1, page.limit);
    filter.bind(rows, 2);
    if (!page.after_id.empty()) {
        if (is_time(page.sort))
            rows.bind(cursor, std::int64_t{std::stoll(page.after_value)});
        else
            rows.bind(cursor, page.after_value);
        rows.bind(cursor + 1, page.after_id);
    }
    std::vector<Listed> out;
    while (rows.step())
        if (page.own_columns)
            out.push_back({read_own(rows), rows.text(columns.size())});
        else
            out.push_back({read(rows), rows.text(columns_read)});
    return out;
}

std::int64_t count(Database& database, const UserFilter& filter) {
    require_all(database);
    const auto condition = user_filter_table::condition(database, filter, 1);
    Statement& row =
        database.prepare(fmt::format("SELECT count(*) FROM users WHERE {}", condition.sql));
    condition.bind(row, 1);
    return row.first([](const Statement& at) { return at.integer(0); }).value_or(0);
}

std::vector<Named> starting_with(Database& database, Name what, const std::string& prefix,
                                 std::int64_t limit) {
    const std::string_view column = what == Name::email      ? "email_key"
                                    : what == Name::username ? "username_key"
                                                             : "id";
    Statement& rows = database.prepare(fmt::format(
        "SELECT {0}, name FROM users WHERE {0} >= ?1 AND {0} < ?2 ORDER BY {0} LIMIT ?3", column));
    // Keys are ASCII without DEL, so that it comes after all that begin so.
    rows.with(prefix, prefix + '\x7f', limit);
    std::vector<Named> found;
    while (rows.step())
        found.push_back({rows.text(0), rows.optional_text(1).value_or("")});
    return found;
}

} // namespace auth::users_table
