// The first proof that an address is its user's: by a mailed code, a login link, a reset or a
// provider's word. Before it anybody may have set the account up, so all that a person set up until
// then is dropped; what an operator did stays, and so does what is set up afterwards.
#pragma once

#include "core/realm.h"
#include "core/users/user.h"

#include <optional>
#include <string_view>

namespace auth {

// Who sets up a password or a second factor now, as the tables name it: "operator", "subject", or
// "signup" for a person while nobody has proved the address.
[[nodiscard]] std::string_view set_up_by(const User& user, bool by_operator);

// What the person who proves the address proved in addition. It is that person's own, and stays.
struct AlsoProved {
    bool password = false;
    bool factor = false; // counts only beside the password
};

// What the first proof dropped.
struct Dropped {
    bool password = false;
    bool factor = false; // the app, recovery codes or both
    [[nodiscard]] bool any() const { return password || factor; }
};

// Whether the first proof, which is still to come, will drop the user's second factor. Nobody who
// proves the address need have it then.
[[nodiscard]] bool factor_is_unproved(Realm& realm, const User& user);

// The address was proved. Marks it as verified; at the first proof it also drops what was set up
// before, ends all sessions unless the password was proved and the factor stayed, and mails a
// notice of what was dropped. Later proofs change nothing. Updates `user`, which the caller writes.
// Call inside a Transaction, before the act sets up anything new.
Dropped prove_address(Realm& realm, User& user, std::string_view by, const AlsoProved& also = {});
// Its two halves, for an act that stores something between them: whoever has added to the trail
// keeps others waiting. Nothing was dropped, and there is nothing to note, where this is a later
// proof.
[[nodiscard]] std::optional<Dropped> drop_unproved(Realm& realm, User& user,
                                                   const AlsoProved& also = {});
void note_first_proof(Realm& realm, const User& user, std::string_view by, const Dropped& dropped);

} // namespace auth
