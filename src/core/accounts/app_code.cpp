#include "core/accounts/app_code.h"

#include "core/accounts/totp_secret.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace auth {

Result<AppCode> app_code(Realm& realm, const User& user, bool pending) {
    if (!realm.test)
        return fail(error(ErrorCode::refused, "codes of apps are given in test databases only")
                        .with_reason("not_a_test_database")
                        .with_hint(NextStep{"db init", {"--test", "--db", "test.db"}}));
    auto held = pending ? std::nullopt : find_totp(realm, user.id, totp_table::State::confirmed);
    const bool confirmed = held.has_value();
    if (!held)
        held = find_totp(realm, user.id, totp_table::State::pending);
    if (!held)
        return fail(
            error(ErrorCode::refused, fmt::format("{} has no second factor", in_quotes(user.email)))
                .with_reason("not_enrolled")
                .with_hint(NextStep{"mfa enroll", {user.email_key}}));
    const std::int64_t now = time_step(held->totp, realm.now());
    const std::int64_t step = now > held->last_step ? now : held->last_step + 1;
    return AppCode{hotp(held->totp, step),
                   from_unix_seconds((step + 1) * held->totp.period.count()), !confirmed};
}

} // namespace auth
