#include "cli/world/profile_rule.h"
#include "support/catch.h"
#include "support/temp_directory.h"

#include <filesystem>

using namespace auth;
namespace fs = std::filesystem;

namespace {

// A home with some directories, and a shell that stands in one of them.
struct Place {
    const test::TempDirectory outside{};
    fs::path home = fs::canonical(outside.path()) / "ann";
    std::string named{}; // PWD
    std::vector<ProfileRule> rules{{"~/jobs/", "work"}};

    Place() {
        for (const char* directory : {"jobs/acme/src", "jobs-not", "play"})
            fs::create_directories(home / directory);
    }
    std::string profile_in(const fs::path& directory) {
        Surroundings surroundings;
        surroundings.home = home;
        surroundings.directory = [&] {
            return directory.empty() ? directory : fs::canonical(directory);
        };
        surroundings.variable = [&](std::string_view name) {
            return name == "PWD" ? named : std::string();
        };
        const auto rule = rule_for(rules, surroundings);
        return rule ? rule->profile : "";
    }
};

} // namespace

TEST_CASE("a rule is for its directory and all that is in it", "[profile_rule]") {
    Place place;
    CHECK(place.profile_in(place.home / "jobs") == "work");
    CHECK(place.profile_in(place.home / "jobs/acme/src") == "work");
    for (const char* other : {"jobs-not", "play", "."}) {
        CAPTURE(other);
        CHECK(place.profile_in(place.home / other).empty());
    }
    CHECK(place.profile_in("").empty());
    for (const char* same : {"~/jobs", "~//jobs//"}) {
        place.rules = {{same, "work"}};
        CHECK(place.profile_in(place.home / "jobs/acme") == "work");
        CHECK(place.profile_in(place.home / "jobs-not").empty());
    }
    place.rules = {{(place.home / "jobs").string() + "/", "work"}};
    CHECK(place.profile_in(place.home / "jobs/acme") == "work");
    place.rules = {{"~/no-such", "work"}};
    CHECK(place.profile_in(place.home).empty());
    place.rules = {{"/", "everywhere"}};
    CHECK(place.profile_in(place.home / "play") == "everywhere");
}

TEST_CASE("the longest rule that fits counts", "[profile_rule]") {
    Place place;
    place.rules = {{"~/jobs/acme", "acme"}, {"~", "home"}, {"~/jobs", "work"}};
    CHECK(place.profile_in(place.home / "jobs/acme/src") == "acme");
    CHECK(place.profile_in(place.home / "jobs") == "work");
    CHECK(place.profile_in(place.home / "play") == "home");
    place.rules = {{"~/jobs", "first"}, {"~/jobs/", "second"}};
    CHECK(place.profile_in(place.home / "jobs") == "second");
}

TEST_CASE("links do not carry a rule to where they lead", "[profile_rule]") {
    Place place;
    place.rules = {{"~/jobs/new", "work"}};
    fs::create_directory_symlink(place.home / "play", place.home / "jobs/new");
    CHECK(place.profile_in(place.home / "play").empty());
    // Whoever goes there by the name of the link stands in the rule's directory.
    place.named = place.home / "jobs/new";
    CHECK(place.profile_in(place.home / "jobs/new") == "work");
    // What leads into the rule's directory is in it.
    place.rules = {{"~/jobs", "work"}};
    place.named = place.home / "play/shortcut";
    fs::create_directory_symlink(place.home / "jobs", place.home / "play/shortcut");
    CHECK(place.profile_in(place.home / "play/shortcut") == "work");
}

TEST_CASE("the shell's name of the directory counts only while it leads there", "[profile_rule]") {
    Place place;
    for (const fs::path& lie : {place.home / "jobs", place.home / "jobs/../play",
                                place.home / "jobs/none", fs::path("jobs"), fs::path("")}) {
        place.named = lie;
        CAPTURE(place.named);
        CHECK(place.profile_in(place.home / "play").empty());
    }
}

TEST_CASE("a home that is a link is where it leads", "[profile_rule]") {
    Place place;
    const fs::path real = place.home;
    place.home = real.parent_path() / "link";
    fs::create_directory_symlink(real, place.home);
    CHECK(place.profile_in(real / "jobs/acme") == "work");
    place.named = place.home / "jobs/acme";
    CHECK(place.profile_in(real / "jobs/acme") == "work");
    place.home = "";
    CHECK(place.profile_in(real / "jobs").empty());
}
