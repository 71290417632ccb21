// An insert of one row and nothing else, which an engine may send together with others.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace auth {

struct PlainInsert {
    std::string table;
    std::string columns; // "a, b"
    std::size_t count = 0;
    std::size_t rank = 0; // less than that of tables whose rows refer to this one's

    // Of "INSERT INTO t (a, b) VALUES (?1, ?2)"; nothing for any other statement.
    [[nodiscard]] static std::optional<PlainInsert> parse(std::string_view sql);
    // The same of a statement that is one; any other is a bug.
    [[nodiscard]] static PlainInsert of(std::string_view sql);
};

} // namespace auth
