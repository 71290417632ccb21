// The --where grammar: which users are meant.
//
//   expression:  term { "or" term }
//   term:        factor { "and" factor }
//   factor:      "not" factor | "(" expression ")" | FIELD [OPERATOR VALUE]
//   OPERATOR:    = != < <= > >=
//
// A field of its own is FIELD=true. Text is compared without regard to the case of ASCII letters,
// and * in it stands for anything. Times are as parse_time reads them. The value null means unset.
// A value with spaces or parentheses stands in single or double quotes; a backslash there takes the
// next character as it is. The field hash is weak, fair or strong: how much a stolen hash resists
// guessing. Every comparison is true or false: an unset field equals only null.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace auth {

enum class FilterKind { text, boolean, time, role, hash, attribute };
enum class Comparison { equal, unequal, less, at_most, greater, at_least };

struct FilterField {
    std::string_view name;
    FilterKind kind = FilterKind::text;
};

// Text as it is compared: in lower case, cut at its stars.
struct TextPattern {
    std::vector<std::string> pieces; // one more than there are stars
};
struct Unset {};

struct UserFilter {
    enum class Node { all, any, none, compare };
    Node node = Node::all; // all of no parts: every user
    std::vector<UserFilter> parts;

    // Of a comparison.
    const FilterField* field = nullptr;
    std::string key; // of an attribute
    Comparison comparison = Comparison::equal;
    std::variant<Unset, bool, Time, TextPattern> value;
};

// Every field, for help and completion. Roles and attributes have more of them: role=NAME,
// attributes.KEY=VALUE.
[[nodiscard]] std::vector<FilterField> filter_fields();

// Whether it asks how strong password hashes are: those have to be judged first (hash_census).
[[nodiscard]] bool asks_for_hashes(const UserFilter& filter);

// Fails with usage, field "where", naming the place; not_found for an unknown field, suggesting the
// nearest. At most 4 KiB, nested at most 32 deep.
[[nodiscard]] Result<UserFilter> parse_user_filter(std::string_view text, Time now);

} // namespace auth
