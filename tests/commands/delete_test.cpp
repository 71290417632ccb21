#include "core/store/sqlite/sqlite_database.h"
#include "support/catch.h"
#include "support/test_world.h"

using namespace auth;
using test::Outcome;
using test::TestWorld;

namespace {

struct WithUsers : TestWorld {
    WithUsers() {
        for (const char* email : {"a@example.org", "b@example.org", "c@example.org"})
            must({"create", email, "--no-password", "--verified"});
    }
    std::string users() { return must({"list", "--fields", "email", "--plain"}).out; }
};

const char* const all = "a@example.org\nb@example.org\nc@example.org\n";

} // namespace

TEST_CASE("delete asks first, and takes no for an answer") {
    WithUsers world;
    const std::string question = "Permanently delete a@example.org? [y/N] ";
    for (const char* no : {"", "n", "no", "maybe", "yess"}) {
        CAPTURE(no);
        world.answer(question, no);
        const Outcome kept = world.run({"delete", "a@example.org"});
        CHECK(kept.exit == 130);
        CHECK(world.users() == all);
    }
    world.answer(question, "Yes");
    const Outcome gone = world.run({"delete", "a@example.org"});
    CHECK(gone.exit == 0);
    CHECK(gone.err == "deleted a@example.org\n");
    CHECK(world.users() == "b@example.org\nc@example.org\n");
}

TEST_CASE("a question that stands keeps no other process waiting") {
    WithUsers world;
    const auto write = [&] {
        const auto other = SqliteDatabase::open(world.database()).value();
        other->execute("PRAGMA busy_timeout=50");
        Transaction transaction(*other);
        other->execute("UPDATE users SET name = 'B' WHERE email = 'b@example.org'");
        transaction.commit();
    };
    world.answer("Permanently delete a@example.org? [y/N] ", "y", write);
    const Outcome gone = world.run({"delete", "a@example.org"});
    CHECK(gone.err == "deleted a@example.org\n");
    CHECK(world.must({"show", "b@example.org", "--field", "name"}).out == "B\n");
}

TEST_CASE("without a terminal delete needs a flag") {
    WithUsers world;
    const Outcome refused = world.run({"delete", "a@example.org", "--json"});
    CHECK(refused.exit == 2);
    CHECK(refused.problem().at("code") == "input_required");
    CHECK(refused.problem().at("hint") == "give it with --yes or --confirm EMAIL");
    CHECK(world.users() == all);
    CHECK(world.run({"delete", "a@example.org", "--yes"}).exit == 0);
}

TEST_CASE("a confirmation must name the same user") {
    WithUsers world;
    CHECK(world.run({"delete", "a@example.org", "--confirm", "b@example.org"}).exit == 2);
    CHECK(world.run({"delete", "a@example.org", "--confirm", "not an address"}).exit == 2);
    CHECK(world.run({"delete", "a@example.org", "b@example.org", "--confirm", "a@example.org"})
              .exit == 2);
    CHECK(world.users() == all);
    CHECK(world.run({"delete", "a@example.org", "--confirm", "A@example.org"}).exit == 0);
    CHECK(world.users() == "b@example.org\nc@example.org\n");
}

TEST_CASE("several are deleted, or none") {
    WithUsers world;
    const Outcome refused = world.run({"delete", "a@example.org", "nobody@example.org", "--yes"});
    CHECK(refused.exit == 7);
    CHECK(world.users() == all);
    const Json gone =
        world.must({"delete", "a@example.org", "c@example.org", "--yes", "--json"}).document();
    CHECK(gone.at("users").size() == 2);
    CHECK(gone.at("changed") == true);
    CHECK(world.users() == "b@example.org\n");
}

TEST_CASE("a missing user is told before anybody is asked") {
    WithUsers world;
    CHECK(world.run({"delete", "nobody@example.org"}).exit == 7);
}

TEST_CASE("delete --if-exists is content with nobody") {
    WithUsers world;
    const Outcome nobody = world.run({"delete", "nobody@example.org", "--yes", "--if-exists"});
    CHECK(nobody.exit == 0);
    CHECK(nobody.err == "nobody to delete\n");
    const Json document =
        world.must({"delete", "nobody@example.org", "--yes", "--if-exists", "--json"}).document();
    const Json real = world.must({"delete", "a@example.org", "--yes", "--json"}).document();
    CHECK(test::keys(document) == test::keys(real));
    CHECK(document.at("changed") == false);
    CHECK(real.at("changed") == true);
}

TEST_CASE("the same user named twice is deleted once") {
    WithUsers world;
    const Outcome twice =
        world.run({"delete", "a@example.org", "A@example.org", "--yes", "--if-exists"});
    CHECK(twice.exit == 0);
    CHECK(world.users() == "b@example.org\nc@example.org\n");
}

TEST_CASE("a dry run of delete asks nothing and deletes nobody") {
    WithUsers world;
    const Outcome dry = world.run({"delete", "a@example.org", "-n"});
    CHECK(dry.exit == 0);
    CHECK(dry.err == "dry run: deleted a@example.org\n");
    CHECK(world.users() == all);
}

TEST_CASE("the trail keeps the id of who was deleted, and no address") {
    WithUsers world;
    const std::string id =
        world.must({"show", "a@example.org", "--json"}).document().at("id").get<std::string>();
    world.must({"delete", "a@example.org", "--yes"});
    const std::string trail = world.must({"audit", "list", "--jsonl"}).out;
    CHECK(trail.find("\"event\":\"user_deleted\",\"target\":\"" + id) != std::string::npos);
    CHECK(trail.find("a@example.org") == std::string::npos);
    CHECK(world.run({"audit", "verify"}).exit == 0);
}
