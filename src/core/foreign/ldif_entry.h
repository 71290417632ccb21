// One entry of an LDIF file, and the marks of directories in it that keep its user out.
#pragma once

#include "core/foreign/foreign_user.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

struct LdifEntry {
    std::int64_t line = 0;
    // By their names in lower case, without options such as ";lang-en".
    std::map<std::string, std::vector<std::string>, std::less<>> values;
    LeftBehind passed_over; // attributes that nobody here reads, as they are spelt
    std::size_t bytes = 0;  // of all that may be wanted
    std::optional<Error> error;

    [[nodiscard]] std::string first(std::string_view name) const {
        const auto found = values.find(name);
        return found == values.end() ? "" : found->second.front();
    }
};

// In lower case; whether it is one of the attributes that apply_marks reads.
[[nodiscard]] bool is_mark(std::string_view attribute);
// Active Directory, OpenLDAP, 389 Directory Server and FreeIPA, eDirectory, Samba and shadow(5).
// Fails with usage where a mark cannot be read: nobody is let in by that.
[[nodiscard]] Status apply_marks(const LdifEntry& entry, ForeignUser& user, Time now);

// The value of a name's first part (RFC 4514), which groups are called by: "editors" of
// "CN=editors,OU=Groups".
[[nodiscard]] std::string name_in_dn(std::string_view dn);

// A postal address (RFC 4517 section 3.3.28) with \n between its lines: '$' is there in the file,
// and \24 and \5C are '$' and '\' within them.
[[nodiscard]] std::string address_lines(std::string_view text);

// "20260131090500Z" (RFC 4517, generalized time), with or without a fraction.
[[nodiscard]] std::optional<Time> generalized_time(std::string_view text);

} // namespace auth
