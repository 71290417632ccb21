#include "core/federation/workload_token.h"

#include "core/base/digest.h"
#include "core/base/text.h"
#include "core/federation/id_token.h"
#include "core/jose/jose.h"
#include "core/jose/numeric_date.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace auth {
namespace {

class WorkloadCheck {
  public:
    WorkloadCheck(Verdict& verdict, const IssuerRules& rules)
        : verdict_(verdict), claims_(verdict.claims), rules_(rules) {}

    void run() {
        check_subject();
        check_audience();
        check_age();
        if (const std::string* id = find_text(claims_, "jti"); id != nullptr && id->empty())
            refuse_claim(Reason::bad_claim, "jti", "\"jti\" is empty");
    }

  private:
    void refuse_claim(Reason reason, std::string claim, std::string detail) {
        verdict_.problems.push_back(because(reason, std::move(claim), std::move(detail)));
    }

    void check_subject() {
        if (const Json* value = find_member(claims_, "sub");
            value != nullptr && !value->is_string())
            return; // which is told already
        const std::string* subject = find_text(claims_, "sub");
        if (subject == nullptr || subject->empty() || subject->size() > longest_line)
            refuse_claim(Reason::bad_claim, "sub", "\"sub\" is missing, or no subject");
    }

    // Whoever else it is for could pass it on.
    void check_audience() {
        const Json* audience = find_member(claims_, "aud");
        if (audience != nullptr && audience->is_array() &&
            std::ranges::any_of(*audience,
                                [&](const Json& each) { return each != rules_.audience; }))
            refuse_claim(Reason::wrong_audience, "aud",
                         fmt::format("not for {} alone", in_quotes(rules_.audience)));
    }

    void check_age() {
        const Json* issued = find_member(claims_, "iat");
        if (issued == nullptr)
            return refuse_claim(Reason::missing_claim, "iat", "\"iat\" is missing");
        const auto date = numeric_date(*issued);
        if (!date)
            return; // which is told already
        const auto oldest = static_cast<double>(unix_seconds(rules_.now - longest_id_token_age));
        if (!(*date >= oldest))
            refuse_claim(Reason::expired, "iat",
                         fmt::format("issued more than {} ago", in_words(longest_id_token_age)));
    }

    Verdict& verdict_;
    const Json& claims_;
    const IssuerRules& rules_;
};

// By its id, or where it has none by all that is signed: a signature may have several spellings.
std::string digest_of(const Json& claims, std::string_view token) {
    const std::string issuer = text_member(claims, "iss");
    const std::string* id = find_text(claims, "jti");
    return sha256(id != nullptr
                      ? fmt::format("jti\n{}\n{}", issuer, *id)
                      : fmt::format("token\n{}\n{}", issuer, token.substr(0, token.rfind('.'))));
}

} // namespace

Verdict judge_workload_token(const KeySet& keys, std::string_view token, const IssuerRules& rules) {
    Verdict verdict =
        judge_signed_by_issuer(keys, token, {rules.issuer, rules.audience, rules.now});
    if (verdict.claims.is_object())
        WorkloadCheck(verdict, rules).run();
    return verdict;
}

ProvedWorkload proved_workload(const Verdict& verdict, std::string_view token) {
    const Json& claims = verdict.claims;
    const Time issued_at = second_of(claims.at("iat")).value();
    const double ends = std::min(claims.at("exp").get<double>() + max_leeway.count(),
                                 claims.at("iat").get<double>() + longest_id_token_age.count());
    return {claims, digest_of(claims, token), issued_at, second_of(std::ceil(ends) + 1).value()};
}

} // namespace auth
