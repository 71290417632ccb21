#include "core/passwords/forms.h"

#include "core/base/encoding.h"

#include <fmt/format.h>

#include <bit>

namespace auth {
namespace {

// "$HEAD$FIRST$SECOND": salt and hash, as a rule.
std::string phc(std::string_view head, std::string_view first, std::string_view second) {
    return fmt::format("${}${}${}", head, to_unpadded_base64(first), to_unpadded_base64(second));
}

} // namespace

std::string argon2_hash(std::string_view type, std::uint32_t memory_kib, std::uint32_t passes,
                        std::uint32_t lanes, std::string_view salt, std::string_view tag) {
    return phc(fmt::format("{}$v=19$m={},t={},p={}", type, memory_kib, passes, lanes), salt, tag);
}

std::string pbkdf2_hash(std::string_view digest, std::uint32_t rounds, std::string_view salt,
                        std::string_view key) {
    return phc(fmt::format("pbkdf2-{}$i={},l={}", digest, rounds, key.size()), salt, key);
}

std::string scrypt_hash(std::uint64_t n, std::uint32_t r, std::uint32_t p, std::string_view salt,
                        std::string_view key) {
    const int log2_n = std::has_single_bit(n) ? std::countr_zero(n) : 0;
    return phc(fmt::format("scrypt$ln={},r={},p={}", log2_n, r, p), salt, key);
}

Result<std::string> firebase_hash(const FirebaseParameters& project, std::string_view salt,
                                  std::string_view hash) {
    if (hash.empty() || hash.size() != project.signer_key.size())
        return fail(error(ErrorCode::usage, fmt::format("the Firebase hash has {} bytes, and the "
                                                        "signer key {}: they belong to different "
                                                        "projects, or one is cut off",
                                                        hash.size(), project.signer_key.size()))
                        .with_field("password_hash"));
    std::string keystream(hash);
    for (std::size_t i = 0; i < keystream.size(); ++i)
        keystream[i] = static_cast<char>(keystream[i] ^ project.signer_key[i]);
    return phc(fmt::format("firebase-scrypt$ln={},r={}", project.memory_cost, project.rounds),
               std::string(salt) + project.salt_separator, keystream);
}

std::string salted_digest(std::string_view digest, SaltPosition position, std::string_view salt,
                          std::string_view hash) {
    const std::string_view format = salt.empty()                       ? "{PASSWORD}"
                                    : position == SaltPosition::before ? "{SALT}{PASSWORD}"
                                                                       : "{PASSWORD}{SALT}";
    return phc(fmt::format("{}$pf={}", digest, to_unpadded_base64(format)), salt, hash);
}

std::string hmac_digest(std::string_view digest, std::string_view key, std::string_view hash) {
    return phc(fmt::format("hmac-{}", digest), hash, key);
}

} // namespace auth
