// What rows of a file may set that gives rights, and the one place that decides it. A file never
// grants itself anything by its shape: its operator names the rights, or the system it comes from.
#pragma once

#include "core/base/next_step.h"
#include "core/base/result.h"
#include "core/formats/user_reader.h"

#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

// What lets somebody log in, act, or be taken for somebody. `enabled` is about existing users who
// are disabled here: only --allow lets a row enable them.
enum class Right { roles, verified, hashes, mfa, ids, identities, enabled };
using Rights = std::set<Right>;

// Whether rows may set it: refused with a hint, accepted, or dropped.
enum class Permission { refuse, allow, ignore };

class ImportPermissions {
  public:
    [[nodiscard]] Permission of(Right right) const { return entry(right).permission; }
    // Whether --allow names it. Only then does it replace what an existing user logs in with.
    [[nodiscard]] bool is_named(Right right) const { return entry(right).named; }

    void name(Right right, Permission permission);
    // All of them, without naming one.
    void allow_all();

  private:
    struct Entry {
        Permission permission = Permission::refuse;
        bool named = false;
    };
    [[nodiscard]] const Entry& entry(Right right) const {
        return entries_.at(static_cast<std::size_t>(right));
    }
    std::array<Entry, 7> entries_{};
};

// The words of --allow and --ignore, "all" among them.
[[nodiscard]] std::vector<std::string> permission_words();

// Of the words of --allow and --ignore, commas between them, and of the format that --from names:
// nothing if the format was recognised, which permits nothing. A foreign format that is named may
// set everything. Fails with usage.
[[nodiscard]] Result<ImportPermissions> import_permissions(std::optional<ImportFormat> named,
                                                           const std::vector<std::string>& allow,
                                                           const std::vector<std::string>& ignore);

// Removes from the record what it may not set, and returns what of that is refused. What the
// operator wants ignored is left behind, under the words above.
[[nodiscard]] Rights apply_permissions(UserRecord& record, const ImportPermissions& permissions);

// The refusal of such a record: refused, reason "not_allowed".
[[nodiscard]] Error not_allowed(const Rights& refused);

// The ways to permit them: `again` with --from, if a foreign format was `recognised`, or with
// --allow; with --allow or --ignore for our own files.
[[nodiscard]] Hint permission_hint(const NextStep& again, std::optional<ImportFormat> recognised,
                                   const Rights& refused);
// `again` with --allow.
[[nodiscard]] NextStep allowing(NextStep again, const Rights& rights);

} // namespace auth
