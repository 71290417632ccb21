#include "core/accounts/passwords_table.h"

#include "core/accounts/hash_census.h"
#include "core/store/text_list.h"

#include <fmt/format.h>

namespace auth::passwords_table {

std::optional<StoredPassword> find(Database& database, std::string_view user_id) {
    Statement& row =
        database.prepare("SELECT hash, set_by, changed_at FROM passwords WHERE user_id = ?1");
    row.with(user_id);
    return row.first([](const Statement& at) {
        return StoredPassword{at.text(0), at.text(1), at.time(2)};
    });
}

std::unordered_map<std::string, StoredPassword>
of_users(Database& database, std::span<const std::string_view> user_ids) {
    Statement& rows = database.prepare(
        fmt::format("SELECT user_id, hash, set_by, changed_at FROM passwords WHERE user_id IN ({})",
                    texts_at(database, "?1")));
    rows.with(text_list(user_ids));
    std::unordered_map<std::string, StoredPassword> found;
    while (rows.step())
        found.emplace(rows.text(0), StoredPassword{rows.text(1), rows.text(2), rows.time(3)});
    return found;
}

std::unique_ptr<BulkInsert> bulk_insert(Database& database) {
    return database.bulk_insert("INSERT INTO passwords (user_id, hash, set_by, changed_at)"
                                " VALUES (?1, ?2, ?3, ?4)");
}

void add(BulkInsert& rows, std::string_view user_id, const StoredPassword& password) {
    rows.add(user_id, password.hash, password.set_by, password.changed_at);
}

void put(Database& database, std::string_view user_id, const StoredPassword& password) {
    HashTally tally(database);
    if (const auto before = find(database, user_id))
        tally.add(before->hash, -1);
    database
        .prepare("INSERT INTO passwords (user_id, hash, set_by, changed_at) VALUES (?1, ?2, ?3, ?4)"
                 " ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash,"
                 " set_by = excluded.set_by, changed_at = excluded.changed_at")
        .with(user_id, password.hash, password.set_by, password.changed_at)
        .run();
    tally.add(password.hash, 1);
    tally.write();
}

bool rehash(Database& database, std::string_view user_id, std::string_view old_hash,
            std::string_view new_hash) {
    HashTally tally(database);
    database.prepare("UPDATE passwords SET hash = ?3 WHERE user_id = ?1 AND hash = ?2")
        .with(user_id, old_hash, new_hash)
        .run();
    if (database.changes() == 0)
        return false;
    tally.add(old_hash, -1);
    tally.add(new_hash, 1);
    tally.write();
    return true;
}

bool remove(Database& database, std::string_view user_id) {
    HashTally tally(database);
    const auto before = find(database, user_id);
    if (!before)
        return false;
    database.prepare("DELETE FROM passwords WHERE user_id = ?1").with(user_id).run();
    tally.add(before->hash, -1);
    tally.write();
    return true;
}

void vouch(Database& database, std::string_view user_id) {
    database
        .prepare("UPDATE passwords SET set_by = 'subject' WHERE user_id = ?1"
                 " AND set_by = 'signup'")
        .with(user_id)
        .run();
}

void for_each_hash(Database& database, const std::function<void(const std::string&)>& visit) {
    Statement& rows = database.prepare("SELECT hash FROM passwords");
    while (rows.step())
        visit(rows.text(0));
}

} // namespace auth::passwords_table
