#include "cli/output/document.h"
#include "cli/output/progress.h"
#include "commands/bulk/import_view.h"
#include "commands/registry.h"
#include "core/accounts/accounts.h"
#include "core/accounts/passwords_table.h"
#include "core/base/private_file.h"
#include "core/base/private_stream.h"
#include "core/base/text.h"
#include "core/provisioning/seed_file.h"
#include "core/provisioning/seed_users.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>
#include <vector>

namespace auth {
namespace {

constexpr std::int64_t most_people = 10'000'000;

struct Options {
    std::optional<std::int64_t> count;
    std::string seed = "1";
    bool tokens = false;
    std::string life = "12h";
    std::string out;
    std::string file;
};

constexpr std::size_t most_declared_bytes = 16U << 20U;

Status check(const Realm& realm, const Options& options) {
    if (!realm.test)
        return fail(error(ErrorCode::refused, "seed works only in a test database, because the "
                                              "generated passwords are predictable")
                        .with_reason("not_a_test_database")
                        .with_hint(NextStep{"db init", {"--test", "--db", "test.db"}}));
    if (!options.count && options.file.empty())
        return fail(error(ErrorCode::usage, "--count or --file is required").with_field("count"));
    if (options.count && (*options.count < 1 || *options.count > most_people))
        return fail(error(ErrorCode::usage, fmt::format("--count is from 1 to {}", most_people))
                        .with_field("count"));
    return {};
}

struct Added {
    ImportCounts counts;
    std::vector<bool> skipped; // by their numbers
};

Result<Added> add_people(World& world, const SeedPlan& plan) {
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(ImportRules rules, import_rules(realm));
    for (const Right right : {Right::roles, Right::verified, Right::ids})
        rules.permissions.name(right, Permission::allow);
    rules.create_roles = true;
    rules.on_conflict = OnConflict::skip;
    Import import(realm, seed_people(plan), rules, true,
                  std::max(std::thread::hardware_concurrency(), 1U));
    Progress progress(world, "users");
    Added added{{}, std::vector<bool>(static_cast<std::size_t>(plan.count) + 1)};
    std::vector<RowResult> rows;
    for (bool more = true; more;) {
        AUTH_TRY(more, import.next(rows));
        for (const RowResult& row : rows) {
            if (row.error)
                return fail(*row.error);
            added.counts.add(row);
            if (row.outcome == RowOutcome::skipped)
                added.skipped.at(static_cast<std::size_t>(row.line)) = true;
        }
        if (world.interrupted())
            return fail(ErrorCode::cancelled, "interrupted; nothing was made");
        progress.update(import.judged(),
                        static_cast<double>(import.judged()) / static_cast<double>(plan.count));
    }
    AUTH_CHECK(import.commit());
    return added;
}

// Whether somebody who was there before still has the password of the plan.
bool has_password(Realm& realm, const User& user, const UserRecord& person) {
    const auto stored = passwords_table::find(realm.database, user.id);
    return stored && person.password && verify_password(*person.password, stored->hash);
}

// Who can log in, and how, for a test suite to read; with the tokens, if they are wanted. Says how
// many are left out, as they were there before with another password.
Result<std::int64_t> write_fixtures(World& world, const SeedPlan& plan, const Options& options,
                                    const std::vector<bool>& skipped, PrivateStream& file,
                                    Seconds life) {
    std::int64_t left_out = 0;
    AUTH_TRY(auto& realm, world.realm());
    Transaction transaction(realm.database);
    std::optional<SeedTokens> tokens;
    if (options.tokens) {
        AUTH_TRY(SeedTokens begun, SeedTokens::begin(realm, plan));
        tokens.emplace(std::move(begun));
    }
    const auto people = seed_people(plan);
    UserRecord person;
    while (true) {
        AUTH_TRY(const bool more, people->next(person));
        if (!more)
            break;
        // Who was there before has the id of then.
        AUTH_TRY(const Email email, Email::parse(person.email));
        AUTH_TRY(const User user, require_user(realm, email));
        if (skipped.at(static_cast<std::size_t>(person.line)) &&
            !has_password(realm, user, person)) {
            ++left_out;
            continue;
        }
        std::optional<Secret> token;
        if (tokens && !user.disabled_at) {
            AUTH_TRY(Secret made, tokens->next(person, life));
            token.emplace(std::move(made));
        }
        AUTH_CHECK(file.write(fixture(person, user.id, token ? &*token : nullptr) + "\n"));
    }
    AUTH_CHECK(file.finish());
    transaction.commit();
    return left_out;
}

// The people of --file; says how many users or roles it made or changed.
Result<std::int64_t> add_declared(World& world, const Options& options) {
    if (options.file.empty())
        return 0;
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const Secret text, read_file("file of people", options.file, most_declared_bytes));
    AUTH_TRY(const SeedFile file, read_seed_file(text.reveal(), world.parse_yaml()));
    return seed_from(realm, file, std::filesystem::path(options.file).parent_path());
}

std::string note_of(const Options& options, const ImportCounts& counts, std::int64_t declared,
                    std::int64_t left_out) {
    std::string note;
    if (options.count)
        note = fmt::format("seeded users: {}", in_words(counts));
    if (!options.out.empty())
        note += fmt::format("; their passwords are in {}", printable(options.out));
    else if (counts.created > 0)
        note += "; their passwords are not kept anywhere (--out FILE writes them)";
    if (left_out > 0)
        note += fmt::format(", but not of {} who had another before", left_out);
    if (!options.file.empty())
        note += fmt::format("{}{}: {}", note.empty() ? "" : "; ", printable(options.file),
                            declared == 0 ? "no changes" : counted(declared, "change"));
    return note;
}

Result<Reply> run(World& world, const Options& options) {
    AUTH_TRY(auto& realm, world.realm());
    AUTH_CHECK(check(realm, options));
    AUTH_TRY(const Seconds life, parse_duration(options.life));
    if (options.tokens && options.out.empty())
        return fail(error(ErrorCode::usage, "--tokens goes with --out, where they are written")
                        .with_field("out"));
    if (!options.out.empty() && !options.count)
        return fail(error(ErrorCode::usage, "--out goes with --count, whose people it describes")
                        .with_field("out"));
    const SeedPlan plan{options.seed, options.count.value_or(0), realm.now()};
    std::optional<PrivateStream> file; // before anybody is made whom it is to hold
    if (!options.out.empty() && !world.dry_run) {
        AUTH_TRY(PrivateStream opened, PrivateStream::replace(options.out, world.random()));
        file.emplace(std::move(opened));
    }
    AUTH_TRY(const std::int64_t declared, add_declared(world, options));
    Added added;
    if (options.count) {
        AUTH_TRY(added, add_people(world, plan));
    }
    const ImportCounts& counts = added.counts;
    std::int64_t left_out = 0;
    if (file) {
        AUTH_TRY(left_out, write_fixtures(world, plan, options, added.skipped, *file, life));
    }
    Reply reply;
    reply.document = {{"schema", "auth-cli.seed/1"},
                      {"seed", options.seed},
                      {"created", counts.created},
                      {"skipped", counts.skipped},
                      {"declared", declared},
                      {"file", or_null(options.out)},
                      {"changed", counts.created > 0 || declared > 0 || options.tokens}};
    reply.note = note_of(options, counts, declared, left_out);
    return reply;
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.option("--count", options->count, "N", "how many people");
    flags.option("--seed", options->seed, "SEED", "the same gives the same people; default 1");
    flags.flag("--tokens", options->tokens, "a token for each who is not disabled");
    flags.option("--ttl", options->life, "DURATION", "life of the tokens; default 12h");
    flags.option("-f,--file", options->file, "FILE",
                 "people whom a test needs: a manifest with passwords and states");
    flags.option("--out", options->out, "FILE",
                 "write a record a line with ids, passwords and tokens");
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command seed_command{
    .path = "seed",
    .group = "Bulk",
    .summary = "Fill a test database with people",
    .examples =
        "auth-cli db init --test --db test.db\n"
        "auth-cli seed --count 25 --seed 7 --tokens --out people.jsonl --db test.db\n"
        "jq -r 'select(.token).token' people.jsonl | auth-cli token verify - --db test.db --jsonl",
    .mutates = true,
    .bind = bind,
    .fields = fields::seeded,
};

} // namespace auth
