// Names elsewhere and here, as flags give them.
#pragma once

#include "cli/world/world.h"
#include "core/formats/user_reader.h"

#include <string>
#include <vector>

namespace auth {

// "THEIRS=OURS,THEIRS=OURS", or "@FILE" with a JSON object of texts, for each time that the flag
// was given. Fails with usage for text of neither form and for a name that is given twice, and with
// io.
[[nodiscard]] Result<Renames> read_renames(std::string_view flag,
                                           const std::vector<std::string>& given);
// "A,B", or "@FILE" with a JSON list of texts.
[[nodiscard]] Result<std::vector<std::string>> read_names(std::string_view flag,
                                                          const std::vector<std::string>& given);

} // namespace auth
