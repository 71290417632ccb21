// Handing mails over. Whoever sends one claims it first, so that no two processes send the same
// while the claim lasts; a claim outlives any attempt, and that of a killed process runs out. So
// every mail is sent at least once, and a failure is tried again after 1, 5 and 15 minutes, 1 and 4
// hours, then daily, until the code in it has expired or five days are over.
#pragma once

#include "core/mail/mailer.h"
#include "core/mail/outbox.h"
#include "core/realm.h"

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace auth {

// Hands a mail over that was just posted, after the act was committed. Does nothing without a
// transport (nullptr: the outbox is read in place), in a dry run, where the act was undone, or
// where another process is at it. Fails with delivery, which is noted; the mail then waits for
// send_due.
[[nodiscard]] Status deliver(Realm& realm, std::string_view id, Mailer* mailer);

enum class SendOutcome {
    sent,
    retried, // failed for now
    failed,  // for good
    dropped, // not sent, since its code is dead
    due,     // not sent, in a dry run
};

struct Attempt {
    Mail mail; // as it stands afterwards
    SendOutcome outcome;
    std::string message{}; // of the failure
};

struct Batch {
    std::vector<Attempt> attempts;
    std::int64_t left = 0; // due, but not tried
};

// Sends what is due, oldest first, at most `limit` mails (0 for all). Stops at the first failure
// that says nothing of the mail itself, since every other one would wait for the same time-out.
// One that cannot be opened has failed for good, and keeps what there is of its content.
// `dead` tells of mails whose code is no longer good.
[[nodiscard]] Batch send_due(Realm& realm, Mailer& mailer, std::int64_t limit,
                             const std::function<bool(const Mail&)>& dead);

} // namespace auth
