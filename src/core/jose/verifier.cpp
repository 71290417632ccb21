#include "core/jose/verifier.h"

#include "core/base/text.h"

#include <fmt/format.h>

namespace auth {
namespace {

constexpr std::size_t most_headers = 64; // remembered; a stream of hostile ones must not pile up

} // namespace

Problem to_problem(const Error& error, std::string_view claim) {
    return {error.reason, std::string(claim), error.message};
}

Result<Verifier::Known> Verifier::examine(std::string_view segment) const {
    Known known;
    auto header = parse_header(segment);
    if (!header) {
        known.problems.push_back(to_problem(header.error()));
        return known;
    }
    std::string text = header->dump();
    known.header =
        std::make_shared<const TokenHeader>(TokenHeader{*std::move(header), std::move(text)});
    const Json& json = known.header->json;
    known.problems = check_header(json);
    known.ignored_headers = keys_in_header(json);
    const auto algorithm = parse_algorithm(text_member(json, "alg"));
    if (!algorithm || (!known.problems.empty() && !expected_.all_problems))
        return known;
    if (const auto kid = json.find("kid"); kid != json.end() && *kid == Json("")) {
        known.problems.push_back(
            because(Reason::unknown_key, "kid", "the kid is empty, which names no key"));
        return known;
    }
    if (expected_.algorithm && algorithm != expected_.algorithm) {
        known.problems.push_back(
            because(Reason::wrong_algorithm, "alg",
                    fmt::format("{}, not {}", to_name(*algorithm), to_name(*expected_.algorithm))));
        return known;
    }
    AUTH_TRY(known.answer, find_key_(json));
    check_embedded_keys(known);
    if (!known.answer.key && known.answer.problem)
        known.problems.push_back(*known.answer.problem);
    return known;
}

// A header never chooses among keys that are at hand. This database writes none that names one, so
// such a token by a key of its own is forged.
void Verifier::check_embedded_keys(Known& known) {
    const auto& answer = known.answer;
    if (!answer.certificate.empty())
        std::erase(known.ignored_headers, "x5c");
    if (answer.origin && answer.origin->signs_here)
        for (const std::string& name : known.ignored_headers)
            known.problems.push_back(because(Reason::embedded_key, name, "brings its own key"));
}

Result<const Verifier::Known*> Verifier::look_at(std::string_view segment) {
    std::string name(segment);
    if (const auto found = known_.find(name); found != known_.end())
        return &found->second;
    if (known_.size() >= most_headers)
        known_.clear();
    AUTH_TRY(Known known, examine(segment));
    return &known_.emplace(std::move(name), std::move(known)).first->second;
}

void Verifier::renew(Time now) {
    expected_.own.now = expected_.foreign.now = now;
    known_.clear();
}

bool Verifier::goes_on(const Verdict& verdict) const {
    return verdict.valid() || expected_.all_problems;
}

void Verifier::check_seal(const Known& known, const Segments& segments, Verdict& verdict) const {
    if (!known.answer.key)
        return;
    auto problem = check_signature(known.header->json, segments.signing_input, segments.signature,
                                   *known.answer.key);
    verdict.signature = !problem;
    verdict.key_state = known.answer.state;
    verdict.certificate = known.answer.certificate;
    if (!problem)
        problem = known.answer.problem;
    if (problem)
        verdict.problems.push_back(*std::move(problem));
}

void Verifier::check_payload(const Known& known, std::string payload, Verdict& verdict) const {
    auto parsed = parse_claims(payload);
    verdict.payload = std::move(payload);
    const Status claims = parsed.map([&](Json& read) { verdict.claims = std::move(read); });
    if (known.answer.objection && verdict.signature.value_or(false))
        if (auto problem = known.answer.objection(verdict.claims, expected_.foreign.now)) {
            verdict.problems.push_back(*std::move(problem));
            if (!goes_on(verdict))
                return;
        }
    if (expected_.signature_only)
        return;
    if (!claims) {
        verdict.problems.push_back(to_problem(claims.error()));
        return;
    }
    const Json& header = known.header->json;
    const auto& origin = known.answer.origin;
    // A withdrawn key vouches for nothing.
    const bool vouched = origin && verdict.signature.value_or(false) && !known.answer.problem;
    if (vouched) {
        verdict.ours = is_ours(*origin, header, verdict.claims);
        verdict.shared = traits_of(known.answer.key->algorithm()).family == Family::hmac;
    }
    auto wrong =
        check_claims(header, verdict.claims, verdict.ours ? expected_.own : expected_.foreign);
    if (vouched && !verdict.ours)
        check_origin(wrong, header, verdict.claims, *origin);
    for (Problem& problem : wrong)
        verdict.problems.push_back(std::move(problem));
}

Result<Verdict> Verifier::verify(std::string_view token) {
    Verdict verdict;
    const auto refused = [&](const Error& error) {
        verdict.problems.push_back(to_problem(error));
        return std::move(verdict);
    };
    const auto segments = split_token(token);
    if (!segments)
        return refused(segments.error());
    AUTH_TRY(const Known* const known, look_at(segments->header));
    verdict.header = known->header;
    verdict.ignored_headers = known->ignored_headers;
    verdict.problems = known->problems;
    if (!known->header || !goes_on(verdict))
        return verdict;
    auto payload = decode_segment("payload", segments->payload);
    if (!payload)
        return refused(payload.error());
    check_seal(*known, *segments, verdict);
    if (goes_on(verdict))
        check_payload(*known, *std::move(payload), verdict);
    return verdict;
}

} // namespace auth
