// Users as records that an import takes back.
#pragma once

#include "core/formats/user_record.h"
#include "core/realm.h"
#include "core/users/user_filter.h"
#include "core/users/users_table.h"

#include <optional>
#include <vector>

namespace auth {

// In order of address, page by page: each page is one state of the database, and memory stays flat.
class Export {
  public:
    // With `secrets` also hashes, second factors and links with identity providers.
    Export(Realm& realm, UserFilter filter, bool secrets);

    [[nodiscard]] std::optional<UserRecord> next();

  private:
    void load();
    void add_secrets();

    Realm& realm_;
    bool secrets_;
    users_table::Page page_;
    std::vector<UserRecord> records_;
    std::size_t at_ = 0;
    bool ended_ = false;
};

} // namespace auth
