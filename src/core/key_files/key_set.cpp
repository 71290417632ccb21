#include "core/key_files/key_set.h"

#include "core/base/text.h"
#include "core/jose/jwk_members.h"
#include "core/jose/reason.h"
#include "core/key_files/jwk_text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <set>

namespace auth {
namespace {

std::string name_of(const Result<Json>& jwk, std::size_t index) {
    const std::string* kid = jwk ? find_text(*jwk, "kid") : nullptr;
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
        const bool agree = reasons_.size() == 1 && !reasons_.begin()->empty();
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

const VerificationKey* KeySet::Entry::key_for(Algorithm algorithm) const {
    const auto key = std::ranges::find(keys, algorithm, &VerificationKey::algorithm);
    return key != keys.end() ? &*key : nullptr;
}

bool KeySet::Entry::same_key(const Entry& other) const {
    return !thumbprint.empty() && thumbprint == other.thumbprint;
}

Result<KeySet> KeySet::of_one(Json& jwk, std::optional<Algorithm> algorithm) {
    KeySet set;
    if (members::respell_rsa(jwk))
        set.remarks_.push_back(members::respelled_remark("the key"));
    AUTH_TRY(auto keys, VerificationKey::all_from_jwk(jwk, algorithm));
    set.entries_.push_back({std::move(keys), Error(), jwk_thumbprint(jwk)});
    set.any_kid_ = true;
    return set;
}

Result<KeySet> KeySet::from_jwk(std::string_view json, std::optional<Algorithm> algorithm) {
    AUTH_TRY(Json jwk, read_jwk(json));
    const std::unique_ptr<Json, members::Wipe> owner(&jwk);
    return of_one(jwk, algorithm);
}

Result<KeySet> KeySet::from_pem(std::string_view text, std::optional<Algorithm> algorithm) {
    if (looks_like_json(text))
        return fail(json_for_pem(text));
    const UnwrappedKey key = unwrap_key(text);
    AUTH_TRY(Json jwk, public_jwk_from_file(key));
    AUTH_TRY(KeySet set, of_one(jwk, algorithm));
    add_remark(set.remarks_, key);
    return set;
}

Result<KeySet> KeySet::from_jwks(std::string_view json, std::optional<Algorithm> algorithm) {
    AUTH_TRY(JwkList list, read_jwk_set(json));
    KeySet set;
    Complaints complaints;
    std::size_t for_signatures = 0;
    bool any_named = false;
    bool any_good = false;
    for (std::size_t i = 0; i < list.keys.size(); ++i) {
        Result<Json>& jwk = list.keys[i];
        if (jwk && members::respell_rsa(*jwk))
            set.remarks_.push_back(members::respelled_remark("the key " + name_of(jwk, i)));
        auto read = jwk ? VerificationKey::all_from_jwk(*jwk, algorithm)
                        : Result<std::vector<VerificationKey>>(fail(jwk.error()));
        if (read || read.error().reason != to_name(Reason::unsupported_key)) {
            ++for_signatures;
            any_named = any_named || (jwk && jwk->contains("kid"));
        }
        if (const std::string* kid = jwk ? find_text(*jwk, "kid") : nullptr;
            kid != nullptr && !kid->empty())
            set.by_kid_.emplace(*kid, i);
        any_good = any_good || read;
        if (!read)
            complaints.add(name_of(jwk, i), read.error());
        set.entries_.push_back(read ? Entry{*std::move(read), Error(), jwk_thumbprint(*jwk)}
                                    : Entry{{}, read.error(), ""});
    }
    if (!any_good)
        return complaints.to_error();
    set.any_kid_ = for_signatures == 1 && !any_named;
    return set;
}

std::vector<const KeySet::Entry*> KeySet::named(std::string_view kid) const {
    std::vector<const Entry*> entries;
    if (kid.empty() || any_kid_) {
        for (const Entry& entry : entries_)
            entries.push_back(&entry);
        return entries;
    }
    const auto [first, last] = by_kid_.equal_range(kid);
    for (auto at = first; at != last; ++at)
        entries.push_back(&entries_[at->second]);
    return entries;
}

Result<const VerificationKey*> KeySet::find(std::string_view kid, Algorithm algorithm) const {
    const std::vector<const Entry*> entries = named(kid);
    if (entries.empty())
        return refuse(Reason::unknown_key, fmt::format("there is no key {}", in_quotes(kid)));
    if (entries.size() == 1)
        return pick(*entries.front(), algorithm);
    const Entry* only = nullptr;
    for (const Entry* entry : entries) {
        if (entry->key_for(algorithm) == nullptr)
            continue;
        if (only != nullptr && !only->same_key(*entry))
            return refuse(Reason::ambiguous_key,
                          kid.empty()
                              ? fmt::format("the token names no key, and several are for {}",
                                            to_name(algorithm))
                              : fmt::format("several keys {} are for {}", in_quotes(kid),
                                            to_name(algorithm)));
        only = entry;
    }
    if (only != nullptr)
        return only->key_for(algorithm);
    const bool usable =
        std::ranges::any_of(entries, [](const Entry* entry) { return !entry->keys.empty(); });
    if (!usable)
        return fail(entries.front()->refusal);
    return refuse(Reason::wrong_algorithm,
                  fmt::format("the token is signed by {}, but no key{} is for that",
                              to_name(algorithm), kid.empty() ? "" : " " + in_quotes(kid)));
}

Result<const VerificationKey*> KeySet::pick(const Entry& entry, Algorithm algorithm) {
    if (entry.keys.empty())
        return fail(entry.refusal);
    if (const VerificationKey* key = entry.key_for(algorithm))
        return key;
    return refuse(Reason::wrong_algorithm,
                  fmt::format("the token is signed by {}, but the key is for {}",
                              to_name(algorithm), names_of(entry.keys)));
}

KeyAnswer answer_of(const KeySet& keys, const Json& header) {
    KeyAnswer answer;
    const auto found = keys.find(text_member(header, "kid"),
                                 *parse_algorithm(header.at("alg").get<std::string>()));
    if (found) {
        answer.key = **found;
        return answer;
    }
    const bool by_algorithm = found.error().reason == to_name(Reason::wrong_algorithm);
    answer.problem = to_problem(found.error(), by_algorithm ? "alg" : "kid");
    return answer;
}

} // namespace auth
