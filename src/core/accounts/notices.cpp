#include "core/accounts/notices.h"

#include "core/accounts/login_places_table.h"
#include "core/settings/setting.h"

#include <fmt/format.h>

namespace auth {
namespace {

// Where mail is only kept, nobody is told anything, and a test's outbox holds what it asked for.
bool notices_wanted(const Settings& settings) {
    if (settings.given(setting<"mail.notices">))
        return settings.get(setting<"mail.notices">);
    return settings.get(setting<"mail.transport">) != "outbox";
}

} // namespace

Recipient recipient_of(const User& user) {
    return {user.id, user.email_key, user.name.value_or("")};
}

void notify(Realm& realm, const User& user, const Letter& letter) {
    if (user.verified_at && notices_wanted(realm.settings))
        post(realm, recipient_of(user), letter, Departure::notice);
}

void post_factor_change(Realm& realm, const User& user, std::string_view what) {
    post(realm, recipient_of(user), factor_letter(what), Departure::awaited);
}

LoginPlace::LoginPlace(Realm& realm, std::string_view user_id)
    : name_(realm.place ? realm.place() : "") {
    if (name_.empty())
        return;
    mac_ = realm.vault.mac(MacPurpose::place, fmt::format("{}/{}", user_id, name_));
    login_places_table::expect(realm.database, user_id, mac_);
}

void LoginPlace::look(Realm& realm, const User& user) {
    if (!name_.empty())
        known_ = login_places_table::look(realm.database, user.id, mac_);
}

void LoginPlace::note(Realm& realm, const User& user) const {
    if (name_.empty() || known_.this_one)
        return;
    login_places_table::insert(realm.database, user.id, mac_, realm.now());
    if (known_.any)
        notify(realm, user, new_login_letter(name_));
}

} // namespace auth
