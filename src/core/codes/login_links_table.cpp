#include "core/codes/login_links_table.h"

#include "core/base/encoding.h"

namespace auth::links_table {

void put(Database& database, const StoredLink& link) {
    database
        .prepare("INSERT INTO links (user_id, mac, issued_at, expires_at) VALUES (?1, ?2, ?3, ?4)"
                 " ON CONFLICT (user_id) DO UPDATE SET mac = excluded.mac,"
                 " issued_at = excluded.issued_at, expires_at = excluded.expires_at")
        .bind(1, link.user_id)
        .bind_blob(2, link.mac)
        .bind(3, link.issued_at)
        .bind(4, link.expires_at)
        .run();
}

std::optional<StoredLink> find(Database& database, std::string_view mac) {
    database.approach("link", to_hex(mac));
    return database.prepare("SELECT user_id, mac, issued_at, expires_at FROM links WHERE mac = ?1")
        .bind_blob(1, mac)
        .first([](const Statement& at) {
            return StoredLink{at.text(0), at.blob(1), at.time(2), at.time(3)};
        });
}

bool remove(Database& database, std::string_view mac) {
    database.prepare("DELETE FROM links WHERE mac = ?1").bind_blob(1, mac).run();
    return database.changes() > 0;
}

void remove_all(Database& database, std::string_view user_id) {
    database.prepare("DELETE FROM links WHERE user_id = ?1").with(user_id).run();
}

void remove_all(Database& database) {
    database.prepare("DELETE FROM links").run();
}

} // namespace auth::links_table
