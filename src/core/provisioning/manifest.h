// A manifest: users and roles as somebody wants them to be. What it does not mention stays as it
// is.
#pragma once

#include "core/base/ids.h"
#include "core/base/json.h"
#include "core/users/user.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

struct DeclaredRole {
    RoleName name;
    std::optional<std::string> description{};
    bool absent = false;
};

struct DeclaredCredential {
    enum class Kind { password_file, password_hash, generate };
    Kind kind = Kind::generate;
    std::string text; // a path, or the hash
};

struct DeclaredUser {
    Email email;
    ProfileChange profile{};
    std::optional<std::vector<RoleName>> roles{}; // all of them
    std::optional<bool> verified{};
    std::optional<bool> disabled{};
    std::optional<bool> must_change_password{};
    std::optional<DeclaredCredential> credential{};
    bool absent = false;
};

struct Manifest {
    std::string owner = "default"; // of what it makes
    std::vector<DeclaredRole> roles;
    std::vector<DeclaredUser> users;
};

// "users[2]": how errors name a part of the manifest.
[[nodiscard]] std::string path_of_user(std::size_t index);
// What is wrong with a value, said of its path.
[[nodiscard]] Error at_path(const std::string& path, Error failure);

// Fails with usage, naming the path ("users[2].emial"), for whatever is not known, not of its type,
// declared twice or at odds with itself.
[[nodiscard]] Result<Manifest> read_manifest(const Json& document);
// The same of text: JSON where it starts with '{', else YAML.
[[nodiscard]] Result<Manifest> read_manifest(std::string_view text, const ParseYaml& parse_yaml);

} // namespace auth
