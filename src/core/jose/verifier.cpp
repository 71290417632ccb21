#include "core/jose/verifier.h"

#include "core/base/text.h"
#include "core/jose/key_set.h"

#include <fmt/format.h>

namespace auth {
namespace {

constexpr std::size_t most_headers = 64; // remembered; a stream of hostile ones must not pile up

} // namespace

Problem to_problem(const Error& error, std::string_view claim) {
    // What is a sentence there is part of one here.
    std::string detail = error.message;
    if (detail.starts_with("The "))
        detail.front() = 't';
    return {error.reason, std::string(claim), std::move(detail)};
}

KeyAnswer answer_of(const KeySet& keys, const Json& header) {
    const auto found = keys.find(text_member(header, "kid"),
                                 *parse_algorithm(header.at("alg").get<std::string>()));
    if (found)
        return {**found};
    const bool by_algorithm = found.error().reason == "wrong_algorithm";
    return {std::nullopt, to_problem(found.error(), by_algorithm ? "alg" : "kid")};
}

Verifier::Known Verifier::examine(std::string_view segment) const {
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
    if (!known.problems.empty())
        return known;
    const auto& name = json.at("alg").get_ref<const std::string&>();
    const auto wrong = [&](Algorithm right) {
        known.problems.push_back(
            {"wrong_algorithm", "alg", fmt::format("{}, not {}", name, to_name(right))});
        return known;
    };
    if (expected_.algorithm && name != to_name(*expected_.algorithm))
        return wrong(*expected_.algorithm);
    known.answer = find_key_(json);
    if (known.answer.problem)
        known.problems.push_back(*known.answer.problem);
    else if (name != to_name(known.answer.key->algorithm()))
        return wrong(known.answer.key->algorithm());
    return known;
}

const Verifier::Known& Verifier::look_at(std::string_view segment) {
    std::string name(segment);
    if (const auto found = known_.find(name); found != known_.end())
        return found->second;
    if (known_.size() >= most_headers)
        known_.clear();
    Known known = examine(segment);
    return known_.emplace(std::move(name), std::move(known)).first->second;
}

void Verifier::renew(Time now) {
    expected_.own.now = expected_.foreign.now = now;
    known_.clear();
}

Verdict Verifier::verify(std::string_view token) {
    Verdict verdict;
    const auto refuse = [&](Problem problem) {
        verdict.problems.push_back(std::move(problem));
        return std::move(verdict);
    };
    auto segments = split_token(token);
    if (!segments)
        return refuse(to_problem(segments.error()));
    const Known& known = look_at(segments->header);
    verdict.header = known.header;
    verdict.problems = known.problems;
    if (!verdict.valid())
        return verdict;
    auto payload = decode_segment("payload", segments->payload);
    if (!payload)
        return refuse(to_problem(payload.error()));
    if (!known.answer.key->verify(segments->signing_input, segments->signature))
        return refuse(bad_signature());
    verdict.payload = *std::move(payload);
    verdict.ours = known.answer.ours;
    auto claims = parse_claims(verdict.payload);
    if (expected_.signature_only) {
        if (claims)
            verdict.claims = *std::move(claims);
        return verdict;
    }
    if (!claims)
        return refuse(to_problem(claims.error()));
    verdict.claims = *std::move(claims);
    verdict.problems = check_claims(verdict.header->json, verdict.claims,
                                    verdict.ours ? expected_.own : expected_.foreign);
    if (known.answer.own_issuer)
        for (Problem& problem :
             check_origin(verdict.header->json, verdict.claims, *known.answer.own_issuer))
            verdict.problems.push_back(std::move(problem));
    return verdict;
}

} // namespace auth
