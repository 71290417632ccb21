// The members of each kind of document, in order, and the kind of their values: what --fields and
// --field may name, which columns of tables are times, and what the manual lists.
#pragma once

#include "core/base/arrays.h"
#include "core/profile/profile.h"

#include <array>
#include <string_view>

namespace auth {

// Every kind may be null as well.
enum class MemberKind {
    text,
    time, // text of RFC 3339; tables show it as --time-format says
    number,
    boolean,
    object,
    list,
    any, // as the record has it
};

struct Member {
    std::string_view name;
    MemberKind kind = MemberKind::text;
};

namespace fields {

consteval Member text(std::string_view name) {
    return {name, MemberKind::text};
}
consteval Member time(std::string_view name) {
    return {name, MemberKind::time};
}
consteval Member number(std::string_view name) {
    return {name, MemberKind::number};
}
consteval Member boolean(std::string_view name) {
    return {name, MemberKind::boolean};
}
consteval Member object(std::string_view name) {
    return {name, MemberKind::object};
}
consteval Member list(std::string_view name) {
    return {name, MemberKind::list};
}
consteval Member any(std::string_view name) {
    return {name, MemberKind::any};
}

inline constexpr Member schema = text("schema");
inline constexpr auto profile =
    each_of(profile_names, [](std::string_view name) { return Member{name}; });
inline constexpr auto user =
    joined(std::array{schema, text("id"), text("email")}, profile,
           std::array{list("roles"), object("attributes"), boolean("verified"), boolean("disabled"),
                      text("disabled_reason"), boolean("must_change_password"), boolean("mfa"),
                      time("locked_until"), time("created_at"), time("updated_at"),
                      time("last_login_at")});
// What show adds: whom the user is at providers.
inline constexpr auto user_detail = joined(user, std::array{list("identities")});
inline constexpr auto user_mutation =
    joined(user, std::array{boolean("changed"), text("generated_password"), list("next")});
inline constexpr auto request = std::array{schema, text("email"), text("kind"), boolean("changed")};
// What verify and reset answer: a user, or that a code was asked for.
inline constexpr auto user_or_request = joined(user_mutation, std::array{text("kind")});
inline constexpr auto whoami =
    joined(user, std::array{object("session"), time("expires_at"), number("expires_in"),
                            text("profile"), text("profile_rule")});
inline constexpr auto users = joined(user, std::array{number("count")});
inline constexpr auto login = std::array{schema,
                                         object("user"),
                                         object("session"),
                                         text("token_type"),
                                         number("expires_in"),
                                         time("expires_at"),
                                         text("token_file"),
                                         text("access_token"),
                                         text("refresh_token")};
// What login answers: a session, or that a link was asked for.
inline constexpr auto login_or_request =
    joined(login, std::array{text("email"), text("kind"), boolean("changed")});
inline constexpr auto login_change = joined(login, std::array{boolean("changed")});
// auth-cli.access/1, and Kubernetes' ExecCredential.
inline constexpr auto access = std::array{schema,
                                          text("access_token"),
                                          text("token_type"),
                                          number("expires_in"),
                                          time("expires_at"),
                                          text("apiVersion"),
                                          text("kind"),
                                          object("spec"),
                                          object("status")};
// auth-cli.revocation/1: what token revoke ended; the token file that it removed, or null.
inline constexpr auto revocation =
    std::array{schema, text("session_id"), text("user_id"), boolean("changed"), text("token_file")};
// auth-cli.sessions/1; `state` is live, idle, expired, revoked or ended, `current` says that it is
// the stored login's.
inline constexpr auto sessions =
    std::array{text("id"),         text("user_id"), text("email"),           text("kind"),
               time("created_at"), time("used_at"), time("idle_expires_at"), time("expires_at"),
               text("state"),      text("reason"),  boolean("current")};
inline constexpr auto session_changes = joined(sessions, std::array{boolean("changed")});
inline constexpr std::array<Member, 0> none;
inline constexpr auto logout = std::array{schema, boolean("changed"), boolean("everywhere")};
inline constexpr auto token = std::array{schema,
                                         object("header"),
                                         object("claims"),
                                         object("signature"),
                                         text("status"),
                                         time("expires_at"),
                                         number("expires_in"),
                                         list("problems"),
                                         text("payload"),
                                         text("payload_base64url"),
                                         number("line"),
                                         text("certificate"),
                                         list("ignored_headers")};
// What token decode adds; session and user are null unless the signature is valid and ours.
inline constexpr auto token_look =
    joined(token, std::array{object("key"), object("session"), object("user"), list("unusual")});
inline constexpr auto key = std::array{schema,
                                       text("kid"),
                                       text("known_as"),
                                       text("algorithm"),
                                       text("state"),
                                       boolean("signs"),
                                       boolean("private"),
                                       boolean("imported"),
                                       text("issuer"),
                                       time("created_at"),
                                       time("signs_from"),
                                       time("signs_until"),
                                       time("verifies_until"),
                                       time("revoked_at")};
inline constexpr auto key_change = joined(
    key, std::array{boolean("changed"), text("successor"), list("retired"), text("secret_file")});
// A JWK set, one JWK, PEM, or what was written for a static issuer.
inline constexpr auto key_export =
    std::array{list("keys"), text("kty"), text("crv"),    text("x"),     text("y"),
               text("n"),    text("e"),   text("kid"),    text("alg"),   text("use"),
               schema,       text("pem"), text("issuer"), list("files"), boolean("changed")};
inline constexpr auto issued = std::array{schema,
                                          object("user"),
                                          object("session"),
                                          text("token_type"),
                                          number("expires_in"),
                                          time("expires_at"),
                                          text("access_token")};
inline constexpr auto fixtures = std::array{
    schema,         text("email"),     text("issuer"),    list("audience"), text("algorithm"),
    text("kid"),    text("keys"),      text("jwks"),      time("made_at"),  time("expires_at"),
    list("tokens"), text("directory"), boolean("changed")};
inline constexpr auto drill = std::array{schema,
                                         text("service"),
                                         text("email"),
                                         text("level"),
                                         number("tried"),
                                         number("right"),
                                         list("deviations"),
                                         list("accepted"),
                                         list("stale"),
                                         list("answers"),
                                         boolean("stopped_early"),
                                         boolean("changed")};
inline constexpr auto import_results =
    std::array{number("line"), text("email"),       text("id"),     text("result"),
               list("kept"),   list("left_behind"), object("error")};
inline constexpr auto exported =
    std::array{schema, text("file"), text("format"), number("users"), object("left_behind")};
inline constexpr auto seeded = std::array{
    schema,       text("seed"),      number("created"), number("skipped"), number("declared"),
    text("file"), boolean("changed")};
// auth-cli.totp/1
inline constexpr auto totp_export = std::array{
    schema,           text("email"),    text("uri"),     text("secret"), text("algorithm"),
    number("digits"), number("period"), text("qr_file"), text("state")};
inline constexpr auto totp =
    joined(totp_export, std::array{list("recovery_codes"), boolean("changed"), list("next")});
inline constexpr auto app_code =
    std::array{schema, text("email"), text("code"), time("expires_at"), text("state")};
inline constexpr auto recovery_codes =
    std::array{schema, text("email"), list("recovery_codes"), boolean("changed")};
inline constexpr auto plan = std::array{schema, text("owner"), boolean("changed"), list("changes")};
inline constexpr auto role = std::array{schema,          text("name"),       text("description"),
                                        number("users"), time("created_at"), boolean("changed")};
inline constexpr auto provider = std::array{schema,
                                            text("name"),
                                            text("issuer"),
                                            text("client_id"),
                                            boolean("workload"),
                                            text("audience"),
                                            boolean("confidential"),
                                            text("scope"),
                                            list("domains"),
                                            text("redirect_path"),
                                            number("redirect_port"),
                                            boolean("auto_create"),
                                            boolean("link_verified_email"),
                                            number("users"),
                                            time("created_at"),
                                            boolean("changed")};
// auth-cli.workload_rule/1; `ttl` is in seconds.
inline constexpr auto workload_rule = std::array{
    schema,           text("id"),    text("provider"), text("user_id"),    text("email"),
    object("claims"), list("roles"), number("ttl"),    time("created_at"), boolean("changed")};
inline constexpr auto mail = std::array{schema,
                                        text("id"),
                                        text("to"),
                                        text("kind"),
                                        text("subject"),
                                        text("code"),
                                        text("link"),
                                        text("body"),
                                        text("html"),
                                        time("created_at"),
                                        text("state"),
                                        number("attempts"),
                                        time("next_attempt_at"),
                                        text("error")};
inline constexpr auto mails =
    std::array{text("id"),         text("to"),    text("kind"),       text("subject"),
               time("created_at"), text("state"), number("attempts"), time("next_attempt_at"),
               text("error")};
// auth-cli.sends/1; how many had each result is beside the records.
inline constexpr auto sends =
    std::array{text("id"),    text("to"),     text("kind"),           text("result"),
               text("error"), text("detail"), time("next_attempt_at")};
inline constexpr auto mail_test =
    std::array{schema, text("to"), text("transport"), text("message_id"), boolean("changed")};
inline constexpr auto purge = std::array{schema, number("removed"), boolean("changed")};
inline constexpr auto database = std::array{schema,
                                            text("location"),
                                            text("engine"),
                                            text("database_id"),
                                            boolean("test"),
                                            number("schema_version"),
                                            time("created_at"),
                                            number("users"),
                                            list("hashes"),
                                            number("signing_keys"),
                                            number("audit_rows"),
                                            number("bytes"),
                                            text("key_file"),
                                            text("key_from"),
                                            boolean("key_matches"),
                                            number("round_trips"),
                                            boolean("changed")};
inline constexpr auto hash =
    std::array{schema,           text("scheme"),         text("cost"),
               text("strength"), number("milliseconds"), boolean("accepted"),
               text("reason"),   boolean("rehash")};
inline constexpr auto calibration =
    std::array{schema, number("target"), object("recommended"), object("current"), list("next")};
inline constexpr auto migration = std::array{schema, number("schema_version"), boolean("changed")};
inline constexpr auto copy =
    std::array{schema,           text("target"),       text("key_file"),  number("rows"),
               object("tables"), object("audit_head"), boolean("changed")};
inline constexpr auto rekey = std::array{schema,
                                         text("state"),
                                         text("key_file"),
                                         text("old_key_file"),
                                         number("sealed"),
                                         number("counters"),
                                         number("dropped_counters"),
                                         number("recovery_codes"),
                                         number("void_codes"),
                                         number("void_links"),
                                         number("forgotten_places"),
                                         boolean("changed")};
inline constexpr auto check = std::array{schema, list("problems")};
// auth-cli.backup/1 and auth-cli.restore/1
inline constexpr auto backup =
    std::array{schema,           text("file"),     number("bytes"),   text("database_id"),
               text("key_file"), text("key_copy"), boolean("changed")};
inline constexpr auto restore = std::array{schema,
                                           text("file"),
                                           text("location"),
                                           text("database_id"),
                                           boolean("test"),
                                           number("schema_version"),
                                           number("users"),
                                           number("audit_rows"),
                                           number("ended_sessions"),
                                           boolean("sealed"),
                                           list("differences"),
                                           text("key_file"),
                                           text("kept_aside"),
                                           boolean("changed")};
// auth-cli.doctor/1; how many there are of each severity is beside the records.
inline constexpr auto doctor =
    std::array{text("code"),   text("severity"),   text("object"),  text("message"),
               text("repair"), boolean("fixable"), boolean("fixed")};
// auth-cli.explanation/1
inline constexpr auto explanation = std::array{schema,
                                               text("email"),
                                               text("id"),
                                               boolean("can_log_in"),
                                               text("stopped_by"),
                                               list("gates"),
                                               object("password"),
                                               object("attempts"),
                                               list("codes"),
                                               object("second_factor"),
                                               list("roles"),
                                               number("live_sessions"),
                                               time("last_login_at")};
inline constexpr auto audit =
    std::array{number("seq"),  time("at"),       text("actor"), text("event"),  text("target"),
               text("result"), object("detail"), text("hash"),  number("lane"), number("place")};
inline constexpr auto audit_check =
    std::array{schema, number("rows"), number("archived_rows"), object("checkpoint")};
inline constexpr auto audit_archived =
    std::array{schema,         text("file"),       number("number"), time("before"),
               number("rows"), number("last_seq"), text("sha256"),   boolean("changed")};
inline constexpr auto audit_checkpoint = std::array{
    schema,       text("issuer"),     text("database_id"), time("at"),        number("size"),
    text("root"), number("last_seq"), text("kid"),         text("checkpoint")};
inline constexpr auto audit_proof = std::array{schema,          object("row"), text("previous"),
                                               number("index"), list("path"),  text("checkpoint")};
inline constexpr auto audit_proven = std::array{schema, object("row"), number("index"),
                                                boolean("detail_erased"), object("checkpoint")};
inline constexpr auto audit_head = std::array{schema, number("rows"), number("seq"), text("hash")};
inline constexpr auto setting =
    std::array{schema,         text("name"),    any("value"),    text("source"),
               any("default"), text("kept_in"), text("meaning"), boolean("changed")};
inline constexpr auto version = std::array{schema, text("version"), object("libraries")};
inline constexpr auto completion = std::array{schema, text("shell"), text("script")};
inline constexpr auto help =
    std::array{schema,         list("commands"), list("global_flags"), list("exit_codes"),
               list("topics"), list("settings"), list("schemas"),      text("path"),
               text("group"),  text("summary"),  boolean("mutates"),   list("arguments"),
               list("flags"),  text("examples"), list("fields")};

} // namespace fields
} // namespace auth
