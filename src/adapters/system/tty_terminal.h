// Questions to the person at the terminal.
#pragma once

#include "core/ports/terminal.h"

namespace auth {

// /dev/tty: questions work inside $(…) and with stdin and stdout redirected.
class TtyTerminal final : public Terminal {
  public:
    [[nodiscard]] bool interactive() const override;
    [[nodiscard]] Result<std::string> ask(std::string_view prompt) override;
    [[nodiscard]] Result<Secret> ask_secret(std::string_view prompt) override;
};

} // namespace auth
