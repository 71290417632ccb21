// A database from its backup.
#pragma once

#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/base/result.h"
#include "core/settings/settings.h"
#include "core/store/key_source.h"
#include "core/store/meta_table.h"
#include "core/upkeep/differences_table.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace auth {

struct Realm;

struct RestoreOrder {
    std::filesystem::path file;
    std::filesystem::path database;
    KeySource key;
    std::filesystem::path key_from; // a copy of the key for where there is no key file; or empty
    std::function<std::string()> actor;
    bool unsealed = false; // take what no seal vouches for
};

// A backup that has been copied beside the database and checked; the database is as it was until
// finish(). What is not finished leaves nothing.
class Restore {
  public:
    // Fails with io for a file that is not there, database_corrupt for one that is damaged, not
    // ours, was altered since it was sealed or never was, or has a broken audit trail or a schema
    // that no migration made, schema_too_new, key_mismatch where neither key fits,
    // unsafe_permissions, and database_busy where the database that is there is.
    [[nodiscard]] static Result<Restore> prepare(RestoreOrder order, const Settings& settings,
                                                 Clock& clock, Random& random);
    Restore(Restore&&) noexcept;
    Restore& operator=(Restore&&) = delete;
    ~Restore();

    using Changes = std::vector<differences_table::Difference>;
    struct Content {
        meta_table::Meta meta;
        bool sealed = false; // as db backup wrote it
        // The database that is there could be read, and what was revoked, used or locked in it is
        // carried over; else all that could have been is void.
        bool compared = false;
        bool trail_kept = false; // the audit trail goes on from that database's
        Changes carried;         // what of it was carried over, or for whom codes are void
        // What will differ from the database that is there. If that cannot be read, what an
        // unsealed backup has at all.
        Changes differences;
        int schema_version = 0;
        std::int64_t users = 0;
        std::int64_t audit_rows = 0;
        std::int64_t ended_sessions = 0; // that were live
    };
    [[nodiscard]] const Content& content() const { return content_; }

    // Puts key and database in place: all of it, or what was there before. A database that is too
    // damaged to be written to is moved aside, and where to is returned; else an empty path. Fails
    // with database_busy where the database changed since prepare().
    [[nodiscard]] Result<std::filesystem::path> finish();

  private:
    Restore(RestoreOrder order, std::filesystem::path copy);
    [[nodiscard]] KeySource key() const;
    [[nodiscard]] Status copy_backup();
    [[nodiscard]] Status check_copy();
    [[nodiscard]] Status look_at_present();
    [[nodiscard]] Status make_safe(const Settings& settings, Clock& clock, Random& random);
    void carry_over(Realm& realm);
    void start_alone(Realm& realm);
    [[nodiscard]] Status move_aside(const std::filesystem::path& aside) const;

    RestoreOrder order_;
    std::filesystem::path copy_; // empty once it is in place
    std::string suffix_;
    std::optional<std::uint32_t> counter_; // of the database that is there, as it was compared
    Content content_;
};

} // namespace auth
