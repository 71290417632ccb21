// Readers of user files from a module.
#pragma once

#include "core/formats/user_reader.h"

namespace auth {

// As open_reader.
[[nodiscard]] Result<std::unique_ptr<UserReader>>
open_reader_module(ImportFormat format, ByteSource source, const ReaderOptions& options);

} // namespace auth
