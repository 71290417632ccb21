#include "core/provisioning/seed_file.h"

#include "core/accounts/accounts.h"
#include "core/accounts/attempts_table.h"
#include "core/accounts/enrolment.h"
#include "core/accounts/totp_secret.h"
#include "core/accounts/verification.h"
#include "core/base/digest.h"
#include "core/base/encoding.h"
#include "core/passwords/password.h"
#include "core/provisioning/apply_manifest.h"
#include "core/settings/setting.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace auth {
namespace {

constexpr std::array<std::pair<std::string_view, SeedState>, 4> seed_states{{
    {"locked", SeedState::locked},
    {"disabled", SeedState::disabled},
    {"unverified", SeedState::unverified},
    {"code_expired", SeedState::code_expired},
}};

// Stands still, in the past.
class EarlierClock final : public Clock {
  public:
    explicit EarlierClock(Time now) : now_(now) {}
    [[nodiscard]] Time now() const override { return now_; }
    void sleep(std::chrono::milliseconds) const override {}

  private:
    Time now_;
};

Error unfit_seed(const std::string& path, std::string_view wanted) {
    return error(ErrorCode::usage, fmt::format("{} must be {}", path, wanted)).with_field(path);
}

// Takes a text out of the user; nothing where there is none.
Result<std::optional<std::string>> take_text(Json& user, const std::string& path,
                                             const std::string& name, std::string_view wanted) {
    const auto found = user.find(name);
    if (found == user.end())
        return std::nullopt;
    if (!found->is_string() || found->get_ref<const std::string&>().empty())
        return fail(unfit_seed(fmt::format("{}.{}", path, name), wanted));
    std::string text = found->get<std::string>();
    user.erase(name);
    return std::optional(std::move(text));
}

// The same salt each time, so that the same file changes nothing.
Result<std::string> hash_for_tests(const std::string& email, const std::string& password) {
    AUTH_TRY(const Secret normalised, normalise_password(Secret(password)));
    const Secret salt(sha256("seeded password of " + email).substr(0, 16));
    return hash_password(normalised, test_password_cost, salt);
}

Status take_password(Json& user, const std::string& path) {
    AUTH_TRY(const auto password, take_text(user, path, "password", "text that is not empty"));
    if (!password)
        return {};
    if (user.contains("credentials"))
        return fail(unfit_seed(path, "with one of password and credentials"));
    auto hash = hash_for_tests(text_member(user, "email"), *password);
    if (!hash)
        return fail(at_path(path + ".password", std::move(hash).error()));
    user["credentials"] = {{"password_hash", *hash}};
    return {};
}

Status take_totp(Json& user, const std::string& path, SeedPerson& person) {
    constexpr std::string_view wanted = "a secret in base32";
    AUTH_TRY(const auto secret, take_text(user, path, "totp_secret", wanted));
    if (!secret)
        return {};
    auto bytes = from_base32(*secret);
    if (!bytes)
        return fail(unfit_seed(path + ".totp_secret", wanted));
    person.totp_secret.emplace(*bytes);
    return {};
}

Status take_state(Json& user, const std::string& path, SeedPerson& person) {
    const auto found = user.find("state");
    if (found != user.end() && *found != "present") {
        const auto* const state = std::ranges::find_if(
            seed_states, [&](const auto& entry) { return *found == entry.first; });
        if (state == seed_states.end())
            return fail(unfit_seed(path + ".state",
                                   "locked, disabled, unverified, code_expired or present"));
        person.state = state->second;
        user.erase("state");
    }
    if (person.state == SeedState::disabled)
        user["disabled"] = true;
    const bool waits =
        person.state == SeedState::unverified || person.state == SeedState::code_expired;
    if (waits || !user.contains("verified"))
        user["verified"] = !waits;
    return {};
}

Result<SeedPerson> take_person(Json& user, const std::string& path) {
    SeedPerson person;
    if (!user.is_object())
        return person; // which the manifest's reader refuses
    AUTH_CHECK(take_password(user, path));
    AUTH_CHECK(take_totp(user, path, person));
    AUTH_CHECK(take_state(user, path, person));
    return person;
}

Result<bool> settle(Realm& realm, const DeclaredUser& declared, const SeedPerson& person) {
    AUTH_TRY(const User user, require_user(realm, declared.email));
    bool changed = false;
    if (person.totp_secret) {
        const auto held = find_totp(realm, user.id, totp_table::State::confirmed);
        if (!held || held->totp.secret.reveal() != person.totp_secret->reveal()) {
            AUTH_CHECK(adopt_totp(realm, user, Totp{.secret = person.totp_secret->copy()}));
            changed = true;
        }
    }
    if (person.state == SeedState::locked)
        attempts_table::put(realm.database, address_mac(realm, user.email_key),
                            {.failures = lock_at, .blocked_until = locked_for_good});
    if (person.state == SeedState::code_expired) {
        EarlierClock clock(realm.now() - realm.settings.get(setting<"codes.ttl">) - Seconds(1));
        Realm earlier{.database = realm.database,
                      .vault = realm.vault,
                      .settings = realm.settings,
                      .clock = clock,
                      .random = realm.random,
                      .actor = realm.actor,
                      .test = realm.test,
                      .dry_run = realm.dry_run,
                      .operated = realm.operated,
                      .place = realm.place,
                      .typed = realm.typed,
                      .posted = realm.posted};
        post_verification(earlier, user);
    }
    return changed;
}

} // namespace

Result<SeedFile> read_seed_file(std::string_view text, const ParseYaml& parse_yaml) {
    const std::size_t start = text.find_first_not_of(" \t\r\n");
    const bool json = start != std::string_view::npos && text[start] == '{';
    AUTH_TRY(Json document, json ? parse_json(text) : parse_yaml(text));
    SeedFile file;
    if (document.is_object() && !document.contains("owner"))
        document["owner"] = "seed";
    if (const auto users = document.find("users"); users != document.end() && users->is_array())
        for (std::size_t i = 0; i < users->size(); ++i) {
            AUTH_TRY(SeedPerson person, take_person((*users)[i], path_of_user(i)));
            file.people.push_back(std::move(person));
        }
    AUTH_TRY(file.manifest, read_manifest(document));
    return file;
}

Result<std::int64_t> seed_from(Realm& realm, const SeedFile& file,
                               const std::filesystem::path& directory) {
    Transaction transaction(realm.database);
    ApplyOptions how;
    how.directory = directory;
    AUTH_TRY(const std::vector<Change> changes, apply(realm, file.manifest, how));
    auto changed = static_cast<std::int64_t>(changes.size());
    for (std::size_t i = 0; i < file.people.size(); ++i) {
        AUTH_TRY(const bool more, settle(realm, file.manifest.users[i], file.people[i]));
        const std::string& email = file.manifest.users[i].email.canonical();
        const bool told = std::ranges::any_of(changes, [&](const Change& change) {
            return change.kind == "user" && change.name == email;
        });
        changed += more && !told ? 1 : 0;
    }
    transaction.commit();
    return changed;
}

} // namespace auth
