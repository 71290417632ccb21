// The mail.* settings as the transports need them.
#pragma once

#include "core/base/clock.h"
#include "core/base/mailbox.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/settings/settings.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

enum class SmtpSecurity { starttls, tls, none };

struct SmtpServer {
    std::string host;
    std::int64_t port = 0;
    SmtpSecurity security = SmtpSecurity::starttls;
    std::string helo; // what EHLO says: a name, or an address in brackets; "" for this machine's
    std::string user; // "" for no login
    std::filesystem::path password_file;
    std::vector<std::string> token_command; // prints an access token; goes before the password
    std::filesystem::path ca_file;          // "" for the system's
};

// Fails with usage where the settings do not make up a server, or send in the clear over a network.
[[nodiscard]] Result<SmtpServer> smtp_server(const Settings& settings);
// The password of its user. Fails with usage, io or unsafe_permissions.
[[nodiscard]] Result<Secret> read_smtp_password(const SmtpServer& server);

// Fails with usage where the settings of mail contradict each other, or where the file or directory
// that `changed` names cannot be used. `changed` may be any setting.
[[nodiscard]] Status check_mail_settings(const Settings& settings,
                                         const SettingDefinition& changed);

} // namespace auth
