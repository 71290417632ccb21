#include "cli/input/ask.h"
#include "cli/output/exit_code.h"
#include "commands/registry.h"
#include "commands/tokens/token_argument.h"
#include "commands/tokens/verdict_view.h"
#include "core/base/line_blocks.h"
#include "core/base/ordered_workers.h"
#include "core/base/text.h"
#include "core/jose/key_set.h"
#include "core/keys/database_keys.h"
#include "core/sessions/access_claims.h"
#include "core/sessions/standing.h"
#include "core/settings/setting.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

namespace auth {
namespace {

struct Options {
    std::string token;
    std::string jwk;
    std::string jwks;
    std::string pem;
    std::string algorithm;
    std::string issuer;
    std::string audience;
    std::string subject;
    std::string type;
    std::string leeway;
    std::string at;
    bool signature_only = false;

    [[nodiscard]] bool by_file() const { return !jwk.empty() || !jwks.empty() || !pem.empty(); }
};

std::optional<std::string> if_given(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

Result<Algorithm> algorithm_named(const std::string& name) {
    if (const auto algorithm = parse_algorithm(name))
        return *algorithm;
    std::vector<std::string> names;
    for (const AlgorithmTraits& traits : all_algorithms())
        names.emplace_back(traits.name);
    return fail(
        error(ErrorCode::usage, fmt::format("{} is no algorithm for signatures", in_quotes(name)))
            .with_field("alg")
            .with_hint(did_you_mean(name, names, fmt::format("{}", fmt::join(names, ", ")))));
}

// Tokens of others are held to what the caller says; where nobody says who they are for, being
// named in one is enough, as in the libraries of the services whose tokens these are.
Result<Expectations> expectations(World& world, const Options& options) {
    Expectations expected;
    ClaimRules& rules = expected.foreign;
    rules.now = world.clock().now();
    if (!options.at.empty()) {
        AUTH_TRY(rules.now, parse_time(options.at, rules.now));
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
    rules.issuer = if_given(options.issuer);
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
    return expected;
}

Result<FindKey> file_keys(World& world, const Options& options) {
    std::optional<Algorithm> algorithm;
    if (!options.algorithm.empty()) {
        AUTH_TRY(algorithm, algorithm_named(options.algorithm));
    }
    const std::string& path = !options.jwk.empty()    ? options.jwk
                              : !options.jwks.empty() ? options.jwks
                                                      : options.pem;
    AUTH_TRY(const Secret text, read_secret_file(world, "key file", path));
    AUTH_TRY(KeySet keys, !options.jwk.empty()    ? KeySet::from_jwk(text.reveal(), algorithm)
                          : !options.jwks.empty() ? KeySet::from_jwks(text.reveal(), algorithm)
                                                  : KeySet::from_pem(text.reveal(), algorithm));
    return [keys = std::make_shared<const KeySet>(std::move(keys))](const Json& header) {
        return answer_of(*keys, header);
    };
}

// What it takes to verify: where keys come from, what is expected, and, for tokens of this
// database, what they stand for.
struct Judge {
    FindKey find_key;
    Expectations expected;
    std::optional<Time> at{}; // --at
    Realm* realm = nullptr;   // null where the keys came from a file
    std::shared_ptr<std::mutex> lock = std::make_shared<std::mutex>(); // guards the realm

    void check_standing_of(Verdict& verdict, Time now) const {
        if (realm == nullptr || !verdict.valid() || !verdict.ours || expected.signature_only)
            return;
        if (auto problem = check_standing(*realm, verdict.claims, now))
            verdict.problems.push_back(*std::move(problem));
    }
};

Result<Judge> make_judge(World& world, const Options& options) {
    Judge judge;
    // The database's settings say what is expected, so it comes first.
    if (!options.by_file()) {
        AUTH_TRY(auto& realm, world.realm());
        judge.realm = &realm;
    }
    AUTH_TRY(judge.expected, expectations(world, options));
    if (!options.at.empty())
        judge.at = judge.expected.own.now;
    if (judge.realm != nullptr) {
        judge.find_key = database_keys(*judge.realm, *judge.lock, judge.at);
    } else {
        AUTH_TRY(judge.find_key, file_keys(world, options));
    }
    return judge;
}

Result<Reply> verify_one(const World& world, const Judge& judge, std::string_view token) {
    Verdict verdict = Verifier(judge.find_key, judge.expected).verify(token);
    judge.check_standing_of(verdict, judge.expected.own.now);
    if (!verdict.valid())
        return fail(verdict_error(verdict));
    return verdict_reply(verdict, judge.expected, world.streams.out_is_terminal);
}

// One block's records, and how many of its tokens were refused.
struct Judged {
    std::string lines;
    std::int64_t tokens = 0;
    std::int64_t refused = 0;
};

class Batch {
  public:
    Batch(Judge judge, LineBlocks lines, const Clock& clock)
        : judge_(std::move(judge)), lines_(std::move(lines)), clock_(clock),
          verifiers_(cores(), Verifier(judge_.find_key, judge_.expected)),
          workers_(
              cores(), [this] { return lines_.next(); },
              [this](const LineBlock& block, unsigned thread) {
                  return judge_block(block, verifiers_.at(thread));
              }) {}

    std::optional<std::string> next() {
        auto judged = workers_.next();
        if (!judged)
            return std::nullopt;
        tokens_ += judged->tokens;
        refused_ += judged->refused;
        return std::move(judged->lines);
    }

    [[nodiscard]] RecordLines::Ending ending() const {
        const std::int64_t valid = tokens_ - refused_;
        return {fmt::format("{} valid, {} refused", valid, refused_),
                {{"schema", "auth-cli.summary/1"}, {"valid", valid}, {"refused", refused_}},
                refused_ > 0 ? exit_code(ErrorCode::partial) : 0};
    }

  private:
    static unsigned cores() { return std::max(std::thread::hardware_concurrency(), 1U); }

    Judged judge_block(const LineBlock& block, Verifier& verifier) {
        // A stream may last: tokens expire and keys are revoked meanwhile.
        if (const Time now = clock_.now(); !judge_.at && now != verifier.expected().own.now)
            verifier.renew(now);
        Judged judged;
        std::vector<Verdict> verdicts;
        verdicts.reserve(block.lines.size());
        for (const std::string_view line : block.lines)
            verdicts.push_back(verifier.verify(line));
        check_standings(verdicts, verifier.expected().own.now);
        std::int64_t number = block.first;
        for (const Verdict& verdict : verdicts) {
            append_verdict(judged.lines, number++, verdict, verifier.expected());
            judged.refused += verdict.valid() ? 0 : 1;
        }
        judged.tokens = static_cast<std::int64_t>(verdicts.size());
        return judged;
    }

    // The database is one connection, and a snapshot for a block costs what one for a row would.
    void check_standings(std::vector<Verdict>& verdicts, Time now) {
        if (judge_.realm == nullptr)
            return;
        const std::lock_guard guard(*judge_.lock);
        const Snapshot snapshot(judge_.realm->database);
        for (Verdict& verdict : verdicts)
            judge_.check_standing_of(verdict, now);
    }

    Judge judge_;
    LineBlocks lines_;
    const Clock& clock_;
    std::vector<Verifier> verifiers_; // one a thread: they remember headers
    std::int64_t tokens_ = 0;
    std::int64_t refused_ = 0;
    OrderedWorkers<LineBlock, Judged> workers_; // last: its threads use the rest
};

// One token alone is judged as if it had been typed; more of them get a record a line.
Result<Reply> verify_stdin(World& world, Judge judge) {
    AUTH_CHECK(world.claim_stdin("token"));
    LineBlocks lines(world.streams.read);
    // Who asks for a record a line gets each as soon as there is one.
    if (world.settings.get(setting<"output">) != "jsonl")
        if (const auto only = lines.only_line())
            return verify_one(world, judge, *only);
    const auto batch = std::make_shared<Batch>(std::move(judge), std::move(lines), world.clock());
    Reply reply;
    reply.lines =
        RecordLines{[batch] { return batch->next(); }, [batch] { return batch->ending(); }};
    return reply;
}

Result<Reply> run(World& world, const Options& options) {
    AUTH_TRY(Judge judge, make_judge(world, options));
    if (options.token == "-")
        return verify_stdin(world, std::move(judge));
    AUTH_TRY(const Secret text, token_argument(world, options.token));
    return verify_one(world, judge, text.reveal());
}

std::vector<std::string> algorithm_names() {
    std::vector<std::string> names;
    for (const AlgorithmTraits& traits : all_algorithms())
        names.emplace_back(traits.name);
    return names;
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.optional_argument("TOKEN", options->token, token_argument_help);
    flags.option("--jwk", options->jwk, "FILE", "verify by this key instead of the database's");
    flags.option("--jwks", options->jwks, "FILE", "by the keys of a JWK set");
    flags.option("--pem", options->pem, "FILE", "by a public key or certificate in PEM");
    flags.exclusive({"--jwk", "--jwks", "--pem"});
    flags.option("--alg", options->algorithm, "ALGORITHM", "the only algorithm that passes");
    flags.offers("--alg", algorithm_names());
    flags.option("--iss", options->issuer, "ISSUER", "the iss it must have");
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
};

} // namespace auth
