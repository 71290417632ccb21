// The smallest SQL driver: what the tables need and no more. Placeholders are ?1 ?2; times are
// integer Unix seconds. Failures of the store are thrown as Failure with a database_* code.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/store/locks.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace auth {

// Values for the places ?1 ?2 …, bound by position from 1. `Self` is what is bound.
template <class Self> class Bindings {
  public:
    virtual ~Bindings() = default;

    virtual Self& bind(int position, std::int64_t value) = 0;
    virtual Self& bind(int position, std::string_view text) = 0;
    virtual Self& bind_blob(int position, std::string_view bytes) = 0;
    virtual Self& bind_null(int position) = 0;

    Self& bind(int position, Time time) { return bind(position, unix_seconds(time)); }
    Self& bind(int position, const std::string& value) {
        return bind(position, std::string_view(value));
    }
    Self& bind(int position, const char* value) { return bind(position, std::string_view(value)); }
    Self& bind(int position, bool value) {
        return bind(position, static_cast<std::int64_t>(value));
    }
    template <class T> Self& bind(int position, const std::optional<T>& value) {
        return value ? bind(position, *value) : bind_null(position);
    }
    // Binds ?1 ?2 … in order.
    template <class... Values> Self& with(const Values&... values) {
        int position = 0;
        (bind(++position, values), ...);
        return static_cast<Self&>(*this);
    }
};

// One prepared statement. Bind its values, then step through rows; columns count from 0.
class Statement : public Bindings<Statement> {
  public:
    // True while there is a row to read.
    virtual bool step() = 0;
    // Back to before the first row, with all bindings cleared.
    virtual void reset() = 0;
    // Instead of step(): this question will be asked later, by the same text and values. Where an
    // answer costs a journey to a server, it comes together with others. It is forgotten at the
    // next write, and at each beginning and end of a transaction.
    virtual void expect() {}
    // Instead of step(): this question has a row if and only if the open transaction was committed.
    // An engine asks it after it lost the answer to a commit.
    virtual void prove_commit() {}

    [[nodiscard]] virtual bool is_null(int column) const = 0;
    [[nodiscard]] virtual std::int64_t integer(int column) const = 0;
    [[nodiscard]] virtual std::string text(int column) const = 0;
    [[nodiscard]] virtual std::string blob(int column) const = 0;

    // Changes rows, or reads none. The engine may send it later, with the next question or the
    // commit, and then reports its failure there.
    virtual void run() {
        while (step()) {
        }
    }
    // The first row, through `read`, or nothing. The statement is finished afterwards: a reader
    // left standing would keep every writer waiting for as long as a hash or a prompt takes.
    template <class Read> auto first(Read read) {
        std::optional<decltype(read(*this))> found;
        if (step())
            found = read(*this);
        reset();
        return found;
    }
    // Whether there is a row at all.
    bool any() {
        const bool found = step();
        reset();
        return found;
    }

    [[nodiscard]] Time time(int column) const { return from_unix_seconds(integer(column)); }
    [[nodiscard]] std::optional<Time> optional_time(int column) const {
        return is_null(column) ? std::nullopt : std::optional(time(column));
    }
    [[nodiscard]] std::optional<std::string> optional_text(int column) const {
        return is_null(column) ? std::nullopt : std::optional(text(column));
    }
};

// What becomes of bulk rows where another row has what one of them names.
enum class WhenTaken {
    broken, // nobody can have it, as somebody looked: throws Failure once the rows are sent
    none,   // finish() fails, and none of them is inserted; in SQLite the table has a rowid
};

// Many rows for one table, which are gathered and sent together. They are sent before any statement
// runs, those of all tables in an order in which rows refer to earlier ones: whoever reads sees
// them. What is not finished is lost, and its transaction cannot be committed. With
// WhenTaken::none nothing else runs between the first row and finish(). It lives no longer than its
// database.
class BulkInsert : public Bindings<BulkInsert> {
  public:
    // Ends the row whose values are bound; the next has none of them.
    virtual void add() = 0;
    template <class First, class... Values> void add(const First& first, const Values&... rest) {
        with(first, rest...).add();
    }
    // Sends what is left. Fails with exists, as WhenTaken says, for the rows since the last time.
    [[nodiscard]] virtual Status finish() = 0;
};

// Where the engines have no SQL in common; {0} and {1} are for fmt.
struct Dialect {
    std::string_view engine;      // "sqlite" or "postgresql", as users see it
    std::string_view text_array;  // column {0} of the selected rows as a JSON array of texts
    std::string_view json_member; // of the JSON object {0} the text called {1}, or NULL
    std::string_view texts_of;    // selects the texts of the JSON array {0}
    int audit_lanes;              // how many chains new rows of the audit trail are spread over
    bool appends_audit;           // by a function of its own: append_audit
    // Selects names of the open transactions that may have appended to the audit trail, this one
    // left out; empty where rows are committed in order of their numbers.
    std::string_view audit_writers;
};

struct TableColumn {
    enum class Type { integer, text, blob };
    std::string name;
    Type type;
};

// What an engine's own integrity check finds.
struct IntegrityProblem {
    std::string what; // for people
    // The table whose row refers to a missing one; empty for damage of another kind.
    std::string orphans_of{};
};

class Database {
  public:
    virtual ~Database() = default;

    [[nodiscard]] virtual const Dialect& dialect() const = 0;

    // A cached statement, reset and ready to bind. Ask for it again for each use; two uses of the
    // same text must not overlap.
    virtual Statement& prepare(std::string_view sql) = 0;
    // Runs one or more statements without parameters.
    virtual void execute(const std::string& sql) = 0;
    // Rows changed by the latest statement; waits for its answer where run() did not.
    [[nodiscard]] virtual std::int64_t changes() = 0;

    [[nodiscard]] virtual int schema_version() = 0;
    virtual void set_schema_version(int version) = 0;
    // The numbered migrations of this dialect: names "0001_initial" and SQL text.
    [[nodiscard]] virtual const std::vector<std::pair<std::string_view, std::string_view>>&
    migrations() const = 0;

    // From here on nothing outlives its transaction, but for what is committed on purpose.
    void set_dry_run(bool dry_run) { dry_run_ = dry_run; }
    // Looks at the state that each outermost transaction begins with. What `check` throws keeps the
    // transaction from reading and from being committed; `expect` says what it will ask for.
    struct Guard {
        std::function<void()> expect;
        std::function<void()> check;
    };
    void set_guard(Guard guard) { guard_ = std::move(guard); }

    // Migrations applied since this object opened the database.
    [[nodiscard]] int steps_taken() const { return steps_taken_; }
    void note_steps(int steps) { steps_taken_ += steps; }

    // Much is about to be written or read: the engine may take more memory for it, at most 64 MiB,
    // and as long as it likes for a statement.
    virtual void expect_much() = 0;
    // Of "INSERT INTO t (a, b) VALUES (?1, ?2)", for use inside a transaction.
    [[nodiscard]] virtual std::unique_ptr<BulkInsert>
    bulk_insert(std::string_view sql, WhenTaken when_taken = WhenTaken::broken) = 0;
    // Whether whoever is connected may only log users in: sees one of them at a time, the one that
    // was approached last, and changes nothing of theirs but what a login changes.
    [[nodiscard]] virtual bool restricted() const { return false; }
    // Names that user: `what` is the column of users, or "session".
    virtual void approach(std::string_view what, std::string_view name) { (void)what, (void)name; }
    // The columns of a table, in its own order.
    [[nodiscard]] virtual std::vector<TableColumn> columns(std::string_view table) = 0;
    // Rows came with numbers of their own: the engine's counters go on after them.
    virtual void adopt_numbers() {}

    // Empty when sound.
    [[nodiscard]] virtual std::vector<IntegrityProblem> integrity_problems() = 0;
    // Where it is, for people: a path or a URL without secrets.
    [[nodiscard]] virtual std::string location() const = 0;
    // Bytes it takes there, as far as that can be known.
    [[nodiscard]] virtual std::optional<std::int64_t> size() = 0;
    // Journeys to a server so far, those of the connection included; nothing where there is none.
    [[nodiscard]] virtual std::optional<int> round_trips() const { return std::nullopt; }

  protected:
    friend class Transaction;
    friend class Snapshot;
    virtual void begin_snapshot() = 0;
    virtual void end_snapshot() noexcept = 0;
    // Depth 0 begins the immediate transaction; deeper levels are savepoints, which take the locks
    // that the outer ones lack.
    virtual void begin(int depth, const Locks& locks) = 0;
    virtual void commit(int depth) = 0;
    virtual void roll_back(int depth) noexcept = 0;
    // An engine that asks questions together does not begin a transaction until it needs an answer:
    // it calls check_guard() before it hands out a transaction's first row.
    [[nodiscard]] virtual bool asks_together() const { return false; }
    // What is expected by now is not forgotten at writes.
    virtual void keep_expected() {}
    // Statements that wait are sent, and what goes wrong with them is thrown.
    virtual void settle() {}
    void check_guard() {
        if (std::exchange(guard_due_, false))
            guard_->check();
    }

  private:
    int depth_ = 0;
    int steps_taken_ = 0;
    bool dry_run_ = false;
    std::optional<Guard> guard_;
    bool guard_due_ = false; // in the open transaction
};

// Announces the questions that somebody is about to ask, by Statement::expect().
using Expect = std::function<void(Database&)>;

// Every write happens inside one. Takes its locks first, waiting at most 5 s (then database_busy);
// rolls back unless committed. What is read after the locks were taken is as the last holder left
// it. Nests by savepoints. In a dry run commit() undoes the work as well.
class Transaction {
  public:
    explicit Transaction(Database& database, const Locks& locks = {})
        : database_(database), depth_(database.depth_) {
        database_.begin(depth_, locks);
        ++database_.depth_;
        if (depth_ == 0 && database_.guard_)
            begin_guarded();
    }
    ~Transaction() {
        if (open_)
            roll_back();
    }
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    // Durable when it returns, where this is the outermost.
    void commit() {
        if (depth_ > 0 || !database_.dry_run_)
            return commit_for_certain();
        database_.check_guard();
        database_.settle();
    }
    // The same in a dry run: attempts count whatever the caller meant to do with the answer.
    void commit_for_certain() {
        if (depth_ == 0)
            database_.check_guard();
        database_.commit(depth_);
        --database_.depth_;
        open_ = false;
    }

  private:
    void begin_guarded() {
        try {
            database_.guard_->expect();
            database_.keep_expected();
            database_.guard_due_ = true;
            if (!database_.asks_together())
                database_.check_guard();
        } catch (...) {
            roll_back();
            throw;
        }
    }
    void roll_back() noexcept {
        --database_.depth_;
        if (depth_ == 0)
            database_.guard_due_ = false;
        database_.roll_back(depth_);
    }

    Database& database_;
    int depth_;
    bool open_ = true;
};

// Several reads that see one state; writers go on where the engine lets them.
class Snapshot {
  public:
    explicit Snapshot(Database& database) : database_(database), outermost_(database.depth_ == 0) {
        if (outermost_)
            database_.begin_snapshot();
    }
    ~Snapshot() {
        if (outermost_)
            database_.end_snapshot();
    }
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;

  private:
    Database& database_;
    bool outermost_; // inside a transaction there is nothing to do
};

} // namespace auth
