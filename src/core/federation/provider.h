// Identity providers that users may log in with (OpenID Connect Core 1.0), or their workloads by ID
// tokens that they bring.
#pragma once

#include "core/base/clock.h"
#include "core/base/secret.h"
#include "core/realm.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

struct Provider {
    std::string name;                 // 1 to 32 of a-z 0-9 . _ -
    std::string issuer;               // compared exactly
    std::string client_id;            // what its ID tokens are for; of workloads: the audience
    bool workload = false;            // for workloads alone, by their rules; else for people alone
    bool confidential = false;        // has a client secret
    std::string scope;                // with spaces between; "openid" among them
    std::vector<std::string> domains; // whose addresses are let in, as A-labels; none: all
    std::string redirect_path;        // "/callback"; "" for a random one each time
    int redirect_port = 0;            // of the callback; 0 for a free one each time
    bool auto_create = false;         // a stranger becomes a user
    // A user with the same address is the same person, where the provider verified it.
    bool link_verified_email = false;
    Time created_at;
    std::int64_t users = 0; // how many are linked with its issuer, or named by its rules
};

// The issuer of a provider that is known by its name, or "".
[[nodiscard]] std::string preset_issuer(std::string_view name);

// An https address without a query, or http on this machine. Fails with usage, naming the field
// "issuer".
[[nodiscard]] Status check_issuer_address(std::string_view issuer);

struct NewProvider {
    std::string name;
    std::string issuer;
    std::string client_id;
    std::optional<Secret> client_secret;
    std::vector<std::string> scopes; // "openid" is added; none: openid, email and profile
    std::vector<std::string> domains;
    std::string redirect_path;
    bool auto_create = false;
    bool link_verified_email = false;
    std::optional<std::int64_t> redirect_port{};
    std::string workload_audience{}; // makes it one for workloads, which takes none of the rest
};

// What it would be, checked. Fails with usage, naming the field.
[[nodiscard]] Result<Provider> make_provider(const NewProvider& wanted, Time now);
// The one of its name, whose place it may take with `replace`: it may have its users, who are
// linked with an issuer or named by rules for its workloads. Nothing where there is none. Fails
// with exists, and with refused, reason users_linked.
[[nodiscard]] Result<std::optional<Provider>> check_room(Realm& realm, const Provider& provider,
                                                         bool replace);
// In the place of one of its name, with `replace`, whose users stay linked. Says what there is now,
// and fails as check_room.
[[nodiscard]] Result<Provider> add_provider(Realm& realm, const Provider& provider,
                                            const std::optional<Secret>& client_secret,
                                            bool replace);
[[nodiscard]] std::vector<Provider> list_providers(Realm& realm);
// Fails with not_found, suggesting the nearest.
[[nodiscard]] Result<Provider> find_provider(Realm& realm, std::string_view name);
// Whether it is for people, or for workloads. Both fail with refused, reason wrong_provider.
[[nodiscard]] Status check_for_people(const Provider& provider);
[[nodiscard]] Status check_for_workloads(const Provider& provider);
// Empty for a public client.
[[nodiscard]] Secret client_secret(Realm& realm, const Provider& provider);
// How many users would lose their links or rules with it: no links where another provider for
// people has the same issuer.
[[nodiscard]] std::int64_t users_to_unlink(Realm& realm, const Provider& provider);
// With those links or rules; `users` says of how many users. Those of rules lose their sessions.
// Fails with not_found.
[[nodiscard]] Result<Provider> delete_provider(Realm& realm, std::string_view name);

} // namespace auth
