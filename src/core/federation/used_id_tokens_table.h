// Table used_id_tokens: the ID tokens that logged a workload in, each of which is good once.
#pragma once

#include "core/store/database.h"

#include <string_view>

namespace auth::used_id_tokens_table {

// False where the token of that digest was used before. Call inside a Transaction. Forgets those
// that were refused for their age for a day, so that a clock set back brings none of them back.
[[nodiscard]] bool use(Database& database, std::string_view digest, Time usable_until, Time now);

} // namespace auth::used_id_tokens_table
