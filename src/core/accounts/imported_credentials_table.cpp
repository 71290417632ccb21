#include "core/accounts/imported_credentials_table.h"

namespace auth::imported_credentials_table {
namespace {

std::optional<std::string> optional_blob(const Statement& row, int column) {
    return row.is_null(column) ? std::nullopt : std::optional(row.blob(column));
}

constexpr std::string_view insertion =
    "INSERT INTO imported_credentials"
    " (user_id, password_head, must_change, password_mac, totp_mac) VALUES (?1, ?2, ?3, ?4, ?5)";

template <class Bound> void bind(Bound& to, std::string_view user_id, const Row& row) {
    to.with(user_id, row.password_head, row.must_change);
    int position = 4;
    for (const auto* blob : {&row.password_mac, &row.totp_mac}) {
        if (*blob)
            to.bind_blob(position, **blob);
        else
            to.bind_null(position);
        ++position;
    }
}

} // namespace

std::optional<Row> find(Database& database, std::string_view user_id) {
    Statement& row = database.prepare("SELECT password_mac, password_head, totp_mac, must_change"
                                      " FROM imported_credentials WHERE user_id = ?1");
    row.with(user_id);
    return row.first([](const Statement& at) {
        return Row{optional_blob(at, 0), at.text(1), optional_blob(at, 2), at.integer(3) != 0};
    });
}

void put(Database& database, std::string_view user_id, const Row& row) {
    Statement& statement = database.prepare(
        std::string(insertion) +
        " ON CONFLICT (user_id) DO UPDATE SET password_head = excluded.password_head,"
        " must_change = excluded.must_change, password_mac = excluded.password_mac,"
        " totp_mac = excluded.totp_mac");
    bind(statement, user_id, row);
    statement.run();
}

std::unique_ptr<BulkInsert> bulk_insert(Database& database) {
    return database.bulk_insert(insertion);
}

void add(BulkInsert& rows, std::string_view user_id, const Row& row) {
    bind(rows, user_id, row);
    rows.add();
}

} // namespace auth::imported_credentials_table
