// What each mail is to say. The words stand in templates.
#pragma once

#include "core/base/clock.h"

#include <optional>
#include <string>
#include <string_view>

namespace auth {

struct Letter {
    std::string kind;              // of the mail: "verify", "reset", "link" or "notice"
    std::string words;             // whose templates: "verify", "password_changed", …
    std::string code{};            // "" for none
    std::string link{};            // "" for none
    std::string command{};         // that takes the link's token; "" for none
    std::optional<Seconds> life{}; // of the code or link
    std::string detail{};          // what a notice is about: a place, a change
};

[[nodiscard]] Letter verification_letter(std::string_view code, Seconds life);
[[nodiscard]] Letter reset_letter(std::string_view code, Seconds life);
// `url` logs in whoever opens it.
[[nodiscard]] Letter link_letter(std::string_view url, Seconds life);
// The same where no page takes the token: `command` does.
[[nodiscard]] Letter link_command_letter(std::string_view token, std::string_view command,
                                         Seconds life);

// Notices. `place` and `change` are for people: "laptop, from 192.0.2.7", "a TOTP app was added".
[[nodiscard]] Letter password_changed_letter();
[[nodiscard]] Letter new_login_letter(std::string_view place);
[[nodiscard]] Letter factor_letter(std::string_view change);
[[nodiscard]] Letter login_added_letter(std::string_view way);     // "login with google"
[[nodiscard]] Letter set_up_dropped_letter(std::string_view what); // "the password"
[[nodiscard]] Letter test_letter();

} // namespace auth
