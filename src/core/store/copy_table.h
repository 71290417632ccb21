// Whole databases, from one engine to another.
#pragma once

#include "core/store/database.h"

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace auth::copy_table {

// Every table that holds what users entrusted to us, in an order in which rows refer to earlier
// ones only: rows that are gathered are written in it as well. What an engine keeps for itself is
// not among them.
[[nodiscard]] std::span<const std::string_view> tables();

struct Copied {
    std::string_view table;
    std::int64_t rows;
};

// Replaces all that `to` holds, inside the caller's transaction there; inside a snapshot of `from`,
// if others may write to it. Both have the newest schema. Calls `progress` with the rows so far;
// where it answers false, the copy ends there with nothing. Fails with exists where rows clash.
[[nodiscard]] Result<std::optional<std::vector<Copied>>>
copy(Database& from, Database& to, const std::function<bool(std::int64_t)>& progress);
[[nodiscard]] std::int64_t count(Database& database, std::string_view table);

} // namespace auth::copy_table
