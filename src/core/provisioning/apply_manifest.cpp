#include "core/provisioning/apply_manifest.h"

#include "core/accounts/accounts.h"
#include "core/accounts/credentials.h"
#include "core/audit/audit.h"
#include "core/codes/code.h"
#include "core/provisioning/applied_table.h"
#include "core/provisioning/declared_passwords.h"
#include "core/users/roles_table.h"
#include "core/users/users_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace auth {
namespace {

using applied_table::AppliedRole;
using applied_table::AppliedUser;

UserRef by_id(const User& user) {
    return *UserId::parse(user.id);
}

// The manifest's user, and what is known of it in the database.
struct Subject {
    std::size_t index;
    const DeclaredUser& declared;
    std::optional<User> before;
    std::optional<AppliedUser> applied{};
};

class Application {
  public:
    Application(Realm& realm, const Manifest& manifest, bool prune, DeclaredPasswords& passwords)
        : realm_(realm), manifest_(manifest), prune_(prune), passwords_(passwords) {}

    // Users go before others come, so that a username may pass from one to another.
    Result<std::vector<Change>> run() {
        AUTH_CHECK(put_roles());
        find_subjects();
        AUTH_CHECK(remove_users());
        release_usernames();
        for (const Subject& subject : subjects_)
            AUTH_CHECK(put_user(subject));
        AUTH_CHECK(remove_roles());
        return std::move(changes_);
    }

  private:
    Status put_roles() {
        for (const DeclaredRole& role : manifest_.roles) {
            if (role.absent)
                continue;
            const std::string& name = role.name.text();
            const auto present = roles_table::find(realm_.database, name);
            const std::string wanted =
                role.description.value_or(present ? present->description : "");
            Change change{present ? ChangeAction::update : ChangeAction::create, "role", name};
            const auto shown = [](const std::string& text) {
                return text.empty() ? FieldValue() : FieldValue(text);
            };
            const std::string before = present ? present->description : "";
            if (wanted != before)
                change.fields.push_back({"description", shown(before), shown(wanted)});
            if (!present)
                AUTH_CHECK(create_role(realm_, role.name, wanted));
            else
                AUTH_CHECK(describe_role(realm_, role.name, wanted));
            applied_table::note_role(realm_.database, manifest_.owner, {name, !present});
            if (!present || !change.fields.empty())
                changes_.push_back(std::move(change));
        }
        return {};
    }

    void find_subjects() {
        for (std::size_t i = 0; i < manifest_.users.size(); ++i) {
            const DeclaredUser& declared = manifest_.users[i];
            Subject subject{
                i, declared,
                users_table::find_by_email_key(realm_.database, declared.email.canonical())};
            if (declared.absent) {
                if (subject.before)
                    unwanted_.push_back(*subject.before);
                continue;
            }
            if (subject.before) {
                named_.insert(subject.before->id);
                subject.applied =
                    applied_table::find_user(realm_.database, manifest_.owner, subject.before->id);
            }
            subjects_.push_back(std::move(subject));
        }
    }

    Status remove_users() {
        for (const User& user : unwanted_)
            AUTH_CHECK(remove(user));
        if (!prune_)
            return {};
        for (const AppliedUser& user : applied_table::users(realm_.database, manifest_.owner)) {
            if (named_.contains(user.user_id))
                continue;
            if (!user.made ||
                applied_table::is_shared_user(realm_.database, manifest_.owner, user.user_id)) {
                applied_table::forget_user(realm_.database, manifest_.owner, user.user_id);
                continue;
            }
            AUTH_CHECK(remove(*users_table::find_by_id(realm_.database, user.user_id)));
        }
        return {};
    }

    Status remove(const User& user) {
        AUTH_CHECK(delete_user(realm_, by_id(user)));
        changes_.push_back({ChangeAction::remove, "user", user.email});
        return {};
    }

    // Two users may exchange their names.
    void release_usernames() {
        for (const Subject& subject : subjects_) {
            const auto& wanted = subject.declared.profile.username;
            if (!subject.before || !wanted || subject.before->username == wanted)
                continue;
            User user = *subject.before;
            user.username.reset();
            users_table::update(realm_.database, user); // nobody else is called nothing
        }
    }

    Status put_user(const Subject& subject) {
        for (const RoleName& role : subject.declared.roles.value_or(std::vector<RoleName>()))
            if (auto found = check_role(realm_, role); !found)
                return fail(without_role(subject, std::move(found).error()));
        User user = subject.before ? *subject.before : fresh_user(realm_, subject.declared.email);
        AppliedUser applied =
            subject.applied.value_or(AppliedUser{user.id, !subject.before.has_value()});
        AUTH_TRY(const auto hash, passwords_.due(subject.index, user, applied.credential_mac));
        AUTH_CHECK(set_plain_fields(subject, user, applied, hash.has_value()));
        if (subject.before)
            AUTH_CHECK(set_disabled(subject.declared, user));
        AUTH_CHECK(set_roles(subject.declared, user));
        if (hash)
            set_password(user, *hash);
        if (auto mac = passwords_.mac(subject.index))
            applied.credential_mac = std::move(mac);
        if (subject.applied != applied)
            applied_table::put_user(realm_.database, manifest_.owner, applied);
        note(subject, user, hash.has_value());
        return {};
    }

    static Error without_role(const Subject& subject, Error failure) {
        const std::string path = path_of_user(subject.index) + ".roles";
        failure.message = fmt::format("{}: {}", path, failure.message);
        failure.field = path;
        if (!failure.hint.steps.empty())
            failure.hint = "declare it under roles";
        return failure;
    }

    // What needs no act of its own. A new user is written as a whole.
    Status set_plain_fields(const Subject& subject, User& user, AppliedUser& applied,
                            bool new_password) {
        const DeclaredUser& declared = subject.declared;
        std::vector<std::string> fields = apply_profile(user, declared.profile);
        if (declared.verified && *declared.verified != user.verified_at.has_value()) {
            user.verified_at = *declared.verified ? std::optional(realm_.now()) : std::nullopt;
            fields.emplace_back("verified");
        }
        if (must_change_anew(declared, applied, new_password) &&
            user.must_change_password != *declared.must_change_password) {
            user.must_change_password = *declared.must_change_password;
            fields.emplace_back("must_change_password");
        }
        if (declared.must_change_password)
            applied.must_change = *declared.must_change_password;
        if (!subject.before) {
            if (declared.disabled.value_or(false))
                user.disabled_at = user.created_at;
            AUTH_CHECK(users_table::insert(realm_.database, user));
            record(realm_, {.event = "user_created",
                            .target = user.id,
                            .detail = {{"by", "apply"},
                                       {"owner", manifest_.owner},
                                       {"verified", user.verified_at.has_value()}}});
        } else if (!fields.empty()) {
            user.updated_at = realm_.now();
            if (!subject.before->verified_at && user.verified_at)
                drop_codes(realm_, user.id);
            AUTH_CHECK(users_table::rename(realm_.database, user));
            record(realm_,
                   {.event = "user_updated",
                    .target = user.id,
                    .detail = {{"by", "apply"}, {"owner", manifest_.owner}, {"fields", fields}}});
        }
        return {};
    }

    // Whoever was asked once, and has chosen a password since, is not asked again.
    static bool must_change_anew(const DeclaredUser& declared, const AppliedUser& applied,
                                 bool new_password) {
        return declared.must_change_password &&
               (!*declared.must_change_password || !applied.must_change || new_password);
    }

    Status set_disabled(const DeclaredUser& declared, User& user) {
        if (!declared.disabled)
            return {};
        AUTH_TRY(Updated updated, auth::set_disabled(realm_, by_id(user), *declared.disabled, ""));
        user = std::move(updated.user);
        return {};
    }

    Status set_roles(const DeclaredUser& declared, User& user) {
        if (!declared.roles)
            return {};
        const std::vector<RoleName>& wanted = *declared.roles;
        std::vector<RoleName> extra;
        for (const std::string& name : user.roles) {
            AUTH_TRY(const RoleName role, RoleName::parse(name));
            if (std::find(wanted.begin(), wanted.end(), role) == wanted.end())
                extra.push_back(role);
        }
        AUTH_CHECK(revoke_roles(realm_, user, extra));
        AUTH_CHECK(grant_roles(realm_, user, wanted));
        return {};
    }

    void set_password(User& user, const std::string& hash) {
        store_password(realm_, user, hash, "operator");
        users_table::update(realm_.database, user);
        record(realm_, {"authn_password_change", user.id, true, {{"by", "apply"}}});
    }

    void note(const Subject& subject, const User& user, bool new_password) {
        Change change{subject.before ? ChangeAction::update : ChangeAction::create, "user",
                      user.email, difference(subject.before, user)};
        if (new_password)
            change.fields.push_back({"password"});
        if (!subject.before || !change.fields.empty())
            changes_.push_back(std::move(change));
    }

    // Last, when users have let go of them.
    Status remove_roles() {
        std::set<std::string> named;
        for (const DeclaredRole& role : manifest_.roles) {
            if (!role.absent)
                named.insert(role.name.text());
            else if (roles_table::find(realm_.database, role.name.text()))
                AUTH_CHECK(remove(role.name));
        }
        if (!prune_)
            return {};
        for (const Subject& subject : subjects_)
            for (const RoleName& role : subject.declared.roles.value_or(std::vector<RoleName>()))
                named.insert(role.text());
        for (const AppliedRole& role : applied_table::roles(realm_.database, manifest_.owner)) {
            if (named.contains(role.role))
                continue;
            if (!role.made ||
                applied_table::is_shared_role(realm_.database, manifest_.owner, role.role)) {
                applied_table::forget_role(realm_.database, manifest_.owner, role.role);
                continue;
            }
            AUTH_TRY(const RoleName name, RoleName::parse(role.role));
            AUTH_CHECK(remove(name));
        }
        return {};
    }

    Status remove(const RoleName& name) {
        AUTH_TRY(const Role role, delete_role(realm_, name));
        Change change{ChangeAction::remove, "role", role.name};
        if (role.users > 0)
            change.fields.push_back({"users", role.users, std::int64_t{0}});
        changes_.push_back(std::move(change));
        return {};
    }

    Realm& realm_;
    const Manifest& manifest_;
    bool prune_;
    DeclaredPasswords& passwords_;
    std::vector<Subject> subjects_;
    std::vector<User> unwanted_;
    std::set<std::string> named_; // ids
    std::vector<Change> changes_;
};

} // namespace

Result<std::vector<Change>> apply(Realm& realm, const Manifest& manifest,
                                  const ApplyOptions& options) {
    // The slow part, before anybody has to wait for the lock.
    DeclaredPasswords passwords(realm, manifest, options.directory, options.open_to_all);
    AUTH_CHECK(passwords.prepare(options.threads));
    Transaction transaction(realm.database);
    AUTH_TRY(auto changes, Application(realm, manifest, options.prune, passwords).run());
    AUTH_CHECK(passwords.write_files());
    transaction.commit();
    passwords.keep_files();
    return changes;
}

} // namespace auth
