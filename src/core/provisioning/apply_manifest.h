// Makes users and roles what a manifest declares.
#pragma once

#include "core/provisioning/change.h"
#include "core/provisioning/manifest.h"
#include "core/realm.h"

#include <filesystem>
#include <functional>
#include <vector>

namespace auth {

struct ApplyOptions {
    std::filesystem::path directory; // what relative paths are meant from
    // Deletes the users and roles that manifests of this owner made and that this one does not
    // name, unless another owner's manifest does.
    bool prune = false;
    unsigned threads = 1; // for hashing
    // Told of each file with a password that every user of the machine can read.
    std::function<void(const std::filesystem::path&)> open_to_all{};
};

// One transaction: all of it or nothing. Says what changed, in the order of doing; nothing where
// all was as declared. Passwords count as changed where the declared one is new: what a user chose
// later stands. Fails with not_found (role), exists (username), usage, refused, io or
// unsafe_permissions, naming the place in the manifest.
[[nodiscard]] Result<std::vector<Change>> apply(Realm& realm, const Manifest& manifest,
                                                const ApplyOptions& options);

} // namespace auth
