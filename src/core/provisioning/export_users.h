// Users as records that an import takes back.
#pragma once

#include "core/formats/user_record.h"
#include "core/realm.h"
#include "core/users/user_filter.h"
#include "core/users/users_table.h"

#include <future>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace auth {

// In order of address, page by page: each page is one state of the database, and memory stays flat.
// From the first record to the last the database is in use by a thread that reads a page ahead.
class Export {
  public:
    // With `secrets` also hashes, second factors and links with identity providers.
    Export(Realm& realm, UserFilter filter, bool secrets);

    [[nodiscard]] std::optional<UserRecord> next();

  private:
    using Records = std::vector<UserRecord>;
    // Of the next page; none after the last.
    [[nodiscard]] Records load();
    void expect_secrets(std::span<const std::string_view> ids);
    void add_secrets(Records& records, std::span<const std::string_view> ids);

    Realm& realm_;
    bool secrets_;
    users_table::Page page_;
    Records records_;
    std::size_t at_ = 0;
    bool ended_ = false;
    std::future<Records> ahead_; // last: its thread uses the rest
};

} // namespace auth
