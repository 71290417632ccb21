#include "core/base/text.h"
#include "core/formats/csv_dialect.h"
#include "core/formats/json_shape.h"
#include "core/formats/record_fields.h"
#include "core/formats/user_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace auth {
namespace {

using Names = std::vector<std::string>;

bool has(const Names& names, std::string_view wanted) {
    return std::find(names.begin(), names.end(), wanted) != names.end();
}

bool has_any(const Names& names, std::initializer_list<std::string_view> wanted) {
    return std::any_of(wanted.begin(), wanted.end(),
                       [&](std::string_view name) { return has(names, name); });
}

tl::unexpected<Error> unknown(std::string what) {
    return fail(error(ErrorCode::usage, fmt::format("cannot detect the format: {}", what))
                    .with_hint(fmt::format("say it with --from {}", fmt::join(format_names(), "|")))
                    .with_field("from"));
}

// By the members of a user. What only one system has comes first.
std::optional<ImportFormat> by_members(const Names& names) {
    if (has(names, "model") && has(names, "fields"))
        return ImportFormat::django;
    if (has(names, "localId"))
        return ImportFormat::firebase;
    if (has(names, "traits"))
        return ImportFormat::kratos;
    if (has_any(names, {"encrypted_password", "raw_user_meta_data", "email_confirmed_at"}))
        return ImportFormat::supabase;
    if (has_any(names, {"emailVerified", "createdTimestamp", "realmRoles", "credentials",
                        "requiredActions"}))
        return ImportFormat::keycloak;
    if (has_any(names, {"email_verified", "user_metadata", "app_metadata", "custom_password_hash",
                        "mfa_factors", "user_id"}))
        return ImportFormat::auth0;
    if (has(names, "user_login"))
        return ImportFormat::wordpress;
    if (has(names, "email"))
        return ImportFormat::jsonl;
    return std::nullopt;
}

Result<ImportFormat> detect_json(const JsonOutline& outline) {
    if (outline.opener == '{' && has(outline.members, "realm"))
        return ImportFormat::keycloak;
    Names members = outline.members;
    for (const char* const collection : {"", "users", "identities"}) {
        if (has(members, "email"))
            break; // a user, who may have a list of that name
        if (const auto found = outline.elements.find(collection); found != outline.elements.end()) {
            const JsonOutline element = outline_json(found->second);
            if (element.opener == ']')
                return ImportFormat::jsonl; // nobody, in any format
            members = element.members;
        }
    }
    if (const auto format = by_members(members))
        return *format;
    if (members.empty())
        return unknown("the file is JSON but contains no user objects");
    members.resize(std::min<std::size_t>(members.size(), 8));
    return unknown(fmt::format("this is JSON, and its first user has the members {}",
                               printable(fmt::format("{}", fmt::join(members, ", ")))));
}

// The first line that says anything; "" for none. In LDIF a comment goes on behind a space.
std::string_view first_line(std::string_view head) {
    while (!head.empty()) {
        const std::string_view line = head.substr(0, head.find('\n'));
        if (line.find_first_not_of(" \t\r") != std::string_view::npos && !line.starts_with('#') &&
            !line.starts_with(' '))
            return line.substr(0, line.find_last_not_of(" \t\r") + 1);
        head.remove_prefix(std::min(line.size() + 1, head.size()));
    }
    return head;
}

std::optional<ImportFormat> by_columns(std::string_view head) {
    const Names columns = csv_names(head);
    Names keys;
    for (const std::string& name : columns)
        keys.push_back(column_key(name));
    if (has_any(columns, {"encrypted_password", "raw_user_meta_data"}))
        return ImportFormat::supabase;
    if (has(columns, "user_login") && has(columns, "user_email"))
        return ImportFormat::wordpress;
    if (has(columns, "hash") && has_any(columns, {"email", "username"}))
        return ImportFormat::passlib_csv;
    if (has(keys, "email"))
        return ImportFormat::csv;
    // No header, and the third of many columns says whether the address is verified.
    constexpr std::size_t firebase_columns = 26;
    if (columns.size() >= firebase_columns && (columns[2] == "true" || columns[2] == "false"))
        return ImportFormat::firebase;
    return std::nullopt;
}

// The keys of a YAML mapping as far as "users", and "-" behind that where it is a list.
Names yaml_keys(std::string_view head) {
    Names keys;
    for (const std::string& line : split(head, '\n')) {
        const std::string_view text = trimmed(line, white_space);
        if (text.empty() || text.starts_with('#') || text == "---")
            continue;
        if (has(keys, "users")) {
            if (text.starts_with('-'))
                keys.emplace_back("-");
            break;
        }
        const bool nested = line.starts_with(' ') || line.starts_with('-');
        if (!nested && text.find(':') != std::string_view::npos)
            keys.emplace_back(text.substr(0, text.find(':')));
        else if (!nested)
            break;
    }
    return keys;
}

bool all_digits(std::string_view text) {
    return text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::optional<ImportFormat> by_colons(std::string_view line) {
    const Names fields = split(line, ':');
    const auto number = [&](std::size_t i) { return all_digits(fields[i]); };
    // Only Dovecot has names of schemes before hashes of all kinds, and fields behind the shell.
    const bool named =
        fields.size() > 1 && fields[1].starts_with('{') && fields[1].find('}') != std::string::npos;
    if (named && (fields.size() > 2 || !fields[1].starts_with("{SHA}")))
        return ImportFormat::dovecot;
    if (fields.size() == 8 && number(2) && number(3) && fields[1].starts_with('$'))
        return ImportFormat::dovecot;
    if (fields.size() == 9 && number(2) && number(3) && number(4) && number(7))
        return ImportFormat::shadow;
    if (fields.size() == 7 && !fields[2].empty() && number(2) && !fields[3].empty() && number(3))
        return ImportFormat::shadow; // passwd(5)
    constexpr std::size_t des_crypt = 13;
    if (fields.size() == 2 && !fields[0].empty() &&
        (fields[1].starts_with('$') || fields[1].starts_with("{SHA}") ||
         fields[1].size() == des_crypt))
        return ImportFormat::htpasswd;
    return std::nullopt;
}

std::optional<ImportFormat> by_name(std::string_view file_name) {
    const std::string name = lower_ascii(file_name);
    if (name.ends_with(".csv"))
        return ImportFormat::csv;
    if (name.ends_with(".ldif"))
        return ImportFormat::ldif;
    if (name.ends_with(".jsonl") || name.ends_with(".ndjson") || name.ends_with(".json"))
        return ImportFormat::jsonl;
    if (name.ends_with("htpasswd"))
        return ImportFormat::htpasswd;
    return std::nullopt;
}

} // namespace

Result<ImportFormat> detect_format(std::string_view head, std::string_view file_name) {
    if (head.starts_with(byte_order_mark))
        head.remove_prefix(byte_order_mark.size());
    const JsonOutline outline = outline_json(head);
    if (outline.opener == '{' || outline.opener == '[')
        return detect_json(outline);
    const std::string_view line = first_line(head);
    if (line.starts_with("dn:") || line.starts_with("version:"))
        return ImportFormat::ldif;
    if (const auto keys = yaml_keys(head); has(keys, "users")) {
        if (keys.back() == "-")
            return fail(error(ErrorCode::usage, "the file is a manifest")
                            .with_hint(NextStep{"apply",
                                                {std::string(file_name.empty() ? "-" : file_name)}})
                            .with_field("from"));
        return ImportFormat::authelia;
    }
    if (const auto format = by_columns(head))
        return *format;
    if (const auto format = by_colons(line))
        return *format;
    if (auto failure = text_before_json(head))
        return fail(*std::move(failure));
    if (const auto format = by_name(file_name))
        return *format;
    if (line.empty())
        return unknown("the file is empty");
    // No more than a name: what follows may be a secret.
    const std::string_view start =
        line.substr(0, std::min<std::size_t>(line.find_first_of(":,; \t"), 20));
    return unknown(fmt::format("its first line starts with {}", in_quotes(start)));
}

} // namespace auth
