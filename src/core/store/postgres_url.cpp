#include "core/store/postgres_url.h"

namespace auth {

bool is_postgres_url(std::string_view text) {
    return text.starts_with("postgresql://") || text.starts_with("postgres://");
}

std::string shown_url(std::string_view url) {
    std::string shown(url.substr(0, url.find('?')));
    const std::size_t start = shown.find("://") + 3;
    const std::size_t at = shown.substr(0, shown.find('/', start)).rfind('@');
    const std::size_t colon = shown.find(':', start);
    if (at != std::string::npos && colon < at)
        shown.erase(colon, at - colon);
    return shown;
}

} // namespace auth
