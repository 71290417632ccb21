// Keys to verify with that somebody else made: a JWK, a JWK set (RFC 7517 section 5), PEM and what
// unwrap_key makes PEM of.
#pragma once

#include "core/base/result.h"
#include "core/jose/verifier.h"
#include "core/key_files/key_wrapping.h"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

// Never changes once made; any number of threads may use it.
class KeySet {
  public:
    // With `algorithm` the keys answer for that one only; without, for what VerificationKey's
    // all_from_jwk finds. All fail with usage where the text is no such file, and with
    // invalid_token and the reasons of VerificationKey::from_jwk where its keys are no good.

    // One key; of a private one the public half. It answers whatever "kid" a token names.
    [[nodiscard]] static Result<KeySet> from_jwk(std::string_view json,
                                                 std::optional<Algorithm> algorithm = {});
    [[nodiscard]] static Result<KeySet> from_pem(std::string_view text,
                                                 std::optional<Algorithm> algorithm = {});
    // A JWK set, or an object of PEM texts by their kids, as Google publishes its certificates. A
    // key that is no good hurts only the tokens that name it, and keys for other purposes none. The
    // whole set is refused where no key is left ("no_usable_key", or the reason they share), and
    // with "mixed_key_set" (shared secrets beside key pairs) or "private_key": whoever can read
    // such a set can sign.
    [[nodiscard]] static Result<KeySet> from_jwks(std::string_view json,
                                                  std::optional<Algorithm> algorithm = {});

    // The key for a token whose header has this kid ("" where it has none) and algorithm: of all
    // keys of that name the one that may be used with that algorithm. It lives as long as the set.
    // Fails with invalid_token: "unknown_key", "wrong_algorithm", "ambiguous_key" (several keys
    // fit), or why the key that is named was refused. A set of one key that has no kid itself
    // answers for any.
    [[nodiscard]] Result<const VerificationKey*> find(std::string_view kid,
                                                      Algorithm algorithm) const;
    [[nodiscard]] const Remarks& remarks() const { return remarks_; }

  private:
    // One key of the source: once for each algorithm it answers for, or why it answers for none.
    struct Entry {
        std::vector<VerificationKey> keys;
        Error refusal;
        std::string thumbprint; // empty for a shared secret

        [[nodiscard]] const VerificationKey* key_for(Algorithm algorithm) const;
        [[nodiscard]] bool same_key(const Entry& other) const;
    };

    [[nodiscard]] static Result<KeySet> of_one(Json& jwk, std::optional<Algorithm> algorithm);
    [[nodiscard]] static Result<const VerificationKey*> pick(const Entry& entry,
                                                             Algorithm algorithm);
    [[nodiscard]] std::vector<const Entry*> named(std::string_view kid) const;

    std::vector<Entry> entries_;
    std::multimap<std::string, std::size_t, std::less<>> by_kid_;
    bool any_kid_ = false;
    Remarks remarks_;
};

// The key for a token with such a header, as FindKey asks.
[[nodiscard]] KeyAnswer answer_of(const KeySet& keys, const Json& header);

} // namespace auth
