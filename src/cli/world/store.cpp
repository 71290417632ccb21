#include "cli/world/store.h"

#include "cli/next_step.h"
#include "core/accounts/credentials.h"
#include "core/base/file_state.h"
#include "core/settings/setting.h"
#include "core/settings/settings_table.h"
#include "core/store/postgres_url.h"
#include "core/store/sqlite/sqlite_database.h"
#include "core/store/vault.h"

#include <cassert>

namespace auth {

namespace fs = std::filesystem;

struct Store::Opened {
    std::unique_ptr<Database> database;
    meta_table::Meta meta;
    Vault vault;
    Realm realm;

    Opened(std::unique_ptr<Database> opened, meta_table::Meta own, KeySource key,
           const Needs& needs, bool dry_run)
        : database(std::move(opened)), meta(std::move(own)), vault(std::move(key), meta),
          realm(realm_of(needs, dry_run)) {
        database->set_dry_run(dry_run);
        meta_table::hold_to_key(*database, meta.key_check);
    }

  private:
    [[nodiscard]] Realm realm_of(const Needs& needs, bool dry_run) const {
        return {.database = *database,
                .vault = vault,
                .settings = needs.settings,
                .clock = needs.clock,
                .random = needs.random,
                .actor = needs.surroundings.actor,
                .test = meta.test,
                .dry_run = dry_run,
                .operated = !needs.surroundings.secure,
                .place = needs.surroundings.place,
                .typed = [](const NextStep& step) { return as_typed(step, {}); }};
    }
};

namespace {

// A newer version may have kept settings that this one does not know.
SettingTexts known_settings(SettingTexts texts) {
    std::erase_if(texts, [](const auto& entry) { return !find_setting(entry.first); });
    return texts;
}

// What Store::realm reads first.
void expect_opening(Database& database) {
    meta_table::expect(database);
    settings_table::expect(database);
}

// Runs `act`, with a failure of that code as a value.
template <class Act> auto expecting(ErrorCode code, const Act& act) -> decltype(act()) {
    try {
        return act();
    } catch (const Failure& failure) {
        if (failure.error().code != code)
            throw;
        return fail(failure.error());
    }
}

} // namespace

Store::Store(Needs needs) : needs_(std::move(needs)) {}

Store::~Store() = default;

Result<std::unique_ptr<Database>> Store::open_database() const {
    const std::string given = needs_.settings.get(setting<"db">);
    if (is_postgres_url(given))
        return expecting(ErrorCode::database_missing, [&]() -> Result<std::unique_ptr<Database>> {
            return needs_.open_postgres(given, PostgresUse::use, expect_opening);
        });
    AUTH_TRY(const fs::path path, needs_.places.database_path());
    // An operator may stop a long export; nobody else keeps writers waiting.
    return SqliteDatabase::open(
        path, {.writing = needs_.hold_stops,
               .reading = needs_.surroundings.secure ? needs_.hold_stops : Hold()});
}

Result<std::unique_ptr<Database>> Store::look() const {
    const std::string given = needs_.settings.get(setting<"db">);
    if (is_postgres_url(given))
        return needs_.open_postgres(given, PostgresUse::look, {});
    AUTH_TRY(const fs::path path, needs_.places.database_path());
    return SqliteDatabase::open_to_look(path);
}

// A program that hands the key out may wait for a passphrase: not while the database is locked.
// Whether its key matches is another question.
Status Store::fetch_key() const {
    const KeySource& source = opened_->vault.source();
    if (source.is_file())
        return {};
    Status read = source.read().map([](const Secret&) {});
    return read || read.error().code == ErrorCode::key_mismatch ? Status() : read;
}

Status Store::open() {
    AUTH_TRY(auto database, open_database());
    AUTH_TRY(KeySource key, needs_.places.key_source());
    AUTH_TRY(auto meta, meta_table::load(*database));
    opened_ = std::make_unique<Opened>(std::move(database), std::move(meta), std::move(key), needs_,
                                       manner_.dry_run);
    return fetch_key();
}

void Store::read_settings() {
    assert(opened_);
    needs_.settings.set_layer(SettingSource::database,
                              known_settings(settings_table::load(*opened_->database)));
}

void Store::reload_settings() {
    read_settings();
    needs_.settings.canonicalise();
}

Status Store::check_settings() {
    Settings& settings = needs_.settings;
    read_settings();
    if (manner_.lenient)
        settings.drop_invalid(SettingSource::database, opened_->meta.test);
    if (auto checked = settings.check(opened_->meta.test); !checked) {
        checked.error().hint = checked.error().hint.or_else(NextStep{"config list"});
        return checked;
    }
    settings.canonicalise();
    if (!manner_.lenient)
        AUTH_CHECK(check_password_cost(opened_->realm));
    return {};
}

RealmResult Store::realm(Manner manner) {
    if (!opened_) {
        manner_ = manner;
        checked_ = false;
        AUTH_CHECK(open());
    }
    if (!checked_) {
        AUTH_CHECK(check_settings());
        checked_ = true;
    }
    return opened_->realm;
}

Realm* Store::opened() {
    return opened_ ? &opened_->realm : nullptr;
}

void Store::close() {
    opened_.reset();
}

const meta_table::Meta& Store::meta() const {
    assert(opened_);
    return opened_->meta;
}

Result<NewKey::Existing> Store::make_with(const NewDatabase& wanted) {
    const Settings& settings = needs_.settings;
    const std::string given = settings.get(setting<"db">);
    if (!is_postgres_url(given)) {
        AUTH_TRY(const fs::path path, needs_.places.database_path());
        return make_database(path, wanted, settings, needs_.clock, needs_.random);
    }
    return expecting(ErrorCode::exists, [&]() -> Result<NewKey::Existing> {
        const auto database = make_on_postgres(given);
        return fill_database(*database, wanted, settings, needs_.clock, needs_.random);
    });
}

// A key of its own where later commands find it, or else the one that exists.
Result<Hint> Store::key_hint(const NewDatabase& wanted) const {
    AUTH_TRY(const auto own, needs_.places.own_key_path());
    const bool is_free = own && !file_state(*own).present;
    NextStep step{"db init", {"--key-file", (is_free ? *own : wanted.key.file()).string()}};
    if (wanted.test)
        step.arguments.insert(step.arguments.begin(), "--test");
    return Hint(is_free ? "to make a key for this database alone, run"
                        : "to use the same key file for this database, run",
                std::move(step));
}

Result<NewKey::Existing> Store::make(bool test) {
    AUTH_TRY(const Places::NewKeySource found, needs_.places.new_key_source(test));
    const NewDatabase wanted{.key = found.key,
                             .share_key = found.named,
                             .test = test,
                             .actor = needs_.surroundings.actor};
    auto made = make_with(wanted);
    if (!made && made.error().reason == key_in_use) {
        AUTH_TRY(made.error().hint, key_hint(wanted));
    }
    return made;
}

} // namespace auth
