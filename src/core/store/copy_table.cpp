#include "core/store/copy_table.h"

#include <fmt/format.h>

#include <array>
#include <string>

namespace auth::copy_table {
namespace {

constexpr auto all = std::to_array<std::string_view>({
    "meta",           "settings",       "users",          "passwords",
    "roles",          "user_roles",     "attempts",       "codes",
    "code_requests",  "links",          "totp",           "recovery_codes",
    "sessions",       "login_places",   "signing_keys",   "outbox",
    "hash_census",    "applied_users",  "applied_roles",  "providers",
    "identities",     "audit",          "audit_lanes",    "imported_credentials",
    "workload_rules", "used_id_tokens", "audit_archives",
});

constexpr std::int64_t rows_between_progress = 256;

void copy_row(const Statement& from, BulkInsert& to, const std::vector<TableColumn>& columns) {
    for (int i = 0; i < static_cast<int>(columns.size()); ++i) {
        const TableColumn::Type type = columns[static_cast<std::size_t>(i)].type;
        if (from.is_null(i))
            to.bind_null(i + 1);
        else if (type == TableColumn::Type::integer)
            to.bind(i + 1, from.integer(i));
        else if (type == TableColumn::Type::text)
            to.bind(i + 1, from.text(i));
        else
            to.bind_blob(i + 1, from.blob(i));
    }
    to.add();
}

// "a, b" and "?1, ?2".
std::pair<std::string, std::string> lists(const std::vector<TableColumn>& columns) {
    std::string names;
    std::string places;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const std::string_view comma = i > 0 ? ", " : "";
        names += fmt::format("{}{}", comma, columns[i].name);
        places += fmt::format("{}?{}", comma, i + 1);
    }
    return {names, places};
}

} // namespace

std::span<const std::string_view> tables() {
    return all;
}

Result<std::optional<std::vector<Copied>>> copy(Database& from, Database& to,
                                                const std::function<bool(std::int64_t)>& progress) {
    from.expect_much();
    to.expect_much();
    // NOLINTNEXTLINE(modernize-loop-convert): clang 14 cannot read this library's std::views
    for (auto table = all.rbegin(); table != all.rend(); ++table)
        to.execute(fmt::format("DELETE FROM {}", *table));
    std::vector<Copied> out;
    std::int64_t done = 0;
    for (const std::string_view table : all) {
        const std::vector<TableColumn> columns = from.columns(table);
        const auto [names, places] = lists(columns);
        Statement& rows = from.prepare(fmt::format("SELECT {} FROM {} ORDER BY 1", names, table));
        const auto insert =
            to.bulk_insert(fmt::format("INSERT INTO {} ({}) VALUES ({})", table, names, places));
        Copied& copied = out.emplace_back(Copied{table, 0});
        while (rows.step()) {
            copy_row(rows, *insert, columns);
            ++copied.rows;
            if (++done % rows_between_progress == 0 && !progress(done))
                return std::nullopt;
        }
        AUTH_CHECK(insert->finish());
    }
    to.adopt_numbers();
    return out;
}

std::int64_t count(Database& database, std::string_view table) {
    return database.prepare(fmt::format("SELECT count(*) FROM {}", table))
        .first([](const Statement& at) { return at.integer(0); })
        .value_or(0);
}

} // namespace auth::copy_table
