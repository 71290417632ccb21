#include "cli/input/many_users.h"
#include "cli/output/user_view.h"
#include "commands/registry.h"
#include "core/accounts/lockout.h"
#include "core/base/encoding.h"
#include "core/base/text.h"
#include "core/users/users_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

constexpr std::int64_t page_size = 500;

struct Options {
    std::string sort = "email";
    std::optional<std::int64_t> limit;
    std::string after;
    bool count = false;
    std::string where;
};

// "created" means "created_at", "-created" the newest first.
Status set_sort(users_table::Page& page, std::string field) {
    page.descending = field.starts_with('-');
    if (page.descending)
        field.erase(0, 1);
    std::vector<std::string> known;
    std::vector<std::string> spellings;
    for (const users_table::Sort sort : users_table::every_sort) {
        const std::string_view name = known.emplace_back(users_table::to_name(sort));
        const std::string_view stem = name.substr(0, name.size() - (name.ends_with("_at") ? 3 : 0));
        if (field == name || field == stem)
            return page.sort = sort, Status{};
        spellings.emplace_back(name);
        if (stem != name)
            spellings.emplace_back(stem);
    }
    return fail(
        error(ErrorCode::not_found,
              fmt::format("users cannot be sorted by '{}'", printable(field.substr(0, 80))))
            .with_field("sort")
            .with_hint(did_you_mean(field, spellings, fmt::format("{}", fmt::join(known, ", ")))));
}

std::string cursor_of(const users_table::Listed& row) {
    return to_base64url(row.user.id + "/" + row.sort_value);
}

Status set_cursor(users_table::Page& page, const std::string& cursor) {
    if (cursor.empty())
        return {};
    const auto text = from_base64url(cursor);
    const std::size_t slash = text ? text->find('/') : std::string::npos;
    const bool number = users_table::is_time(page.sort);
    if (slash == std::string::npos ||
        (number && (text->size() == slash + 1 || text->size() > slash + 16 ||
                    text->find_first_not_of("0123456789", slash + 1) != std::string::npos)))
        return fail(
            error(ErrorCode::usage, "the cursor is not one of this list").with_field("after"));
    page.after_id = text->substr(0, slash);
    page.after_value = text->substr(slash + 1);
    return {};
}

// Reads page after page, so that a long list takes no memory.
class Pages {
  public:
    Pages(Realm& realm, users_table::Page page, std::int64_t limit)
        : realm_(realm), page_(std::move(page)), left_(limit) {}

    std::optional<Json> next() {
        if (at_ == rows_.size() && !load())
            return std::nullopt;
        const auto& row = rows_[at_];
        last_ = cursor_of(row);
        return user_record(row.user, locked_[at_++]);
    }

    // Where a limited list goes on; null where it ended by itself.
    Json cursor() {
        page_.limit = 1;
        const bool more = limited_ && !users_table::list(realm_.database, page_).empty();
        return more ? Json(last_) : Json();
    }

  private:
    bool load() {
        if (left_ == 0)
            return false;
        page_.limit = std::min(page_size, left_);
        rows_ = users_table::list(realm_.database, page_);
        std::vector<std::string_view> keys;
        for (const auto& row : rows_)
            keys.emplace_back(row.user.email_key);
        locked_ = locked_until(realm_, keys);
        at_ = 0;
        left_ -= static_cast<std::int64_t>(rows_.size());
        limited_ = left_ == 0;
        if (rows_.empty())
            return false;
        page_.after_id = rows_.back().user.id;
        page_.after_value = rows_.back().sort_value;
        return true;
    }

    Realm& realm_;
    users_table::Page page_;
    std::int64_t left_;
    bool limited_ = false;
    std::vector<users_table::Listed> rows_;
    std::vector<std::optional<Time>> locked_; // until when, of each row
    std::size_t at_ = 0;
    std::string last_;
};

Result<Reply> run_count(World& world, const UserFilter& filter) {
    AUTH_TRY(auto& realm, world.realm());
    const std::int64_t count = users_table::count(realm.database, filter);
    Reply reply;
    reply.document = {{"schema", "auth-cli.count/1"}, {"count", count}};
    reply.text = fmt::format("{}\n", count);
    return reply;
}

Result<Reply> run(World& world, const Options& options) {
    AUTH_TRY(UserFilter filter, read_where(world, options.where));
    if (options.count)
        return run_count(world, filter);
    if (options.limit && *options.limit < 1)
        return fail(error(ErrorCode::usage, "--limit must be at least 1").with_field("limit"));
    users_table::Page page;
    page.filter = std::move(filter);
    AUTH_CHECK(set_sort(page, options.sort));
    AUTH_CHECK(set_cursor(page, options.after));
    AUTH_TRY(auto& realm, world.realm());
    const auto pages = std::make_shared<Pages>(realm, page, options.limit.value_or(INT64_MAX));
    Reply reply;
    List list;
    list.schema = "auth-cli.users/1";
    list.key = "users";
    list.columns = {{"EMAIL", "email"},       {"USERNAME", "username"}, {"NAME", "name"},
                    {"ROLES", "roles"},       {"VERIFIED", "verified"}, {"DISABLED", "disabled"},
                    {"CREATED", "created_at"}};
    list.next = [pages] { return pages->next(); };
    list.tail = [pages] { return Json{{"next_after", pages->cursor()}}; };
    reply.list = std::move(list);
    return reply;
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    bind_where(flags, options->where);
    flags.option("--sort", options->sort, "FIELD",
                 "email, username, name, created, updated or last_login; - before it reverses");
    flags.option("--limit", options->limit, "N", "at most that many");
    flags.option("--after", options->after, "CURSOR", "go on after this cursor");
    flags.offers("--sort", {"email", "username", "name", "created", "updated", "last_login"});
    flags.flag("--count", options->count, "only say how many there are");
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command list_command{
    .path = "list",
    .group = "Users",
    .summary = "List users",
    .examples = "auth-cli list\n"
                "auth-cli list --sort -created --limit 10 --jsonl --fields email,created_at\n"
                "auth-cli list --where 'role=admin or email=*@example.org'\n"
                "auth-cli list --where 'verified=false' --count",
    .bind = bind,
    .fields = fields::users,
};

} // namespace auth
