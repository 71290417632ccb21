#include "core/accounts/imported_credentials.h"

#include "core/passwords/password.h"

#include <fmt/format.h>

namespace auth {
namespace {

std::string mac(const Realm& realm, std::string_view what, std::string_view value) {
    return realm.vault.mac(MacPurpose::applied, fmt::format("imported {} {}", what, value));
}

} // namespace

void remember_import(Realm& realm, std::string_view user_id,
                     const passwords_table::StoredPassword& stored) {
    if (!stored.from_file)
        return;
    auto said = imported_credentials_table::find(realm.database, user_id)
                    .value_or(imported_credentials_table::Row());
    said.password_mac = mac(realm, "hash", stored.hash);
    said.password_head = own_head(stored.hash);
    imported_credentials_table::put(realm.database, user_id, said);
}

void note_imported_password(Realm& realm, std::string_view user_id) {
    passwords_table::mark_from_file(realm.database, user_id);
    auto said = imported_credentials_table::find(realm.database, user_id);
    if (!said || !said->password_mac)
        return;
    said->password_mac.reset();
    said->password_head.clear();
    imported_credentials_table::put(realm.database, user_id, *said);
}

bool was_imported(const Realm& realm, const imported_credentials_table::Row& said,
                  std::string_view hash) {
    return said.password_mac == mac(realm, "hash", hash);
}

bool was_imported(const Realm& realm, const imported_credentials_table::Row& said,
                  const Secret& normalised) {
    const auto made = hash_again(normalised, said.password_head);
    return made && was_imported(realm, said, *made);
}

std::string imported_totp_mac(const Realm& realm, const Totp& totp) {
    return mac(realm, "totp", totp.secret.reveal());
}

} // namespace auth
