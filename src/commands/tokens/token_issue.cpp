#include "cli/input/stored_login.h"
#include "cli/output/user_view.h"
#include "commands/registry.h"
#include "commands/tokens/extra_claims.h"
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

Result<IssueOrder> order_of(const Options& options) {
    IssueOrder order;
    if (!options.ttl.empty()) {
        AUTH_TRY(order.ttl, parse_duration(options.ttl));
    }
    order.audiences = options.audiences;
    order.scope = fmt::format("{}", fmt::join(options.scopes, " "));
    AUTH_TRY(order.claims, extra_claims(options.claims));
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
    bind_extra_claims(flags, options->claims);
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
