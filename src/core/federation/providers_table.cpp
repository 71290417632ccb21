#include "core/federation/providers_table.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth::providers_table {
namespace {

constexpr std::string_view select =
    "SELECT name, issuer, client_id, sealed_secret, scope, domains, redirect_path, auto_create,"
    " link_verified_email, created_at, workload,"
    " CASE workload WHEN 1"
    " THEN (SELECT count(DISTINCT user_id) FROM workload_rules WHERE provider = providers.name)"
    " ELSE (SELECT count(DISTINCT user_id) FROM identities WHERE issuer = providers.issuer) END"
    " FROM providers";

// The column redirect_path keeps what follows the host in the callback's address, as far as it is
// not new each time: "[:PORT][/PATH]".
void read_redirect(std::string_view text, Provider& provider) {
    const std::size_t slash = std::min(text.find('/'), text.size());
    provider.redirect_path = text.substr(slash);
    if (slash > 0)
        provider.redirect_port =
            static_cast<int>(parse_integer(text.substr(1, slash - 1)).value_or(0));
}

std::optional<std::string> redirect_text(const Provider& provider) {
    const std::string port =
        provider.redirect_port == 0 ? "" : fmt::format(":{}", provider.redirect_port);
    const std::string text = port + provider.redirect_path;
    return text.empty() ? std::nullopt : std::optional(text);
}

Provider read(const Statement& row) {
    Provider provider;
    provider.name = row.text(0);
    provider.issuer = row.text(1);
    provider.client_id = row.text(2);
    provider.confidential = !row.is_null(3);
    provider.scope = row.text(4);
    provider.domains = split(row.text(5), ' ');
    read_redirect(row.is_null(6) ? "" : row.text(6), provider);
    provider.auto_create = row.integer(7) != 0;
    provider.link_verified_email = row.integer(8) != 0;
    provider.created_at = row.time(9);
    provider.workload = row.integer(10) != 0;
    provider.users = row.integer(11);
    return provider;
}

} // namespace

std::vector<Provider> list(Database& database) {
    std::vector<Provider> out;
    for (Statement& rows = database.prepare(std::string(select) + " ORDER BY name"); rows.step();)
        out.push_back(read(rows));
    return out;
}

std::optional<Provider> find(Database& database, std::string_view name) {
    Statement& row = database.prepare(std::string(select) + " WHERE name = ?1");
    row.with(name);
    return row.first(read);
}

void put(Database& database, const Provider& provider,
         const std::optional<std::string>& sealed_secret) {
    Statement& row = database.prepare(
        "INSERT INTO providers (name, issuer, client_id, scope, domains, redirect_path,"
        " auto_create, link_verified_email, created_at, workload, sealed_secret)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
        " ON CONFLICT (name) DO UPDATE SET issuer = excluded.issuer,"
        " client_id = excluded.client_id, scope = excluded.scope, domains = excluded.domains,"
        " redirect_path = excluded.redirect_path, auto_create = excluded.auto_create,"
        " link_verified_email = excluded.link_verified_email, created_at = excluded.created_at,"
        " workload = excluded.workload, sealed_secret = excluded.sealed_secret");
    row.with(provider.name, provider.issuer, provider.client_id, provider.scope,
             fmt::format("{}", fmt::join(provider.domains, " ")), redirect_text(provider),
             provider.auto_create, provider.link_verified_email, provider.created_at,
             provider.workload);
    if (sealed_secret)
        row.bind_blob(11, *sealed_secret);
    else
        row.bind_null(11);
    row.run();
}

std::optional<std::string> sealed_secret(Database& database, std::string_view name) {
    return database
        .prepare("SELECT sealed_secret FROM providers"
                 " WHERE name = ?1 AND sealed_secret IS NOT NULL")
        .with(name)
        .first([](const Statement& row) { return row.blob(0); });
}

void remove(Database& database, std::string_view name) {
    database.prepare("DELETE FROM providers WHERE name = ?1").with(name).run();
}

bool others_have_issuer(Database& database, std::string_view issuer, std::string_view name) {
    return database
        .prepare("SELECT 1 FROM providers"
                 " WHERE issuer = ?1 AND name <> ?2 AND workload = 0")
        .with(issuer, name)
        .any();
}

} // namespace auth::providers_table
