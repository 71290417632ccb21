// What a database says of itself.
#pragma once

#include "core/store/database.h"

#include <optional>
#include <string>

namespace auth::meta_table {

struct Meta {
    std::string database_id; // UUID
    std::string key_check;   // recognises the key file
    bool test = false;       // marked for ever as a test database
    Time created_at;
    std::string kept_mac_keys{};      // of before the latest rekey, sealed; "" for none
    std::optional<Time> rekeyed_at{}; // when it got its key, if that is not its first
};

[[nodiscard]] Result<Meta> load(Database& database); // database_corrupt where it is incomplete
void expect(Database& database);                     // that it is loaded next
void store(Database& database, const Meta& meta);
// What a rekey changes of it. Call inside a Transaction.
void store_key(Database& database, const Meta& meta);
// ID tokens that were issued by then log no workload in. Call inside a Transaction.
void void_id_tokens(Database& database, Time until);
[[nodiscard]] std::optional<Time> id_tokens_void_until(Database& database);
// From here on each transaction throws Failure with database_busy where the database's key is no
// longer that one: what the caller seals or counts would be lost.
void hold_to_key(Database& database, const std::string& key_check);

} // namespace auth::meta_table
