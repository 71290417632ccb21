#include "cli/output/document.h"
#include "commands/registry.h"
#include "commands/tokens/fixture_options.h"
#include "core/base/text.h"
#include "core/settings/setting.h"
#include "core/token_drill/fixture_files.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Options {
    std::string directory;
    FixtureOptions about;
    bool kit = false;
    std::string algorithm;
    std::string life;
    std::string seed;
};

const std::vector<std::string>& kit_algorithms() {
    static const std::vector<std::string> names{"ES256", "RS256", "PS256", "EdDSA", "HS256"};
    return names;
}

Result<KitOrder> kit_of(const Realm& realm, const Options& options) {
    if (!options.seed.empty() && !realm.test)
        return fail(error(ErrorCode::refused, "--seed is for test databases: anybody could compute"
                                              " the keys")
                        .with_reason("not_a_test_database")
                        .with_hint(NextStep{"db init", {"--test", "--db", "test.db"}}));
    KitOrder kit;
    kit.algorithm =
        parse_algorithm(options.algorithm.empty() ? realm.settings.get(setting<"token.algorithm">)
                                                  : options.algorithm)
            .value();
    if (!options.life.empty()) {
        AUTH_TRY(kit.life, parse_duration(options.life));
        if (kit.life < Seconds(1))
            return fail(error(ErrorCode::usage, "the controls live at least 1s").with_field("ttl"));
    }
    return kit;
}

Result<Fixtures> made_for(Realm& realm, const Options& options) {
    AUTH_TRY(const UserRef ref, parse_user_ref(options.about.email));
    AUTH_TRY(const FixtureOrder order, options.about.order("token_fixtures"));
    if (!options.kit)
        return make_fixtures(realm, ref, order);
    AUTH_TRY(const KitOrder kit, kit_of(realm, options));
    return make_kit(realm, ref, order, kit, options.seed.empty() ? "1" : options.seed);
}

Result<Reply> run(World& world, const Options& options) {
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const Fixtures made, made_for(realm, options));
    if (!world.dry_run)
        AUTH_CHECK(write_fixtures(options.directory, made));
    Reply reply;
    reply.document = fixture_manifest(made);
    reply.document["directory"] = options.directory;
    reply.document["changed"] = true;
    reply.note = fmt::format("wrote {} for {} to {}; the controls expire {}",
                             counted(std::ssize(made.tokens), "token"), printable(made.user.email),
                             printable(options.directory), to_rfc3339(made.expires_at));
    return reply;
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.argument("DIR", options->directory, "where the tokens and manifest.json are written");
    options->about.bind(flags);
    flags.flag("--kit", options->kit,
               "sign with new keys, published in DIR/jwks.json, not with the database's");
    flags.option("--alg", options->algorithm, "ALGORITHM",
                 "the algorithm of the kit's key; default: token.algorithm");
    flags.choices("--alg", kit_algorithms());
    flags.option("--ttl", options->life, "DURATION",
                 "how long the kit's controls are valid; default 1d");
    flags.option("--seed", options->seed, "SEED",
                 "in a test database: the same gives the same kit; default 1");
    for (const char* name : {"--alg", "--ttl", "--seed"})
        flags.needs(name, "--kit");
    flags.exclusive({"--kit", "--disabled"});
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command token_fixtures_command{
    .path = "token fixtures",
    .group = "Tokens",
    .summary = "Write good and bad tokens for the tests of a service",
    .examples =
        "auth-cli create ann@example.org --no-password --verified\n"
        "auth-cli token fixtures fixtures --as ann@example.org --aud https://api.example.org\n"
        "auth-cli token verify @fixtures/control.jwt --aud https://api.example.org\n"
        "auth-cli token fixtures kit --as ann@example.org --kit --alg EdDSA --ttl 30d",
    .mutates = true,
    .bind = bind,
    .fields = fields::fixtures,
};

} // namespace auth
