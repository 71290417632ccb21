#include "core/accounts/credentials.h"
#include "core/accounts/hash_census.h"
#include "core/audit/audit.h"
#include "core/base/file_state.h"
#include "core/base/given_secret.h"
#include "core/base/text.h"
#include "core/keys/signing_key.h"
#include "core/keys/signing_keys_table.h"
#include "core/mail/mail_settings.h"
#include "core/mail/outbox_table.h"
#include "core/settings/setting.h"
#include "core/settings/settings_table.h"
#include "core/upkeep/finding.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace auth {
namespace {

// NIST SP 800-57 part 1, section 5.3.6: a private signature key signs for one to three years.
constexpr Seconds key_life{366 * 86400};

// The database's own settings, which opening it for this passed over where they are wrong.
void look_at_settings(Examination& examination) {
    const Realm& realm = examination.realm;
    const SettingTexts kept = settings_table::load(realm.database);
    for (Finding& shadow : shadowed_settings(kept, examination.variable))
        examination.add(std::move(shadow));
    for (const auto& [name, value] : kept) {
        const auto definition = find_setting(name);
        const auto good = definition ? canonical_setting(**definition, value, realm.test)
                                     : Result<std::string>(value);
        const NextStep repair{"config unset", {name}};
        if (!definition)
            examination.add({"setting_unknown", Severity::warning, name,
                             fmt::format("the database has a setting {}, which this version does"
                                         " not know",
                                         in_quotes(name)),
                             "install the version that set it"});
        else if (!good)
            examination.add(
                {"setting_invalid", Severity::error, name, good.error().message, repair});
    }
    if (const Status cost = check_password_cost(realm); !cost)
        examination.add({"password_cost", Severity::error, "password.memory", cost.error().message,
                         NextStep{"config unset", {"password.memory"}}});
}

Status mend_census(Realm& realm) {
    Transaction transaction(realm.database);
    recount_hashes(realm.database);
    record(realm, {"database_repaired", "hash_census", true, {{"finding", "hash_census"}}});
    transaction.commit();
    return {};
}

void look_at_hashes(Examination& examination) {
    Realm& realm = examination.realm;
    const HashCount counted_hashes = count_hashes(realm.database);
    if (!counted_hashes.as_the_census_says)
        examination.add({"hash_census", Severity::warning, "hash_census",
                         "the census of password hashes is not true, so logins may take too long"
                         " or tell by their time who is there",
                         run_fix, [&realm] { return mend_census(realm); }});
    for (const auto& [kind, users] : counted_hashes.kinds) {
        const std::string what = fmt::format("{} ({})", kind.scheme, kind.cost);
        if (kind.scheme == "unknown")
            examination.add({"unreadable_hashes", Severity::error, "passwords",
                             fmt::format("{} cannot log in: their password hash cannot be read",
                                         counted(users, "user")),
                             NextStep{"reset", {"EMAIL", "--by-operator", "--generate-password"}}});
        else if (kind.test_cost && !realm.test)
            examination.add({"test_cost_hashes", Severity::error, what,
                             fmt::format("{} cannot log in: a hash by {} is too cheap for a normal"
                                         " database",
                                         counted(users, "user"), what),
                             NextStep{"reset", {"EMAIL", "--by-operator", "--generate-password"}}});
        else if (kind.strength == HashStrength::weak && !realm.test)
            examination.add({"weak_hashes", Severity::warning, what,
                             fmt::format("{} still {} a hash by {}, which is quick to guess; a"
                                         " login replaces it",
                                         counted(users, "user"), users == 1 ? "has" : "have", what),
                             std::vector{NextStep{"list", {"--where", "hash=weak"}},
                                         NextStep{"update", {"EMAIL", "--must-change-password"}}}});
    }
}

bool signs_after(const KeyRecord& key, const std::string& algorithm, Time at) {
    return key.algorithm == algorithm && key.has_private && !key.revoked_at &&
           key.signs_from <= at && (!key.signs_until || *key.signs_until > at);
}

// The key that signs now: how old it is, and whether another one follows it.
void look_at_key(Examination& examination, const KeyRecord& key) {
    Realm& realm = examination.realm;
    const Seconds age = realm.now() - key.signs_from;
    if (age > key_life)
        examination.add(
            {"old_signing_key", Severity::warning, key.kid,
             fmt::format("the key {} has been signing for {} days", key.kid, age.count() / 86400),
             NextStep{"key rotate"}});
    if (!key.signs_until)
        return;
    const auto keys = signing_keys_table::list(realm.database);
    if (std::none_of(keys.begin(), keys.end(), [&](const KeyRecord& other) {
            return signs_after(other, key.algorithm, *key.signs_until);
        }))
        examination.add({"signing_ends", Severity::warning, key.kid,
                         fmt::format("no key signs after {} has retired, {}", key.kid,
                                     relative(*key.signs_until, realm.now())),
                         NextStep{"key create", {"--alg", key.algorithm}}});
}

void look_at_signing(Examination& examination) {
    Realm& realm = examination.realm;
    const std::string algorithm = realm.settings.get(setting<"token.algorithm">);
    const auto signing = signing_record(realm);
    const auto key = [&]() -> Result<SigningKey> {
        try {
            return current_signing_key(realm);
        } catch (const Failure& failure) {
            return fail(failure.error());
        }
    }();
    if (key) {
        if (signing)
            look_at_key(examination, *signing);
        return;
    }
    const Error& why = key.error();
    const std::string object = signing ? signing->kid : algorithm;
    if (why.reason == "weak_secret")
        examination.add({"weak_secret", Severity::error,
                         realm.settings.get(setting<"token.secret_file">), why.message, why.hint});
    else if (why.code == ErrorCode::not_found)
        examination.add({"no_signing_key", Severity::error, object, why.message, why.hint});
    else if (why.code == ErrorCode::database_corrupt)
        examination.add({"signing_key_damaged", Severity::error, object,
                         fmt::format("the private half of the key {} was altered", object),
                         NextStep{"key rotate"}});
    else if (why.code != ErrorCode::key_mismatch && why.code != ErrorCode::unsafe_permissions)
        examination.add({"no_signing_key", Severity::error, object, why.message,
                         why.hint.or_else(NextStep{"config get", {"token.secret_file"}})});
}

void look_at_transport(Examination& examination) {
    const Settings& settings = examination.realm.settings;
    const auto say = [&](const Error& why) {
        examination.add({"mail_unusable", Severity::error,
                         why.field.empty() ? "mail.transport" : why.field, why.message,
                         why.hint.or_else(NextStep{"outbox test", {"EMAIL"}})});
    };
    for (const auto& named : {setting<"mail.templates">, setting<"mail.smtp_password_file">,
                              setting<"mail.smtp_token_command">, setting<"mail.smtp_ca_file">})
        if (settings.given(named))
            if (const Status usable = check_mail_settings(settings, named); !usable)
                return say(usable.error());
    if (const Status usable = check_mail_settings(settings, setting<"mail.transport">); !usable)
        return say(usable.error());
    const std::filesystem::path directory = settings.get(setting<"mail.directory">);
    const FileState state = file_state(directory);
    if (settings.get(setting<"mail.transport">) == "file" && !directory.empty() && state.present &&
        !state.directory)
        say(error(ErrorCode::usage, fmt::format("mail.directory {} is not a directory",
                                                in_quotes(directory.string())))
                .with_field("mail.directory")
                .with_hint(NextStep{"config unset", {"mail.directory"}}));
}

// Mounted secrets keep the mode that they are given: whoever mounts them has to know.
void look_at_given_secrets(Examination& examination) {
    for (const auto& named : {setting<"mail.smtp_password_file">, setting<"token.secret_file">}) {
        const std::string file = examination.realm.settings.get(named);
        if (!file.empty() && is_open_to_all(file))
            examination.add({"secret_open_to_all", Severity::warning, file,
                             fmt::format("every user of this machine can read the secret in {}",
                                         in_quotes(file)),
                             NextStep{"config get", {std::string(named.name())}}});
    }
}

void look_at_outbox(Examination& examination) {
    const auto failing = outbox_table::failing(examination.realm.database);
    if (failing.mails > 0)
        examination.add({"mail_failing", Severity::warning, "outbox",
                         fmt::format("{} could not be sent so far, the latest because of {}",
                                     counted(failing.mails, "mail"), in_quotes(failing.error)),
                         NextStep{"outbox send"}});
}

constexpr auto checks_of_policy =
    std::to_array<Check>({{"the database's settings", look_at_settings},
                          {"password hashes", look_at_hashes},
                          {"signing keys", look_at_signing},
                          {"the mail transport", look_at_transport},
                          {"secrets in files", look_at_given_secrets},
                          {"mails that were not sent", look_at_outbox}});

} // namespace

std::span<const Check> policy_checks() {
    return checks_of_policy;
}

} // namespace auth
