// The key file's powers: sealing what the database alone must not reveal, and keyed hashes.
#pragma once

#include "core/base/random.h"
#include "core/base/result.h"
#include "core/base/secret.h"

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
enum class MacPurpose { address, code, refresh, link, recovery_code, place, applied };

class Vault {
  public:
    // The 32-byte key of `key_path` is read at first use. `database_id` separates databases that
    // share a key; `check` is what key_check gave when the database was made.
    Vault(std::filesystem::path key_path, std::string database_id, std::string check);

    // Makes the key file, unless a good one is there. Fails with unsafe_permissions, io or
    // key_mismatch.
    [[nodiscard]] static Status make_key(const std::filesystem::path& key_path, Random& random);
    // What a new database stores to recognise its key.
    [[nodiscard]] static Result<std::string> key_check(const std::filesystem::path& key_path,
                                                       const std::string& database_id);

    // Reads the key, if it was not read before. Fails with key_mismatch where the key file is
    // missing or another database's, unsafe_permissions or io. What follows needs it, and throws
    // that as a Failure: whoever can go on without the key asks here first.
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

    [[nodiscard]] const std::filesystem::path& key_path() const { return key_path_; }

  private:
    [[nodiscard]] const Secret& master() const;
    [[nodiscard]] Secret derive(std::string_view label) const;

    std::filesystem::path key_path_;
    std::string database_id_;
    std::string check_;
    mutable std::optional<Secret> master_;
    mutable std::optional<Secret> sealing_key_;
};

} // namespace auth
