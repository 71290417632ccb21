// Tables codes and code_requests: the codes that were sent, and how often they were asked for.
#pragma once

#include "core/codes/code.h"

#include <utility>
#include <vector>

namespace auth::codes_table {

void put(Database& database, std::string_view user_id, std::string_view purpose,
         const StoredCode& code);
[[nodiscard]] std::optional<StoredCode> find(Database& database, std::string_view user_id,
                                             std::string_view purpose);
// As Statement::expect, for find().
void expect(Database& database, std::string_view user_id, std::string_view purpose);
void add_tries(Database& database, std::string_view user_id, std::string_view purpose,
               std::int64_t count);
[[nodiscard]] bool remove(Database& database, std::string_view user_id, std::string_view purpose,
                          std::string_view mac);
void remove_all(Database& database, std::string_view user_id);
void remove_all(Database& database); // of all users
// Those of one user that are out: what for, and how they stand.
[[nodiscard]] std::vector<std::pair<std::string, StoredCode>> list(Database& database,
                                                                   std::string_view user_id);

// Requests since `since` for the address, and when the latest for the purpose was.
struct Requests {
    std::int64_t count = 0;
    Time first;
    Time latest;
};
[[nodiscard]] Requests requests(Database& database, std::string_view address,
                                std::string_view purpose, Time since);
[[nodiscard]] std::int64_t requests_of_all(Database& database, Time since);
// As Statement::expect, for both.
void expect_requests(Database& database, std::string_view address, std::string_view purpose,
                     Time since);
void expect_requests_of_all(Database& database, Time since);
void add_request(Database& database, std::string_view address, std::string_view purpose, Time now);
void forget_requests(Database& database, Time before);

} // namespace auth::codes_table
