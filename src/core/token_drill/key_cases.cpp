#include "core/base/encoding.h"
#include "core/base/text.h"
#include "core/key_files/pem.h"
#include "core/token_drill/drill_case.h"
#include "core/token_drill/forge.h"
#include "core/token_drill/known_keys.h"

#include <vector>

namespace auth {
namespace {

constexpr std::string_view bind_key_type =
    "Pass the one algorithm of your issuer's keys, for example [\"ES256\"], without HS256.\n"
    "Load the key as a key object of its type, not as text or bytes.";
constexpr std::string_view strong_secret =
    "Remove HS256 if your issuer signs with key pairs; never fall back to a default secret.\n"
    "With HS256, use a random secret of 32 bytes or more, and refuse to start without one.";
constexpr std::string_view own_keys_only_advice =
    "Verify with the keys of your issuer's key set alone, found by an exact \"kid\".\n"
    "Ignore jwk, jku, x5u and x5c, or refuse tokens that have them.";
constexpr std::string_view kid_is_a_name =
    "Look \"kid\" up in a map of the keys that you trust; no match means refused.\n"
    "Never build a path, a URL or a query from it.";

constexpr std::string_view allows_forgery =
    "Anybody who has the public key can write a token for any user.";
constexpr std::string_view allows_own_key = "An attacker signs with a key of their own.";
constexpr std::string_view allows_known_file =
    "An attacker names a file whose content is known, and signs with that.";

constexpr std::string_view nowhere = "https://keys.auth-cli-drill.invalid/jwks.json";

std::string public_pem(const Forge& forge) {
    return to_pem(forge.key.public_jwk()).value();
}

std::string public_der(const Forge& forge) {
    std::string body;
    for (const std::string& line : split(public_pem(forge), '\n'))
        if (!line.starts_with('-'))
            body += line;
    return from_base64(body).value();
}

Forged with_public_key_as_secret(const Forge& forge, std::string (*spell)(const Forge&)) {
    if (forge.shared())
        return std::nullopt;
    return forge.by_secret(spell(forge), Json::object());
}

Json strangers_jwk(const Forge& forge) {
    if (!forge.shared())
        return forge.stranger.public_jwk();
    return parse_json(forge.stranger.private_jwk().reveal()).value();
}

// The control's header with the stranger's key in it, or where that is said to be.
Forged with_own_key(const Forge& forge, std::string_view member, const Json& value) {
    Json header = forge.header;
    header["kid"] = "auth-cli-drill";
    header[std::string(member)] = value;
    return forge.by_stranger(header);
}

const std::vector<DrillCase>& secret_list() {
    static const std::string_view source = "RFC 8725 sections 2.1 and 3.1";
    static const std::vector<DrillCase> cases{
        {.name = "hmac_pem",
         .source = source,
         .why = allows_forgery,
         .mend = bind_key_type,
         .make = [](const Forge& forge) { return with_public_key_as_secret(forge, public_pem); }},
        {.name = "hmac_pem_trimmed",
         .source = source,
         .why = allows_forgery,
         .mend = bind_key_type,
         .make =
             [](const Forge& forge) {
                 return with_public_key_as_secret(forge, [](const Forge& from) {
                     return std::string(trimmed(public_pem(from), white_space));
                 });
             }},
        {.name = "hmac_der",
         .source = source,
         .why = allows_forgery,
         .mend = bind_key_type,
         .make = [](const Forge& forge) { return with_public_key_as_secret(forge, public_der); }},
        {.name = "hmac_jwk",
         .source = source,
         .why = allows_forgery,
         .mend = bind_key_type,
         .make =
             [](const Forge& forge) {
                 return with_public_key_as_secret(
                     forge, [](const Forge& from) { return from.key.public_jwk().dump(); });
             }},
        {.name = "hmac_jwks",
         .source = source,
         .why = allows_forgery,
         .mend = bind_key_type,
         .make =
             [](const Forge& forge) {
                 return with_public_key_as_secret(forge,
                                                  [](const Forge& from) { return from.key_set; });
             }},
        {.name = "hmac_empty_secret",
         .source = "RFC 7518 section 3.2",
         .why = "Anybody can write a token for any user: the secret is empty.",
         .mend = strong_secret,
         .make = [](const Forge& forge) -> Forged { return forge.by_secret("", Json::object()); }},
        {.name = "hmac_common_secret",
         .source = "RFC 8725 section 3.5",
         .why = "Anybody can write a token for any user: the secret is the word \"secret\".",
         .mend = strong_secret,
         .make = [](const Forge& forge) -> Forged {
             return forge.by_secret("secret", Json::object());
         }},
    };
    return cases;
}

const std::vector<DrillCase>& kid_list() {
    static const std::string_view source = "RFC 8725 section 3.10";
    static const std::vector<DrillCase> cases{
        {.name = "kid_path",
         .source = source,
         .why = allows_known_file,
         .mend = kid_is_a_name,
         .make = [](const Forge& forge) -> Forged {
             return forge.by_secret_of("../../../../../../../../../../dev/null", "");
         }},
        {.name = "kid_absolute_path",
         .source = source,
         .why = allows_known_file,
         .mend = kid_is_a_name,
         .make = [](const Forge& forge) -> Forged { return forge.by_secret_of("/dev/null", ""); }},
        {.name = "kid_known_file",
         .source = source,
         .why = allows_known_file,
         .mend = kid_is_a_name,
         .make = [](const Forge& forge) -> Forged {
             return forge.by_secret_of("../../../../../../../../../../proc/sys/kernel/ngroups_max",
                                       "65536\n"); // on every Linux
         }},
        {.name = "kid_known_file_trimmed",
         .source = source,
         .why = allows_known_file,
         .mend = kid_is_a_name,
         .make = [](const Forge& forge) -> Forged {
             return forge.by_secret_of("../../../../../../../../../../proc/sys/kernel/ngroups_max",
                                       "65536");
         }},
        {.name = "kid_sql",
         .source = source,
         .why = "An attacker makes the query for the key return a key of their choice.",
         .mend = kid_is_a_name,
         .make = [](const Forge& forge) -> Forged {
             return forge.by_secret_of("x' UNION SELECT 'drill' -- ", "drill");
         }},
        {.name = "kid_empty",
         .source = "RFC 7515 section 4.1.4",
         .why = "An empty \"kid\" names no key, and must not find a default one.",
         .mend = kid_is_a_name,
         .make = [](const Forge& forge) -> Forged {
             Json header = forge.header;
             header["kid"] = "";
             return forge.by_stranger(header);
         }},
    };
    return cases;
}

const std::vector<DrillCase>& foreign_list() {
    static const std::string_view source = "RFC 7515 section 6, RFC 8725 section 3.10";
    static const std::vector<DrillCase> cases{
        {.name = "wrong_key",
         .source = "RFC 7515 section 5.2",
         .why = "Any key opens the service, if only its name is right.",
         .mend = own_keys_only_advice,
         .make = [](const Forge& forge) -> Forged { return forge.by_stranger(forge.header); }},
        {.name = "unknown_kid",
         .source = "RFC 7515 section 6",
         .why = allows_own_key,
         .mend = own_keys_only_advice,
         .make = [](const Forge& forge) -> Forged {
             Json header = forge.header;
             header["kid"] = "auth-cli-drill";
             return forge.by_stranger(header);
         }},
        {.name = "unknown_kid_known_key",
         .answer = RightAnswer::either,
         .level = DrillLevel::may,
         .source = "RFC 7515 section 4.1.4",
         .why = "\"kid\" is a hint: a service may try its keys, or look for that one alone.",
         .mend = "Nothing: the signature is right.",
         .make = [](const Forge& forge) -> Forged {
             return forge.with_header("kid", "auth-cli-drill");
         }},
        {.name = "no_kid",
         .answer = RightAnswer::either,
         .level = DrillLevel::may,
         .source = "RFC 7515 section 4.1.4",
         .why = "\"kid\" is optional: a service may try its keys, or require it.",
         .mend = "Nothing: the signature is right.",
         .make = [](const Forge& forge) -> Forged {
             if (forge.shared())
                 return std::nullopt;
             return forge.with_header("kid", Json());
         }},
        {.name = "embedded_jwk",
         .source = source,
         .why = allows_own_key,
         .mend = own_keys_only_advice,
         .make =
             [](const Forge& forge) { return with_own_key(forge, "jwk", strangers_jwk(forge)); }},
        {.name = "embedded_jwk_right_kid",
         .source = source,
         .why = allows_own_key,
         .mend = own_keys_only_advice,
         .make = [](const Forge& forge) -> Forged {
             Json header = forge.header;
             header["jwk"] = strangers_jwk(forge);
             return forge.by_stranger(header);
         }},
        {.name = "embedded_jku",
         .source = source,
         .why = "An attacker says where the key is fetched from.",
         .mend = own_keys_only_advice,
         .make = [](const Forge& forge) { return with_own_key(forge, "jku", nowhere); }},
        {.name = "embedded_x5u",
         .source = source,
         .why = "An attacker says where the certificate is fetched from.",
         .mend = own_keys_only_advice,
         .make = [](const Forge& forge) { return with_own_key(forge, "x5u", nowhere); }},
        {.name = "embedded_x5c",
         .source = source,
         .why = "An attacker brings a certificate that nobody vouches for.",
         .mend = own_keys_only_advice,
         .make = [](const Forge& forge) -> Forged {
             if (forge.shared())
                 return std::nullopt;
             return with_own_key(forge, "x5c",
                                 Json::array({known_certificate(forge.stranger.algorithm())}));
         }},
    };
    return cases;
}

} // namespace

std::span<const DrillCase> key_cases() {
    static const std::vector<DrillCase> all = [] {
        std::vector<DrillCase> cases = foreign_list();
        for (const auto* more : {&secret_list(), &kid_list()})
            cases.insert(cases.end(), more->begin(), more->end());
        return cases;
    }();
    return all;
}

} // namespace auth
