// All that is sealed, in whatever table: so that a database can be checked with its key, and get
// another one.
#pragma once

#include "core/store/database.h"
#include "core/store/vault.h"
#include "core/upkeep/pace.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace auth::sealed_table {

struct SealedColumn {
    std::string_view table;
    std::string_view column;
    std::string_view row; // the column that a SealedPlace names the row by
};
[[nodiscard]] std::span<const SealedColumn> columns();

struct Altered {
    SealedColumn where;
    std::vector<std::string> rows; // at least one
};
// One sentence: the column and some of its rows.
[[nodiscard]] std::string in_words(const Altered& altered);
// Opens every sealed value, and says which do not open with the key. Fails as require_key.
[[nodiscard]] Result<std::vector<Altered>> altered(Database& database, const Vault& vault);

// Seals the column anew, and says how many values. Fails with database_corrupt where one does not
// open with the key that is left. Call inside a Transaction, which is not to be committed where
// the pace has stopped.
[[nodiscard]] Result<std::int64_t> reseal(Database& database, const SealedColumn& column,
                                          const VaultChange& change, Random& random, Pace& pace);

} // namespace auth::sealed_table
