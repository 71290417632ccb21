// The words of each mail.
#pragma once

#include "core/base/clock.h"

#include <string>
#include <string_view>

namespace auth {

struct Letter {
    std::string kind;
    std::string subject;
    std::string body;
    std::string code{};
    std::string link{};
};

[[nodiscard]] Letter verification_letter(std::string_view code, Seconds life);
[[nodiscard]] Letter reset_letter(std::string_view code, Seconds life);
// `url` leads to the page that takes the token; where it is empty the letter says which command does.
[[nodiscard]] Letter link_letter(std::string_view url, std::string_view token, Seconds life);
// What happened to the second factor: "an authenticator app was added".
[[nodiscard]] Letter factor_letter(std::string_view what);

} // namespace auth
