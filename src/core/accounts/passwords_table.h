// Table passwords: the password hash of each user.
#pragma once

#include "core/passwords/password.h"
#include "core/store/database.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

namespace auth::passwords_table {

// Who chose a password: "signup" (a person, before anybody proved the address: the first proof
// drops it), "subject" (a person, since) or "operator".
struct StoredPassword {
    std::string hash;
    std::string set_by;
    Time changed_at;
    bool from_file = false; // the last import set it, and nobody since
};

[[nodiscard]] std::optional<StoredPassword> find(Database& database, std::string_view user_id);
// As Statement::expect, for find().
void expect(Database& database, std::string_view user_id);
// Of those users, by their ids.
[[nodiscard]] std::unordered_map<std::string, StoredPassword>
of_users(Database& database, std::span<const std::string_view> user_ids);
void expect_of_users(Database& database, std::span<const std::string_view> user_ids);
// These keep the census of hashes; call them inside a Transaction.
void put(Database& database, std::string_view user_id, const StoredPassword& password);
// The same where the caller knows the one that the user had `before`, if any.
void replace(Database& database, std::string_view user_id,
             const std::optional<StoredPassword>& before, const StoredPassword& password);
// Replaces `old_hash`, which the caller has just read, with a better hash of the same password.
void rehash(Database& database, std::string_view user_id, std::string_view old_hash,
            std::string_view new_hash);
[[nodiscard]] bool remove(Database& database, std::string_view user_id);
// It was proved to be of who proved the address.
void vouch(Database& database, std::string_view user_id);

// It is what a file says.
void mark_from_file(Database& database, std::string_view user_id);

// Of many users who have none yet, each by add(): the caller counts them in a HashTally. `strength`
// is that of the hash.
[[nodiscard]] std::unique_ptr<BulkInsert> bulk_insert(Database& database);
void add(BulkInsert& rows, std::string_view user_id, const StoredPassword& password,
         HashStrength strength);
void for_each_hash(Database& database, const std::function<void(const std::string&)>& visit);
// Judges every hash anew, for the filter of users.
void judge_all(Database& database);

} // namespace auth::passwords_table
