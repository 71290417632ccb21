#include "core/mail/template_files.h"

#include "core/base/private_file.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace auth {

Result<std::optional<std::string>> read_template(const std::filesystem::path& directory,
                                                 std::string_view name) {
    constexpr std::size_t most = 64U << 10U;
    const auto path = directory / name;
    std::error_code problem;
    if (std::filesystem::symlink_status(path, problem).type() ==
        std::filesystem::file_type::not_found)
        return std::nullopt;
    const auto text = read_file("template", path, most);
    if (!text)
        return fail(error(ErrorCode::usage, text.error().message).with_field("mail.templates"));
    if (!valid_utf8(text->reveal()))
        return fail(error(ErrorCode::usage,
                          fmt::format("the template {} is not UTF-8", in_quotes(path.string())))
                        .with_field("mail.templates"));
    return std::string(text->reveal());
}

} // namespace auth
