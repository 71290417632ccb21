#include "core/keys/signing_keys_table.h"

namespace auth::signing_keys_table {
namespace {

constexpr std::string_view columns =
    "SELECT kid, known_as, algorithm, public_jwk, created_at, signs_from, signs_until,"
    " verifies_until, last_expiry, revoked_at, imported, sealed_jwk IS NOT NULL, issuer";

std::string select() {
    return std::string(columns).append(" FROM signing_keys");
}

KeyRecord read(const Statement& row) {
    KeyRecord key;
    key.kid = row.text(0);
    key.known_as = row.optional_text(1).value_or("");
    key.algorithm = row.text(2);
    key.public_jwk = row.text(3);
    key.created_at = row.time(4);
    key.signs_from = row.time(5);
    key.signs_until = row.optional_time(6);
    key.verifies_until = row.optional_time(7);
    key.last_expiry = row.optional_time(8);
    key.revoked_at = row.optional_time(9);
    key.imported = row.integer(10) != 0;
    key.has_private = row.integer(11) != 0;
    key.issuer = row.text(12);
    return key;
}

// The newest key of algorithm ?1 that may sign at ?2.
constexpr std::string_view signs =
    " FROM signing_keys WHERE algorithm = ?1 AND sealed_jwk IS NOT NULL AND revoked_at IS NULL"
    " AND (signs_from <= ?2 OR signs_from <= created_at)"
    " AND (signs_until IS NULL OR signs_until > ?2) ORDER BY signs_from DESC, seq DESC LIMIT 1";

Statement& ask(Database& database, std::string_view kid) {
    return database.prepare(select().append(" WHERE kid = ?1 OR known_as = ?1")).with(kid);
}

Statement& ask_sealed(Database& database, std::string_view algorithm, Time now) {
    return database.prepare(std::string("SELECT kid, sealed_jwk").append(signs))
        .with(algorithm, now);
}

} // namespace

void insert(Database& database, const KeyRecord& key, const std::optional<std::string>& sealed) {
    Statement& row = database.prepare(
        "INSERT INTO signing_keys (kid, known_as, algorithm, public_jwk, created_at, signs_from,"
        " imported, issuer, sealed_jwk) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    row.with(key.kid, key.known_as.empty() ? std::nullopt : std::optional(key.known_as),
             key.algorithm, key.public_jwk, key.created_at, key.signs_from, key.imported,
             key.issuer);
    if (sealed)
        row.bind_blob(9, *sealed);
    else
        row.bind_null(9);
    row.run();
}

std::optional<KeyRecord> find(Database& database, std::string_view kid) {
    return ask(database, kid).first(read);
}

void expect(Database& database, std::string_view kid) {
    ask(database, kid).expect();
}

std::optional<KeyRecord> signing(Database& database, std::string_view algorithm, Time now) {
    return database.prepare(std::string(columns).append(signs)).with(algorithm, now).first(read);
}

std::optional<std::string> sealed(Database& database, std::string_view kid) {
    return database
        .prepare("SELECT sealed_jwk FROM signing_keys WHERE kid = ?1 AND sealed_jwk IS NOT NULL")
        .with(kid)
        .first([](const Statement& row) { return row.blob(0); });
}

std::optional<Sealed> sealed_to_sign(Database& database, std::string_view algorithm, Time now) {
    return ask_sealed(database, algorithm, now).first([](const Statement& row) {
        return Sealed{row.text(0), row.blob(1)};
    });
}

void expect_sealed_to_sign(Database& database, std::string_view algorithm, Time now) {
    ask_sealed(database, algorithm, now).expect();
}

std::vector<KeyRecord> list(Database& database) {
    std::vector<KeyRecord> keys;
    for (Statement& rows = database.prepare(select().append(" ORDER BY signs_from DESC, seq DESC"));
         rows.step();)
        keys.push_back(read(rows));
    return keys;
}

void update(Database& database, const KeyRecord& key) {
    database
        .prepare("UPDATE signing_keys SET signs_until = ?2, verifies_until = ?3, revoked_at = ?4,"
                 " issuer = ?5 WHERE kid = ?1")
        .with(key.kid, key.signs_until, key.verifies_until, key.revoked_at, key.issuer)
        .run();
}

void forget_private(Database& database, Time now) {
    database
        .prepare("UPDATE signing_keys SET sealed_jwk = NULL"
                 " WHERE sealed_jwk IS NOT NULL AND (revoked_at IS NOT NULL OR signs_until <= ?1)")
        .with(now)
        .run();
}

void give_private(Database& database, std::string_view kid, std::string_view sealed) {
    database.prepare("UPDATE signing_keys SET sealed_jwk = ?2 WHERE kid = ?1")
        .bind(1, kid)
        .bind_blob(2, sealed)
        .run();
}

void note_expiry(Database& database, std::string_view kid, Time expiry) {
    database
        .prepare("UPDATE signing_keys SET last_expiry = ?2"
                 " WHERE kid = ?1 AND (last_expiry IS NULL OR last_expiry < ?2)")
        .with(kid, expiry)
        .run();
}

} // namespace auth::signing_keys_table
