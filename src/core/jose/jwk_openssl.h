// Keys in OpenSSL's form: made from their JWK members, taken apart into them, generated. Integers
// are big-endian bytes.
#pragma once

#include "core/base/secret.h"
#include "core/jose/jwk_members.h"

#include <openssl/types.h>

#include <memory>
#include <string>
#include <string_view>

namespace auth::openssl {

// Shared by all that verify with it; never changed once made.
using Key = std::shared_ptr<EVP_PKEY>;

template <auto function> struct Free {
    template <class T> void operator()(T* object) const { function(object); }
};

// A refused key or signature is an answer; it must not stay in the thread's error queue, where a
// TLS connection would later find it.
class ErrorMark {
  public:
    ErrorMark();
    ErrorMark(const ErrorMark&) = delete;
    ErrorMark& operator=(const ErrorMark&) = delete;
    ~ErrorMark();
};

// A machine without memory or algorithms: throws.
[[noreturn]] void fail_to(const char* act);

struct RsaSecrets {
    Secret d, p, q, dp, dq, qi;
};

// The key of a public JWK that answers for the algorithm. A point off its curve is "malformed_key",
// RSA that is too weak "weak_key".
[[nodiscard]] Result<Key> load_public(const Json& jwk, Algorithm algorithm);
// Private keys. Null for a point off the curve ("P-256"), and for secret members that do not belong
// to the public ones.
[[nodiscard]] Key load_ec(std::string_view curve, std::string_view x, std::string_view y,
                          const Secret& d);
[[nodiscard]] Key load_rsa(std::string_view n, std::string_view e, const RsaSecrets& secrets);

// The order of the curve, as long as its coordinates.
[[nodiscard]] std::string ec_order(EVP_PKEY& key, std::size_t coordinate_size);

// The key as members of a JWK: x, y, d, or n, e, d, p, … A number that the key lacks is empty.
enum class Part { public_only, all };
[[nodiscard]] members::Members ec_members(EVP_PKEY& key, std::size_t coordinate_size, Part part);
[[nodiscard]] members::Members rsa_members(EVP_PKEY& key, Part part);
[[nodiscard]] members::Members ed25519_members(EVP_PKEY& key, Part part);

// A new key. RSA has 3072 bits. An algorithm without can_sign(), or HS256, is a mistake of the
// caller.
[[nodiscard]] members::Members generate(Algorithm algorithm);

} // namespace auth::openssl
