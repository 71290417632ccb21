// Every setting there is, with its default and its limits.
#include "core/base/text.h"
#include "core/settings/settings.h"

#include <fmt/format.h>

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
                    .with_hint(did_you_mean(name, known, NextStep{"config list"})));
}

} // namespace auth
