#include "core/jose/key_set.h"

#include "core/base/text.h"
#include "core/jose/jwk_members.h"
#include "core/jose/pem.h"
#include "core/jose/reason.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <set>

namespace auth {
namespace {

constexpr std::string_view secret_type = "oct";

tl::unexpected<Error> no_such_file(std::string message, Hint hint = {}) {
    return fail(ErrorCode::usage, std::move(message), std::move(hint));
}

bool is_secret(const Json& jwk) {
    const std::string* type = find_text(jwk, "kty");
    return type != nullptr && *type == secret_type;
}

// What condemns the whole set.
Status check_set(const Json& keys) {
    std::set<std::string_view> kids;
    for (const Json& jwk : keys) {
        if (!is_secret(jwk) && members::has_private(jwk))
            return refuse(Reason::private_key,
                          "the key set holds private keys: whoever reads it can "
                          "sign");
        const std::string* kid = find_text(jwk, "kid");
        if (kid != nullptr && !kids.insert(*kid).second)
            return refuse(Reason::duplicate_kid,
                          fmt::format("the key set has two keys {}", in_quotes(*kid)));
    }
    const auto secrets = std::count_if(keys.begin(), keys.end(), is_secret);
    if (secrets != 0 && std::cmp_not_equal(secrets, keys.size()))
        return refuse(Reason::mixed_key_set, "the key set mixes shared secrets with public keys");
    return {};
}

std::string name_of(const Json& jwk, std::size_t index) {
    const std::string* kid = find_text(jwk, "kid");
    return kid != nullptr ? in_quotes(*kid) : fmt::format("number {}", index + 1);
}

// Why no key of a set is left, key by key.
class Complaints {
  public:
    void add(const std::string& name, const Error& why) {
        constexpr std::size_t most = 5;
        if (++count_ <= most)
            text_ += fmt::format("{}{}: {}", count_ > 1 ? "; " : "", name, why.message);
        else if (count_ == most + 1)
            text_ += "; …";
        reasons_.insert(why.reason);
        hint_ = why.hint;
    }

    [[nodiscard]] tl::unexpected<Error> to_error() const {
        if (count_ == 0)
            return refuse(Reason::no_usable_key, "the key set is empty");
        const bool agree = reasons_.size() == 1;
        return fail(error(ErrorCode::invalid_token,
                          fmt::format("the key set has no key to verify with ({})", text_))
                        .with_reason(agree ? *reasons_.begin()
                                           : std::string(to_name(Reason::no_usable_key)))
                        .with_hint(agree ? hint_ : Hint()));
    }

  private:
    std::size_t count_ = 0;
    std::string text_;
    std::set<std::string> reasons_;
    Hint hint_;
};

std::string names_of(const std::vector<VerificationKey>& keys) {
    std::string names;
    for (const auto& key : keys)
        names += fmt::format("{}{}", names.empty() ? "" : ", ", to_name(key.algorithm()));
    return names;
}

} // namespace

Result<KeySet> KeySet::of_one(const Json& jwk, std::optional<Algorithm> algorithm) {
    AUTH_TRY(auto keys, VerificationKey::all_from_jwk(jwk, algorithm));
    KeySet set;
    set.entries_.push_back({std::move(keys), Error()});
    set.any_kid_ = true;
    return set;
}

Result<KeySet> KeySet::from_jwk(std::string_view json, std::optional<Algorithm> algorithm) {
    AUTH_TRY(Json jwk, parse_json(json));
    const std::unique_ptr<Json, members::Wipe> owner(&jwk);
    if (!jwk.is_object())
        return no_such_file("the text is no JSON object, so no JWK");
    if (!jwk.contains("kty") && jwk.contains("keys"))
        return no_such_file("the text is a set of keys, not one", "give it with --jwks");
    members::keep_public(jwk);
    return of_one(jwk, algorithm);
}

Result<KeySet> KeySet::from_pem(std::string_view text, std::optional<Algorithm> algorithm) {
    AUTH_TRY(const Json jwk, public_jwk_from_pem(text));
    return of_one(jwk, algorithm);
}

Result<KeySet> KeySet::from_jwks(std::string_view json, std::optional<Algorithm> algorithm) {
    AUTH_TRY(Json document, parse_json(json));
    const std::unique_ptr<Json, members::Wipe> owner(&document);
    const auto keys = document.find("keys");
    if (keys == document.end() && document.contains("kty"))
        return no_such_file("the text is one key, not a set", "give it with --jwk");
    if (keys == document.end() || !keys->is_array())
        return no_such_file("the text is no key set: it has no list \"keys\"");
    AUTH_CHECK(check_set(*keys));

    KeySet set;
    Complaints complaints;
    std::size_t for_signatures = 0;
    bool any_named = false;
    bool any_good = false;
    for (std::size_t i = 0; i < keys->size(); ++i) {
        const Json& jwk = (*keys)[i];
        auto read = VerificationKey::all_from_jwk(jwk, algorithm);
        if (read || read.error().reason != to_name(Reason::unsupported_key)) {
            ++for_signatures;
            any_named = any_named || jwk.contains("kid");
        }
        if (const std::string* kid = find_text(jwk, "kid"); kid != nullptr && !kid->empty())
            set.by_kid_.emplace(*kid, i);
        any_good = any_good || read;
        if (!read)
            complaints.add(name_of(jwk, i), read.error());
        set.entries_.push_back(read ? Entry{*std::move(read), Error()} : Entry{{}, read.error()});
    }
    if (!any_good)
        return complaints.to_error();
    set.any_kid_ = for_signatures == 1 && !any_named;
    return set;
}

Result<const VerificationKey*> KeySet::find(std::string_view kid, Algorithm algorithm) const {
    if (kid.empty() || any_kid_)
        return only_one_for(algorithm);
    const auto found = by_kid_.find(kid);
    if (found == by_kid_.end())
        return refuse(Reason::unknown_key, fmt::format("there is no key {}", in_quotes(kid)));
    return pick(entries_[found->second], algorithm);
}

Result<const VerificationKey*> KeySet::pick(const Entry& entry, Algorithm algorithm) {
    if (entry.keys.empty())
        return fail(entry.refusal);
    const auto key = std::ranges::find(entry.keys, algorithm, &VerificationKey::algorithm);
    if (key == entry.keys.end())
        return refuse(Reason::wrong_algorithm,
                      fmt::format("the token is signed by {}, but the key is for {}",
                                  to_name(algorithm), names_of(entry.keys)));
    return &*key;
}

Result<const VerificationKey*> KeySet::only_one_for(Algorithm algorithm) const {
    if (entries_.size() == 1)
        return pick(entries_.front(), algorithm);
    const VerificationKey* only = nullptr;
    for (const auto& entry : entries_) {
        const auto key = std::ranges::find(entry.keys, algorithm, &VerificationKey::algorithm);
        if (key == entry.keys.end())
            continue;
        if (only != nullptr)
            return refuse(
                Reason::ambiguous_key,
                fmt::format("the token names no key, and several are for {}", to_name(algorithm)));
        only = &*key;
    }
    if (only == nullptr)
        return refuse(
            Reason::wrong_algorithm,
            fmt::format("the token is signed by {}, but no key is for that", to_name(algorithm)));
    return only;
}

} // namespace auth
