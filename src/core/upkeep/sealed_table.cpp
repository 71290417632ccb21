#include "core/upkeep/sealed_table.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace auth::sealed_table {
namespace {

constexpr auto all = std::to_array<SealedColumn>({{"signing_keys", "sealed_jwk", "kid"},
                                                  {"totp", "sealed_secret", "user_id"},
                                                  {"providers", "sealed_secret", "name"},
                                                  {"outbox", "sealed_mail", "id"}});

} // namespace

std::span<const SealedColumn> columns() {
    return all;
}

Result<std::vector<Altered>> altered(Database& database, const Vault& vault) {
    AUTH_CHECK(vault.require_key());
    std::vector<Altered> out;
    for (const SealedColumn& each : all) {
        Altered found{each, {}};
        for (Statement& rows = database.prepare(
                 fmt::format("SELECT {0}, {1} FROM {2} WHERE {1} IS NOT NULL ORDER BY {0}",
                             each.row, each.column, each.table));
             rows.step();)
            if (const std::string row = rows.text(0);
                !vault.unseal({each.table, each.column, row}, rows.blob(1)))
                found.rows.push_back(row);
        if (!found.rows.empty())
            out.push_back(std::move(found));
    }
    return out;
}

std::string in_words(const Altered& altered) {
    constexpr std::size_t most = 5;
    std::string rows;
    for (std::size_t i = 0; i < std::min(altered.rows.size(), most); ++i)
        rows += (i == 0 ? "" : ", ") + in_quotes(altered.rows[i]);
    if (altered.rows.size() > most)
        rows += fmt::format(" and {} more", altered.rows.size() - most);
    return fmt::format("{}.{} does not open with the key: {} {}", altered.where.table,
                       altered.where.column, altered.where.row, rows);
}

} // namespace auth::sealed_table
