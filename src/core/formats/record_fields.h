// The members of a UserRecord by the names that our own files give them: one table for the readers
// and writers of JSON and CSV.
#pragma once

#include "core/formats/user_record.h"

#include <span>
#include <string_view>
#include <variant>

namespace auth {

// Text that is itself a JSON object.
struct ObjectText {
    std::optional<std::string> UserRecord::*place;
};

using FieldPlace =
    std::variant<std::string UserRecord::*, std::optional<std::string> UserRecord::*, ObjectText,
                 std::optional<std::vector<std::string>> UserRecord::*,
                 std::optional<bool> UserRecord::*, std::optional<Secret> UserRecord::*,
                 std::optional<Time> UserRecord::*,
                 std::optional<std::vector<IdentityRecord>> UserRecord::*>;

// When a field is written. Secrets are set only on request, and only then have columns in CSV.
enum class Written { always, where_set, with_secrets };

struct RecordField {
    std::string_view name;
    FieldPlace place{};
    Written written = Written::always;
};

// In the order in which they are written.
[[nodiscard]] std::span<const RecordField> record_fields();

// The index of that name, looked for from `from` on first: files keep one order. Else npos.
[[nodiscard]] std::size_t find_field(std::string_view name, std::size_t from);

// Whether it is a member of user documents that nobody can set; readers ignore it.
[[nodiscard]] bool is_read_only_field(std::string_view name);

// Fails with usage: no such field; the hint names the nearest, or else says `otherwise`, and where
// that is empty names all.
[[nodiscard]] Error unknown_field(std::string_view what, std::string_view name,
                                  std::string otherwise = {});

// Fails with usage, field `name`: "the NAME must be WANTED".
[[nodiscard]] Error unfit_field(std::string_view name, std::string_view wanted);

// Fails with usage: "WHAT is not valid UTF-8", and how that is mended.
[[nodiscard]] Error not_utf8(std::string_view what);

// A record needs an address, and a password or a hash of one, not both.
[[nodiscard]] Status check_record(const UserRecord& record);

// Leaves nothing but the line, the address and the error.
void mark_failed(UserRecord& record, Error error);

} // namespace auth
