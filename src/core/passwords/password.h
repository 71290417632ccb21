// Password hashes: ours are Argon2id by libsodium; those of other systems are verified, then
// replaced.
#pragma once

#include "core/base/random.h"
#include "core/base/result.h"
#include "core/base/secret.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

// Argon2id (RFC 9106) with one lane, a 16-byte salt and a 32-byte tag.
struct PasswordCost {
    std::uint32_t memory_kib = 65536;
    std::uint32_t passes = 3;
    bool operator==(const PasswordCost&) const = default;
};

// What test databases use, and what a normal database refuses.
inline constexpr PasswordCost test_password_cost{8, 1};

// OWASP's floor: 46 MiB and one pass, or 19 MiB and two.
[[nodiscard]] bool meets_floor(PasswordCost cost);

// How much a stolen hash resists guessing: weak ones take a graphics card a billion guesses a
// second or so, strong ones cost at least OWASP's minimum.
enum class HashStrength { weak, fair, strong };
[[nodiscard]] std::string_view to_name(HashStrength strength);

// What checking a hash costs. Amounts of one unit add up.
struct HashWork {
    std::string unit; // how the hashes start that cost this; "" where it is next to nothing
    std::uint64_t amount = 0;
    std::uint64_t microseconds = 0; // roughly, on a machine of 2023
    bool operator==(const HashWork&) const = default;
};

// What a stored hash says of itself.
struct HashInfo {
    std::string scheme;     // "argon2id", "bcrypt", "pbkdf2-sha256", "sha1"
    std::string cost;       // for people: "m=65536 KiB, t=3, p=1", "cost 12"
    bool test_cost = false; // as test databases make them, which no normal one may hold
    HashStrength strength = HashStrength::weak;
    HashWork work{};
    std::uint64_t memory_kib = 0; // at once, where that is much
};

struct KnownHash {
    std::string stored; // in the form that is stored
    HashInfo kind;
};

// Reads a hash, in any spelling, without computing it; forms.h lists the forms. Fails with usage
// (field "password_hash") for a format not known or a malformed hash, and with refused, reason
// "hash_too_costly", above: bcrypt cost 15, Argon2 1 GiB or t=10, scrypt N 2^17, r=8 or p=10,
// yescrypt N 2^17 or r=32, PBKDF2 and SHA-crypt 10 M rounds, phpass and Drupal 2^20.
[[nodiscard]] Result<KnownHash> read_hash(std::string_view hash);
[[nodiscard]] Result<HashInfo> inspect_hash(std::string_view hash);

// The scheme, where a text that should be a password is a hash instead; "" for a hash that cannot
// be checked here. DES crypt is not told from a password: its 13 characters have no mark.
[[nodiscard]] std::optional<std::string> scheme_of_text(std::string_view text);

// The text that is hashed: NFKC. Fails with usage (field "password") for an empty one, invalid
// UTF-8, NUL, control characters, or more than 4096 bytes.
[[nodiscard]] Result<Secret> normalise_password(const Secret& typed);

// A PHC string. `normalised` comes from normalise_password.
[[nodiscard]] std::string hash_password(const Secret& normalised, PasswordCost cost,
                                        Random& random);
// The same with a salt drawn beforehand, of 16 bytes, for several threads at once.
[[nodiscard]] std::string hash_password(const Secret& normalised, PasswordCost cost,
                                        const Secret& salt);
[[nodiscard]] Secret draw_salt(Random& random);

// True where the password, as typed or normalised, made the hash; false for a hash that
// inspect_hash refuses. As its makers did, bcrypt reads the first 72 bytes of a password, and DES
// crypt the first eight.
[[nodiscard]] bool verify_password(const Secret& typed, const std::string& hash);

// Not Argon2id at exactly this cost.
[[nodiscard]] bool needs_rehash(std::string_view hash, PasswordCost cost);

// What a hash of hash_password starts with, up to its salt; empty for any other hash. And the hash
// of a password with that cost and salt; nothing for an empty head.
[[nodiscard]] std::string own_head(std::string_view hash);
[[nodiscard]] std::optional<std::string> hash_again(const Secret& normalised,
                                                    std::string_view head);

// A well-formed hash that no password matches, at this cost: what an absent user is compared with.
[[nodiscard]] std::string dummy_hash(PasswordCost cost);
// Hashes that no password matches and that cost this together; none for work without a unit.
[[nodiscard]] std::vector<std::string> dummy_hashes(const HashWork& work);

// 25 characters of five groups from an alphabet without look-alikes, over 110 bits.
[[nodiscard]] Secret generate_password(Random& random);

} // namespace auth
