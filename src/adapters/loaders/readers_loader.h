// Readers of user files from a module.
#pragma once

#include "core/formats/user_reader.h"

namespace auth {

// As open_users.
[[nodiscard]] Result<UsersFile> open_users_module(ByteSource source,
                                                  std::optional<ImportFormat> format,
                                                  std::string_view file_name,
                                                  const ReaderOptions& options);

} // namespace auth
