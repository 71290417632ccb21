// A user's shared secret and recovery codes, as the database keeps them: sealed, and as MACs.
#pragma once

#include "core/accounts/totp_table.h"
#include "core/codes/totp.h"
#include "core/realm.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

struct StoredTotp {
    Totp totp;
    std::int64_t last_step = 0; // the newest accepted
    Time since;                 // when it became pending or confirmed
};

[[nodiscard]] std::optional<StoredTotp> find_totp(Realm& realm, std::string_view user_id,
                                                  totp_table::State state);
// What a row holds.
[[nodiscard]] StoredTotp open_totp(const Realm& realm, const totp_table::Row& row);
// In place of the one of that state; `set_by` as of passwords. Call inside a Transaction.
void store_totp(Realm& realm, std::string_view user_id, totp_table::State state, const Totp& totp,
                std::int64_t last_step, std::string_view set_by);
// The secrets, pending and confirmed, and all recovery codes. True where one was confirmed. Call
// inside a Transaction.
bool drop_factor(Realm& realm, std::string_view user_id);

// Ten codes of 80 bits, as people write them: "xxxx-xxxx-xxxx-xxxx". They replace all earlier ones.
// `set_by` as of passwords. Call inside a Transaction.
[[nodiscard]] std::vector<Secret> issue_recovery_codes(Realm& realm, std::string_view user_id,
                                                       std::string_view set_by);
// `code` without dashes, in lower case.
[[nodiscard]] std::string recovery_code_mac(const Realm& realm, std::string_view user_id,
                                            const Secret& code);

} // namespace auth
