#include "core/jose/token_look.h"

#include "core/base/encoding.h"
#include "core/base/text.h"
#include "core/jose/exact_json.h"
#include "core/jose/reason.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace auth {
namespace {

// How base64url may differ from its one canonical spelling, and in which segments it does.
struct Spelling {
    std::string_view code;
    std::string_view words;
    std::vector<std::string_view> segments{};
};

class LooseDecoder {
  public:
    Result<std::string> decode(std::string_view name, std::string_view segment) {
        if (auto strict = from_base64url(segment))
            return *std::move(strict);
        std::string text(trimmed(segment, "="));
        if (segment.starts_with('=') || segment.size() - text.size() > 2)
            return unreadable(name);
        if (text.size() != segment.size())
            padded_.segments.push_back(name);
        if (text.find_first_of("+/") != std::string::npos)
            alphabet_.segments.push_back(name);
        std::ranges::replace(text, '+', '-');
        std::ranges::replace(text, '/', '_');
        if (auto decoded = from_base64url(text))
            return *std::move(decoded);
        return without_last_bits(name, std::move(text));
    }

    [[nodiscard]] std::vector<Problem> unusual() const {
        std::vector<Problem> out;
        for (const Spelling& spelling : {padded_, alphabet_, bits_})
            if (!spelling.segments.empty())
                out.push_back(
                    {std::string(spelling.code), "",
                     fmt::format("{}: {}", fmt::join(spelling.segments, ", "), spelling.words)});
        return out;
    }

  private:
    static tl::unexpected<Error> unreadable(std::string_view name) {
        return refuse(Reason::malformed, fmt::format("the token's {} is not base64url", name));
    }

    // Letters of six bits each end between bytes; what is left of the last one should be 0.
    Result<std::string> without_last_bits(std::string_view name, std::string text) {
        const std::size_t letters = text.size();
        if (letters % 4 == 1)
            return unreadable(name);
        text.append((4 - letters % 4) % 4, 'A');
        auto decoded = from_base64url(text);
        if (!decoded)
            return unreadable(name);
        bits_.segments.push_back(name);
        decoded->resize(letters * 6 / 8);
        return *std::move(decoded);
    }

    Spelling padded_{"padded", "padded with '=', which a JWS must not be (RFC 7515 section 2)"};
    Spelling alphabet_{"base64", "base64 with '+' and '/' in place of base64url"};
    Spelling bits_{"last_bits", "not canonical base64url: bits follow the last byte"};
};

Result<Json> look_into_object(std::string_view name, std::string_view text) {
    return object_of(name, parse_exact_json(text, max_token_depth));
}

} // namespace

Result<TokenLook> look_into_token(std::string_view text) {
    AUTH_TRY(const auto parts, cut_token(text));
    const auto& [header, payload, signature] = parts;
    LooseDecoder decoder;
    AUTH_TRY(const std::string header_text, decoder.decode("header", header));
    AUTH_TRY(const std::string payload_text, decoder.decode("payload", payload));
    AUTH_TRY(std::string signature_bytes, decoder.decode("signature", signature));
    AUTH_TRY(Json header_json, look_into_object("header", header_text));
    AUTH_TRY(Json claims, look_into_object("payload", payload_text));
    TokenLook look;
    look.token = {rounded(header_json), rounded(claims),
                  std::string(text.substr(0, header.size() + 1 + payload.size())),
                  std::move(signature_bytes)};
    look.header = std::move(header_json);
    look.claims = std::move(claims);
    look.unusual = decoder.unusual();
    return look;
}

} // namespace auth
