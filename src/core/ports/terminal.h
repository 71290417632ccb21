// The person at the keyboard, as a port: /dev/tty, never stdin or stdout.
#pragma once

#include "core/base/result.h"
#include "core/base/secret.h"

#include <string>
#include <string_view>

namespace auth {

class Terminal {
  public:
    virtual ~Terminal() = default;
    // False where no question can be asked: no terminal, or --no-input.
    [[nodiscard]] virtual bool interactive() const = 0;
    // One line, without its newline. Fails with cancelled on end of input or Ctrl-C.
    [[nodiscard]] virtual Result<std::string> ask(std::string_view prompt) = 0;
    // The same, without echo.
    [[nodiscard]] virtual Result<Secret> ask_secret(std::string_view prompt) = 0;
};

} // namespace auth
