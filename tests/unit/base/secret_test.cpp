#include "core/base/secret.h"
#include "support/catch.h"

#include <array>
#include <ostream>
#include <type_traits>
#include <utility>

using namespace auth;

namespace {

template <class T>
concept Streams = requires(std::ostream& out, const T& value) {
    out << value;
};

static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(!std::is_convertible_v<std::string_view, Secret>);
static_assert(!std::is_convertible_v<Secret, std::string_view>);
static_assert(!Streams<Secret>);

} // namespace

TEST_CASE("a moved-from secret is empty") {
    Secret first("hunter2");
    Secret second(std::move(first));
    CHECK(first.empty()); // NOLINT(bugprone-use-after-move)
    CHECK(second.reveal() == "hunter2");
    Secret third("other");
    third = std::move(second);
    CHECK(second.empty()); // NOLINT(bugprone-use-after-move)
    CHECK(third.reveal() == "hunter2");
}

TEST_CASE("a secret grows and shrinks") {
    Secret secret("abc");
    secret.append("def");
    CHECK(secret.reveal() == "abcdef");
    secret.drop_back(4);
    CHECK(secret.reveal() == "ab");
    CHECK(secret.copy().reveal() == "ab");
    secret.drop_back(2);
    CHECK(secret.empty());
    secret.append("x");
    CHECK(secret.reveal() == "x");
}

TEST_CASE("a sized secret is zero until it is filled") {
    Secret secret(3);
    CHECK(secret.reveal() == std::string_view("\0\0\0", 3));
    secret.writable()[1] = 'x';
    CHECK(secret.reveal() == std::string_view("\0x\0", 3));
}

TEST_CASE("wipe clears a plain buffer") {
    std::array<char, 4> buffer{'a', 'b', 'c', 'd'};
    wipe(buffer);
    CHECK(buffer == std::array<char, 4>{});
    wipe({});
}

TEST_CASE("a secret loses one newline at its end") {
    CHECK(without_newline(Secret("abc\n")).reveal() == "abc");
    CHECK(without_newline(Secret("abc\n\n")).reveal() == "abc\n");
    CHECK(without_newline(Secret("\nabc")).reveal() == "\nabc");
    CHECK(without_newline(Secret("\n")).empty());
    CHECK(without_newline(Secret()).empty());
}
