// Short codes sent by mail: single use, bound to a user and a purpose, stored as a MAC.
#pragma once

#include "core/base/clock.h"
#include "core/base/secret.h"
#include "core/mail/mailer.h"
#include "core/realm.h"

#include <optional>
#include <string>
#include <string_view>

namespace auth {

// Links are asked for under the same limits as codes.
enum class CodePurpose { verify, reset, link };
[[nodiscard]] std::string_view to_name(CodePurpose purpose);

struct StoredCode {
    std::string mac;        // 32 bytes
    std::int64_t tries = 0; // counted before the comparison, the current one included
    Time issued_at;
    Time expires_at;
};

// wrong also stands for a code that was used, replaced or burnt.
enum class CodeVerdict { right, wrong, expired };

// Pure. `offered_mac` is code_mac of what was typed; `max_tries` wrong tries burn a code.
[[nodiscard]] CodeVerdict judge(const StoredCode& code, std::string_view offered_mac,
                                std::int64_t max_tries, Time now);

[[nodiscard]] std::string code_mac(const Realm& realm, std::string_view user_id,
                                   CodePurpose purpose, std::string_view code);

// Makes a code of codes.digits digits that replaces the user's earlier one for the purpose. Call
// inside a Transaction.
[[nodiscard]] Secret issue_code(Realm& realm, std::string_view user_id, CodePurpose purpose);

// The user's code, and as Statement::expect for it.
[[nodiscard]] std::optional<StoredCode> find_code(Realm& realm, std::string_view user_id,
                                                  CodePurpose purpose);
void expect_code(Realm& realm, std::string_view user_id, CodePurpose purpose);
// Counts one try against it, in `code` as well; commit before comparing. Call inside the
// Transaction that read it, which locks the user.
void count_try(Realm& realm, std::string_view user_id, CodePurpose purpose, StoredCode& code);
// Uses the code up. False where another process did so first. Call inside a Transaction.
[[nodiscard]] bool consume_code(Realm& realm, std::string_view user_id, CodePurpose purpose,
                                const StoredCode& code);
// A right code that was not used after all gets its try back.
void give_back_try(Realm& realm, std::string_view user_id, CodePurpose purpose);
// Codes and links alike.
void drop_codes(Realm& realm, std::string_view user_id);

// Whether the mail's code would no longer be taken: it has expired, or was used or replaced.
[[nodiscard]] bool code_is_dead(Realm& realm, const Mail& mail);

// Limits requests for codes and links by address, known or not: one per codes.resend_gap,
// codes.resends_per_hour, and 30 a minute over all. Notes the request. Fails with rate_limited.
// Call inside a Transaction that locks the address and the mails.
[[nodiscard]] Status count_request(Realm& realm, std::string_view address_mac, CodePurpose purpose,
                                   Time now);
// As Statement::expect, for count_request().
void expect_request(Realm& realm, std::string_view address_mac, CodePurpose purpose, Time now);

} // namespace auth
