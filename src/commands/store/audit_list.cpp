#include "cli/output/document.h"
#include "commands/registry.h"
#include "core/audit/audit.h"
#include "core/base/encoding.h"

namespace auth {
namespace {

Json audit_record(const AuditRow& row) {
    return {{"seq", row.seq},
            {"at", to_rfc3339(row.at)},
            {"actor", row.actor},
            {"event", row.event},
            {"target", or_null(row.target)},
            {"result", row.result},
            {"detail", Json::parse(row.detail, nullptr, false)},
            {"hash", to_hex(row.hash)},
            {"lane", row.lane},
            {"place", row.place}};
}

struct Options {
    std::string user;
    std::string since;
    std::string event;
    std::optional<std::int64_t> limit;
};

// A deleted user is still found by id.
Result<std::string> target_of(World& world, const std::string& typed) {
    if (typed.empty())
        return std::string();
    AUTH_TRY(const UserRef ref, parse_user_ref(typed));
    if (const auto* id = std::get_if<UserId>(&ref))
        return id->text();
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const User user, require_user(realm, ref));
    return user.id;
}

Result<Reply> run(World& world, const Options& options) {
    if (options.limit && *options.limit < 1)
        return fail(error(ErrorCode::usage, "--limit must be at least 1").with_field("limit"));
    AuditFilter filter;
    AUTH_TRY(filter.target, target_of(world, options.user));
    filter.event = options.event;
    filter.limit = options.limit.value_or(0);
    if (!options.since.empty()) {
        AUTH_TRY(filter.since, parse_time(options.since, world.clock().now()));
    }
    Reply reply = list_reply("auth-cli.audit/1", "events",
                             {{"SEQ", "seq"},
                              {"AT", "at"},
                              {"ACTOR", "actor"},
                              {"EVENT", "event"},
                              {"RESULT", "result"},
                              {"TARGET", "target"},
                              {"DETAIL", "detail"}},
                             {});
    AUTH_TRY(auto& realm, world.realm());
    const auto rows = std::make_shared<AuditReader>(realm.database, std::move(filter));
    reply.list->next = [rows]() -> std::optional<Json> {
        const auto row = rows->next();
        return row ? std::optional(audit_record(*row)) : std::nullopt;
    };
    return reply;
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.option("--user", options->user, "EMAIL", "only about this user");
    flags.option("--since", options->since, "TIME", "only from this time on");
    flags.option("--event", options->event, "NAME", "only this event");
    flags.option("--limit", options->limit, "N", "only the latest N");
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command audit_list_command{
    .path = "audit list",
    .group = "Store",
    .summary = "Show who did what, oldest first",
    .examples = "auth-cli audit list --limit 20\n"
                "auth-cli audit list --since -7d --event authn_login_fail --jsonl",
    .bind = bind,
    .fields = fields::audit,
};

} // namespace auth
