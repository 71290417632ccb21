#include "core/provisioning/import_users.h"

#include "core/accounts/credentials.h"
#include "core/base/ordered_workers.h"
#include "core/provisioning/user_import_writer.h"

#include <deque>

namespace auth {
namespace {

constexpr std::size_t block_rows = 256;
constexpr std::size_t block_passwords = 2; // each takes long by itself, and threads end together
// How many rows of slow passwords wait for the lock: of an atomic import, and of one that commits
// them as they come.
constexpr std::size_t most_waiting = 50'000;
constexpr std::size_t few_waiting = 8;

struct Block {
    std::vector<UserRecord> records;
    std::optional<Error> broken; // nothing can be read after these
};

struct Judged {
    std::vector<IncomingUser> users;
    bool slow = false; // passwords were hashed
    std::optional<Error> broken;
};

std::optional<Block> read_block(UserReader& reader, bool& ended) {
    Block block;
    block.records.reserve(block_rows);
    for (std::size_t passwords = 0;
         !ended && block.records.size() < block_rows && passwords < block_passwords;) {
        auto more = reader.next(block.records.emplace_back());
        ended = !more || !*more;
        if (!more)
            block.broken = std::move(more).error();
        if (ended)
            block.records.pop_back();
        else if (block.records.back().password)
            ++passwords;
    }
    return block.records.empty() && !block.broken ? std::nullopt : std::optional(std::move(block));
}

Judged judge_block(Block block, const ImportRules& rules, Random& random) {
    Judged judged;
    judged.users.reserve(block.records.size());
    for (UserRecord& record : block.records) {
        judged.slow = judged.slow || record.password.has_value();
        judge_record(record, rules, random, judged.users.emplace_back());
    }
    judged.broken = std::move(block.broken);
    return judged;
}

} // namespace

std::string_view to_name(RowOutcome outcome) {
    switch (outcome) {
    case RowOutcome::created:
        return "created";
    case RowOutcome::updated:
        return "updated";
    case RowOutcome::unchanged:
        return "unchanged";
    case RowOutcome::skipped:
        return "skipped";
    case RowOutcome::left_behind:
        return "left_behind";
    case RowOutcome::failed:
        return "error";
    }
    return {};
}

Result<ImportRules> import_rules(const Realm& realm) {
    ImportRules rules;
    rules.test = realm.test;
    rules.cost = password_cost(realm);
    rules.now = realm.now();
    AUTH_TRY(rules.policy, password_policy(realm, false));
    return rules;
}

struct Import::State {
    State(Realm& outer, std::unique_ptr<UserReader> source, ImportRules wanted, bool one,
          unsigned threads, std::shared_ptr<RowIndex> earlier)
        : shared(outer.random), realm(outer.with(shared)), reader(std::move(source)),
          rules(std::move(wanted)), atomic(one),
          writer(realm, rules,
                 earlier ? std::move(earlier) : std::make_shared<RowIndex>(outer.random)),
          workers(
              threads, [this] { return read_block(*reader, ended); },
              [this](Block block, unsigned) {
                  return judge_block(std::move(block), rules, shared);
              }) {
        realm.database.expect_much();
    }

    SharedRandom shared;
    Realm realm; // the same, for several threads
    std::unique_ptr<UserReader> reader;
    ImportRules rules;
    bool atomic;
    bool ended = false;
    UserImportWriter writer;
    std::optional<Transaction> transaction;
    std::deque<Judged> waiting; // for the lock
    std::size_t waiting_rows = 0;
    OrderedWorkers<Block, Judged> workers; // last: its threads use the rest
};

Import::Import(Realm& realm, std::unique_ptr<UserReader> reader, const ImportRules& rules,
               bool atomic, unsigned threads, std::shared_ptr<RowIndex> earlier)
    : state_(std::make_unique<State>(realm, std::move(reader), rules, atomic, threads,
                                     std::move(earlier))) {}

Import::~Import() = default;

Result<bool> Import::next(std::vector<RowResult>& rows) {
    State& state = *state_;
    rows.clear();
    slow_ = false;
    std::optional<Judged> judged = state.workers.next();
    if (judged) {
        judged_ += static_cast<std::int64_t>(judged->users.size());
        line_ = judged->users.empty() ? line_ : judged->users.back().line;
        slow_ = judged->slow;
        state.waiting_rows += judged->users.size();
        const bool may_wait = !state.transaction && slow_ && !judged->broken &&
                              state.waiting_rows < (state.atomic ? most_waiting : few_waiting);
        state.waiting.push_back(*std::move(judged));
        if (may_wait)
            return true;
    }
    if (state.waiting.empty())
        return false;
    if (!state.transaction) {
        state.transaction.emplace(state.realm.database);
        state.writer.begin();
    }
    for (; !state.waiting.empty(); state.waiting.pop_front()) {
        Judged& next = state.waiting.front();
        state.writer.write(next.users, rows);
        if (next.broken)
            return fail(*std::move(next.broken));
    }
    state.waiting_rows = 0;
    return true;
}

Status Import::commit() {
    if (!state_->transaction)
        return {};
    AUTH_CHECK(state_->writer.finish());
    state_->transaction->commit();
    state_->transaction.reset();
    return {};
}

} // namespace auth
