#include "commands/tokens/verdict_view.h"

#include "cli/output/document.h"
#include "core/base/encoding.h"
#include "core/base/text.h"
#include "core/jose/exact_json.h"
#include "core/jose/numeric_date.h"

#include <fmt/format.h>

namespace auth {
namespace {

// Years 1 to 9999, as RFC 3339 is read here.
constexpr Time first_written{Seconds{-62'135'596'800}};
constexpr Time last_written{Seconds{253'402'300'799}};

std::string compact(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json exact_claims(const Verdict& verdict) {
    if (verdict.claims.is_null())
        return {};
    return parse_exact_json(verdict.payload, max_token_depth).value_or(verdict.claims);
}

// The claims as they were signed, where they fit on a line.
std::string claims_text(const Verdict& verdict) {
    const auto has = [&](char c) { return verdict.payload.find(c) != std::string::npos; };
    return has('\n') || has('\r') ? write_json(exact_claims(verdict)) : verdict.payload;
}

// A terminal must not obey what a payload holds.
std::string printable_lines(std::string_view payload) {
    std::string out;
    for (const std::string& line : split(payload, '\n'))
        out += printable(line) + "\n";
    return out;
}

Json kid_of(const Json& header) {
    const auto kid = header.find("kid");
    return kid != header.end() ? *kid : Json();
}

std::string signer_words(const Verdict& verdict) {
    return verdict.certificate.empty() ? "" : " by " + in_quotes(verdict.certificate);
}

std::string ignored_words(const Verdict& verdict) {
    const auto& names = verdict.ignored_headers;
    return names.empty() ? ""
                         : fmt::format("; {} in the header chose no key", fmt::join(names, ", "));
}

} // namespace

std::optional<Time> shown_time(const Json& date) {
    const auto second = second_of(date);
    if (!second || *second < first_written || *second > last_written)
        return std::nullopt;
    return second;
}

ShownExpiry expiry_of(const Json& claims, Time now) {
    const Json* date = find_member(claims, "exp");
    const auto second = date != nullptr ? second_of(*date) : std::nullopt;
    if (!second)
        return {};
    return {shown_time(*date), unix_seconds(*second) - unix_seconds(now)};
}

Reply verdict_reply(const Verdict& verdict, const Expectations& expected, bool terminal) {
    const Time now = expected.foreign.now;
    const Json& header = verdict.header->json;
    const ShownExpiry expiry = expiry_of(verdict.claims, now);
    const Json claims = exact_claims(verdict);
    Reply reply;
    reply.document = {{"schema", "auth-cli.token/1"},
                      {"header", header},
                      {"claims", claims},
                      {"signature", {{"checked", true}, {"valid", true}, {"kid", kid_of(header)}}},
                      {"status", "valid"},
                      {"expires_at", time_or_null(expiry.at)},
                      {"expires_in", or_null(expiry.in)},
                      {"problems", Json::array()},
                      {"certificate", or_null(verdict.certificate)},
                      {"ignored_headers", verdict.ignored_headers}};
    if (expected.signature_only) {
        reply.document["payload"] = valid_utf8(verdict.payload) ? Json(verdict.payload) : Json();
        reply.document["payload_base64url"] = to_base64url(verdict.payload);
        reply.text = terminal ? printable_lines(verdict.payload) : verdict.payload;
        reply.note = fmt::format("the {} signature{} is right; {}{}",
                                 header.at("alg").get<std::string>(), signer_words(verdict),
                                 verdict.certificate.empty()
                                     ? "the payload was not looked at"
                                     : "of the payload only the time of issue was checked",
                                 ignored_words(verdict));
        return reply;
    }
    reply.text = write_json(claims, 2, terminal) + "\n";
    reply.note = fmt::format("valid, signed with {}{}", header.at("alg").get<std::string>(),
                             signer_words(verdict));
    if (expiry.at)
        reply.note += fmt::format(", expires {}", relative(*expiry.at, now));
    reply.note += ignored_words(verdict);
    return reply;
}

void append_verdict(std::string& out, std::int64_t line, const Verdict& verdict,
                    const Expectations& expected) {
    const auto into = std::back_inserter(out);
    if (!verdict.valid()) {
        fmt::format_to(into,
                       R"({{"line":{},"status":"{}","header":null,"claims":null,"signature":null,)"
                       R"("expires_at":null,"expires_in":null,"problems":{},)"
                       R"("certificate":null,"ignored_headers":null}})"
                       "\n",
                       line, token_status(verdict.problems),
                       compact(problem_records(verdict.problems)));
        return;
    }
    const ShownExpiry expiry = expiry_of(verdict.claims, expected.foreign.now);
    fmt::format_to(into, R"({{"line":{},"status":"valid","header":{},"claims":{},)", line,
                   verdict.header->text, verdict.claims.is_null() ? "null" : claims_text(verdict));
    fmt::format_to(into, R"("signature":{{"checked":true,"valid":true,"kid":{}}},)",
                   compact(kid_of(verdict.header->json)));
    fmt::format_to(into, R"("expires_at":{},"expires_in":{},)", compact(time_or_null(expiry.at)),
                   compact(or_null(expiry.in)));
    fmt::format_to(into, R"("problems":[],"certificate":{},"ignored_headers":{})",
                   compact(or_null(verdict.certificate)), compact(Json(verdict.ignored_headers)));
    if (expected.signature_only)
        fmt::format_to(into, R"(,"payload":{},"payload_base64url":"{}")",
                       valid_utf8(verdict.payload) ? compact(Json(verdict.payload)) : "null",
                       to_base64url(verdict.payload));
    out += "}\n";
}

} // namespace auth
