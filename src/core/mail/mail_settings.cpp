#include "core/mail/mail_settings.h"

#include "core/base/given_secret.h"
#include "core/base/host.h"
#include "core/base/private_file.h"
#include "core/base/text.h"
#include "core/mail/templates.h"
#include "core/settings/setting.h"

#include <fmt/format.h>

#include <unistd.h>

namespace auth {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> wrong(const SettingDefinition& where, std::string message, Hint hint) {
    return fail(error(ErrorCode::usage, std::move(message))
                    .with_field(std::string(where.name))
                    .with_hint(std::move(hint)));
}

SmtpSecurity security_of(const Settings& settings) {
    const std::string text = settings.get(setting<"mail.smtp_security">);
    return text == "tls"    ? SmtpSecurity::tls
           : text == "none" ? SmtpSecurity::none
                            : SmtpSecurity::starttls;
}

std::int64_t port_of(const Settings& settings, SmtpSecurity security) {
    if (settings.given(setting<"mail.smtp_port">))
        return settings.get(setting<"mail.smtp_port">);
    switch (security) {
    case SmtpSecurity::starttls:
        return 587;
    case SmtpSecurity::tls:
        return 465;
    case SmtpSecurity::none:
        return 25;
    }
    return 0;
}

Status check_program(const SettingDefinition& where, const fs::path& path) {
    std::error_code problem;
    if (!fs::is_regular_file(path, problem) || ::access(path.c_str(), X_OK) != 0)
        return wrong(where, fmt::format("{} is not a program", in_quotes(path.string())),
                     where.kind == SettingKind::command
                         ? R"(with arguments, write an array: ["/path/of/program", "argument"])"
                         : "install one, or name another one");
    return {};
}

// RFC 5321 section 4.1.3: an address is in brackets. A name has no dot at its end.
std::string helo_of(const Settings& settings) {
    std::string name = settings.get(setting<"mail.smtp_helo">);
    if (name.ends_with('.'))
        name.pop_back();
    if (name.find(':') != std::string::npos)
        return fmt::format("[IPv6:{}]", name);
    const bool address =
        !name.empty() && name.find_first_not_of("0123456789.") == std::string::npos;
    return address ? fmt::format("[{}]", name) : name;
}

Status check_token_command(const Settings& settings) {
    const auto& where = setting<"mail.smtp_token_command">;
    if (!settings.given(where))
        return {};
    AUTH_TRY(const auto command, parse_command(settings.get(where)));
    return check_program(where, command.front());
}

// The file or directory that a setting names, as far as it is about mail.
Status check_named_file(const Settings& settings, const SettingDefinition& changed) {
    constexpr std::size_t longest_bundle = 4U << 20U;
    if (changed.name == setting<"mail.smtp_token_command">.name())
        return check_token_command(settings);
    if (changed.kind != SettingKind::path)
        return {};
    const fs::path path = settings.value(changed).text;
    if (path.empty())
        return {};
    if (!path.is_absolute())
        return wrong(changed, fmt::format("{} must be an absolute path", changed.name),
                     "the program may be run from any directory");
    if (changed.name == setting<"mail.sendmail_path">.name())
        return check_program(changed, path);
    if (changed.name == setting<"mail.templates">.name())
        return check_templates(path);
    if (changed.name == setting<"mail.smtp_password_file">.name()) {
        SmtpServer server;
        server.password_file = path;
        AUTH_CHECK(read_smtp_password(server));
    }
    if (changed.name == setting<"mail.smtp_ca_file">.name())
        AUTH_CHECK(read_file("certificates", path, longest_bundle));
    return {};
}

} // namespace

Result<SmtpServer> smtp_server(const Settings& settings) {
    SmtpServer server;
    server.host = settings.get(setting<"mail.smtp_host">);
    server.security = security_of(settings);
    server.port = port_of(settings, server.security);
    server.user = settings.get(setting<"mail.smtp_user">);
    server.password_file = settings.get(setting<"mail.smtp_password_file">);
    server.ca_file = settings.get(setting<"mail.smtp_ca_file">);
    server.helo = helo_of(settings);
    if (settings.given(setting<"mail.smtp_token_command">)) {
        AUTH_TRY(server.token_command,
                 parse_command(settings.get(setting<"mail.smtp_token_command">)));
    }
    if (server.host.empty())
        return wrong(setting<"mail.smtp_host">, "the transport smtp needs a mail server",
                     NextStep{"config set", {"mail.smtp_host", "HOST"}});
    if (server.security == SmtpSecurity::none && !is_loopback(server.host) &&
        !settings.get(setting<"mail.smtp_plaintext">))
        return wrong(setting<"mail.smtp_security">,
                     fmt::format("mails to '{}' would cross the network in the clear", server.host),
                     std::vector{NextStep{"config set", {"mail.smtp_security", "starttls"}},
                                 NextStep{"config set", {"mail.smtp_plaintext", "true"}}});
    if (!server.user.empty() && server.password_file.empty() && server.token_command.empty())
        return wrong(setting<"mail.smtp_user">,
                     "mail.smtp_user requires a password or an access token",
                     std::vector{NextStep{"config set", {"mail.smtp_password_file", "FILE"}},
                                 NextStep{"config set", {"mail.smtp_token_command", "PROGRAM"}}});
    return server;
}

Result<Secret> read_smtp_password(const SmtpServer& server) {
    auto given = read_given_secret("password file", server.password_file);
    if (!given)
        return wrong(setting<"mail.smtp_password_file">, given.error().message,
                     "write the mail server's password into it, mode 600");
    Secret password = std::move(given->text);
    if (password.empty() ||
        password.reveal().find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos)
        return wrong(setting<"mail.smtp_password_file">,
                     fmt::format("{} does not hold one line with a password",
                                 in_quotes(server.password_file.string())),
                     "write the mail server's password into it, mode 600");
    return password;
}

Status check_mail_settings(const Settings& settings, const SettingDefinition& changed) {
    if (!changed.name.starts_with("mail."))
        return {};
    AUTH_CHECK(check_named_file(settings, changed));
    const std::string transport = settings.get(setting<"mail.transport">);
    if (transport == "smtp")
        AUTH_CHECK(smtp_server(settings));
    if (transport == "sendmail")
        AUTH_CHECK(check_program(setting<"mail.sendmail_path">,
                                 settings.get(setting<"mail.sendmail_path">)));
    return {};
}

} // namespace auth
