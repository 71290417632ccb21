#include "core/token_drill/services.h"

#include "core/base/encoding.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace auth {
namespace {

constexpr std::array<long, 5> refusals{400, 401, 403, 413, 431};

// RFC 9110 section 5.6.2.
bool is_http_word(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return is_letter_or_digit(c) ||
               std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    });
}

tl::unexpected<Error> refuse_place(std::string_view field, std::string_view text) {
    return fail(error(ErrorCode::usage, fmt::format("invalid name {}", in_quotes(text)))
                    .with_field(std::string(field)));
}

HttpRequest request_with(std::string url, const TokenPlace& place, std::string_view token) {
    HttpRequest request{.url = std::move(url)};
    switch (place.kind) {
    case TokenPlace::Kind::header:
        request.header = Secret(fmt::format("{}: {}", place.name, place.prefix));
        request.header.append(token);
        break;
    case TokenPlace::Kind::cookie:
        request.header = Secret(fmt::format("Cookie: {}=", place.name));
        request.header.append(token);
        break;
    case TokenPlace::Kind::query:
        request.url += request.url.find('?') == std::string::npos ? '?' : '&';
        request.url += fmt::format("{}={}", place.name, percent_encoded(token));
    }
    return request;
}

ServiceAnswer answer_of(long status) {
    using Kind = ServiceAnswer::Kind;
    const bool in = status >= 200 && status < 300;
    const bool out = std::ranges::find(refusals, status) != refusals.end();
    return {in ? Kind::in : out ? Kind::out : Kind::unclear, std::to_string(status)};
}

} // namespace

Result<TokenPlace> header_place(std::string_view text) {
    const std::size_t colon = text.find(':');
    TokenPlace place;
    place.name = text.substr(0, colon);
    if (colon != std::string_view::npos) {
        place.prefix = trimmed(text.substr(colon + 1));
        if (!place.prefix.empty())
            place.prefix += ' ';
    } else if (lower_ascii(place.name) != "authorization") {
        place.prefix.clear();
    }
    const bool plain =
        std::ranges::all_of(place.prefix, [](char c) { return c >= ' ' && c < '\x7f'; });
    if (!is_http_word(place.name) || !plain)
        return refuse_place("header", text);
    return place;
}

Result<TokenPlace> named_place(TokenPlace::Kind kind, std::string_view field,
                               std::string_view name) {
    if (!is_http_word(name))
        return refuse_place(field, name);
    return TokenPlace{kind,
                      kind == TokenPlace::Kind::query ? percent_encoded(name) : std::string(name)};
}

AskService http_service(Http& http, std::string url, TokenPlace place,
                        std::function<bool()> stopped) {
    return [&http, url = std::move(url), place = std::move(place),
            stopped = std::move(stopped)](std::string_view token) -> Result<ServiceAnswer> {
        AUTH_TRY(const HttpResponse response,
                 http.exchange(request_with(url, place, token), stopped));
        return answer_of(response.status);
    };
}

AskService program_service(AskProgram ask, std::vector<std::string> command,
                           std::function<bool()> stopped) {
    return [ask = std::move(ask), command = std::move(command),
            stopped = std::move(stopped)](std::string_view token) -> Result<ServiceAnswer> {
        AUTH_TRY(const ProgramEnd end, ask(command, Secret(token), stopped));
        using Kind = ServiceAnswer::Kind;
        if (end.timed_out)
            return ServiceAnswer{Kind::unclear, "timeout"};
        if (end.signal != 0)
            return ServiceAnswer{Kind::unclear, fmt::format("signal {}", end.signal)};
        return ServiceAnswer{end.code == 0 ? Kind::in : Kind::out,
                             fmt::format("exit {}", end.code)};
    };
}

} // namespace auth
