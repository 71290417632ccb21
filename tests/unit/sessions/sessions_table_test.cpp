#include "core/accounts/accounts.h"
#include "core/sessions/sessions_table.h"
#include "support/catch.h"
#include "support/test_realm.h"

#include <algorithm>

using namespace auth;
using namespace std::chrono_literals;
using test::TestRealm;

namespace {

std::string open_for(TestRealm& realm, const User& user, SessionKind kind = SessionKind::login) {
    Session session;
    session.id = new_uuid(realm.random, realm.clock.now());
    session.user_id = user.id;
    session.kind = kind;
    session.created_at = session.used_at = realm.clock.now();
    session.expires_at = session.created_at + 12h;
    session.idle = 10min;
    session.epoch = user.session_epoch;
    sessions_table::insert(realm.database(), session);
    return session.id;
}

std::vector<std::string> ids(const std::vector<sessions_table::Listed>& rows) {
    std::vector<std::string> out;
    for (const auto& row : rows)
        out.push_back(row.session.id);
    return out;
}

} // namespace

TEST_CASE("a session is read as it was written") {
    TestRealm realm;
    const User ann = test::add_user(realm);
    const std::string id = open_for(realm, ann, SessionKind::issued);
    const auto session = sessions_table::find(realm.database(), id);
    REQUIRE(session);
    CHECK(session->user_id == ann.id);
    CHECK(session->kind == SessionKind::issued);
    for (const SessionKind kind : {SessionKind::login, SessionKind::workload})
        CHECK(sessions_table::find(realm.database(), open_for(realm, ann, kind))->kind == kind);
    CHECK(session->created_at == realm.clock.now());
    CHECK(session->expires_at == realm.clock.now() + 12h);
    CHECK(session->idle == 10min);
    CHECK(session->refresh_hash.empty());
    CHECK_FALSE(session->revoked_at);
    CHECK_FALSE(sessions_table::find(realm.database(), ""));
}

TEST_CASE("sessions are listed page by page, the newest first") {
    TestRealm realm;
    const User ann = test::add_user(realm);
    const User bob = test::add_user(realm, {.email = "bob@example.org"});
    std::vector<std::string> all;
    std::vector<std::string> of_bob;
    for (int i = 0; i < 11; ++i) {
        const bool bobs = i % 3 == 0;
        all.insert(all.begin(), open_for(realm, bobs ? bob : ann));
        if (bobs)
            of_bob.insert(of_bob.begin(), all.front());
        realm.clock.advance(1s);
    }
    const auto pages = [&](sessions_table::Page page) {
        std::vector<std::string> seen;
        for (auto rows = sessions_table::list(realm.database(), page); !rows.empty();
             rows = sessions_table::list(realm.database(), page)) {
            CHECK(rows.size() <= 3);
            for (const std::string& id : ids(rows))
                seen.push_back(id);
            page.after_id = seen.back();
        }
        return seen;
    };
    CHECK(pages({"", "", 3}) == all);
    CHECK(pages({bob.id, "", 3}) == of_bob);
    CHECK(pages({"nobody", "", 3}).empty());
}

TEST_CASE("a listed session says what its user has to say of it") {
    TestRealm realm;
    const User ann = test::add_user(realm);
    const std::string id = open_for(realm, ann);
    auto row = sessions_table::find_listed(realm.database(), id);
    REQUIRE(row);
    CHECK(row->email == "ann@example.org");
    CHECK(row->user_epoch == row->session.epoch);
    CHECK_FALSE(row->user_disabled);
    {
        Transaction transaction(realm.database());
        REQUIRE(set_disabled(realm, test::user_ref("ann@example.org"), true, ""));
        transaction.commit();
    }
    row = sessions_table::find_listed(realm.database(), id);
    CHECK(row->user_epoch == row->session.epoch + 1);
    CHECK(row->user_disabled);
    CHECK(ids(sessions_table::list(realm.database(), {})) == std::vector{id});
    CHECK_FALSE(sessions_table::find_listed(realm.database(), "none"));
}
