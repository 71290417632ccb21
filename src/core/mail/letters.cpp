#include "core/mail/letters.h"

#include <fmt/format.h>

namespace auth {

Letter verification_letter(std::string_view code, Seconds life) {
    return {"verify", "Your verification code",
            fmt::format("Your verification code is {}.\n\nIt is good for {} and for one use.\n"
                        "If you did not sign up, ignore this mail.\n",
                        code, to_text(life)),
            std::string(code)};
}

Letter reset_letter(std::string_view code, Seconds life) {
    return {
        "reset", "Your password reset code",
        fmt::format("Your password reset code is {}.\n\nIt is good for {} and for one use.\n"
                    "If you did not ask for it, ignore this mail: your password stays as it is.\n",
                    code, to_text(life)),
        std::string(code)};
}

} // namespace auth
