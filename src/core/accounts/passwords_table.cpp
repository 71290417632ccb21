#include "core/accounts/passwords_table.h"

#include "core/accounts/hash_census.h"
#include "core/store/text_list.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace auth::passwords_table {
namespace {

StoredPassword read(const Statement& row, int first) {
    return {row.text(first), row.text(first + 1), row.time(first + 2), row.integer(first + 3) != 0};
}

// NULL for strong: most of them are.
std::optional<std::string_view> kept(HashStrength strength) {
    return strength == HashStrength::strong ? std::nullopt : std::optional(to_name(strength));
}

std::optional<std::string_view> kept_strength(std::string_view hash) {
    const auto info = inspect_hash(hash);
    return kept(info ? info->strength : HashStrength::weak);
}

Statement& ask(Database& database, std::string_view user_id) {
    return database
        .prepare("SELECT hash, set_by, changed_at, from_file FROM passwords WHERE user_id = ?1")
        .with(user_id);
}

constexpr std::string_view insertion =
    "INSERT INTO passwords (user_id, hash, set_by, changed_at, from_file, strength)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

Statement& select_of_users(Database& database, std::span<const std::string_view> user_ids) {
    return database
        .prepare(fmt::format("SELECT user_id, hash, set_by, changed_at, from_file FROM passwords"
                             " WHERE user_id IN ({})",
                             texts_at(database, "?1")))
        .with(text_list(user_ids));
}

} // namespace

std::optional<StoredPassword> find(Database& database, std::string_view user_id) {
    return ask(database, user_id).first([](const Statement& at) { return read(at, 0); });
}

void expect(Database& database, std::string_view user_id) {
    ask(database, user_id).expect();
}

std::unordered_map<std::string, StoredPassword>
of_users(Database& database, std::span<const std::string_view> user_ids) {
    Statement& rows = select_of_users(database, user_ids);
    std::unordered_map<std::string, StoredPassword> found;
    while (rows.step())
        found.emplace(rows.text(0), read(rows, 1));
    return found;
}

void expect_of_users(Database& database, std::span<const std::string_view> user_ids) {
    select_of_users(database, user_ids).expect();
}

std::unique_ptr<BulkInsert> bulk_insert(Database& database) {
    return database.bulk_insert(insertion);
}

void add(BulkInsert& rows, std::string_view user_id, const StoredPassword& password,
         HashStrength strength) {
    rows.add(user_id, password.hash, password.set_by, password.changed_at, password.from_file,
             kept(strength));
}

void put(Database& database, std::string_view user_id, const StoredPassword& password) {
    replace(database, user_id, find(database, user_id), password);
}

void replace(Database& database, std::string_view user_id,
             const std::optional<StoredPassword>& before, const StoredPassword& password) {
    HashTally tally(database);
    if (before)
        tally.add(before->hash, -1);
    database
        .prepare(std::string(insertion) +
                 " ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash,"
                 " set_by = excluded.set_by, changed_at = excluded.changed_at,"
                 " from_file = excluded.from_file, strength = excluded.strength")
        .with(user_id, password.hash, password.set_by, password.changed_at, password.from_file,
              kept_strength(password.hash))
        .run();
    tally.add(password.hash, 1);
    tally.write();
}

void rehash(Database& database, std::string_view user_id, std::string_view old_hash,
            std::string_view new_hash) {
    HashTally tally(database);
    database
        .prepare("UPDATE passwords SET hash = ?3, strength = ?4, from_file = 0"
                 " WHERE user_id = ?1 AND hash = ?2")
        .with(user_id, old_hash, new_hash, kept_strength(new_hash))
        .run();
    tally.add(old_hash, -1);
    tally.add(new_hash, 1);
    tally.write();
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

void mark_from_file(Database& database, std::string_view user_id) {
    database.prepare("UPDATE passwords SET from_file = 1 WHERE user_id = ?1").with(user_id).run();
}

void judge_all(Database& database) {
    std::vector<std::pair<std::string, std::string_view>> judged;
    Statement& rows = database.prepare("SELECT user_id, hash FROM passwords");
    while (rows.step())
        if (const auto strength = kept_strength(rows.text(1)))
            judged.emplace_back(rows.text(0), *strength);
    database.prepare("UPDATE passwords SET strength = NULL WHERE strength IS NOT NULL").run();
    for (const auto& [user_id, strength] : judged)
        database.prepare("UPDATE passwords SET strength = ?2 WHERE user_id = ?1")
            .with(user_id, strength)
            .run();
}

} // namespace auth::passwords_table
