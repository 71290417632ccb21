// The members of each kind of document, in order: what --fields and --field may name.
#pragma once

#include "core/profile/profile.h"

#include <array>
#include <string_view>

namespace auth::fields {

using std::string_view;
inline constexpr auto user = joined(
    std::to_array<string_view>({"schema", "id", "email"}), profile_names,
    std::to_array<string_view>({"roles", "attributes", "verified", "disabled", "disabled_reason",
                                "must_change_password", "mfa", "locked_until", "created_at",
                                "updated_at", "last_login_at"}));
// What show adds: whom the user is at providers.
inline constexpr auto user_detail = joined(user, std::to_array<string_view>({"identities"}));
inline constexpr auto user_mutation =
    joined(user, std::to_array<string_view>({"changed", "generated_password", "next"}));
inline constexpr auto request = std::to_array<string_view>({"schema", "email", "kind", "changed"});
// What verify and reset answer: a user, or that a code was asked for.
inline constexpr auto user_or_request = joined(user_mutation, std::to_array<string_view>({"kind"}));
inline constexpr auto whoami =
    joined(user, std::to_array<string_view>({"session", "expires_at", "expires_in"}));
inline constexpr auto users = joined(user, std::to_array<string_view>({"count"}));
inline constexpr auto login =
    std::to_array<string_view>({"schema", "user", "session", "token_type", "expires_in",
                                "expires_at", "token_file", "access_token", "refresh_token"});
// What login answers: a session, or that a link was asked for.
inline constexpr auto login_or_request =
    joined(login, std::to_array<string_view>({"email", "kind", "changed"}));
inline constexpr auto login_change = joined(login, std::to_array<string_view>({"changed"}));
// auth-cli.access/1, and Kubernetes' ExecCredential.
inline constexpr auto access =
    std::to_array<string_view>({"schema", "access_token", "token_type", "expires_in", "expires_at",
                                "apiVersion", "kind", "spec", "status"});
// auth-cli.revocation/1: what token revoke ended; the token file that it removed, or null.
inline constexpr auto revocation =
    std::to_array<string_view>({"schema", "session_id", "user_id", "changed", "token_file"});
// auth-cli.sessions/1; `state` is live, idle, expired, revoked or ended, `current` says that it is
// the stored login's.
inline constexpr auto sessions =
    std::to_array<string_view>({"id", "user_id", "email", "kind", "created_at", "used_at",
                                "idle_expires_at", "expires_at", "state", "reason", "current"});
inline constexpr auto session_changes = joined(sessions, std::to_array<string_view>({"changed"}));
inline constexpr std::array<string_view, 0> none;
inline constexpr auto logout = std::to_array<string_view>({"schema", "changed", "everywhere"});
inline constexpr auto token =
    std::to_array<string_view>({"schema", "header", "claims", "signature", "status", "expires_at",
                                "expires_in", "problems", "payload", "payload_base64url", "line"});
// What token decode adds; session and user are null unless the signature is valid and ours.
inline constexpr auto token_look =
    joined(token, std::to_array<string_view>({"key", "session", "user", "unusual"}));
inline constexpr auto key = std::to_array<string_view>(
    {"schema", "kid", "known_as", "algorithm", "state", "signs", "private", "imported", "issuer",
     "created_at", "signs_from", "signs_until", "verifies_until", "revoked_at"});
inline constexpr auto key_change =
    joined(key, std::to_array<string_view>({"changed", "successor", "retired", "secret_file"}));
// A JWK set, one JWK, PEM, or what was written for a static issuer.
inline constexpr auto key_export =
    std::to_array<string_view>({"keys", "kty", "crv", "x", "y", "n", "e", "kid", "alg", "use",
                                "schema", "pem", "issuer", "files", "changed"});
inline constexpr auto issued = std::to_array<string_view>(
    {"schema", "user", "session", "token_type", "expires_in", "expires_at", "access_token"});
inline constexpr auto import_results =
    std::to_array<string_view>({"line", "email", "id", "result", "kept", "error"});
inline constexpr auto exported = std::to_array<string_view>({"schema", "file", "format", "users"});
inline constexpr auto seeded =
    std::to_array<string_view>({"schema", "seed", "created", "skipped", "file", "changed"});
// auth-cli.totp/1
inline constexpr auto totp_export = std::to_array<string_view>(
    {"schema", "email", "uri", "secret", "algorithm", "digits", "period", "qr_file", "state"});
inline constexpr auto totp =
    joined(totp_export, std::to_array<string_view>({"recovery_codes", "changed", "next"}));
inline constexpr auto recovery_codes =
    std::to_array<string_view>({"schema", "email", "recovery_codes", "changed"});
inline constexpr auto plan = std::to_array<string_view>({"schema", "owner", "changed", "changes"});
inline constexpr auto role =
    std::to_array<string_view>({"schema", "name", "description", "users", "created_at", "changed"});
inline constexpr auto provider = std::to_array<string_view>(
    {"schema", "name", "issuer", "client_id", "confidential", "scope", "domains", "redirect_path",
     "auto_create", "link_verified_email", "users", "created_at", "changed"});
inline constexpr auto mail = std::to_array<string_view>(
    {"schema", "id", "to", "kind", "subject", "code", "link", "body", "html", "created_at", "state",
     "attempts", "next_attempt_at", "error"});
inline constexpr auto mails = std::to_array<string_view>(
    {"id", "to", "kind", "subject", "created_at", "state", "attempts", "next_attempt_at", "error"});
// auth-cli.sends/1; how many had each result is beside the records.
inline constexpr auto sends = std::to_array<string_view>(
    {"id", "to", "kind", "result", "error", "detail", "next_attempt_at"});
inline constexpr auto mail_test =
    std::to_array<string_view>({"schema", "to", "transport", "message_id", "changed"});
inline constexpr auto purge = std::to_array<string_view>({"schema", "removed", "changed"});
inline constexpr auto database = std::to_array<string_view>(
    {"schema", "location", "engine", "database_id", "test", "schema_version", "created_at", "users",
     "hashes", "signing_keys", "audit_rows", "bytes", "key_file", "key_from", "key_matches",
     "changed"});
inline constexpr auto hash = std::to_array<string_view>(
    {"schema", "scheme", "cost", "strength", "milliseconds", "accepted", "reason", "rehash"});
inline constexpr auto calibration =
    std::to_array<string_view>({"schema", "target", "recommended", "current", "next"});
inline constexpr auto migration =
    std::to_array<string_view>({"schema", "schema_version", "changed"});
inline constexpr auto copy = std::to_array<string_view>(
    {"schema", "target", "key_file", "rows", "tables", "audit_head", "changed"});
inline constexpr auto rekey = std::to_array<string_view>(
    {"schema", "state", "key_file", "old_key_file", "sealed", "counters", "dropped_counters",
     "recovery_codes", "void_codes", "void_links", "forgotten_places", "changed"});
inline constexpr auto check = std::to_array<string_view>({"schema", "problems"});
// auth-cli.backup/1 and auth-cli.restore/1
inline constexpr auto backup = std::to_array<string_view>(
    {"schema", "file", "bytes", "database_id", "key_file", "key_copy", "changed"});
inline constexpr auto restore = std::to_array<string_view>(
    {"schema", "file", "location", "database_id", "test", "schema_version", "users", "audit_rows",
     "ended_sessions", "sealed", "differences", "key_file", "kept_aside", "changed"});
// auth-cli.doctor/1; how many there are of each severity is beside the records.
inline constexpr auto doctor = std::to_array<string_view>(
    {"code", "severity", "object", "message", "repair", "fixable", "fixed"});
// auth-cli.explanation/1
inline constexpr auto explanation = std::to_array<string_view>(
    {"schema", "email", "id", "can_log_in", "stopped_by", "gates", "password", "attempts", "codes",
     "second_factor", "roles", "live_sessions", "last_login_at"});
inline constexpr auto audit = std::to_array<string_view>(
    {"seq", "at", "actor", "event", "target", "result", "detail", "hash"});
inline constexpr auto audit_check = std::to_array<string_view>({"schema", "rows"});
inline constexpr auto audit_head = std::to_array<string_view>({"schema", "seq", "hash"});
inline constexpr auto setting = std::to_array<string_view>(
    {"schema", "name", "value", "source", "default", "kept_in", "meaning", "changed"});
inline constexpr auto version = std::to_array<string_view>({"schema", "version", "libraries"});
inline constexpr auto completion = std::to_array<string_view>({"schema", "shell", "script"});
inline constexpr auto help = std::to_array<string_view>(
    {"schema", "commands", "global_flags", "exit_codes", "topics", "settings", "path", "group",
     "summary", "mutates", "arguments", "flags", "examples", "fields"});

} // namespace auth::fields
