// What keys look like. No view ever holds a private half.
#pragma once

#include "cli/command.h"
#include "core/keys/key_lifecycle.h"

#include <string>

namespace auth {

// The members of auth-cli.key/1 without the schema, as they stand in lists.
[[nodiscard]] Json key_record(Realm& realm, const KeyRecord& key);
// auth-cli.key/1 with `changed` and `successor`; `done` and `already` begin the note.
[[nodiscard]] Reply key_reply(Realm& realm, const KeyChange& change, std::string_view done,
                              std::string_view already);

// --alg, or token.algorithm where it was not given. Fails with usage for what cannot sign.
[[nodiscard]] Result<Algorithm> key_algorithm(const Realm& realm, const std::string& given);

} // namespace auth
