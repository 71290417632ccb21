// Files with a secret that somebody else wrote, named by a flag, a setting or a manifest: also
// mounted ones, which are links, on a read-only file system, and readable by a group or by all.
#pragma once

#include "core/base/result.h"
#include "core/base/secret.h"

#include <filesystem>
#include <string_view>

namespace auth {

struct GivenSecret {
    Secret text;
    bool open_to_all = false; // every user of the machine can read or change the file
};

// Whether every user of the machine can read or change the file, which may be a link to it.
[[nodiscard]] bool is_open_to_all(const std::filesystem::path& path);

// The whole file or pipe, as without_newline, at most 1 MiB. Fails with io. `what` names its role
// in messages.
[[nodiscard]] Result<GivenSecret> read_given_secret(std::string_view what,
                                                    const std::filesystem::path& path);

} // namespace auth
