#include "core/accounts/hash_census.h"

#include "core/accounts/passwords_table.h"

#include <algorithm>

namespace auth {
namespace {

void count_all_if_due(Database& database) {
    // One that sees a user at a time cannot count.
    if (!hash_census_table::due(database) || database.restricted())
        return;
    Transaction transaction(database);
    if (hash_census_table::due(database))
        recount_hashes(database);
    transaction.commit_for_certain();
}

HashInfo kind_of(std::string_view hash) {
    auto info = inspect_hash(hash);
    return info ? *std::move(info) : HashInfo{"unknown", ""};
}

using Identity = std::tuple<std::string, std::string, std::string, std::uint64_t>;

auto identity(const HashInfo& kind) {
    return std::tie(kind.scheme, kind.cost, kind.work.unit, kind.work.amount);
}

bool same_counts(std::vector<hash_census_table::Row> a, std::vector<hash_census_table::Row> b) {
    const auto before = [](const auto& x, const auto& y) {
        return identity(x.kind) < identity(y.kind);
    };
    std::sort(a.begin(), a.end(), before);
    std::sort(b.begin(), b.end(), before);
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
        return identity(x.kind) == identity(y.kind) && x.users == y.users;
    });
}

// Logins come side by side, and what they need at once adds up.
bool takes_much_memory(const HashWork& work) {
    constexpr std::uint64_t most_kib = std::uint64_t{256} * 1024;
    const auto dummies = dummy_hashes(work);
    return std::any_of(dummies.begin(), dummies.end(), [](const std::string& hash) {
        const auto info = inspect_hash(hash);
        return info && info->memory_kib > most_kib;
    });
}

// For each unit the most that any hash asks of it: amounts of one unit add up, so that the rest is
// spent beside a cheaper hash.
std::vector<HashWork> work_of_all(const std::vector<hash_census_table::Row>& census,
                                  const HashWork& current) {
    constexpr std::size_t most_units = 8;
    constexpr std::uint64_t most_microseconds = 2'000'000;
    std::map<std::string, HashWork> units;
    for (const auto& row : census) {
        const HashWork& work = row.kind.work;
        HashWork& most = units[work.unit];
        if (work.amount > most.amount)
            most = work;
    }
    units.erase("");
    units.erase(current.unit);
    std::vector<HashWork> dearest;
    for (auto& [unit, work] : units)
        dearest.push_back(std::move(work));
    std::stable_sort(dearest.begin(), dearest.end(), [](const HashWork& a, const HashWork& b) {
        return a.microseconds > b.microseconds;
    });
    std::vector<HashWork> chosen{current};
    std::uint64_t spent = 0;
    for (HashWork& work : dearest) {
        if (chosen.size() > most_units || spent + work.microseconds > most_microseconds ||
            takes_much_memory(work))
            continue;
        spent += work.microseconds;
        chosen.push_back(std::move(work));
    }
    return chosen;
}

} // namespace

std::vector<hash_census_table::Row> hash_census(Database& database) {
    hash_census_table::expect(database);
    count_all_if_due(database);
    return hash_census_table::list(database);
}

HashCount count_hashes(Database& database) {
    std::map<Identity, hash_census_table::Row> kinds;
    passwords_table::for_each_hash(database, [&](const std::string& hash) {
        hash_census_table::Row row{kind_of(hash), 1};
        const auto [known, fresh] = kinds.try_emplace(identity(row.kind), row);
        known->second.users += fresh ? 0 : 1;
    });
    HashCount count;
    for (auto& [key, row] : kinds)
        count.kinds.push_back(std::move(row));
    std::stable_sort(count.kinds.begin(), count.kinds.end(),
                     [](const auto& a, const auto& b) { return a.users > b.users; });
    count.as_the_census_says = !hash_census_table::due(database) &&
                               same_counts(count.kinds, hash_census_table::list(database));
    return count;
}

void recount_hashes(Database& database) {
    hash_census_table::clear(database);
    HashTally tally(database);
    passwords_table::for_each_hash(database, [&](const std::string& hash) { tally.add(hash, 1); });
    tally.write();
    passwords_table::judge_all(database);
}

HashTally::HashTally(Database& database) : database_(database) {}

void HashTally::add(std::string_view hash, std::int64_t users) {
    add(kind_of(hash), users);
}

void HashTally::add(const HashInfo& kind, std::int64_t users) {
    if (last_ == nullptr || identity(last_->kind) != identity(kind)) {
        last_ = &rows_[identity(kind)];
        last_->kind = kind;
    }
    last_->users += users;
}

void HashTally::write() {
    for (const auto& [key, row] : rows_)
        if (row.users != 0)
            hash_census_table::add(database_, row);
    rows_.clear();
}

std::vector<std::string> hashes_beside(const std::vector<hash_census_table::Row>& census,
                                       PasswordCost current,
                                       const std::optional<HashWork>& stored) {
    const auto ours = inspect_hash(dummy_hash(current));
    std::vector<std::string> out;
    for (HashWork work : work_of_all(census, ours ? ours->work : HashWork{})) {
        if (stored && stored->unit == work.unit)
            work.amount -= std::min(work.amount, stored->amount);
        for (std::string& hash : dummy_hashes(work))
            out.push_back(std::move(hash));
    }
    return out;
}

} // namespace auth
