// How many users have a password hash of each kind, known without reading all of them: counted as
// passwords are written.
#pragma once

#include "core/accounts/hash_census_table.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace auth {

// The most users first. Right after a migration this counts them all, in a Transaction that locks
// everything: call it outside of others.
[[nodiscard]] std::vector<hash_census_table::Row> hash_census(Database& database);

// What a reading of every stored hash comes to. Writes nothing.
struct HashCount {
    std::vector<hash_census_table::Row> kinds; // with their test_cost; the most users first
    bool as_the_census_says = true;            // also false where the census is still to be taken
};
[[nodiscard]] HashCount count_hashes(Database& database);
// Takes the census anew, and judges each hash for the filter of users. Call inside a Transaction.
void recount_hashes(Database& database);

// Hashes that were stored or removed, to be counted together: call write() in the Transaction that
// did so, as late as possible, since everybody who stores a hash waits for the same rows.
class HashTally {
  public:
    explicit HashTally(Database& database);

    // `users` is negative for hashes that go.
    void add(std::string_view hash, std::int64_t users);
    void add(const HashInfo& kind, std::int64_t users);
    void write();

  private:
    Database& database_;
    std::map<std::tuple<std::string, std::string, std::string, std::uint64_t>,
             hash_census_table::Row>
        rows_;
    hash_census_table::Row* last_ = nullptr; // of rows_: many hashes of one kind follow each other
};

// What a login computes beside the hash of its user: as much as everybody else's login does, so
// that no time tells whether there is such a user, or what hash somebody has. `stored` is the
// work of the hash that is compared, if any. At most eight kinds of work and about two seconds,
// the dearest first, none of them over 256 MiB; a hash beyond that can be told by its time.
[[nodiscard]] std::vector<std::string>
hashes_beside(const std::vector<hash_census_table::Row>& census, PasswordCost current,
              const std::optional<HashWork>& stored);

} // namespace auth
