// Databases that are named by a URL (libpq manual, section 34.1.1.2).
#pragma once

#include <string>
#include <string_view>

namespace auth {

// What a connection is for: an auth-cli database, one that is to be made, or one that is only
// looked at, quickly and without a change.
enum class PostgresUse { use, make, look };

[[nodiscard]] bool is_postgres_url(std::string_view text);
// The URL without what may be a password, as it may be shown and handed to PostgreSQL's own
// programs. Parameters stay: they may name the server. Of another kind of URL they go as well.
[[nodiscard]] std::string shown_url(std::string_view url);

} // namespace auth
