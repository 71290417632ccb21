// What the files of other systems have in common: their values are kept where ours have a place,
// and as attributes where not.
#pragma once

#include "core/base/json.h"
#include "core/formats/user_record.h"

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace auth {

// A user on the way in. finish() puts what was gathered into the record.
class ForeignUser {
  public:
    explicit ForeignUser(UserRecord& record) : record_(record) {}

    [[nodiscard]] UserRecord& record() { return record_; }

    // A user name, or an address that serves as one.
    void set_username(std::string name);
    // "GIVEN FAMILY", unless there is a full name.
    void set_name(const std::optional<std::string>& full, const std::optional<std::string>& given,
                  const std::optional<std::string>& family);
    // Texts as they are, lists of one as that one, other values as JSON; nothing for null and "".
    // Letters that no attribute name may have become '_'. What is called as a field of ours that is
    // still empty becomes that field.
    void add_attribute(std::string_view name, const Json& value);
    // Each member of an object, its name behind the prefix.
    void add_attributes(const Json& object, std::string_view prefix = {});
    // By the name that it has in the file.
    void add_role(std::string_view name);
    // Each text of a list.
    void add_roles(const Json& list);
    // As add_attributes, for an object that only administrators of the other system can change: its
    // member "roles" is a list of them.
    void add_operators_metadata(const Json& object, std::string_view prefix);
    // Where a list tells who the user is at providers: each of its objects has a provider's name
    // and a subject in members of those names.
    void add_identities(const Json& list, std::string_view provider, std::string_view subject);

    // The hash of the password, or why it cannot be had.
    void set_hash(Result<std::string> hash);
    // A hash as password files and directories keep it: '!' or '*' before it, or "*LK*", locks the
    // account, and may stand for it. An empty text is ignored.
    void set_lockable_hash(std::string_view stored);
    // Keeps the user out. The first reason stays.
    void shut_out(std::string_view reason);

    // Counts what cannot be kept; see LeftBehind.
    void leave_behind(std::string_view name, std::int64_t count = 1);
    // Every member of the object that is none of these, and that says anything: not null, false, 0
    // or empty. A list counts its elements.
    void leave_rest(const Json& object, std::initializer_list<std::string_view> known);

    // Makes the address of a bare name, by the domain if one is given. Fails with usage where there
    // is no address, and as check_record.
    [[nodiscard]] Status finish(std::string_view domain);

  private:
    UserRecord& record_;
    std::map<std::string, std::string> attributes_;
};

// Members of an object as other systems write them; nothing where the value is null, absent or
// of another kind.
[[nodiscard]] const Json& member(const Json& object, std::string_view name); // null if absent
[[nodiscard]] std::optional<std::string> text_at(const Json& object, std::string_view name);
// Any spelling that parse_truth takes.
[[nodiscard]] std::optional<bool> truth_at(const Json& object, std::string_view name);
// The same of a mark that keeps people out, which must not be passed over: fails with usage where
// it is there and cannot be read.
[[nodiscard]] Result<std::optional<bool>> mark_at(const Json& object, std::string_view name);
[[nodiscard]] std::optional<std::int64_t> number_at(const Json& object, std::string_view name);
// RFC 3339, or as PostgreSQL writes it: "2026-01-31 09:05:00.123+00".
[[nodiscard]] std::optional<Time> time_at(const Json& object, std::string_view name);
// Milliseconds of Unix time, as a number or in a string.
[[nodiscard]] std::optional<Time> milliseconds_at(const Json& object, std::string_view name);

// An otpauth URI for a secret in base 32.
[[nodiscard]] Secret otpauth_of(std::string_view account, std::string_view base32_secret,
                                std::string_view algorithm = "SHA1", std::int64_t digits = 6,
                                std::int64_t period = 30);

// Fails with usage, field "password_hash".
[[nodiscard]] tl::unexpected<Error> unusable_hash(std::string message);

} // namespace auth
