// Linking users with who they are at a provider.
#pragma once

#include "core/federation/provider.h"
#include "core/realm.h"
#include "core/users/linked_identity.h"
#include "core/users/user.h"

#include <string>
#include <string_view>
#include <vector>

namespace auth {

// What a provider said of somebody, proved by its signature.
struct ProvedIdentity {
    std::string issuer;
    std::string subject;
    std::string email; // "" where it named none; unchecked
    bool email_verified = false;
    std::string name;          // "" for none; one line
    std::string hosted_domain; // Google's "hd"; "" for none
    // What of its token and keys was read although others spell it differently, or not used.
    std::vector<std::string> remarks{};
};

// Whether the provider can say that the address is theirs. Google's word is good only for its own
// mail and the domains it hosts: others' addresses were verified once and may have changed hands.
[[nodiscard]] bool vouches_for_address(const ProvedIdentity& identity);

// NAME=SUBJECT, or NAME alone for all of the user's at that provider. Fails with usage.
struct IdentityRef {
    std::string provider;
    std::string subject; // "" for all
};
[[nodiscard]] Result<IdentityRef> parse_identity_ref(std::string_view typed);

// What a transaction must lock that links a subject, or ends its link.
[[nodiscard]] Locks locks_of_subject(std::string_view subject);

// All three change `user`'s links and say so in the trail. Call inside a Transaction.

// False where it was linked already. Fails with not_found (the provider), as check_for_people, with
// usage (no subject) and exists (somebody else's).
[[nodiscard]] Result<bool> link_identity(Realm& realm, const User& user, const IdentityRef& ref);
void link_identity(Realm& realm, const User& user, const Provider& provider,
                   std::string_view subject, std::string_view by);
// Ends the user's sessions as well, whom it updates. False where there was no such link. Fails with
// not_found (the provider).
[[nodiscard]] Result<bool> unlink_identity(Realm& realm, User& user, const IdentityRef& ref);

// In order of linking.
[[nodiscard]] std::vector<LinkedIdentity> identities_of(Realm& realm, const User& user);

} // namespace auth
