#include "core/provisioning/import_permissions.h"
#include "support/catch.h"

using namespace auth;

namespace {

const NextStep again{"import", {"users.json", "--on-conflict", "update"}};

// Sets everything that gives rights.
UserRecord everything() {
    UserRecord record;
    record.email = "ann@example.org";
    record.name = "Ann";
    record.id = "01900000-0000-7000-8000-000000000001";
    record.roles = std::vector<std::string>{"admin"};
    record.verified = true;
    record.verified_at = Time{};
    record.password_hash = "$2b$04$hyawuDP0bg6zlKGwFiwVVuEIfj.XRgkEOvCfFEu1MRTGrUPAajzfC";
    record.totp = Secret("otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    record.identities = std::vector<IdentityRecord>{{"https://idp.example", "", "ann-1", {}, {}}};
    return record;
}

const Rights every_right{Right::roles, Right::verified, Right::hashes,
                         Right::mfa,   Right::ids,      Right::identities};

ImportPermissions permissions(std::optional<ImportFormat> named,
                              const std::vector<std::string>& allow = {},
                              const std::vector<std::string>& ignore = {}) {
    return import_permissions(named, allow, ignore).value();
}

} // namespace

TEST_CASE("a format that was recognised, or is our own, permits nothing") {
    for (const std::optional<ImportFormat> named :
         {std::optional<ImportFormat>(), std::optional(ImportFormat::jsonl),
          std::optional(ImportFormat::csv)}) {
        UserRecord record = everything();
        CHECK(apply_permissions(record, permissions(named)) == every_right);
        CHECK(record.name == "Ann");
        CHECK_FALSE(record.id);
        CHECK_FALSE(record.roles);
        CHECK_FALSE(record.verified);
        CHECK_FALSE(record.verified_at);
        CHECK_FALSE(record.password_hash);
        CHECK_FALSE(record.totp);
        CHECK_FALSE(record.identities);
    }
}

TEST_CASE("a foreign format that is named permits all, but names none for replacement") {
    for (const std::string& name : format_names()) {
        const ImportFormat format = parse_format(name).value();
        if (format == ImportFormat::jsonl || format == ImportFormat::csv)
            continue;
        UserRecord record = everything();
        const ImportPermissions all = permissions(format);
        CHECK(apply_permissions(record, all).empty());
        CHECK(record.password_hash);
        CHECK(record.totp);
        for (const Right right : every_right)
            CHECK_FALSE(all.is_named(right));
    }
}

TEST_CASE("what is harmless needs no permission") {
    UserRecord record;
    record.email = "ann@example.org";
    record.username = "ann";
    record.verified = false;
    record.roles.emplace();
    record.identities.emplace();
    record.password = Secret("copper lantern ferries tuesday");
    record.disabled = true;
    CHECK(apply_permissions(record, {}).empty());
    CHECK(record.password);
    CHECK(record.disabled == true);
    // Nor does it take rights away.
    CHECK_FALSE(record.verified);
    CHECK_FALSE(record.roles);
    CHECK_FALSE(record.identities);
}

TEST_CASE("a time of verification is one") {
    UserRecord record;
    record.verified_at = Time{};
    CHECK(apply_permissions(record, {}) == Rights{Right::verified});
    CHECK_FALSE(record.verified_at);
}

TEST_CASE("each word permits its right, and hashes second factors too") {
    const std::pair<const char*, Rights> words[] = {
        {"roles", {Right::roles}}, {"verified", {Right::verified}},
        {"mfa", {Right::mfa}},     {"hashes", {Right::hashes, Right::mfa}},
        {"ids", {Right::ids}},     {"identities", {Right::identities}},
        {"all", every_right},      {"roles,ids", {Right::roles, Right::ids}},
    };
    for (const auto& [word, allowed] : words) {
        const ImportPermissions some = permissions(std::nullopt, {word});
        Rights refused = every_right;
        for (const Right right : allowed) {
            refused.erase(right);
            CHECK(some.is_named(right));
        }
        UserRecord record = everything();
        CHECK(apply_permissions(record, some) == refused);
        // Ignored, the same is dropped in silence, whatever is allowed.
        UserRecord other = everything();
        const ImportPermissions none = permissions(ImportFormat::kratos, {"all"}, {word});
        CHECK(apply_permissions(other, none).empty());
        CHECK(other.password_hash.has_value() == !allowed.contains(Right::hashes));
        CHECK(other.totp.has_value() == !allowed.contains(Right::mfa));
        CHECK(other.roles.has_value() == !allowed.contains(Right::roles));
        for (const Right right : allowed)
            CHECK_FALSE(none.is_named(right));
    }
}

TEST_CASE("words that are none are refused") {
    const auto refused = import_permissions(std::nullopt, {"roles,everything"}, {});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::usage);
    CHECK(refused.error().field == "allow");
    CHECK(refused.error().message == "invalid word 'everything': must be one of roles, verified, "
                                     "hashes, mfa, ids, identities, enabled, odd-addresses, all");
    CHECK(import_permissions(std::nullopt, {}, {"x"}).error().field == "ignore");
}

TEST_CASE("the hint is the command that permits it") {
    const Rights both{Right::hashes, Right::mfa};
    const Error refusal = not_allowed(both);
    CHECK(refusal.code == ErrorCode::refused);
    CHECK(refusal.reason == "not_allowed");
    CHECK(refusal.field == "password_hash");
    CHECK(refusal.message == "the row sets password_hash, totp without permission");
    const NextStep allow{"import",
                         {"users.json", "--on-conflict", "update", "--allow", "hashes,mfa"}};
    CHECK(permission_hint(again, ImportFormat::kratos, both) ==
          Hint(std::vector{
              NextStep{"import", {"users.json", "--on-conflict", "update", "--from", "kratos"}},
              allow}));
    const Hint own(std::vector{
        allow,
        NextStep{"import", {"users.json", "--on-conflict", "update", "--ignore", "hashes,mfa"}}});
    CHECK(permission_hint(again, ImportFormat::csv, both) == own);
    CHECK(permission_hint(again, std::nullopt, both) == own);
}
