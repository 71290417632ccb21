#include "adapters/loaders/readers_loader.h"

#include "adapters/loaders/module.h"

#include <utility>

namespace auth {

Result<UsersFile> open_users_module(ByteSource source, std::optional<ImportFormat> format,
                                    std::string_view file_name, const ReaderOptions& options) {
    using Open = void(ByteSource, std::optional<ImportFormat>, std::string_view,
                      const ReaderOptions&, Result<UsersFile>&);
    Result<UsersFile> file = fail(ErrorCode::internal, "no reader");
    module_function<Open>("readers", "open_users_file")(std::move(source), format, file_name,
                                                        options, file);
    return file;
}

} // namespace auth
