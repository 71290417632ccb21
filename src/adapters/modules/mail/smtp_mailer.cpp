#include "adapters/modules/mail/smtp_mailer.h"

#include "adapters/modules/mail/message.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <curl/curl.h>

namespace auth {
namespace {

// A server that need not say anything more is waited for this long; the limit is for all of it.
constexpr long farewell_seconds = 1;
constexpr std::chrono::milliseconds around{1500};

struct Cleanup {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// One transfer: what is still to be sent, and what the server said before it was left.
struct Transfer {
    std::string_view unsent;
    int replies = 0;
    std::string last_reply{};
    bool leaving = false;

    [[nodiscard]] int status() const { return std::atoi(last_reply.c_str()); }
};

std::size_t give(char* buffer, std::size_t size, std::size_t count, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    const std::size_t taken = transfer.unsent.copy(buffer, size * count);
    transfer.unsent.remove_prefix(taken);
    return taken;
}

// Each line that the server says; the last of a reply has a space behind its code.
std::size_t take_reply(char* buffer, std::size_t size, std::size_t count, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    const std::string_view line(buffer, size * count);
    if (!transfer.leaving) {
        transfer.replies += line.size() > 3 && line[3] == '-' ? 0 : 1;
        transfer.last_reply = line.substr(0, line.find_last_not_of("\r\n") + 1);
    }
    return line.size();
}

// The library waits two minutes for the answer to QUIT, beyond any limit of the transfer.
int watch(CURL* handle, curl_infotype type, char* data, std::size_t size, void* user) {
    if (type == CURLINFO_HEADER_OUT && std::string_view(data, size).starts_with("QUIT")) {
        static_cast<Transfer*>(user)->leaving = true;
        curl_easy_setopt(handle, CURLOPT_SERVER_RESPONSE_TIMEOUT, farewell_seconds);
    }
    return 0;
}

std::size_t ignore_body(char* /*buffer*/, std::size_t size, std::size_t count, void* /*user*/) {
    return size * count;
}

std::string url_of(const SmtpServer& server) {
    const bool ipv6 = server.host.find(':') != std::string::npos;
    return fmt::format("{}://{}{}{}:{}", server.security == SmtpSecurity::tls ? "smtps" : "smtp",
                       ipv6 ? "[" : "", server.host, ipv6 ? "]" : "", server.port);
}

class SmtpMailer final : public Mailer {
  public:
    SmtpMailer(SmtpServer server, Mailbox from, Seconds limit)
        : server_(std::move(server)), from_(std::move(from)), limit_(limit) {}
    [[nodiscard]] Status send(const Mail& mail) override;

  private:
    void set_connection(CURL* handle) const;
    [[nodiscard]] Status set_login(CURL* handle) const;
    [[nodiscard]] Error explain(CURLcode result, const char* detail,
                                const Transfer& transfer) const;
    [[nodiscard]] Error problem(std::string_view reason, std::string_view what, Hint hint) const;

    SmtpServer server_;
    Mailbox from_;
    Seconds limit_;
};

void SmtpMailer::set_connection(CURL* handle) const {
    curl_easy_setopt(handle, CURLOPT_URL, url_of(server_).c_str());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_FORBID_REUSE, 1L);
    const auto limit = std::chrono::milliseconds(limit_);
    const auto milliseconds = static_cast<long>((limit - std::min(around, limit / 4)).count());
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
    const auto password = read_smtp_password(server_);
    if (!password)
        return fail(
            problem(delivery::misconfigured, password.error().message, password.error().hint));
    std::string text(password->reveal());
    curl_easy_setopt(handle, CURLOPT_USERNAME, server_.user.c_str());
    curl_easy_setopt(handle, CURLOPT_PASSWORD, text.c_str());
    wipe(text);
    return {};
}

Error SmtpMailer::problem(std::string_view reason, std::string_view what, Hint hint) const {
    return error(ErrorCode::delivery,
                 fmt::format("the mail server {}:{} {}", server_.host, server_.port, what))
        .with_reason(std::string(reason))
        .with_hint(std::move(hint));
}

// RFC 4954 section 6, RFC 4422: about the log-in, not about the mail.
bool concerns_login(int status) {
    return status >= 530 && status <= 538;
}

Error SmtpMailer::explain(CURLcode result, const char* detail, const Transfer& transfer) const {
    const std::string said = printable(transfer.last_reply.substr(0, 500));
    switch (result) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
        return problem(delivery::unreachable, fmt::format("cannot be reached: {}", detail),
                       NextStep{"config get", {"mail.smtp_host"}});
    case CURLE_OPERATION_TIMEDOUT:
        return problem(delivery::timeout, fmt::format("took longer than {}", to_text(limit_)),
                       NextStep{"config get", {"mail.timeout"}});
    case CURLE_USE_SSL_FAILED:
        return problem(delivery::insecure, "offers no STARTTLS, and nothing is sent without",
                       {"if it wants TLS from the start",
                        NextStep{"config set", {"mail.smtp_security", "tls"}}});
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CONNECT_ERROR:
        return problem(
            delivery::insecure, fmt::format("cannot be trusted: {}", detail),
            {"name its certificates by", NextStep{"config set", {"mail.smtp_ca_file", "FILE"}}});
    case CURLE_LOGIN_DENIED:
        return problem(delivery::login_refused,
                       fmt::format("refuses the log-in of {}: {}", in_quotes(server_.user), said),
                       NextStep{"config get", {"mail.smtp_password_file"}});
    default:
        break;
    }
    if (concerns_login(transfer.status()))
        return problem(delivery::login_refused, fmt::format("wants a log-in: {}", said),
                       NextStep{"config set", {"mail.smtp_user", "USER"}});
    if (transfer.status() >= 500 && transfer.replies > 1)
        return problem(delivery::rejected, fmt::format("refuses the mail: {}", said), "");
    if (transfer.status() >= 400)
        return problem(transfer.replies > 1 ? delivery::deferred : delivery::unreachable,
                       fmt::format("does not take the mail now: {}", said),
                       NextStep{"outbox send"});
    return problem(delivery::interrupted, fmt::format("broke off: {}", detail),
                   NextStep{"outbox send"});
}

Status SmtpMailer::send(const Mail& mail) {
    const std::unique_ptr<CURL, Cleanup> handle(curl_easy_init());
    if (!handle)
        throw std::bad_alloc();
    std::string message = compose(mail, from_, Newline::crlf);
    Transfer transfer{message};
    std::array<char, CURL_ERROR_SIZE> detail{};
    curl_easy_setopt(handle.get(), CURLOPT_ERRORBUFFER, detail.data());
    set_connection(handle.get());
    AUTH_CHECK(set_login(handle.get()));
    const std::unique_ptr<curl_slist, Cleanup> recipients(
        curl_slist_append(nullptr, fmt::format("<{}>", mail.to).c_str()));
    curl_easy_setopt(handle.get(), CURLOPT_MAIL_FROM, fmt::format("<{}>", from_.address).c_str());
    curl_easy_setopt(handle.get(), CURLOPT_MAIL_RCPT, recipients.get());
    curl_easy_setopt(handle.get(), CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(handle.get(), CURLOPT_INFILESIZE_LARGE,
                     static_cast<curl_off_t>(message.size()));
    curl_easy_setopt(handle.get(), CURLOPT_READFUNCTION, give);
    curl_easy_setopt(handle.get(), CURLOPT_READDATA, &transfer);
    curl_easy_setopt(handle.get(), CURLOPT_HEADERFUNCTION, take_reply);
    curl_easy_setopt(handle.get(), CURLOPT_HEADERDATA, &transfer);
    curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, ignore_body);
    curl_easy_setopt(handle.get(), CURLOPT_DEBUGFUNCTION, watch);
    curl_easy_setopt(handle.get(), CURLOPT_DEBUGDATA, &transfer);
    curl_easy_setopt(handle.get(), CURLOPT_VERBOSE, 1L); // tells watch(), and nobody else
    const CURLcode result = curl_easy_perform(handle.get());
    wipe(message);
    if (result == CURLE_OK)
        return {};
    return fail(explain(result, detail.front() != '\0' ? detail.data() : curl_easy_strerror(result),
                        transfer));
}

} // namespace

std::unique_ptr<Mailer> smtp_mailer(SmtpServer server, Mailbox from, Seconds limit) {
    // The library would write the keys of its sessions into a file that this names.
    ::unsetenv("SSLKEYLOGFILE");
    curl_global_init(CURL_GLOBAL_DEFAULT);
    return std::make_unique<SmtpMailer>(std::move(server), std::move(from), limit);
}

} // namespace auth
