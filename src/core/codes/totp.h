// The codes of authenticator apps: HOTP (RFC 4226) over steps of time (RFC 6238). Pure.
#pragma once

#include "core/base/clock.h"
#include "core/base/digest.h"
#include "core/base/random.h"
#include "core/base/secret.h"

#include <optional>
#include <string>
#include <string_view>

namespace auth {

enum class HashFunction { sha1, sha256, sha512 };

// What an app and this program share.
struct Totp {
    Secret secret;
    HashFunction algorithm = HashFunction::sha1;
    int digits = 6;     // 6 or 8
    Seconds period{30}; // of one step
};

// As otpauth URIs have it: "SHA1", "SHA256", "SHA512"; reading takes any case.
[[nodiscard]] std::string_view to_name(HashFunction function);
[[nodiscard]] std::optional<HashFunction> parse_hash_function(std::string_view name);

// What many authenticator apps ignore of it, so that their codes are wrong: "SHA256 and 8 digits".
// Nothing for SHA-1, 6 digits and steps of 30 seconds, which all of them know.
[[nodiscard]] std::string ignored_by_apps(const Totp& totp);

// With a fresh secret, as long as the hash (RFC 6238 section 5.1): 160, 256 or 512 bits.
[[nodiscard]] Totp make_totp(HashFunction algorithm, int digits, Random& random);

// The code of one counter value (RFC 4226 section 5.3).
[[nodiscard]] Secret hotp(const Totp& totp, std::int64_t counter);

// The number of the step that `now` is in.
[[nodiscard]] std::int64_t time_step(const Totp& totp, Time now);

// The step whose code this is, of the current one and its neighbours (RFC 6238 section 5.2); the
// newest, where codes repeat.
[[nodiscard]] std::optional<std::int64_t> matching_step(const Totp& totp, std::string_view code,
                                                        Time now);

} // namespace auth
