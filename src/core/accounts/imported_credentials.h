// What the last import said of a user, kept where the user may have changed it since: an import of
// the same file then changes nothing. A password costs nothing to import: it is remembered when
// something else takes its place.
#pragma once

#include "core/accounts/imported_credentials_table.h"
#include "core/accounts/passwords_table.h"
#include "core/codes/totp.h"
#include "core/realm.h"

#include <string_view>

namespace auth {

// Call inside a Transaction, before `stored` is replaced or removed: if an import set it, it is
// remembered.
void remember_import(Realm& realm, std::string_view user_id,
                     const passwords_table::StoredPassword& stored);
// The password that is stored is what the file says now: nothing else needs to be known of it.
// Inside a Transaction.
void note_imported_password(Realm& realm, std::string_view user_id);

// Whether an import set it before, and something else took its place since. The second one takes
// as long as a password hash where there is anything to compare.
[[nodiscard]] bool was_imported(const Realm& realm, const imported_credentials_table::Row& said,
                                std::string_view hash);
[[nodiscard]] bool was_imported(const Realm& realm, const imported_credentials_table::Row& said,
                                const Secret& normalised);
[[nodiscard]] std::string imported_totp_mac(const Realm& realm, const Totp& totp);

} // namespace auth
