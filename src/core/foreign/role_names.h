// What the roles and groups of a file are called here.
#pragma once

#include "core/formats/user_reader.h"

namespace auth {

// Reads the same records with each role renamed as `names` has it. Others stay as they are; those
// of another system, which are called as people like, are written as ours are where that makes a
// name: "Site Editors" is site-editors.
[[nodiscard]] std::unique_ptr<UserReader> with_role_names(std::unique_ptr<UserReader> reader,
                                                          Renames names, bool foreign);

} // namespace auth
