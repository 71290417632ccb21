#include "core/upkeep/mac_table.h"

#include "core/base/digest.h"
#include "core/store/copy_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace auth::mac_table {
namespace {

constexpr auto all = std::to_array<MacColumn>({
    {"attempts", "address", MacPurpose::address, Fate::recomputed},
    {"code_requests", "address", MacPurpose::address, Fate::recomputed},
    {"recovery_codes", "mac", MacPurpose::recovery_code, Fate::kept},
    {"applied_users", "credential_mac", MacPurpose::applied, Fate::kept},
    {"imported_credentials", "password_mac", MacPurpose::applied, Fate::kept},
    {"imported_credentials", "totp_mac", MacPurpose::applied, Fate::kept},
    {"audit_archives", "seal", MacPurpose::archive, Fate::kept},
    {"codes", "mac", MacPurpose::code, Fate::dropped},
    {"links", "mac", MacPurpose::link, Fate::dropped},
    {"login_places", "place", MacPurpose::place, Fate::blurred},
});

// Addresses are held in memory so many at a time, whatever there is: 64 bytes each.
constexpr std::int64_t addresses_in_block = 200'000;
constexpr std::int64_t rows_in_page = 500;
constexpr std::size_t mac_size = 32;

using Mac = std::array<unsigned char, mac_size>; // compared as the engines do
struct Address {
    Mac before{};
    Mac after{}; // zeros where no user has it
};

Mac to_mac(std::string_view bytes) {
    Mac out{};
    std::copy_n(bytes.data(), std::min(bytes.size(), out.size()), out.begin());
    return out;
}

std::string_view view(const Mac& mac) {
    return {reinterpret_cast<const char*>(mac.data()), mac.size()};
}

// In order of bytes, as both engines have them.
std::vector<Address> block_after(Database& database, const MacColumn& column, const Mac& last) {
    std::vector<Address> out;
    Statement& rows = database.prepare(
        fmt::format("SELECT DISTINCT {0} FROM {1} WHERE {0} > ?1 AND length({0}) = ?2"
                    " ORDER BY {0} LIMIT ?3",
                    column.column, column.table));
    rows.bind_blob(1, view(last));
    rows.bind(2, static_cast<std::int64_t>(mac_size)).bind(3, addresses_in_block);
    while (rows.step())
        out.push_back({to_mac(rows.blob(0)), {}});
    return out;
}

// Finds the users of the addresses.
void find_users(Database& database, std::vector<Address>& addresses, const VaultChange& change,
                MacPurpose purpose, Pace& pace) {
    const Secret before = change.from.mac_key(purpose);
    const Secret after = change.to.mac_key(purpose);
    Statement& rows = database.prepare("SELECT email_key FROM users");
    for (std::int64_t seen = 1; rows.step() && !pace.stopped(); ++seen) {
        const std::string address = rows.text(0);
        const Mac mac = to_mac(hmac_sha256(before, address));
        const auto found = std::lower_bound(
            addresses.begin(), addresses.end(), mac,
            [](const Address& each, const Mac& wanted) { return each.before < wanted; });
        if (found != addresses.end() && found->before == mac)
            found->after = to_mac(hmac_sha256(after, address));
        if (seen % rows_in_page == 0)
            pace.note(0);
    }
    rows.reset();
}

// Those of users get a byte in front while the work goes on, which tells them from the others.
Moved recompute(Database& database, const MacColumn& column, const VaultChange& change,
                Pace& pace) {
    const std::string update =
        fmt::format("UPDATE {0} SET {1} = ?1 WHERE {1} = ?2", column.table, column.column);
    Moved moved;
    for (auto block = block_after(database, column, {}); !block.empty() && !pace.stopped();
         block = block_after(database, column, block.back().before)) {
        find_users(database, block, change, column.purpose, pace);
        for (const Address& each : block) {
            if (each.after != Mac{}) {
                database.prepare(update)
                    .bind_blob(1, std::string("+").append(view(each.after)))
                    .bind_blob(2, view(each.before))
                    .run();
                moved.carried += database.changes();
            }
            pace.note(1);
        }
    }
    database
        .prepare(fmt::format("DELETE FROM {} WHERE length({}) <> ?1", column.table, column.column))
        .with(static_cast<std::int64_t>(mac_size + 1))
        .run();
    moved.dropped = database.changes();
    database.execute(
        fmt::format("UPDATE {0} SET {1} = substr({1}, 2)", column.table, column.column));
    return moved;
}

Moved drop(Database& database, const MacColumn& column) {
    database.prepare(fmt::format("DELETE FROM {}", column.table)).run();
    return {0, database.changes()};
}

std::vector<std::string> users_after(Database& database, const MacColumn& column,
                                     std::string_view last) {
    std::vector<std::string> out;
    Statement& rows = database.prepare(
        fmt::format("SELECT DISTINCT user_id FROM {} WHERE user_id > ?1 ORDER BY user_id LIMIT ?2",
                    column.table));
    for (rows.with(last, rows_in_page); rows.step();)
        out.push_back(rows.text(0));
    return out;
}

// What is left has the MAC of an empty text, which nobody looks for.
Moved blur(Database& database, const MacColumn& column, const VaultChange& change, Pace& pace) {
    Moved moved;
    database
        .prepare(fmt::format("DELETE FROM {0} WHERE EXISTS (SELECT 1 FROM {0} AS other"
                             " WHERE other.user_id = {0}.user_id AND other.{1} < {0}.{1})",
                             column.table, column.column))
        .run();
    moved.dropped = database.changes();
    const Secret key = change.to.mac_key(column.purpose);
    const std::string update =
        fmt::format("UPDATE {} SET {} = ?1 WHERE user_id = ?2", column.table, column.column);
    for (auto page = users_after(database, column, ""); !page.empty() && !pace.stopped();
         page = users_after(database, column, page.back())) {
        for (const std::string& user : page)
            database.prepare(update).bind_blob(1, hmac_sha256(key, user + "/")).bind(2, user).run();
        moved.dropped += static_cast<std::int64_t>(page.size());
        pace.note(static_cast<std::int64_t>(page.size()));
    }
    return moved;
}

} // namespace

std::span<const MacColumn> columns() {
    return all;
}

Moved move(Database& database, const MacColumn& column, const VaultChange& change, Pace& pace) {
    switch (column.fate) {
    case Fate::recomputed:
        return recompute(database, column, change, pace);
    case Fate::kept:
        return {copy_table::count(database, column.table), 0};
    case Fate::dropped:
        return drop(database, column);
    case Fate::blurred:
        return blur(database, column, change, pace);
    }
    return {};
}

} // namespace auth::mac_table
