#include "core/provisioning/user_import_writer.h"

#include "core/accounts/credentials.h"
#include "core/accounts/passwords_table.h"
#include "core/accounts/totp_secret.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/codes/code.h"
#include "core/users/identities_table.h"
#include "core/users/roles_table.h"
#include "core/users/users_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

Error taken(std::string_view field, std::string_view value, std::string whom) {
    return error(ErrorCode::exists, fmt::format("the {} {} is taken", field, in_quotes(value)))
        .with_field(std::string(field))
        .with_hint(NextStep{"show", {std::move(whom)}});
}

std::string detail_of(const IncomingUser& incoming) {
    std::string detail = fmt::format(R"({{"by":"import","line":{},"verified":{},"roles":[)",
                                     incoming.line, incoming.user.verified_at.has_value());
    for (const std::string& role : incoming.user.roles) {
        if (&role != &incoming.user.roles.front())
            detail += ',';
        append_json_string(detail, role);
    }
    return detail += "]}";
}

// Turns a flag of the row into a time of the user; says whether it changed.
bool set_since(std::optional<Time>& since, std::optional<bool> wanted, Time now) {
    if (!wanted || *wanted == since.has_value())
        return false;
    since = *wanted ? std::optional(now) : std::nullopt;
    return true;
}

// Whether their subjects are free shows only when the rows before are in.
bool any_linked(const std::vector<IncomingUser>& incoming) {
    return std::ranges::any_of(incoming, [](const auto& one) { return !one.identities.empty(); });
}

} // namespace

UserImportWriter::Rows::Rows(Database& database)
    : hopeful(users_table::bulk_insert(database, WhenTaken::none)),
      users(users_table::bulk_insert(database, WhenTaken::broken)),
      passwords(passwords_table::bulk_insert(database)), roles(users_table::bulk_grant(database)) {}

Status UserImportWriter::Rows::finish() {
    for (BulkInsert* rows : {hopeful.get(), users.get(), passwords.get(), roles.get()})
        AUTH_CHECK(rows->finish());
    return {};
}

UserImportWriter::UserImportWriter(Realm& realm, const ImportRules& rules)
    : realm_(realm), rules_(rules), ids_(realm.random, rules.now) {}

void UserImportWriter::begin() {
    audit_.emplace(realm_);
    tally_.emplace(realm_.database);
    links_.emplace(realm_);
    rows_.emplace(realm_.database);
    roles_.clear();
    for (const Role& role : roles_table::list(realm_.database))
        roles_.insert(role.name);
}

Status UserImportWriter::finish() {
    tally_->write();
    tally_.reset();
    audit_->finish();
    audit_.reset();
    AUTH_CHECK(rows_->finish());
    AUTH_CHECK(links_->finish());
    rows_.reset();
    links_.reset();
    return {};
}

void UserImportWriter::write(std::vector<IncomingUser>& incoming, std::vector<RowResult>& results) {
    for (IncomingUser& user : incoming)
        check_roles(user);
    if (hopeful_ && !any_linked(incoming) && insert_all(incoming)) {
        for (IncomingUser& user : incoming)
            results.push_back(write_one(user, Known::inserted));
        return;
    }
    write_in_turn(incoming, results);
}

void UserImportWriter::write_in_turn(std::vector<IncomingUser>& incoming,
                                     std::vector<RowResult>& results) {
    hopeful_ = true;
    std::size_t ahead = incoming.size();
    std::vector<bool> taken;
    for (std::size_t i = 0, looked_from = 0; i < incoming.size(); ++i) {
        if (i == looked_from + taken.size()) {
            const std::size_t count = std::min(ahead, incoming.size() - i);
            taken = look(std::span(incoming).subspan(i, count));
            looked_from = i;
        }
        const Known known = taken[i - looked_from] ? Known::taken : Known::free;
        hopeful_ = hopeful_ && known == Known::free;
        names_moved_ = false;
        const bool broken = incoming[i].error.has_value();
        results.push_back(write_one(incoming[i], known));
        // The rows after were compared with a user who is not there, or has another name now.
        const bool missing =
            known == Known::free && !broken && results.back().outcome == RowOutcome::failed;
        if (missing || names_moved_) {
            ahead = 1;
            taken.resize(i - looked_from + 1);
        }
    }
}

// Whether another user has what each of them names.
std::vector<bool> UserImportWriter::look(std::span<const IncomingUser> incoming) {
    std::vector<const User*> users;
    for (const IncomingUser& one : incoming)
        if (!one.error)
            users.push_back(&one.user);
    const std::vector<bool> found = users_table::taken(realm_.database, users);
    std::vector<bool> taken;
    auto next = found.begin();
    for (const IncomingUser& one : incoming)
        taken.push_back(!one.error && *next++);
    return taken;
}

void UserImportWriter::check_roles(IncomingUser& incoming) {
    if (incoming.error)
        return;
    if (auto made = make_roles(incoming); !made)
        incoming.error = std::move(made).error();
}

// Most often nobody is there already, and the engine says so at once.
bool UserImportWriter::insert_all(std::vector<IncomingUser>& incoming) {
    std::vector<IncomingUser*> numbered;
    for (IncomingUser& one : incoming) {
        if (one.error)
            continue;
        if (one.user.id.empty()) {
            one.user.id = ids_.next();
            numbered.push_back(&one);
        }
        users_table::add(*rows_->hopeful, one.user);
    }
    if (rows_->hopeful->finish())
        return true;
    for (IncomingUser* one : numbered)
        one->user.id.clear();
    return false;
}

RowResult UserImportWriter::write_one(IncomingUser& incoming, Known known) {
    RowResult result;
    result.line = incoming.line;
    result.refused = std::move(incoming.refused);
    if (incoming.error) {
        result.error = std::move(incoming.error);
    } else if (auto outcome = put(incoming, known, result); outcome) {
        result.outcome = *outcome;
        result.id = std::move(incoming.user.id);
    } else {
        result.error = std::move(outcome).error();
    }
    result.email = std::move(incoming.email);
    return result;
}

Status UserImportWriter::make_roles(const IncomingUser& incoming) {
    for (const std::string& name : incoming.user.roles) {
        if (roles_.contains(name))
            continue;
        if (!rules_.create_roles) {
            const std::vector<std::string> known(roles_.begin(), roles_.end());
            return fail(
                error(ErrorCode::not_found, fmt::format("there is no role {}", in_quotes(name)))
                    .with_field("roles")
                    .with_hint(did_you_mean(name, known, "--create-roles makes it")));
        }
        roles_table::insert(realm_.database, {name, "", rules_.now});
        audit_->record({"role_created", name});
        roles_.insert(name);
    }
    return {};
}

Result<RowOutcome> UserImportWriter::put(IncomingUser& incoming, Known known, RowResult& result) {
    if (known == Known::taken)
        return meet(incoming, result);
    if (known == Known::free) {
        AUTH_CHECK(links_->check(incoming.identities, ""));
        if (incoming.user.id.empty())
            incoming.user.id = ids_.next();
        users_table::add(*rows_->users, incoming.user);
    }
    add(incoming);
    return RowOutcome::created;
}

void UserImportWriter::add(IncomingUser& incoming) {
    const User& user = incoming.user;
    if (incoming.password_hash) {
        tally_->add(*incoming.password_kind, 1);
        passwords_table::add(*rows_->passwords, user.id,
                             {*std::move(incoming.password_hash), incoming.password_set_by,
                              incoming.password_changed_at});
    }
    if (incoming.totp)
        store_totp(realm_, user.id, totp_table::State::confirmed, *incoming.totp, 0,
                   incoming.password_set_by);
    for (const std::string& role : user.roles)
        rows_->roles->add(user.id, role);
    audit_->record("user_created", user.id, detail_of(incoming));
    links_->add(incoming.identities, user.id, incoming.line, *audit_);
}

// Fails where somebody else is called so.
Status UserImportWriter::check_username(const IncomingUser& incoming, std::string_view id) {
    if (!incoming.user.username)
        return {};
    AUTH_TRY(const Username username, Username::parse(*incoming.user.username));
    const auto other = users_table::find(realm_.database, UserRef(username));
    if (other && other->id != id)
        return fail(taken("username", username.original(), "@" + username.canonical()));
    return {};
}

// Something about the row is there already.
Result<RowOutcome> UserImportWriter::meet(IncomingUser& incoming, RowResult& result) {
    const auto present = users_table::find_by_email_key(realm_.database, incoming.user.email_key);
    if (!present) {
        AUTH_CHECK(check_username(incoming, ""));
        return fail(taken("id", incoming.user.id, "id:" + incoming.user.id));
    }
    switch (rules_.on_conflict) {
    case OnConflict::fail:
        return fail(
            error(ErrorCode::exists, fmt::format("{} already exists", in_quotes(incoming.email)))
                .with_field("email")
                .with_hint("--on-conflict skip, or --on-conflict update"));
    case OnConflict::skip:
        incoming.user.id = present->id;
        return RowOutcome::skipped;
    case OnConflict::update:
        return update(*present, incoming, result);
    }
    return RowOutcome::failed;
}

bool UserImportWriter::can_log_in(const User& user) {
    return passwords_table::find(realm_.database, user.id) ||
           find_totp(realm_, user.id, totp_table::State::confirmed) ||
           !identities_table::of_user(realm_.database, user.id).empty();
}

bool UserImportWriter::may_change(Right right, Right named, bool settled, RowResult& result) const {
    if (!settled || rules_.permissions.is_named(named))
        return true;
    result.kept.insert(right);
    return false;
}

bool UserImportWriter::new_password(User& user, const IncomingUser& incoming, bool settled,
                                    RowResult& result) {
    if (!incoming.password && !incoming.password_hash)
        return false;
    const auto stored = passwords_table::find(realm_.database, user.id);
    const bool same =
        stored && (incoming.password_hash ? stored->hash == *incoming.password_hash
                                          : verify_password(*incoming.password, stored->hash));
    if (same || !may_change(Right::hashes, Right::hashes, settled, result))
        return false;
    if (incoming.password_hash) {
        store_password(realm_, user, *incoming.password_hash, incoming.password_set_by);
    } else {
        const auto normalised = normalise_password(*incoming.password);
        store_password(realm_, user, hash_password(*normalised, rules_.cost, realm_.random),
                       "operator");
    }
    result.credentials_replaced += stored ? 1 : 0;
    return true;
}

bool UserImportWriter::new_factor(const User& user, const IncomingUser& incoming, bool settled,
                                  RowResult& result) {
    if (!incoming.totp)
        return false;
    const auto stored = find_totp(realm_, user.id, totp_table::State::confirmed);
    const bool same = stored && stored->totp.secret.reveal() == incoming.totp->secret.reveal();
    if (same || !may_change(Right::mfa, Right::hashes, settled, result))
        return false;
    store_totp(realm_, user.id, totp_table::State::confirmed, *incoming.totp, 0,
               incoming.password_set_by);
    result.credentials_replaced += stored ? 1 : 0;
    return true;
}

bool UserImportWriter::new_identities(User& user, const IncomingUser& incoming, bool settled,
                                      RowResult& result) {
    if (!incoming.sets_identities || links_->are_of(incoming.identities, user.id) ||
        !may_change(Right::identities, Right::identities, settled, result))
        return false;
    if (links_->replace(incoming.identities, user.id, incoming.line, *audit_)) {
        ++user.session_epoch; // as when an operator takes one away
        ++result.credentials_replaced;
    }
    return true;
}

std::vector<std::string> UserImportWriter::update_credentials(User& user, IncomingUser& incoming,
                                                              RowResult& result) {
    std::vector<std::string> fields;
    if (!incoming.password && !incoming.password_hash && !incoming.totp &&
        !incoming.sets_identities)
        return fields;
    const bool settled = can_log_in(user);
    if (new_password(user, incoming, settled, result))
        fields.emplace_back("password");
    if (new_factor(user, incoming, settled, result))
        fields.emplace_back("totp");
    if (new_identities(user, incoming, settled, result))
        fields.emplace_back("identities");
    return fields;
}

Result<RowOutcome> UserImportWriter::update(const User& before, IncomingUser& incoming,
                                            RowResult& result) {
    AUTH_CHECK(check_username(incoming, before.id));
    AUTH_CHECK(links_->check(incoming.identities, before.id));
    if (!incoming.user.id.empty() && incoming.user.id != before.id &&
        rules_.permissions.is_named(Right::ids))
        return fail(error(ErrorCode::exists,
                          fmt::format("{} exists with another id", in_quotes(incoming.email)))
                        .with_field("id")
                        .with_hint(NextStep{"show", {"id:" + before.id}}));
    User user = before;
    std::vector<std::string> fields = apply_profile(user, incoming.profile);
    if (set_since(user.verified_at, incoming.verified, rules_.now))
        fields.emplace_back("verified");
    // A row lets nobody in whom an operator shut out.
    const auto stays = [&](bool barred, std::optional<bool> wanted) {
        constexpr bool settled = true;
        return barred && wanted == false &&
               !may_change(Right::enabled, Right::enabled, settled, result);
    };
    if (!stays(user.disabled_at.has_value(), incoming.disabled) &&
        set_since(user.disabled_at, incoming.disabled, rules_.now)) {
        fields.emplace_back("disabled");
        user.disabled_reason = user.disabled_at ? incoming.user.disabled_reason : "";
        if (user.disabled_at) {
            ++user.session_epoch;
            drop_codes(realm_, user.id);
        }
    }
    if (incoming.must_change_password.value_or(user.must_change_password) !=
            user.must_change_password &&
        !stays(user.must_change_password, incoming.must_change_password)) {
        user.must_change_password = *incoming.must_change_password;
        fields.emplace_back("must_change_password");
    }
    if (incoming.sets_roles && user.roles != incoming.user.roles) {
        for (const std::string& role : user.roles)
            (void)users_table::revoke(realm_.database, user.id, role);
        for (const std::string& role : incoming.user.roles)
            (void)users_table::grant(realm_.database, user.id, role);
        fields.emplace_back("roles");
    }
    for (std::string& field : update_credentials(user, incoming, result))
        fields.push_back(std::move(field));
    incoming.user.id = user.id;
    if (fields.empty())
        return RowOutcome::unchanged;
    user.updated_at = rules_.now;
    names_moved_ = user.username != before.username;
    users_table::update(realm_.database, user);
    audit_->record(
        {.event = "user_updated",
         .target = user.id,
         .detail = {{"by", "import"}, {"line", incoming.line}, {"fields", std::move(fields)}}});
    return RowOutcome::updated;
}

} // namespace auth
