#include "core/base/private_file.h"
#include "core/keys/signing_key.h"
#include "core/sessions/sessions_table.h"
#include "core/sessions/use_login.h"
#include "support/at_once.h"
#include "support/catch.h"
#include "support/files.h"
#include "support/test_realm.h"

#include <atomic>
#include <vector>

using namespace auth;
using namespace std::chrono_literals;
using test::content;
using test::TestRealm;
using test::user_ref;
namespace fs = std::filesystem;

namespace {

// Somebody who has logged in.
struct LoginHolder : TestRealm {
    LoginHolder() {
        test::add_user(realm());
        log_in_to(files);
    }
    TokenFiles files = TokenFiles::beside(directory() / "state/work.token");

    void log_in_to(const TokenFiles& where) {
        const auto grant =
            log_in(realm(), user_ref("ann@example.org"), Secret(test::good_password), {});
        REQUIRE(grant);
        REQUIRE(write_login(where, *grant, random));
    }
    Result<Refreshed> refresh(std::optional<Seconds> if_under = {}) {
        return refresh_login(realm(), files, if_under);
    }
    Refreshed must_refresh(std::optional<Seconds> if_under = {}) {
        auto refreshed = refresh(if_under);
        if (!refreshed)
            throw std::logic_error(refreshed.error().message);
        return *std::move(refreshed);
    }
    Result<StoredAccess> use(Use how = Use::renew) { return use_login(realm(), files, how); }
    StoredLogin stored() {
        auto login = read_login(files);
        REQUIRE(login);
        REQUIRE(*login);
        return std::move(**login);
    }
    Session session() { return *sessions_table::find(database(), stored().session_id); }
    std::string bytes() { return content(files.token) + content(files.session); }
    void replace(const fs::path& path, std::string_view text) {
        REQUIRE(replace_private_file(path, text, random));
    }
    void another_key_signs() {
        clock.advance(1s);
        Transaction transaction(database());
        create_signing_key(realm(), Algorithm::es256, realm().now());
        transaction.commit();
    }
    void revoke_keys() { execute("UPDATE signing_keys SET revoked_at = 1"); }
};

template <class T>
void check_not_used(const Result<T>& result, ErrorCode code, const std::string& reason) {
    REQUIRE_FALSE(result);
    CHECK(result.error().code == code);
    CHECK(result.error().reason == reason);
}

} // namespace

TEST_CASE("a refresh renews the login, however fresh it is") {
    LoginHolder holder;
    const std::string before = holder.bytes();
    const Refreshed refreshed = holder.must_refresh();
    CHECK(refreshed.changed);
    CHECK(refreshed.login.access.session.generation == 1);
    CHECK(holder.bytes() != before);
    CHECK(holder.session().generation == 1);
    CHECK(holder.stored().access_token.reveal() == refreshed.login.token.reveal());
    CHECK(is_current(holder, *holder.stored().refresh_token));
    CHECK(check_access(holder, refreshed.login.token.reveal(), TokenUse::act));
    CHECK(holder.events().back() == "authn_token_refreshed");
}

TEST_CASE("a login that was renewed less than five seconds ago is not renewed again") {
    LoginHolder holder;
    holder.clock.advance(1s);
    REQUIRE(holder.must_refresh().changed);
    const std::string before = holder.bytes();
    for (int second = 0; second < 5; ++second) {
        const Refreshed again = holder.must_refresh();
        CHECK_FALSE(again.changed);
        CHECK(again.login.access.session.used_at == holder.clock.now() - Seconds(second));
        CHECK(again.login.token.reveal() == holder.stored().access_token.reveal());
        holder.clock.advance(1s);
    }
    CHECK(holder.bytes() == before);
    CHECK(holder.must_refresh().changed);
    CHECK(holder.session().generation == 2);
}

TEST_CASE("unless another key signs now") {
    LoginHolder holder;
    REQUIRE(holder.must_refresh().changed);
    holder.another_key_signs();
    CHECK(holder.must_refresh().changed);
    CHECK_FALSE(holder.must_refresh().changed);
    CHECK(holder.session().generation == 2);
}

TEST_CASE("unless the token has died since") {
    LoginHolder holder;
    holder.set("token.ttl", "2s");
    REQUIRE(holder.must_refresh().changed);
    holder.clock.advance(1s);
    CHECK_FALSE(holder.must_refresh().changed);
    holder.clock.advance(1s);
    CHECK(holder.must_refresh().changed);
}

TEST_CASE("unless the clock went back") {
    LoginHolder holder;
    holder.clock.advance(60s);
    REQUIRE(holder.must_refresh().changed);
    holder.clock.advance(-30s);
    CHECK(holder.must_refresh().changed);
}

TEST_CASE("unless a crash kept the new token from its file") {
    LoginHolder holder;
    const std::string old = content(holder.files.token);
    holder.clock.advance(1s);
    REQUIRE(holder.must_refresh().changed);
    holder.replace(holder.files.token, old);
    const Refreshed repaired = holder.must_refresh();
    CHECK(repaired.changed);
    CHECK(content(holder.files.token) == std::string(repaired.login.token.reveal()) + "\n");
    CHECK_FALSE(holder.must_refresh().changed);
}

TEST_CASE("a refresh under a limit leaves a token alone that lives longer") {
    LoginHolder holder;
    holder.clock.advance(300s);
    const std::string before = holder.bytes();
    const Refreshed left = holder.must_refresh(300s);
    CHECK_FALSE(left.changed);
    CHECK(left.login.access.expires_at == holder.clock.now() + 300s);
    CHECK(holder.bytes() == before);
    const Refreshed renewed = holder.must_refresh(301s);
    CHECK(renewed.changed);
    CHECK(renewed.login.access.expires_at == holder.clock.now() + 600s);
    CHECK_FALSE(holder.must_refresh(600s).changed);
}

TEST_CASE("a token that is no longer vouched for is renewed by its refresh token") {
    for (const bool by_use : {true, false}) {
        LoginHolder holder;
        holder.revoke_keys();
        check_not_used(holder.use(Use::look), ErrorCode::invalid_token, "revoked_key");
        CHECK(holder.session().generation == 0);
        holder.another_key_signs();
        if (by_use) {
            const auto used = holder.use();
            REQUIRE(used);
            CHECK(used->token.reveal() == holder.stored().access_token.reveal());
        } else {
            CHECK(holder.must_refresh(Seconds(1)).changed);
        }
        CHECK(holder.session().generation == 1);
        CHECK(holder.use(Use::look));
    }
}

TEST_CASE("but not where its session has ended") {
    LoginHolder holder;
    holder.revoke_keys();
    holder.another_key_signs();
    holder.clock.advance(600s);
    check_not_used(holder.use(), ErrorCode::expired, "expired");
    check_not_used(holder.refresh(), ErrorCode::expired, "expired");
}

TEST_CASE("an expired token is renewed while its session lives") {
    LoginHolder holder;
    holder.set("token.ttl", "5s");
    REQUIRE(holder.must_refresh().changed);
    holder.clock.advance(100s);
    CHECK(holder.must_refresh().changed);
    holder.clock.advance(600s);
    check_not_used(holder.refresh(), ErrorCode::expired, "expired");
}

TEST_CASE("a token that is not ours is not replaced by one that is") {
    LoginHolder holder;
    holder.clock.advance(60s);
    std::string forged = content(holder.files.token);
    forged[forged.size() - 10] = forged[forged.size() - 10] == 'A' ? 'B' : 'A';
    holder.replace(holder.files.token, forged);
    check_not_used(holder.use(), ErrorCode::invalid_token, "bad_signature");
    check_not_used(holder.refresh(), ErrorCode::invalid_token, "bad_signature");
    // Not even where the forger names a key that was revoked.
    holder.revoke_keys();
    holder.another_key_signs();
    check_not_used(holder.use(), ErrorCode::invalid_token, "bad_signature");
    check_not_used(holder.refresh(), ErrorCode::invalid_token, "bad_signature");
    for (const char* text : {"", "\n", "x", "a.b.c\n", "e30.e30.\n"}) {
        CAPTURE(text);
        holder.replace(holder.files.token, text);
        CHECK(holder.use().error().code == ErrorCode::invalid_token);
        CHECK(holder.refresh().error().code == ErrorCode::invalid_token);
    }
    CHECK(holder.session().generation == 0);
    CHECK_FALSE(holder.session().revoked_at);
}

TEST_CASE("the session file of another login does not turn this one into that") {
    for (const bool revoked : {false, true}) {
        LoginHolder holder;
        const auto other = TokenFiles::beside(holder.directory() / "state/other.token");
        holder.log_in_to(other);
        if (revoked) {
            holder.revoke_keys();
            holder.another_key_signs();
        }
        const std::string own_id = holder.stored().session_id;
        const std::string other_id = (*read_login(other))->session_id;
        std::string session = content(other.session);
        holder.clock.advance(60s);
        for (const bool relabelled : {false, true}) {
            if (relabelled)
                session.replace(session.find(other_id), other_id.size(), own_id);
            holder.replace(holder.files.session, session);
            check_not_used(holder.refresh(), ErrorCode::refused, "no_refresh_token");
            const auto used = holder.use();
            CHECK(used.has_value() == !revoked);
        }
        for (const std::string& id : {own_id, other_id})
            CHECK(sessions_table::find(holder.database(), id)->generation == 0);
    }
}

TEST_CASE("an old file that is put back ends its session") {
    LoginHolder holder;
    const std::string token = content(holder.files.token);
    const std::string session = content(holder.files.session);
    holder.clock.advance(1s);
    REQUIRE(holder.must_refresh().changed);
    holder.replace(holder.files.token, token);
    holder.replace(holder.files.session, session);
    check_not_used(holder.refresh(), ErrorCode::invalid_token, "reused");
    CHECK(holder.events().back() == "authn_token_reuse");
    CHECK(holder.session().revoked_at);
    check_not_used(holder.refresh(), ErrorCode::invalid_token, "revoked");
}

TEST_CASE("a dry run of a refresh says what would happen and writes nothing") {
    LoginHolder holder;
    fs::remove(holder.files.lock);
    const std::string before = holder.bytes();
    const auto rows = holder.count("SELECT count(*) FROM audit");
    holder.realm().dry_run = true;
    holder.database().set_dry_run(true);
    holder.clock.advance(60s);
    const Refreshed would = holder.must_refresh();
    CHECK(would.changed);
    CHECK(would.login.access.expires_at == holder.clock.now() + 600s);
    CHECK(holder.bytes() == before);
    CHECK_FALSE(fs::exists(holder.files.lock));
    holder.reopen();
    CHECK(holder.session().generation == 0);
    CHECK(holder.count("SELECT count(*) FROM audit") == rows);
}

TEST_CASE("what keeps no refresh token cannot be refreshed") {
    LoginHolder holder;
    fs::remove(holder.files.session);
    check_not_used(holder.refresh(), ErrorCode::refused, "no_refresh_token");
    fs::remove(holder.files.token);
    check_not_used(holder.refresh(), ErrorCode::login_required, "");
}

TEST_CASE("many refreshes of one token file at once make one renewal") {
    LoginHolder holder;
    holder.clock.advance(60s);
    std::atomic<int> worked = 0;
    std::atomic<int> changed = 0;
    const auto thrown = test::at_once(8, [&](unsigned i) {
        test::OtherProcess process(holder, i + 50);
        process.database().execute("PRAGMA busy_timeout=1000");
        const auto refreshed = refresh_login(process.realm(), holder.files, {});
        worked += refreshed.has_value();
        changed += refreshed && refreshed->changed;
    });
    CHECK(thrown == std::vector<std::string>());
    CHECK(worked == 8);
    CHECK(changed == 1);
    CHECK(holder.session().generation == 1);
    CHECK_FALSE(holder.session().revoked_at);
}
