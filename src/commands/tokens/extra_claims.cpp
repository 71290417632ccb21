#include "commands/tokens/extra_claims.h"

#include "core/base/text.h"

#include <fmt/format.h>

namespace auth {
namespace {

// "name=text" or "name:=JSON".
Status add_claim(Json& claims, const std::string& word) {
    const std::size_t equals = word.find('=');
    const bool json = equals != std::string::npos && equals > 0 && word[equals - 1] == ':';
    const std::string name = word.substr(0, json ? equals - 1 : equals);
    if (equals == std::string::npos || name.empty() || !valid_utf8(word))
        return fail(error(ErrorCode::usage, fmt::format("{} is not a claim: use NAME=TEXT or"
                                                        " NAME:=JSON",
                                                        in_quotes(word)))
                        .with_field("claim"));
    if (claims.contains(name))
        return fail(
            error(ErrorCode::usage, fmt::format("the claim {} is given twice", in_quotes(name)))
                .with_field("claim"));
    if (!json)
        return claims[name] = word.substr(equals + 1), Status{};
    constexpr int deepest_claim = 15; // the payload around it is one more
    auto value = parse_json(word.substr(equals + 1), deepest_claim);
    if (!value)
        return fail(std::move(value).error().with_field("claim"));
    claims[name] = *std::move(value);
    return {};
}

} // namespace

void bind_extra_claims(Flags& flags, std::vector<std::string>& words) {
    flags.list("--claim", words, "NAME=TEXT", "a further claim; NAME:=JSON for JSON");
}

Result<Json> extra_claims(const std::vector<std::string>& words) {
    Json claims = Json::object();
    for (const std::string& word : words)
        AUTH_CHECK(add_claim(claims, word));
    return claims;
}

} // namespace auth
