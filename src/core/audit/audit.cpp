#include "core/audit/audit.h"

#include "core/audit/audit_table.h"
#include "core/base/encoding.h"
#include "core/base/text.h"
#include "core/store/broken_database.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace auth {
namespace {

constexpr std::size_t rows_together = 512;

constexpr std::size_t salt_size = 16;
constexpr std::string_view erased_detail = R"({"erased":true})";

// The hash covers the row and everything before it. A JSON array keeps the fields apart.
std::string chained(std::string_view previous, const AuditRow& row) {
    const std::string detail = row.digest ? to_hex(*row.digest) : row.detail;
    std::string text(previous);
    text += fmt::format("[{},{}", row.seq, unix_seconds(row.at));
    for (const std::string* field : {&row.actor, &row.event, &row.target, &row.result, &detail}) {
        text += ',';
        if (valid_utf8(*field))
            append_json_string(text, *field);
        else
            text += Json(*field).dump(-1, ' ', false, Json::error_handler_t::replace);
    }
    return text += ']';
}

bool is_erased(const AuditRow& row) {
    return !row.salt && row.detail == erased_detail;
}

// Rows whose details are gone, by their targets, until the deletion that explains them comes.
class Erasures {
  public:
    void see(const AuditRow& row) {
        if (row.event == deletion_event && row.result == "ok")
            unexplained_.erase(row.target);
        else if (is_erased(row))
            unexplained_.try_emplace(row.target, row.seq);
    }
    [[nodiscard]] std::string problem() const {
        const auto first = std::ranges::min_element(unexplained_, {},
                                                    [](const auto& entry) { return entry.second; });
        return first != unexplained_.end() ? fmt::format("row {} was erased", first->second) : "";
    }

  private:
    std::map<std::string, std::int64_t> unexplained_;
};

// Whether the row says what it said when it was chained.
bool is_whole(Sha256& digest, std::string_view previous, const AuditRow& row) {
    if (row.salt && digest(*row.salt + row.detail) != row.digest)
        return false;
    if (row.digest && !row.salt && !is_erased(row))
        return false;
    // What else an old row said cannot be told any more once its detail was erased.
    const bool unprovable = !row.digest && is_erased(row);
    return unprovable || digest(chained(previous, row)) == row.hash;
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
    std::array<unsigned char, salt_size> salt{};
    realm_.random.fill(salt);
    row.salt = as_text(salt);
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
    const auto hash = [&](const std::string& text) {
        return digest_ ? (*digest_)(text) : sha256(text);
    };
    for (AuditRow& row : rows) {
        row.digest = hash(*row.salt + row.detail);
        row.hash = hash(chained(head_.hash, row));
        head_ = {row.seq, row.hash};
    }
}

void AuditBatch::write(const Rows& rows) {
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
    audit_table::set_head(realm_.database, head_);
}

void record(Realm& realm, const AuditEvent& event) {
    AuditBatch batch(realm);
    batch.record(event);
    batch.finish();
}

void record_alone(Realm& realm, const AuditEvent& event) {
    Transaction transaction(realm.database);
    record(realm, event);
    transaction.commit();
}

void erase_details(Realm& realm, std::string_view target) {
    audit_table::erase_details(realm.database, target, erased_detail);
}

AuditHead audit_head(Database& database) {
    return audit_table::head(database);
}

AuditCheck verify_audit(Database& database) {
    const Snapshot snapshot(database);
    AuditCheck check;
    std::string previous(32, '\0');
    Sha256 digest;
    Erasures erasures;
    AuditReader rows(database, {});
    for (auto row = rows.next(); row && check.problem.empty(); row = rows.next()) {
        ++check.rows;
        if (row->seq != check.rows)
            check.problem = fmt::format("row {} is missing", check.rows);
        else if (!is_whole(digest, previous, *row))
            check.problem = fmt::format("row {} was altered", row->seq);
        erasures.see(*row);
        previous = std::move(row->hash);
    }
    const AuditHead head = audit_head(database);
    if (check.problem.empty() && (head.seq != check.rows || head.hash != previous))
        check.problem =
            fmt::format("the trail ends at row {}, its head says {}", check.rows, head.seq);
    if (check.problem.empty())
        check.problem = erasures.problem();
    return check;
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
