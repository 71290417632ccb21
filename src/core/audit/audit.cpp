#include "core/audit/audit.h"

#include "core/audit/audit_table.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <utility>

namespace auth {
namespace {

constexpr std::size_t rows_together = 512;

// The hash covers the row and everything before it. A JSON array keeps the fields apart.
std::string chained(std::string_view previous, const AuditRow& row) {
    std::string text(previous);
    text += fmt::format("[{},{}", row.seq, unix_seconds(row.at));
    for (const std::string* field :
         {&row.actor, &row.event, &row.target, &row.result, &row.detail}) {
        text += ',';
        if (valid_utf8(*field))
            append_json_string(text, *field);
        else
            text += Json(*field).dump(-1, ' ', false, Json::error_handler_t::replace);
    }
    return text += ']';
}

} // namespace

AuditBatch::AuditBatch(Realm& realm)
    : realm_(realm), head_(audit_head(realm.database)), last_(head_.seq) {}

const std::string& AuditBatch::actor() {
    if (actor_.empty())
        actor_ = realm_.actor();
    return actor_;
}

AuditRow AuditBatch::next_row() {
    AuditRow row;
    row.seq = ++last_;
    row.at = realm_.now();
    row.result = "ok";
    return row;
}

void AuditBatch::record(const AuditEvent& event) {
    AuditRow row = next_row();
    row.actor = event.actor.empty() ? actor() : event.actor;
    row.event = event.event;
    row.target = event.target;
    row.result = event.ok ? "ok" : "fail";
    row.detail = event.detail.dump();
    append(std::move(row));
}

void AuditBatch::record(std::string_view event, std::string_view target, std::string detail) {
    AuditRow row = next_row();
    row.actor = actor();
    row.event = event;
    row.target = target;
    row.detail = std::move(detail);
    append(std::move(row));
}

void AuditBatch::append(AuditRow row) {
    gathered_.push_back(std::move(row));
    if (gathered_.size() < rows_together)
        return;
    if (linked_.valid())
        write(linked_.get());
    linked_ = std::async([this, rows = std::exchange(gathered_, {})]() mutable {
        link(rows);
        return std::move(rows);
    });
}

void AuditBatch::link(Rows& rows) {
    // One row alone is not worth the faster digest's start.
    if (rows.size() > 1 && !digest_)
        digest_.emplace();
    for (AuditRow& row : rows) {
        const std::string text = chained(head_.hash, row);
        row.hash = digest_ ? (*digest_)(text) : sha256(text);
        head_ = {row.seq, row.hash};
    }
}

void AuditBatch::write(const Rows& rows) {
    for (const AuditRow& row : rows)
        audit_table::append(realm_.database, row);
}

void AuditBatch::finish() {
    if (linked_.valid())
        write(linked_.get());
    link(gathered_);
    write(std::exchange(gathered_, {}));
    audit_table::set_head(realm_.database, head_);
}

void record(Realm& realm, const AuditEvent& event) {
    AuditBatch batch(realm);
    batch.record(event);
    batch.finish();
}

AuditHead audit_head(Database& database) {
    return audit_table::head(database);
}

AuditCheck verify_audit(Database& database) {
    const Snapshot snapshot(database);
    AuditCheck check;
    std::string previous(32, '\0');
    Sha256 digest;
    audit_table::each(database, {}, [&](const AuditRow& row) {
        if (!check.problem.empty())
            return;
        ++check.rows;
        if (row.seq != check.rows)
            check.problem = fmt::format("row {} is missing", check.rows);
        else if (digest(chained(previous, row)) != row.hash)
            check.problem = fmt::format("row {} was altered", row.seq);
        previous = row.hash;
    });
    const AuditHead head = audit_head(database);
    if (check.problem.empty() && (head.seq != check.rows || head.hash != previous))
        check.problem =
            fmt::format("the trail ends at row {}, its head says {}", check.rows, head.seq);
    return check;
}

void list_audit(Database& database, const AuditFilter& filter,
                const std::function<void(const AuditRow&)>& show) {
    audit_table::each(database, filter, show);
}

} // namespace auth
