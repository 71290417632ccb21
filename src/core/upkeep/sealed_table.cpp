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

constexpr std::int64_t rows_in_page = 500;

struct SealedRow {
    std::string row;
    std::string sealed;
};

// All values of the next rows, in order; a row may have several.
std::vector<SealedRow> page_after(Database& database, const SealedColumn& column,
                                  std::string_view last) {
    std::vector<SealedRow> out;
    Statement& rows = database.prepare(
        fmt::format("SELECT {0}, {1} FROM {2} WHERE {1} IS NOT NULL AND {0} IN"
                    " (SELECT DISTINCT {0} FROM {2} WHERE {1} IS NOT NULL AND {0} > ?1"
                    " ORDER BY {0} LIMIT ?2) ORDER BY {0}",
                    column.row, column.column, column.table));
    for (rows.with(last, rows_in_page); rows.step();)
        out.push_back({rows.text(0), rows.blob(1)});
    return out;
}

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

Result<std::int64_t> reseal(Database& database, const SealedColumn& column,
                            const VaultChange& change, Random& random, Pace& pace) {
    std::int64_t count = 0;
    const std::string update = fmt::format("UPDATE {0} SET {1} = ?1 WHERE {2} = ?2 AND {1} = ?3",
                                           column.table, column.column, column.row);
    for (auto page = page_after(database, column, ""); !page.empty() && !pace.stopped();
         page = page_after(database, column, page.back().row)) {
        for (const auto& [row, sealed] : page) {
            const SealedPlace place{column.table, column.column, row};
            AUTH_TRY(const Secret value, change.from.unseal(place, sealed));
            database.prepare(update)
                .bind_blob(1, change.to.seal(place, value.reveal(), random))
                .bind(2, row)
                .bind_blob(3, sealed)
                .run();
        }
        count += static_cast<std::int64_t>(page.size());
        pace.note(static_cast<std::int64_t>(page.size()));
    }
    return count;
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
