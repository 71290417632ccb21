#include "core/tokens/signing_keys_table.h"

namespace auth::signing_keys_table {
namespace {

KeyState parse_state(const std::string& text) {
    if (text == "active")
        return KeyState::active;
    return text == "retired" ? KeyState::retired : KeyState::revoked;
}

KeyRecord read(const Statement& row) {
    return {row.text(0), row.text(1), row.text(2), parse_state(row.text(3)), row.time(4)};
}

} // namespace

void insert(Database& database, const KeyRecord& key, std::string_view sealed) {
    database
        .prepare("INSERT INTO signing_keys (kid, algorithm, public_jwk, sealed_jwk, state,"
                 " created_at, changed_at) VALUES (?1, ?2, ?3, ?4, 'active', ?5, ?5)")
        .bind(1, key.kid)
        .bind(2, key.algorithm)
        .bind(3, key.public_jwk)
        .bind_blob(4, sealed)
        .bind(5, key.created_at)
        .run();
}

std::optional<KeyRecord> find(Database& database, std::string_view kid) {
    Statement& row = database.prepare(
        "SELECT kid, algorithm, public_jwk, state, created_at FROM signing_keys WHERE kid = ?1");
    row.with(kid);
    return row.first(read);
}

std::optional<Sealed> newest_active(Database& database, std::string_view algorithm) {
    Statement& row = database.prepare(
        "SELECT kid, algorithm, public_jwk, state, created_at, sealed_jwk FROM signing_keys"
        " WHERE algorithm = ?1 AND state = 'active' ORDER BY created_at DESC, kid LIMIT 1");
    row.with(algorithm);
    return row.first([](const Statement& at) { return Sealed{read(at), at.blob(5)}; });
}

std::vector<KeyRecord> list(Database& database) {
    std::vector<KeyRecord> keys;
    for (Statement& rows = database.prepare("SELECT kid, algorithm, public_jwk, state, created_at"
                                            " FROM signing_keys ORDER BY created_at DESC, kid");
         rows.step();)
        keys.push_back(read(rows));
    return keys;
}

} // namespace auth::signing_keys_table
