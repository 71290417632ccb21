#include "core/users/roles.h"

#include "core/audit/audit.h"
#include "core/base/text.h"
#include "core/users/roles_table.h"
#include "core/users/user_roles_table.h"
#include "core/users/users_table.h"

#include <fmt/format.h>

namespace auth {
namespace {

Error no_such_role(Realm& realm, const RoleName& name) {
    std::vector<std::string> names;
    for (const Role& role : list_roles(realm))
        names.push_back(role.name);
    return error(ErrorCode::not_found, fmt::format("there is no role '{}'", name.text()))
        .with_field("role")
        .with_hint(did_you_mean(name.text(), names, NextStep{"role list"}));
}

using Change = bool (*)(Database&, std::string_view, std::string_view);

Result<bool> change_roles(Realm& realm, User& user, const std::vector<RoleName>& roles,
                          Change change, std::string_view event) {
    AUTH_CHECK(check_roles(realm, roles));
    Json changed = Json::array();
    for (const RoleName& role : roles)
        if (change(realm.database, user.id, role.text()))
            changed.push_back(role.text());
    if (changed.empty())
        return false;
    user.updated_at = realm.now();
    users_table::update(realm.database, user);
    record(realm, {event, user.id, true, {{"roles", changed}}});
    user = *users_table::find_by_id(realm.database, user.id);
    return true;
}

} // namespace

std::vector<Role> list_roles(Realm& realm) {
    return roles_table::list(realm.database);
}

Result<Role> find_role(Realm& realm, const RoleName& name) {
    if (auto role = roles_table::find(realm.database, name.text()))
        return *role;
    return fail(no_such_role(realm, name));
}

Status check_role(Realm& realm, const RoleName& name) {
    if (roles_table::exists(realm.database, name.text()))
        return {};
    return fail(no_such_role(realm, name));
}

Status check_roles(Realm& realm, const std::vector<RoleName>& names) {
    for (const RoleName& name : names)
        roles_table::expect_exists(realm.database, name.text());
    for (const RoleName& name : names)
        AUTH_CHECK(check_role(realm, name));
    return {};
}

Result<Role> create_role(Realm& realm, const RoleName& name, std::string_view description) {
    AUTH_TRY(const std::string line, parse_line("description", description));
    Transaction transaction(realm.database);
    if (roles_table::find(realm.database, name.text()))
        return fail(
            error(ErrorCode::exists, fmt::format("the role '{}' already exists", name.text()))
                .with_field("role")
                .with_hint(NextStep{"role list"}));
    const Role role{name.text(), line, realm.now(), 0};
    roles_table::insert(realm.database, role);
    record(realm, {"role_created", role.name});
    transaction.commit();
    return role;
}

Result<bool> describe_role(Realm& realm, const RoleName& name, std::string_view description) {
    AUTH_TRY(const std::string line, parse_line("description", description));
    Transaction transaction(realm.database);
    AUTH_TRY(const Role role, find_role(realm, name));
    if (role.description == line)
        return false;
    roles_table::describe(realm.database, role.name, line);
    record(realm, {"role_updated", role.name});
    transaction.commit();
    return true;
}

Result<Role> delete_role(Realm& realm, const RoleName& name) {
    Transaction transaction(realm.database);
    AUTH_TRY(Role role, find_role(realm, name));
    roles_table::remove(realm.database, role.name);
    record(realm, {"role_deleted", role.name, true, {{"users", role.users}}});
    transaction.commit();
    return role;
}

Result<bool> grant_roles(Realm& realm, User& user, const std::vector<RoleName>& roles) {
    return change_roles(realm, user, roles, user_roles_table::grant, "privilege_granted");
}

Result<bool> revoke_roles(Realm& realm, User& user, const std::vector<RoleName>& roles) {
    return change_roles(realm, user, roles, user_roles_table::revoke, "privilege_revoked");
}

} // namespace auth
