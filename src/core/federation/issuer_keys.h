// The keys of an issuer of tokens, found by its discovery document: when they are fetched, and how
// long they may be used without asking again.
#pragma once

#include "core/base/clock.h"
#include "core/federation/issuer_cache.h"
#include "core/federation/issuer_fetch.h"
#include "core/jose/verifier.h"
#include "core/key_files/key_set.h"
#include "core/ports/http.h"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

namespace auth {

// Past their freshness, keys are used for at most this long while the issuer is down or busy.
inline constexpr Seconds longest_stale{3600};
// Without asking anybody, keys are used for at most this long after they were fetched.
inline constexpr Seconds longest_offline{24L * 3600};
// An issuer that is down is not asked again before this, nor for a key that it did not have.
inline constexpr Seconds asking_pause{30};
// For keys that it does not have an issuer is asked at most this often in a minute: anybody can
// make up names of keys.
inline constexpr std::size_t most_sought_in_a_minute = 10;

// Any number of threads may use it.
class IssuerKeys {
  public:
    struct Needs {
        std::unique_ptr<Http> http; // null: nobody is asked (offline)
        const Clock& clock;
        std::function<bool()> stopped;
        std::optional<IssuerCache> cache; // nothing: keys are kept in memory alone
        // Called with what is wrong with the cache, and with a sentence where keys are used
        // although the issuer is down.
        std::function<void(const Error&)> warn;
        std::function<void(const Remarks&)> remark; // with those of the keys that are used
    };
    // `issuer` passes check_issuer_address.
    IssuerKeys(std::string issuer, Needs needs)
        : issuer_(std::move(issuer)), needs_(std::move(needs)) {}

    // As FindKey; a shared secret answers for nothing. Fails as fetch_issuer_keys, and offline
    // with invalid_token, "unknown_key", where no usable keys are kept.
    [[nodiscard]] Result<KeyAnswer> answer(const Json& header);

  private:
    [[nodiscard]] bool is_fresh(Time now) const;
    [[nodiscard]] bool may_stand_in(Time now) const;
    [[nodiscard]] bool is_kept_for_offline(Time now) const;
    [[nodiscard]] bool is_usable(Time now) const;
    [[nodiscard]] bool may_seek(const std::string& kid_hash, Time now) const;
    void note(const FetchFailure& failure, Time now);
    void load();
    void save();
    // Once for each `about`.
    void warn(const std::string& about, const Error& why);
    [[nodiscard]] std::optional<FileLock> lock();
    [[nodiscard]] Status provide();
    [[nodiscard]] Status renew(const std::optional<std::string>& kid);
    [[nodiscard]] Status fetch(const std::optional<std::string>& kid);
    [[nodiscard]] Status stand_in(FetchFailure failure, Time now);
    [[nodiscard]] Status open_keys();
    void warn_of_stale_keys(Time now);

    std::string issuer_;
    Needs needs_;
    std::mutex mutex_;
    IssuerEntry entry_;
    std::shared_ptr<const KeySet> keys_; // of `keys_text_`
    std::string keys_text_;
    std::set<std::string> warned_of_;
};

} // namespace auth
