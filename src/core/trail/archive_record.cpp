#include "core/trail/archive_record.h"

#include "core/base/encoding.h"

#include <fmt/format.h>

namespace auth {

std::string seal_of(const Vault& vault, const AuditArchive& archive) {
    return vault.mac(MacPurpose::archive,
                     fmt::format("record {} {} {} {} {} {} [{}] [{}]", archive.number, archive.rows,
                                 archive.last_seq, unix_seconds(archive.before),
                                 unix_seconds(archive.archived_at), to_hex(archive.digest),
                                 to_text(archive.ends), archive.subtrees));
}

Result<std::vector<AuditArchive>> sealed_archives(Realm& realm) {
    std::vector<AuditArchive> archives = audit_archives_table::all(realm.database);
    if (archives.empty())
        return archives;
    AUTH_CHECK(realm.vault.require_key());
    std::int64_t number = 0;
    for (const AuditArchive& archive : archives) {
        ++number;
        if (archive.number != number)
            return fail(
                ErrorCode::database_corrupt,
                fmt::format("the database has lost what it knew of audit archive {}", number),
                "compare it with a backup");
        if (!equal_in_constant_time(seal_of(realm.vault, archive), archive.seal))
            return fail(
                ErrorCode::database_corrupt,
                fmt::format("what the database knows of audit archive {} was altered", number),
                "compare it with a backup");
    }
    return archives;
}

} // namespace auth
