// Many texts in one parameter of a statement, whose text is the same however many there are.
#pragma once

#include "core/store/database.h"

#include <span>
#include <string>
#include <string_view>

namespace auth {

// Of valid UTF-8, to be bound.
[[nodiscard]] std::string text_list(std::span<const std::string_view> texts);
// SQL that selects the texts of the list at `place`, "?1": for IN (…).
[[nodiscard]] std::string texts_at(const Database& database, std::string_view place);

} // namespace auth
