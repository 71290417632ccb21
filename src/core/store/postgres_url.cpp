#include "core/store/postgres_url.h"

#include "core/base/text.h"

namespace auth {
namespace {

// Nobody spells a keyword in escapes but to hide it.
bool may_be_secret(std::string_view parameter) {
    const std::string name = lower_ascii(parameter.substr(0, parameter.find('=')));
    return name.find("password") != std::string::npos || name.find('%') != std::string::npos;
}

} // namespace

bool is_postgres_url(std::string_view text) {
    return text.starts_with("postgresql://") || text.starts_with("postgres://");
}

std::string shown_url(std::string_view url) {
    std::string shown(url);
    const std::size_t start = shown.find("://") + 3;
    // A slash or a question mark before the last @ may be the password's, escaped or not.
    const std::size_t at = shown.rfind('@');
    const std::size_t colon = shown.find(':', start);
    if (at != std::string::npos && colon < at)
        shown.erase(colon, at - colon);
    const std::size_t query = shown.find('?', start);
    if (query == std::string::npos)
        return shown;
    std::string kept;
    if (is_postgres_url(url))
        for (const std::string& parameter : split(std::string_view(shown).substr(query + 1), '&'))
            if (!may_be_secret(parameter))
                kept += (kept.empty() ? "?" : "&") + parameter;
    shown.erase(query);
    return shown + kept;
}

} // namespace auth
