#include "core/federation/used_id_tokens_table.h"

namespace auth::used_id_tokens_table {
namespace {

constexpr Seconds kept_longer{86400};

} // namespace

bool use(Database& database, std::string_view digest, Time usable_until, Time now) {
    database
        .prepare("INSERT INTO used_id_tokens (digest, usable_until) VALUES (?1, ?2)"
                 " ON CONFLICT (digest) DO NOTHING")
        .bind_blob(1, digest)
        .bind(2, usable_until)
        .run();
    const bool fresh = database.changes() > 0;
    // Others may want the same rows gone, so that this is the last to be asked for.
    database.prepare("DELETE FROM used_id_tokens WHERE usable_until < ?1")
        .with(now - kept_longer)
        .run();
    return fresh;
}

} // namespace auth::used_id_tokens_table
