#include "core/provisioning/import_permissions.h"

#include "core/base/text.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct RightName {
    Right right;
    std::string_view word;  // of --allow
    std::string_view field; // of a record
};

constexpr RightName names[] = {
    {Right::roles, "roles", "roles"},
    {Right::verified, "verified", "verified"},
    {Right::hashes, "hashes", "password_hash"},
    {Right::mfa, "mfa", "totp"},
    {Right::ids, "ids", "id"},
    {Right::identities, "identities", "identities"},
    {Right::enabled, "enabled", "disabled"},
};

bool sets(const UserRecord& record, Right right) {
    switch (right) {
    case Right::roles:
        return record.roles && !record.roles->empty();
    case Right::verified:
        return record.verified.value_or(record.verified_at.has_value());
    case Right::hashes:
        return record.password_hash || record.hash_error;
    case Right::mfa:
        return record.totp.has_value();
    case Right::ids:
        return record.id.has_value();
    case Right::identities:
        return record.identities && !record.identities->empty();
    case Right::enabled:
        return record.disabled == false;
    }
    return false;
}

void drop(UserRecord& record, Right right) {
    switch (right) {
    case Right::roles:
        return record.roles.reset();
    case Right::verified:
        record.verified_at.reset();
        return record.verified.reset();
    case Right::hashes:
        record.hash_error.reset();
        return record.password_hash.reset();
    case Right::mfa:
        return record.totp.reset();
    case Right::ids:
        return record.id.reset();
    case Right::identities:
        return record.identities.reset();
    case Right::enabled:
        if (record.disabled == false)
            record.disabled.reset();
        return;
    }
}

// How many values that would have been.
std::int64_t amount(const UserRecord& record, Right right) {
    if (right == Right::roles)
        return static_cast<std::int64_t>(record.roles->size());
    return right == Right::identities ? static_cast<std::int64_t>(record.identities->size()) : 1;
}

bool is_foreign(ImportFormat format) {
    return format != ImportFormat::jsonl && format != ImportFormat::csv;
}

Status name_all(ImportPermissions& permissions, const std::vector<std::string>& lists,
                Permission permission) {
    for (const std::string& list : lists)
        for (const std::string& word : split(list, ',')) {
            bool known = false;
            for (const RightName& name : names) {
                // A second factor moves with the hash beside it.
                const bool with_hash = name.right == Right::mfa && word == "hashes";
                if (word != name.word && word != "all" && !with_hash)
                    continue;
                permissions.name(name.right, permission);
                known = true;
            }
            if (!known)
                return fail(error(ErrorCode::usage,
                                  fmt::format("invalid word {}: must be one of {}", in_quotes(word),
                                              fmt::join(permission_words(), ", ")))
                                .with_field(permission == Permission::allow ? "allow" : "ignore"));
        }
    return {};
}

std::string words_of(const Rights& rights) {
    std::vector<std::string_view> words;
    for (const RightName& name : names)
        if (rights.contains(name.right))
            words.push_back(name.word);
    return fmt::format("{}", fmt::join(words, ","));
}

NextStep with_flag(NextStep step, std::string_view flag, std::string value) {
    step.arguments.emplace_back(flag);
    step.arguments.push_back(std::move(value));
    return step;
}

} // namespace

void ImportPermissions::name(Right right, Permission permission) {
    entries_.at(static_cast<std::size_t>(right)) = {permission, permission == Permission::allow};
}

void ImportPermissions::allow_all() {
    for (Entry& one : entries_)
        one.permission = Permission::allow;
}

std::vector<std::string> permission_words() {
    std::vector<std::string> words;
    for (const RightName& name : names)
        words.emplace_back(name.word);
    words.emplace_back("all");
    return words;
}

Result<ImportPermissions> import_permissions(std::optional<ImportFormat> named,
                                             const std::vector<std::string>& allow,
                                             const std::vector<std::string>& ignore) {
    ImportPermissions permissions;
    if (named && is_foreign(*named))
        permissions.allow_all();
    AUTH_CHECK(name_all(permissions, allow, Permission::allow));
    AUTH_CHECK(name_all(permissions, ignore, Permission::ignore));
    return permissions;
}

Rights apply_permissions(UserRecord& record, const ImportPermissions& permissions) {
    Rights refused;
    for (const RightName& name : names) {
        const Permission permission = permissions.of(name.right);
        // Whether there is anybody to enable is not known yet.
        const bool decided_later = name.right == Right::enabled && permission != Permission::ignore;
        if (permission == Permission::allow || decided_later)
            continue;
        if (permission == Permission::refuse && sets(record, name.right))
            refused.insert(name.right);
        else if (name.right != Right::enabled && sets(record, name.right))
            record.left_behind[std::string(name.word)] += amount(record, name.right);
        drop(record, name.right);
    }
    return refused;
}

Error not_allowed(const Rights& refused) {
    std::vector<std::string_view> fields;
    for (const RightName& name : names)
        if (refused.contains(name.right))
            fields.push_back(name.field);
    return error(ErrorCode::refused,
                 fmt::format("the row sets {} without permission", fmt::join(fields, ", ")))
        .with_reason("not_allowed")
        .with_field(fields.empty() ? "" : std::string(fields.front()));
}

NextStep allowing(NextStep again, const Rights& rights) {
    return with_flag(std::move(again), "--allow", words_of(rights));
}

Hint permission_hint(const NextStep& again, std::optional<ImportFormat> recognised,
                     const Rights& refused) {
    if (recognised && is_foreign(*recognised))
        return std::vector{with_flag(again, "--from", std::string(format_name(*recognised))),
                           allowing(again, refused)};
    return std::vector{allowing(again, refused), with_flag(again, "--ignore", words_of(refused))};
}

} // namespace auth
