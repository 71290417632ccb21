#include "core/writers/user_writer.h"
#include "core/writers/yaml_text.h"
#include "support/catch.h"

using namespace auth;

namespace {

std::string in_yaml(std::string_view text) {
    std::string out;
    append_yaml_text(out, text);
    return out;
}

} // namespace

TEST_CASE("text is plain in YAML only where nobody misreads it", "[writers]") {
    for (const char* plain : {"ann@example.org", "Ann Lee", "night-shift", "a/b_c.d"})
        CHECK(in_yaml(plain) == plain);
    CHECK(in_yaml("") == R"("")");
    CHECK(in_yaml("No") == R"("No")");
    CHECK(in_yaml("y") == R"("y")");
    CHECK(in_yaml("true") == R"("true")");
    CHECK(in_yaml("0123") == R"("0123")");
    CHECK(in_yaml("-x") == R"("-x")");
    CHECK(in_yaml("a: b") == R"("a: b")");
    CHECK(in_yaml("a #b") == R"("a #b")");
    CHECK(in_yaml("ends ") == R"("ends ")");
    CHECK(in_yaml("Åsa \"x\"\n") == "\"Åsa \\\"x\\\"\\n\"");
}

TEST_CASE("a manifest declares what is set", "[writers]") {
    UserRecord ann;
    ann.id = "0190e3a4-0000-7000-8000-000000000001";
    ann.email = "ann@example.org";
    for (const ProfileField& field : profile_fields)
        ann.*field.place = "";
    ann.name = "Ann Lee";
    ann.attributes = R"({"zip":"0123"})";
    ann.roles = {"editor", "no"};
    ann.verified = true;
    ann.disabled = false;
    ann.password_hash = "$2b$10$x";
    ann.totp = Secret("otpauth://totp/a?secret=A");
    UserRecord bob;
    bob.email = "bob@example.org";
    LeftBehind left;
    std::string out;
    const auto writer = make_manifest_writer({.roles = {{"editor", "May write"}, {"no", ""}}});
    writer->begin(out);
    writer->add(out, ann, left);
    writer->add(out, bob, left);
    writer->end(out);
    CHECK(out == R"(roles:
  - name: editor
    description: May write
  - name: "no"
users:
  - email: ann@example.org
    name: Ann Lee
    attributes:
      zip: "0123"
    roles: [editor, "no"]
    verified: true
    credentials:
      password_hash: "$2b$10$x"
  - email: bob@example.org
    roles: []
)");
    CHECK(left == LeftBehind{{"mfa", 1}});
}

TEST_CASE("a manifest of nobody is one, too", "[writers]") {
    std::string out;
    const auto writer = make_manifest_writer({});
    writer->begin(out);
    writer->end(out);
    CHECK(out == "roles: []\nusers: []\n");
}
