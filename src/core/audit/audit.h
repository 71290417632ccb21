// Who did what, when. Rows are chained by SHA-256 and written in the act's own transaction, so an
// act that cannot be recorded does not happen. Events use OWASP's logging vocabulary. The trail has
// lanes, each a chain of its own: one in a file, and on a server one of 64 for each target.
#pragma once

#include "core/base/clock.h"
#include "core/base/digest.h"
#include "core/base/json.h"
#include "core/realm.h"
#include "core/store/database.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace auth {

struct AuditEvent {
    std::string_view event;    // "authn_login_success", "user_created", …
    std::string_view target{}; // a user's or object's id; "" for none
    bool ok = true;
    Json detail = Json::object(); // never a secret
    std::string actor{};          // "" for the realm's
};

struct AuditRow {
    std::int64_t seq = 0; // unique in the trail, ascending in each lane
    Time at;
    std::string actor;
    std::string event;
    std::string target;
    std::string result; // "ok" or "fail"
    std::string detail; // JSON object
    std::string
        hash; // 32 bytes; covers the row, with the detail by its digest, and the lane before
    // Of the detail: SHA-256 of salt and detail. A row from before details could be erased has
    // none, and its hash covers the detail itself.
    std::optional<std::string> digest{};
    std::optional<std::string> salt{}; // 16 bytes; nothing once the detail was erased
    std::int64_t lane = 0;
    std::int64_t place = 0; // in the lane, from 1, without gaps
};

// The end of a lane: place, number and hash of its last row.
struct AuditLane {
    std::int64_t lane = 0;
    std::int64_t place = 0;
    std::int64_t seq = 0;
    std::string hash; // 32 bytes
    bool operator==(const AuditLane&) const = default;
};

struct AuditHead {
    std::int64_t rows = 0; // in all lanes, ever
    std::int64_t seq = 0;  // the highest number
    std::string hash; // 32 bytes; of the ends of all lanes, or the end of lane 0 where it is alone
};

// Appends one row. Call inside a Transaction.
void record(Realm& realm, const AuditEvent& event);
// The same in a transaction of its own: for what is not an act on the database.
void record_alone(Realm& realm, const AuditEvent& event);

// Forgets the details of all rows about a target, who is about to be deleted: the rows stay, and
// the chain still proves them. Call inside the Transaction that records the deletion.
void erase_details(Realm& realm, std::string_view target);
inline constexpr std::string_view deletion_event = "user_deleted";

// Appends many rows in one transaction, and reads and writes the ends of the lanes but once.
// Nothing else is recorded meanwhile. Rows are hashed in another thread while their acts go on, and
// reach the table some hundreds later, at the latest when the batch is finished.
class AuditBatch {
  public:
    explicit AuditBatch(Realm& realm);
    void record(const AuditEvent& event);
    // The same by the realm's actor, with the text of the detail's JSON object: quick.
    void record(std::string_view event, std::string_view target, std::string detail);
    void finish(); // before the commit

  private:
    using Rows = std::vector<AuditRow>;
    [[nodiscard]] const std::string& actor();
    [[nodiscard]] AuditRow next_row();
    [[nodiscard]] AuditLane& end_of(std::int64_t lane);
    void append(AuditRow row);
    void link(Rows& rows);
    void write(const Rows& rows);
    Realm& realm_;
    int lanes_;
    std::string actor_; // asked for once
    std::string role_;  // what the server says of us, before each actor
    // What link() uses, which one thread at a time is in.
    std::map<std::int64_t, AuditLane> ends_;
    std::set<std::int64_t> moved_; // lanes
    std::optional<Sha256> digest_;
    std::int64_t last_ = 0; // the number given last
    Rows gathered_;
    std::optional<AuditRow> written_last_; // proves the commit
    std::unique_ptr<BulkInsert> many_;     // once there is more than one
    std::future<Rows> linked_;             // last: its thread uses the rest
};

[[nodiscard]] AuditHead audit_head(Database& database);

// What verify found: the rows read, and the first break in words, or nothing. An erased detail is a
// break unless its target was deleted afterwards.
struct AuditCheck {
    std::int64_t rows = 0;
    std::string problem;
};
[[nodiscard]] AuditCheck verify_audit(Database& database);

struct AuditFilter {
    std::string target; // "" for all
    std::string event;
    std::optional<Time> since;
    std::int64_t limit = 0;         // the latest N; 0 for all
    std::int64_t after = INT64_MIN; // only rows with a higher number
};
// The rows one by one, oldest first, in little memory however many there are; then nothing. What is
// recorded meanwhile comes as well, where there is no limit.
class AuditReader {
  public:
    AuditReader(Database& database, AuditFilter filter)
        : database_(database), filter_(std::move(filter)),
          next_(filter_.after == INT64_MIN ? INT64_MIN : filter_.after + 1) {}
    [[nodiscard]] std::optional<AuditRow> next();

  private:
    Database& database_;
    AuditFilter filter_;
    std::vector<AuditRow> rows_;
    std::size_t at_ = 0;
    std::int64_t next_; // number: a row that was slipped in may have any
    bool ended_ = false;
};

} // namespace auth
