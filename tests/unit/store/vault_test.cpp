#include "core/base/private_file.h"
#include "core/store/vault.h"
#include "support/catch.h"
#include "support/fakes.h"
#include "support/temp_directory.h"

#include <functional>
#include <set>

using namespace auth;
namespace fs = std::filesystem;

namespace {

constexpr SealedPlace place{"outbox", "sealed_mail", "row-1"};

struct Keyed {
    test::TempDirectory directory;
    test::SeededRandom random;
    fs::path path = directory / "auth.key";
    Vault vault = make("db-1");

    Vault make(const std::string& id) {
        REQUIRE(Vault::make_key(path, random));
        return {path, id, *Vault::key_check(path, id)};
    }
};

Error failure_of(const std::function<void()>& act) {
    try {
        act();
    } catch (const Failure& failure) {
        return failure.error();
    }
    throw std::logic_error("nothing failed");
}

} // namespace

TEST_CASE("what was sealed opens in its place") {
    Keyed keyed;
    for (const std::string& value :
         {std::string(), std::string("a"), std::string("\0\xff\n", 3), std::string(100000, 'x')}) {
        const std::string sealed = keyed.vault.seal(place, value, keyed.random);
        CHECK(keyed.vault.open(place, sealed).reveal() == value);
        if (value.size() > 2)
            CHECK(sealed.find(value) == std::string::npos);
    }
}

TEST_CASE("sealing twice gives two texts") {
    Keyed keyed;
    std::set<std::string> seen;
    for (int i = 0; i < 50; ++i)
        CHECK(seen.insert(keyed.vault.seal(place, "same", keyed.random)).second);
}

TEST_CASE("a sealed value opens nowhere else") {
    Keyed keyed;
    const std::string sealed = keyed.vault.seal(place, "secret", keyed.random);
    const SealedPlace elsewhere[] = {
        {"outbox", "sealed_mail", "row-2"},       {"outbox", "sealed_jwk", "row-1"},
        {"signing_keys", "sealed_mail", "row-1"}, {"outbo", "xsealed_mail", "row-1"},
        {"outbox", "sealed_mailr", "ow-1"},       {"outbox", "sealed_mail", ""}};
    for (const SealedPlace& other : elsewhere) {
        CAPTURE(other.table, other.column, other.row);
        CHECK(keyed.vault.unseal(other, sealed).error().code == ErrorCode::database_corrupt);
        CHECK(failure_of([&] { (void)keyed.vault.open(other, sealed); }).code ==
              ErrorCode::database_corrupt);
    }
}

TEST_CASE("an altered value does not open") {
    Keyed keyed;
    const std::string sealed = keyed.vault.seal(place, "secret", keyed.random);
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        CAPTURE(i);
        std::string altered = sealed;
        altered[i] = static_cast<char>(altered[i] ^ 1);
        CHECK(keyed.vault.unseal(place, altered).error().code == ErrorCode::database_corrupt);
        CHECK(keyed.vault.unseal(place, sealed.substr(0, i)).error().code ==
              ErrorCode::database_corrupt);
    }
    CHECK(keyed.vault.unseal(place, sealed + "x").error().code == ErrorCode::database_corrupt);
}

TEST_CASE("databases that share a key cannot read each other") {
    Keyed keyed;
    const Vault other = keyed.make("db-2");
    const std::string sealed = keyed.vault.seal(place, "secret", keyed.random);
    CHECK(other.unseal(place, sealed).error().code == ErrorCode::database_corrupt);
    CHECK(keyed.vault.mac(MacPurpose::code, "x") != other.mac(MacPurpose::code, "x"));
}

TEST_CASE("keyed hashes differ by purpose and value, and stay the same") {
    Keyed keyed;
    std::set<std::string> seen;
    for (const MacPurpose purpose : {MacPurpose::address, MacPurpose::code, MacPurpose::refresh})
        for (const char* value : {"", "a", "b"}) {
            const std::string mac = keyed.vault.mac(purpose, value);
            CHECK(mac.size() == 32);
            CHECK(seen.insert(mac).second);
            CHECK(keyed.make("db-1").mac(purpose, value) == mac);
        }
}

TEST_CASE("another database's key file is recognised") {
    Keyed keyed;
    const fs::path wrong = keyed.directory / "wrong.key";
    REQUIRE(Vault::make_key(wrong, keyed.random));
    const Vault vault(wrong, "db-1", *Vault::key_check(keyed.path, "db-1"));
    const Error failure = vault.require_key().error();
    CHECK(failure.code == ErrorCode::key_mismatch);
    CHECK(failure.message == "the key file '" + wrong.string() + "' belongs to another database");
    CHECK(failure_of([&] { (void)vault.mac(MacPurpose::code, "x"); }).code ==
          ErrorCode::key_mismatch);
}

TEST_CASE("a missing, short or long key file is a mismatch") {
    Keyed keyed;
    const std::string check = *Vault::key_check(keyed.path, "db-1");
    const fs::path missing = keyed.directory / "none.key";
    CHECK(Vault(missing, "db-1", check).require_key().error().code == ErrorCode::key_mismatch);
    CHECK_FALSE(fs::exists(missing));
    for (const std::size_t size : {std::size_t{0}, std::size_t{31}, std::size_t{33}}) {
        CAPTURE(size);
        const fs::path path = keyed.directory / ("key" + std::to_string(size));
        REQUIRE(create_private_file(path, std::string(size, 'k')));
        const ErrorCode code = Vault(path, "db-1", check).require_key().error().code;
        CHECK(code == ErrorCode::key_mismatch);
        CHECK_FALSE(Vault::make_key(path, keyed.random));
        CHECK_FALSE(Vault::key_check(path, "db-1"));
    }
}

TEST_CASE("a key file that others can read is refused") {
    Keyed keyed;
    const std::string check = *Vault::key_check(keyed.path, "db-1");
    fs::permissions(keyed.path, fs::perms(0644));
    CHECK(Vault(keyed.path, "db-1", check).require_key().error().code ==
          ErrorCode::unsafe_permissions);
    CHECK(Vault::make_key(keyed.path, keyed.random).error().code == ErrorCode::unsafe_permissions);
}

TEST_CASE("making a key keeps a good one that is there") {
    Keyed keyed;
    const std::string before = *Vault::key_check(keyed.path, "db-1");
    REQUIRE(Vault::make_key(keyed.path, keyed.random));
    CHECK(*Vault::key_check(keyed.path, "db-1") == before);
    CHECK(fs::file_size(keyed.path) == 32);
}

TEST_CASE("the key is read once, at first use") {
    Keyed keyed;
    const Vault lazy(keyed.directory / "later.key", "db-1", *Vault::key_check(keyed.path, "db-1"));
    fs::copy_file(keyed.path, keyed.directory / "later.key");
    REQUIRE(lazy.require_key());
    fs::remove(keyed.directory / "later.key");
    CHECK(lazy.mac(MacPurpose::code, "x") == keyed.vault.mac(MacPurpose::code, "x"));
}
