// Everybody's marks of accounts that may not log in, and of passwords that must be changed.
#include "core/formats/user_reader.h"
#include "support/catch.h"
#include "support/sources.h"

using namespace auth;

namespace {

const Time now = *parse_rfc3339("2026-03-01T12:00:00Z");

UserRecord only(ImportFormat format, std::string text) {
    auto users = read_users(format, std::move(text), 1000, {.domain = "example.org", .now = now});
    REQUIRE(users.size() == 1);
    return std::move(users.front());
}

UserRecord entry(const std::string& lines) {
    return only(ImportFormat::ldif,
                "dn: uid=ann\nuid: ann\nuserPassword: {SSHA}xpgoaNUPAmgH18eoG\n" + lines + "\n");
}

bool is_out(const UserRecord& user) {
    REQUIRE_FALSE(user.error);
    return user.disabled.value_or(false);
}

bool must_change(const UserRecord& user) {
    REQUIRE_FALSE(user.error);
    return user.must_change_password.value_or(false);
}

} // namespace

TEST_CASE("LDIF: whoever a directory shuts out stays out") {
    for (const char* const mark :
         {"nsAccountLock: TRUE",
          "nsaccountlock: true",
          "loginDisabled: TRUE",
          "userAccountControl: 514",
          "userAccountControl: 66050",
          "userAccountControl: 528",
          "accountExpires: 132223104000000000",
          "lockoutTime: 132223104000000000",
          "msDS-UserAccountDisabled: TRUE",
          "lockedByIntruder: TRUE",
          "loginExpirationTime: 20260301115959Z",
          "pwdAccountLockedTime: 000001010000Z",
          "pwdAccountLockedTime: 20230504101500Z",
          "pwdEndTime: 20200101000000Z",
          "krbPrincipalExpiration: 20200101000000Z",
          "ds-pwp-account-disabled: true",
          "ibm-pwdAccountLocked: true",
          "inetUserStatus: deleted",
          "sambaAcctFlags: [UD         ]",
          "sambaAcctFlags: [UL]",
          "sambaKickoffTime: 1000000000",
          "shadowExpire: 1",
          "shadowExpire: 0",
          "shadowExpire: 20513",
          "shadowLastChange: 19000\nshadowMax: 90\nshadowInactive: 30",
          "userPassword: {SSHA}x\nnsAccountLock: FALSE\nnsAccountLock: TRUE"}) {
        CAPTURE(mark);
        CHECK(is_out(entry(mark)));
    }
    for (const char* const mark :
         {"nsAccountLock: FALSE", "loginDisabled: FALSE", "userAccountControl: 512",
          "accountExpires: 0", "accountExpires: 9223372036854775807", "lockoutTime: 0",
          "inetUserStatus: Active", "sambaAcctFlags: [UX         ]", "sambaKickoffTime: 0",
          "shadowExpire: -1", "shadowLastChange: 20500\nshadowMax: 99999"}) {
        CAPTURE(mark);
        const UserRecord user = entry(mark);
        CHECK_FALSE(is_out(user));
        CHECK_FALSE(must_change(user));
        CHECK(user.left_behind.empty());
    }
}

TEST_CASE("LDIF: a password that must be changed is told from an account that is shut") {
    for (const char* const mark :
         {"pwdLastSet: 0", "pwdReset: TRUE", "userAccountControl: 8389120", "sambaPwdLastSet: 0",
          "passwordExpirationTime: 20200101000000Z", "krbPasswordExpiration: 20200101000000.5Z",
          "shadowLastChange: 0", "shadowLastChange: 19000\nshadowMax: 90",
          "shadowLastChange: 20400\nshadowMax: 90\nshadowInactive: 3000"}) {
        CAPTURE(mark);
        const UserRecord user = entry(mark);
        CHECK(must_change(user));
        CHECK_FALSE(is_out(user));
    }
    CHECK_FALSE(must_change(entry("pwdLastSet: 133500000000000000")));
}

TEST_CASE("LDIF: what is to end later, and what has no place here, is left behind by name") {
    CHECK(entry("accountExpires: 157766880000000000").left_behind ==
          LeftBehind{{"accountExpires", 1}});
    CHECK(entry("shadowExpire: 40000").left_behind == LeftBehind{{"expiry_dates", 1}});
    CHECK(entry("shadowLastChange: 20500\nshadowMax: 90").left_behind ==
          LeftBehind{{"password_lifetimes", 1}});
    CHECK(entry("userAccountControl: 262656").left_behind == LeftBehind{{"smart_card_rules", 1}});
    CHECK(entry("memberOf: cn=a\nmemberOf: cn=b\nuserPassword: {SSHA}x\nmail: a@b.c\n"
                "mail: b@b.c\nhomeDirectory: /home/ann\njpegPhoto:: AAAA\nobjectClass: top\n"
                "telephoneNumber;x-home: 1\ntelephoneNumber: 2")
              .left_behind == LeftBehind{{"homeDirectory", 1},
                                         {"jpegPhoto", 1},
                                         {"mail", 1},
                                         {"second_passwords", 1},
                                         {"telephonenumber", 1}});
}

TEST_CASE("LDIF: a mark that cannot be read lets nobody in") {
    for (const char* const mark :
         {"nsAccountLock: maybe", "userAccountControl: x", "accountExpires: never",
          "pwdEndTime: tomorrow", "sambaAcctFlags: UD", "shadowExpire: soon", "pwdReset: ?"}) {
        CAPTURE(mark);
        const UserRecord user = entry(mark);
        REQUIRE(user.error);
        CHECK(user.error->code == ErrorCode::usage);
    }
    CHECK(entry("nsAccountLock: maybe").error->message ==
          "the nsAccountLock must be TRUE or FALSE");
}

TEST_CASE("password files: locks, ages and ends") {
    const auto shadow = [](const std::string& rest) {
        return only(ImportFormat::shadow, "ann:" + rest + "\n");
    };
    const UserRecord ended = shadow("$6$salt$hash:19000:0:99999:7::19100:");
    CHECK(is_out(ended));
    CHECK(ended.disabled_reason == "expired");
    CHECK(is_out(shadow("$6$salt$hash:20500:0:99999:7::20513:")));
    CHECK(is_out(shadow("$6$salt$hash:19000:0:90:7:30::")));
    CHECK(must_change(shadow("$6$salt$hash:0:0:99999:7:::")));
    CHECK(must_change(shadow("$6$salt$hash:19000:0:90:7:::")));
    const UserRecord later = shadow("$6$salt$hash:20500:0:99999:7::40000:");
    CHECK_FALSE(is_out(later));
    CHECK_FALSE(must_change(later));
    CHECK(later.left_behind == LeftBehind{{"expiry_dates", 1}});
    CHECK(shadow("$6$salt$hash:x:0:99999:7:::").error->message ==
          "the day of the last change must be a number of days");
    for (const char* const stored : {"!$6$salt$hash", "!!$6$salt$hash", "*LK*$6$salt$hash",
                                     "*LOCKED*$6$salt$hash", "*$6$salt$hash"}) {
        CAPTURE(stored);
        const UserRecord user = shadow(std::string(stored) + ":19700:0:99999:7:::");
        CHECK(is_out(user));
        CHECK(user.password_hash == "$6$salt$hash");
    }
    for (const char* const none : {"*", "!", "!!", "*LK*", "!*"}) {
        CAPTURE(none);
        const UserRecord user = shadow(std::string(none) + ":19700:0:99999:7:::");
        CHECK(is_out(user));
        CHECK_FALSE(user.password_hash);
    }
    CHECK_FALSE(shadow("NP:19700:0:99999:7:::").password_hash);
    CHECK(is_out(only(ImportFormat::htpasswd, "ann:!$apr1$8sRSLMbF$AUHPCjtnSLaA0sAvxLv9H1\n")));
    CHECK(is_out(only(ImportFormat::passlib_csv, "email,hash\nann@example.org,!$1$salt$hash\n")));
}

TEST_CASE("LDIF: a lock may come after the name of the form") {
    const auto with = [](const std::string& stored) {
        return only(ImportFormat::ldif, "dn: uid=ann\nuid: ann\nuserPassword: " + stored + "\n");
    };
    CHECK(is_out(with("{CRYPT}!$6$salt$hash")));
    CHECK(with("{CRYPT}!$6$salt$hash").password_hash == "{CRYPT}$6$salt$hash");
    CHECK(is_out(with("{crypt}*")));
    CHECK_FALSE(with("{crypt}*").password_hash);
    CHECK_FALSE(is_out(with("{CRYPT}$6$salt$hash")));
}

TEST_CASE("services: their words for people who may not log in") {
    const auto out = [](ImportFormat format, const std::string& text) {
        return is_out(only(format, text));
    };
    CHECK(out(ImportFormat::keycloak, R"([{"email":"a@b.c","enabled":false}])"));
    CHECK_FALSE(out(ImportFormat::keycloak, R"([{"email":"a@b.c","enabled":true}])"));
    CHECK(out(ImportFormat::kratos, R"([{"state":"inactive","traits":{"email":"a@b.c"}}])"));
    CHECK(out(ImportFormat::kratos, R"([{"state":7,"traits":{"email":"a@b.c"}}])"));
    CHECK_FALSE(out(ImportFormat::kratos, R"([{"state":"active","traits":{"email":"a@b.c"}}])"));
    CHECK(out(ImportFormat::firebase, R"({"users":[{"email":"a@b.c","disabled":true}]})"));
    CHECK(out(ImportFormat::auth0, R"([{"email":"a@b.c","blocked":true}])"));
    CHECK(out(ImportFormat::auth0, R"([{"email":"a@b.c","blocked":1}])"));
    const auto django = [](const std::string& active) {
        return R"([{"model":"auth.user","fields":{"email":"a@b.c","password":"!","is_active":)" +
               active + "}}]";
    };
    CHECK(out(ImportFormat::django, django("false")));
    CHECK(out(ImportFormat::django, django("0")));
    CHECK_FALSE(out(ImportFormat::django, django("true")));
    CHECK(only(ImportFormat::django, django("\"perhaps\"")).error->message ==
          "the is_active must be true or false");
    const auto banned = [&](const std::string& until) {
        return out(ImportFormat::supabase,
                   R"([{"email":"a@b.c","banned_until":")" + until + R"("}])");
    };
    CHECK(banned("2026-03-01T12:00:01Z"));
    CHECK(banned("2124-03-01 10:00:00+00"));
    CHECK(banned("infinity"));
    CHECK_FALSE(banned("2026-03-01T12:00:00Z"));
    CHECK_FALSE(banned("2020-03-01 10:00:00+00"));
    const UserRecord verify =
        only(ImportFormat::keycloak,
             R"([{"email":"a@b.c","emailVerified":true,"requiredActions":["VERIFY_EMAIL"]}])");
    CHECK(verify.verified == false);
}
