#include "core/federation/provider.h"

#include "core/audit/audit.h"
#include "core/base/ids.h"
#include "core/base/text.h"
#include "core/federation/providers_table.h"
#include "core/federation/web_address.h"
#include "core/sessions/session.h"
#include "core/users/identities_table.h"
#include "core/users/users_table.h"
#include "core/users/workload_rules_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace auth {
namespace {

struct Preset {
    std::string_view name;
    std::string_view issuer;
};
constexpr auto presets = std::to_array<Preset>({{"google", "https://accounts.google.com"}});

SealedPlace secret_place(std::string_view name) {
    return {"providers", "sealed_secret", name};
}

tl::unexpected<Error> wrong(const char* field, std::string message, Hint hint = {}) {
    return fail(
        error(ErrorCode::usage, std::move(message)).with_field(field).with_hint(std::move(hint)));
}

bool made_of(std::string_view text, std::string_view alphabet) {
    return text.find_first_not_of(alphabet) == std::string_view::npos;
}

Status check_name(std::string_view name) {
    if (!name.empty() && name.size() <= 32 && name.front() != '-' && name.front() != '.' &&
        made_of(name, "abcdefghijklmnopqrstuvwxyz0123456789._-"))
        return {};
    return wrong("name",
                 fmt::format("{} is not a name for a provider: it takes 1 to 32 of a-z, 0-9,"
                             " '.', '_' and '-', and starts with a letter or digit",
                             in_quotes(name)));
}

Status check_issuer_of(std::string_view name, std::string_view issuer) {
    if (issuer.empty())
        return wrong("issuer",
                     fmt::format("whose provider is {}? --issuer is missing", in_quotes(name)),
                     "only google is known by its name");
    return check_issuer_address(issuer);
}

// RFC 6749 appendix A: what is printable but for quotes and backslash.
bool is_scope(std::string_view word) {
    return !word.empty() && word.size() <= 256 && std::ranges::all_of(word, [](char c) {
        return c > ' ' && c < '\x7f' && c != '"' && c != '\\';
    });
}

Result<std::string> joined_scopes(const std::vector<std::string>& wanted) {
    std::vector<std::string> all{"openid"};
    if (wanted.empty())
        all.insert(all.end(), {"email", "profile"});
    for (const std::string& typed : wanted)
        for (const std::string& word : split(typed, ' ')) {
            if (!is_scope(word))
                return wrong("scope", fmt::format("{} is not a scope", in_quotes(word)));
            if (std::ranges::find(all, word) == all.end())
                all.push_back(word);
        }
    return fmt::format("{}", fmt::join(all, " "));
}

// An address there is the simplest way to have the domain checked and canonical.
Result<std::vector<std::string>> canonical_domains(const std::vector<std::string>& wanted) {
    std::vector<std::string> all;
    for (const std::string& typed : wanted) {
        const auto address = Email::parse("x@" + typed);
        if (!address)
            return wrong("allow_domain",
                         fmt::format("{} is not a domain of e-mail addresses", in_quotes(typed)));
        const std::string domain = address->canonical().substr(2);
        if (std::ranges::find(all, domain) == all.end())
            all.push_back(domain);
    }
    return all;
}

Status check_redirect_path(std::string_view path) {
    if (path.empty() ||
        (path.starts_with('/') && path.size() <= 128 &&
         made_of(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/")))
        return {};
    return wrong("redirect_path",
                 fmt::format("{} is not a path: use / and letters, digits, '-', '.', '_', '~'",
                             in_quotes(path)));
}

// Browsers leave out port 80 of the Host header, and only root may listen below 1024.
Result<int> checked_redirect_port(const std::optional<std::int64_t>& port) {
    if (!port)
        return 0;
    if (*port >= 1024 && *port <= 65535)
        return static_cast<int>(*port);
    return wrong(
        "redirect_port",
        fmt::format("invalid value '{}' for the redirect port: must be 1024 to 65535", *port));
}

void end_sessions_of_rules(Realm& realm, const Provider& provider) {
    std::set<std::string> ids;
    for (const WorkloadRule& rule :
         workload_rules_table::of_provider(realm.database, provider.name))
        ids.insert(rule.user_id);
    for (const std::string& id : ids) {
        User user = *users_table::find_by_id(realm.database, id);
        end_all_sessions(realm, user);
    }
}

} // namespace

Status check_issuer_address(std::string_view issuer) {
    constexpr std::string_view document = "/.well-known/openid-configuration";
    if (is_web_address(issuer) && issuer.ends_with(document))
        return wrong("issuer",
                     fmt::format("{} is the address of a discovery document, not an issuer",
                                 in_quotes(issuer)),
                     "--issuer " + shell_word(issuer.substr(0, issuer.size() - document.size())) +
                         " would fit");
    if (is_web_address(issuer) && issuer.find('?') == std::string_view::npos)
        return {};
    return wrong("issuer",
                 fmt::format("{} is not an issuer: use an address that starts with https://"
                             " (or http:// on this machine), without ? and #",
                             in_quotes(issuer)));
}

std::string preset_issuer(std::string_view name) {
    const auto found = std::ranges::find(presets, name, &Preset::name);
    return found == presets.end() ? "" : std::string(found->issuer);
}

Result<Provider> make_provider(const NewProvider& wanted, Time now) {
    Provider provider;
    AUTH_CHECK(check_name(wanted.name));
    provider.name = wanted.name;
    provider.issuer = wanted.issuer.empty() ? preset_issuer(wanted.name) : wanted.issuer;
    AUTH_CHECK(check_issuer_of(provider.name, provider.issuer));
    provider.created_at = now;
    if (!wanted.workload_audience.empty()) {
        provider.workload = true;
        AUTH_TRY(provider.client_id, parse_line("audience", wanted.workload_audience));
        return provider;
    }
    AUTH_TRY(provider.client_id, parse_line("client_id", wanted.client_id));
    if (provider.client_id.empty())
        return wrong("client_id", "the client id is empty");
    if (wanted.client_secret && wanted.client_secret->empty())
        return wrong("client_secret", "the client secret is empty");
    provider.confidential = wanted.client_secret.has_value();
    AUTH_TRY(provider.scope, joined_scopes(wanted.scopes));
    AUTH_TRY(provider.domains, canonical_domains(wanted.domains));
    AUTH_CHECK(check_redirect_path(wanted.redirect_path));
    provider.redirect_path = wanted.redirect_path;
    AUTH_TRY(provider.redirect_port, checked_redirect_port(wanted.redirect_port));
    provider.auto_create = wanted.auto_create;
    provider.link_verified_email = wanted.link_verified_email;
    return provider;
}

Result<std::optional<Provider>> check_room(Realm& realm, const Provider& provider, bool replace) {
    auto present = providers_table::find(realm.database, provider.name);
    if (!present)
        return std::nullopt;
    if (!replace)
        return fail(
            error(ErrorCode::exists, fmt::format("the provider '{}' already exists", provider.name))
                .with_field("name")
                .with_hint("change it with --replace: its users stay linked"));
    const bool same_kind = present->workload == provider.workload;
    if ((same_kind && present->issuer == provider.issuer) || users_to_unlink(realm, *present) == 0)
        return present;
    if (!same_kind)
        return fail(
            error(ErrorCode::refused, fmt::format("'{}' is for {}, and has {}", present->name,
                                                  present->workload ? "workloads" : "people",
                                                  counted(present->users, "user")))
                .with_reason("users_linked")
                .with_field("name")
                .with_hint("add the other provider under a name of its own"));
    return fail(
        error(ErrorCode::refused,
              fmt::format("{} {} linked with '{}', which says nothing of who they are at '{}'",
                          counted(present->users, "user"), present->users == 1 ? "is" : "are",
                          present->issuer, provider.issuer))
            .with_reason("users_linked")
            .with_field("issuer")
            .with_hint("add the other issuer under a name of its own"));
}

Result<Provider> add_provider(Realm& realm, const Provider& wanted,
                              const std::optional<Secret>& client_secret, bool replace) {
    Transaction transaction(realm.database);
    AUTH_TRY(const auto present, check_room(realm, wanted, replace));
    Provider provider = wanted;
    if (present)
        provider.created_at = present->created_at;
    std::optional<std::string> sealed;
    if (client_secret)
        sealed =
            realm.vault.seal(secret_place(provider.name), client_secret->reveal(), realm.random);
    providers_table::put(realm.database, provider, sealed);
    record(realm, {.event = present ? "provider_replaced" : "provider_added",
                   .target = provider.name,
                   .detail = {{"issuer", provider.issuer},
                              {"client_id", provider.client_id},
                              {"auto_create", provider.auto_create},
                              {"link_verified_email", provider.link_verified_email},
                              {"workload", provider.workload}}});
    provider = *providers_table::find(realm.database, provider.name);
    transaction.commit();
    return provider;
}

std::vector<Provider> list_providers(Realm& realm) {
    return providers_table::list(realm.database);
}

Result<Provider> find_provider(Realm& realm, std::string_view name) {
    if (auto provider = providers_table::find(realm.database, name))
        return *std::move(provider);
    std::vector<std::string> names;
    for (const Provider& provider : list_providers(realm))
        names.push_back(provider.name);
    return fail(error(ErrorCode::not_found, fmt::format("there is no provider {}", in_quotes(name)))
                    .with_field("provider")
                    .with_hint(did_you_mean(name, names, NextStep{"provider list"})));
}

Status check_for_people(const Provider& provider) {
    if (!provider.workload)
        return {};
    return fail(error(ErrorCode::refused,
                      fmt::format("'{}' is for workloads, which bring an ID token", provider.name))
                    .with_reason("wrong_provider")
                    .with_field("provider")
                    .with_hint(std::vector{
                        NextStep{"login", {"--provider", provider.name, "--id-token", "FILE"}},
                        NextStep{"provider allow",
                                 {provider.name, "--user", "EMAIL", "--claim", "sub=VALUE"}}}));
}

Status check_for_workloads(const Provider& provider) {
    if (provider.workload)
        return {};
    return fail(error(ErrorCode::refused,
                      fmt::format("'{}' is for people, not for workloads", provider.name))
                    .with_reason("wrong_provider")
                    .with_field("provider")
                    .with_hint({"add one for workloads",
                                NextStep{"provider add",
                                         {"NAME", "--issuer", provider.issuer, "--workload",
                                          "--audience", "AUDIENCE"}}}));
}

Secret client_secret(Realm& realm, const Provider& provider) {
    const auto sealed = providers_table::sealed_secret(realm.database, provider.name);
    return sealed ? realm.vault.open(secret_place(provider.name), *sealed) : Secret();
}

std::int64_t users_to_unlink(Realm& realm, const Provider& provider) {
    const bool shared = !provider.workload && providers_table::others_have_issuer(
                                                  realm.database, provider.issuer, provider.name);
    return shared ? 0 : provider.users;
}

Result<Provider> delete_provider(Realm& realm, std::string_view name) {
    Transaction transaction(realm.database);
    AUTH_TRY(Provider provider, find_provider(realm, name));
    provider.users = users_to_unlink(realm, provider);
    if (provider.workload)
        end_sessions_of_rules(realm, provider);
    else if (provider.users > 0)
        identities_table::remove_all(realm.database, provider.issuer);
    providers_table::remove(realm.database, provider.name);
    record(realm, {"provider_deleted", provider.name, true, {{"users", provider.users}}});
    transaction.commit();
    return provider;
}

} // namespace auth
