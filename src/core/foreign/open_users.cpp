#include "core/formats/decoded_source.h"
#include "core/formats/user_reader.h"

#include <algorithm>

namespace auth {

Result<UsersFile> open_users(ByteSource source, std::optional<ImportFormat> format,
                             std::string_view file_name, const ReaderOptions& options) {
    AUTH_TRY(Decoded text, decoded(std::move(source)));
    AUTH_TRY(Opening opening, look_ahead(std::move(text.source)));
    const std::string_view head = opening.head();
    if (!format) {
        AUTH_TRY(format, detect_format(head, file_name));
    }
    UsersFile file;
    file.format = *format;
    const auto lines = static_cast<double>(std::ranges::count(head, '\n'));
    if (text.as_it_is && lines > 1)
        file.bytes_a_line = static_cast<double>(head.size()) / lines;
    AUTH_TRY(file.reader, open_reader(*format, std::move(opening.source), options));
    return file;
}

} // namespace auth
