// The links of imported users with identity providers.
#pragma once

#include "core/audit/audit.h"
#include "core/formats/user_record.h"
#include "core/realm.h"

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

// For one transaction, during which no provider comes or goes.
class IdentityLinks {
  public:
    explicit IdentityLinks(Realm& realm) : realm_(realm) {}

    // Whether the user, "" for a new one, may have them; fills in the issuers of providers that are
    // named. Fails with not_found where no provider stands for an issuer: nobody could use the link
    // until somebody added one. Fails with exists where a subject is somebody else's. Field
    // "identities".
    [[nodiscard]] Status check(std::vector<IdentityRecord>& identities, std::string_view user_id);
    // Of a user who has none of them. They were checked; so for replace().
    void add(std::span<const IdentityRecord> identities, std::string_view user_id,
             std::int64_t line, AuditBatch& audit);
    // Sends those that were added, before the commit.
    [[nodiscard]] Status finish();
    // Whether the user has these and no others.
    [[nodiscard]] bool are_of(std::span<const IdentityRecord> identities,
                              std::string_view user_id) const;
    // In place of those that the user has. True if one of them was removed.
    bool replace(std::span<const IdentityRecord> identities, std::string_view user_id,
                 std::int64_t line, AuditBatch& audit);

  private:
    Status resolve(IdentityRecord& identity);

    Realm& realm_;
    std::optional<std::map<std::string, std::string>> issuers_; // by the names of providers
    std::unique_ptr<BulkInsert> added_;
};

} // namespace auth
