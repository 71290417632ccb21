// Whether documents hold what the tables of their members say.
#pragma once

#include "core/base/json.h"

#include <string>
#include <vector>

namespace auth::test {

// The first member of what a command wrote to stdout, or of a record in it, that is of a kind
// different from that in cli/output/fields.h; "" for none, and for text that is not one document.
[[nodiscard]] std::string wrong_member(const std::vector<std::string>& arguments,
                                       const std::string& out);

} // namespace auth::test
