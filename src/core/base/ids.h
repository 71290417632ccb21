// Names of people and things. Each is made only by parse(), so a value of the type is a valid one.
#pragma once

#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/base/result.h"

#include <string>
#include <string_view>
#include <variant>

namespace auth {

// An e-mail address. The canonical form is the identity: domain as lower-case A-labels (IDNA 2008,
// UTS 46 non-transitional), local part an ASCII dot-atom (RFC 5322) in lower case. At most 254
// bytes, local part at most 64 (RFC 5321 section 4.5.3.1). Quoted local parts and address literals
// are refused.
class Email {
  public:
    // With `odd` dots before the @ may be doubled, and one may be the last, as some carriers gave
    // addresses out against RFC 5321: to name somebody who has one, and to let them in on purpose.
    enum class Dots { standard, odd };
    // Fails with usage, field "email".
    [[nodiscard]] static Result<Email> parse(std::string_view text, Dots dots = Dots::standard);
    // Whether the text would be an address but for its dots; cheap.
    [[nodiscard]] static bool has_odd_dots(std::string_view text);
    [[nodiscard]] const std::string& original() const { return original_; }
    [[nodiscard]] const std::string& canonical() const { return canonical_; }
    [[nodiscard]] std::string local_part() const;

  private:
    std::string original_;
    std::string canonical_;
};

// A user's immutable, opaque id: a UUID (RFC 9562) in lower case, of version 7 where it was made
// here. Never reused.
class UserId {
  public:
    [[nodiscard]] static Result<UserId> parse(std::string_view text);
    [[nodiscard]] static UserId make(Random& random, Time now);
    [[nodiscard]] const std::string& text() const { return text_; }
    bool operator==(const UserId&) const = default;

  private:
    std::string text_;
};

// A user name: 1 to 64 of a-z 0-9 . _ -, starting with a letter or digit; compared in lower case.
class Username {
  public:
    // Fails with usage, field "username".
    [[nodiscard]] static Result<Username> parse(std::string_view text);
    [[nodiscard]] const std::string& original() const { return original_; }
    [[nodiscard]] const std::string& canonical() const { return canonical_; }

  private:
    std::string original_;
    std::string canonical_;
};

// A role's name: 1 to 64 of a-z 0-9 . _ : -, starting with a letter.
class RoleName {
  public:
    // Fails with usage, field "role".
    [[nodiscard]] static Result<RoleName> parse(std::string_view text);
    [[nodiscard]] const std::string& text() const { return text_; }
    bool operator==(const RoleName&) const = default;

  private:
    std::string text_;
};

// However a person names a user on the command line: an address, id:UUID or @username.
using UserRef = std::variant<Email, UserId, Username>;
[[nodiscard]] Result<UserRef> parse_user_ref(std::string_view text);
[[nodiscard]] std::string to_text(const UserRef& ref);

// A random UUID version 7 as text, for sessions and mails.
[[nodiscard]] std::string new_uuid(Random& random, Time now);

} // namespace auth
