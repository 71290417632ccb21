#include "cli/output/document.h"
#include "commands/audit/audit_view.h"
#include "commands/registry.h"
#include "core/accounts/accounts.h"
#include "core/trail/follow.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Options {
    std::string user;
    std::string since;
    std::string event;
    std::optional<std::int64_t> limit;
    std::optional<std::int64_t> after;
    bool follow = false;
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

Result<AuditFilter> filter_of(World& world, const Options& options) {
    if (options.limit && *options.limit < 1)
        return fail(error(ErrorCode::usage, "--limit must be at least 1").with_field("limit"));
    if (options.after && *options.after < 0)
        return fail(error(ErrorCode::usage, "--after must be at least 0").with_field("after"));
    AuditFilter filter;
    AUTH_TRY(filter.target, target_of(world, options.user));
    filter.event = options.event;
    filter.limit = options.limit.value_or(0);
    filter.after = options.after.value_or(INT64_MIN);
    if (!options.since.empty()) {
        AUTH_TRY(filter.since, parse_time(options.since, world.clock().now()));
    }
    return filter;
}

// Waits for the next row: in pieces, so that a signal ends it soon.
class Following {
  public:
    Following(World& world, Realm& realm, AuditFilter filter, const Options& options)
        : world_(world), rows_(realm, std::move(filter), options.after) {}

    std::optional<std::string> next() {
        while (!world_.interrupted()) {
            auto row = rows_.next();
            if (!row)
                throw Failure(std::move(row).error());
            if (*row)
                return line_of(**row) + "\n";
            wait(rows_.pause());
        }
        return std::nullopt;
    }
    [[nodiscard]] int exit() const { return world_.stopped_by(); }

  private:
    void wait(std::chrono::milliseconds span) {
        constexpr std::chrono::milliseconds piece{100};
        for (; span.count() > 0 && !world_.interrupted(); span -= std::min(span, piece))
            world_.clock().sleep(std::min(span, piece));
    }
    [[nodiscard]] std::string line_of(const AuditRow& row) const {
        if (world_.wants_records)
            return audit_record(row).dump(-1, ' ', false, Json::error_handler_t::replace);
        return fmt::format("{}  {}  {}  {}  {}  {}  {}", row.seq, show_time(world_, row.at),
                           row.actor, row.event, row.result, row.target.empty() ? "-" : row.target,
                           row.detail);
    }

    World& world_;
    Follower rows_;
};

Reply follow(World& world, Realm& realm, AuditFilter filter, const Options& options) {
    const auto rows = std::make_shared<Following>(world, realm, std::move(filter), options);
    RecordLines lines;
    lines.next = [rows] { return rows->next(); };
    lines.ending = [rows] { return RecordLines::Ending{.exit = rows->exit()}; };
    lines.raw = !world.wants_records;
    Reply reply;
    reply.lines = std::move(lines);
    return reply;
}

Result<Reply> run(World& world, const Options& options) {
    AUTH_TRY(AuditFilter filter, filter_of(world, options));
    AUTH_TRY(auto& realm, world.realm());
    if (options.follow)
        return follow(world, realm, std::move(filter), options);
    Reply reply = list_reply("auth-cli.audit/1", "events",
                             {{"SEQ", "seq"},
                              {"AT", "at"},
                              {"ACTOR", "actor"},
                              {"EVENT", "event"},
                              {"RESULT", "result"},
                              {"TARGET", "target"},
                              {"DETAIL", "detail"}},
                             {});
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
    flags.option("--after", options->after, "SEQ", "only rows with a higher number");
    flags.flag("-f,--follow", options->follow, "go on with new rows as they are recorded");
    flags.exclusive({"--limit", "--after"});
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command audit_list_command{
    .path = "audit list",
    .group = "Audit",
    .summary = "Show who did what, oldest first",
    .examples = "auth-cli audit list --limit 20\n"
                "auth-cli audit list --since -7d --event authn_login_fail --jsonl",
    .bind = bind,
    .fields = fields::audit,
};

} // namespace auth
