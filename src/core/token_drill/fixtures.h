// The tokens of a drill, made for one user, with what the judge of this program says of each.
#pragma once

#include "core/base/json.h"
#include "core/jose/algorithm.h"
#include "core/realm.h"
#include "core/token_drill/drill_case.h"
#include "core/users/user.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

// What tokens made with the database's keys live for, at most.
inline constexpr Seconds drill_life{60};

struct FixtureOrder {
    // Of the service, the first of several that it answers to; default: the realm's own.
    std::vector<std::string> audiences{};
    Json claims = Json::object();      // further ones of every token; none that claim_is_reserved
    std::optional<UserRef> disabled{}; // somebody disabled, for the token of one
    std::string purpose;               // for the audit trail: the event
    Json detail = Json::object();      // and what it tells besides
};

// Keys that are made for the tokens, and that no database trusts.
struct KitOrder {
    Algorithm algorithm{};
    Seconds life = std::chrono::days{1}; // of the controls
};

struct Fixture {
    const DrillCase* rule = nullptr;
    std::string token;
    std::string reason; // why `token verify` refuses it; "" where it does not
};

struct Fixtures {
    User user;
    std::string issuer;
    std::vector<std::string> audiences;
    std::string algorithm;
    std::string kid; // "" for a shared secret
    bool kit = false;
    Time made_at;
    Time expires_at; // of the controls
    Json key_set;    // what verifies them: public, but for the shared secret of a kit
    std::vector<Fixture> tokens{};
    std::vector<std::string> sessions{}; // which vouch for them in the database
};

// By the database's keys. Controls live drill_life, in a session of the user that ends with them;
// all else is refused by every verifier that the rule is for. Opens sessions, keeps two dead keys
// in the database, and says in the trail what for. In a test database the tokens of one second are
// the same each time, but for those of RSA-PSS. Fails as issue_token, and with usage where
// `disabled` is not.
[[nodiscard]] Result<Fixtures> make_fixtures(Realm& realm, const UserRef& ref,
                                             const FixtureOrder& order);
// By keys made now, or in a test database from `seed`: then they are the same each time, unless
// they are RSA's. No sessions, nor what only the database can know.
[[nodiscard]] Result<Fixtures> make_kit(Realm& realm, const UserRef& ref, const FixtureOrder& order,
                                        const KitOrder& kit, std::string_view seed);

// Ends the sessions, once the tokens have served.
void end_fixture_sessions(Realm& realm, const std::vector<std::string>& sessions);

} // namespace auth
