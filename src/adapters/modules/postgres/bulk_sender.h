// Rows of several tables on their way to the server, which takes them while the client goes on.
#pragma once

#include "adapters/modules/postgres/table_rows.h"

#include <cstdint>
#include <future>
#include <set>
#include <string>
#include <vector>

namespace auth {

class Conversation;

class BulkSender {
  public:
    explicit BulkSender(Conversation& conversation) : conversation_(conversation) {}

    // From here on these are sent with the others, those of tables that others refer to first;
    // where they go alone, only by send_alone().
    void enter(TableRows& rows, bool alone);
    // What they still have is lost, until drop().
    void leave(TableRows& rows);
    // Rows were added. Sends them, in another thread, once there are enough.
    void note_row(TableRows& rows);

    // Sends all, and waits until the server has them: then the wire is free. Throws Failure, also
    // for what was sent before.
    void send_all();
    // Waits for what is being sent. Throws Failure.
    void wait();
    // Those of one table, between commands, as TableRows::send; rows that they may refer to go
    // first.
    void send_alone(TableRows& rows, std::string_view before, std::string_view after);
    // Forgets all of a transaction that is rolled back. The wire is free afterwards.
    void drop() noexcept;
    [[nodiscard]] bool lost() const { return lost_; }

    // The tables that got rows since they were counted anew, if those were so many together.
    [[nodiscard]] std::set<std::string> tables_with(std::int64_t rows) const;
    void count_anew();

  private:
    struct Entry {
        TableRows* rows;
        bool alone;
    };
    [[nodiscard]] std::vector<TableRows> take(std::size_t below_rank);
    void send(const std::vector<TableRows>& gathered);
    void send_ahead();
    [[nodiscard]] bool is_sending() const;

    Conversation& conversation_;
    std::vector<Entry> entries_; // by rank
    bool lost_ = false;
    std::int64_t count_ = 0;
    std::set<std::string> tables_;
    std::future<void> sending_; // last: its thread uses the wire
};

} // namespace auth
