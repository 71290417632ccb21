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
    std::string code;
};

[[nodiscard]] Letter verification_letter(std::string_view code, Seconds life);
[[nodiscard]] Letter reset_letter(std::string_view code, Seconds life);

} // namespace auth
