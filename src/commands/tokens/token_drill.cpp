#include "cli/input/ask.h"
#include "cli/output/document.h"
#include "commands/registry.h"
#include "commands/tokens/drill_view.h"
#include "commands/tokens/fixture_options.h"
#include "core/base/private_file.h"
#include "core/base/text.h"
#include "core/federation/web_address.h"
#include "core/token_drill/junit.h"
#include "core/token_drill/services.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Options {
    FixtureOptions about;
    std::string url;
    std::string header;
    std::string cookie;
    std::string query;
    std::string level = "profile";
    std::string expect;
    std::string junit;
    bool yes = false;
    std::vector<std::string> command;
};

Status check_choice(World& world, const Options& options) {
    if (options.url.empty() == options.command.empty())
        return fail(error(ErrorCode::usage, options.url.empty()
                                                ? "name the service with --url, or a program"
                                                  " after --"
                                                : "--url and a program exclude each other")
                        .with_field("url"));
    if (options.url.empty())
        return {};
    if (!is_http_address(options.url))
        return fail(error(ErrorCode::usage,
                          fmt::format("{} is not an address of the web", in_quotes(options.url)))
                        .with_field("url")
                        .with_hint("http:// or https://, with a host, without user and fragment"));
    if (is_on_this_machine(options.url) || options.yes || world.dry_run)
        return {};
    return confirm(
        world,
        fmt::format("Send tokens that are valid for a minute to {}?", origin_of(options.url)),
        "--yes");
}

Result<TokenPlace> place_of(const Options& options) {
    if (!options.header.empty())
        return header_place(options.header);
    if (!options.cookie.empty())
        return named_place(TokenPlace::Kind::cookie, "cookie", options.cookie);
    if (!options.query.empty())
        return named_place(TokenPlace::Kind::query, "query", options.query);
    return TokenPlace{};
}

Result<FixtureOrder> order_of(const Options& options) {
    AUTH_TRY(FixtureOrder order, options.about.order("token_drill"));
    order.detail = {
        {"service", options.url.empty() ? options.command.front() : origin_of(options.url)}};
    return order;
}

Result<DrillPlan> plan_of(const Options& options) {
    DrillPlan plan;
    plan.level = options.level == "must"       ? DrillLevel::must
                 : options.level == "database" ? DrillLevel::database
                                               : DrillLevel::profile;
    if (!options.expect.empty()) {
        AUTH_TRY(const Secret text, read_file("file of accepted deviations", options.expect));
        AUTH_TRY(plan.accepted, parse_accepted_deviations(text.reveal()));
    }
    return plan;
}

// A dry run makes the tokens and undoes that; nothing is sent.
Reply planned(const Fixtures& made, const DrillWords& words) {
    DrillReport report{.made = made};
    Reply reply = drill_reply(report, words);
    reply.note = fmt::format("would try {} on {}", counted(std::ssize(made.tokens), "token"),
                             printable(words.service));
    return reply;
}

// The sessions end with the drill, whatever came of it.
Result<DrillReport> run_and_end(World& world, Realm& realm, DrillPlan& plan, const MakeTokens& make,
                                const AskService& ask) {
    auto report = run_drill(plan, world.clock(), make, ask);
    end_fixture_sessions(realm, plan.sessions);
    return report;
}

Result<Reply> run(World& world, const Options& options) {
    AUTH_CHECK(check_choice(world, options));
    AUTH_TRY(TokenPlace place, place_of(options));
    AUTH_TRY(const UserRef ref, parse_user_ref(options.about.email));
    AUTH_TRY(const FixtureOrder order, order_of(options));
    AUTH_TRY(DrillPlan plan, plan_of(options));
    AUTH_TRY(auto& realm, world.realm());
    const MakeTokens make = [&] { return make_fixtures(realm, ref, order); };
    const std::string service =
        options.url.empty() ? fmt::format("{}", fmt::join(options.command, " ")) : options.url;
    const DrillWords words{service, plan.level, world.verbose};
    if (world.dry_run) {
        AUTH_TRY(const Fixtures made, make());
        return planned(made, words);
    }
    const auto stopped = [&world] { return world.interrupted(); };
    const std::unique_ptr<Http> http = options.url.empty() ? nullptr : world.http();
    const AskService ask = http ? http_service(*http, options.url, std::move(place), stopped)
                                : program_service(world.ask_program(), options.command, stopped);
    AUTH_TRY(const DrillReport report, run_and_end(world, realm, plan, make, ask));
    if (!options.junit.empty())
        AUTH_CHECK(
            replace_public_file(options.junit, junit_report(report, service), world.random()));
    return drill_reply(report, words);
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    options->about.bind(flags);
    flags.option("--url", options->url, "URL", "ask this address with GET");
    flags.option("--header", options->header, "NAME",
                 "send the token in this header; default 'Authorization: Bearer'");
    flags.option("--cookie", options->cookie, "NAME", "send the token in this cookie");
    flags.option("--query", options->query, "NAME", "send the token in this parameter of the URL");
    flags.exclusive({"--header", "--cookie", "--query"});
    for (const char* name : {"--header", "--cookie", "--query"})
        flags.needs(name, "--url");
    flags.option("--level", options->level, "LEVEL", "which rules are judged; default profile");
    flags.choices("--level", {"must", "profile", "database"});
    flags.option("--expect", options->expect, "FILE", "accepted deviations: lines of NAME: REASON");
    flags.takes("--expect", ValueKind::file);
    flags.option("--junit", options->junit, "FILE", "write the answers as a JUnit report");
    flags.flag("-y,--yes", options->yes, "send tokens to another machine without asking");
    flags.optional_command_line("CMD", options->command,
                                "a program that reads a token from stdin and exits 0 to accept it");
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command token_drill_command{
    .path = "token drill",
    .group = "Tokens",
    .summary = "Show which bad tokens a service accepts",
    .examples = "auth-cli create ann@example.org --no-password --verified\n"
                "auth-cli token drill --as ann@example.org -- auth-cli token verify -",
    .mutates = true,
    .bind = bind,
    .fields = fields::drill,
};

} // namespace auth
