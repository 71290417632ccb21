#include "adapters/modules/postgres/bulk_sender.h"

#include "adapters/modules/postgres/conversation.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

namespace auth {
namespace {

// Worth a command, if the server has nothing to do; and as much as waits for one that has.
constexpr std::size_t enough = 128U << 10U;
constexpr std::size_t most = 1U << 20U;

constexpr std::size_t every_rank = std::numeric_limits<std::size_t>::max();

} // namespace

void BulkSender::enter(TableRows& rows, bool alone) {
    const auto later = std::ranges::find_if(entries_, [&](const Entry& entry) {
        return entry.rows->insert().rank > rows.insert().rank;
    });
    entries_.insert(later, {&rows, alone});
}

void BulkSender::leave(TableRows& rows) {
    std::erase_if(entries_, [&](const Entry& entry) { return entry.rows == &rows; });
    lost_ = lost_ || !rows.empty();
}

void BulkSender::note_row(TableRows& rows) {
    ++count_;
    tables_.insert(rows.insert().table);
    std::size_t gathered = 0;
    for (const Entry& entry : entries_)
        gathered += entry.alone ? 0 : entry.rows->size();
    if (gathered >= most || (gathered >= enough && !is_sending()))
        send_ahead();
}

bool BulkSender::is_sending() const {
    return sending_.valid() &&
           sending_.wait_for(std::chrono::seconds(0)) != std::future_status::ready;
}

std::vector<TableRows> BulkSender::take(std::size_t below_rank) {
    std::vector<TableRows> taken;
    for (const Entry& entry : entries_)
        if (!entry.alone && !entry.rows->empty() && entry.rows->insert().rank < below_rank)
            taken.push_back(entry.rows->take());
    return taken;
}

void BulkSender::send(const std::vector<TableRows>& gathered) {
    for (const TableRows& rows : gathered)
        rows.send(conversation_.wire(), {}, {});
}

void BulkSender::send_ahead() {
    wait();
    conversation_.free_wire();
    sending_ =
        std::async(std::launch::async, [this, gathered = take(every_rank)] { send(gathered); });
}

void BulkSender::wait() {
    if (sending_.valid())
        sending_.get();
}

void BulkSender::send_all() {
    wait();
    const auto gathered = take(every_rank);
    if (gathered.empty())
        return;
    conversation_.free_wire();
    send(gathered);
}

void BulkSender::send_alone(TableRows& rows, std::string_view before, std::string_view after) {
    wait();
    conversation_.free_wire();
    send(take(rows.insert().rank));
    rows.take().send(conversation_.wire(), before, after);
}

void BulkSender::drop() noexcept {
    if (sending_.valid()) {
        sending_.wait();
        sending_ = {};
    }
    for (const Entry& entry : entries_)
        entry.rows->clear();
    lost_ = false;
}

std::set<std::string> BulkSender::tables_with(std::int64_t rows) const {
    return count_ >= rows ? tables_ : std::set<std::string>();
}

void BulkSender::count_anew() {
    count_ = 0;
    tables_.clear();
}

} // namespace auth
