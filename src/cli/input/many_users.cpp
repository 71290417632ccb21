#include "cli/input/many_users.h"

#include "cli/input/ask.h"
#include "core/accounts/hash_census.h"
#include "core/accounts/lockout.h"
#include "core/base/spool.h"
#include "core/base/text.h"
#include "core/users/users_table.h"

#include <fmt/format.h>

#include <memory>
#include <set>

namespace auth {
namespace {

constexpr std::int64_t page_size = 500;

Status check_choice(const ManyUsers& users) {
    if (users.who.empty() == users.where.empty())
        return fail(error(ErrorCode::usage, users.who.empty()
                                                ? "name the users, or choose them by --where"
                                                : "--where goes without names")
                        .with_field("where"));
    if (users.max_affected && (users.where.empty() || *users.max_affected < 0))
        return fail(error(ErrorCode::usage, "--max-affected is a number of users, beside --where")
                        .with_field("max-affected"));
    return {};
}

Error too_many(const ManyUsers& users, std::int64_t count, std::int64_t allowed) {
    return error(ErrorCode::refused,
                 fmt::format("--where meets {}, more than the {} allowed; nothing was changed",
                             counted(count, "user"), allowed))
        .with_reason("max_affected")
        .with_hint({fmt::format("look at them, then give --max-affected {}", count),
                    NextStep{"list", {"--where", users.where}}});
}

// How many users may be touched. A person is asked before the lock is taken, and answers for as
// many as there were.
Result<std::int64_t> allowance(World& world, const ManyUsers& users, const UserFilter& filter,
                               std::string_view ask) {
    if (users.max_affected)
        return *users.max_affected;
    if (users.yes || !users.destructive || world.dry_run)
        return INT64_MAX;
    AUTH_TRY(auto& realm, world.realm());
    const std::int64_t count = users_table::count(realm.database, filter);
    if (count <= 1)
        return 1;
    if (!world.interactive())
        return fail(too_many(users, count, 1));
    AUTH_CHECK(confirm(world, fmt::format("{} {}?", ask, counted(count, "user")),
                       fmt::format("--yes or --max-affected {}", count)));
    return count;
}

std::string record_of(const Updated& updated) {
    return Json{
        {"id", updated.user.id}, {"email", updated.user.email}, {"changed", updated.changed}}
        .dump();
}

Result<Reply> change_chosen(World& world, const ManyUsers& users, const UserAct& act,
                            const Wording& wording) {
    AUTH_TRY(const UserFilter filter, read_where(world, users.where));
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const std::int64_t allowed, allowance(world, users, filter, wording.ask));
    const auto records = std::make_shared<Spool>();
    std::int64_t changed = 0;
    std::int64_t met = 0;
    Transaction transaction(realm.database);
    if (const auto count = users_table::count(realm.database, filter); count > allowed)
        return fail(too_many(users, count, allowed));
    users_table::Page page;
    page.limit = page_size;
    page.filter = filter;
    for (std::vector<users_table::Listed> rows;
         !(rows = users_table::list(realm.database, page)).empty();) {
        for (const auto& row : rows) {
            AUTH_TRY(const UserId id, UserId::parse(row.user.id));
            AUTH_TRY(const Updated updated, act(realm, id));
            records->add(record_of(updated));
            changed += updated.changed ? 1 : 0;
            ++met;
        }
        page.after_id = rows.back().user.id;
        page.after_value = rows.back().sort_value;
    }
    transaction.commit();
    Reply reply;
    reply.lines = RecordLines{[records] { return records->next(); },
                              [changed, met, done = std::string(wording.done)] {
                                  std::string note =
                                      fmt::format("{} {}", done, counted(changed, "user"));
                                  if (met > changed)
                                      note += fmt::format("; nothing to do for {}", met - changed);
                                  return RecordLines::Ending{std::move(note),
                                                             {{"schema", "auth-cli.summary/1"},
                                                              {"changed", changed > 0},
                                                              {"users", changed},
                                                              {"unchanged", met - changed}}};
                              },
                              true};
    return reply;
}

} // namespace

void bind_where(Flags& flags, std::string& where) {
    flags.option("--where", where, "EXPRESSION",
                 "only users it meets, as in 'verified=false and created<-30d'");
    flags.takes("--where", ValueKind::where);
}

Result<UserFilter> read_where(World& world, const std::string& where) {
    if (where.empty())
        return UserFilter{};
    AUTH_TRY(UserFilter filter, parse_user_filter(where, world.clock().now()));
    if (asks_for_hashes(filter)) {
        AUTH_TRY(auto& realm, world.realm());
        (void)hash_census(realm.database);
    }
    return filter;
}

void ManyUsers::bind_choice(Flags& flags) {
    bind_where(flags, where);
    flags.option("--max-affected", max_affected, "N",
                 destructive ? "change nothing where --where meets more users; default 1"
                             : "change nothing where --where meets more users");
    if (destructive)
        flags.flag("-y,--yes", yes, "do not ask, however many there are");
}

void ManyUsers::bind(Flags& flags) {
    flags.optional_arguments("EMAIL", who, "addresses, @usernames or id:UUIDs");
    bind_choice(flags);
}

Result<Reply> change_many_users(World& world, const ManyUsers& users, const UserAct& act,
                                const Wording& wording) {
    AUTH_CHECK(check_choice(users));
    if (!users.where.empty())
        return change_chosen(world, users, act, wording);
    std::vector<UserRef> refs;
    std::set<std::string> names; // a user named twice is one user
    Locks locks;
    for (const std::string& text : users.who) {
        AUTH_TRY(UserRef ref, parse_user_ref(text));
        AUTH_TRY(const auto& realm, world.realm());
        const auto user = users_table::find(realm.database, ref);
        if (!names.insert(user ? user->id : to_text(ref)).second)
            continue;
        locks = Locks::user(user ? user->id : "");
        if (user && users.attempts)
            locks = locks + Locks::address(address_mac(realm, user->email_key));
        // What the lock is for; a name may be given to another user meanwhile.
        if (user) {
            AUTH_TRY(ref, UserId::parse(user->id));
        }
        refs.push_back(std::move(ref));
    }
    AUTH_TRY(auto& realm, world.realm());
    std::vector<Updated> changes;
    Transaction transaction(realm.database, refs.size() == 1 ? locks : Locks());
    for (const UserRef& ref : refs) {
        AUTH_TRY(Updated updated, act(realm, ref));
        changes.push_back(std::move(updated));
    }
    transaction.commit();
    return users_reply(realm, changes, wording.done, wording.already);
}

} // namespace auth
