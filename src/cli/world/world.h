// What a command may touch: the outside world behind ports, and one database opened on demand.
#pragma once

#include "core/base/clock.h"
#include "core/base/private_file.h"
#include "core/base/random.h"
#include "core/base/secret.h"
#include "core/formats/user_reader.h"
#include "core/mail/mailer.h"
#include "core/ports/http.h"
#include "core/ports/loopback.h"
#include "core/ports/pager.h"
#include "core/ports/process.h"
#include "core/ports/qr.h"
#include "core/ports/terminal.h"
#include "core/provisioning/manifest.h"
#include "core/realm.h"
#include "core/sessions/token_file.h"
#include "core/settings/settings.h"
#include "core/store/database.h"
#include "core/store/meta_table.h"
#include "core/store/vault.h"

#include <filesystem>
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
    std::function<std::unique_ptr<Mailer>(const Settings&, const std::filesystem::path& directory)>
        mailer;
    Become become;
    Detach detach;
    QrEncoder& qr;
    // Opens a file of users, as open_reader.
    std::function<Result<std::unique_ptr<UserReader>>(ImportFormat, ByteSource,
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
    std::function<std::unique_ptr<Database>(const std::string& url, bool make)> open_postgres{};
    Pagers pagers{};
};

class World {
  public:
    World(Adapters adapters, Streams streams, Surroundings surroundings);
    ~World();

    Streams streams;
    Surroundings surroundings;
    Settings settings; // without the database's layer until realm() was called
    bool quiet = false;
    bool verbose = false;
    bool dry_run = false;
    bool colour = false;        // text may be coloured
    bool wants_records = false; // batches answer with a record each, not with a summary alone
    bool lenient =
        false; // a wrong setting in the database is passed over, so that it can be mended

    [[nodiscard]] Clock& clock() { return adapters_.clock; }
    [[nodiscard]] Random& random() { return adapters_.random; }
    [[nodiscard]] Terminal& terminal() { return adapters_.terminal; }
    [[nodiscard]] QrEncoder& qr() { return adapters_.qr; }
    [[nodiscard]] bool interactive() const;

    // Puts flags, environment and config file into settings. Fails with usage, io or
    // unsafe_permissions.
    [[nodiscard]] Status load_settings(SettingTexts flags);

    // Fails with refused, reason operator_only, where the program runs for its caller with more
    // rights than the caller has; `what` names the act.
    [[nodiscard]] Status require_operator(std::string_view what) const;

    // Opens the database and its settings at first use. Throws Failure with database_* codes.
    [[nodiscard]] Realm& realm();
    [[nodiscard]] Result<Realm*> try_realm(); // the same, but a missing database is a value
    [[nodiscard]] const meta_table::Meta& meta();
    // Reads the database's settings again, after a command has changed them.
    void reload_settings();

    [[nodiscard]] std::unique_ptr<Database> open_postgres(const std::string& url, bool make) {
        return adapters_.open_postgres(url, make);
    }
    // Makes the database that --db names, with its key. Fails with exists, and as opening it does.
    [[nodiscard]] Status make_database(bool test);
    // What --db names, as it may be shown.
    [[nodiscard]] std::string database_name() const;
    // The file, where it is SQLite's.
    [[nodiscard]] std::filesystem::path database_path() const;
    // Where its key is. Throws usage, as the next ones, where that is nowhere.
    [[nodiscard]] std::filesystem::path key_path() const;
    // Empty where nobody named one and there is no home directory: then there is no config file.
    [[nodiscard]] std::filesystem::path config_path() const;
    // Where the login is kept that this run is about: with rights that are only lent, the caller's
    // own. Throws Failure login_required, reason unknown_caller, where that cannot be told.
    [[nodiscard]] TokenFiles token_files() const;

    // There is one consumer of stdin a run; `what` names it in the complaint about a second.
    [[nodiscard]] Status claim_stdin(std::string_view what);
    // All of stdin, claimed. Fails with usage where it gives more bytes than that.
    [[nodiscard]] Result<Secret> take_stdin(std::string_view what, std::size_t most = 1U << 20U);
    [[nodiscard]] Result<std::unique_ptr<UserReader>>
    open_users(ImportFormat format, ByteSource source, const ReaderOptions& options) {
        return adapters_.open_users(format, std::move(source), options);
    }
    // Between steps of long work: whether to leave it.
    [[nodiscard]] bool interrupted() { return (stopped_by_ = adapters_.interrupted()) != 0; }
    // What exit code stands for the signal that did so, or 0.
    [[nodiscard]] int stopped_by() const { return stopped_by_; }
    [[nodiscard]] const ParseYaml& parse_yaml() const { return adapters_.parse_yaml; }
    [[nodiscard]] std::unique_ptr<Http> http() { return adapters_.http(settings); }
    [[nodiscard]] const OpenLoopback& open_loopback() const { return adapters_.open_loopback; }
    // False where no browser was started; with more rights than its caller the program starts none.
    [[nodiscard]] bool open_browser(const std::string& url) {
        return !surroundings.secure && adapters_.open_browser(url);
    }
    [[nodiscard]] const Pagers& pagers() const { return adapters_.pagers; }
    // The transport that mail.transport names; nullptr for the outbox.
    [[nodiscard]] Mailer* mailer();

    // Hands the mail over, if there is one, in a process of its own: how long this one takes does
    // not tell whether there is. Closes the database, so that what realm() returned is gone.
    void send_in_background(const std::optional<Mail>& mail);
    // Hands over the notices of what was done, and says where one could not be.
    void send_notices();

    // Closes the database and turns this process into another program. Returns only the failure.
    [[nodiscard]] Error become(const std::vector<std::string>& command, const std::string& variable,
                               const Secret& value);

  private:
    struct Opened;
    [[nodiscard]] std::unique_ptr<Database> open_database();
    void load_database_settings();
    // The program's own directory under `variable`'s, or under the home directory; nothing where
    // there is neither.
    [[nodiscard]] std::optional<std::filesystem::path> xdg(std::string_view variable,
                                                           std::string_view fallback) const;
    // Throws usage there; `instead` is the flag or setting that makes it needless.
    [[nodiscard]] std::filesystem::path
    need_xdg(std::string_view variable, std::string_view fallback, std::string_view instead) const;
    [[nodiscard]] std::filesystem::path data_directory(std::string_view instead) const;

    Adapters adapters_;
    std::unique_ptr<Opened> opened_;
    std::unique_ptr<Mailer> mailer_;
    std::string stdin_taken_by_;
    int stopped_by_ = 0;
};

} // namespace auth
