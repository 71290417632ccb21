// What a command may touch: the outside world behind ports, and the three parts that know where
// files are (Places), open the database (Store) and send mails (Post).
#pragma once

#include "cli/world/places.h"
#include "cli/world/post.h"
#include "cli/world/store.h"
#include "core/base/clock.h"
#include "core/base/hold.h"
#include "core/base/random.h"
#include "core/base/secret.h"
#include "core/formats/user_reader.h"
#include "core/ports/http.h"
#include "core/ports/loopback.h"
#include "core/ports/pager.h"
#include "core/ports/process.h"
#include "core/ports/qr.h"
#include "core/ports/terminal.h"
#include "core/provisioning/manifest.h"
#include "core/realm.h"
#include "core/settings/profile_rules.h"
#include "core/settings/settings.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace auth {

// What main hands in from the adapters.
struct Adapters {
    Clock& clock;
    Random& random;
    Terminal& terminal;
    MakeMailer mailer;
    Become become;
    KeyCommand key_command{};
    AskProgram ask_program{};
    Detach detach;
    QrEncoder& qr;
    // As the function of that name.
    std::function<Result<UsersFile>(ByteSource, std::optional<ImportFormat>, std::string_view,
                                    const ReaderOptions&)>
        open_users;
    // 0, or once somebody asked the program to stop, what it then exits with. From the first call
    // on, such a signal does not end it at once.
    std::function<int()> interrupted = [] { return 0; };
    ParseYaml parse_yaml{};
    std::function<std::unique_ptr<Http>(const Settings&)> http{};
    OpenLoopback open_loopback{};
    OpenBrowser open_browser{};
    // Connects to the PostgreSQL server of a URL, as open_postgres_module.
    OpenPostgres open_postgres{};
    Pagers pagers{};
    // While it is held, no terminal stops the process.
    Hold hold_stops{};
};

class World {
  public:
    World(Adapters adapters, Streams streams, Surroundings surroundings);
    World(const World&) = delete; // its parts refer to it
    World& operator=(const World&) = delete;

    Streams streams;
    Surroundings surroundings;
    Settings settings; // without the database's layer until realm() was called
    bool quiet = false;
    bool verbose = false;
    bool dry_run = false;
    bool colour = false;        // text may be coloured
    bool wants_records = false; // batches answer with a record each, not with a summary alone
    bool lenient = false;       // wrong settings in the database are ignored, to be mended

    [[nodiscard]] Clock& clock() { return adapters_.clock; }
    [[nodiscard]] Random& random() { return adapters_.random; }
    [[nodiscard]] Terminal& terminal() { return adapters_.terminal; }
    [[nodiscard]] QrEncoder& qr() { return adapters_.qr; }
    [[nodiscard]] bool interactive() const;

    // Puts flags, environment and config file into settings. Fails with usage, io or
    // unsafe_permissions.
    [[nodiscard]] Status load_settings(SettingTexts flags);
    // The rule of the config file that chose the profile in use, if one did.
    [[nodiscard]] const std::optional<ProfileRule>& profile_rule() const { return profile_rule_; }

    // Fails with refused, reason operator_only, where the program runs for its caller with more
    // rights than the caller has; `what` names the act.
    [[nodiscard]] Status require_operator(std::string_view what) const;

    // Opens the database and its settings at first use, as Store::realm.
    [[nodiscard]] RealmResult realm() {
        return store_.realm({.dry_run = dry_run, .lenient = lenient});
    }
    // The same; nullptr if there is no database yet.
    [[nodiscard]] Result<Realm*> realm_if_any();
    [[nodiscard]] Store& store() { return store_; }
    [[nodiscard]] Post& post() { return post_; }
    [[nodiscard]] const Places& places() const { return places_; }

    // There is one consumer of stdin a run; `what` names it in the complaint about a second.
    [[nodiscard]] Status claim_stdin(std::string_view what);
    // All of stdin, claimed. Fails with usage where it gives more bytes than that.
    [[nodiscard]] Result<Secret> take_stdin(std::string_view what, std::size_t most = 1U << 20U);
    [[nodiscard]] Result<UsersFile> open_users(ByteSource source,
                                               std::optional<ImportFormat> format,
                                               std::string_view file_name,
                                               const ReaderOptions& options) {
        return adapters_.open_users(std::move(source), format, file_name, options);
    }
    // Between steps of long work: whether to leave it.
    [[nodiscard]] bool interrupted() { return (stopped_by_ = adapters_.interrupted()) != 0; }
    // What exit code stands for the signal that did so, or 0.
    [[nodiscard]] int stopped_by() const { return stopped_by_; }
    [[nodiscard]] const ParseYaml& parse_yaml() const { return adapters_.parse_yaml; }
    [[nodiscard]] std::unique_ptr<Http> http() { return adapters_.http(settings); }
    [[nodiscard]] const AskProgram& ask_program() const { return adapters_.ask_program; }
    [[nodiscard]] const OpenLoopback& open_loopback() const { return adapters_.open_loopback; }
    // False where no browser was started; with more rights than its caller the program starts none.
    [[nodiscard]] bool open_browser(const std::string& url) {
        return !surroundings.secure && adapters_.open_browser(url);
    }
    [[nodiscard]] const Pagers& pagers() const { return adapters_.pagers; }
    // Closes the database and turns this process into another program. Returns only the failure.
    [[nodiscard]] Error become(const std::vector<std::string>& command, const std::string& variable,
                               const Secret& value);

  private:
    [[nodiscard]] Status load_config_file();
    [[nodiscard]] Status choose_profile();

    Adapters adapters_;
    std::optional<ProfileRule> profile_rule_;
    Places places_;
    Store store_;
    Post post_;
    std::string stdin_taken_by_;
    int stopped_by_ = 0;
};

} // namespace auth
