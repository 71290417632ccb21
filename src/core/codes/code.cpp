#include "core/codes/code.h"

#include "core/base/digest.h"
#include "core/codes/codes_table.h"
#include "core/codes/login_links_table.h"
#include "core/settings/setting.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

constexpr Seconds minute{60};
constexpr Seconds hour{3600};
constexpr std::int64_t requests_a_minute = 30;

Error too_many(std::string_view what, Time until, Time now) {
    const Seconds wait = std::max(Seconds(1), until - now);
    return error(ErrorCode::rate_limited, fmt::format("{}; try again in {}", what, to_text(wait)))
        .with_retry_after(wait);
}

} // namespace

std::string_view to_name(CodePurpose purpose) {
    switch (purpose) {
    case CodePurpose::verify:
        return "verify";
    case CodePurpose::reset:
        return "reset";
    case CodePurpose::link:
        return "link";
    }
    return {};
}

CodeVerdict judge(const StoredCode& code, std::string_view offered_mac, std::int64_t max_tries,
                  Time now) {
    const bool equal = equal_in_constant_time(code.mac, offered_mac);
    if (!equal || code.tries > max_tries)
        return CodeVerdict::wrong;
    // A clock set back to before the code was made is no clock to trust.
    return now >= code.expires_at || now < code.issued_at ? CodeVerdict::expired
                                                          : CodeVerdict::right;
}

std::string code_mac(const Realm& realm, std::string_view user_id, CodePurpose purpose,
                     std::string_view code) {
    return realm.vault.mac(MacPurpose::code,
                           fmt::format("{}/{}/{}", user_id, to_name(purpose), code));
}

Secret issue_code(Realm& realm, std::string_view user_id, CodePurpose purpose) {
    const auto digits = static_cast<int>(realm.settings.get(setting<"codes.digits">));
    std::uint64_t bound = 1;
    for (int i = 0; i < digits; ++i)
        bound *= 10;
    std::string text = fmt::format("{:0{}}", random_below(realm.random, bound), digits);
    Secret code(text);
    wipe(text);
    const Time now = realm.now();
    codes_table::put(realm.database, user_id, to_name(purpose),
                     {code_mac(realm, user_id, purpose, code.reveal()), 0, now,
                      now + realm.settings.get(setting<"codes.ttl">)});
    return code;
}

std::optional<StoredCode> find_code(Realm& realm, std::string_view user_id, CodePurpose purpose) {
    return codes_table::find(realm.database, user_id, to_name(purpose));
}

void expect_code(Realm& realm, std::string_view user_id, CodePurpose purpose) {
    codes_table::expect(realm.database, user_id, to_name(purpose));
}

void count_try(Realm& realm, std::string_view user_id, CodePurpose purpose, StoredCode& code) {
    codes_table::add_tries(realm.database, user_id, to_name(purpose), 1);
    ++code.tries;
}

bool consume_code(Realm& realm, std::string_view user_id, CodePurpose purpose,
                  const StoredCode& code) {
    return codes_table::remove(realm.database, user_id, to_name(purpose), code.mac);
}

void give_back_try(Realm& realm, std::string_view user_id, CodePurpose purpose) {
    codes_table::add_tries(realm.database, user_id, to_name(purpose), -1);
}

void drop_codes(Realm& realm, std::string_view user_id) {
    codes_table::remove_all(realm.database, user_id);
    links_table::remove_all(realm.database, user_id);
}

bool code_is_dead(Realm& realm, const Mail& mail) {
    if (mail.code.empty())
        return false;
    const CodePurpose purpose =
        mail.kind == to_name(CodePurpose::reset) ? CodePurpose::reset : CodePurpose::verify;
    const auto stored = codes_table::find(realm.database, mail.user_id, to_name(purpose));
    return !stored ||
           judge(*stored, code_mac(realm, mail.user_id, purpose, mail.code),
                 realm.settings.get(setting<"codes.tries">), realm.now()) != CodeVerdict::right;
}

void expect_request(Realm& realm, std::string_view address_mac, CodePurpose purpose, Time now) {
    codes_table::expect_requests(realm.database, address_mac, to_name(purpose), now - hour);
    codes_table::expect_requests_of_all(realm.database, now - minute);
}

Status count_request(Realm& realm, std::string_view address_mac, CodePurpose purpose, Time now) {
    const auto past =
        codes_table::requests(realm.database, address_mac, to_name(purpose), now - hour);
    const Seconds gap = realm.settings.get(setting<"codes.resend_gap">);
    if (past.count > 0 && now < past.latest + gap)
        return fail(too_many(purpose == CodePurpose::link ? "a link was requested a moment ago"
                                                          : "a code was requested a moment ago",
                             past.latest + gap, now));
    if (past.count >= realm.settings.get(setting<"codes.resends_per_hour">))
        return fail(too_many("too many codes were requested", past.first + hour, now));
    if (codes_table::requests_of_all(realm.database, now - minute) >= requests_a_minute)
        return fail(too_many("too many mails are being requested", now + minute, now));
    codes_table::forget_requests(realm.database, now - hour);
    codes_table::add_request(realm.database, address_mac, to_name(purpose), now);
    return {};
}

} // namespace auth
