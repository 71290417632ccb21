#include "cli/input/stored_login.h"
#include "commands/registry.h"
#include "commands/sessions/session_view.h"
#include "core/accounts/accounts.h"

namespace auth {
namespace {

struct Options {
    std::string email;
    bool all = false;
};

// Reads page after page, so that a long list takes no memory.
class Pages {
  public:
    Pages(Realm& realm, std::string current, sessions_table::Page page, bool all)
        : realm_(realm), now_(realm_.now()), current_(std::move(current)), page_(std::move(page)),
          all_(all) {}

    std::optional<Json> next() {
        while (at_ < rows_.size() || load()) {
            Json record = session_record(rows_[at_++], now_, current_);
            if (all_ || record.at("state") == to_name(SessionState::live))
                return record;
        }
        return std::nullopt;
    }

  private:
    bool load() {
        rows_ = sessions_table::list(realm_.database, page_);
        at_ = 0;
        if (!rows_.empty())
            page_.after_id = rows_.back().session.id;
        return !rows_.empty();
    }

    Realm& realm_;
    Time now_;
    std::string current_;
    sessions_table::Page page_;
    bool all_;
    std::vector<sessions_table::Listed> rows_;
    std::size_t at_ = 0;
};

Result<Reply> run(World& world, const Options& options) {
    AUTH_TRY(auto& realm, world.realm());
    sessions_table::Page page;
    if (!options.email.empty()) {
        AUTH_TRY(const UserRef ref, parse_user_ref(options.email));
        AUTH_TRY(const User user, require_user(realm, ref));
        page.user_id = user.id;
    }
    const auto pages = std::make_shared<Pages>(realm, stored_session(world), page, options.all);
    Reply reply;
    reply.list = session_list();
    reply.list->next = [pages] { return pages->next(); };
    return reply;
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.optional_argument("EMAIL", options->email,
                            "whose: an address, @username or id:UUID; default: everybody's");
    flags.flag("--all", options->all, "also those that have ended and are not forgotten yet");
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command session_list_command{
    .path = "session list",
    .group = "Sessions",
    .summary = "List live sessions, the newest first",
    .examples = "auth-cli create ann@example.org --verified --password-file password.txt --login\n"
                "auth-cli session list\n"
                "auth-cli session list ann@example.org --all --jsonl",
    .bind = bind,
    .fields = fields::sessions,
};

} // namespace auth
