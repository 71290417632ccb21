// How a mail leaves the program.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"

#include <optional>
#include <string>

namespace auth {

enum class MailState { kept, sent, failed };

struct Mail {
    std::string id;      // UUID
    std::string user_id; // "" for none
    std::string kind;    // "verify", "reset", "link" or "notice"
    std::string to;      // the stored address of one user
    std::string name;    // of the user, one line of UTF-8; "" for none
    std::string subject; // one line of UTF-8
    std::string body;    // UTF-8 text, lines end in \n; "" once it was sent, as all that follows
    std::string html;    // the same as HTML; "" for none
    std::string code;    // "" for none
    std::string link;    // "" for none
    MailState state = MailState::kept;
    Time created_at;
    std::optional<Time> expires_at{};      // of the code or link
    std::int64_t attempts = 0;             // to hand it over
    std::optional<Time> next_attempt_at{}; // of a kept one that failed
    // The reason of the latest failure, or "expired" or "obsolete" for a code that was dead before
    // it was sent, or "".
    std::string error{};
};

// Why a transport failed, as the reason of its error.
namespace delivery {
inline constexpr std::string_view rejected = "rejected"; // for good: it would fail again
inline constexpr std::string_view deferred = "deferred"; // the server wants it later
// The rest says nothing of the mail: no other one would get through either.
inline constexpr std::string_view unreachable = "unreachable";
inline constexpr std::string_view timeout = "timeout";
inline constexpr std::string_view insecure = "insecure"; // no TLS, or a wrong certificate
inline constexpr std::string_view login_refused = "login_refused";
inline constexpr std::string_view interrupted = "interrupted"; // it may have arrived
inline constexpr std::string_view misconfigured = "misconfigured";
} // namespace delivery

class Mailer {
  public:
    virtual ~Mailer() = default;
    // Hands the mail over. Fails with delivery and one of the reasons above.
    [[nodiscard]] virtual Status send(const Mail& mail) = 0;
};

} // namespace auth
