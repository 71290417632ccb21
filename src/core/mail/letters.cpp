#include "core/mail/letters.h"

namespace auth {
namespace {

Letter notice(std::string_view words, std::string_view detail = {}) {
    Letter letter{"notice", std::string(words)};
    letter.detail = detail;
    return letter;
}

} // namespace

Letter verification_letter(std::string_view code, Seconds life) {
    return {"verify", "verify", std::string(code), {}, {}, life};
}

Letter reset_letter(std::string_view code, Seconds life) {
    return {"reset", "reset", std::string(code), {}, {}, life};
}

Letter link_letter(std::string_view url, Seconds life) {
    return {"link", "link", {}, std::string(url), {}, life};
}

Letter link_command_letter(std::string_view token, std::string_view command, Seconds life) {
    return {"link", "link_command", {}, std::string(token), std::string(command), life};
}

Letter password_changed_letter() {
    return notice("password_changed");
}

Letter new_login_letter(std::string_view place) {
    return notice("new_login", place);
}

Letter factor_letter(std::string_view change) {
    return notice("factor_changed", change);
}

Letter login_added_letter(std::string_view way) {
    return notice("login_added", way);
}

Letter set_up_dropped_letter(std::string_view what) {
    return notice("set_up_dropped", what);
}

Letter test_letter() {
    return notice("test");
}

} // namespace auth
