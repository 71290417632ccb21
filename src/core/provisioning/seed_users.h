// People for test databases: the same for the same seed and clock on every machine.
#pragma once

#include "core/base/random.h"
#include "core/formats/user_record.h"
#include "core/realm.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

struct SeedPlan {
    std::string seed;
    std::int64_t count = 0;
    Time now;
};

// One after another, with ids and passwords; most are verified, a few disabled, some have roles.
// Their names are of several scripts, their addresses ASCII and of RFC 2606's domains.
[[nodiscard]] std::unique_ptr<UserReader> seed_people(const SeedPlan& plan);

// Tokens for people who exist, signed by a key that comes of the seed as well (EdDSA, whose
// signatures are deterministic, RFC 8032), so that they are the same everywhere.
class SeedTokens {
  public:
    // Takes the key into the database. Call inside a Transaction, as next().
    [[nodiscard]] static Result<SeedTokens> begin(Realm& realm, const SeedPlan& plan);
    SeedTokens(SeedTokens&&) noexcept;
    SeedTokens& operator=(SeedTokens&&) = delete;
    ~SeedTokens();

    // Lives for `life`. Fails as issue_token.
    [[nodiscard]] Result<Secret> next(const UserRecord& person, Seconds life);

  private:
    struct State;
    explicit SeedTokens(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

// One person of the fixtures as JSON, with the password and, where there is one, the token.
[[nodiscard]] std::string fixture(const UserRecord& person, std::string_view id,
                                  const Secret* token);

} // namespace auth
