// The least that an import has to do: parse the file with simdjson and insert the same rows, users,
// passwords and audit, with prepared statements in one transaction.
//
//   import_floor DATABASE USERS.jsonl      the database comes from `auth-cli db init`
#include <sqlite3.h>

#include <cstdio>
#include <cstdlib>
#include <simdjson.h>
#include <string>
#include <string_view>

namespace {

sqlite3* database = nullptr;

[[noreturn]] void give_up(const char* what) {
    std::fprintf(stderr, "import_floor: %s: %s\n", what, sqlite3_errmsg(database));
    std::exit(1);
}

void execute(const char* sql) {
    if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
        give_up(sql);
}

sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database, sql, -1, &statement, nullptr) != SQLITE_OK)
        give_up(sql);
    return statement;
}

void bind(sqlite3_stmt* statement, int position, std::string_view text) {
    sqlite3_bind_text(statement, position, text.data(), static_cast<int>(text.size()),
                      SQLITE_STATIC);
}

void run(sqlite3_stmt* statement) {
    if (sqlite3_step(statement) != SQLITE_DONE)
        give_up("step");
    sqlite3_reset(statement);
}

} // namespace

int main(int count, char** words) {
    if (count != 3)
        return 2;
    if (sqlite3_open(words[1], &database) != SQLITE_OK)
        give_up(words[1]);
    execute("PRAGMA journal_mode=DELETE; PRAGMA synchronous=EXTRA; PRAGMA foreign_keys=ON;"
            "PRAGMA secure_delete=ON; PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY");
    execute("BEGIN IMMEDIATE");
    sqlite3_stmt* user = prepare(
        "INSERT INTO users (id, email, email_key, username, username_key, name, phone, attributes,"
        " created_at, updated_at) VALUES (?1, ?2, ?2, ?3, ?3, ?4, ?5, '{}', 1, 1)");
    sqlite3_stmt* password = prepare(
        "INSERT INTO passwords (user_id, hash, set_by, changed_at) VALUES (?1, ?2, 'operator', 1)");
    sqlite3_stmt* audit = prepare(
        "INSERT INTO audit (seq, at, actor, event, target, result, detail, hash) VALUES"
        " ((SELECT max(seq) FROM audit) + 1, 1, 'os:root', 'user_created', ?1, 'ok', ?2, ?3)");
    const std::string hash(32, 'h');
    const std::string detail = R"({"by":"import","line":123456,"roles":[],"verified":false})";
    simdjson::dom::parser parser;
    auto users = parser.load_many(words[2], std::size_t{4} << 20U);
    long number = 0;
    for (auto document : users) {
        char id[37];
        std::snprintf(id, sizeof id, "01900000-0000-7000-8000-%012lx", ++number);
        const auto text = [&](const char* member) {
            return std::string_view(document[member].get_string().value());
        };
        bind(user, 1, id);
        bind(user, 2, text("email"));
        bind(user, 3, text("username"));
        bind(user, 4, text("name"));
        bind(user, 5, text("phone"));
        run(user);
        bind(password, 1, id);
        bind(password, 2, text("password_hash"));
        run(password);
        bind(audit, 1, id);
        bind(audit, 2, detail);
        sqlite3_bind_blob(audit, 3, hash.data(), static_cast<int>(hash.size()), SQLITE_STATIC);
        run(audit);
    }
    execute("COMMIT");
    return 0;
}
