// A realm to act on: a database file and its key in a temporary directory, a clock that stands
// still, randomness that is the same each time.
#pragma once

#include "core/accounts/accounts.h"
#include "core/audit/audit.h"
#include "core/mail/mailer.h"
#include "core/realm.h"
#include "core/store/meta_table.h"
#include "support/fakes.h"
#include "support/temp_directory.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth::test {

// A normal database checks passwords as strictly as a real one, but hashes at the floor's cost.
enum class RealmKind { test, normal };

// The address of whoever a test is about.
inline constexpr const char* ann = "ann@example.org";
inline constexpr std::string_view good_password = "violet-kettle-marches-9-northward";
inline constexpr std::string_view other_password = "seven.brass.otters.under.ice";

class TestRealm {
  public:
    explicit TestRealm(RealmKind kind = RealmKind::test);

    FixedClock clock;
    SeededRandom random;
    Settings settings;

    [[nodiscard]] Realm& realm() { return *realm_; }
    // NOLINTNEXTLINE(google-explicit-constructor): every act takes a Realm.
    operator Realm&() { return *realm_; }
    [[nodiscard]] Database& database() { return *database_; }
    [[nodiscard]] const Vault& vault() const { return *vault_; }
    [[nodiscard]] const meta_table::Meta& meta() const { return meta_; }

    // A database setting, canonical; a value that is refused throws.
    void set(std::string_view name, std::string_view value);
    // Closes the database and opens it again: what was not committed is gone.
    void reopen();
    // Another connection to the same file.
    [[nodiscard]] std::unique_ptr<Database> connect() const;

    [[nodiscard]] const TempDirectory& directory() const { return directory_; }
    [[nodiscard]] std::filesystem::path database_path() const { return directory_ / "auth.db"; }
    [[nodiscard]] std::filesystem::path key_path() const { return directory_ / "auth.key"; }

    // The first column of the first row, as text.
    [[nodiscard]] std::string query(std::string_view sql);
    [[nodiscard]] std::int64_t count(std::string_view sql);
    void execute(const std::string& sql) { database_->execute(sql); }
    // The names of the audited events, oldest first.
    [[nodiscard]] std::vector<std::string> events();

  private:
    TempDirectory directory_;
    RealmKind kind_;
    SettingTexts texts_;
    std::unique_ptr<Database> database_;
    meta_table::Meta meta_;
    std::optional<Vault> vault_;
    std::optional<Realm> realm_;
};

// What another process would have of the same realm; may live in another thread.
class OtherProcess {
  public:
    OtherProcess(const TestRealm& first, std::uint64_t seed);
    OtherProcess(const OtherProcess&) = delete;
    OtherProcess& operator=(const OtherProcess&) = delete;
    [[nodiscard]] Realm& realm() { return realm_; }
    [[nodiscard]] Database& database() { return *database_; }

  private:
    std::unique_ptr<Database> database_;
    Vault vault_;
    FixedClock clock_;
    SeededRandom random_;
    Realm realm_;
};

// Each parses, or throws: an address, "id:…" or "@name".
[[nodiscard]] UserRef user_ref(std::string_view text);
[[nodiscard]] Email email(std::string_view text);
[[nodiscard]] RoleName role(std::string_view text);

// A user in the database. Verified with a password unless told otherwise.
struct SomeUser {
    std::string email = ann;
    std::optional<std::string> password = std::string(good_password);
    bool verified = true;
    bool disabled = false;
    bool must_change_password = false;
};
User add_user(Realm& realm, const SomeUser& wanted = {});
// The user as the database has it now.
[[nodiscard]] User stored_user(Realm& realm, std::string_view address = ann);
// Calls `show` for each row of the trail that passes, oldest first.
template <class Show> void list_audit(Database& database, const AuditFilter& filter, Show show) {
    AuditReader rows(database, filter);
    while (const auto row = rows.next())
        show(*row);
}
// The mails that leave so, of all acts since the database was opened that were not undone.
[[nodiscard]] std::vector<Mail> posted_mails(Realm& realm, Departure departure);
// The code of the newest mail of the kind to the user.
[[nodiscard]] Secret mailed_code(Realm& realm, std::string_view kind,
                                 std::string_view address = ann);
// A code of the right length that is not the given one.
[[nodiscard]] Secret wrong_code(const Secret& right);

} // namespace auth::test
