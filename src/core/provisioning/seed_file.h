// People whom a test needs, as a file declares them: a manifest whose users may also have a
// password, a second factor, or be in a state in which a login fails.
#pragma once

#include "core/provisioning/manifest.h"
#include "core/realm.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

// Each of them stops a login in its own way.
enum class SeedState { ready, locked, disabled, unverified, code_expired };

struct SeedPerson {
    SeedState state = SeedState::ready;
    std::optional<Secret> totp_secret{};
};

struct SeedFile {
    Manifest manifest;                // with the passwords as hashes
    std::vector<SeedPerson> people{}; // beside manifest.users
};

// A person is verified unless the state or "verified" says otherwise. Fails as read_manifest, and
// with usage for what it adds: "password" (text), "totp_secret" (base32), "state" (locked,
// disabled, unverified or code_expired). For test databases: passwords need not meet the policy.
[[nodiscard]] Result<SeedFile> read_seed_file(std::string_view text, const ParseYaml& parse_yaml);

// Makes them so, in one transaction; says how many users or roles were made or changed. Relative
// paths are meant from `directory`. Fails as apply.
[[nodiscard]] Result<std::int64_t> seed_from(Realm& realm, const SeedFile& file,
                                             const std::filesystem::path& directory);

} // namespace auth
