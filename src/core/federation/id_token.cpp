#include "core/federation/id_token.h"

#include "core/base/digest.h"
#include "core/base/encoding.h"
#include "core/base/text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace auth {
namespace {

constexpr std::size_t longest_name = 200;

// Section 3.1.3.6: the left half of the access token's hash, by the hash of the signature.
std::string hash_of(std::string_view access_token, std::string_view algorithm) {
    const std::string name = algorithm.ends_with("256")   ? "sha256"
                             : algorithm.ends_with("384") ? "sha384"
                                                          : "sha512";
    const Secret whole = digest(name, access_token);
    return to_base64url(whole.reveal().substr(0, whole.size() / 2));
}

class Check {
  public:
    Check(Verdict& verdict, const IdTokenRules& rules)
        : verdict_(verdict), claims_(verdict.claims), rules_(rules) {}

    void run() {
        check_subject();
        check_party();
        check_nonce();
        check_access_token();
        if (!claims_.contains("iat"))
            refuse(Reason::missing_claim, "iat", "\"iat\" is missing");
    }

  private:
    void refuse(Reason reason, std::string claim, std::string detail) {
        verdict_.problems.push_back(because(reason, std::move(claim), std::move(detail)));
    }
    [[nodiscard]] std::string text(const char* name) const { return text_member(claims_, name); }

    void check_subject() {
        if (!is_subject(text("sub")))
            refuse(Reason::bad_claim, "sub", "\"sub\" is missing, or no subject");
    }

    // Several audiences need a word on whom the token was made for.
    void check_party() {
        const auto audience = claims_.find("aud");
        const bool several =
            audience != claims_.end() && audience->is_array() && audience->size() > 1;
        if (!claims_.contains("azp") && several)
            refuse(Reason::missing_claim, "azp", "several audiences, and no \"azp\"");
        else if (claims_.contains("azp") && text("azp") != rules_.client_id)
            refuse(Reason::wrong_authorized_party, "azp",
                   fmt::format("made for {}, not for this client", in_quotes(text("azp"))));
    }

    void check_nonce() {
        if (rules_.nonce && !equal_in_constant_time(text("nonce"), *rules_.nonce))
            refuse(Reason::wrong_nonce, "nonce", "not for this login");
    }

    void check_access_token() {
        if (!claims_.contains("at_hash"))
            return;
        const std::string right =
            hash_of(rules_.access_token, text_member(verdict_.header->json, "alg"));
        if (rules_.access_token.empty() || text("at_hash") != right)
            refuse(Reason::wrong_at_hash, "at_hash", "not with this access token");
    }

    Verdict& verdict_;
    const Json& claims_;
    const IdTokenRules& rules_;
};

// Some issuers write it as a string.
bool says_verified(const Json& claims) {
    const auto value = claims.find("email_verified");
    return value != claims.end() && (*value == true || *value == "true");
}

std::string name_of(const Json& claims) {
    std::string name = one_line(text_member(claims, "name"));
    return name.size() <= longest_name ? name : "";
}

} // namespace

KeyAnswer public_answer(const KeySet& keys, const Json& header) {
    const Algorithm algorithm = *parse_algorithm(header.at("alg").get<std::string>());
    if (traits_of(algorithm).family != Family::hmac)
        return answer_of(keys, header);
    KeyAnswer answer;
    answer.problem = because(Reason::wrong_algorithm, "alg",
                             fmt::format("{}, which a shared secret signs", to_name(algorithm)));
    return answer;
}

Verdict judge_signed_by_issuer(const KeySet& keys, std::string_view token,
                               const IssuerRules& rules) {
    Question question{TokenUse::identify};
    ClaimRules& expected = question.expected.foreign;
    expected.now = rules.now;
    expected.leeway = max_leeway;
    expected.types = id_token_types;
    expected.issuer = rules.issuer;
    expected.audience = rules.audience;
    // Keys that are at hand cannot fail to be read.
    const FindKey find = [&keys](const Json& header) -> Result<KeyAnswer> {
        return public_answer(keys, header);
    };
    return TokenJudge(find, question).judge(token).value().verdict;
}

Verdict judge_id_token(const KeySet& keys, std::string_view token, const IdTokenRules& rules) {
    Verdict verdict =
        judge_signed_by_issuer(keys, token, {rules.issuer, rules.client_id, rules.now});
    if (verdict.claims.is_object())
        Check(verdict, rules).run();
    return verdict;
}

bool wants_other_keys(const Verdict& verdict) {
    return std::ranges::any_of(
        verdict.problems, [](const Problem& problem) { return is(problem, Reason::unknown_key); });
}

ProvedIdentity identity_of(const Json& claims) {
    return {text_member(claims, "iss"),
            text_member(claims, "sub"),
            text_member(claims, "email"),
            says_verified(claims),
            name_of(claims),
            text_member(claims, "hd")};
}

Status add_userinfo(ProvedIdentity& identity, const Json& userinfo) {
    if (text_member(userinfo, "sub") != identity.subject)
        return fail(
            error(ErrorCode::invalid_token, "the provider's user information is of somebody else")
                .with_reason(std::string(to_name(Reason::wrong_subject))));
    identity.email = text_member(userinfo, "email");
    identity.email_verified = says_verified(userinfo);
    if (identity.name.empty())
        identity.name = name_of(userinfo);
    if (identity.hosted_domain.empty())
        identity.hosted_domain = text_member(userinfo, "hd");
    return {};
}

} // namespace auth
