#include "adapters/modules/http/http_module.h"

#include "core/base/host.h"
#include "core/base/text.h"
#include "core/mail/mailer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <curl/curl.h>
#include <memory>
#include <sys/auxv.h>

namespace auth {
namespace {

struct Cleanup {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
    void operator()(CURLU* url) const { curl_url_cleanup(url); }
    void operator()(char* text) const { curl_free(text); }
};
using Headers = std::unique_ptr<curl_slist, Cleanup>;

struct Transfer {
    const HttpLimits& limits;
    const std::function<bool()>& stopped;
    Secret body{};
    bool too_long = false;
};

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    if (transfer.body.size() + size * count > transfer.limits.size) {
        transfer.too_long = true;
        return 0;
    }
    transfer.body.append({data, size * count});
    return size * count;
}

int watch(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    const auto& transfer = *static_cast<Transfer*>(user);
    return transfer.stopped && transfer.stopped() ? 1 : 0;
}

std::string host_of(const std::string& url) {
    const std::unique_ptr<CURLU, Cleanup> parsed(curl_url());
    char* host = nullptr;
    if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK ||
        curl_url_get(parsed.get(), CURLUPART_HOST, &host, 0) != CURLUE_OK)
        return "";
    const std::unique_ptr<char, Cleanup> owner(host);
    return host;
}

bool is_this_machine(std::string_view host) {
    return std::ranges::count(loopback_url_hosts, host) > 0;
}

void add(Headers& headers, const std::string& line) {
    headers.reset(curl_slist_append(headers.release(), line.c_str()));
}

Headers headers_of(const HttpRequest& request) {
    Headers headers;
    add(headers, "Accept: application/json");
    if (request.past_caches)
        add(headers, "Cache-Control: no-cache");
    if (request.form)
        add(headers, "Expect:"); // nobody is asked whether a form may come
    if (!request.authorization.empty()) {
        std::string line = fmt::format("Authorization: {}", request.authorization.reveal());
        add(headers, line);
        wipe(line);
    }
    if (!request.header.empty()) {
        std::string line(request.header.reveal());
        add(headers, line);
        wipe(line);
    }
    return headers;
}

void wipe_all(const Headers& headers) {
    for (curl_slist* line = headers.get(); line != nullptr; line = line->next)
        wipe(std::span(line->data, std::string_view(line->data).size()));
}

void set_connection(CURL* handle, const HttpLimits& limits, const std::string& host) {
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "https,http");
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    const auto limit = static_cast<long>(std::chrono::milliseconds(limits.time).count());
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, limit);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, limit);
    curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
    if (!limits.ca_file.empty())
        curl_easy_setopt(handle, CURLOPT_CAINFO, limits.ca_file.c_str());
    if (is_this_machine(host) || ::getauxval(AT_SECURE) != 0)
        curl_easy_setopt(handle, CURLOPT_PROXY, "");
}

// All lines of a header of the last answer, with commas between (RFC 9110 section 5.3).
std::string header_of(CURL* handle, const char* name) {
    std::string lines;
    curl_header* header = nullptr;
    for (std::size_t i = 0;
         curl_easy_header(handle, name, i, CURLH_HEADER, -1, &header) == CURLHE_OK; ++i)
        lines += (i > 0 ? ", " : "") + std::string(header->value);
    return lines;
}

Error trouble(std::string_view reason, const std::string& host, std::string_view what) {
    return error(ErrorCode::delivery, fmt::format("the server {} {}", printable(host), what))
        .with_reason(std::string(reason));
}

Error explain(CURLcode result, const char* detail, const std::string& host,
              const Transfer& transfer) {
    switch (result) {
    case CURLE_ABORTED_BY_CALLBACK:
        return error(ErrorCode::cancelled, "cancelled");
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
        return trouble(delivery::unreachable, host, fmt::format("cannot be reached: {}", detail));
    case CURLE_OPERATION_TIMEDOUT:
        return trouble(delivery::timeout, host,
                       fmt::format("took longer than {}", to_text(transfer.limits.time)));
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CONNECT_ERROR:
        return trouble(delivery::insecure, host, fmt::format("cannot be trusted: {}", detail));
    default:
        break;
    }
    if (transfer.too_long)
        return trouble("too_long", host,
                       fmt::format("answered with more than {} bytes", transfer.limits.size));
    return trouble(delivery::interrupted, host, fmt::format("broke off: {}", detail));
}

Result<HttpResponse> exchange(const HttpLimits& limits, const HttpRequest& request,
                              const std::function<bool()>& stopped) {
    const std::unique_ptr<CURL, Cleanup> handle(curl_easy_init());
    if (!handle)
        throw std::bad_alloc();
    const std::string host = host_of(request.url);
    Transfer transfer{limits, stopped};
    std::array<char, CURL_ERROR_SIZE> detail{};
    const Headers headers = headers_of(request);
    set_connection(handle.get(), limits, host);
    curl_easy_setopt(handle.get(), CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(handle.get(), CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(handle.get(), CURLOPT_ERRORBUFFER, detail.data());
    if (request.form) {
        curl_easy_setopt(handle.get(), CURLOPT_POSTFIELDSIZE_LARGE,
                         static_cast<curl_off_t>(request.form->size()));
        curl_easy_setopt(handle.get(), CURLOPT_POSTFIELDS, request.form->bytes().data());
    }
    curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(handle.get(), CURLOPT_XFERINFOFUNCTION, watch);
    curl_easy_setopt(handle.get(), CURLOPT_XFERINFODATA, &transfer);
    curl_easy_setopt(handle.get(), CURLOPT_NOPROGRESS, 0L); // has watch() called
    const CURLcode result = curl_easy_perform(handle.get());
    wipe_all(headers);
    if (result != CURLE_OK)
        return fail(explain(result,
                            detail.front() != '\0' ? detail.data() : curl_easy_strerror(result),
                            host, transfer));
    HttpResponse response;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &response.status);
    const char* type = nullptr;
    curl_easy_getinfo(handle.get(), CURLINFO_CONTENT_TYPE, &type);
    response.content_type = type != nullptr ? type : "";
    response.body = std::move(transfer.body);
    response.cache_control = header_of(handle.get(), "Cache-Control");
    response.age = header_of(handle.get(), "Age");
    const char* location = nullptr;
    curl_easy_getinfo(handle.get(), CURLINFO_REDIRECT_URL, &location);
    response.location = location != nullptr ? location : "";
    return response;
}

} // namespace
} // namespace auth

extern "C" [[gnu::visibility("default")]] void
auth_http_exchange(const auth::HttpLimits& limits, const auth::HttpRequest& request,
                   const std::function<bool()>& stopped,
                   auth::Result<auth::HttpResponse>& response) {
    // The library would write the keys of its sessions into a file that this names.
    ::unsetenv("SSLKEYLOGFILE");
    curl_global_init(CURL_GLOBAL_DEFAULT);
    response = auth::exchange(limits, request, stopped);
}
