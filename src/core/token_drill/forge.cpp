#include "core/token_drill/forge.h"

#include "core/base/digest.h"
#include "core/base/encoding.h"
#include "core/base/text.h"
#include "core/jose/repeatable.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

std::string signing_input(std::string_view header, std::string_view payload) {
    return to_base64url(header) + "." + to_base64url(payload);
}

std::string sealed_with(std::string input, std::string_view signature) {
    return std::move(input) + "." + to_base64url(signature);
}

Json with_member(Json object, std::string_view name, const Json& value) {
    if (value.is_null())
        object.erase(std::string(name));
    else
        object[std::string(name)] = value;
    return object;
}

std::string signature_by(const SigningKey& key, Random* chance, std::string_view input) {
    return chance != nullptr ? sign_with(key, input, *chance) : key.sign(input);
}

} // namespace

std::string Forge::signature(std::string_view input) const {
    return signature_by(key, chance, input);
}

std::string Forge::signed_text(std::string_view head, std::string_view payload) const {
    std::string input = signing_input(head, payload);
    const std::string sealed = signature(input);
    return sealed_with(std::move(input), sealed);
}

std::string Forge::signed_json(const Json& head, const Json& payload) const {
    return signed_text(head.dump(), payload.dump());
}

std::string Forge::control() const {
    return signed_json(header, claims);
}

std::string Forge::with_header(std::string_view name, const Json& value) const {
    return signed_json(with_member(header, name, value), claims);
}

std::string Forge::with_claim(std::string_view name, const Json& value) const {
    return signed_json(header, with_member(claims, name, value));
}

std::string Forge::for_session(const DeadSession& session) const {
    Json changed = claims;
    changed["sub"] = session.user_id;
    changed["sid"] = session.id;
    return signed_json(header, changed);
}

std::string Forge::under(const Json& head, std::string_view sealed) const {
    return sealed_with(signing_input(head.dump(), claims.dump()), sealed);
}

std::string Forge::resigned(std::string_view sealed) const {
    return under(header, sealed);
}

std::string Forge::control_signature() const {
    return signature(signing_input(header.dump(), claims.dump()));
}

std::string Forge::by_stranger(const Json& head) const {
    return under(head, signature_by(stranger, chance, signing_input(head.dump(), claims.dump())));
}

std::string Forge::by_secret(std::string_view secret, const Json& more) const {
    Json head = header;
    head["alg"] = to_name(Algorithm::hs256);
    head.update(more);
    const Secret code = hmac("sha256", secret, signing_input(head.dump(), claims.dump()));
    return under(head, code.reveal());
}

std::string Forge::by_secret_of(std::string_view kid, std::string_view secret) const {
    return by_secret(secret, {{"kid", kid}});
}

std::optional<std::string> cut_short(const std::string& text) {
    if (text.size() < 2)
        return std::nullopt;
    return text.substr(0, text.size() - 1);
}

std::optional<std::string> in_other_case(std::string text) {
    const auto letter = std::ranges::find_if(text, is_letter);
    if (letter == text.end())
        return std::nullopt;
    *letter = static_cast<char>(*letter ^ ('a' ^ 'A'));
    return text;
}

std::string with_other_slash(std::string text) {
    if (text.size() > 1 && text.ends_with('/'))
        text.pop_back();
    else
        text += '/';
    return text;
}

} // namespace auth
