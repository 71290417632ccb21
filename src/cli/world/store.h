// The database of a run with its key and settings, opened at first use.
#pragma once

#include "cli/world/places.h"
#include "core/base/hold.h"
#include "core/ports/process.h"
#include "core/realm.h"
#include "core/settings/settings.h"
#include "core/store/database.h"
#include "core/store/meta_table.h"
#include "core/store/postgres_url.h"
#include "core/upkeep/new_database.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace auth {

// Connects to the PostgreSQL server of a URL. `expect` tells what is asked first.
using OpenPostgres = std::function<std::unique_ptr<Database>(
    const std::string& url, PostgresUse use, const Expect& expect)>;

// The realm of an open database, or why there is none: Result for a reference, so that
// AUTH_TRY(auto& realm, world.realm()) binds the realm itself.
class RealmResult {
  public:
    // NOLINTNEXTLINE(google-explicit-constructor): returned as a Result is.
    RealmResult(Realm& realm) : realm_(&realm) {}
    // NOLINTNEXTLINE(google-explicit-constructor)
    RealmResult(tl::unexpected<Error> failure) : realm_(std::move(failure)) {}

    [[nodiscard]] explicit operator bool() const { return realm_.has_value(); }
    [[nodiscard]] Realm& operator*() const { return **realm_; }
    [[nodiscard]] const Error& error() const { return realm_.error(); }

  private:
    Result<Realm*> realm_;
};

class Store {
  public:
    // The references outlive it. The database becomes a layer of `settings` once it is open.
    struct Needs {
        const Places& places;
        const Surroundings& surroundings;
        Settings& settings;
        Clock& clock;
        Random& random;
        OpenPostgres open_postgres;
        Hold hold_stops;
    };
    struct Manner {
        bool dry_run = false;
        // A wrong setting in the database is ignored, so that it can be mended.
        bool lenient = false;
    };

    explicit Store(Needs needs);
    ~Store();

    // Opens the database and its settings at first use. Fails as SqliteDatabase::open, and
    // with usage for a wrong setting or a place that cannot be known; throws Failure with the codes
    // of open_postgres_module other than database_missing.
    [[nodiscard]] RealmResult realm(Manner manner);
    // The same in the manner of last time, after close().
    [[nodiscard]] RealmResult reopen() { return realm(manner_); }
    // nullptr while it is not open.
    [[nodiscard]] Realm* opened();
    // What realm() returned is gone.
    void close();

    // What the open database says of itself.
    [[nodiscard]] const meta_table::Meta& meta() const;
    // Reads the open database's settings again, after a command has changed them.
    void reload_settings();

    // Makes the database that --db names, with its key. Fails with exists, refused for the key of
    // another database that nobody named, and as opening it does.
    [[nodiscard]] Result<NewKey::Existing> make(bool test);
    [[nodiscard]] std::unique_ptr<Database> make_on_postgres(const std::string& url) const {
        return needs_.open_postgres(url, PostgresUse::make, {});
    }
    // The database without its key and settings, to look at it only. It is not migrated. Fails and
    // throws as realm().
    [[nodiscard]] Result<std::unique_ptr<Database>> look() const;

  private:
    struct Opened;
    [[nodiscard]] Result<std::unique_ptr<Database>> open_database() const;
    [[nodiscard]] Result<NewKey::Existing> make_with(const NewDatabase& wanted);
    [[nodiscard]] Result<Hint> key_hint(const NewDatabase& wanted) const;
    [[nodiscard]] Status open();
    [[nodiscard]] Status fetch_key() const;
    void read_settings();
    [[nodiscard]] Status check_settings();

    Needs needs_;
    Manner manner_;
    std::unique_ptr<Opened> opened_;
    bool checked_ = false; // the settings
};

} // namespace auth
