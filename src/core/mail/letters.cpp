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

Letter link_letter(std::string_view url, std::string_view token, Seconds life) {
    const std::string how = url.empty() ? fmt::format("auth-cli login --link {}", token)
                                        : std::string(url);
    return {"link", "Your log-in link",
            fmt::format("{}\n\n{}\n\nIt is good for {} and for one use.\n"
                        "If you did not ask for it, ignore this mail.\n",
                        url.empty() ? "Log in with this command:" : "Log in with this link:", how,
                        to_text(life)),
            "", std::string(url.empty() ? token : url)};
}

Letter factor_letter(std::string_view what) {
    return {"notice", "Your second factor",
            fmt::format("About your account's second factor: {}.\n\n"
                        "If that was not you, reset your password and tell an operator.\n",
                        what)};
}

} // namespace auth
