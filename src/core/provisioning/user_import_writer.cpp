#include "core/provisioning/user_import_writer.h"

#include "core/accounts/imported_credentials.h"
#include "core/accounts/passwords_table.h"
#include "core/accounts/totp_secret.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/users/roles_table.h"
#include "core/users/user_roles_table.h"
#include "core/users/users_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

std::string detail_of(const IncomingUser& incoming) {
    std::string detail = R"({"by":"import","line":)";
    detail += std::to_string(incoming.line);
    detail += incoming.user.verified_at ? R"(,"verified":true,"roles":[)"
                                        : R"(,"verified":false,"roles":[)";
    for (const std::string& role : incoming.user.roles) {
        if (&role != &incoming.user.roles.front())
            detail += ',';
        append_json_string(detail, role);
    }
    return detail += "]}";
}

// Whether their subjects are free shows only when the rows before are in.
bool any_linked(const std::vector<IncomingUser>& incoming) {
    return std::ranges::any_of(incoming, [](const auto& one) { return !one.identities.empty(); });
}

} // namespace

UserImportWriter::Rows::Rows(Database& database)
    : unseen(users_table::bulk_insert(database, WhenTaken::none)),
      users(users_table::bulk_insert(database, WhenTaken::broken)),
      passwords(passwords_table::bulk_insert(database)),
      roles(user_roles_table::bulk_insert(database)),
      said(imported_credentials_table::bulk_insert(database)) {}

Status UserImportWriter::Rows::finish() {
    for (BulkInsert* rows : {unseen.get(), users.get(), passwords.get(), roles.get(), said.get()})
        AUTH_CHECK(rows->finish());
    return {};
}

UserImportWriter::UserImportWriter(Realm& realm, const ImportRules& rules,
                                   std::shared_ptr<RowIndex> index)
    : realm_(realm), rules_(rules), index_(std::move(index)), ids_(realm.random, rules.now) {}

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
    for (IncomingUser& user : incoming) {
        check_address(user);
        check_roles(user);
    }
    if (all_free_ && !any_linked(incoming) && insert_all(incoming)) {
        for (IncomingUser& user : incoming)
            results.push_back(write_one(user, Known::inserted));
        return;
    }
    write_in_turn(incoming, results);
}

void UserImportWriter::check_address(IncomingUser& incoming) {
    std::optional<Email> of_wrong_row; // which has an address all the same
    if (incoming.error)
        if (auto email = Email::parse(incoming.email, Email::Dots::odd))
            of_wrong_row = *std::move(email);
    const std::string_view key = of_wrong_row ? of_wrong_row->canonical() : incoming.user.email_key;
    if (key.empty() || !incoming.is_user)
        return;
    const auto earlier = index_->put(key, incoming.line);
    if (earlier && !incoming.error)
        incoming.error =
            error(ErrorCode::exists, fmt::format("{} is the same address as on line {}",
                                                 in_quotes(incoming.email), *earlier))
                .with_field("email");
}

// By somebody of this file, or by somebody who was there before.
Error UserImportWriter::taken(const IncomingUser& incoming, std::string_view field,
                              std::string_view value, std::string whom,
                              const std::optional<User>& other) const {
    auto line = other ? index_->find(other->email_key) : std::nullopt;
    if (line && *line >= incoming.line)
        line.reset();
    Error out =
        error(ErrorCode::exists, fmt::format("the {} {} is taken{}", field, in_quotes(value),
                                             line ? fmt::format(", by line {}", *line) : ""))
            .with_field(std::string(field));
    if (!line)
        out.hint = NextStep{"show", {std::move(whom)}};
    return out;
}

void UserImportWriter::write_in_turn(std::vector<IncomingUser>& incoming,
                                     std::vector<RowResult>& results) {
    all_free_ = true;
    std::size_t at_once = incoming.size();
    std::vector<bool> taken;
    for (std::size_t i = 0, looked_from = 0; i < incoming.size(); ++i) {
        if (i == looked_from + taken.size()) {
            const std::size_t count = std::min(at_once, incoming.size() - i);
            taken = look(std::span(incoming).subspan(i, count));
            looked_from = i;
        }
        const Known known = taken[i - looked_from] ? Known::taken : Known::free;
        all_free_ = all_free_ && known == Known::free;
        names_moved_ = false;
        const bool broken = !incoming[i].is_to_write();
        results.push_back(write_one(incoming[i], known));
        // The rows after were compared with a user who is not there, or has another name now.
        const bool missing =
            known == Known::free && !broken && results.back().outcome == RowOutcome::failed;
        if (missing || names_moved_) {
            at_once = 1;
            taken.resize(i - looked_from + 1);
        }
    }
}

// Whether another user has what each of them names.
std::vector<bool> UserImportWriter::look(std::span<const IncomingUser> incoming) {
    std::vector<const User*> users;
    for (const IncomingUser& one : incoming)
        if (one.is_to_write())
            users.push_back(&one.user);
    const std::vector<bool> found = users_table::taken(realm_.database, users);
    std::vector<bool> taken;
    auto next = found.begin();
    for (const IncomingUser& one : incoming)
        taken.push_back(one.is_to_write() && *next++);
    return taken;
}

void UserImportWriter::check_roles(IncomingUser& incoming) {
    if (!incoming.is_to_write())
        return;
    if (auto made = make_roles(incoming); !made)
        incoming.error = std::move(made).error();
}

// Most often none of them is taken, and the engine says so in one go.
bool UserImportWriter::insert_all(std::vector<IncomingUser>& incoming) {
    std::vector<IncomingUser*> numbered;
    for (IncomingUser& one : incoming) {
        if (!one.is_to_write())
            continue;
        if (one.user.id.empty()) {
            one.user.id = ids_.next();
            numbered.push_back(&one);
        }
        users_table::add(*rows_->unseen, one.user);
    }
    if (rows_->unseen->finish())
        return true;
    for (IncomingUser* one : numbered)
        one->user.id.clear();
    return false;
}

RowResult UserImportWriter::write_one(IncomingUser& incoming, Known known) {
    RowResult result;
    result.line = incoming.line;
    result.refused = std::move(incoming.refused);
    result.left_behind = std::move(incoming.left_behind);
    if (incoming.error) {
        result.error = std::move(incoming.error);
    } else if (!incoming.is_user) {
        result.outcome = RowOutcome::left_behind;
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
    auto& hash = incoming.password_hash ? incoming.password_hash : incoming.new_hash;
    if (hash) {
        tally_->add(*incoming.password_kind, 1);
        passwords_table::add(*rows_->passwords, user.id,
                             {.hash = *std::move(hash),
                              .set_by = incoming.password_set_by,
                              .changed_at = incoming.password_changed_at,
                              .from_file = true},
                             incoming.password_kind->strength);
    }
    imported_credentials_table::Row said;
    said.must_change = user.must_change_password;
    if (incoming.totp)
        said.totp_mac = imported_totp_mac(realm_, *incoming.totp);
    if (said != imported_credentials_table::Row())
        imported_credentials_table::add(*rows_->said, user.id, said);
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
        return fail(
            taken(incoming, "username", username.original(), "@" + username.canonical(), other));
    return {};
}

} // namespace auth
