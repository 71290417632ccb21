#include "core/base/json.h"
#include "core/federation/issuer_cache.h"
#include "core/federation/issuer_entry.h"
#include "support/catch.h"
#include "support/fakes.h"
#include "support/files.h"
#include "support/temp_directory.h"

#include <nlohmann/json.hpp>

#include <chrono>

using namespace auth;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

const char* const cached_issuer = "https://idp.example";
const char* const other = "https://other.example";

struct Files {
    Files() { REQUIRE(cache.write(cached_issuer, entry(), now)); }

    static IssuerEntry entry() {
        IssuerEntry made;
        made.serial = 7;
        made.keys = R"({"keys":[{"kty":"EC"}]})";
        made.fetched_at = from_unix_seconds(1000);
        made.fresh_until = from_unix_seconds(1300);
        made.outage = Outage{from_unix_seconds(1400), "timeout", "took longer than 15s", true};
        made.sought = {{"00ff", from_unix_seconds(1200)}};
        return made;
    }
    [[nodiscard]] fs::path file() const {
        for (const auto& found : fs::directory_iterator(place.directory))
            if (found.path().extension() == ".json")
                return found.path();
        return {};
    }
    void put(std::string_view bytes) const {
        std::ofstream out(file(), std::ios::binary | std::ios::trunc);
        out << bytes;
    }
    [[nodiscard]] std::string trouble(std::string_view of = cached_issuer) const {
        const auto read = cache.read(of);
        return read ? "" : read.error().reason;
    }

    test::TempDirectory directory;
    test::SeededRandom random;
    Time now = std::chrono::floor<Seconds>(std::chrono::system_clock::now());
    IssuerCache::Place place{directory / "cache/auth-cli", directory / "state/auth-cli/cache.key"};
    IssuerCache cache{place, random};
};

} // namespace

TEST_CASE("an entry is read as it was written") {
    const Files files;
    const auto read = files.cache.read(cached_issuer);
    REQUIRE(read);
    REQUIRE(*read);
    CHECK(issuer_entry_text(cached_issuer, **read) ==
          issuer_entry_text(cached_issuer, Files::entry()));
    CHECK((*read)->outage->message == "took longer than 15s");
    CHECK_FALSE(files.cache.read(other).value());
    CHECK(test::mode_of(files.file()) == 0600);
    CHECK(test::mode_of(files.place.directory) == 0700);
    CHECK(test::mode_of(files.place.mac_key) == 0600);
    CHECK(fs::file_size(files.place.mac_key) == 32);
}

TEST_CASE("an entry with any byte changed, missing or added is refused") {
    const Files files;
    const std::string whole = test::content(files.file());
    for (std::size_t at = 0; at < whole.size(); ++at) {
        std::string changed = whole;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        files.put(changed);
        CHECK(files.trouble() == "altered");
    }
    for (std::size_t size = 0; size < whole.size(); size += 16) {
        files.put(whole.substr(0, size));
        CHECK(files.trouble() == "altered");
    }
    files.put(whole + "\n");
    CHECK(files.trouble() == "altered");
    files.put(whole);
    CHECK(files.trouble().empty());
}

TEST_CASE("an entry of another issuer, or proved by another key, is refused") {
    Files files;
    const fs::path mine = files.file();
    const std::string whole = test::content(mine);
    fs::remove(mine);
    REQUIRE(files.cache.write(other, Files::entry(), files.now));
    files.put(whole);
    CHECK(files.trouble(other) == "altered");

    REQUIRE(files.cache.write(other, Files::entry(), files.now));
    CHECK(files.trouble(other).empty());
    fs::remove(files.place.mac_key);
    CHECK(files.trouble(other) == "altered");
    std::ofstream(files.place.mac_key) << std::string(32, 'k');
    fs::permissions(files.place.mac_key, fs::perms(0600));
    CHECK(files.trouble(other) == "altered");
}

TEST_CASE("files that others can read or write are refused") {
    const Files files;
    const auto code = [&] { return files.cache.read(cached_issuer).error().code; };
    for (const unsigned mode : {0666U, 0640U, 0602U}) {
        fs::permissions(files.file(), fs::perms(mode));
        CHECK(code() == ErrorCode::unsafe_permissions);
    }
    fs::permissions(files.file(), fs::perms(0600));
    fs::permissions(files.place.mac_key, fs::perms(0644));
    CHECK(code() == ErrorCode::unsafe_permissions);
    CHECK_FALSE(files.cache.write(cached_issuer, Files::entry(), files.now));
    fs::permissions(files.place.mac_key, fs::perms(0600));
    fs::permissions(files.place.directory, fs::perms(0777));
    CHECK(code() == ErrorCode::unsafe_permissions);
    CHECK_FALSE(files.cache.write(cached_issuer, Files::entry(), files.now));
    CHECK_FALSE(files.cache.lock(cached_issuer));
}

TEST_CASE("a new entry takes the place of one that is refused") {
    const Files files;
    const fs::path path = files.file();
    SECTION("open to others") {
        fs::permissions(path, fs::perms(0666));
    }
    SECTION("a link") {
        fs::remove(path);
        fs::create_symlink(files.directory / "elsewhere", path);
    }
    REQUIRE(files.cache.write(cached_issuer, Files::entry(), files.now));
    CHECK(files.trouble().empty());
    CHECK(fs::symlink_status(path).type() == fs::file_type::regular);
    CHECK(test::mode_of(path) == 0600);
    CHECK_FALSE(fs::exists(files.directory / "elsewhere"));
}

TEST_CASE("what is proved and yet not an entry of ours is not read") {
    const std::string text = issuer_entry_text(cached_issuer, Files::entry());
    CHECK(read_issuer_entry(text, cached_issuer));
    CHECK_FALSE(read_issuer_entry(text, other));
    CHECK_FALSE(read_issuer_entry("[]", cached_issuer));
    CHECK_FALSE(read_issuer_entry("", cached_issuer));
    const Json whole = parse_json(text).value();
    for (const auto& [name, value] : whole.items()) {
        Json document = whole;
        document.erase(name);
        CHECK_FALSE(read_issuer_entry(document.dump(), cached_issuer));
        document[name] = value.is_object() ? Json::array() : Json{{"a", 1}};
        CHECK_FALSE(read_issuer_entry(document.dump(), cached_issuer));
    }
}

TEST_CASE("issuers that nobody asked about for two days are forgotten") {
    const Files files;
    const fs::path old = files.file();
    fs::path lock = old;
    lock.replace_extension(".lock");
    REQUIRE(files.cache.lock(cached_issuer));
    const fs::path strange = files.place.directory / "other.json";
    std::ofstream(strange) << "{}";
    for (const auto& path : {old, strange})
        fs::last_write_time(path, fs::file_time_type::clock::now() - 49h);
    REQUIRE(files.cache.write(other, Files::entry(), files.now));
    CHECK_FALSE(fs::exists(old));
    CHECK_FALSE(fs::exists(lock));
    CHECK(fs::exists(strange));
    CHECK(files.trouble(other).empty());
}
