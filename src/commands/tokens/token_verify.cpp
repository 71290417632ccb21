#include "cli/input/ask.h"
#include "cli/input/issuer_source.h"
#include "cli/output/exit_code.h"
#include "commands/registry.h"
#include "commands/tokens/token_argument.h"
#include "commands/tokens/verdict_view.h"
#include "core/base/text.h"
#include "core/key_files/authorities.h"
#include "core/key_files/key_set.h"
#include "core/sessions/access_claims.h"
#include "core/sessions/verify_stream.h"
#include "core/settings/setting.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Options {
    std::string token;
    std::string jwk;
    std::string jwks;
    std::string pem;
    std::string ca;
    IssuerSource published;
    std::string algorithm;
    std::string issuer;
    std::string audience;
    std::string subject;
    std::string type;
    std::string leeway;
    std::string at;
    bool signature_only = false;

    [[nodiscard]] bool by_file() const {
        return !jwk.empty() || !jwks.empty() || !pem.empty() || !ca.empty();
    }
};

std::optional<std::string> if_given(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

std::vector<std::string> algorithm_names() {
    std::vector<std::string> names;
    for (const AlgorithmTraits& traits : all_algorithms())
        for (const std::string_view name : {traits.name, traits.full_name})
            if (!name.empty())
                names.emplace_back(name);
    return names;
}

Result<Algorithm> algorithm_named(const std::string& name) {
    if (const auto algorithm = parse_algorithm(name))
        return *algorithm;
    const std::vector<std::string> names = algorithm_names();
    return fail(
        error(ErrorCode::usage,
              fmt::format("{} is not an algorithm for signatures", in_quotes(name)))
            .with_field("alg")
            .with_hint(did_you_mean(name, names, fmt::format("{}", fmt::join(names, ", ")))));
}

// Tokens of others are held to what the caller says; where nobody says who they are for, being
// named in one is enough, as in the libraries of the services whose tokens these are.
Result<Question> question_of(World& world, const Options& options) {
    Question question{TokenUse::verify};
    Expectations& expected = question.expected;
    ClaimRules& rules = expected.foreign;
    rules.now = world.clock().now();
    if (!options.at.empty()) {
        AUTH_TRY(rules.now, parse_time(options.at, rules.now));
        question.at = rules.now;
    }
    if (!options.leeway.empty()) {
        AUTH_TRY(rules.leeway, parse_duration(options.leeway));
        if (rules.leeway > max_leeway)
            return fail(
                error(ErrorCode::usage, fmt::format("--leeway is at most {}", to_text(max_leeway)))
                    .with_field("leeway"));
    }
    if (!options.algorithm.empty()) {
        AUTH_TRY(expected.algorithm, algorithm_named(options.algorithm));
    }
    rules.type = if_given(options.type);
    rules.issuer = if_given(options.published.given() ? options.published.issuer : options.issuer);
    rules.subject = if_given(options.subject);
    rules.audience =
        options.audience.empty()
            ? own_audience(world.settings).value_or(world.settings.get(setting<"token.issuer">))
            : options.audience;
    rules.audience_optional = options.audience.empty();
    expected.own = rules;
    expected.own.type = options.type.empty() ? std::string(access_type) : options.type;
    if (options.issuer.empty())
        expected.own.issuer = world.settings.get(setting<"token.issuer">);
    expected.own.audience_optional = options.audience.empty() && !own_audience(world.settings);
    expected.signature_only = options.signature_only;
    return question;
}

// The keys that tokens bring, where an authority of the file vouches for them.
Result<FindKey> vouched_keys(World& world, const std::string& path) {
    AUTH_TRY(const Secret text, read_key_file(world, "file of authorities", path));
    AUTH_TRY(const Authorities authorities, Authorities::from_file(text.reveal()));
    say_remarks(world, authorities.remarks());
    return [authorities](const Json& header) -> Result<KeyAnswer> {
        return authorities.answer(header);
    };
}

Result<FindKey> file_keys(World& world, const Options& options) {
    if (!options.ca.empty())
        return vouched_keys(world, options.ca);
    std::optional<Algorithm> algorithm;
    if (!options.algorithm.empty()) {
        AUTH_TRY(algorithm, algorithm_named(options.algorithm));
    }
    const std::string& path = !options.jwk.empty()    ? options.jwk
                              : !options.jwks.empty() ? options.jwks
                                                      : options.pem;
    AUTH_TRY(const Secret text, read_key_file(world, "key file", path));
    AUTH_TRY(KeySet keys, !options.jwk.empty()    ? KeySet::from_jwk(text.reveal(), algorithm)
                          : !options.jwks.empty() ? KeySet::from_jwks(text.reveal(), algorithm)
                                                  : KeySet::from_pem(text.reveal(), algorithm));
    say_remarks(world, keys.remarks());
    return [keys = std::make_shared<const KeySet>(std::move(keys))](
               const Json& header) -> Result<KeyAnswer> { return answer_of(*keys, header); };
}

Result<TokenJudge> make_judge(World& world, const Options& options) {
    if (options.by_file()) {
        AUTH_TRY(Question question, question_of(world, options));
        AUTH_TRY(FindKey keys, file_keys(world, options));
        return TokenJudge(std::move(keys), std::move(question));
    }
    if (options.published.given()) {
        AUTH_TRY(FindKey keys, options.published.keys(world));
        AUTH_TRY(Question question, question_of(world, options));
        return TokenJudge(std::move(keys), std::move(question));
    }
    // The database's settings say what is expected, so it comes first.
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(Question question, question_of(world, options));
    return TokenJudge(realm, std::move(question));
}

Result<Reply> verify_one(const World& world, TokenJudge& judge, const GivenToken& token) {
    AUTH_TRY(Judgment judged, judge.judge(token.text.reveal()));
    if (!judged.verdict.valid()) {
        const bool has_header = judged.verdict.header != nullptr;
        Error refused = refusal(std::move(judged.verdict), TokenUse::verify);
        return fail(has_header ? std::move(refused) : at_place(std::move(refused), token.place));
    }
    return verdict_reply(judged.verdict, judge.expected(), world.streams.out_is_terminal);
}

RecordLines record_lines(const World& world, const std::shared_ptr<VerifyStream>& stream) {
    const auto next = [stream] {
        auto lines = stream->next();
        if (!lines)
            throw Failure(lines.error());
        return *std::move(lines);
    };
    const auto ending = [&world, stream] {
        if (world.verbose && stream->unwrapped() > 0)
            world.streams.err(fmt::format("auth-cli: text around {} was taken off\n",
                                          counted(stream->unwrapped(), "token")));
        return RecordLines::Ending{
            fmt::format("{} valid, {} refused", stream->valid(), stream->refused()),
            {{"schema", "auth-cli.summary/1"},
             {"valid", stream->valid()},
             {"refused", stream->refused()}},
            stream->refused() > 0 ? exit_code(ErrorCode::partial) : 0};
    };
    return {next, ending};
}

// One token alone is judged as if it had been typed; more of them get a record a line.
Result<Reply> verify_stdin(World& world, TokenJudge judge) {
    AUTH_CHECK(world.claim_stdin("token"));
    LineBlocks lines(world.streams.read);
    // Who asks for a record a line gets each as soon as there is one.
    if (world.settings.get(setting<"output">) != "jsonl")
        if (const auto only = lines.only_line())
            return verify_one(world, judge, {without_wrapping(world, Secret(*only))});
    Reply reply;
    reply.lines =
        record_lines(world, std::make_shared<VerifyStream>(std::move(judge), std::move(lines),
                                                           world.clock(), append_verdict));
    return reply;
}

Result<Reply> run(World& world, const Options& options) {
    AUTH_TRY(TokenJudge judge, make_judge(world, options));
    if (options.token == "-")
        return verify_stdin(world, std::move(judge));
    AUTH_TRY(const GivenToken token, token_argument(world, options.token));
    return verify_one(world, judge, token);
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.optional_argument("TOKEN", options->token, token_argument_help);
    flags.option("--jwk", options->jwk, "FILE", "verify by this key instead of the database's");
    flags.option("--jwks", options->jwks, "FILE", "by the keys of a JWK set");
    flags.option("--pem", options->pem, "FILE", "by a public key or certificate in PEM");
    flags.option("--ca", options->ca, "FILE",
                 "by the certificate in the token, if an authority in FILE vouches for it");
    options->published.bind(flags);
    flags.exclusive({"--jwk", "--jwks", "--pem", "--ca", "--issuer"});
    flags.option("--alg", options->algorithm, "ALGORITHM", "the only algorithm that passes");
    flags.offers("--alg", algorithm_names());
    flags.option("--iss", options->issuer, "ISSUER", "the iss it must have");
    flags.exclusive({"--iss", "--issuer"});
    flags.option("--aud", options->audience, "AUDIENCE",
                 "who it must be for; default: token.audience");
    flags.option("--sub", options->subject, "SUBJECT", "the sub it must have");
    flags.option("--typ", options->type, "TYPE",
                 "the type it must have; default: at+jwt for the database's keys");
    flags.option("--leeway", options->leeway, "DURATION", "how far clocks may differ, up to 1m");
    flags.option("--at", options->at, "TIME", "judge as of this time");
    flags.flag("--jws-only", options->signature_only,
               "check the signature alone, and print the payload");
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command token_verify_command{
    .path = "token verify",
    .group = "Tokens",
    .summary = "Exit 0 only for a token that may be trusted, and print its claims",
    .examples = "auth-cli create ann@example.org --verified --password-file password.txt --login\n"
                "auth-cli token verify\n"
                "auth-cli key export > jwks.json\n"
                "auth-cli token print | auth-cli token verify - --jwks jwks.json --iss auth-cli",
    .bind = bind,
    .fields = fields::token,
    .for_subjects = true,
    .subject_flags = "--jwk --jwks --pem --ca --alg --iss --aud --sub --typ --leeway --at "
                     "--jws-only",
};

} // namespace auth
