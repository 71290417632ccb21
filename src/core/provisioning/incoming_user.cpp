#include "core/provisioning/incoming_user.h"

#include "core/accounts/credentials.h"
#include "core/base/ids.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/codes/otpauth.h"
#include "core/passwords/forms.h"
#include "core/users/linked_identity.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace auth {
namespace {

constexpr std::size_t most_identities = 1000; // more is no user but work

Result<Attributes> read_attributes(const std::string& text) {
    Attributes attributes;
    if (text.empty() || text == "{}")
        return attributes;
    AUTH_TRY(const Json object, parse_json(text));
    for (const auto& [key, value] : object.items())
        attributes[key] = value.get<std::string>();
    return attributes;
}

std::optional<std::string> unless_empty(std::optional<std::string>& text) {
    return text && !text->empty() ? std::move(text) : std::nullopt;
}

class Judge {
  public:
    Judge(UserRecord& record, const ImportRules& rules, Random& random, IncomingUser& out)
        : record_(record), rules_(rules), random_(random), out_(out) {}

    Status judge() {
        AUTH_CHECK(identity());
        AUTH_CHECK(profile());
        AUTH_CHECK(roles());
        AUTH_CHECK(state());
        AUTH_CHECK(credentials());
        AUTH_CHECK(identities());
        return {};
    }

  private:
    Status identity() {
        AUTH_TRY(const Email email, Email::parse(record_.email, Email::Dots::odd));
        out_.user.email = email.original();
        out_.user.email_key = email.canonical();
        if (record_.id) {
            AUTH_TRY(const UserId id, UserId::parse(*record_.id));
            out_.user.id = id.text();
        }
        return {};
    }

    Status profile() {
        ProfileChange change{std::move(static_cast<Profile&>(record_)), {}};
        if (record_.attributes) {
            AUTH_TRY(change.attributes, read_attributes(*record_.attributes));
        }
        AUTH_CHECK(check_profile(change));
        if (rules_.on_conflict == OnConflict::update)
            out_.profile = change;
        User& user = out_.user;
        for (const ProfileField& field : profile_fields)
            user.*field.place = unless_empty(change.*field.place);
        user.attributes = std::move(change.attributes);
        std::erase_if(user.attributes, [](const auto& entry) { return entry.second.empty(); });
        return {};
    }

    Status roles() {
        if (!record_.roles)
            return {};
        out_.sets_roles = true;
        for (const std::string& text : *record_.roles) {
            auto role = RoleName::parse(text);
            if (!role)
                return fail(std::move(role).error().with_hint(
                    "--role-names THEIRS=OURS says what it is called here"));
            out_.user.roles.push_back(role->text());
        }
        std::sort(out_.user.roles.begin(), out_.user.roles.end());
        out_.user.roles.erase(std::unique(out_.user.roles.begin(), out_.user.roles.end()),
                              out_.user.roles.end());
        return {};
    }

    Status state() {
        User& user = out_.user;
        user.created_at = record_.created_at.value_or(rules_.now);
        user.updated_at = record_.updated_at.value_or(user.created_at);
        user.last_login_at = record_.last_login_at;
        out_.verified = record_.verified;
        if (record_.verified.value_or(record_.verified_at.has_value())) {
            user.verified_at = record_.verified_at.value_or(rules_.now);
            out_.verified = true;
        }
        if (record_.disabled.value_or(record_.disabled_at.has_value())) {
            user.disabled_at = record_.disabled_at.value_or(rules_.now);
            AUTH_TRY(user.disabled_reason,
                     parse_line("disabled_reason", record_.disabled_reason.value_or("")));
        }
        user.must_change_password = record_.must_change_password.value_or(false);
        out_.disabled = record_.disabled;
        out_.must_change_password = record_.must_change_password;
        return {};
    }

    Status credentials() {
        out_.password_changed_at = record_.password_changed_at.value_or(rules_.now);
        out_.password_set_by = "operator";
        if (record_.totp) {
            AUTH_TRY(out_.totp, parse_totp());
        }
        AUTH_CHECK(set_by());
        if (record_.password)
            return take_password();
        Status taken = record_.hash_error      ? fail(*record_.hash_error)
                       : record_.password_hash ? take_hash()
                                               : Status();
        if (!taken && rules_.drop_unusable_hashes) {
            ++record_.left_behind["unusable_hashes"];
            return {};
        }
        return taken;
    }

    Status identities() {
        if (!record_.identities)
            return {};
        out_.sets_identities = true;
        if (record_.identities->size() > most_identities)
            return fail(error(ErrorCode::usage,
                              fmt::format("no user has more than {} identities", most_identities))
                            .with_field("identities"));
        out_.identities = *std::move(record_.identities);
        for (const IdentityRecord& identity : out_.identities)
            AUTH_CHECK(check_identity(identity));
        return {};
    }

    static Status check_identity(const IdentityRecord& identity) {
        const auto wrong = [](std::string message) {
            return fail(error(ErrorCode::usage, std::move(message)).with_field("identities"));
        };
        if (identity.issuer.empty() && identity.provider.empty())
            return wrong("an identity names neither issuer nor provider");
        if (!is_subject(identity.subject))
            return wrong(
                fmt::format("{} is not a subject of a provider: it takes 1 to 255 printable"
                            " ASCII characters",
                            in_quotes(identity.subject)));
        return {};
    }

    Result<Totp> parse_totp() {
        auto totp = parse_otpauth_uri(record_.totp->reveal(), true);
        if (!totp)
            return fail(std::move(totp).error().with_field("totp"));
        return totp;
    }

    Status take_hash() {
        AUTH_TRY(KnownHash known, accept_hash(*record_.password_hash, rules_.test));
        out_.password_hash = std::move(known.stored);
        out_.password_kind = std::move(known.kind);
        return {};
    }

    Status set_by() {
        if (!record_.password_set_by || !record_.password_hash)
            return {};
        const std::string& by = *record_.password_set_by;
        if (by != "signup" && by != "subject" && by != "operator")
            return fail(
                error(ErrorCode::usage, "password_set_by is 'signup', 'subject' or 'operator'")
                    .with_field("password_set_by"));
        out_.password_set_by = by;
        return {};
    }

    Status take_password() {
        AUTH_TRY(const Secret normalised, normalise_password(*record_.password));
        if (Status checked = check_password(normalised, rules_.policy, own_words(out_.user));
            !checked) {
            if (checked.error().reason == "password_is_hash")
                checked.error().hint = "put hashes into the field password_hash";
            return checked;
        }
        std::string hash = hash_password(normalised, rules_.cost, random_);
        out_.password_kind = *inspect_hash(hash);
        const bool updates = rules_.on_conflict == OnConflict::update;
        if (updates)
            out_.password = std::move(record_.password);
        (updates ? out_.new_hash : out_.password_hash) = std::move(hash);
        return {};
    }

    UserRecord& record_;
    const ImportRules& rules_;
    Random& random_;
    IncomingUser& out_;
};

} // namespace

void judge_record(UserRecord& record, const ImportRules& rules, Random& random, IncomingUser& out) {
    out.line = record.line;
    out.email = record.email;
    if (record.error) {
        out.error = std::move(record.error);
        return;
    }
    if (!record.is_user) {
        out.is_user = false;
        out.left_behind = std::move(record.left_behind);
        return;
    }
    out.refused = apply_permissions(record, rules.permissions);
    if (!out.refused.empty())
        out.error = not_allowed(out.refused)
                        .with_hint(permission_hint(rules.again, rules.recognised, out.refused));
    else if (auto judged = Judge(record, rules, random, out).judge(); !judged)
        out.error = std::move(judged).error();
    out.left_behind = std::move(record.left_behind);
}

} // namespace auth
