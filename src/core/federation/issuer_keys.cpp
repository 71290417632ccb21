#include "core/federation/issuer_keys.h"

#include "core/base/digest.h"
#include "core/base/encoding.h"
#include "core/base/text.h"
#include "core/federation/id_token.h"
#include "core/federation/provider_answer.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

constexpr Seconds a_minute{60};

// Nothing from the future is within: a clock that was set back must not prolong anything.
bool within(Time start, Seconds span, Time now) {
    return start <= now && now < start + span;
}

std::string hash_of_kid(std::string_view kid) {
    return to_hex(sha256(kid).substr(0, 8));
}

bool is_unknown_key(const KeyAnswer& answer) {
    return !answer.key && answer.problem && is(*answer.problem, Reason::unknown_key);
}

tl::unexpected<Error> nothing_kept(std::string_view issuer) {
    return refuse(Reason::unknown_key,
                  fmt::format("no keys of {} are cached that are at most {} old", in_quotes(issuer),
                              in_words(longest_offline)),
                  "without --offline they are fetched from the issuer");
}

} // namespace

bool IssuerKeys::is_fresh(Time now) const {
    return !entry_.keys.empty() && within(entry_.fetched_at, longest_freshness, now) &&
           now < entry_.fresh_until;
}

bool IssuerKeys::may_stand_in(Time now) const {
    return !entry_.keys.empty() && entry_.fetched_at <= now &&
           now < entry_.fresh_until + longest_stale;
}

bool IssuerKeys::is_kept_for_offline(Time now) const {
    return !entry_.keys.empty() && within(entry_.fetched_at, longest_offline, now);
}

bool IssuerKeys::is_usable(Time now) const {
    if (!needs_.http)
        return is_kept_for_offline(now);
    const bool still_down =
        entry_.outage && entry_.outage->passing && within(entry_.outage->at, asking_pause, now);
    return is_fresh(now) || (still_down && may_stand_in(now));
}

bool IssuerKeys::may_seek(const std::string& kid_hash, Time now) const {
    const auto lately = std::ranges::count_if(
        entry_.sought, [&](const SoughtKey& key) { return within(key.at, a_minute, now); });
    return std::cmp_less(lately, most_sought_in_a_minute) &&
           std::ranges::none_of(entry_.sought, [&](const SoughtKey& key) {
               return key.kid_hash == kid_hash && within(key.at, asking_pause, now);
           });
}

void IssuerKeys::warn(const std::string& about, const Error& why) {
    if (warned_of_.insert(about).second)
        needs_.warn(why);
}

void IssuerKeys::load() {
    if (!needs_.cache)
        return;
    auto found = needs_.cache->read(issuer_);
    if (!found)
        warn(found.error().message, found.error());
    else if (*found)
        entry_ = **std::move(found);
}

void IssuerKeys::save() {
    if (!needs_.cache)
        return;
    if (const Status written = needs_.cache->write(issuer_, entry_, needs_.clock.now()); !written)
        warn(written.error().message, written.error());
}

std::optional<FileLock> IssuerKeys::lock() {
    if (!needs_.cache)
        return std::nullopt;
    auto held = needs_.cache->lock(issuer_);
    if (held)
        return *std::move(held);
    warn(held.error().message, held.error());
    return std::nullopt;
}

void IssuerKeys::warn_of_stale_keys(Time now) {
    if (!needs_.http || is_fresh(now) || !entry_.outage)
        return;
    warn("stale keys",
         provider_trouble(entry_.outage->reason,
                          fmt::format("{}; the keys that were fetched {} are used",
                                      entry_.outage->message, relative(entry_.fetched_at, now))));
}

Status IssuerKeys::open_keys() {
    if (keys_ && keys_text_ == entry_.keys)
        return {};
    AUTH_TRY(KeySet keys, KeySet::from_jwks(entry_.keys));
    needs_.remark(keys.remarks());
    keys_ = std::make_shared<const KeySet>(std::move(keys));
    keys_text_ = entry_.keys;
    return {};
}

void IssuerKeys::note(const FetchFailure& failure, Time now) {
    const auto& [why, passing] = failure;
    entry_.outage.reset();
    if (why.code == ErrorCode::delivery)
        entry_.outage = Outage{now, one_line(why.reason), one_line(why.message), passing};
    // The issuer's new set has no usable key: it took the old ones back.
    if (why.code == ErrorCode::invalid_token)
        entry_.keys.clear();
}

Status IssuerKeys::stand_in(FetchFailure failure, Time now) {
    if (failure.passing && may_stand_in(now)) {
        warn_of_stale_keys(now);
        return open_keys();
    }
    if (failure.passing && is_kept_for_offline(now))
        failure.error.hint = fmt::format("--offline uses the keys that were fetched {}",
                                         relative(entry_.fetched_at, now));
    return fail(std::move(failure.error));
}

// Asks the issuer, whatever is kept.
Status IssuerKeys::fetch(const std::optional<std::string>& kid) {
    const Time asked_at = needs_.clock.now();
    auto fetched = fetch_issuer_keys(*needs_.http, needs_.stopped, issuer_, kid.has_value());
    const Time now = needs_.clock.now();
    ++entry_.serial;
    std::erase_if(entry_.sought,
                  [&](const SoughtKey& key) { return !within(key.at, a_minute, now); });
    if (!fetched) {
        note(fetched.error(), now);
        save();
        return kid ? fail(std::move(fetched).error().error)
                   : stand_in(std::move(fetched).error(), now);
    }
    entry_.keys = std::move(fetched->text);
    entry_.fetched_at = asked_at;
    entry_.fresh_until = asked_at + fetched->freshness;
    entry_.outage.reset();
    if (kid)
        entry_.sought.push_back({hash_of_kid(*kid), now});
    save();
    return open_keys();
}

// One process asks, and those that waited for it take what it got, be it keys or a failure. One
// that waited in vain asks for itself.
Status IssuerKeys::renew(const std::optional<std::string>& kid) {
    const std::int64_t before = entry_.serial;
    const auto held = lock();
    load();
    const Time now = needs_.clock.now();
    const bool asked_meanwhile = entry_.serial != before;
    if (!kid && is_usable(now)) {
        warn_of_stale_keys(now);
        return open_keys();
    }
    if (asked_meanwhile && entry_.outage)
        return fail(provider_trouble(entry_.outage->reason, entry_.outage->message));
    if (kid && !entry_.keys.empty() && (asked_meanwhile || !may_seek(hash_of_kid(*kid), now)))
        return open_keys();
    return fetch(kid);
}

Status IssuerKeys::provide() {
    if (!keys_ || !is_usable(needs_.clock.now()))
        load();
    const Time now = needs_.clock.now();
    if (is_usable(now)) {
        warn_of_stale_keys(now);
        return open_keys();
    }
    return needs_.http ? renew({}) : nothing_kept(issuer_);
}

Result<KeyAnswer> IssuerKeys::answer(const Json& header) {
    const std::lock_guard guard(mutex_);
    AUTH_CHECK(provide());
    KeyAnswer found = public_answer(*keys_, header);
    if (!is_unknown_key(found) || !needs_.http)
        return found;
    // Another process may have asked since this one read the cache.
    load();
    if (entry_.keys != keys_text_) {
        AUTH_CHECK(provide());
        found = public_answer(*keys_, header);
    }
    if (is_unknown_key(found)) {
        AUTH_CHECK(renew(text_member(header, "kid")));
        found = public_answer(*keys_, header);
    }
    return found;
}

} // namespace auth
