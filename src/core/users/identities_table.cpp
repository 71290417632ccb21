#include "core/users/identities_table.h"

#include "core/store/text_list.h"

#include <fmt/format.h>

#include <array>

namespace auth::identities_table {
namespace {

constexpr std::string_view select =
    "SELECT issuer, subject, user_id, linked_at, last_login_at FROM identities WHERE";

constexpr std::string_view insertion =
    "INSERT INTO identities (issuer, subject, user_id, linked_at, last_login_at)"
    " VALUES (?1, ?2, ?3, ?4, ?5)";

LinkedIdentity read(const Statement& row) {
    return {row.text(0), row.text(1), row.text(2), row.time(3), row.optional_time(4)};
}

Statement& select_of_users(Database& database, std::span<const std::string_view> user_ids) {
    return database
        .prepare(fmt::format("{} user_id IN ({}) ORDER BY linked_at, issuer, subject", select,
                             texts_at(database, "?1")))
        .with(text_list(user_ids));
}

} // namespace

std::optional<LinkedIdentity> find(Database& database, std::string_view issuer,
                                   std::string_view subject) {
    return database.prepare(fmt::format("{} issuer = ?1 AND subject = ?2", select))
        .with(issuer, subject)
        .first(read);
}

std::vector<LinkedIdentity> of_user(Database& database, std::string_view user_id) {
    auto found = of_users(database, std::array{user_id});
    return found.empty() ? std::vector<LinkedIdentity>() : std::move(found.begin()->second);
}

std::unordered_map<std::string, std::vector<LinkedIdentity>>
of_users(Database& database, std::span<const std::string_view> user_ids) {
    Statement& rows = select_of_users(database, user_ids);
    std::unordered_map<std::string, std::vector<LinkedIdentity>> found;
    while (rows.step()) {
        LinkedIdentity identity = read(rows);
        found[identity.user_id].push_back(std::move(identity));
    }
    return found;
}

void expect_of_users(Database& database, std::span<const std::string_view> user_ids) {
    select_of_users(database, user_ids).expect();
}

std::map<std::string, std::string> issuers(Database& database) {
    Statement& rows = database.prepare("SELECT name, issuer FROM providers WHERE workload = 0");
    std::map<std::string, std::string> found;
    while (rows.step())
        found.emplace(rows.text(0), rows.text(1));
    return found;
}

void insert(Database& database, const LinkedIdentity& identity) {
    database.prepare(insertion)
        .with(identity.issuer, identity.subject, identity.user_id, identity.linked_at,
              identity.last_login_at)
        .run();
}

std::unique_ptr<BulkInsert> bulk_insert(Database& database) {
    return database.bulk_insert(insertion);
}

void add(BulkInsert& rows, const LinkedIdentity& identity) {
    rows.add(identity.issuer, identity.subject, identity.user_id, identity.linked_at,
             identity.last_login_at);
}

void note_login(Database& database, std::string_view issuer, std::string_view subject, Time now) {
    database.prepare("UPDATE identities SET last_login_at = ?3 WHERE issuer = ?1 AND subject = ?2")
        .with(issuer, subject, now)
        .run();
}

void remove(Database& database, std::string_view issuer, std::string_view subject) {
    database.prepare("DELETE FROM identities WHERE issuer = ?1 AND subject = ?2")
        .with(issuer, subject)
        .run();
}

void remove_all(Database& database, std::string_view issuer) {
    database.prepare("DELETE FROM identities WHERE issuer = ?1").with(issuer).run();
}

} // namespace auth::identities_table
