#include "core/audit/audit.h"

#include "core/audit/audit_chain.h"
#include "core/audit/audit_table.h"
#include "core/base/encoding.h"
#include "core/store/broken_database.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace auth {
namespace {

constexpr std::size_t rows_together = 512;

constexpr std::size_t salt_size = 16;

// With a salt of its own.
AuditRow new_row(Realm& realm) {
    AuditRow row;
    row.at = realm.now();
    row.result = "ok";
    std::array<unsigned char, salt_size> salt{};
    realm.random.fill(salt);
    row.salt = as_text(salt);
    return row;
}

void describe(AuditRow& row, const AuditEvent& event) {
    row.event = event.event;
    row.target = event.target;
    row.result = event.ok ? "ok" : "fail";
    row.detail = event.detail.dump();
}

} // namespace

AuditBatch::AuditBatch(Realm& realm) : realm_(realm), lanes_(realm.database.dialect().audit_lanes) {
    for (AuditLane& lane : audit_table::lock_lanes(realm.database)) {
        last_ = std::max(last_, lane.seq);
        ends_.emplace(lane.lane, std::move(lane));
    }
    if (auto server = audit_table::ask_server(realm.database)) {
        last_ = std::max(last_, server->last);
        role_ = server->role + " ";
    }
}

const std::string& AuditBatch::actor() {
    if (actor_.empty())
        actor_ = role_ + realm_.actor();
    return actor_;
}

AuditRow AuditBatch::next_row() {
    AuditRow row = new_row(realm_);
    row.seq = ++last_;
    return row;
}

void AuditBatch::record(const AuditEvent& event) {
    AuditRow row = next_row();
    row.actor = event.actor.empty() ? actor() : role_ + event.actor;
    describe(row, event);
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
    const auto hash = [&](const std::string& text) {
        return digest_ ? (*digest_)(text) : sha256(text);
    };
    for (AuditRow& row : rows) {
        AuditLane& end = end_of(lane_of(row.target, row.event, lanes_));
        row.lane = end.lane;
        row.place = end.place + 1;
        row.digest = hash(*row.salt + row.detail);
        row.hash = hash(chained(end.hash, row));
        end = {row.lane, row.place, row.seq, row.hash};
        moved_.insert(row.lane);
    }
}

AuditLane& AuditBatch::end_of(std::int64_t lane) {
    if (const auto found = ends_.find(lane); found != ends_.end())
        return found->second;
    return ends_.emplace(lane, new_lane(lane)).first->second;
}

void AuditBatch::write(const Rows& rows) {
    if (!rows.empty())
        written_last_ = rows.back();
    if (rows.size() == 1 && !many_) {
        audit_table::append(realm_.database, rows.front());
        return;
    }
    if (!many_)
        many_ = audit_table::bulk_append(realm_.database);
    for (const AuditRow& row : rows)
        audit_table::add(*many_, row);
}

void AuditBatch::finish() {
    if (linked_.valid())
        write(linked_.get());
    link(gathered_);
    write(std::exchange(gathered_, {}));
    if (many_)
        if (auto sent = std::exchange(many_, nullptr)->finish(); !sent)
            broken_database(std::move(sent).error());
    for (const std::int64_t lane : moved_)
        audit_table::set_lane(realm_.database, ends_.at(lane));
    if (!role_.empty() && !moved_.empty())
        audit_table::tell_server(realm_.database, last_);
    if (!role_.empty() && written_last_)
        audit_table::prove_commit_by(realm_.database, *written_last_);
}

void record(Realm& realm, const AuditEvent& event) {
    if (realm.database.dialect().appends_audit) {
        AuditRow row = new_row(realm);
        row.actor = event.actor.empty() ? realm.actor() : event.actor;
        describe(row, event);
        return audit_table::append_by_server(realm.database, row);
    }
    AuditBatch batch(realm);
    batch.record(event);
    batch.finish();
}

void record_alone(Realm& realm, const AuditEvent& event) {
    Transaction transaction(realm.database, Locks::named(fmt::format("audit:{}", event.target)));
    record(realm, event);
    transaction.commit();
}

void erase_details(Realm& realm, std::string_view target) {
    audit_table::erase_details(realm.database, target, erased_detail);
}

AuditHead audit_head(Database& database) {
    return head_of(audit_table::lanes(database));
}

// Short statements: a server ends those that take too long.
std::optional<AuditRow> AuditReader::next() {
    if (at_ == rows_.size() && !ended_) {
        rows_ = filter_.limit > 0 ? audit_table::latest(database_, filter_)
                                  : audit_table::page(database_, filter_, next_,
                                                      static_cast<std::int64_t>(rows_together));
        at_ = 0;
        ended_ = filter_.limit > 0 || rows_.size() < rows_together;
    }
    if (at_ == rows_.size())
        return std::nullopt;
    next_ = rows_[at_].seq == INT64_MAX ? INT64_MAX : rows_[at_].seq + 1;
    return std::move(rows_[at_++]);
}

} // namespace auth
