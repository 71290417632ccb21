#include "core/base/text.h"
#include "core/profile/profile.h"
#include "support/catch.h"

#include <set>

using namespace auth;

TEST_CASE("every row of the profile's table is whole") {
    std::set<std::string_view> names;
    std::set<std::string_view> flags;
    for (const ProfileField& field : profile_fields) {
        CAPTURE(field.name);
        CHECK(names.insert(field.name).second);
        REQUIRE(field.place != nullptr);
        REQUIRE(field.flag != nullptr);
        CHECK(std::string_view(field.flag).starts_with("--"));
        CHECK(flags.insert(field.flag).second);
        REQUIRE(field.help != nullptr);
        CHECK_FALSE(std::string_view(field.help).empty());
        CHECK_FALSE(field.label.empty());
        CHECK(field.check != nullptr);
    }
}

TEST_CASE("rows have places of their own") {
    Profile profile;
    for (const ProfileField& field : profile_fields) {
        CAPTURE(field.name);
        CHECK_FALSE(profile.*field.place);
        profile.*field.place = std::string(field.name);
    }
    CHECK(profile.username == "username");
    CHECK(profile.national_id == "national_id");
}

TEST_CASE("a wrong value names its field") {
    for (const ProfileField& field : profile_fields) {
        CAPTURE(field.name);
        CHECK(field.check(field, "x1"));
        for (const std::string& wrong : {std::string("a\x01"
                                                     "b"),
                                         std::string(1025, 'x')}) {
            const auto checked = field.check(field, wrong);
            REQUIRE_FALSE(checked);
            CHECK(checked.error().code == ErrorCode::usage);
            CHECK(checked.error().field == field.name);
        }
    }
}

TEST_CASE("an address keeps its lines, and a name is one") {
    const auto checked = [](std::string_view name, std::string_view value) {
        for (const ProfileField& field : profile_fields)
            if (field.name == name)
                return field.check(field, value).value();
        return std::string("no such field");
    };
    CHECK(checked("address", "1 Road\r\nFloor 2\rTown\n") == "1 Road\nFloor 2\nTown");
    CHECK(checked("name", "Bob\nvan Roth\n") == "Bob van Roth");
}
