#include "core/base/encoding.h"
#include "core/base/text.h"
#include "core/foreign/ldif_entry.h"

#include <algorithm>

namespace auth {

std::string name_in_dn(std::string_view dn) {
    std::string name;
    dn.remove_prefix(std::min(dn.find('=') + 1, dn.size()));
    for (std::size_t i = 0; i < dn.size() && dn[i] != ',' && dn[i] != '+'; ++i) {
        const auto byte = dn[i] == '\\' ? from_hex(lower_ascii(dn.substr(i + 1, 2))) : std::nullopt;
        if (byte && byte->size() == 1) {
            name += *byte;
            i += 2;
        } else {
            i += dn[i] == '\\' && i + 1 < dn.size() ? 1 : 0;
            name += dn[i];
        }
    }
    return std::string(trimmed(name));
}

std::string address_lines(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::string code = lower_ascii(text.substr(i, 3));
        const bool escaped = code == "\\24" || code == "\\5c";
        out += escaped ? (code == "\\24" ? '$' : '\\') : text[i] == '$' ? '\n' : text[i];
        i += escaped ? 2 : 0;
    }
    return out;
}

} // namespace auth
