#include "adapters/loaders/readers_loader.h"

#include "adapters/loaders/module.h"

#include <utility>

namespace auth {

Result<std::unique_ptr<UserReader>> open_reader_module(ImportFormat format, ByteSource source,
                                                       const ReaderOptions& options) {
    using Open =
        void(ImportFormat, ByteSource, const ReaderOptions&, Result<std::unique_ptr<UserReader>>&);
    Result<std::unique_ptr<UserReader>> reader = fail(ErrorCode::internal, "no reader");
    module_function<Open>("readers", "open_users")(format, std::move(source), options, reader);
    return reader;
}

} // namespace auth
