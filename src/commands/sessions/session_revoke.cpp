#include "cli/input/many_users.h"
#include "cli/input/stored_login.h"
#include "commands/registry.h"
#include "commands/sessions/session_view.h"
#include "core/accounts/accounts.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

struct Options {
    std::vector<std::string> ids;
    std::string user;
    ManyUsers chosen; // those of --where
};

using Rows = std::vector<sessions_table::Listed>;

bool is_live(const sessions_table::Listed& row, Time now) {
    return session_state(row.session, row.user_epoch, row.user_disabled, now) == SessionState::live;
}

Error unknown_session(const std::string& id) {
    const bool is_user = id.find('@') != std::string::npos;
    return error(ErrorCode::not_found, fmt::format("there is no session {}", in_quotes(id)))
        .with_field("id")
        .with_hint(is_user ? NextStep{"session revoke", {"--user", id}} : NextStep{"session list"});
}

// The named sessions, each once. Fails with not_found for the first that is unknown.
Result<Rows> find_sessions(Realm& realm, const std::vector<std::string>& ids) {
    Rows rows;
    for (const std::string& id : ids) {
        auto row = sessions_table::find_listed(realm.database, lower_ascii(id));
        if (!row)
            return fail(unknown_session(id));
        const bool known = std::ranges::any_of(
            rows, [&](const auto& other) { return other.session.id == row->session.id; });
        if (!known)
            rows.push_back(*std::move(row));
    }
    return rows;
}

// Of one user, or else of everybody.
Locks locks_of(const Rows& rows) {
    const std::string& user_id = rows.front().session.user_id;
    const bool same =
        std::ranges::all_of(rows, [&](const auto& row) { return row.session.user_id == user_id; });
    return same ? Locks::user(user_id) : Locks();
}

Rows live_sessions(Realm& realm, const std::string& user_id) {
    Rows live;
    sessions_table::Page page;
    page.user_id = user_id;
    for (Rows rows; !(rows = sessions_table::list(realm.database, page)).empty();) {
        page.after_id = rows.back().session.id;
        for (auto& row : rows)
            if (is_live(row, realm.now()))
                live.push_back(std::move(row));
    }
    return live;
}

// What was live, as it stands after the act; the rest as it was.
Reply reply_of(World& world, Realm& realm, const Rows& before, std::string note) {
    const Time now = world.clock().now();
    const std::string current = stored_session(world);
    auto records = std::make_shared<std::vector<Json>>();
    bool changed = false;
    for (const auto& row : before) {
        const bool ended = is_live(row, now);
        const auto after = sessions_table::find_listed(realm.database, row.session.id);
        records->push_back(session_record(after.value_or(row), now, current));
        records->back()["changed"] = ended;
        changed = changed || ended;
    }
    Reply reply;
    reply.list = session_list();
    reply.list->columns.clear();
    reply.list->next = [records, at = std::size_t{0}]() mutable -> std::optional<Json> {
        return at < records->size() ? std::optional((*records)[at++]) : std::nullopt;
    };
    reply.list->tail = [changed] { return Json{{"changed", changed}}; };
    reply.note = std::move(note);
    return reply;
}

Result<Reply> run_for_ids(World& world, const std::vector<std::string>& ids) {
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const Rows before, find_sessions(realm, ids));
    Transaction transaction(realm.database, locks_of(before));
    AUTH_TRY(const Rows rows, find_sessions(realm, ids));
    std::string note;
    for (const auto& row : rows) {
        const bool ended =
            is_live(row, realm.now()) && end_session(realm, row.session.id, "operator");
        note +=
            fmt::format("{}{} session {} of {}", note.empty() ? "" : "\n",
                        ended ? "ended" : "already ended:", row.session.id, printable(row.email));
    }
    Reply reply = reply_of(world, realm, rows, std::move(note));
    transaction.commit();
    return reply;
}

Result<Reply> run_for_user(World& world, const std::string& typed) {
    AUTH_TRY(const UserRef ref, parse_user_ref(typed));
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const std::string id, id_of(realm, ref));
    Transaction transaction(realm.database, Locks::user(id));
    AUTH_TRY(User user, read_locked(realm, ref, id));
    const Rows live = live_sessions(realm, user.id);
    if (!live.empty())
        end_all_sessions(realm, user);
    Reply reply = reply_of(
        world, realm, live,
        live.empty() ? fmt::format("{} has no session", printable(user.email))
                     : fmt::format("ended {} of {}",
                                   counted(static_cast<std::int64_t>(live.size()), "session"),
                                   printable(user.email)));
    transaction.commit();
    return reply;
}

Result<Reply> run_for_chosen(World& world, const ManyUsers& users) {
    return change_many_users(world, users,
                             [](Realm& realm, const UserRef& ref) -> Result<Updated> {
                                 AUTH_TRY(User user, require_user(realm, ref));
                                 const bool any = !live_sessions(realm, user.id).empty();
                                 if (any)
                                     end_all_sessions(realm, user);
                                 return Updated{.user = std::move(user), .changed = any};
                             },
                             {"ended the sessions of", "", "End the sessions of"});
}

Result<Reply> run(World& world, const Options& options) {
    const int given = static_cast<int>(!options.ids.empty()) +
                      static_cast<int>(!options.user.empty()) +
                      static_cast<int>(!options.chosen.where.empty());
    if (given != 1)
        return fail(error(ErrorCode::usage, given == 0
                                                ? "name the sessions by ID, --user or --where"
                                                : "IDs, --user and --where exclude each other")
                        .with_hint(NextStep{"session revoke", {"--help"}}));
    if (!options.chosen.where.empty())
        return run_for_chosen(world, options.chosen);
    return options.user.empty() ? run_for_ids(world, options.ids)
                                : run_for_user(world, options.user);
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.optional_arguments("ID", options->ids, "UUIDs of sessions, as session list shows them");
    flags.option("--user", options->user, "EMAIL", "all sessions of this user");
    options->chosen.destructive = true;
    options->chosen.bind_choice(flags);
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command session_revoke_command{
    .path = "session revoke",
    .group = "Sessions",
    .summary = "End one or more sessions",
    .examples = "auth-cli create ann@example.org --verified --password-file password.txt --login\n"
                "auth-cli session revoke \"$(auth-cli session list ann@example.org --field id)\"\n"
                "auth-cli session revoke --user ann@example.org\n"
                "auth-cli session revoke --where 'role=contractor' --yes",
    .mutates = true,
    .bind = bind,
    .fields = fields::session_changes,
};

} // namespace auth
