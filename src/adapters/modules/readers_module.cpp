// The module "readers": every format that users are imported from, with simdjson and libcsv.
#include "core/formats/user_reader.h"

#include <utility>

extern "C" [[gnu::visibility("default")]] void
open_users(auth::ImportFormat format, auth::ByteSource source, const auth::ReaderOptions& options,
           auth::Result<std::unique_ptr<auth::UserReader>>& out) {
    out = auth::open_reader(format, std::move(source), options);
}
