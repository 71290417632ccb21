#include "adapters/modules/mail/smtp_mailer.h"

#include "adapters/modules/mail/access_token.h"
#include "adapters/modules/mail/message.h"
#include "adapters/modules/mail/smtp_problem.h"
#include "core/base/encoding.h"
#include "core/mail/smtp_dialogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <curl/curl.h>

namespace auth {
namespace {

using Milliseconds = std::chrono::milliseconds;

// A server that need not say anything more is waited for this long; the limit is for all of it.
constexpr long farewell_seconds = 1;
constexpr Milliseconds around{1500};

// Those by password. Without a choice the library would try a Kerberos ticket first for a user
// whose name looks like an address.
constexpr const char* password_logins = "AUTH=SCRAM-SHA-256;AUTH=SCRAM-SHA-1;AUTH=DIGEST-MD5;"
                                        "AUTH=CRAM-MD5;AUTH=NTLM;AUTH=PLAIN;AUTH=LOGIN";
constexpr const char* token_logins = "AUTH=XOAUTH2";

struct Cleanup {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// One transfer: what is still to be sent, and what was said before the client took its leave.
struct Transfer {
    std::string_view unsent;
    SmtpDialogue dialogue{};
    bool leaving = false;
};

std::size_t give(char* buffer, std::size_t size, std::size_t count, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    const std::size_t taken = transfer.unsent.copy(buffer, size * count);
    transfer.unsent.remove_prefix(taken);
    return taken;
}

std::size_t take_line(char* buffer, std::size_t size, std::size_t count, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    if (!transfer.leaving)
        transfer.dialogue.received({buffer, size * count});
    return size * count;
}

// The library waits two minutes for the answer to QUIT, beyond any limit of the transfer.
int watch(CURL* handle, curl_infotype type, char* data, std::size_t size, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    const std::string_view line(data, size);
    if (type != CURLINFO_HEADER_OUT)
        return 0;
    if (line.starts_with("QUIT")) {
        transfer.leaving = true;
        curl_easy_setopt(handle, CURLOPT_SERVER_RESPONSE_TIMEOUT, farewell_seconds);
    } else {
        transfer.dialogue.sent(line);
    }
    return 0;
}

std::size_t ignore_body(char* /*buffer*/, std::size_t size, std::size_t count, void* /*user*/) {
    return size * count;
}

// The path is what EHLO says; without one the library says the name of the machine.
std::string url_of(const SmtpServer& server) {
    const bool ipv6 = server.host.find(':') != std::string::npos;
    return fmt::format("{}://{}{}{}:{}/{}", server.security == SmtpSecurity::tls ? "smtps" : "smtp",
                       ipv6 ? "[" : "", server.host, ipv6 ? "]" : "", server.port,
                       percent_encoded(server.helo));
}

class SmtpMailer final : public Mailer {
  public:
    SmtpMailer(SmtpServer server, Mailbox from, Seconds limit)
        : server_(std::move(server)), from_(std::move(from)), limit_(limit) {}
    [[nodiscard]] Status send(const Mail& mail) override;

  private:
    void set_connection(CURL* handle, Milliseconds limit) const;
    void set_transfer(CURL* handle, Transfer& transfer) const;
    [[nodiscard]] Status set_login(CURL* handle) const;
    [[nodiscard]] Status set_password(CURL* handle) const;
    [[nodiscard]] Status set_token(CURL* handle) const;

    SmtpServer server_;
    Mailbox from_;
    Seconds limit_;
};

void SmtpMailer::set_connection(CURL* handle, Milliseconds limit) const {
    curl_easy_setopt(handle, CURLOPT_URL, url_of(server_).c_str());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_FORBID_REUSE, 1L);
    // 0 would stand for no limit at all.
    const auto most = std::max(limit - std::min(around, limit / 4), Milliseconds(1));
    const auto milliseconds = static_cast<long>(most.count());
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, milliseconds);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, milliseconds);
    if (server_.security == SmtpSecurity::none)
        return;
    curl_easy_setopt(handle, CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
    curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
    if (!server_.ca_file.empty())
        curl_easy_setopt(handle, CURLOPT_CAINFO, server_.ca_file.c_str());
}

Status SmtpMailer::set_login(CURL* handle) const {
    if (server_.user.empty())
        return {};
    curl_easy_setopt(handle, CURLOPT_USERNAME, server_.user.c_str());
    return server_.token_command.empty() ? set_password(handle) : set_token(handle);
}

Status SmtpMailer::set_password(CURL* handle) const {
    const auto password = read_smtp_password(server_);
    if (!password)
        return fail(smtp_problem(server_, delivery::misconfigured, password.error().message,
                                 password.error().hint));
    std::string text(password->reveal());
    curl_easy_setopt(handle, CURLOPT_LOGIN_OPTIONS, password_logins);
    curl_easy_setopt(handle, CURLOPT_PASSWORD, text.c_str());
    wipe(text);
    return {};
}

Status SmtpMailer::set_token(CURL* handle) const {
    AUTH_TRY(const Secret token, fetch_access_token(server_.token_command, limit_));
    std::string text(token.reveal());
    curl_easy_setopt(handle, CURLOPT_LOGIN_OPTIONS, token_logins);
    curl_easy_setopt(handle, CURLOPT_XOAUTH2_BEARER, text.c_str());
    wipe(text);
    return {};
}

void SmtpMailer::set_transfer(CURL* handle, Transfer& transfer) const {
    curl_easy_setopt(handle, CURLOPT_MAIL_FROM, fmt::format("<{}>", from_.address).c_str());
    curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(handle, CURLOPT_INFILESIZE_LARGE,
                     static_cast<curl_off_t>(transfer.unsent.size()));
    curl_easy_setopt(handle, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(handle, CURLOPT_READDATA, &transfer);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, take_line);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, &transfer);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, ignore_body);
    curl_easy_setopt(handle, CURLOPT_DEBUGFUNCTION, watch);
    curl_easy_setopt(handle, CURLOPT_DEBUGDATA, &transfer);
    curl_easy_setopt(handle, CURLOPT_VERBOSE, 1L); // tells watch(), and nobody else
}

Status SmtpMailer::send(const Mail& mail) {
    const auto begun = std::chrono::steady_clock::now();
    const std::unique_ptr<CURL, Cleanup> handle(curl_easy_init());
    if (!handle)
        throw std::bad_alloc();
    AUTH_CHECK(set_login(handle.get()));
    const auto passed = std::chrono::ceil<Milliseconds>(std::chrono::steady_clock::now() - begun);
    set_connection(handle.get(), Milliseconds(limit_) - passed);
    std::string message = compose(mail, from_, Newline::crlf);
    Transfer transfer{message};
    set_transfer(handle.get(), transfer);
    const std::unique_ptr<curl_slist, Cleanup> recipients(
        curl_slist_append(nullptr, fmt::format("<{}>", mail.to).c_str()));
    curl_easy_setopt(handle.get(), CURLOPT_MAIL_RCPT, recipients.get());
    std::array<char, CURL_ERROR_SIZE> detail{};
    curl_easy_setopt(handle.get(), CURLOPT_ERRORBUFFER, detail.data());
    const CURLcode result = curl_easy_perform(handle.get());
    wipe(message);
    if (result == CURLE_OK)
        return {};
    const char* why = detail.front() != '\0' ? detail.data() : curl_easy_strerror(result);
    return fail(explain_smtp(server_, {result, why, transfer.dialogue}, limit_));
}

} // namespace

std::unique_ptr<Mailer> smtp_mailer(SmtpServer server, Mailbox from, Seconds limit) {
    // The library would write the keys of its sessions into a file that this names.
    ::unsetenv("SSLKEYLOGFILE");
    curl_global_init(CURL_GLOBAL_DEFAULT);
    return std::make_unique<SmtpMailer>(std::move(server), std::move(from), limit);
}

} // namespace auth
