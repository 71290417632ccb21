// How a mail leaves the program.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"

#include <string>

namespace auth {

struct Mail {
    std::string id;      // UUID
    std::string user_id; // "" for none
    std::string kind;    // "verify", "reset", "link" or "notice"
    std::string to;      // the stored address of one user
    std::string subject; // one line of ASCII
    std::string body;    // UTF-8 text, lines end in \n
    std::string code;    // "" for none
    std::string link;    // "" for none
    std::string state;   // "kept", "sent" or "failed"
    Time created_at;
};

class Mailer {
  public:
    virtual ~Mailer() = default;
    // Hands the mail over. Fails with delivery.
    [[nodiscard]] virtual Status send(const Mail& mail) = 0;
};

} // namespace auth
