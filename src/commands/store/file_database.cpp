#include "commands/store/file_database.h"

#include "core/base/text.h"
#include "core/settings/setting.h"
#include "core/store/postgres_url.h"

#include <fmt/format.h>

namespace auth {

Status require_file_database(const World& world, std::string_view what, std::string_view instead) {
    if (!is_postgres_url(world.settings.get(setting<"db">)))
        return {};
    AUTH_TRY(const std::string name, world.places().database_name());
    return fail(error(ErrorCode::refused,
                      fmt::format("{} is for databases in a file; a server has its own", what))
                    .with_reason("not_a_file")
                    .with_hint(fmt::format("{} {}", instead, shell_word(name))));
}

} // namespace auth
