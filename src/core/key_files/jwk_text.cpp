#include "core/key_files/jwk_text.h"

#include "core/base/text.h"
#include "core/jose/jwk_members.h"
#include "core/jose/reason.h"
#include "core/key_files/key_wrapping.h"
#include "core/key_files/openssh_key.h"
#include "core/key_files/pem_blocks.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace auth {
namespace {

constexpr std::string_view secret_type = "oct";

Hint read_with(const char* flag) {
    return NextStep{"token verify", {"TOKEN", flag, "FILE"}};
}

tl::unexpected<Error> other_text(std::string message, Hint hint = {}) {
    return fail(ErrorCode::usage, std::move(message), std::move(hint));
}

bool is_secret(const Json& jwk) {
    const std::string* type = find_text(jwk, "kty");
    return type != nullptr && *type == secret_type;
}

bool is_pem(const Json& value) {
    const auto* text = value.get_ptr<const std::string*>();
    return text != nullptr && text->find(pem::block_start) != std::string::npos;
}

bool is_pem_map(const Json& document) {
    return document.is_object() && !document.empty() &&
           std::all_of(document.begin(), document.end(), is_pem);
}

// The PEM text that an object has among other members, such as a service account's.
std::optional<Error> pem_member(const Json& document) {
    for (const char* name : {"private_key", "public_key", "certificate", "cert", "key"})
        if (const Json* value = find_member(document, name); value != nullptr && is_pem(*value))
            return error(ErrorCode::usage,
                         fmt::format("the file is JSON with a PEM text in \"{}\"", name))
                .with_hint(fmt::format("jq -r .{} FILE > PEM_FILE", name));
    return std::nullopt;
}

Error pem_map(Hint hint) {
    return error(ErrorCode::usage, "the file is a map of certificates or keys in PEM")
        .with_hint(std::move(hint));
}

// Of a JSON text that holds keys, but no JWK.
Error other_json(const Json& document, std::string message) {
    Error why = error(ErrorCode::usage, std::move(message));
    if (auto member = pem_member(document))
        return *std::move(member);
    if (is_pem_map(document))
        return pem_map(read_with("--jwks"));
    const bool jwks = document.is_array() && !document.empty() &&
                      std::all_of(document.begin(), document.end(), [](const Json& item) {
                          return item.is_object() && item.contains("kty");
                      });
    if (jwks)
        return error(ErrorCode::usage, "the file is a list of JWKs, not a set or one of them")
            .with_hint("jq '{keys: .}' FILE > JWKS_FILE");
    return why;
}

Result<Json> parse_document(std::string_view text) {
    auto document = parse_json(text);
    if (document || looks_like_json(text))
        return document;
    const UnwrappedKey key = unwrap_key(text);
    const std::string_view plain = key.text.reveal();
    if (!key.wrapping.empty())
        return other_text(fmt::format("the file is {}, not JSON", key.wrapping),
                          read_with("--pem"));
    if (is_openssh_key(plain))
        return other_text("the file is an OpenSSH key, not JSON", read_with("--pem"));
    const Error named = explained(document.error(), plain);
    if (named.message == document.error().message &&
        plain.find(pem::block_start) != std::string::npos)
        return other_text("the file is PEM, not JSON", read_with("--pem"));
    return fail(named);
}

// What condemns a whole set.
Status check_set(const Json& keys) {
    for (const Json& jwk : keys)
        if (!is_secret(jwk) && members::has_private(jwk))
            return refuse(Reason::private_key,
                          "the key set holds private keys: whoever reads it can sign");
    const auto secrets = std::count_if(keys.begin(), keys.end(), is_secret);
    if (secrets != 0 && std::cmp_not_equal(secrets, keys.size()))
        return refuse(Reason::mixed_key_set, "the key set mixes shared secrets with public keys");
    return {};
}

Result<JwkList> read_pem_map(const Json& document) {
    JwkList list;
    for (const auto& [kid, pem] : document.items()) {
        const auto& text = pem.get_ref<const std::string&>();
        if (text.find("PRIVATE KEY-----") != std::string::npos)
            return refuse(Reason::private_key,
                          "the key set holds private keys: whoever reads it can sign");
        auto jwk = public_jwk_from_file(unwrap_key(text));
        if (jwk)
            (*jwk)["kid"] = kid;
        list.keys.push_back(std::move(jwk));
    }
    return list;
}

} // namespace

JwkList::~JwkList() {
    for (auto& key : keys)
        if (key)
            members::Wipe()(&*key);
}

std::optional<Error> pem_in_json(const Json& document) {
    if (auto member = pem_member(document))
        return member;
    if (is_pem_map(document))
        return pem_map("choose one of them: jq -r '.[\"KID\"]' FILE > PEM_FILE");
    return std::nullopt;
}

bool looks_like_json(std::string_view text) {
    text = trimmed(text, white_space);
    return text.starts_with('{') || text.starts_with('[');
}

Result<Json> read_jwk(std::string_view text) {
    AUTH_TRY(Json jwk, parse_document(text));
    std::unique_ptr<Json, members::Wipe> owner(&jwk);
    const bool bare = jwk.is_object() && !jwk.contains("kty");
    if (bare && jwk.contains("keys") && !is_pem_map(jwk))
        return other_text("the text is a set of keys, not one", "give it with --jwks");
    if (!jwk.is_object())
        return fail(other_json(jwk, "the text is not a JSON object, so it is not a JWK"));
    if (bare)
        if (Error why = other_json(jwk, ""); !why.message.empty())
            return fail(std::move(why));
    members::keep_public(jwk);
    Json read = std::move(jwk);
    return read;
}

Result<JwkList> read_jwk_set(std::string_view text) {
    AUTH_TRY(Json document, parse_document(text));
    const std::unique_ptr<Json, members::Wipe> owner(&document);
    if (is_pem_map(document))
        return read_pem_map(document);
    const auto keys = document.find("keys");
    if (keys == document.end() && document.contains("kty"))
        return other_text("the text is one key, not a set", "give it with --jwk");
    if (keys == document.end() || !keys->is_array())
        return fail(other_json(document, "the text is not a key set: it has no list \"keys\""));
    AUTH_CHECK(check_set(*keys));
    JwkList list;
    list.keys.reserve(keys->size());
    for (Json& jwk : *keys)
        list.keys.emplace_back(std::move(jwk));
    return list;
}

Error json_for_pem(std::string_view text) {
    auto parsed = parse_json(text);
    if (!parsed)
        return error(ErrorCode::usage, "the text holds no PEM block");
    const std::unique_ptr<Json, members::Wipe> owner(&*parsed);
    if (parsed->is_object() && parsed->contains("kty"))
        return error(ErrorCode::usage, "the file is a JWK, not PEM").with_hint(read_with("--jwk"));
    if (parsed->is_object() && parsed->contains("keys") && !is_pem_map(*parsed))
        return error(ErrorCode::usage, "the file is a JWK set, not PEM")
            .with_hint(read_with("--jwks"));
    return other_json(*parsed, "the text is JSON, not PEM");
}

} // namespace auth
