// The module "readers": every format that users are imported from, with simdjson, libcsv, zlib and
// libzstd.
#include "core/formats/user_reader.h"

#include <utility>

extern "C" [[gnu::visibility("default")]] void
open_users_file(auth::ByteSource source, std::optional<auth::ImportFormat> format,
                std::string_view file_name, const auth::ReaderOptions& options,
                auth::Result<auth::UsersFile>& out) {
    out = auth::open_users(std::move(source), format, file_name, options);
}
