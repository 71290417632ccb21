#include "cli/input/stored_login.h"
#include "cli/output/user_view.h"
#include "commands/registry.h"
#include "core/base/text.h"
#include "core/sessions/issued_token.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Options {
    std::string email;
    std::string ttl;
    std::vector<std::string> audiences;
    std::vector<std::string> scopes;
    std::vector<std::string> claims;
};

// "name=text" or "name:=JSON".
Status add_claim(Json& claims, const std::string& word) {
    const std::size_t equals = word.find('=');
    const bool json = equals != std::string::npos && equals > 0 && word[equals - 1] == ':';
    const std::string name = word.substr(0, json ? equals - 1 : equals);
    if (equals == std::string::npos || name.empty() || !valid_utf8(word))
        return fail(error(ErrorCode::usage, fmt::format("{} is no claim: want NAME=TEXT or"
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

Result<IssueOrder> order_of(const Options& options) {
    IssueOrder order;
    if (!options.ttl.empty()) {
        AUTH_TRY(order.ttl, parse_duration(options.ttl));
    }
    order.audiences = options.audiences;
    order.scope = fmt::format("{}", fmt::join(options.scopes, " "));
    for (const std::string& word : options.claims)
        AUTH_CHECK(add_claim(order.claims, word));
    return order;
}

Result<Reply> run(World& world, const Options& options) {
    AUTH_TRY(const UserRef ref, parse_user_ref(options.email));
    AUTH_TRY(const IssueOrder order, order_of(options));
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const IssuedToken issued, issue_token(realm, ref, order));
    Reply reply;
    reply.document = {
        {"schema", "auth-cli.issued/1"},
        {"user", user_record(realm, issued.user)},
        {"session",
         {{"id", issued.session.id}, {"expires_at", to_rfc3339(issued.session.expires_at)}}},
        {"token_type", "Bearer"},
        {"expires_in", (issued.expires_at - realm.now()).count()},
        {"expires_at", to_rfc3339(issued.expires_at)},
        {"access_token", nullptr}};
    // A dry run opens no session, so nothing that would pass for one is handed out.
    if (!world.dry_run) {
        reply.document["access_token"] = issued.token.reveal();
        reply.text = std::string(issued.token.reveal()) + "\n";
        reply.if_lost = [&world, session = issued.session] {
            (void)withdraw_login(world, session);
        };
    }
    reply.note = fmt::format("issued a token for {}; it expires {}", printable(issued.user.email),
                             to_rfc3339(issued.expires_at));
    return reply;
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.argument("EMAIL", options->email, "whose token: an address, @username or id:UUID");
    flags.option("--ttl", options->ttl, "DURATION", "its life, up to 366d; default: session.idle");
    flags.list("--aud", options->audiences, "AUDIENCE", "who it is for; default: token.audience");
    flags.list("--scope", options->scopes, "SCOPE", "what it allows");
    flags.list("--claim", options->claims, "NAME=TEXT", "a further claim; NAME:=JSON for JSON");
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command token_issue_command{
    .path = "token issue",
    .group = "Tokens",
    .summary = "Issue a token for a user without a login",
    .examples =
        "auth-cli create job@example.org --no-password --verified\n"
        "auth-cli token issue job@example.org --ttl 1h --aud https://api.example.org\n"
        "auth-cli token issue job@example.org --scope read --claim tenant=7 --claim 'flags:=[1,2]'",
    .mutates = true,
    .bind = bind,
    .fields = fields::issued,
};

} // namespace auth
