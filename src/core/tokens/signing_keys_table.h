#pragma once

#include "core/tokens/signing_key.h"

namespace auth::signing_keys_table {

void insert(Database& database, const KeyRecord& key, std::string_view sealed);
[[nodiscard]] std::optional<KeyRecord> find(Database& database, std::string_view kid);
// The newest active key of the algorithm, with its sealed private part.
struct Sealed {
    KeyRecord record;
    std::string sealed;
};
[[nodiscard]] std::optional<Sealed> newest_active(Database& database, std::string_view algorithm);
[[nodiscard]] std::vector<KeyRecord> list(Database& database);

} // namespace auth::signing_keys_table
