// The forms a stored password hash may have, and how to make one from the fields of another system.
//
// One form a scheme is stored; base 64 in it is RFC 4648's section 4 without padding:
//
//   $argon2id$v=19$m=KIB,t=PASSES,p=LANES$SALT$TAG      also $argon2i$
//   $2b$COST$…                                          also $2a$ $2y$; $y$ $7$ $6$ $5$ $1$:
//   crypt(5) $apr1$SALT$DIGEST                                   Apache's MD5
//   $pbkdf2-DIGEST$i=ROUNDS,l=BYTES$SALT$KEY            DIGEST: sha1 sha224 sha256 sha384 sha512
//   $scrypt$ln=LOG2N,r=R,p=P$SALT$KEY
//   $firebase-scrypt$ln=LOG2N,r=R$SALT$KEYSTREAM
//   $bcrypt-sha256$v=2,t=2b,r=COST$SALT$DIGEST          passlib's; v=1 is $bcrypt-sha256$2b,COST$…
//   bcrypt_sha256$$2b$COST$…                            Django's
//   $wp$2y$COST$…                                       WordPress since 6.8
//   $P$… $S$…                                           phpass (MD5) and Drupal (SHA-512)
//   {CRYPT}SSDDDDDDDDDDD                                DES crypt
//   $DIGEST$pf=FORMAT$SALT$HASH                         DIGEST: md5 sha1 sha224 sha256 sha384
//   sha512;
//                                                       FORMAT holds {PASSWORD}, and {SALT} or not
//   $hmac-DIGEST$HASH$KEY
//
// Read as well, and stored as one of these:
//
//   passlib    $pbkdf2$ROUNDS$… $pbkdf2-sha256$ROUNDS$… $pbkdf2-sha512$ROUNDS$…
//   Django     pbkdf2_sha256$… pbkdf2_sha1$… scrypt$… argon2$… bcrypt$… sha1$… md5$…
//   werkzeug   pbkdf2:DIGEST:ROUNDS$… scrypt:N:R:P$…
//   Kratos     $scrypt$ln=N,… (N itself) $firescrypt$… $md5$HASH $md5-crypt$… $sha256-crypt$…
//              $sha512-crypt$…, and padded base 64
//   LDAP       {SHA} {SSHA} {MD5} {SMD5} and with 256, 384 and 512 bits; {CRYPT} {BCRYPT} {ARGON2}
//              {PBKDF2} {PBKDF2-SHA1} {PBKDF2-SHA256} {PBKDF2-SHA512} {PBKDF2_SHA256} {PKCS5S2}
//   Dovecot    {BLF-CRYPT} {MD5-CRYPT} {SHA256-CRYPT} {SHA512-CRYPT} {DES-CRYPT} {ARGON2I}
//              {ARGON2ID} {PBKDF2}$1$… {PLAIN-MD5} {LDAP-MD5}, digests with .HEX and .B64
//   others     phpBB's $H$…, Jenkins' #jbcrypt:…, Nextcloud's 1|… 2|… 3|…, Django's crypt$$…
//   unmarked   ASP.NET Identity's base 64 (versions 2 and 3), DES crypt, and MD5 in hexadecimal
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace auth {

// All of these take bytes, not their encodings, and check nothing: inspect_hash judges what comes
// of it. `digest` is "md5", "sha1", "sha224", "sha256", "sha384" or "sha512".

// `type` is "argon2id" or "argon2i"; version 1.3.
[[nodiscard]] std::string argon2_hash(std::string_view type, std::uint32_t memory_kib,
                                      std::uint32_t passes, std::uint32_t lanes,
                                      std::string_view salt, std::string_view tag);
// Keycloak's pbkdf2, pbkdf2-sha256 and pbkdf2-sha512, Auth0's, Firebase's PBKDF2_SHA256.
[[nodiscard]] std::string pbkdf2_hash(std::string_view digest, std::uint32_t rounds,
                                      std::string_view salt, std::string_view key);
// `n` is a power of two: Auth0's cost, Firebase's STANDARD_SCRYPT.
[[nodiscard]] std::string scrypt_hash(std::uint64_t n, std::uint32_t r, std::uint32_t p,
                                      std::string_view salt, std::string_view key);

// Firebase encrypts the project's signer key with a key that scrypt makes of the password. What is
// stored is the key stream of that, which needs no signer key to be checked: the project's secret
// stays out of the database. `hash` and `signer_key` are as long as each other; fails with usage
// (field "password_hash").
struct FirebaseParameters {
    std::uint32_t memory_cost = 14; // log2 of N
    std::uint32_t rounds = 8;       // r
    std::string salt_separator;
    std::string signer_key;
};
[[nodiscard]] Result<std::string> firebase_hash(const FirebaseParameters& project,
                                                std::string_view salt, std::string_view hash);

// A digest of salt and password in one go. An empty salt is none.
enum class SaltPosition { before, after };
[[nodiscard]] std::string salted_digest(std::string_view digest, SaltPosition position,
                                        std::string_view salt, std::string_view hash);
// HMAC of the password.
[[nodiscard]] std::string hmac_digest(std::string_view digest, std::string_view key,
                                      std::string_view hash);

// The form in which a hash is stored; one that is stored already, or not known, comes back as it
// is. Never computes a hash.
[[nodiscard]] std::string stored_form(std::string_view hash);

} // namespace auth
