#include "core/settings/settings.h"

#include "core/base/host.h"
#include "core/base/ids.h"
#include "core/base/json.h"
#include "core/base/mailbox.h"
#include "core/base/text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace auth {
namespace {

using enum SettingKind;
using enum SettingScope;

constexpr std::int64_t minute = 60;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;

constexpr auto definitions = std::to_array<SettingDefinition>({
    {"db", path, user, "", "AUTH_CLI_DB", 0, 0, "",
     "the database: a file, or the URL of a PostgreSQL server"},
    {"profile", SettingKind::name, user, "default", "AUTH_CLI_PROFILE", 0, 0, "",
     "name of the token file"},
    {"key_file", path, user, "", "AUTH_CLI_KEY_FILE", 0, 0, "", "the database's key file"},
    {"token_file", path, user, "", "AUTH_CLI_TOKEN_FILE", 0, 0, "", "where login keeps the token"},
    {"password_file", path, user, "", "AUTH_CLI_PASSWORD_FILE", 0, 0, "",
     "file to read a password from"},
    {"output", choice, user, "text", "AUTH_CLI_OUTPUT", 0, 0, "text|json|jsonl|plain",
     "form of the output"},
    {"color", choice, user, "auto", "", 0, 0, "auto|always|never", "colour on terminals"},
    {"time_format", choice, user, "", "", 0, 0, "rfc3339|local|relative|epoch",
     "how text output shows times"},
    {"no_input", boolean, user, "false", "AUTH_CLI_NO_INPUT", 0, 0, "", "never ask questions"},
    {"codes.digits", integer, database, "7", "", 4, 10, "", "digits of a mailed code"},
    {"codes.ttl", duration, database, "10m", "", 1, hour, "", "life of a mailed code"},
    {"codes.tries", integer, database, "5", "", 1, 5, "", "wrong tries that burn a code"},
    {"codes.resend_gap", duration, database, "1m", "", minute, day, "",
     "least time between two requested codes"},
    {"codes.resends_per_hour", integer, database, "5", "", 0, 5, "",
     "codes an address may request in an hour"},
    {"lockout.waits", boolean, database, "true", "", 1, 1, "",
     "make repeated failures wait; off only in test databases"},
    {"mail.transport", choice, database, "outbox", "", 0, 0, "outbox|smtp|sendmail|file",
     "where mails go"},
    {"mail.from", mailbox, database, "auth-cli@localhost", "", 0, 0, "",
     "sender of mails: an address, or NAME <ADDRESS>"},
    {"mail.smtp_host", host, database, "", "", 0, 0, "", "the mail server"},
    {"mail.smtp_port", integer, database, "", "", 1, 65535, "",
     "its port; default: 587, with tls 465, with none 25"},
    {"mail.smtp_security", choice, database, "starttls", "", 0, 0, "starttls|tls|none",
     "how the connection to it is protected; none: not, only on this machine"},
    {"mail.smtp_plaintext", boolean, database, "false", "", 0, 0, "",
     "allow mail.smtp_security none to other machines, for everybody on the way to read"},
    {"mail.smtp_user", text, database, "", "", 0, 0, "", "who logs in to the mail server"},
    {"mail.smtp_password_file", path, database, "", "", 0, 0, "",
     "file of mode 600 with the password for that"},
    {"mail.smtp_ca_file", path, database, "", "", 0, 0, "",
     "certificates (PEM) that vouch for the mail server; default: the system's"},
    {"mail.sendmail_path", path, database, "/usr/sbin/sendmail", "", 0, 0, "",
     "program of the sendmail transport"},
    {"mail.directory", path, database, "", "", 0, 0, "",
     "maildir of the file transport; default: outbox beside the database"},
    {"mail.timeout", duration, database, "15s", "", 1, 5 * minute, "",
     "longest time that handing over one mail may take"},
    {"mail.templates", path, database, "", "", 0, 0, "",
     "directory of own words: verify.subject, verify.txt, verify.html and the like"},
    {"links.ttl", duration, database, "10m", "", 1, hour, "", "life of a mailed link"},
    {"links.base_url", web_address, database, "", "", 0, 0, "",
     "page that mailed links lead to, https; default: the mail names the command"},
    {"federation.wait", duration, database, "5m", "", 10, 5 * minute, "",
     "how long a log-in waits for the browser"},
    {"federation.timeout", duration, database, "15s", "", 1, minute, "",
     "longest time that a provider may take for one answer"},
    {"federation.ca_file", path, database, "", "", 0, 0, "",
     "certificates to trust providers by; default: the system's"},
    {"mfa.required", users, database, "none", "", 0, 0, "",
     "who must have a second factor: none, all or role:NAME"},
    {"mfa.issuer", text, database, "auth-cli", "", 0, 0, "",
     "what authenticator apps call this place"},
    {"mail.notices", boolean, database, "", "", 0, 0, "",
     "mail users of changed passwords and new places; default: unless the transport is outbox"},
    {"password.min_length", integer, database, "15", "", 15, 128, "",
     "least length of a new password, in characters"},
    {"password.min_length_with_mfa", integer, database, "8", "", 8, 128, "",
     "the same for users who have a second factor"},
    {"password.blocklist", boolean, database, "true", "", 1, 1, "",
     "refuse passwords made of common pieces; off only in test databases"},
    {"password.blocklist_file", path, database, "", "", 0, 0, "",
     "more words to refuse, one a line"},
    {"password.memory", integer, database, "65536", "", 19456, 1048576, "",
     "Argon2id memory of new hashes, in KiB"},
    {"password.passes", integer, database, "3", "", 1, 10, "", "Argon2id passes of new hashes"},
    {"session.idle", duration, database, "10m", "", 1, hour, "", "idle time that ends a session"},
    {"session.max", duration, database, "12h", "", 1, 30 * day, "", "longest life of a session"},
    {"token.algorithm", choice, database, "ES256", "", 0, 0, "ES256|RS256|PS256|EdDSA|HS256",
     "signature of access tokens"},
    {"token.ttl", duration, database, "", "", 1, day, "",
     "life of an access token; default: session.idle"},
    {"token.issuer", text, database, "auth-cli", "", 0, 0, "", "the iss claim"},
    {"token.audience", text, database, "", "", 0, 0, "",
     "the aud claim; default: the issuer, and none with HS256"},
    {"token.secret_file", path, database, "", "AUTH_CLI_SECRET_FILE", 0, 0, "",
     "shared secret of HS256, at least 32 bytes"},
    {"token.client_id", text, database, "auth-cli", "", 0, 0, "", "the client_id claim"},
    {"token.scope", text, database, "", "", 0, 0, "",
     "the scope claim of logins, with spaces between; default: none"},
    {"token.claims", names, database, "", "", 0, 0, "",
     "what tokens tell of the user: email, name, preferred_username, attributes, with commas "
     "between"},
    {"verification.required", boolean, database, "true", "", 0, 1, "",
     "only verified users log in"},
});

std::vector<std::string> known_names() {
    std::vector<std::string> out;
    for (const SettingDefinition& definition : definitions)
        out.emplace_back(definition.name);
    return out;
}

tl::unexpected<Error> wrong(const SettingDefinition& definition, std::string_view value,
                            std::string_view want) {
    return fail(
        error(ErrorCode::usage, fmt::format("'{}' is no value for {}: {}",
                                            printable(value.substr(0, 80)), definition.name, want))
            .with_field(std::string(definition.name)));
}

Result<std::string> canonical_boolean(const SettingDefinition& definition, std::string_view value,
                                      bool relaxed) {
    const bool yes = value == "true" || value == "on" || value == "yes" || value == "1";
    const bool no = value == "false" || value == "off" || value == "no" || value == "0";
    if (!yes && !no)
        return wrong(definition, value, "want true or false");
    if (no && definition.minimum == 1 && !relaxed)
        return wrong(definition, value, "only a test database may turn it off");
    return yes ? "true" : "false";
}

Result<std::string> canonical_integer(const SettingDefinition& definition, std::string_view value,
                                      bool relaxed) {
    const auto number = parse_integer(value);
    const std::int64_t least =
        relaxed ? std::min<std::int64_t>(definition.minimum, 1) : definition.minimum;
    if (!number || *number < least || *number > definition.maximum)
        return wrong(definition, value,
                     fmt::format("want a whole number from {} to {}", least, definition.maximum));
    return std::to_string(*number);
}

Result<std::string> canonical_duration(const SettingDefinition& definition, std::string_view value,
                                       bool relaxed) {
    const auto span = parse_duration(value);
    // A wait may vanish in a test database; a life may not.
    const std::int64_t least = relaxed && definition.minimum > 1 ? 0 : definition.minimum;
    if (!span || span->count() < least || span->count() > definition.maximum)
        return wrong(definition, value,
                     fmt::format("want a duration from {} to {}", to_text(Seconds(least)),
                                 to_text(Seconds(definition.maximum))));
    return to_text(*span);
}

std::string comma_separated(std::string_view choices) {
    std::string out;
    for (const char c : choices)
        out += c == '|' ? std::string(", ") : std::string(1, c);
    return out;
}

Result<std::string> canonical_choice(const SettingDefinition& definition, std::string_view value) {
    const std::vector<std::string> choices = split(definition.choices, '|');
    if (std::find(choices.begin(), choices.end(), value) != choices.end())
        return std::string(value);
    auto refusal = wrong(definition, value,
                         fmt::format("want one of {}", comma_separated(definition.choices)));
    refusal.value().hint = did_you_mean(value, choices);
    return refusal;
}

// Part of a file's name, so nothing that leaves the directory or hides.
Result<std::string> canonical_name(const SettingDefinition& definition, std::string_view value) {
    const bool good = value.size() <= 64 && value.front() != '.' && value.front() != '-' &&
                      std::all_of(value.begin(), value.end(), [](char c) {
                          return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-';
                      });
    if (!good)
        return wrong(definition, value, "want up to 64 letters, digits, '.', '_' or '-'");
    return std::string(value);
}

Result<std::string> canonical_users(const SettingDefinition& definition, std::string_view value) {
    if (value == "none" || value == "all")
        return std::string(value);
    constexpr std::string_view prefix = "role:";
    if (!value.starts_with(prefix) || !RoleName::parse(value.substr(prefix.size())))
        return wrong(definition, value, "want none, all or role:NAME");
    return std::string(value);
}

// A mail is read in the clear often enough: what it leads to must not be.
Result<std::string> canonical_web_address(const SettingDefinition& definition,
                                          std::string_view value) {
    const bool printable_ascii =
        std::all_of(value.begin(), value.end(), [](char c) { return c > ' ' && c < '\x7f'; });
    const auto at_host = [&](std::string_view start) {
        return value.starts_with(start) &&
               (value.size() == start.size() ||
                value.find_first_of("/:?", start.size()) == start.size());
    };
    const bool safe = (value.starts_with("https://") && value.size() > 8) ||
                      at_host("http://127.0.0.1") || at_host("http://[::1]") ||
                      at_host("http://localhost");
    if (!printable_ascii || !safe || value.find('#') != std::string_view::npos)
        return wrong(definition, value, "want an address that starts with https://, without #");
    return std::string(value);
}

// Claim names, or anything else a comma can separate; none of them twice.
Result<std::string> canonical_names(const SettingDefinition& definition, std::string_view value) {
    std::vector<std::string> list = split(value, ',');
    for (const std::string& name : list)
        if (name.empty() || name.size() > 64 ||
            !std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < '\x7f'; }))
            return wrong(definition, value, "want names with commas between them, without spaces");
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
    return fmt::format("{}", fmt::join(list, ","));
}

Result<std::string> canonical_mailbox(const SettingDefinition& definition, std::string_view value) {
    const auto mailbox = Mailbox::parse(value);
    if (!mailbox)
        return wrong(definition, value, "want an address, or NAME <ADDRESS>");
    return mailbox->text();
}

Result<std::string> canonical_host(const SettingDefinition& definition, std::string_view value) {
    auto host = parse_host(value);
    if (!host)
        return wrong(definition, value, "want the name of a host, or its address");
    return host;
}

} // namespace

std::span<const SettingDefinition> setting_definitions() {
    return definitions;
}

Result<const SettingDefinition*> find_setting(std::string_view name) {
    for (const SettingDefinition& definition : definitions)
        if (definition.name == name)
            return &definition;
    const std::vector<std::string> known = known_names();
    return fail(error(ErrorCode::not_found,
                      fmt::format("there is no setting '{}'", printable(name.substr(0, 80))))
                    .with_field("setting")
                    .with_hint(did_you_mean(name, known, "auth-cli config list")));
}

Result<std::string> canonical_setting(const SettingDefinition& definition, std::string_view value,
                                      bool relaxed) {
    if (value.empty())
        return wrong(definition, value, "it is empty");
    switch (definition.kind) {
    case SettingKind::boolean:
        return canonical_boolean(definition, value, relaxed);
    case SettingKind::integer:
        return canonical_integer(definition, value, relaxed);
    case SettingKind::duration:
        return canonical_duration(definition, value, relaxed);
    case SettingKind::choice:
        return canonical_choice(definition, value);
    case SettingKind::name:
        return canonical_name(definition, value);
    case SettingKind::names:
        return canonical_names(definition, value);
    case SettingKind::users:
        return canonical_users(definition, value);
    case SettingKind::web_address:
        return canonical_web_address(definition, value);
    case SettingKind::mailbox:
        return canonical_mailbox(definition, value);
    case SettingKind::host:
        return canonical_host(definition, value);
    case SettingKind::text:
    case SettingKind::path:
        return parse_line(definition.name, value, 4096);
    }
    return std::string(value);
}

std::string_view to_name(SettingSource source) {
    switch (source) {
    case SettingSource::flag:
        return "flag";
    case SettingSource::environment:
        return "environment";
    case SettingSource::config_file:
        return "config file";
    case SettingSource::database:
        return "database";
    case SettingSource::fallback:
        return "default";
    }
    return {};
}

Result<SettingTexts> parse_config(std::string_view json) {
    AUTH_TRY(const Json document, parse_json(json));
    if (!document.is_object())
        return fail(ErrorCode::usage, "the config file must hold one JSON object");
    SettingTexts texts;
    for (const auto& [name, value] : document.items()) {
        auto definition = find_setting(name);
        if (!definition) {
            definition.error().code = ErrorCode::usage;
            return fail(definition.error());
        }
        if (!value.is_string() && !value.is_boolean() && !value.is_number_integer())
            return fail(ErrorCode::usage,
                        fmt::format("'{}' must be a string, a number or a boolean", name));
        texts[name] = value.is_string() ? value.get<std::string>() : value.dump();
    }
    return texts;
}

std::string write_config(const SettingTexts& texts) {
    Json document = Json::object();
    for (const auto& [name, value] : texts)
        document[name] = value;
    return document.dump(2) + "\n";
}

namespace {

// Where a person finds the value that is wrong.
std::string origin(SettingSource source, const SettingDefinition& definition) {
    if (source == SettingSource::environment)
        return std::string(definition.environment);
    if (source != SettingSource::flag)
        return fmt::format("the {}", to_name(source));
    std::string flag(definition.name);
    std::replace(flag.begin(), flag.end(), '_', '-');
    return "--" + flag;
}

} // namespace

Status Settings::check(bool relaxed) const {
    for (std::size_t layer = 0; layer < layers_.size(); ++layer) {
        for (const auto& [name, value] : layers_.at(layer)) {
            AUTH_TRY(const SettingDefinition* definition, find_setting(name));
            auto good = canonical_setting(*definition, value, relaxed);
            if (!good) {
                good.error().message += fmt::format(
                    " (from {})", origin(static_cast<SettingSource>(layer), *definition));
                return fail(good.error());
            }
        }
    }
    return {};
}

void Settings::drop_invalid(SettingSource source, bool relaxed) {
    std::erase_if(layers_.at(static_cast<std::size_t>(source)), [&](const auto& entry) {
        const auto definition = find_setting(entry.first);
        return !definition || !canonical_setting(**definition, entry.second, relaxed);
    });
}

void Settings::canonicalise() {
    for (SettingTexts& layer : layers_)
        for (auto& [name, value] : layer)
            if (const auto definition = find_setting(name))
                if (auto good = canonical_setting(**definition, value, true))
                    value = *std::move(good);
}

Settings::Value Settings::value(std::string_view name) const {
    for (std::size_t layer = 0; layer < layers_.size(); ++layer) {
        const auto found = layers_.at(layer).find(name);
        if (found != layers_.at(layer).end() && !found->second.empty())
            return {found->second, static_cast<SettingSource>(layer)};
    }
    const auto definition = find_setting(name);
    if (!definition)
        throw std::logic_error("no such setting: " + std::string(name));
    return {std::string((*definition)->fallback), SettingSource::fallback};
}

std::int64_t Settings::integer(std::string_view name) const {
    return std::stoll(text(name));
}

Seconds Settings::duration(std::string_view name) const {
    const auto span = parse_duration(text(name));
    return span ? *span : Seconds(0);
}

} // namespace auth
