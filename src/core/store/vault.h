// The key file's powers: sealing what the database alone must not reveal, and keyed hashes.
#pragma once

#include "core/base/random.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/store/key_source.h"
#include "core/store/meta_table.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace auth {

// Where a sealed value lives; it opens nowhere else.
struct SealedPlace {
    std::string_view table;
    std::string_view column;
    std::string_view row;
};

// What short keyed hashes are for; one never matches another.
enum class MacPurpose { address, code, refresh, link, recovery_code, place, applied, archive };
// Whether its MAC key stays the same when the key file changes, sealed under the new one: for texts
// that the database does not have, and that nobody guesses or that are hashed slowly first.
[[nodiscard]] bool outlives_rekey(MacPurpose purpose);

class Vault {
  public:
    // The key of `source` is read at first use. `database_id` separates databases that share a key;
    // `check` is what key_check gave when the database was made or got this key.
    Vault(KeySource source, std::string database_id, std::string check);
    Vault(KeySource source, const meta_table::Meta& meta);

    // Makes the key file, unless a good one is there. Fails with unsafe_permissions, io or
    // key_mismatch.
    [[nodiscard]] static Status make_key(const std::filesystem::path& key_path, Random& random);
    // The same with a key that is there already; fails with exists where the file has another one.
    [[nodiscard]] static Status write_key(const std::filesystem::path& key_path, const Secret& key,
                                          Random& random);
    // What a new database stores to recognise its key.
    [[nodiscard]] static Result<std::string> key_check(const KeySource& source,
                                                       const std::string& database_id);

    // Reads the key, if it was not read before: where the key file does not match, the one that
    // waits to take its place, or the one that it took the place of. Fails with key_mismatch where
    // no key matches, and as KeySource::read. What follows needs it, and throws that as a Failure:
    // whoever can go on without the key asks here first.
    [[nodiscard]] Status require_key() const;
    // AES-256-GCM with a fresh nonce; the place is authenticated with it.
    [[nodiscard]] std::string seal(const SealedPlace& place, std::string_view value,
                                   Random& random) const;
    // Fails with database_corrupt where the value was altered or moved, and as require_key.
    [[nodiscard]] Result<Secret> unseal(const SealedPlace& place, std::string_view sealed) const;
    // The same of a row that is broken where it does not open: throws Failure.
    [[nodiscard]] Secret open(const SealedPlace& place, std::string_view sealed) const;
    // HMAC-SHA-256, 32 bytes.
    [[nodiscard]] std::string mac(MacPurpose purpose, std::string_view value) const;
    // Its key, for many of them.
    [[nodiscard]] Secret mac_key(MacPurpose purpose) const;
    // The MAC keys of `old` that outlive a rekey, sealed for Meta::kept_mac_keys.
    [[nodiscard]] std::string keep_mac_keys(const Vault& old, Random& random) const;

    [[nodiscard]] const KeySource& source() const { return source_; }
    // The key file that is in use once the key has been read; until then, and where no key
    // matches, the one that was named. Empty where the key is not in a file.
    [[nodiscard]] const std::filesystem::path& key_path() const { return key_path_; }
    // What person and machine are told instead: the file, or where else the key is from.
    [[nodiscard]] std::string key_name() const;

  private:
    [[nodiscard]] const Secret& master() const;
    [[nodiscard]] Secret derive(std::string_view label) const;
    [[nodiscard]] bool fits(const Secret& key) const;
    [[nodiscard]] Status adopt(Secret key) const;
    [[nodiscard]] Error mismatch() const;

    KeySource source_;
    std::string database_id_;
    std::string check_;
    std::string sealed_mac_keys_;
    std::optional<Time> rekeyed_at_;
    mutable std::filesystem::path key_path_;
    mutable std::optional<Secret> master_;
    mutable std::optional<Secret> sealing_key_;
    mutable std::optional<Secret> kept_mac_keys_;
};

} // namespace auth
