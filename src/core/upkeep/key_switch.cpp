#include "core/upkeep/key_switch.h"

#include "core/base/private_descriptor.h"
#include "core/base/private_file.h"
#include "core/store/key_source.h"

#include <fmt/format.h>

#include <cerrno>
#include <unistd.h>

namespace auth {
namespace {

namespace fs = std::filesystem;

// Under both names, until the new key takes the first.
Status keep_old_key(const fs::path& key_file, const fs::path& old) {
    AUTH_TRY(const auto current, read_private_file("key file", key_file));
    if (!current)
        return {};
    if (::link(key_file.c_str(), old.c_str()) != 0) {
        const int number = errno;
        if (number != EEXIST)
            return fail(io_error("create", old, number));
        AUTH_TRY(const auto kept, read_private_file("key file", old));
        if (!kept || kept->reveal() != current->reveal())
            return fail(ErrorCode::exists,
                        fmt::format("'{}' already exists and holds another key", old.string()),
                        "move it to a safe place, under another name");
    }
    return sync_directory(directory_of(key_file));
}

} // namespace

Status switch_key_files(const fs::path& key_file) {
    const fs::path next = next_key_file(key_file);
    AUTH_TRY(const bool waiting, check_private_file("key file", next));
    if (!waiting)
        return {}; // another process was quicker
    AUTH_CHECK(keep_old_key(key_file, old_key_file(key_file)));
    if (::rename(next.c_str(), key_file.c_str()) != 0 && errno != ENOENT)
        return fail(io_error("replace", key_file, errno));
    return sync_directory(directory_of(key_file));
}

} // namespace auth
